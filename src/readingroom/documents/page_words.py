"""A page's text and where its characters stand: one layout for reading and for marking, so that both agree."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from readingroom.core.extraction import PlacedWord, Rectangle

SOFT_HYPHEN = "\u00ad"
_SPACES = dict.fromkeys([*range(0x20), *range(0x7F, 0xA1)], " ")
_DROPPED = dict.fromkeys([0xAD, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF])
_UNKNOWN = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
# Fonts hand out letters as Arabic, Hebrew and Latin presentation forms; people search for the letters.
_PRESENTATION_FORMS = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0xFB00, 0xFB50), *range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFF))
    if unicodedata.normalize("NFKC", chr(code)).strip()
    and unicodedata.normalize("NFKC", chr(code)) != chr(code)
}
# Where Symbol and Wingdings keep their bullets, and the space they put after them.
_BULLETS = {0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF020: " "}
_CLEANING = {**_SPACES, **_DROPPED, **_UNKNOWN, **_PRESENTATION_FORMS, **_BULLETS}
_WORD = re.compile(r"\S+")
_SAME_PLACE = 0.2
"""Of a line's height: the same words nearer than this are one line drawn twice (shadows, fake bold)."""


class TextLine(NamedTuple):
    """A line as the page draws it."""

    block: int
    """Lines of one paragraph or column bear one number."""
    box: Rectangle
    text: str
    """Characters as the fonts give them, in reading order."""
    boxes: tuple[Rectangle, ...] = ()
    """One for each character of `text`; empty when nobody wants to know."""


@dataclass(frozen=True, slots=True)
class PageText:
    """A page's own text and its characters' places in reading order."""

    text: str
    places: tuple[PlacedWord, ...] = ()
    """Empty where the lines were given without boxes."""

    def marks(self, start: int, end: int) -> list[Rectangle]:
        """Rectangles over the characters [start, end), one for each line they touch."""
        return marks(self.places, start, end)

    def followed_by(self, before: str, other: "PageText", after: str) -> "PageText":
        """This text, then `other` between two strings that stand nowhere on the page."""
        shift = len(self.text) + len(before)
        line = max((place.line for place in self.places), default=-1) + 1
        moved = (
            PlacedWord(place.start + shift, place.end + shift, place.box, place.line + line)
            for place in other.places
        )
        return PageText(f"{self.text}{before}{other.text}{after}", (*self.places, *moved))


def marks(places: Iterable[PlacedWord], start: int, end: int) -> list[Rectangle]:
    """Rectangles over what stands in the characters [start, end), one for each line."""
    by_line: dict[int, Rectangle] = {}
    for place in places:
        if place.start < end and start < place.end:
            by_line[place.line] = union(by_line.get(place.line, place.box), place.box)
    return list(by_line.values())


def union(one: Rectangle, other: Rectangle) -> Rectangle:
    """The smallest rectangle around both."""
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def lay_out(lines: Iterable[TextLine]) -> PageText:
    """Join words by a space, lines by a newline, blocks by a blank line; any text ends with a newline."""
    pieces: list[str] = []
    places: list[PlacedWord] = []
    offset = 0
    previous_block: int | None = None
    hyphenated = False
    for number, (line, cleaned) in enumerate(_distinct(lines)):
        if previous_block is not None and not (hyphenated and line.block == previous_block):
            gap = "\n" if line.block == previous_block else "\n\n"
            pieces.append(gap)
            offset += len(gap)
        previous_block = line.block
        if line.boxes:
            places.extend(_placed(line, offset, number))
        pieces.append(cleaned)
        offset += len(cleaned)
        # A soft hyphen at a line's end says that the word goes on in the next line.
        hyphenated = line.text.rstrip().endswith(SOFT_HYPHEN)
    if pieces:
        pieces.append("\n")
    return PageText("".join(pieces), tuple(places))


def _distinct(lines: Iterable[TextLine]) -> Iterator[tuple[TextLine, str]]:
    seen: dict[str, list[Rectangle]] = {}
    for line in lines:
        text = line.text
        if not (text.isascii() and text.isprintable()):
            text = text.translate(_CLEANING)
        cleaned = " ".join(text.split())
        if not cleaned:
            continue
        places = seen.get(cleaned)
        if places is None:
            seen[cleaned] = [line.box]
        else:
            if any(_same_place(line.box, other) for other in places):
                continue
            places.append(line.box)
        yield line, cleaned


def clean(text: str) -> str:
    """The words of a line, letters for presentation forms, single spaces between."""
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_CLEANING)
    return " ".join(text.split())


def _placed(line: TextLine, start: int, number: int) -> Iterator[PlacedWord]:
    """Where each character of the cleaned line stands; walks as `clean` does."""
    offset = start
    spaced = False
    for raw, box in zip(line.text, line.boxes, strict=True):
        for space, letters in groupby(raw.translate(_CLEANING), key=str.isspace):
            if space:
                spaced = offset > start
                continue
            offset += spaced
            spaced = False
            end = offset + len("".join(letters))
            yield PlacedWord(offset, end, box, number)
            offset = end


def _same_place(one: Rectangle, other: Rectangle) -> bool:
    tolerance = _SAME_PLACE * max(min(one[3] - one[1], one[2] - one[0]), 5.0)
    return (
        abs(one[0] - other[0]) <= tolerance
        and abs(one[1] - other[1]) <= tolerance
        and abs(one[2] - other[2]) <= tolerance
        and abs(one[3] - other[3]) <= tolerance
    )


def locate_title(title: str, text: str, start: int) -> int | None:
    """Where a title of the outline stands in its page's text, from `start` on; None when it does not."""
    words = title.casefold().split()
    if not words:
        return None
    for attempt in (words, words[1:] if len(words) > 1 and words[0][0].isdigit() else []):
        places = list(_places(attempt, text, start)) if attempt else []
        if places:
            return next((place for place in places if place == 0 or text[place - 1] == "\n"), places[0])
    return None


def _places(words: Sequence[str], text: str, start: int) -> Iterator[int]:
    """Where the words follow each other; the last may go on, or be followed by a stop."""
    offsets, found = _words_of(text)
    *leading, last = words
    for index in range(bisect_left(offsets, start), len(found) - len(leading)):
        if found[index + len(leading)].startswith(last) and found[index : index + len(leading)] == leading:
            yield offsets[index]


@lru_cache(maxsize=2)
def _words_of(text: str) -> tuple[list[int], list[str]]:
    words = list(_WORD.finditer(text))
    return [word.start() for word in words], [word.group().casefold() for word in words]
