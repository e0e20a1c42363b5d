"""Where shapes stand on a slide, groups within groups."""

from collections.abc import Callable

from lxml import etree

from readingroom.documents.office.reading_order import Box
from readingroom.documents.office.xml_parts import attribute, child

Place = Callable[[Box], Box]
"""Brings a box from the measure of a group to that of the slide."""


def on_the_slide(box: Box) -> Box:
    """The measure of shapes that stand in no group."""
    return box


def frame_box(frame: etree._Element | None) -> Box | None:
    """The box that a transform (`xfrm`) gives; None where it gives none."""
    offset, extent = child(frame, "off"), child(frame, "ext")
    try:
        x, y = int(attribute(offset, "x")), int(attribute(offset, "y"))
        return x, y, x + int(attribute(extent, "cx")), y + int(attribute(extent, "cy"))
    except ValueError:
        return None


def inside_group(frame: etree._Element | None, outer: Place) -> Place:
    """The measure inside a group with this transform; its own is stretched to where the group stands."""
    box = frame_box(frame)
    offset, extent = child(frame, "chOff"), child(frame, "chExt")
    try:
        x, y = int(attribute(offset, "x")), int(attribute(offset, "y"))
        width, height = int(attribute(extent, "cx")), int(attribute(extent, "cy"))
    except ValueError:
        return outer
    if box is None or width <= 0 or height <= 0:
        return outer
    left, top = box[0], box[1]
    across, down = (box[2] - left) / width, (box[3] - top) / height

    def place(inner: Box) -> Box:
        return outer(
            (
                left + (inner[0] - x) * across,
                top + (inner[1] - y) * down,
                left + (inner[2] - x) * across,
                top + (inner[3] - y) * down,
            )
        )

    return place


def is_outside(box: Box | None, size: tuple[int, int]) -> bool:
    """Whether a box does not touch the slide; `size` with a zero is not known."""
    if box is None or not all(size):
        return False
    x0, y0, x1, y1 = box
    return x1 <= 0 or y1 <= 0 or x0 >= size[0] or y0 >= size[1]
