"""Which spans of a text are marked, and which of them is the one being looked at."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

Span = tuple[int, int]


class Marks:
    """Spans in order, not overlapping; the current one is among them."""

    def __init__(self, spans: Sequence[Span] = (), current: Span | None = None) -> None:
        self._spans = sorted({*spans, *([] if current is None else [current])})
        self._starts = [start for start, _ in self._spans]
        self.current = current

    def __bool__(self) -> bool:
        return bool(self._spans)

    def within(self, start: int, end: int) -> Iterator[Span]:
        """The marked spans that touch [start, end), whole as they are."""
        place = max(0, bisect_right(self._starts, start) - 1)
        while place < len(self._spans) and self._starts[place] < end:
            if self._spans[place][1] > start:
                yield self._spans[place]
            place += 1

    def covering(self, start: int, end: int) -> Span | None:
        """The span that holds all of [start, end), which may be empty."""
        place = bisect_right(self._starts, start) - 1
        if place < 0:
            return None
        span = self._spans[place]
        return span if end <= span[1] and start < span[1] else None
