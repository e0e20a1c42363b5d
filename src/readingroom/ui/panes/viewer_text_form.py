"""Tells what a line of extracted text is, so that it can be set accordingly without changing a character."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_MARKED_UP = frozenset({"markdown", "html", "docx"})
_FIXED_WIDTH = frozenset({"code", "csv"})
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_HEADING = re.compile(r" {0,3}(#{1,6})\s")
_LIST = re.compile(r"(\s*)(?:[-*+\u2022]|\d{1,3}[.)])\s+")
_TABLE = re.compile(r"\s*\|")
_QUOTE = re.compile(r" {0,3}>")


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

    def __init__(self, text: str, document_format: str) -> None:
        self._text = text
        self._marked_up = document_format in _MARKED_UP
        self._fixed = document_format in _FIXED_WIDTH
        self._fences = [match.start() for match in _FENCE.finditer(text)] if self._marked_up else []

    def lines(self, start: int, end: int) -> Iterator[Line]:
        """Cut [start, end) into lines; both should stand at the start of a line."""
        at = start
        while at < end:
            stop = self._text.find("\n", at, end)
            stop = end if stop < 0 else stop
            yield self._line(at, self._text[at:stop])
            at = stop + 1
        if start < end and self._text[end - 1] == "\n":
            yield Line(end, "", Kind.BLANK)

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
