"""What a Word document's styles say: headings, lists, and letters that cannot be seen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from readingroom.documents.office.xml_parts import attribute, child, number

_HEADING_NAME = re.compile(r"heading\s*([1-9])$", re.IGNORECASE)
_OFF = frozenset({"0", "false", "off", "none"})
_SMALLEST = 2
"""Half points; smaller letters cannot be read on any screen."""


@dataclass(frozen=True, slots=True)
class Look:
    """How letters look; None is what is not said."""

    vanish: bool | None = None
    white: bool | None = None
    shaded: bool | None = None
    half_points: int | None = None

    def over(self, below: "Look") -> "Look":
        """What holds when these properties are laid over others."""
        return Look(
            below.vanish if self.vanish is None else self.vanish,
            below.white if self.white is None else self.white,
            below.shaded if self.shaded is None else self.shaded,
            below.half_points if self.half_points is None else self.half_points,
        )

    def unseen(self, *, on_ground: bool) -> bool:
        """Whether a person cannot see the letters; `on_ground` where what is behind them may have a colour."""
        if self.vanish or (self.half_points is not None and self.half_points <= _SMALLEST):
            return True
        return bool(self.white) and not self.shaded and not on_ground


@dataclass(slots=True)
class _Style:
    name: str = ""
    based_on: str = ""
    outline: int | None = None
    numbering: tuple[str, int] | None = None
    look: Look = field(default_factory=Look)


class WordStyles:
    """The styles of a document by id."""

    def __init__(self) -> None:
        self._styles: dict[str, _Style] = {}
        self._looks: dict[str, Look] = {}
        self._defaults = Look()

    def add(self, element: etree._Element) -> None:
        """Take a `w:style` or `w:rPrDefault`."""
        run = child(element, "rPr")
        if child(element, "name") is None and attribute(element, "styleId") == "":
            self._defaults = look_of(run)
            return
        properties = child(element, "pPr")
        numbering = child(properties, "numPr")
        self._styles[attribute(element, "styleId")] = _Style(
            attribute(child(element, "name")),
            attribute(child(element, "basedOn")),
            number(attribute(child(properties, "outlineLvl"))),
            numbering_of(numbering) if numbering is not None else None,
            Look(shaded=is_shaded(properties)).over(look_of(run)) if is_shaded(properties) else look_of(run),
        )

    def heading_level(self, properties: etree._Element | None, style: str) -> int | None:
        """The level of a paragraph, from 1; None where it is no heading."""
        direct = number(attribute(child(properties, "outlineLvl")))
        if direct is not None:
            return direct + 1 if direct < 9 else None
        for step in self._lineage(style):
            if step.outline is not None:
                return step.outline + 1 if step.outline < 9 else None
            if named := _HEADING_NAME.match(step.name):
                return int(named[1])
            if step.name.lower() == "title":
                return 1
        return None

    def numbering(self, style: str) -> tuple[str, int] | None:
        """The list and level (from 0) that a paragraph style belongs to."""
        return next((step.numbering for step in self._lineage(style) if step.numbering is not None), None)

    def look(self, style: str) -> Look:
        """How letters of a style look, with what it is based on."""
        if style not in self._looks:
            found = Look()
            for step in self._lineage(style):
                found = found.over(step.look)
            self._looks[style] = found
        return self._looks[style]

    def run_look(self, run: etree._Element | None, paragraph_style: str) -> Look:
        """How the letters of a run look, from its properties and all styles."""
        own = look_of(run)
        character = attribute(child(run, "rStyle")) if run is not None else ""
        if character:
            own = own.over(self.look(character))
        return own.over(self.look(paragraph_style)).over(self._defaults)

    def _lineage(self, style: str) -> Iterator[_Style]:
        """A style and what it is based on; a circle of styles ends."""
        visited: set[str] = set()
        while style in self._styles and style not in visited:
            visited.add(style)
            yield self._styles[style]
            style = self._styles[style].based_on


def look_of(run: etree._Element | None) -> Look:
    """How letters look by run properties (`w:rPr`) alone."""
    if run is None or not len(run):
        return Look()
    vanish, colour, size = child(run, "vanish"), child(run, "color"), child(run, "sz")
    white: bool | None = None
    if colour is not None:
        theme = attribute(colour, "themeColor")
        changed = attribute(colour, "themeShade") or attribute(colour, "themeTint")
        value = attribute(colour).upper()
        white = theme in {"background1", "light1"} and not changed if theme else value == "FFFFFF"
    return Look(
        attribute(vanish).lower() not in _OFF if vanish is not None else None,
        white,
        True if is_shaded(run) else None,
        number(attribute(size)),
    )


def is_shaded(properties: etree._Element | None) -> bool:
    """Whether a run, a paragraph, a cell or a table gives its words a ground of another colour."""
    highlight = attribute(child(properties, "highlight"))
    if highlight not in {"", "none", "white"}:
        return True
    shade = child(properties, "shd")
    if shade is None:
        return False
    plain = attribute(shade, "fill").upper() in {"", "AUTO", "FFFFFF"} and not attribute(shade, "themeFill")
    return not plain or attribute(shade) not in {"", "clear", "nil"}


def numbering_of(properties: etree._Element | None) -> tuple[str, int]:
    """The list and level (from 0) that `w:numPr` names; the list `0` is none."""
    return attribute(child(properties, "numId")), number(attribute(child(properties, "ilvl"))) or 0
