"""A document's text as its pages hold it, read in slices, so that the longest is never copied as a whole."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Protocol

from readingroom.core.extraction import Page

SLICE_CHARS = 64 * 1024
"""Looked through at a time: one call that runs longer holds up the window, on whatever thread it is made."""
_JOINED_CHARS = 1_000_000
"""Up to here joining the pages is cheaper than slicing across them."""


class Text(Protocol):
    """What a string and a `PagedText` have in common."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> str: ...


class PagedText:
    """Gives characters [a, b) for `text[a:b]`; both within it, no steps."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages
        self._starts = [page.start for page in pages]
        self._length = pages[-1].end if pages else 0

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice, /) -> str:
        start, end, _ = part.indices(self._length)
        pieces = []
        at = max(0, bisect_right(self._starts, start) - 1)
        while at < len(self._pages) and self._starts[at] < end:
            page = self._pages[at]
            pieces.append(page.text[max(0, start - page.start) : end - page.start])
            at += 1
        return "".join(pieces)


def text_of(pages: Sequence[Page]) -> Text:
    """The text of all pages."""
    if len(pages) == 1:
        return pages[0].text
    if sum(len(page.text) for page in pages) <= _JOINED_CHARS:
        return "".join(page.text for page in pages)
    return PagedText(pages)


def slices(text: Text, start: int = 0) -> Iterator[tuple[int, str]]:
    """Give the text from `start` on, a slice after the other, each with its offset."""
    for at in range(start, len(text), SLICE_CHARS):
        yield at, text[at : at + SLICE_CHARS]


class LineIndex:
    """Line numbers, from 1, of a text's characters. Made off the GUI thread: it looks through the whole text once."""

    def __init__(self, text: Text) -> None:
        self._text = text
        self._before = [0]
        for _, piece in slices(text):
            self._before.append(self._before[-1] + piece.count("\n"))
        ends = len(text) > 0 and text[len(text) - 1 : len(text)] == "\n"
        self.count = self._before[-1] + (0 if ends else 1)

    def line_at(self, offset: int) -> int:
        """The line on which a character stands."""
        offset = min(max(offset, 0), len(self._text))
        place = offset // SLICE_CHARS
        return 1 + self._before[place] + self._text[place * SLICE_CHARS : offset].count("\n")

    def start_of(self, line: int) -> int:
        """Offset of a line's first character; of the last line where there are not so many."""
        wanted = min(max(line, 1), self.count) - 1
        if wanted <= 0:
            return 0
        # The slice in which the line end before it stands.
        place = bisect_right(self._before, wanted - 1) - 1
        base = place * SLICE_CHARS
        piece, at = self._text[base : base + SLICE_CHARS], -1
        for _ in range(wanted - self._before[place]):
            at = piece.index("\n", at + 1)
        return base + at + 1
