"""A sheet is shown as a grid: rows bear their numbers, what is cited is marked in its cells, length does not matter."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from readingroom.core.extraction import ExtractedDocument, Heading, Page, Table
from readingroom.ui.panes.viewer_grid_cells import whole_tip
from readingroom.ui.panes.viewer_long_text import SLICE_CHARS, text_of
from readingroom.ui.panes.viewer_marks import Marks
from readingroom.ui.panes.viewer_sheet_rows import SheetRows, sheets_of
from readingroom.ui.panes.viewer_table import TableView

TITLE = "# Sales\n\n"
SALES = "Sales of 2024\n\nMonth | Town | Revenue\nMarch | Rome | 214\nApril |  | 480\nMay | Rome\n\nDrawn up in haste.\n"
NOTES = "# Notes\n\nRemember the ducks.\n"


def workbook() -> ExtractedDocument:
    """Sheet 1: a title in row 1, the header in row 3, a gap before row 7, a remark in no row. Sheet 3: a remark."""
    first = TITLE + SALES
    title, header, april, remark = (first.index(w) for w in ("Sales of", "Month", "April", "Drawn"))
    tables = (
        Table(title, header - 1, "", ((title, 1),)),
        Table(header, remark - 1, "Month | Town | Revenue", ((header, 3), (april, 7))),
    )
    return ExtractedDocument(
        "xlsx",
        (Page(1, 0, first, "Sales"), Page(3, len(first), NOTES, "Notes")),
        (Heading(1, "Sales", 0), Heading(1, "Notes", len(first))),
        tables=tables,
    )


def csv(rows: int) -> ExtractedDocument:
    text = "Name | Town | Note\n" + "".join(f"Name {n} | Rome {n} | Note {n}\n" for n in range(2, rows + 1))
    return ExtractedDocument(
        "csv", (Page(None, 0, text),), tables=(Table(0, len(text), "Name | Town | Note", ((0, 1),)),)
    )


def sheets(document: ExtractedDocument) -> tuple[SheetRows, ...]:
    return sheets_of(document, text_of(document.pages))


def span_of(document: ExtractedDocument, words: str) -> tuple[int, int]:
    start = document.text.index(words)
    return start, start + len(words)


@pytest.fixture
def view(qtbot: QtBot) -> TableView:
    view = TableView()
    qtbot.addWidget(view)
    view.resize(470, 500)
    view.show()
    qtbot.waitExposed(view)
    return view


def colours(view: TableView, rect: QRect) -> set[str]:
    """What is seen in a part of the grid's cells."""
    image = view.grid.viewport().grab(rect).toImage()
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


def cell(view: TableView, row: int, column: int) -> QRect:
    return view.grid.visualRect(view.grid.grid.index(row, column))


# Rows


def test_rows_bear_the_numbers_of_the_file_and_headings_are_no_rows() -> None:
    first, notes = sheets(workbook())
    lines = [first.cells(line)[0].text for line in range(len(first))]
    assert lines == ["Sales of 2024", "Month", "March", "April", "May", "Drawn up in haste."]
    assert [first.number(line) for line in range(len(first))] == [1, 3, 4, 7, 8, None]
    assert [first.header_of(line) for line in range(len(first))] == [None, 1, 1, 1, 1, None]
    assert (first.last_number(), first.columns) == (8, 3)
    assert [first.line_of(number) for number in (1, 2, 4, 5, 8, 99)] == [0, 1, 2, 3, 4, 5]
    assert [(notes.name, notes.number(0), notes.cells(0)[0].text)] == [("Notes", None, "Remember the ducks.")]


def test_an_empty_cell_keeps_its_column() -> None:
    first = sheets(workbook())[0]
    assert [cell.text for cell in first.cells(3)] == ["April", "", "480"]


