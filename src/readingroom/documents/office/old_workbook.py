"""Reads old Excel workbooks (XLS), and tables in text or XML that bear their name."""

import contextlib
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path

from readingroom.core.errors import DocumentCorrupt, DocumentUnsupported
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.csv_table import read_csv
from readingroom.documents.decoding import NotText
from readingroom.documents.office.biff import BOF, Listed, Record, Workbook, read_workbook, records
from readingroom.documents.office.libreoffice import converted, find_libreoffice
from readingroom.documents.office.number_formats import show_general, show_number, show_text
from readingroom.documents.office.table_text import column_letters
from readingroom.documents.office.workbook import read_xlsx
from readingroom.documents.office.workbook_text import EnoughHidden, LimitReached, WorkbookText
from readingroom.documents.office.xml_workbook import read_xml_workbook
from readingroom.documents.readers import OnProgress

_DAMAGED = "The Excel workbook is damaged and cannot be opened."
_ERRORS_OF_RECORDS = (struct.error, ValueError, IndexError, LookupError)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE = struct.pack("<H", BOF)
_BEFORE_5 = (b"\x09\x04", b"\x09\x02", b"\x09\x00")
_XML_MARK = b"urn:schemas-microsoft-com:office:spreadsheet"
_STREAMS = ("Workbook", "Book")
_HEAD = 4096
_FORMULA, _STRING, _TEXT, _RICH_TEXT, _SHARED = 0x0006, 0x0207, 0x0204, 0x00D6, 0x00FD
_NUMBER, _SHORT_NUMBER, _SHORT_NUMBERS, _BOOLEAN = 0x0203, 0x027E, 0x00BD, 0x0205
_ROW, _COLUMNS, _CONDITION = 0x0208, 0x007D, 0x01B0
_OBJECT, _BOXED, _NOTE = 0x005D, 0x01B6, 0x001C
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x20, 0x01
_ERROR_NAMES = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read_xls(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Read every sheet that can be seen; hidden sheets, rows and columns are noted.

    Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`, `DocumentUnsupported`.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if _XML_MARK in head:
        return read_xml_workbook(path, limits, on_progress)
    if head.startswith(_BEFORE_5):
        return _read_before_version_5(path, limits, on_progress)
    if not head.startswith((_OLE, _BARE)):
        # Programs on the web give tables with tabs or commas this name.
        try:
            return read_csv(path.read_bytes(), tabs=True, limits=limits)
        except NotText as error:
            raise DocumentCorrupt(_DAMAGED) from error
    text = WorkbookText("xls", limits, on_progress)
    try:
        data = path.read_bytes() if head.startswith(_BARE) else _records_of(path)
        book = read_workbook(data)
        with contextlib.suppress(LimitReached):
            for place, listed in enumerate(book.sheets, start=1):
                text.begin(place, listed.name, hidden=listed.hidden)
                if listed.is_table:
                    _read_sheet(data, listed, book, text)
    except _ERRORS_OF_RECORDS as error:
        raise DocumentCorrupt(_DAMAGED) from error
    return text.document()


def _read_before_version_5(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    program = find_libreoffice()
    if program is None:
        raise DocumentUnsupported("Excel workbooks from before 1993 are read when LibreOffice is installed.")
    with converted(program, path, ".xls", "xlsx", limits, on_progress) as result:
        return replace(read_xlsx(result, limits, on_progress), format="xls")


def _records_of(path: Path) -> bytes:
    """The workbook's stream in its container. Raises `ValueError` where there is none to be had."""
    import olefile

    try:
        with olefile.OleFileIO(path) as container:  # type: ignore[no-untyped-call]
            name = next(name for name in _STREAMS if container.exists(name))
            return bytes(container.openstream(name).read())
    except OSError as error:
        if error.errno is not None:
            raise
        raise ValueError from error
    except Exception as error:
        # The library lets anything escape on damaged files, and asks for absurd amounts of memory.
        raise ValueError from error


@dataclass(slots=True)
class _Cell:
    style: int
    stored: str
    number: float | None = None


@dataclass(slots=True)
class _Sheet:
    """What the records of a sheet tell, in the order of the file."""

    rows: dict[int, dict[int, _Cell]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    coloured: bool = False
    """Conditions may colour cells."""
    boxes: dict[int, str] = field(default_factory=dict)
    """Texts of drawn objects by their number."""
    notes: list[tuple[int, int, str]] = field(default_factory=list)
    last_object: int = 0
    waiting: tuple[int, int] | None = None
    """The cell of a formula whose text comes next."""


def _read_sheet(data: bytes, listed: Listed, book: Workbook, text: WorkbookText) -> None:
    sheet = _Sheet()
    try:
        for record in records(data, listed.start):
            _take(record, sheet, book)
    except _ERRORS_OF_RECORDS:
        text.note(f"Sheet {listed.name} is damaged and could not be read in full.")
    white = frozenset() if sheet.coloured else book.white
    with contextlib.suppress(EnoughHidden):
        for row in sorted(sheet.rows):
            cells: list[tuple[int, str]] = []
            for column, cell in sorted(sheet.rows[row].items()):
                shown = _shown(cell, book)
                covered = any(first <= column <= last for first, last in sheet.hidden_columns)
                if cell.stored and (not shown or covered or cell.style in white):
                    text.hide(shown or cell.stored)
                else:
                    cells.append((column, shown))
            text.row(row + 1, cells, hidden=row in sheet.hidden_rows)
    for row, column, words in sorted(sheet.notes):
        text.line(f"Comment on {column_letters(column)}{row + 1}: {words}")
    for words in sheet.boxes.values():
        text.line(words)


def _shown(cell: _Cell, book: Workbook) -> str:
    code = book.codes[cell.style] if cell.style < len(book.codes) else "General"
    if cell.number is not None:
        return show_number(cell.number, code, since_1904=book.since_1904)
    return show_text(cell.stored, code)


def _take(record: Record, sheet: _Sheet, book: Workbook) -> None:
    kind, data = record.kind, record.data
    if kind in {_NUMBER, _SHORT_NUMBER, _SHARED, _TEXT, _RICH_TEXT, _FORMULA, _BOOLEAN}:
        row, column, style = struct.unpack_from("<HHH", data)
        sheet.waiting = None
        cell = _cell(kind, data, style, book)
        if cell is not None:
            sheet.rows.setdefault(row, {})[column] = cell
        elif kind == _FORMULA:
            sheet.waiting = row, column
            sheet.rows.setdefault(row, {})[column] = _Cell(style, "")
    elif kind == _SHORT_NUMBERS:
        row, first = struct.unpack_from("<HH", data)
        for place in range((len(data) - 6) // 6):
            style, packed = struct.unpack_from("<HI", data, 4 + place * 6)
            sheet.rows.setdefault(row, {})[first + place] = _numeric(style, _unpacked(packed))
    elif kind == _STRING and sheet.waiting is not None:
        row, column = sheet.waiting
        sheet.rows[row][column].stored = book.text(data, 0)
        sheet.waiting = None
    else:
        _take_aside(record, sheet, book)


def _take_aside(record: Record, sheet: _Sheet, book: Workbook) -> None:
    """Take what is no cell."""
    kind, data = record.kind, record.data
    if kind == _ROW:
        if data[12] & _HIDDEN_ROW:
            sheet.hidden_rows.add(struct.unpack_from("<H", data)[0])
    elif kind == _COLUMNS:
        first, last, _, _, flags = struct.unpack_from("<HHHHH", data)
        if flags & _HIDDEN_COLUMN:
            sheet.hidden_columns.append((first, last))
    elif kind == _CONDITION:
        sheet.coloured = True
    elif kind == _OBJECT and book.version_8:
        sheet.last_object = struct.unpack_from("<H", data, 6)[0]
    elif kind == _BOXED and book.version_8 and record.continued:
        length = struct.pack("<H", struct.unpack_from("<H", data, 10)[0])
        sheet.boxes[sheet.last_object] = book.text(length + record.continued[0], 0)
    elif kind == _NOTE:
        row, column, flags = struct.unpack_from("<HHH", data)
        if book.version_8:
            words = sheet.boxes.pop(struct.unpack_from("<H", data, 6)[0], "")
        else:
            words = data[6 : 6 + flags].decode(book.encoding, "replace")
        if words.strip():
            sheet.notes.append((row, column, words))


def _cell(kind: int, data: bytes, style: int, book: Workbook) -> _Cell | None:
    """The cell of a record; None for a formula whose text comes in the next."""
    if kind == _NUMBER:
        return _numeric(style, struct.unpack_from("<d", data, 6)[0])
    if kind == _SHORT_NUMBER:
        return _numeric(style, _unpacked(struct.unpack_from("<I", data, 6)[0]))
    if kind == _SHARED:
        (place,) = struct.unpack_from("<I", data, 6)
        return _Cell(style, book.strings[place] if place < len(book.strings) else "")
    if kind in {_TEXT, _RICH_TEXT}:
        return _Cell(style, book.text(data, 6))
    if kind == _BOOLEAN:
        return _Cell(style, _truth_or_error(data[6], is_error=bool(data[7])))
    if data[12:14] != b"\xff\xff":
        return _numeric(style, struct.unpack_from("<d", data, 6)[0])
    if data[6] == 0:
        return None
    return _Cell(style, _truth_or_error(data[8], is_error=data[6] == 2) if data[6] in {1, 2} else "")


def _numeric(style: int, value: float) -> _Cell:
    return _Cell(style, show_general(value), value)


def _truth_or_error(value: int, *, is_error: bool) -> str:
    if is_error:
        return _ERROR_NAMES.get(value, "")
    return "TRUE" if value else "FALSE"


def _unpacked(packed: int) -> float:
    """A number in four bytes (MS-XLS, 2.5.122): a whole one or the upper half of a float, or a hundredth of it."""
    if packed & 2:
        whole = packed >> 2
        value = float(whole - (1 << 30) if whole & (1 << 29) else whole)
    else:
        (value,) = struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))
    return value / 100 if packed & 1 else value
