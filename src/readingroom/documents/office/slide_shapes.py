"""Shapes of a slide in the order in which a person reads them, without those that cannot be seen."""

from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from readingroom.documents.blocks import Block
from readingroom.documents.office.drawings import alternatives
from readingroom.documents.office.reading_order import Box, reading_order
from readingroom.documents.office.slide_colours import Palette
from readingroom.documents.office.slide_geometry import (
    Place,
    frame_box,
    inside_group,
    is_outside,
    on_the_slide,
)
from readingroom.documents.office.slide_text import (
    TITLES,
    Surroundings,
    find_holder,
    frame_blocks,
    text_blocks,
)
from readingroom.documents.office.xml_parts import attribute, child, descendants, local_name

_MARGINS = frozenset({"dt", "ftr", "hdr"})
_NUMBER = "sldNum"
_PAINTED = frozenset({"solidFill", "gradFill", "blipFill", "pattFill", "grpFill"})
_SHAPES = frozenset({"sp", "grpSp", "graphicFrame", "cxnSp", "pic"})


class Placed(NamedTuple):
    """A shape with words."""

    box: Box | None
    blocks: list[Block]
    role: str
    """Type of the placeholder it is; empty for ordinary shapes."""

    @property
    def in_margin(self) -> bool:
        """Whether it is a date or footer, the same on many slides."""
        return self.role in _MARGINS


def shapes_in_order(tree: etree._Element, around: Surroundings) -> list[Placed]:
    """The shapes of a slide's tree (`spTree`) that have words: the title first, margins last."""
    return _ordered(list(_walk(tree, around, on_the_slide)))


def is_placeholder(shape: etree._Element) -> bool:
    """Whether a shape waits for words of the slides."""
    return next(descendants(shape, "ph"), None) is not None


def _ordered(shapes: list[Placed]) -> list[Placed]:
    boxed = [(shape.box, shape) for shape in shapes if shape.box is not None and shape.role not in TITLES]
    order = reading_order([box for box, _ in boxed])
    body = [boxed[place][1] for place in order]
    body += [shape for shape in shapes if shape.box is None and shape.role not in TITLES]
    return [
        *(shape for shape in shapes if shape.role in TITLES),
        *(shape for shape in body if not shape.in_margin),
        *(shape for shape in body if shape.in_margin),
    ]


def _walk(tree: etree._Element, around: Surroundings, place: Place) -> Iterator[Placed]:
    ground = around.ground
    for shape in alternatives(tree):
        kind = local_name(shape)
        if kind not in _SHAPES:
            continue
        held = next(descendants(shape, "ph"), None) if kind != "grpSp" else None
        role = attribute(held, "type")
        box = _box_of(shape, held, around)
        box = place(box) if box is not None else None
        blocks = _blocks(shape, held, around, place, _ground(shape, ground, around.palette))
        if kind in {"pic", "grpSp"} or _is_painted(shape):
            # What follows may stand upon it.
            ground = ""
        blocks = [block for block in blocks if block.text.strip()]
        if not blocks or role == _NUMBER:
            continue
        if _is_hidden(shape) or is_outside(box, around.size):
            around.hidden.extend(block.text for block in blocks)
        else:
            yield Placed(box, blocks, role)


def _blocks(
    shape: etree._Element, held: etree._Element | None, around: Surroundings, place: Place, ground: str
) -> list[Block]:
    kind = local_name(shape)
    if kind == "grpSp":
        inner = inside_group(child(shape, "grpSpPr", "xfrm"), place)
        outer_ground, around.ground = around.ground, ground
        members = _ordered(list(_walk(shape, around, inner)))
        around.ground = outer_ground
        return [block for member in members for block in member.blocks]
    if kind == "graphicFrame":
        return frame_blocks(shape, around)
    return text_blocks(shape, held, around, ground)


def _box_of(shape: etree._Element, held: etree._Element | None, around: Surroundings) -> Box | None:
    frames = (child(shape, "xfrm"), child(shape, "spPr", "xfrm"), child(shape, "grpSpPr", "xfrm"))
    box = next((found for frame in frames if (found := frame_box(frame)) is not None), None)
    if box is None and held is not None:
        holder = find_holder(held, around)
        box = holder.box if holder is not None else None
    return box


def _is_hidden(shape: etree._Element) -> bool:
    return any(
        attribute(child(part, "cNvPr"), "hidden") in {"1", "true"}
        for part in shape
        if local_name(part).startswith("nv")
    )


def _is_painted(shape: etree._Element) -> bool:
    properties = child(shape, "spPr")
    names = {local_name(step) for step in properties} if properties is not None else set()
    if names & _PAINTED:
        return True
    return "noFill" not in names and attribute(child(shape, "style", "fillRef"), "idx") not in {"", "0"}


def _ground(shape: etree._Element, behind: str, palette: Palette) -> str:
    """The colour behind a shape's words; empty where it is not known."""
    fill = child(shape, "spPr", "solidFill")
    if fill is not None:
        return palette.colour(fill)
    return "" if _is_painted(shape) else behind
