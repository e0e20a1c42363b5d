"""Reads workbooks in Excel 2003's XML, which old reports often are under the name of an XLS file."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from readingroom.core.errors import DocumentCorrupt, DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.office.number_formats import show_general
from readingroom.documents.office.workbook_text import EnoughHidden, LimitReached, WorkbookText
from readingroom.documents.office.xml_parts import (
    attribute,
    child,
    descendants,
    local_name,
    number,
    parse_bounded,
)
from readingroom.documents.readers import OnProgress

_MAX_BYTES = 64 * 1024 * 1024
"""It is held as a tree, which takes some ten times as much."""
_MAX_COLUMNS = 16_384


def read_xml_workbook(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Read the sheets that can be seen. Raises `DocumentCorrupt`, `DocumentTooLarge`."""
    if path.stat().st_size > _MAX_BYTES:
        raise DocumentTooLarge(f"Workbooks in XML are read up to {_MAX_BYTES // (1024 * 1024)} MB.")
    text = WorkbookText("xls", limits, on_progress)
    try:
        root = parse_bounded(path.read_bytes())
        with contextlib.suppress(LimitReached):
            sheets = [element for element in root if local_name(element) == "Worksheet"]
            for place, sheet in enumerate(sheets, start=1):
                visible = child(sheet, "WorksheetOptions", "Visible")
                hidden = visible is not None and (visible.text or "").startswith("SheetHidden")
                text.begin(place, attribute(sheet, "Name"), hidden=hidden)
                with contextlib.suppress(EnoughHidden):
                    _read_sheet(sheet, text)
    except (etree.XMLSyntaxError, ValueError, RecursionError) as error:
        raise DocumentCorrupt("The Excel workbook is damaged and cannot be opened.") from error
    return text.document()


def _read_sheet(sheet: etree._Element, text: WorkbookText) -> None:
    row, column = 0, 0
    unshown: set[int] = set()
    for element in descendants(sheet, "Row", "Column"):
        given = attribute(element, "Index")
        index = int(given) if given.isdigit() and len(given) < 9 else None
        hidden = attribute(element, "Hidden") == "1"
        if local_name(element) == "Column":
            column = index or column + 1
            span = number(attribute(element, "Span")) or 0
            if hidden:
                unshown.update(range(column - 1, column + min(span, _MAX_COLUMNS)))
            column += span
            continue
        row = index or row + 1
        cells = list(_cells(element))
        for place, words in cells:
            if place in unshown:
                text.hide(words)
        text.row(row, [cell for cell in cells if cell[0] not in unshown], hidden=hidden)


def _cells(row: etree._Element) -> Iterator[tuple[int, str]]:
    column = -1
    for cell in row:
        if local_name(cell) != "Cell":
            continue
        given = attribute(cell, "Index")
        column = int(given) - 1 if given.isdigit() and len(given) < 6 else column + 1
        data = child(cell, "Data")
        if data is None:
            continue
        value = "".join(str(piece) for piece in data.itertext())
        kind = attribute(data, "Type")
        if kind == "Number":
            with contextlib.suppress(ValueError):
                value = show_general(float(value))
        elif kind == "DateTime":
            value = value.removesuffix("Z").removesuffix(".000").removesuffix("T00:00:00").replace("T", " ")
        elif kind == "Boolean":
            value = "TRUE" if value == "1" else "FALSE"
        yield column, value
        merged = attribute(cell, "MergeAcross")
        column += int(merged) if merged.isdigit() and len(merged) < 6 else 0
