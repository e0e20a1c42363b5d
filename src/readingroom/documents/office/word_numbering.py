"""Counts the automatic numbers of a Word document's lists and headings, as they are shown."""

import re
from dataclasses import dataclass, field

from lxml import etree

from readingroom.documents.office.xml_parts import attribute, child, local_name, number

_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_MOST_ROMAN = 4000
_UNNUMBERED = frozenset({"bullet", "none", ""})


@dataclass(slots=True)
class _Level:
    start: int
    kind: str
    """As `w:numFmt` has it."""
    text: str
    """With `%1` where the number of the first level stands."""
    plain: bool = False
    """All its numbers are shown in decimal digits (`w:isLgl`)."""


@dataclass(slots=True)
class _List:
    abstract: str
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Gives each numbered paragraph its number, in the order of the document."""

    def __init__(self) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def add(self, element: etree._Element) -> None:
        """Take a `w:abstractNum` or `w:num`."""
        if local_name(element) == "abstractNum":
            self._levels[attribute(element, "abstractNumId")] = {
                number(attribute(step, "ilvl")) or 0: _level(step)
                for step in element
                if local_name(step) == "lvl"
            }
            return
        one = _List(attribute(child(element, "abstractNumId")))
        for step in element:
            start = number(attribute(child(step, "startOverride")))
            if local_name(step) == "lvlOverride" and start is not None:
                one.starts[number(attribute(step, "ilvl")) or 0] = start
        self._lists[attribute(element, "numId")] = one

    def next(self, list_id: str, depth: int) -> str:
        """The number of the next paragraph of a list at a level from 0; empty for bullets and unknown lists."""
        one = self._lists.get(list_id)
        levels = self._levels.get(one.abstract, {}) if one is not None else {}
        level = levels.get(depth)
        if one is None or level is None:
            return ""
        counts = self._counts.setdefault(one.abstract, {})
        if depth in one.starts and (list_id, depth) not in self._begun:
            self._begun.add((list_id, depth))
            counts[depth] = one.starts[depth]
        else:
            counts[depth] = counts[depth] + 1 if depth in counts else level.start
        for deeper in [known for known in counts if known > depth]:
            del counts[deeper]
        if level.kind in _UNNUMBERED:
            return ""

        def shown(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            other = levels.get(place, level)
            return _shown(counts.get(place, other.start), "decimal" if level.plain else other.kind)

        return _PLACE.sub(shown, level.text).strip()


def _level(element: etree._Element) -> _Level:
    start = number(attribute(child(element, "start")))
    legal = child(element, "isLgl")
    return _Level(
        1 if start is None else start,
        attribute(child(element, "numFmt")) or "decimal",
        attribute(child(element, "lvlText")),
        legal is not None and attribute(legal) not in {"0", "false"},
    )


def _shown(count: int, kind: str) -> str:
    if kind == "decimalZero":
        return f"{count:02d}"
    if kind in {"lowerLetter", "upperLetter"} and count > 0:
        # After z comes aa, then bb.
        letters = chr(97 + (count - 1) % 26) * min((count - 1) // 26 + 1, 9)
        return letters if kind == "lowerLetter" else letters.upper()
    if kind in {"lowerRoman", "upperRoman"} and 0 < count < _MOST_ROMAN:
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (count // value)
            count %= value
        return roman if kind == "lowerRoman" else roman.upper()
    return "" if kind in _UNNUMBERED else str(count)
