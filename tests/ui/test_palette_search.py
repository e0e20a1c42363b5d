"""Ctrl+K as one types: passages with their words marked, by words at once and by meaning after a pause."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from readingroom.core.errors import VectorStoreUnavailable
from readingroom.ui import palette_search
from readingroom.ui.main_window import MainWindow
from readingroom.ui.theme import apply_theme
from readingroom.ui.widgets.palette_rows import PaletteEntry
from ui.fake_services import FakeFind, World, fake_services, full_world


@pytest.fixture
def world() -> World:
    return full_world()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path, world: World) -> Iterator[MainWindow]:
    apply_theme(qapp, "light")
    shown = MainWindow(fake_services(world), QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(shown)
    shown.resize(1280, 800)
    shown.show()
    qtbot.waitExposed(shown)
    qtbot.waitUntil(lambda: shown.workspace is not None)
    yield shown
    shown.close()


def find_of(window: MainWindow) -> FakeFind:
    find = window._services.find
    assert isinstance(find, FakeFind)
    return find


def passages(window: MainWindow) -> list[PaletteEntry]:
    return [entry for entry in window.palette_box.found if entry.group == "Passages"]


def search(window: MainWindow, text: str) -> None:
    window.open_palette()
    QTest.keyClicks(window.palette_box.input, text)


def marked(entry: PaletteEntry) -> set[str]:
    assert entry.snippet is not None
    return {entry.snippet.text[mark.start : mark.end] for mark in entry.snippet.marks}


def test_passages_come_with_file_page_and_the_words_marked(qtbot: QtBot, window: MainWindow) -> None:
    search(window, "carries ov")
    qtbot.waitUntil(lambda: bool(passages(window)))
    first = passages(window)[0]
    assert (first.text, first.kind) == ("handbook.pdf", "Page 12")
    assert {"carries", "over"} <= marked(first)


def test_enter_opens_the_document_at_the_sentence(qtbot: QtBot, window: MainWindow) -> None:
    search(window, "carried over lapses")
    qtbot.waitUntil(lambda: bool(passages(window)))
    with qtbot.waitSignal(window.documents.citation_shown) as shown:
        QTest.keyClick(window.palette_box.input, Qt.Key.Key_Return)
    assert shown.args is not None
    assert shown.args[0].quote == "Leave carried over lapses on 31 March of the following year."
    assert shown.args[0].page == 13
    assert not window.palette_box.isVisible()
    viewer = window.documents.viewer()
    assert viewer is not None
    assert viewer.document.path.name == "handbook.pdf"


def test_the_arrows_pass_over_the_titles_and_around_the_ends(qtbot: QtBot, window: MainWindow) -> None:
    search(window, "leave")
    qtbot.waitUntil(lambda: bool(passages(window)))
    box = window.palette_box
    entries = list(box.found)
    assert len({entry.group for entry in entries}) > 1
    for entry in [*entries[1:], entries[0]]:
        QTest.keyClick(box.input, Qt.Key.Key_Down)
        assert box.selected == entry
    QTest.keyClick(box.input, Qt.Key.Key_Up)
    assert box.selected == entries[-1]


def test_what_the_person_went_to_stays_selected_when_better_answers_come(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    gate = threading.Event()

    def hold(how: str, _text: str) -> None:
        if how == "meaning":
            gate.wait()

    find_of(window).hold = hold
    search(window, "leave carried")
    qtbot.waitUntil(lambda: len(passages(window)) > 1)
    box = window.palette_box
    while box.selected != passages(window)[1]:
        QTest.keyClick(box.input, Qt.Key.Key_Down)
    chosen = passages(window)[1]
    world.passages = tuple(reversed(world.passages))
    order = [entry.key for entry in passages(window)]
    gate.set()
    qtbot.waitUntil(lambda: [entry.key for entry in passages(window)] != order)
    assert box.selected is not None
    assert box.selected.key == chosen.key


def test_the_answer_to_an_older_keystroke_is_dropped(qtbot: QtBot, window: MainWindow) -> None:
    """The first search is held until more is typed; only the last text is searched then."""
    gate, asked = threading.Event(), []

    def hold(how: str, text: str) -> None:
        if how == "words":
            asked.append(text)
            gate.wait()

    find_of(window).hold = hold
    search(window, "leave")
    qtbot.waitUntil(lambda: bool(asked))
    QTest.keyClicks(window.palette_box.input, " xylophone")
    gate.set()
    qtbot.waitUntil(lambda: asked[-1] == "leave xylophone")
    assert asked == ["le", "leave xylophone"]


def test_meaning_is_asked_once_after_a_pause(qtbot: QtBot, window: MainWindow) -> None:
    asked: list[str] = []
    find_of(window).hold = lambda how, text: asked.append(text) if how == "meaning" else None
    search(window, "unused leave")
    qtbot.waitUntil(lambda: asked == ["unused leave"])
    qtbot.waitUntil(lambda: not window.runner.running)
    assert asked == ["unused leave"]


def test_nothing_found_is_said_in_words(qtbot: QtBot, window: MainWindow, world: World) -> None:
    world.passages = ()
    search(window, "zzyzx")
    qtbot.waitUntil(lambda: window.palette_box.note.text() == palette_search.NOTHING)
    assert list(window.palette_box.found) == []
    world.workspaces = {key: replace(known, chunks=0) for key, known in world.workspaces.items()}
    window.library.refresh()
    qtbot.waitUntil(lambda: window.workspace is not None and window.workspace.chunks == 0)
    search(window, "zzyzx")
    qtbot.waitUntil(lambda: window.palette_box.note.text() == palette_search.NO_TEXT)


def test_an_index_that_cannot_be_searched_is_said_and_commands_are_found_still(
    qtbot: QtBot, window: MainWindow
) -> None:
    def fail(_how: str, _text: str) -> None:
        raise VectorStoreUnavailable("Another program is using the search index.")

    find_of(window).hold = fail
    search(window, "settings")
    qtbot.waitUntil(lambda: "Another program" in window.palette_box.note.text())
    assert window.palette_box.found[0].text == "Settings…"


def test_hostile_names_and_text_are_shown_as_they_are(qtbot: QtBot, window: MainWindow, world: World) -> None:
    hostile = "<b>leave</b> \u202edrow <img src=x>"
    world.passages = (replace(world.passages[0], text=hostile, path=Path("<i>a</i>\n.pdf")),)
    search(window, "leave")
    qtbot.waitUntil(lambda: len(passages(window)) == 1)
    (entry,) = passages(window)
    assert entry.snippet is not None
    assert entry.snippet.text == "<b>leave</b> drow <img src=x>"
    assert marked(entry) == {"leave"}
    window.palette_box.grab()
