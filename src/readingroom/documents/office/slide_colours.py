"""Tells letters on a slide that cannot be seen: in the colour of their ground, transparent, or without size."""

from dataclasses import dataclass, field

from lxml import etree

from readingroom.documents.office.xml_parts import attribute, child, local_name

_SMALLEST = 100
"""Hundredths of a point; smaller letters cannot be read on any screen."""
_SOLID_BACKGROUND = "1001"
"""The first of a theme's background fills, a single colour."""
_DEFAULT_MAP = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}


@dataclass(slots=True)
class Palette:
    """What the colour names of a slide stand for."""

    theme: dict[str, str] = field(default_factory=dict)
    mapped: dict[str, str] = field(default_factory=lambda: dict(_DEFAULT_MAP))

    def colour(self, fill: etree._Element | None) -> str:
        """The single colour of a `solidFill` (or what else holds a colour), six hexadecimal digits; else empty."""
        for element in fill if fill is not None else ():
            if len(element):  # darkened, lightened or transparent: another colour
                return ""
            name = local_name(element)
            if name == "srgbClr":
                return attribute(element).upper()
            if name == "sysClr":
                return attribute(element, "lastClr").upper()
            if name == "schemeClr":
                value = attribute(element)
                return self.theme.get(self.mapped.get(value, value), "")
        return ""


def read_palette(theme: etree._Element | None, master: etree._Element | None) -> Palette:
    """The colours of a theme part, under the names of a slide master."""
    palette = Palette()
    for element in _children(child(theme, "themeElements", "clrScheme")):
        palette.theme[local_name(element)] = Palette().colour(element)
    mapping = child(master, "clrMap")
    if mapping is not None:
        palette.mapped.update({str(key): str(value) for key, value in mapping.items()})
    return palette


def background(slide: etree._Element | None, palette: Palette) -> str | None:
    """The colour behind the shapes; empty where it is none we know, None where the slide says nothing of it."""
    ground = child(slide, "cSld", "bg")
    if ground is None:
        return None
    reference = child(ground, "bgRef")
    if reference is not None:
        return palette.colour(reference) if attribute(reference, "idx") == _SOLID_BACKGROUND else ""
    return palette.colour(child(ground, "bgPr", "solidFill"))


def unseen(properties: etree._Element | None, ground: str, palette: Palette) -> bool:
    """Whether letters with these run properties cannot be seen; `ground` is empty where it is not known."""
    if properties is None:
        return False
    size = attribute(properties, "sz")
    if size.isdigit() and int(size[:9]) <= _SMALLEST:
        return True
    if child(properties, "noFill") is not None and child(properties, "ln") is None:
        return True
    fill = child(properties, "solidFill")
    if fill is None:
        return False
    if any(
        local_name(change) == "alpha" and attribute(change).rstrip("%") in {"0", "0.0"}
        for colour in fill
        for change in colour
    ):
        return True
    colour = palette.colour(fill)
    return bool(ground) and colour == ground


def _children(element: etree._Element | None) -> list[etree._Element]:
    return list(element) if element is not None else []
