"""Reads Word documents (DOCX) as light Markdown, part by part and paragraph by paragraph."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from lxml import etree

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, write_blocks
from readingroom.documents.hidden import hidden_note
from readingroom.documents.office.word_text import Word, blocks_of
from readingroom.documents.office.xml_parts import (
    PART_ERRORS,
    Package,
    attribute,
    core_title,
    forget,
    local_name,
    opened,
)
from readingroom.documents.text import single_page

_MAIN_PART = "word/document.xml"
_PROGRESS_EVERY = 500
_ROOTS = frozenset({"body", "hdr", "ftr"})
_TOP = ("p", "tbl", "sdt", "customXml", "ins", "moveTo", "smartTag", "background")
_DELETED_NOTE = "The text holds words that tracked changes have struck out."


def read_docx(
    path: Path,
    limits: ReadLimits,
    on_progress: Callable[[int, int | None], None],
    *,
    with_deleted: bool = False,
) -> ExtractedDocument:
    """Read body, text boxes, tables, notes, comments, headers and footers.

    `with_deleted` keeps words that tracked changes have struck out, and says so.
    Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`.
    """
    with opened(path, limits, "Word document") as package:
        return _read_package(package, limits, on_progress, with_deleted=with_deleted)


def _read_package(
    package: Package,
    limits: ReadLimits,
    on_progress: Callable[[int, int | None], None],
    *,
    with_deleted: bool,
) -> ExtractedDocument:
    main = next(iter(package.targets("", "officeDocument")), _MAIN_PART)
    notes: list[str] = []
    word = _read_references(package, main, notes)
    word.with_deleted = with_deleted
    blocks: list[Block] = []
    try:
        for count, element in enumerate(_top_level(package, main, word)):
            blocks.extend(blocks_of(element, word))
            if count % _PROGRESS_EVERY == 0:
                on_progress(0, None)
    except PART_ERRORS:
        if not any(block.text.strip() for block in blocks):
            raise
        notes.append("The end of the document is damaged and could not be read.")
    blocks.extend(_headers_and_footers(package, main, word, notes))
    text, headings = write_blocks(blocks, limits)
    title = core_title(package) or next((h.title for h in headings if h.level == 1), "")
    notes += [note] if (note := hidden_note(word.hidden)) else []
    notes += [_DELETED_NOTE] if word.deleted else []
    return replace(single_page("docx", text), headings=headings, title=title, notes=tuple(notes))


def _read_references(package: Package, main: str, notes: list[str]) -> Word:
    word = Word()
    try:
        for part in package.targets(main, "styles"):
            for element in package.elements(part, "style", "rPrDefault"):
                word.styles.add(element)
        for part in package.targets(main, "numbering"):
            for element in package.elements(part, "abstractNum", "num"):
                word.numbering.add(element)
    except PART_ERRORS:
        notes.append("The styles of the document are damaged: headings and lists may be missing.")
    for kind in ("footnotes", "endnotes", "comments"):
        try:
            for part in package.targets(main, kind):
                word.notes.update(_read_notes(package, part, kind, word))
        except PART_ERRORS:
            notes.append(f"The {kind} of the document are damaged and could not be read in full.")
    return word


def _read_notes(
    package: Package, part: str, kind: str, word: Word
) -> Iterator[tuple[tuple[str, str], list[Block]]]:
    for element in package.elements(part, "footnote", "endnote", "comment"):
        blocks = [block for step in element for block in blocks_of(step, word)]
        yield (kind, attribute(element, "id")), blocks


def _headers_and_footers(package: Package, main: str, word: Word, notes: list[str]) -> Iterator[Block]:
    """Each once: the same header stands in many sections."""
    seen: set[str] = set()
    for part in (*package.targets(main, "header"), *package.targets(main, "footer")):
        try:
            for element in _top_level(package, part, word):
                for block in blocks_of(element, word):
                    if block.text not in seen:
                        seen.add(block.text)
                        yield block
        except PART_ERRORS:
            notes.append("A header or footer is damaged and could not be read in full.")


def _top_level(package: Package, part: str, word: Word) -> Iterator[etree._Element]:
    """Paragraphs and tables of a part, each forgotten when the next is asked for."""
    for element in package.elements(part, *_TOP):
        parent = element.getparent()
        if local_name(element) == "background":
            word.on_ground = attribute(element, "color").upper() not in {"", "AUTO", "FFFFFF"}
        elif parent is not None and local_name(parent) in _ROOTS:
            yield element
            forget(element)
