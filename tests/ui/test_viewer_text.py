"""The text view shows every character where it stands, marks passages, and does not mind length."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from readingroom.core.extraction import Page
from readingroom.ui.panes.viewer_offsets import OffsetMap, showable
from readingroom.ui.panes.viewer_search import MOST_MATCHES, find_matches, first_from
from readingroom.ui.panes.viewer_text import TextView
from readingroom.ui.panes.viewer_text_form import Kind, TextForm
from readingroom.ui.panes.viewer_text_sheet import WINDOW_CHARS

SAMPLE = (Path(__file__).parent / "sample.md").read_text(encoding="utf-8")
ODD = "a\r\nb\r\n😀 c\u2029d\u2028e\x0cf\ud800g\0h\n\n😀😀 end 😀\n"


@given(st.text(max_size=80), st.data())
def test_offsets_are_those_of_utf_16(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    units = len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2
    assert OffsetMap(text).units(offset) == units
    assert OffsetMap(text).offset(units) == offset


@given(st.text(max_size=200))
def test_what_is_shown_has_a_character_for_each(text: str) -> None:
    assert len(showable(text)) == len(text)


@pytest.fixture
def view(qtbot: QtBot) -> TextView:
    view = TextView()
    qtbot.addWidget(view)
    view.resize(470, 700)
    view.show()
    qtbot.waitExposed(view)
    return view


def show(view: TextView, text: str, form: str = "text") -> None:
    view.show_text(text, TextForm(text, form), "sample")


@pytest.mark.parametrize("form", ["text", "markdown", "code"])
@pytest.mark.parametrize("text", [SAMPLE, ODD, "", "\n", "one line"])
def test_every_character_stands_at_its_offset(view: TextView, text: str, form: str) -> None:
    show(view, text, form)
    document = view.sheet.document()
    places = OffsetMap(text)
    for offset, character in enumerate(showable(text)):
        cursor = QTextCursor(document)
        cursor.setPosition(places.units(offset))
        cursor.setPosition(places.units(offset + 1), QTextCursor.MoveMode.KeepAnchor)
        assert cursor.selectedText().replace("\u2029", "\n").replace("\u00a0", " ") == character.replace(
            "\u00a0", " "
        ), offset
    assert document.characterCount() - 1 == places.units(len(text))


def test_copying_gives_the_text_as_it_was_read(view: TextView) -> None:
    show(view, ODD.replace("\ud800", "").replace("\0", ""))
    view.sheet.selectAll()
    assert view.sheet.selected_text() == view.sheet.text
    view.sheet.copy()
    assert QApplication.clipboard().text() == view.sheet.text


def test_a_passage_after_an_astral_character_is_marked_where_it_stands(view: TextView) -> None:
    show(view, SAMPLE, "markdown")
    start = SAMPLE.index("Be kind.")
    view.show_mark([(start, start + 8)], (start, start + 8))
    [rect] = view.sheet.span_rects((start, start + 8))
    hit = view.sheet.cursorForPosition(rect.center().toPoint())
    hit.select(QTextCursor.SelectionType.WordUnderCursor)
    assert hit.selectedText() in ("Be", "kind")
    before = view.sheet.span_rects((start - 2, start - 1))
    assert before[0].right() <= rect.left()


def test_the_mark_is_painted_behind_the_words(view: TextView, qtbot: QtBot) -> None:
    show(view, SAMPLE, "markdown")
    start = SAMPLE.index("Unused leave")
    view.show_mark([(start, start + 30)], (start, start + 30))
    rect = view.sheet.span_rects((start, start + 30))[0]
    image = view.sheet.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    colours = {
        image.pixelColor(round(x * ratio), round((rect.top() + 2) * ratio)).name()
        for x in range(round(rect.left()) + 1, round(rect.right()) - 1)
    }
    assert "#ffe9a8" in colours
    assert (
        image.pixelColor(round(rect.center().x() * ratio), round((rect.bottom() + 1) * ratio)).name()
        == "#e2b93b"
    )


def test_heading_marks_stay_in_the_text(view: TextView) -> None:
    show(view, SAMPLE, "markdown")
    assert view.sheet.document().firstBlock().text() == "# Leave of absence"
    assert view.sheet.document().firstBlock().blockFormat().headingLevel() == 1


def long_text() -> str:
    lines = [
        f"Line {n}: the terms of service apply to every contract made after that day. 😀"
        for n in range(65_000)
    ]
    return "\n".join(lines)


def test_five_megabytes_are_shown_at_a_place_without_a_long_stall(view: TextView) -> None:
    """CPU time of the GUI thread, since other work shares the cores."""
    text = long_text()
    assert len(text) > 5_000_000
    form = TextForm(text, "text")
    start = text.index("Line 43210:")
    before = time.thread_time()
    view.show_text(text, form, "long")
    view.show_mark([(start, start + 20)], (start, start + 20))
    assert time.thread_time() - before < 0.5
    assert view.sheet.span_rects((start, start + 20))
    assert view.sheet.document().characterCount() < WINDOW_CHARS * 1.5


def test_scrolling_a_long_text_moves_the_window_on(view: TextView) -> None:
    text = long_text()
    show(view, text)
    places = []
    for _ in range(120):
        view.sheet.verticalScrollBar().setValue(view.sheet.verticalScrollBar().value() + 600)
        places.append(view.sheet.place())
    assert places == sorted(places)
    assert places[-1] > WINDOW_CHARS
    steps = [after - before for before, after in pairwise(places)]
    assert max(steps) < 4000, "a jump left lines out"


def test_the_keys_for_start_and_end_reach_them_in_a_long_text(view: TextView, qtbot: QtBot) -> None:
    text = long_text()
    show(view, text)
    qtbot.keyClick(view.sheet, Qt.Key.Key_End)
    assert view.sheet.span_rects((len(text) - 5, len(text)))
    qtbot.keyClick(view.sheet, Qt.Key.Key_Home)
    assert view.sheet.place() == 0


def test_a_mark_stays_in_view_when_the_pane_is_made_narrower(view: TextView) -> None:
    text = SAMPLE * 10
    show(view, text, "markdown")
    start = text.rindex("Unused leave")
    view.show_mark([(start, start + 40)], (start, start + 40))
    view.resize(330, 500)
    rects = view.sheet.span_rects((start, start + 40))
    assert rects
    assert 0 <= rects[0].top() < view.sheet.viewport().height()


def test_lines_of_markdown_are_told_apart() -> None:
    kinds = [line.kind for line in TextForm(SAMPLE, "markdown").lines(0, len(SAMPLE))]
    assert kinds[0] is Kind.HEADING
    assert kinds.count(Kind.LIST) == 6
    assert kinds.count(Kind.FIXED) == 4 + 4
    assert all(
        line.kind in (Kind.BODY, Kind.BLANK) for line in TextForm(SAMPLE, "text").lines(0, len(SAMPLE))
    )


def test_words_are_found_across_line_breaks_and_in_any_case() -> None:
    pages = [Page(1, 0, "Leave is\ngranted. "), Page(2, 18, "LEAVE  IS due")]
    assert [(m.page, m.start, m.end) for m in find_matches(pages, "leave is")] == [(1, 0, 8), (2, 18, 27)]
    assert find_matches(pages, "  ") == []
    assert find_matches([], "leave") == []
    assert len(find_matches([Page(None, 0, "a " * 9000)], "a")) == MOST_MATCHES


def test_finding_starts_from_what_is_in_view() -> None:
    matches = find_matches([Page(1, 0, "x y x y x")], "x")
    assert first_from(matches, 3) == 1
    assert first_from(matches, 99) == 0
