"""The pixels of a page, for recognising text in them."""

from dataclasses import dataclass

from readingroom.core.extraction import Rectangle

Matrix = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f) takes (x, y) to (a·x + c·y + e, b·x + d·y + f)."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as a person sees it, upright: `rgb` holds `height` rows of `width * 3` bytes, no padding."""

    page: int
    """1-based."""
    page_count: int
    width: int
    height: int
    rgb: bytes
    to_points: Matrix
    """From pixels of this image to points of the unrotated page, where `PlacedWord.box` is at home."""

    def in_points(self, box: Rectangle) -> Rectangle:
        """A box in pixels (x0, y0, x1, y1) as a box in points of the unrotated page."""
        a, b, c, d, e, f = self.to_points
        x0, y0, x1, y1 = box
        corners = [(a * x + c * y + e, b * x + d * y + f) for x in (x0, x1) for y in (y0, y1)]
        return (
            min(x for x, _ in corners),
            min(y for _, y in corners),
            max(x for x, _ in corners),
            max(y for _, y in corners),
        )
