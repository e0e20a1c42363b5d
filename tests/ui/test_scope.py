"""What limits the next question: check-boxes, pills, and what they mean when it is asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from readingroom.core.ids import SourceId
from readingroom.core.models import Document, SearchScope
from readingroom.services.bundle import Services
from readingroom.services.exporting import Form
from readingroom.ui.main_window import MainWindow
from readingroom.ui.models.scope import of_document, of_folder, of_source, resolved
from ui.fake_services import HANDBOOK, LAW, LONG_THREAD, POLICY, FakeChat, World, fake_services, full_world


@pytest.fixture
def world() -> World:
    return full_world()


@pytest.fixture
def services(world: World) -> Services:
    return fake_services(world)


@pytest.fixture
def window(qtbot: QtBot, services: Services, tmp_path: Path) -> Iterator[MainWindow]:
    shown = MainWindow(services, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    shown.resize(1280, 800)
    shown.show()
    qtbot.waitUntil(lambda: shown.documents.list.model.total > 0)
    yield shown
    shown.close()


def names(window: MainWindow) -> list[str]:
    return [item.name for item in window.chat.scope.items]


def press_box(window: MainWindow, document: Document) -> None:
    table = window.documents.list.table
    row = window.documents.list.model.row_of(document.id)
    assert row is not None
    table.scrollTo(table.model().index(row, 0))
    corner = table.visualRect(table.model().index(row, 0)).topLeft()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=corner + QPoint(20, 14))


def test_the_box_of_a_document_limits_the_next_question_and_its_pill_takes_it_back(
    qtbot: QtBot, window: MainWindow, world: World, services: Services
) -> None:
    press_box(window, world.documents[HANDBOOK])
    assert names(window) == ["handbook.pdf"]
    assert not window.documents.list.selected()
    assert isinstance(services.chat, FakeChat)
    window.chat.ask("When?")
    qtbot.waitUntil(lambda: bool(services.chat.asked_with))  # type: ignore[attr-defined]
    assert services.chat.asked_with["scope"] == SearchScope(frozenset({HANDBOOK}))
    (pill,) = window.chat.composer.pills.buttons
    QTest.keyClick(pill, Qt.Key.Key_Delete)
    assert names(window) == []
    assert not window.documents.list.model.checked
    qtbot.waitUntil(lambda: not window.chat.writing)


def test_space_checks_all_selected_documents(window: MainWindow, world: World) -> None:
    shown = window.documents.list
    shown.table.selectAll()
    QTest.keyClick(shown.table, Qt.Key.Key_Space)
    assert len(window.chat.scope.items) == shown.model.rowCount()
    QTest.keyClick(shown.table, Qt.Key.Key_Space)
    assert names(window) == []


def test_another_workspace_begins_without_limits(window: MainWindow, world: World) -> None:
    press_box(window, world.documents[HANDBOOK])
    other = next(w for w in window.library.workspaces if w.id != LAW)
    window._show(other.id, None)
    assert names(window) == []


def test_a_pinned_document_says_so_and_can_be_unpinned(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    shown = window.documents.list
    for word in ("Pin to every question", "Unpin"):
        menu = shown.menu_for([shown.model.document(shown.model.row_of(HANDBOOK) or 0)])
        {action.text(): action for action in menu.actions()}[word].trigger()
        menu.close()
        wanted = word != "Unpin"
        qtbot.waitUntil(
            lambda wanted=wanted: shown.model.document(shown.model.row_of(HANDBOOK) or 0).pinned is wanted  # type: ignore[misc]
        )


def test_a_folder_means_what_lies_in_it_when_the_question_is_asked(world: World, services: Services) -> None:
    document = world.documents[POLICY]
    there = of_folder(document.path.parent)
    found = resolved([there], services.documents, LAW)
    assert POLICY in found.document_ids
    assert all(str(world.documents[i].path).startswith(str(there.path)) for i in found.document_ids)


def test_an_empty_folder_means_nothing_rather_than_everything(services: Services) -> None:
    assert resolved([of_folder(Path("/nowhere"))], services.documents, LAW) != SearchScope()


def test_sources_and_documents_are_searched_together(world: World, services: Services) -> None:
    items = [of_source(world.sources[SourceId(1)]), of_document(world.documents[HANDBOOK])]
    found = resolved(items, services.documents, LAW)
    assert found == SearchScope(frozenset({HANDBOOK}), frozenset({SourceId(1)}))


def test_a_pinned_thread_stands_first_in_the_sidebar(qtbot: QtBot, window: MainWindow, world: World) -> None:
    threads = window.library.threads[LAW]
    window.show_thread(threads[-1])
    window.actions_table.trigger("thread.pin")
    qtbot.waitUntil(lambda: window.library.threads[LAW][0].id == threads[-1].id)
    assert window.library.threads[LAW][0].pinned


def test_what_was_said_in_a_thread_is_found_in_the_palette(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    window.open_palette()
    QTest.keyClicks(window.palette_box.input, "carry over in proportion")
    qtbot.waitUntil(lambda: any(e.group == "Said in threads" for e in window.palette_box.found))
    said = next(e for e in window.palette_box.found if e.group == "Said in threads")
    said.run()
    qtbot.waitUntil(
        lambda: window.chat.current_thread is not None and window.chat.current_thread.id == said.key
    )


def test_a_message_found_far_up_in_a_long_thread_is_brought_into_view(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    wanted = world.messages[LONG_THREAD][120]
    window._show(LAW, world.threads[LONG_THREAD], at=wanted.id)
    conversation = window.chat.conversation

    def seen() -> bool:
        for question in conversation.questions:
            if question.message is not None and question.message.id == wanted.id:
                top = question.mapTo(conversation.viewport(), QPoint(0, 0)).y()
                return 0 <= top < conversation.viewport().height()
        return False

    qtbot.waitUntil(seen, timeout=20_000)


def test_threads_are_exported_in_the_form_the_files_name_says(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    threads = list(window.library.threads[LAW])
    with qtbot.waitSignal(window.threads.said):
        window.threads.export_to(threads, Path("/x/all.md"), Form.HTML)
    assert world.calls[-1][2:] == (Form.MARKDOWN, Path("/x/all.md"))