@given(st.lists(st.lists(st.text("ab¦é😀", max_size=4), min_size=1, max_size=4), min_size=1, max_size=8))
def test_cells_stand_in_the_text_where_they_say(rows: list[list[str]]) -> None:
    text = "".join(" | ".join(cells) + "\n" for cells in rows)
    document = ExtractedDocument("csv", (Page(None, 0, text),), tables=(Table(0, len(text), "", ((0, 1),)),))
    (sheet,) = sheets(document)
    assert [[cell.text for cell in sheet.cells(line)] for line in range(len(sheet))] == rows
    assert sheet.columns == max(len(cells) for cells in rows)
    for line in range(len(sheet)):
        assert all(text[cell.start : cell.end] == cell.text for cell in sheet.cells(line))


def test_a_row_over_two_slices_and_pages_is_one_row() -> None:
    line = "a | " * 3000 + "b\n"
    text = "short\n" + line * 20
    assert len(text) > 3 * SLICE_CHARS
    pages = (Page(None, 0, text[:70_000]), Page(None, 70_000, text[70_000:]))
    document = ExtractedDocument("csv", pages, tables=(Table(0, len(text), "", ((0, 1),)),))
    (sheet,) = sheets(document)
    assert len(sheet) == 21
    assert sheet.columns == 2001, "more columns than anyone reads are shown as one"
    assert sheet.number(20) == 21


def test_other_formats_have_no_grid() -> None:
    table = (Table(0, 5, "a | b", ((0, 1),)),)
    assert sheets(ExtractedDocument("docx", (Page(None, 0, "a | b\n"),), tables=table)) == ()
    assert sheets(ExtractedDocument("csv", (Page(None, 0, ""),))) == ()


@given(st.integers(0, 40), st.integers(0, 12))
def test_marks_find_what_touches_a_cell(start: int, length: int) -> None:
    spans = [(3, 7), (10, 10 + 4), (20, 30)]
    marks = Marks(spans, spans[1])
    touching = [span for span in spans if span[0] < start + length and span[1] > start]
    assert list(marks.within(start, start + length)) == touching
    covering = next((s for s in spans if s[0] <= start < s[1] and start + length <= s[1]), None)
    assert marks.covering(start, start + length) == covering


# The view


def test_a_cited_row_is_marked_on_its_sheet_with_its_number(view: TableView) -> None:
    document = workbook()
    view.show_sheets(sheets(document), "a.xlsx", at=len(document.text) - 1)
    assert view.tabs.tabText(view.tabs.currentIndex()) == "Notes"
    span = span_of(document, "April |  | 480")
    view.show_mark([span], span)
    assert view.tabs.tabText(view.tabs.currentIndex()) == "Sales"
    assert view.reading() == 7
    row = next(row for row in range(5) if view.grid.grid.number(row) == 7)
    for column in range(3):
        assert "#ffe9a8" in colours(view, cell(view, row, column)), "an empty cell of the row is marked too"
        assert "#ffe9a8" not in colours(view, cell(view, row - 1, column))
    assert view.grid.grid.headerData(row, Qt.Orientation.Vertical) == "7"


def test_words_found_in_a_cell_are_marked_and_not_the_cell(view: TableView) -> None:
    document = csv(30)
    view.show_sheets(sheets(document), "a.csv")
    start, _ = span_of(document, "Rome 4")
    view.show_mark([(start, start + 4)], (start, start + 4))
    rect = cell(view, 2, 1)
    assert "#ffe9a8" in colours(view, QRect(rect.left() + 8, rect.top(), 20, rect.height()))
    assert "#ffe9a8" not in colours(view, rect.adjusted(rect.width() - 10, 0, 0, 0))
    assert "#ffe9a8" not in colours(view, cell(view, 2, 0))


def test_words_cut_off_are_marked_by_their_cell(view: TableView) -> None:
    text = "a | b\n" + "long " * 300 + "needle | x\n"
    document = ExtractedDocument(
        "csv", (Page(None, 0, text),), tables=(Table(0, len(text), "a | b", ((0, 1),)),)
    )
    view.show_sheets(sheets(document), "a.csv")
    span = span_of(document, "needle")
    view.show_mark([span], span)
    assert "#ffe9a8" in colours(view, cell(view, 0, 0))


