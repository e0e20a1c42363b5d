"""Reads OpenDocument spreadsheets (ODS, OTS, FODS): what the cells show, sheet by sheet, with comments."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.office.number_formats import show_general
from readingroom.documents.office.odf_blocks import Flow, blocks_of
from readingroom.documents.office.opendocument import OpenDocument, Styles, opened_opendocument
from readingroom.documents.office.table_text import column_letters
from readingroom.documents.office.workbook_text import EnoughHidden, LimitReached, WorkbookText
from readingroom.documents.office.xml_parts import (
    PART_ERRORS,
    attribute,
    local_name,
    number,
)
from readingroom.documents.readers import OnProgress

_UNSHOWN = frozenset({"collapse", "filter"})
_MAX_COLUMNS = 16_384
_MAX_REPEATED = 100_000
_CELLS = frozenset({"table-cell", "covered-table-cell"})
_DRAWN = frozenset({"frame", "custom-shape", "g", "rect", "ellipse", "line"})


def read_ods(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Read every sheet that can be seen; hidden sheets, rows and columns are noted.

    Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`.
    """
    with opened_opendocument(path, limits, "OpenDocument spreadsheet") as document:
        text = WorkbookText("ods", limits, on_progress, document.title())
        with contextlib.suppress(LimitReached):
            _Spreadsheet(document, text).read()
        return text.document()


class _Spreadsheet:
    """A spreadsheet under way: its sheets come row by row."""

    def __init__(self, document: OpenDocument, text: WorkbookText) -> None:
        self._document = document
        self._text = text
        self._styles = Styles()
        self._sheet: etree._Element | None = None
        self._sheets = 0
        self._row = 0
        self._column = 0
        self._hidden_columns: list[tuple[int, int]] = []
        self._skipping = False

    def read(self) -> None:
        """Read all sheets. Raises `LimitReached`, and `PART_ERRORS` where there is none to be read."""
        with contextlib.suppress(*PART_ERRORS):
            root = self._document.styles_root()
            if root is not None:
                self._styles.read(root)
        try:
            for element in self._document.content("automatic-styles", "table-column", "table-row", "shapes"):
                name = local_name(element)
                if name == "automatic-styles":
                    self._styles.read(element)
                    continue
                sheet = _sheet_of(element)
                if sheet is None:
                    continue
                if sheet is not self._sheet:
                    self._begin(sheet)
                if name == "table-column":
                    self._take_column(element)
                elif name == "shapes":
                    self._take_drawn(element)
                else:
                    self._take_row(element)
        except PART_ERRORS:
            if not self._sheets:
                raise
            self._text.note(
                f"The spreadsheet is damaged: the rest of sheet {self._sheets} could not be read."
            )

    def _begin(self, sheet: etree._Element) -> None:
        self._sheet = sheet
        self._sheets += 1
        self._row = self._column = 0
        self._hidden_columns = []
        self._skipping = False
        shown = self._styles.value("table", attribute(sheet, "style-name"), "display") != "false"
        self._text.begin(self._sheets, attribute(sheet, "name"), hidden=not shown)

    def _take_column(self, element: etree._Element) -> None:
        count = number(attribute(element, "number-columns-repeated")) or 1
        if attribute(element, "visibility") in _UNSHOWN:
            self._hidden_columns.append((self._column, self._column + count - 1))
        self._column += count

    def _take_drawn(self, element: etree._Element) -> None:
        flow = Flow(self._document, self._styles, on_ground=True)
        for block in blocks_of(element, flow):
            self._text.line(block.text)

    def _take_row(self, element: etree._Element) -> None:
        repeated = number(attribute(element, "number-rows-repeated")) or 1
        hidden = attribute(element, "visibility") in _UNSHOWN
        cells = [] if self._skipping else list(self._cells(element))
        # Rows to the end of the sheet are often repeated; only those with words count.
        for place in range(min(repeated, _MAX_REPEATED) if cells else 0):
            try:
                self._text.row(self._row + 1 + place, cells, hidden=hidden)
            except EnoughHidden:
                self._skipping = True
                break
        self._row += repeated
        if self._document.package is not None:
            element.clear()

    def _cells(self, row: etree._Element) -> Iterator[tuple[int, str]]:
        column = 0
        for cell in row:
            if local_name(cell) not in _CELLS:
                continue
            count = number(attribute(cell, "number-columns-repeated")) or 1
            text = self._shown(cell, column) if len(cell) or attribute(cell, "value-type") else ""
            if text:
                for place in range(column, min(column + count, _MAX_COLUMNS)):
                    if any(first <= place <= last for first, last in self._hidden_columns):
                        self._text.hide(text)
                    else:
                        yield place, text
            column += count

    def _shown(self, cell: etree._Element, column: int) -> str:
        """What the cell shows; its comment and drawings go below the sheet."""
        flow = Flow(self._document, self._styles, on_ground=True)
        texts: list[str] = []
        for step in cell:
            name = local_name(step)
            if name == "annotation":
                words = " ".join(
                    block.text
                    for part in step
                    if local_name(part) in {"p", "list"}
                    for block in blocks_of(part, flow)
                )
                self._text.line(f"Comment on {column_letters(column)}{self._row + 1}: {words}")
            elif name in _DRAWN:
                self._take_drawn(step)
            elif name == "p":
                texts += (block.text for block in blocks_of(step, flow))
        for piece in flow.hidden:
            self._text.hide(piece)
        if texts or flow.hidden or not attribute(cell, "value-type"):
            return " ".join(texts)
        return _value(cell)


def _value(cell: etree._Element) -> str:
    """The value of a cell that was written without what it shows."""
    kind = attribute(cell, "value-type")
    if kind in {"float", "percentage", "currency"}:
        try:
            return show_general(float(attribute(cell, "value")))
        except ValueError:
            return ""
    return attribute(cell, f"{kind}-value")


def _sheet_of(element: etree._Element) -> etree._Element | None:
    """The sheet that a row or column stands in; None for tables inside cells and headers."""
    found = None
    for above in element.iterancestors():
        name = local_name(above)
        if name == "table":
            if found is not None:
                return None
            found = above
        elif name == "spreadsheet":
            return found
        elif name in {"table-cell", "covered-table-cell", "annotation", "tracked-changes"}:
            return None
    return None
