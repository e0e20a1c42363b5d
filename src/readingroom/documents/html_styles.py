"""What of a web page cannot be seen: by its own styles and by the simple rules of its style sheets."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from lxml import etree

from readingroom.documents.css_rules import Rule, declarations, rules_of

_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*(px|pt|pc|in|cm|mm|em|rem|ex|ch|%|)", re.IGNORECASE)
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*(?:[,/]\s*([\d.]+%?)\s*)?\)")
_CLIPPED = re.compile(r"rect\(\s*[01](?:px)?\s*[, ]\s*[01](?:px)?\s*[, ]|inset\(\s*(?:50|100)%")
_MAX_RULES = 20_000
_MAX_RULES_A_KEY = 200
_PX = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "rem": 16.0}
_UNREADABLE_PX = 2.0
_FAR_PX = -500.0
"""Left of or above the page by so much."""
_SAME_COLOUR = 8
"""Of 255, in each channel: no eye tells them apart."""
_COLOUR_NAMES = (
    "white=ffffff snow=fffafa ivory=fffff0 ghostwhite=f8f8ff whitesmoke=f5f5f5 black=000000 silver=c0c0c0 "
    "gray=808080 grey=808080 lightgray=d3d3d3 lightgrey=d3d3d3 red=ff0000 maroon=800000 yellow=ffff00 "
    "olive=808000 lime=00ff00 green=008000 aqua=00ffff cyan=00ffff teal=008080 blue=0000ff navy=000080 "
    "fuchsia=ff00ff magenta=ff00ff purple=800080 orange=ffa500"
)
_HEX_OF = dict(pair.split("=") for pair in _COLOUR_NAMES.split())
_NEVER_GONE = frozenset({"html", "body", "head"})
"""Pages hide these until their scripts have run."""
_ATTRIBUTES = ("style", "class", "id", "hidden", "bgcolor", "color", "text", "background")

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """How text at a place looks, as far as it is known; inherited by what is inside."""

    gone: bool = False
    """Not shown at all, whatever is inside."""
    visible: bool = True
    size_px: float = 16.0
    colour: Colour | None = None
    """None where it is not known, as is a background that is a picture or comes from elsewhere."""
    ground: Colour | None = None
    transparent: bool = False

    @property
    def seen(self) -> bool:
        """Whether a person looking at the page sees the text."""
        if self.gone or not self.visible or self.transparent or self.size_px < _UNREADABLE_PX:
            return False
        if self.colour is None or self.ground is None:
            return True
        return any(abs(a - b) > _SAME_COLOUR for a, b in zip(self.colour, self.ground, strict=True))


class Styles:
    """The rules of a page that may hide text. Selectors of more than one step are not followed."""

    def __init__(self, root: etree._Element) -> None:
        self._by_key: defaultdict[str, list[Rule]] = defaultdict(list)
        rules = (rule for sheet in root.iter("style") for rule in rules_of(sheet.text or ""))
        for rule in islice(rules, _MAX_RULES):
            if len(self._by_key[rule.key]) < _MAX_RULES_A_KEY:
                self._by_key[rule.key].append(rule)
        self._always = "*" in self._by_key
        foreign = any("stylesheet" in (link.get("rel") or "").lower() for link in root.iter("link"))
        self.outermost = Look(
            colour=None if foreign else (0, 0, 0), ground=None if foreign else (255, 255, 255)
        )
        """Unknown where the page takes a style sheet from elsewhere."""

    def look(self, element: etree._Element, tag: str, outer: Look) -> Look:
        """How the text of an element looks inside something that looks like `outer`."""
        if outer.gone:
            return outer
        attributes = element.attrib
        told = attributes and any(name in attributes for name in _ATTRIBUTES)
        if not (told or self._always or tag in self._by_key or tag == "dialog"):
            return outer
        values = self._values(element, tag)
        if tag not in _NEVER_GONE and (_is_gone(values) or _hidden_by_attribute(element, tag)):
            return replace(outer, gone=True)
        return _inherited(outer, values) if values else outer

    def _values(self, element: etree._Element, tag: str) -> dict[str, str]:
        values: dict[str, str] = {}
        _presentational(element, tag, values)
        classes = (element.get("class") or "").split()
        identifier = element.get("id") or ""
        important: dict[str, str] = {}
        if self._by_key:
            keys = {tag, "*", f"#{identifier}", *(f".{name}" for name in classes)}
            rules = [rule for key in keys if key in self._by_key for rule in self._by_key[key]]
            for rule in sorted(rules, key=lambda rule: rule.weight):
                if (
                    rule.tag in {"", "*", tag}
                    and rule.classes.issubset(classes)
                    and rule.identifier in {"", identifier}
                ):
                    values.update(rule.values)
                    important.update(rule.important)
        own, own_important = declarations(element.get("style") or "")
        values |= own | important | own_important
        if "opacity" in own and _number(own["opacity"]) == 0.0:
            # Style sheets fade text in; what is said of one element stays.
            values["display"] = "none"
        return values


def _presentational(element: etree._Element, tag: str, values: dict[str, str]) -> None:
    if element.get("bgcolor"):
        values["background-color"] = (element.get("bgcolor") or "").lower()
    if element.get("background"):
        values["background-image"] = "url()"
    if tag == "font" and element.get("color"):
        values["color"] = (element.get("color") or "").lower()
    if tag == "body" and element.get("text"):
        values["color"] = (element.get("text") or "").lower()


def _hidden_by_attribute(element: etree._Element, tag: str) -> bool:
    hidden = element.get("hidden")
    if hidden is not None:
        return hidden.lower() != "until-found"
    return tag == "dialog" and element.get("open") is None


def _is_gone(values: Mapping[str, str]) -> bool:
    if values.get("display") == "none" or values.get("mso-hide") == "all":
        return True
    if any(_px(values.get(name, "")) <= _FAR_PX for name in ("text-indent", "margin-left", "margin-top")):
        return True
    if values.get("position") in {"absolute", "fixed"}:
        if any(_px(values.get(name, "")) <= _FAR_PX for name in ("left", "top", "right", "bottom")):
            return True
        if _CLIPPED.match(values.get("clip", "")) or _CLIPPED.match(values.get("clip-path", "")):
            return True
    if values.get("overflow") == "hidden":
        return any(
            name in values and _LENGTH.match(values[name]) is not None and 0 <= _px(values[name]) <= 1
            for name in ("max-height", "height", "max-width", "width")
        )
    return False


def _inherited(outer: Look, values: Mapping[str, str]) -> Look:
    visible = {"hidden": False, "collapse": False, "visible": True}.get(values.get("visibility", ""))
    size = _size(values.get("font-size", ""), outer.size_px)
    colour, transparent = outer.colour, outer.transparent
    if "color" in values and values["color"] not in {"inherit", "currentcolor", "unset"}:
        colour, transparent = _colour(values["color"])
        if "background-clip" in values or "-webkit-background-clip" in values:
            # The background shows through the letters.
            colour, transparent = None, False
    ground = outer.ground
    for name in ("background", "background-color", "background-image"):
        if values.get(name):
            ground = _ground(values[name], ground)
    return Look(
        visible=outer.visible if visible is None else visible,
        size_px=size,
        colour=colour,
        ground=ground,
        transparent=transparent,
    )


def _ground(value: str, outer: Colour | None) -> Colour | None:
    if "url(" in value or "gradient" in value or "var(" in value:
        return None
    if value in {"none", "transparent", "inherit", "initial", "unset"}:
        return outer
    match = _RGB.search(value)
    for word in ([match.group()] if match else []) + value.split():
        colour, transparent = _colour(word)
        if transparent:
            return outer
        if colour is not None:
            return colour
    # A colour by a name or in a notation that is not known here.
    return None


def _colour(value: str) -> tuple[Colour | None, bool]:
    """The colour, None where it is not known, and whether it cannot be seen through and through."""
    value = value.strip()
    if value == "transparent":
        return None, True
    match = _RGB.match(value)
    if match:
        alpha = match[4]
        clear = alpha is not None and _number(alpha.rstrip("%")) == 0.0
        return (min(int(match[1]), 255), min(int(match[2]), 255), min(int(match[3]), 255)), clear
    digits = _HEX_OF.get(value, value).removeprefix("#")
    if not re.fullmatch(r"[0-9a-f]{3,8}", digits) or (len(digits) not in {3, 4, 6, 8}):
        return None, False
    if len(digits) in {3, 4}:
        digits = "".join(digit * 2 for digit in digits)
    clear = len(digits) == 8 and digits.endswith("00")
    return (int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)), clear


def _size(value: str, outer: float) -> float:
    match = _LENGTH.match(value) if value else None
    if match is None:
        return 16.0 if value in {"medium", "large", "small", "initial"} else outer
    number, unit = float(match[1]), match[2].lower()
    if unit in {"em", "%", "ex", "ch"}:
        # However small its surroundings, a size that is relative to nothing stays nothing.
        return outer * (number / 100 if unit == "%" else number)
    return number * _PX.get(unit, 1.0)


def _px(value: str) -> float:
    match = _LENGTH.match(value)
    if match is None:
        return 0.0
    unit = match[2].lower()
    return float(match[1]) * (16.0 if unit == "em" else 10.0 if unit == "%" else _PX.get(unit, 1.0))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
