"""Reads PowerPoint presentations (PPTX): a page a slide, with speaker notes and comments."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, Kind
from readingroom.documents.office.drawings import body_text
from readingroom.documents.office.slide_colours import Palette, background, read_palette
from readingroom.documents.office.slide_pages import LimitReached, SlidePages
from readingroom.documents.office.slide_shapes import is_placeholder, shapes_in_order
from readingroom.documents.office.slide_text import Holder, Surroundings, read_holders
from readingroom.documents.office.xml_parts import (
    PART_ERRORS,
    Package,
    attribute,
    child,
    core_title,
    descendants,
    number,
    opened,
    relation_id,
)
from readingroom.documents.readers import OnProgress

_MAIN_PART = "ppt/presentation.xml"
_SLIDE_PART = "ppt/slides/slide{}.xml"
_NO_TITLES = frozenset({"PowerPoint Presentation", "Presentation", "Slide 1"})
"""What programs write when nobody gave a title."""
_MAX_LOST = 10_000
_FALSE = frozenset({"0", "false"})
_WHITE = "FFFFFF"


def read_pptx(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Read the slides in the order of the show; hidden ones are noted, a broken part costs that part.

    Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`.
    """
    with opened(path, limits, "PowerPoint presentation") as package:
        pages = SlidePages("pptx", limits, on_progress, _title(package))
        show = _Show(package)
        with contextlib.suppress(LimitReached):
            slides = show.slides()
            for place, part in enumerate(slides, start=1):
                show.read_slide(place, len(slides), part, pages)
        return pages.document()


def _title(package: Package) -> str:
    title = core_title(package)
    return "" if title in _NO_TITLES else title


class _Show:
    """A presentation, and what its slides share."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = next(iter(package.targets("", "officeDocument")), _MAIN_PART)
        self._size = (0, 0)
        self._palettes: dict[str, Palette] = {}
        self._written: set[str] = set()
        """Texts of masters, layouts and footers: the same on many slides, so they are read once."""

    def slides(self) -> list[str]:
        """The slides' parts in the order of the show; empty where a part is lost. Raises `PART_ERRORS`."""
        try:
            root = self._package.tree(self._main)
            relations = self._package.relations(self._main)
        except PART_ERRORS:
            found = [part for n in range(1, _MAX_LOST) if self._package.has(part := _SLIDE_PART.format(n))]
            if not found:
                raise
            return found
        size = child(root, "sldSz")
        self._size = (number(attribute(size, "cx")) or 0, number(attribute(size, "cy")) or 0)
        listed = child(root, "sldIdLst")
        identifiers = [relation_id(slide) for slide in listed] if listed is not None else []
        return [relations[one].target if one in relations else "" for one in identifiers]

    def read_slide(self, place: int, total: int, part: str, pages: SlidePages) -> None:
        """Read a slide and what belongs to it. Raises `LimitReached`."""
        damaged = f"Slide {place} is damaged and could not be read in full."
        hidden: list[str] = []
        blocks: list[Block] = []
        shown = True
        try:
            root = self._package.tree(part)
            shown = attribute(root, "show") not in _FALSE
            around = self._surroundings(part, root, pages, damaged)
            blocks += self._shapes(root, around)
            hidden = around.hidden
            if around.broken:
                pages.note(damaged)
        except PART_ERRORS:
            pages.note(damaged)
        for read_more in (self._master_blocks, self._note_blocks, self._comment_blocks):
            try:
                blocks += read_more(part) if part else ()
            except PART_ERRORS:
                pages.note(damaged)
        pages.add(place, total, blocks, hidden=hidden, shown=shown)

    def _shapes(self, root: etree._Element, around: Surroundings) -> Iterator[Block]:
        tree = child(root, "cSld", "spTree")
        for shape in shapes_in_order(tree, around) if tree is not None else ():
            if shape.in_margin:
                yield from self._once(shape.blocks)
            else:
                yield from shape.blocks

    def _once(self, blocks: list[Block]) -> Iterator[Block]:
        for block in blocks:
            if block.text not in self._written:
                self._written.add(block.text)
                yield block

    def _surroundings(self, part: str, root: etree._Element, pages: SlidePages, damaged: str) -> Surroundings:
        holders: dict[tuple[str, str], Holder] = {}
        palette = Palette()
        ground = background(root, palette)
        try:
            layout, master = self._layout_and_master(part)
            palette = self._palette(master)
            ground = background(root, palette)
            for above in (layout, master):
                if above:
                    tree = self._package.tree(above)
                    holders = {**read_holders(tree), **holders}
                    ground = background(tree, palette) if ground is None else ground
        except PART_ERRORS:
            pages.note(damaged)
        return Surroundings(
            self._package,
            self._package.relations(part),
            self._size,
            holders,
            palette,
            _WHITE if ground is None else ground,
        )

    def _layout_and_master(self, part: str) -> tuple[str, str]:
        layout = next(iter(self._package.targets(part, "slideLayout")), "")
        master = next(iter(self._package.targets(layout, "slideMaster")), "") if layout else ""
        return layout, master

    def _palette(self, master: str) -> Palette:
        if master not in self._palettes:
            theme = next(iter(self._package.targets(master, "theme")), "") if master else ""
            self._palettes[master] = read_palette(
                self._package.tree(theme) if theme else None, self._package.tree(master) if master else None
            )
        return self._palettes[master]

    def _master_blocks(self, part: str) -> Iterator[Block]:
        """Words that layout and master print on every slide, where they are first seen."""
        if attribute(self._package.tree(part), "showMasterSp") in _FALSE:
            return
        for above in self._layout_and_master(part):
            root = self._package.tree(above) if above else None
            tree = child(root, "cSld", "spTree")
            if tree is None:
                continue
            for waiting in [shape for shape in tree if is_placeholder(shape)]:
                tree.remove(waiting)
            around = Surroundings(
                self._package, self._package.relations(above), self._size, {}, Palette(), ""
            )
            for shape in shapes_in_order(tree, around):
                yield from self._once(shape.blocks)
            if attribute(root, "showMasterSp") in _FALSE:
                return

    def _note_blocks(self, part: str) -> Iterator[Block]:
        for notes in self._package.targets(part, "notesSlide"):
            paragraphs = [
                Block(Kind.PARAGRAPH, line)
                for shape in descendants(self._package.tree(notes), "sp")
                if attribute(next(descendants(shape, "ph"), None), "type") == "body"
                for line in body_text(shape).splitlines()
            ]
            if paragraphs:
                yield Block(Kind.HEADING, "Notes", 2)
                yield from paragraphs

    def _comment_blocks(self, part: str) -> Iterator[Block]:
        comments: list[Block] = []
        for comment_part in self._package.targets(part, "comments"):
            for comment in descendants(self._package.tree(comment_part), "cm", "reply"):
                plain, rich = child(comment, "text"), child(comment, "txBody")
                text = body_text(rich) if rich is not None else plain.text if plain is not None else ""
                comments += [Block(Kind.PARAGRAPH, line) for line in (text or "").splitlines()]
        if comments:
            yield Block(Kind.HEADING, "Comments", 2)
            yield from comments
