"""Finds the spans of a PDF page whose ink may not show, from what is drawn alone: colours, sizes, order."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import inf
from operator import itemgetter
from typing import Any, NamedTuple

from readingroom.core.extraction import Rectangle
from readingroom.documents.pdf_sheet import SHAPE_BLOCK, TEXT_BLOCK, area, contains, intersection

_STYLE = itemgetter("color", "alpha", "size", "char_flags")
_NOWHERE = (inf, inf, -inf, -inf)
INKED = 16 | 32 | 64
"""Bits of `char_flags`: filled, stroked, or used as a stencil."""
_ALIKE = 40
"""Colours whose channels differ by less are looked at; 0 to 255."""
_PAPER = 0xFFFFFF
_OPAQUE = 250
_SHEER = 40
_ROW = 64.0
"""Points; shapes are looked up by the rows they touch."""
_MAX_ROWS = 512
_MIN_SHAPE = 3.0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a page's spans and shapes have in them, for a first look."""

    shapes: list["_Shape"]
    colours: set[int]
    alphas: set[int]
    sizes: set[float]
    is_inked: bool
    box: Rectangle
    """Around all text."""
    covering: bool
    """Something opaque is drawn after some text."""

    @classmethod
    def of(cls, blocks: Sequence[Mapping[str, Any]]) -> "Summary":
        shapes: list[_Shape] = []
        boxes: list[Rectangle] = []
        styles: set[tuple[int, int, float, int]] = set()
        covering = False
        for order, block in enumerate(blocks):
            if block["type"] == SHAPE_BLOCK:
                box = block["bbox"]
                if not block["stroked"] and box[2] - box[0] >= _MIN_SHAPE and box[3] - box[1] >= _MIN_SHAPE:
                    opaque = block["isrect"] and block["alpha"] >= _OPAQUE
                    shapes.append(_Shape(order, box, block["color"], opaque))
                    covering |= opaque and bool(boxes)
            elif block["type"] == TEXT_BLOCK:
                boxes.append(block["bbox"])
                for line in block["lines"]:
                    styles.update(map(_STYLE, line["spans"]))
        colours, alphas, sizes, flags = map(set, zip(*styles, strict=True)) if styles else (set(),) * 4
        if boxes:
            x0, y0, x1, y1 = zip(*boxes, strict=True)
            around = (min(x0), min(y0), max(x1), max(y1))
        else:
            around = _NOWHERE
        is_inked = all(flag & INKED for flag in flags)
        return cls(shapes, colours, alphas, sizes, is_inked, around, covering)


def suspects(blocks: Sequence[Mapping[str, Any]], about: Summary) -> Iterator[Rectangle]:
    """Boxes of spans whose ink may not show: as light as what is beneath, sheer, or painted over."""
    paints = {shape.colour for shape in about.shapes} | {_PAPER}
    faint = {colour for colour in about.colours if any(_alike(colour, paint) for paint in paints)}
    if faint or min(about.alphas, default=255) < _SHEER:
        yield from _faint(blocks, about.shapes, faint)
    if about.covering:
        yield from _covered(blocks, about.shapes)


class _Shape(NamedTuple):
    order: int
    box: Rectangle
    colour: int
    opaque: bool


def _faint(
    blocks: Sequence[Mapping[str, Any]], shapes: Sequence[_Shape], colours: AbstractSet[int]
) -> Iterator[Rectangle]:
    grounds: dict[int, list[_Shape]] = defaultdict(list)
    for shape in shapes:
        for row in _rows(shape.box):
            grounds[row].append(shape)
    for index, block in enumerate(blocks):
        if block["type"] != TEXT_BLOCK:
            continue
        for line in block["lines"]:
            for span in line["spans"]:
                box = span["bbox"]
                if span["alpha"] < _SHEER or (
                    span["color"] in colours and _is_as_light(span["color"], box, index, grounds)
                ):
                    yield box


def _is_as_light(colour: int, box: Rectangle, index: int, grounds: Mapping[int, Sequence[_Shape]]) -> bool:
    for shape in reversed(grounds.get(int((box[1] + box[3]) / 2 / _ROW), ())):
        if shape.order < index and contains(shape.box, box):
            if _alike(colour, shape.colour):
                return True
            if shape.opaque:
                return False
    return _alike(colour, _PAPER)


def _covered(blocks: Sequence[Mapping[str, Any]], shapes: Sequence[_Shape]) -> Iterator[Rectangle]:
    texts: dict[int, list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
    for index, block in enumerate(blocks):
        if block["type"] == TEXT_BLOCK:
            for row in _rows(block["bbox"]):
                texts[row].append((index, block))
    for shape in shapes:
        if not shape.opaque:
            continue
        for row in _rows(shape.box):
            for index, block in texts.get(row, ()):
                if index > shape.order:
                    break
                if not area(intersection(block["bbox"], shape.box)):
                    continue
                for line in block["lines"]:
                    yield from (span["bbox"] for span in line["spans"] if contains(shape.box, span["bbox"]))


def _rows(box: Rectangle) -> range:
    first = int(box[1] / _ROW)
    return range(first, min(int(box[3] / _ROW), first + _MAX_ROWS) + 1)


def _alike(one: int, other: int) -> bool:
    return (
        abs((one >> 16) - (other >> 16)) < _ALIKE
        and abs((one >> 8 & 255) - (other >> 8 & 255)) < _ALIKE
        and abs((one & 255) - (other & 255)) < _ALIKE
    )
