"""From a line's characters to its words: where one ends and the next begins, seen in the ink between them."""

import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from readingroom.recognition.seen import SeenWord
from readingroom.recognition.strips import Strip

_INK = 0.4
"""Of the greatest contrast on the line: what differs more from the paper is ink."""
_LEAST_CONTRAST = 24.0
_WITHIN = 0.6
"""Of the line's height: ink so near to the middle of a character may belong to it."""
_REACH = 1.0
"""Of a character's usual width: so far beyond its middle a word may begin or end."""


@dataclass(frozen=True, slots=True)
class _Glyph:
    character: str
    middle: float
    begin: float
    end: float
    after_space: bool


def split_words(
    text: str, middles: NDArray[np.float64], pixels: NDArray[np.uint8], strip: Strip, scale: float
) -> tuple[SeenWord, ...]:
    """Split a line's `text`, whose characters stand around `middles` on the line's picture, into placed words.

    Words end at spaces, at gaps as wide as a space that the network passed over, and around each character
    of a script that knows no spaces. `scale` is pixels of the page for one of `pixels`.
    """
    # A single pixel is a speck.
    glyphs = _glyphs(text, middles, _ink(pixels) > 1)
    gaps = [after.begin - before.end for before, after in pairwise(glyphs)]
    wide = _wide_gap(glyphs, gaps)
    words: list[SeenWord] = []
    first = 0
    joined = False
    for place in range(1, len(glyphs) + 1):
        if place < len(glyphs):
            before, after = glyphs[place - 1], glyphs[place]
            alone = _stands_alone(before.character) or _stands_alone(after.character)
            apart = after.after_space or (not alone and gaps[place - 1] >= wide)
            if not apart and not alone:
                continue
        else:
            apart = False
        begin, end = glyphs[first].begin * scale, glyphs[place - 1].end * scale
        corners = [
            strip.point(begin, 0),
            strip.point(end, 0),
            strip.point(end, strip.height),
            strip.point(begin, strip.height),
        ]
        words.append(SeenWord("".join(glyph.character for glyph in glyphs[first:place]), corners, joined))
        first, joined = place, not apart
    return tuple(words)


def ink_passed_over(middles: NDArray[np.float64], pixels: NDArray[np.uint8]) -> float:
    """How much of a line's ink, 0 to 1, stands where the network saw no character: writing it does not know."""
    ink = _ink(pixels).astype(np.float64)
    near = np.zeros(len(ink), bool)
    reach = int(len(pixels) * _WITHIN)
    for middle in middles:
        near[max(0, int(middle) - reach) : int(middle) + reach + 1] = True
    return float(ink[~near].sum() / max(ink.sum(), 1.0))


def _ink(pixels: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Pixels of ink in each column of a line's picture, dark on light or light on dark."""
    grey = pixels.astype(np.float32).mean(axis=2)
    contrast = np.abs(grey - np.median(grey))
    strong = max(float(np.percentile(contrast, 99)) * _INK, _LEAST_CONTRAST)
    return np.asarray((contrast > strong).sum(axis=0))


def _glyphs(text: str, middles: NDArray[np.float64], inked: NDArray[np.bool_]) -> list[_Glyph]:
    """The characters but for spaces, each with the ink it takes."""
    kept = [place for place, character in enumerate(text) if not character.isspace()]
    at = [float(middles[place]) for place in kept]
    spaced = [place > 0 and text[place - 1].isspace() for place in kept]
    width = float(np.median(np.diff(middles))) if len(middles) > 1 else float(len(inked))
    begins, ends = [_edge(inked, at[0], -1, width)], []
    for left, right in pairwise(at):
        end, begin = _gap(inked, left, right)
        ends.append(end)
        begins.append(begin)
    ends.append(_edge(inked, at[-1], 1, width))
    placed = zip(kept, at, begins, ends, spaced, strict=True)
    return [_Glyph(text[place], middle, begin, end, after) for place, middle, begin, end, after in placed]


def _gap(inked: NDArray[np.bool_], left: float, right: float) -> tuple[float, float]:
    """The widest stretch without ink between two middles; their own middle where they touch."""
    first, last = int(left), min(int(right) + 1, len(inked))
    bare = np.concatenate([[False], ~inked[first:last], [False]])
    steps = np.flatnonzero(bare[1:] != bare[:-1])
    if not len(steps):
        return (left + right) / 2, (left + right) / 2
    starts, stops = steps[::2], steps[1::2]
    widest = int(np.argmax(stops - starts))
    return float(first + starts[widest]), float(first + stops[widest])


def _edge(inked: NDArray[np.bool_], middle: float, way: int, width: float) -> float:
    """Where the ink of the outermost character ends, looking from its middle outwards."""
    reach = max(width * _REACH, 4.0)
    if way < 0:
        first = max(0, int(middle - reach))
        found = np.flatnonzero(inked[first : int(middle) + 1])
        return float(first + found[0]) if len(found) else max(0.0, middle - width / 2)
    last = min(len(inked), int(middle + reach) + 1)
    found = np.flatnonzero(inked[int(middle) : last])
    return float(int(middle) + found[-1] + 1) if len(found) else min(float(len(inked)), middle + width / 2)


def _wide_gap(glyphs: list[_Glyph], gaps: list[float]) -> float:
    """From which width a gap is a space, on this line."""
    within = [gap for gap, glyph in zip(gaps, glyphs[1:], strict=False) if not glyph.after_space]
    between = [gap for gap, glyph in zip(gaps, glyphs[1:], strict=False) if glyph.after_space]
    usual = float(np.median(within)) if within else 0.0
    wide = max(10.0, 3 * usual + 4)
    return max(wide, 0.8 * float(np.median(between))) if between else wide


def _stands_alone(character: str) -> bool:
    """Whether the script knows no spaces between words (Chinese, Japanese, Thai and its neighbours)."""
    code = ord(character)
    if code < 0x0E00:
        return False
    return unicodedata.east_asian_width(character) in {"W", "F"} and not 0xAC00 <= code <= 0xD7AF
