"""Reads OpenDocument texts (ODT, OTT, FODT) as light Markdown."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lxml import etree

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, write_blocks
from readingroom.documents.hidden import hidden_note
from readingroom.documents.office.odf_blocks import Flow, blocks_of
from readingroom.documents.office.opendocument import OpenDocument, Styles, opened_opendocument
from readingroom.documents.office.xml_parts import PART_ERRORS, descendants, forget, local_name
from readingroom.documents.readers import OnProgress
from readingroom.documents.text import single_page

_PROGRESS_EVERY = 500
_TOP = ("p", "h", "list", "table", "section", "frame", "custom-shape", "g")
_INDEXES = (
    "table-of-content",
    "alphabetical-index",
    "illustration-index",
    "table-index",
    "object-index",
    "user-index",
    "bibliography",
)


def read_odt(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Read body, text boxes, tables, notes, comments, headers and footers.

    Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`.
    """
    with opened_opendocument(path, limits, "OpenDocument text") as document:
        flow = Flow(document, Styles())
        notes: list[str] = []
        root = _styles(flow, notes)
        blocks: list[Block] = []
        try:
            for count, element in enumerate(_body(document, flow.styles)):
                blocks += blocks_of(element, flow)
                if count % _PROGRESS_EVERY == 0:
                    on_progress(0, None)
        except PART_ERRORS:
            if not blocks:
                raise
            notes.append("The end of the document is damaged and could not be read.")
        blocks += _margins(root, flow)
        text, headings = write_blocks(blocks, limits)
        title = document.title() or next((h.title for h in headings if h.level == 1), "")
        notes += [note] if (note := hidden_note(flow.hidden)) else []
        return replace(single_page("odt", text), headings=headings, title=title, notes=tuple(notes))


def _styles(flow: Flow, notes: list[str]) -> etree._Element | None:
    try:
        root = flow.document.styles_root()
        if root is not None:
            flow.styles.read(root)
    except PART_ERRORS:
        notes.append("The styles of the document are damaged: headings and footers may be missing.")
        return None
    return root


def _body(document: OpenDocument, styles: Styles) -> Iterator[etree._Element]:
    """What stands directly in the body, each forgotten when the next is asked for."""
    for element in document.content("automatic-styles", *_TOP, *_INDEXES):
        parent = element.getparent()
        if local_name(element) == "automatic-styles":
            styles.read(element)
        elif parent is not None and local_name(parent) == "text":
            yield element
            if document.package is not None:
                forget(element)


def _margins(root: etree._Element | None, flow: Flow) -> Iterator[Block]:
    """Headers and footers, each once: the same stand on many kinds of pages."""
    seen: set[str] = set()
    for page in descendants(root, "master-page") if root is not None else ():
        for element in page:
            if local_name(element).startswith(("header", "footer")):
                for block in blocks_of(element, flow):
                    if block.text not in seen:
                        seen.add(block.text)
                        yield block