def test_the_header_stays_in_view_and_may_be_cited(view: TableView) -> None:
    document = csv(200)
    view.show_sheets(sheets(document), "a.csv")
    model = view.grid.grid
    assert model.rowCount() == 199, "the header is no row below itself"
    assert [model.headerData(n, Qt.Orientation.Horizontal) for n in range(3)] == ["Name", "Town", "Note"]
    span = span_of(document, "Name | Town | Note")
    view.show_mark([span], span)
    assert view.reading() == 1
    image = view.grid.horizontalHeader().viewport().grab().toImage()
    assert QColor(image.pixel(3, 5)).name() == "#ffe9a8"


def test_scrolling_into_a_table_shows_the_names_of_its_columns(view: TableView) -> None:
    document = workbook()
    view.show_sheets(sheets(document), "a.xlsx")
    names = [view.grid.grid.headerData(n, Qt.Orientation.Horizontal) for n in range(3)]
    assert names == ["", "", ""], "the header is in view itself"
    view.grid.grid.show_header_for(3)
    assert view.grid.grid.headerData(0, Qt.Orientation.Horizontal) == "Month"


def test_rows_are_gone_to_by_number(view: TableView) -> None:
    view.show_sheets(sheets(csv(5000)), "a.csv")
    view.go_to_row(3210)
    assert view.reading() == 3210
    assert view.grid.rowAt(1) == 3208
    view.go_to_row(5000)
    assert view.reading() == 5000, "the last rows cannot be brought to the top"
    view.grid.verticalScrollBar().setValue(0)
    assert view.reading() == 2


def test_a_cited_row_stays_in_view_when_the_pane_changes_its_size(view: TableView) -> None:
    document = csv(500)
    view.show_sheets(sheets(document), "a.csv")
    span = span_of(document, "Name 250 |")
    view.show_mark([span], span)
    view.resize(340, 200)
    assert view.grid.viewport().rect().contains(cell(view, 248, 0).center())


def test_selected_cells_are_copied_as_spreadsheets_take_them(view: TableView, qtbot: QtBot) -> None:
    view.show_sheets(sheets(csv(30)), "a.csv")
    qtbot.mousePress(view.grid.viewport(), Qt.MouseButton.LeftButton, pos=cell(view, 0, 0).center())
    end = cell(view, 1, 1).center()
    qtbot.mouseMove(view.grid.viewport(), end)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(view.grid.viewport(), Qt.MouseButton.LeftButton, shift, end)
    qtbot.keySequence(view.grid, QKeySequence.StandardKey.Copy)
    assert QApplication.clipboard().text() == "Name 2\tRome 2\nName 3\tRome 3"


def test_a_tip_shows_all_of_a_cell_and_never_as_markup() -> None:
    assert whole_tip("<img src='http://x/y.png'>" + "z" * 5000).startswith("<qt>&lt;img src=")
    assert len(whole_tip("z" * 5000)) < 3100


def test_zoom_makes_rows_taller_and_keeps_the_place(view: TableView) -> None:
    view.show_sheets(sheets(csv(500)), "a.csv")
    view.go_to_row(100)
    before = view.grid.rowHeight(0)
    view.set_zoom(2.0)
    assert view.grid.rowHeight(0) > 1.8 * before
    assert view.reading() == 100


def test_a_million_rows_are_shown_at_a_place_at_once(view: TableView) -> None:
    """CPU time of the GUI thread, since other work shares the cores."""
    document = csv(1_000_000)
    ready = sheets(document)
    span = span_of(document, "Name 765432 |")
    before = time.thread_time()
    view.show_sheets(ready, "a.csv", at=span[0])
    view.show_mark([span], span)
    view.grid.viewport().grab()
    assert time.thread_time() - before < 0.5
    assert view.reading() == 765_432
    assert view.grid.rowAt(QPoint(5, 5).y()) > 765_000
