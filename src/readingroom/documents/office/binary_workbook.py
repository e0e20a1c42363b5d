"""Reads binary Excel workbooks (XLSB): values without their number formats, which the library does not tell."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from readingroom.core.errors import DocumentCorrupt, DocumentEncrypted
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.office.number_formats import show_general, show_number
from readingroom.documents.office.workbook_text import EnoughHidden, LimitReached, WorkbookText
from readingroom.documents.office.xml_parts import opened
from readingroom.documents.readers import OnProgress

_DAMAGED = "The Excel workbook is damaged and cannot be opened."


def read_xlsb(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Read every sheet that can be seen. Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`."""
    # Refuses what is a bomb, before the library unpacks it.
    with opened(path, limits, "Excel workbook"):
        pass
    return _read(path, limits, on_progress)


@contextlib.contextmanager
def _library_errors() -> Iterator[None]:
    """Raise what the library raises as ours; a panic of its native code is no `Exception`."""
    import python_calamine as calamine

    try:
        yield
    except calamine.PasswordError as error:
        raise DocumentEncrypted("The Excel workbook needs a password.") from error
    except calamine.CalamineError as error:
        raise DocumentCorrupt(_DAMAGED) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise DocumentCorrupt(_DAMAGED) from error


def _read(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    import python_calamine as calamine

    text = WorkbookText("xlsb", limits, on_progress)
    with contextlib.suppress(LimitReached):
        with _library_errors():
            workbook = calamine.CalamineWorkbook.from_path(path)
        for place, information in enumerate(workbook.sheets_metadata):
            shown = information.visible == calamine.SheetVisibleEnum.Visible
            text.begin(place + 1, information.name, hidden=not shown)
            try:
                with _library_errors():
                    sheet = workbook.get_sheet_by_index(place)
            except DocumentCorrupt:
                text.note(f"Sheet {information.name} is damaged and could not be read.")
                continue
            with contextlib.suppress(EnoughHidden):
                _read_sheet(sheet, text)
    return text.document()


def _read_sheet(sheet: Any, text: WorkbookText) -> None:
    # Rows come from the first of the sheet on, their cells from the first column that has any.
    left = sheet.start[1] if sheet.start else 0
    for row, values in enumerate(sheet.iter_rows()):
        text.row(row + 1, _cells(values, left))


def _cells(values: Sequence[object], left: int) -> Iterator[tuple[int, str]]:
    for column, value in enumerate(values, start=left):
        if value is not None and value != "":
            yield column, _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return show_general(float(value))
    if isinstance(value, dt.datetime):
        return str(value).removesuffix(" 00:00:00")
    if isinstance(value, dt.timedelta):
        return show_number(value / dt.timedelta(days=1), "[h]:mm:ss")
    return str(value)
