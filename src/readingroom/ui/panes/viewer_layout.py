"""Where the pages of a paginated document lie below each other, in device-independent pixels."""

from bisect import bisect_right
from itertools import accumulate

SIDE = 22
BAR = 10
"""Width of the scroll bar, which stands in the margin on the right."""
TOP = 14
GAP = 14
A4 = 2**0.5


class PageLayout:
    """Pages of one width; the height of a page not seen yet is taken to be that of the first one seen."""

    def __init__(self, page_count: int) -> None:
        self.page_count = max(1, page_count)
        self.width = 1.0
        self._usual: float | None = None
        self._ratios: dict[int, float] = {}
        self._tops: list[float] = []

    def set_width(self, width: float) -> None:
        """Make pages that wide."""
        self.width = max(1.0, width)
        self._tops = []

    def set_count(self, page_count: int) -> None:
        """Correct the number of pages."""
        if page_count != self.page_count:
            self.page_count = max(1, page_count)
            self._tops = []

    def set_ratio(self, page: int, ratio: float) -> bool:
        """Note a page's height divided by its width; whether that moved anything."""
        before = self.ratio(page)
        first = self._usual is None
        if first:
            self._usual = ratio
        # Pictures have whole pixels, so the same page has slightly other ratios at other widths.
        if not first and abs(before - ratio) * self.width < 1:
            return False
        self._ratios[page] = ratio
        self._tops = []
        return True

    def ratio(self, page: int) -> float:
        """Height divided by width, as far as known."""
        return self._ratios.get(page, self._usual or A4)

    def height(self, page: int) -> float:
        """Give the height of a page."""
        return self.width * self.ratio(page)

    def top(self, page: int) -> float:
        """Give the place of a page's upper edge."""
        return self._places()[page - 1]

    @property
    def total(self) -> float:
        """Height of it all."""
        return self._places()[-1] - GAP + TOP

    def page_at(self, y: float) -> int:
        """Find the page at a place; between pages, the one above."""
        return min(max(bisect_right(self._places(), y), 1), self.page_count)

    def _places(self) -> list[float]:
        if not self._tops:
            heights = (self.height(page) + GAP for page in range(1, self.page_count + 1))
            self._tops = list(accumulate(heights, initial=float(TOP)))
        return self._tops
