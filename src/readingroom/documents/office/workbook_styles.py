"""What a workbook's cell styles say: number formats, and text made invisible by its colour."""

from dataclasses import dataclass, field
from typing import TypeVar

from lxml import etree

from readingroom.documents.office.number_formats import BUILT_IN
from readingroom.documents.office.xml_parts import attribute, child, descendants, local_name

_Value = TypeVar("_Value")

_WHITE = "FFFFFF"
_INDEXED_WHITE = frozenset({"1", "9"})
_THEME_BACKGROUND = "0"
_UNREADABLE_PT = 1.0
"""Points; smaller letters cannot be read on any screen."""


@dataclass(slots=True)
class CellStyles:
    """By the number that a cell's `s` gives."""

    codes: list[str] = field(default_factory=list)
    """Number formats."""
    unseen: frozenset[int] = frozenset()
    """Styles in which letters have the colour of their ground, or hardly any size."""

    def code(self, style: int) -> str:
        """The number format of a style."""
        return self.codes[style] if 0 <= style < len(self.codes) else "General"


def read_styles(root: etree._Element) -> CellStyles:
    """Read the styles part of a workbook."""
    custom = {
        attribute(element, "numFmtId"): attribute(element, "formatCode")
        for element in descendants(root, "numFmt")
    }
    fonts = [_font(element) for element in _children(root, "fonts")]
    fills = [_fill(element) for element in _children(root, "fills")]
    codes: list[str] = []
    unseen: set[int] = set()
    for place, element in enumerate(_children(root, "cellXfs")):
        number = attribute(element, "numFmtId")
        built_in = BUILT_IN.get(int(number), "General") if number.isdigit() and len(number) < 9 else "General"
        codes.append(custom.get(number, built_in) or "General")
        colour, size = _at(fonts, attribute(element, "fontId"), ("", 10.0))
        ground = _at(fills, attribute(element, "fillId"), _WHITE)
        if size < _UNREADABLE_PT or (colour and colour == ground):
            unseen.add(place)
    return CellStyles(codes, frozenset(unseen))


def _children(root: etree._Element, name: str) -> list[etree._Element]:
    found = child(root, name)
    return list(found) if found is not None else []


def _at(values: list[_Value], place: str, otherwise: _Value) -> _Value:
    return (
        values[int(place)] if place.isdigit() and len(place) < 9 and int(place) < len(values) else otherwise
    )


def _font(element: etree._Element) -> tuple[str, float]:
    size = attribute(child(element, "sz"))
    try:
        points = float(size) if size else 10.0
    except ValueError:
        points = 10.0
    return _colour(child(element, "color")), points


def _fill(element: etree._Element) -> str:
    """The colour of the ground; empty where it is no single colour that we know."""
    pattern = child(element, "patternFill")
    if pattern is None or local_name(pattern) != "patternFill":
        return ""
    kind = attribute(pattern, "patternType") or "none"
    if kind == "none":
        return _WHITE
    return _colour(child(pattern, "fgColor")) if kind == "solid" else ""


def _colour(element: etree._Element | None) -> str:
    """Six hexadecimal digits; empty where it is not known without the theme."""
    if element is None or attribute(element, "tint") not in {"", "0"}:
        return ""
    if attribute(element, "theme") == _THEME_BACKGROUND or attribute(element, "indexed") in _INDEXED_WHITE:
        return _WHITE
    return attribute(element, "rgb")[-6:].upper()
