"""Reads XML: articles and books as light Markdown, sheets as tables, any other as readable data."""

import html.entities
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lxml import etree

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, Kind, write_blocks
from readingroom.documents.readers import OnProgress, OpenText
from readingroom.documents.structured.json_data import DAMAGED_NOTE, TOO_LONG_NOTE, noted
from readingroom.documents.structured.spreadsheet_xml import NAMESPACE, read_spreadsheet
from readingroom.documents.structured.xml_data import data_blocks
from readingroom.documents.structured.xml_prose import is_prose, prose_blocks
from readingroom.documents.text import read_text_parts, single_page

_MAX_WHOLE = 32 * 1024 * 1024
"""Bytes; as a tree they take some twenty times that, of many small elements more."""
_LONGEST_ENTITY = 200
_ENTITY = re.compile(r"&([\w.:-]+);")
_CUT_NOTE = "The file is damaged: what could be read of it was read."
_TOO_DEEP = "The file nests its parts too deeply to be read in full."


def read_xml(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    """Read an XML file: nothing is fetched, entities of its own are not expanded beyond a word.

    What is damaged is read as far as it goes; what is no XML or very long is plain text. Raises `NotText`,
    `DocumentTooLarge`.
    """
    if file.size > _MAX_WHOLE:
        yield from noted(read_text_parts(file, "xml", limits, on_progress), TOO_LONG_NOTE)
        return
    on_progress(0, None)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(file.stream.read(file.size), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or not _says_anything(root):
        file.stream.seek(0)
        yield from _as_text(file, limits, on_progress)
        return
    _resolve_entities(root)
    notes = _notes(parser)
    if root.tag == f"{{{NAMESPACE}}}Workbook":
        document = read_spreadsheet(root, limits)
    else:
        blocks = prose_blocks(root) if is_prose(root) else data_blocks(root)
        document = _written(blocks, limits)
    yield replace(document, notes=(*notes, *document.notes))


def _as_text(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    parts = read_text_parts(file, "xml", limits, on_progress)
    first = next(parts, None)
    if first is None:
        return
    note = (DAMAGED_NOTE,) if first.text.strip() else ()
    yield replace(first, notes=(*note, *first.notes))
    yield from parts


def _says_anything(root: etree._Element) -> bool:
    """Whether there is more than an empty root, as recovery makes of what is no XML."""
    return len(root) > 0 or bool((root.text or "").strip()) or bool(root.attrib)


def _written(blocks: Iterator[Block], limits: ReadLimits) -> ExtractedDocument:
    kept: list[Block] = []
    left = limits.max_chars
    notes: tuple[str, ...] = ()
    for block in blocks:
        # With what may stand around it: marks of headings and items, blank lines.
        left -= len(block.text) + 2 * block.level + 8
        if left < 0:
            notes = (f"Only about the first {limits.max_chars:,} characters were read: that is the limit.",)
            break
        kept.append(block)
    text, headings = write_blocks(kept, limits)
    title = next((block.text for block in kept if block.kind is Kind.HEADING and block.level == 1), "")
    return replace(
        single_page("xml", text), headings=headings, title=" ".join(title.split())[:300], notes=notes
    )


def _resolve_entities(root: etree._Element) -> None:
    """Put characters for entities: those that everybody knows, and those whose own value is a word or a few."""
    known = {f"&{name}": value for name, value in html.entities.html5.items() if name.endswith(";")}
    declared: Any = root.getroottree().docinfo.internalDTD  # its stubs lack the method
    if declared is not None:
        for entity in declared.iterentities():
            value = entity.content or ""
            if entity.name and len(value) <= _LONGEST_ENTITY and "&" not in value and "<" not in value:
                known[f"&{entity.name};"] = value
    for entity in list(root.iter(etree.Entity)):
        parent = entity.getparent()
        if parent is None:
            continue
        text = known.get(entity.text or "", "") + (entity.tail or "")
        before = entity.getprevious()
        if before is None:
            parent.text = (parent.text or "") + text
        else:
            before.tail = (before.tail or "") + text
        entity.tail = None
        parent.remove(entity)


def _notes(parser: etree.XMLParser) -> tuple[str, ...]:
    undefined = {etree.ErrorTypes.ERR_UNDECLARED_ENTITY, etree.ErrorTypes.WAR_UNDECLARED_ENTITY}
    errors = [
        error
        for error in parser.error_log
        if error.type not in undefined
        and error.level >= etree.ErrorLevels.ERROR
        and error.domain_name == "PARSER"
    ]
    if not errors:
        return ()
    if any("depth" in error.message.lower() for error in errors):
        return (_TOO_DEEP,)
    return (_CUT_NOTE,)
