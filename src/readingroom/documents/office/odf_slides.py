"""Reads OpenDocument presentations (ODP, OTP, FODP): a page a slide, with speaker notes and comments."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, Kind
from readingroom.documents.office.odf_blocks import Flow, blocks_of
from readingroom.documents.office.opendocument import OpenDocument, Styles, opened_opendocument
from readingroom.documents.office.reading_order import Box, reading_order
from readingroom.documents.office.slide_pages import LimitReached, SlidePages
from readingroom.documents.office.xml_parts import (
    PART_ERRORS,
    attribute,
    descendants,
    local_name,
)
from readingroom.documents.readers import OnProgress

_LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt|px)?$")
_CENTIMETRES = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "px": 2.54 / 96}
_TITLE = "title"
_WAITING = frozenset({"title", "outline", "subtitle", "notes", "page", "page-number", "date-time"})
"""Shapes of a master that wait for words of the slides, or that the program fills in."""


class _Shape(NamedTuple):
    box: Box | None
    blocks: list[Block]
    role: str


def read_odp(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Read the slides in order; hidden ones are noted, a broken end costs the end.

    Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`.
    """
    with opened_opendocument(path, limits, "OpenDocument presentation") as document:
        pages = SlidePages("odp", limits, on_progress, document.title())
        with contextlib.suppress(LimitReached):
            _Show(document, pages).read()
        return pages.document()


class _Show:
    """A presentation under way."""

    def __init__(self, document: OpenDocument, pages: SlidePages) -> None:
        self._document = document
        self._pages = pages
        self._styles = Styles()
        self._masters: dict[str, etree._Element] = {}
        self._written: set[str] = set()
        """Texts of masters: the same on many slides, so they are read once."""
        self._footers: dict[str, str] = {}

    def read(self) -> None:
        """Read all slides. Raises `LimitReached`, and `PART_ERRORS` where there is none to be read."""
        try:
            root = self._document.styles_root()
            if root is not None:
                self._styles.read(root)
                self._masters = {attribute(m, "name"): m for m in descendants(root, "master-page")}
        except PART_ERRORS:
            self._pages.note("The styles of the presentation are damaged: footers may be missing.")
        place = 0
        try:
            for element in self._document.content("automatic-styles", "footer-decl", "header-decl", "page"):
                name = local_name(element)
                if name == "automatic-styles":
                    self._styles.read(element)
                elif name != "page":
                    self._footers[attribute(element, "name")] = " ".join((element.text or "").split())
                elif (parent := element.getparent()) is not None and local_name(parent) == "presentation":
                    place += 1
                    self._read_slide(place, element)
                    if self._document.package is not None:
                        element.clear()
        except PART_ERRORS:
            if not place:
                raise
            self._pages.note(f"The presentation is damaged after slide {place}; the rest could not be read.")

    def _read_slide(self, place: int, page: etree._Element) -> None:
        flow = Flow(self._document, self._styles, on_ground=True)
        blocks = [block for shape in _ordered(_shapes(page, flow)) for block in shape.blocks]
        blocks += self._master_blocks(page, flow)
        blocks += _note_blocks(page, flow)
        comments = [
            Block(Kind.PARAGRAPH, block.text)
            for annotation in page
            if local_name(annotation) == "annotation"
            for step in annotation
            if local_name(step) in {"p", "list"}
            for block in blocks_of(step, flow)
            if block.text.strip()
        ]
        if comments:
            blocks += [Block(Kind.HEADING, "Comments", 2), *comments]
        style = attribute(page, "style-name")
        shown = self._styles.value("drawing-page", style, "visibility") != "hidden"
        # How many there will be is not known before the end.
        self._pages.add(place, place, blocks, hidden=flow.hidden, shown=shown)

    def _master_blocks(self, page: etree._Element, flow: Flow) -> Iterator[Block]:
        """Words that the master prints on every slide, where they are first seen."""
        texts = [self._footers.get(attribute(page, f"use-{kind}-name"), "") for kind in ("header", "footer")]
        master = self._masters.get(attribute(page, "master-page-name"))
        shapes = _shapes(master, flow) if master is not None else ()
        printed = [b for shape in _ordered(shapes) if shape.role not in _WAITING for b in shape.blocks]
        for block in (*printed, *(Block(Kind.PARAGRAPH, text) for text in texts)):
            if block.text.strip() and block.text not in self._written:
                self._written.add(block.text)
                yield Block(Kind.PARAGRAPH, block.text) if block.kind is Kind.HEADING else block


def _ordered(found: Iterator[_Shape] | tuple[()]) -> list[_Shape]:
    shapes = list(found)
    boxed = [(shape.box, shape) for shape in shapes if shape.box is not None and shape.role != _TITLE]
    order = reading_order([box for box, _ in boxed])
    return [
        *(shape for shape in shapes if shape.role == _TITLE),
        *(boxed[place][1] for place in order),
        *(shape for shape in shapes if shape.box is None and shape.role != _TITLE),
    ]


def _shapes(tree: etree._Element, flow: Flow) -> Iterator[_Shape]:
    """Shapes with words; those of a group stand where the group does."""
    for element in tree:
        name = local_name(element)
        if name in {"notes", "annotation", "forms", "animation-group", "par"}:
            continue
        if name == "g":
            members = _ordered(_shapes(element, flow))
            blocks = [block for member in members for block in member.blocks]
            boxes = [member.box for member in members if member.box is not None]
            box = _around(boxes) if boxes else None
            role = ""
        else:
            role = attribute(element, "class")
            blocks, box = blocks_of(element, flow), _box(element)
            if role == _TITLE:
                blocks = [Block(Kind.HEADING, " ".join(" ".join(b.text for b in blocks).split()), 1)]
        if any(block.text.strip() for block in blocks):
            yield _Shape(box, blocks, role)


def _note_blocks(page: etree._Element, flow: Flow) -> Iterator[Block]:
    notes = [
        block
        for element in page
        if local_name(element) == "notes"
        for frame in element
        if attribute(frame, "class") == "notes"
        for block in blocks_of(frame, flow)
        if block.text.strip()
    ]
    if notes:
        yield Block(Kind.HEADING, "Notes", 2)
        yield from notes


def _around(boxes: list[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _box(element: etree._Element) -> Box | None:
    sides = [_length(attribute(element, name)) for name in ("x", "y", "width", "height")]
    x, y, width, height = sides
    if x is None or y is None:
        return None
    return x, y, x + (width or 0.0), y + (height or 0.0)


def _length(text: str) -> float | None:
    """Centimetres."""
    match = _LENGTH.match(text)
    try:
        return float(match[1]) * _CENTIMETRES[match[2] or "cm"] if match else None
    except ValueError:
        return None
