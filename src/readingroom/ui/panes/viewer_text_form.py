"""Tells what a line of extracted text is, so that it can be set accordingly without changing a character."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from readingroom.core.places import GRIDS, LINED, TIMED
from readingroom.ui.panes.viewer_long_text import Text, slices

_FIXED_WIDTH = (GRIDS | {"code"}) - {"xml", "jsonl"}
_PLAIN = (LINED | TIMED | {"pdf", "image", "json", "jsonl"}) - {"markdown"}
"""All other readers write light Markdown."""
_FENCE = re.compile(r"\n {0,3}(?:```|~~~)")
_FENCE_CHARS = 8
_HEADING = re.compile(r" {0,3}(#{1,6})\s")
_LIST = re.compile(r"(\s*)(?:[-*+\u2022]|\d{1,3}[.)])\s+")
_TABLE = re.compile(r"\s*\|")
_QUOTE = re.compile(r" {0,3}>")


def _fences(text: Text) -> Iterator[int]:
    """Where lines stand that begin or end code."""
    for at, piece in slices(text):
        # A line end of its own before the first line; a line may go on in the next slice.
        before = "\n" if at == 0 else text[at - 1 : at]
        after = text[at + len(piece) : at + len(piece) + _FENCE_CHARS]
        for match in _FENCE.finditer(before + piece + after):
            if match.start() < len(piece):
                yield at + match.start() + 1 - len(before)


class Kind(Enum):
    """How a line is set."""

    BODY = auto()
    HEADING = auto()
    LIST = auto()
    QUOTE = auto()
    FIXED = auto()
    """Fixed width: code, tables."""
    BLANK = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `text` is without its line feed."""

    start: int
    text: str
    kind: Kind
    level: int = 0
    """Of a heading, 1 to 6; of a list, its depth."""
    marker: int = 0
    """Characters of a list's bullet or number with its space."""


class TextForm:
    """Knows the lines of one text. Made off the GUI thread: it looks through the whole text once."""

    def __init__(self, text: Text, document_format: str) -> None:
        self._text = text
        self._fixed = document_format in _FIXED_WIDTH
        self._marked_up = not self._fixed and document_format not in _PLAIN
        self._fences = list(_fences(text)) if self._marked_up else []

    def lines(self, start: int, end: int) -> Iterator[Line]:
        """Cut [start, end) into lines; both should stand at the start of a line."""
        at = start
        for text in self._text[start:end].split("\n"):
            yield Line(at, "", Kind.BLANK) if at == end > start else self._line(at, text)
            at += len(text) + 1

    def _line(self, start: int, text: str) -> Line:
        if self._fixed:
            return Line(start, text, Kind.FIXED)
        if self._marked_up:
            fences = bisect_right(self._fences, start)
            inside = fences % 2 == 1 or (fences > 0 and self._fences[fences - 1] == start)
            if inside or _TABLE.match(text):
                return Line(start, text, Kind.FIXED)
        if not text.strip():
            return Line(start, text, Kind.BLANK)
        if self._marked_up:
            if heading := _HEADING.match(text):
                return Line(start, text, Kind.HEADING, len(heading[1]))
            if item := _LIST.match(text):
                return Line(start, text, Kind.LIST, min(len(item[1].expandtabs(4)) // 2, 6), item.end())
            if _QUOTE.match(text):
                return Line(start, text, Kind.QUOTE)
        return Line(start, text, Kind.BODY)
