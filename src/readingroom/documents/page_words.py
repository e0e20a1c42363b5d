"""A page's text and where its words stand: one layout for reading and for marking, so that both agree."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

WordBox = tuple[float, float, float, float, str, int, int, int]
"""x0, y0, x1, y1, characters, block, line, word: a row of MuPDF's word list."""

Rectangle = tuple[float, float, float, float]

SOFT_HYPHEN = "\u00ad"
_DROPPED = dict.fromkeys([0, *range(0xD800, 0xE000), 0xFEFF, 0xFFFE, 0xFFFF])
# Fonts hand out letters as Arabic, Hebrew and Latin presentation forms; people search for the letters.
_PRESENTATION_FORMS = {
    code: unicodedata.normalize("NFKC", chr(code))
    for code in (*range(0xFB00, 0xFB50), *range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFF))
    if unicodedata.normalize("NFKC", chr(code)).strip()
    and unicodedata.normalize("NFKC", chr(code)) != chr(code)
}
_CLEANING = {**_DROPPED, **_PRESENTATION_FORMS}
_SAME_PLACE = 0.2
"""Of a line's height: the same words nearer than this are one line drawn twice (shadows, fake bold)."""


class PlacedWord(NamedTuple):
    """A word's span in the page's text and its box in points of the unrotated page."""

    start: int
    end: int
    box: Rectangle
    line: int


@dataclass(frozen=True, slots=True)
class PageText:
    """A page's own text and its words in reading order."""

    text: str
    words: tuple[PlacedWord, ...]

    def marks(self, start: int, end: int) -> list[Rectangle]:
        """Rectangles over the characters [start, end), one for each line they touch."""
        by_line: dict[int, Rectangle] = {}
        for word in self.words:
            if word.start < end and start < word.end:
                part = self._part_of(word, max(start, word.start), min(end, word.end))
                by_line[word.line] = _union(by_line[word.line], part) if word.line in by_line else part
        return list(by_line.values())

    def _part_of(self, word: PlacedWord, start: int, end: int) -> Rectangle:
        """The box of some characters of a word, taking all of them as equally wide."""
        length = word.end - word.start
        x0, y0, x1, y1 = word.box
        upright = length > 1 and (y1 - y0) > 1.5 * (x1 - x0)
        if end - start == length or upright:
            # Upright words (a turned caption, vertical CJK) are marked whole: their direction is not known.
            return word.box
        left, right = (start - word.start) / length, (end - word.start) / length
        if _is_right_to_left(self.text[word.start : word.end]):
            left, right = 1 - right, 1 - left
        width = x1 - x0
        return (x0 + left * width, y0, x0 + right * width, y1)


def lay_out(boxes: Iterable[WordBox]) -> PageText:
    """Join words by a space, lines by a newline, blocks by a blank line; any text ends with a newline."""
    pieces: list[str] = []
    words: list[PlacedWord] = []
    offset = 0
    previous_block: int | None = None
    hyphenated = False
    for number, (block, line) in enumerate(_distinct_lines(boxes)):
        if previous_block is not None and not (hyphenated and block == previous_block):
            gap = "\n" if block == previous_block else "\n\n"
            pieces.append(gap)
            offset += len(gap)
        previous_block = block
        for index, (raw, cleaned) in enumerate(line):
            if index:
                pieces.append(" ")
                offset += 1
            end = offset + len(cleaned)
            words.append(PlacedWord(offset, end, raw[:4], number))
            pieces.append(cleaned)
            offset = end
        # A soft hyphen at a line's end says that the word goes on in the next line.
        hyphenated = line[-1][0][4].endswith(SOFT_HYPHEN)
    if pieces:
        pieces.append("\n")
    return PageText("".join(pieces), tuple(words))


def _distinct_lines(boxes: Iterable[WordBox]) -> Iterator[tuple[int, list[tuple[WordBox, str]]]]:
    seen: dict[str, list[Rectangle]] = {}
    for (block, _), group in groupby(boxes, key=lambda box: (box[5], box[6])):
        line = [(box, cleaned) for box in group if (cleaned := _clean(box[4]))]
        if not line:
            continue
        key = " ".join(cleaned for _, cleaned in line)
        places = seen.setdefault(key, [])
        place = line[0][0][:4]
        if any(_same_place(place, other) for other in places):
            continue
        places.append(place)
        yield block, line


def _clean(word: str) -> str:
    if word.isascii():
        return word.replace("\x00", "")
    return word.translate(_CLEANING).replace(SOFT_HYPHEN, "")


def _same_place(one: Rectangle, other: Rectangle) -> bool:
    tolerance = _SAME_PLACE * max(one[3] - one[1], 0.1)
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def _is_right_to_left(word: str) -> bool:
    return not word.isascii() and any(unicodedata.bidirectional(c) in {"R", "AL"} for c in word)


def _union(one: Rectangle, other: Rectangle) -> Rectangle:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def locate_title(title: str, text: str, start: int) -> int | None:
    """Where a title of the outline stands in its page's text, from `start` on; None when it does not."""
    words: Sequence[str] = title.split()
    if not words:
        return None
    for attempt in (words, words[1:] if len(words) > 1 and words[0][0].isdigit() else ()):
        if not attempt:
            continue
        spaced = r"\s+".join(map(re.escape, attempt))
        for pattern in (rf"^{spaced}", spaced):
            found = re.compile(pattern, re.IGNORECASE | re.MULTILINE).search(text, start)
            if found:
                return found.start()
    return None
