"""The main job in the real window: drop a folder, watch it being read, ask, click the citation."""

import argparse
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, QSettings, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from helpers.fake_ollama import DIE, FakeOllama
from readingroom import app
from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.conversation import Message
from readingroom.core.models import Document, DocumentState, SearchMode
from readingroom.ui.main_window import MainWindow
from readingroom.ui.theme import apply_theme

DATA = Path(__file__).parents[1] / "data" / "documents"
QUESTION = "How many unused leave days carry over?"
LONG_MS = 60_000


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    shutil.copy(DATA / "multicolumn.pdf", folder)
    (folder / "leave.md").write_text(
        "# Annual leave\n\nUnused leave of up to ten days carries over into the next calendar year.\n\n"
        "# Parking\n\nCars are parked behind the house.\n"
    )
    return folder


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama(answer=("Ten days ", "carry over [1].")) as fake:
        yield fake


@pytest.fixture
def room(tmp_path: Path, server: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    monkeypatch.setenv("OLLAMA_HOST", server.address)
    with open_runtime(DataPaths(tmp_path / "data")) as runtime:
        runtime.start_indexing()
        runtime.start_following()
        yield runtime


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, room: Runtime, tmp_path: Path) -> Iterator[MainWindow]:
    apply_theme(qapp, "light")
    opened = MainWindow(room.services, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(opened)
    opened.show()
    qtbot.waitExposed(opened)
    yield opened
    opened.close()


def drop(window: MainWindow, folder: Path, at: QPoint) -> None:
    """What Qt sends when a person drags a folder over the window and lets go at a point."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    let_go = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, mime, buttons, keys)
    QApplication.sendEvent(window, let_go)
    assert let_go.isAccepted()


def documents(room: Runtime) -> dict[str, Document]:
    found = room.services.workspaces.list()
    return {document.path.name: document for w in found for document in room.services.documents.list(w.id)}


def drop_and_wait(qtbot: QtBot, window: MainWindow, room: Runtime, docs: Path) -> None:
    drop(window, docs, QPoint(100, 400))
    qtbot.waitUntil(
        lambda: [d.state for d in documents(room).values()] == [DocumentState.READY] * 2, timeout=LONG_MS
    )
    qtbot.waitUntil(lambda: window.workspace is not None)


def ask(window: MainWindow, text: str) -> None:
    window.focus_question()
    box = QApplication.focusWidget()
    assert box is not None
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)


def answered(qtbot: QtBot, window: MainWindow, number: int = 1) -> None:
    qtbot.waitUntil(
        lambda: len(window.chat.conversation.answers) == number and not window.chat.writing, timeout=LONG_MS
    )


def test_a_dropped_folder_is_read_asked_and_opened_at_the_marked_passage(
    qtbot: QtBot, window: MainWindow, room: Runtime, docs: Path
) -> None:
    drop_and_wait(qtbot, window, room, docs)
    (source,) = room.services.sources.sources(room.services.workspaces.list()[0].id)
    assert source.watch
    ask(window, QUESTION)
    answered(qtbot, window)
    answer = window.chat.conversation.answers[0]
    citation = answer.shown_citations()[0]
    assert citation.quote == "Unused leave of up to ten days carries over into the next calendar year."
    chip = answer.view.chip_point(1)
    assert chip is not None
    with qtbot.waitSignal(window.documents.citation_shown, timeout=LONG_MS) as shown:
        QTest.mouseClick(answer.view.viewport(), Qt.MouseButton.LeftButton, pos=chip)
    assert shown.args == [citation]
    assert window.documents.viewer is not None


def test_typing_into_the_search_opens_the_page_with_the_passage_marked(
    qtbot: QtBot, window: MainWindow, room: Runtime, docs: Path
) -> None:
    drop_and_wait(qtbot, window, room, docs)
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    box = window.palette_box
    qtbot.waitUntil(box.isVisible)
    QTest.keyClicks(box.input, "unused leave carr")
    qtbot.waitUntil(lambda: any(entry.snippet for entry in box.found), timeout=LONG_MS)
    passage = next(entry for entry in box.found if entry.snippet)
    assert passage.text == "leave.md"
    while box.selected != passage:
        QTest.keyClick(box.input, Qt.Key.Key_Down)
    with qtbot.waitSignal(window.documents.citation_shown, timeout=LONG_MS) as shown:
        QTest.keyClick(box.input, Qt.Key.Key_Return)
    assert shown.args is not None
    citation = shown.args[0]
    assert citation.quote == "Unused leave of up to ten days carries over into the next calendar year."
    viewer = window.documents.viewer()
    assert viewer is not None
    span = (citation.start, citation.end)
    qtbot.waitUntil(lambda: bool(viewer.text.sheet.span_rects(span)), timeout=LONG_MS)
    assert viewer.text.sheet.text[slice(*span)] == citation.quote


def test_a_pdf_found_by_typing_opens_at_its_page(
    qtbot: QtBot, window: MainWindow, room: Runtime, docs: Path
) -> None:
    drop_and_wait(qtbot, window, room, docs)
    workspace = room.services.workspaces.list()[0]
    pdf = documents(room)["multicolumn.pdf"]
    last = [page for page in room.services.documents.pages(pdf.id) if page.text.strip()][-1]
    words = " ".join(sorted({word for word in last.text.split() if word.isalpha()}, key=len)[-3:])
    found = room.services.find.by_words(workspace.id, words)
    assert found[0].passage.path.name == "multicolumn.pdf"
    window.open_palette()
    QTest.keyClicks(window.palette_box.input, words)
    qtbot.waitUntil(lambda: any(entry.snippet for entry in window.palette_box.found), timeout=LONG_MS)
    with qtbot.waitSignal(window.documents.citation_shown, timeout=LONG_MS) as shown:
        QTest.keyClick(window.palette_box.input, Qt.Key.Key_Return)
    assert shown.args is not None
    assert shown.args[0].page == found[0].citation.page
    viewer = window.documents.viewer()
    assert viewer is not None
    qtbot.waitUntil(lambda: bool(viewer.pdf.mark_boxes()), timeout=LONG_MS)
    assert viewer.pdf.page == found[0].citation.page


def test_a_file_saved_in_place_outside_is_found_by_its_new_words(
    qtbot: QtBot, window: MainWindow, room: Runtime, docs: Path
) -> None:
    drop_and_wait(qtbot, window, room, docs)
    workspace = room.services.workspaces.list()[0]
    with (docs / "leave.md").open("r+", encoding="utf-8") as file:
        text = file.read().replace("behind the house", "under the zeppelin hangar")
        file.seek(0)
        file.write(text)
        file.truncate()

    def found() -> bool:
        hits = room.services.retrieve.search(workspace.id, "zeppelin", mode=SearchMode.WORDS)
        return any("zeppelin" in hit.text for hit in hits)

    qtbot.waitUntil(found, timeout=LONG_MS)


def test_stop_keeps_what_came(
    qtbot: QtBot, window: MainWindow, room: Runtime, docs: Path, server: FakeOllama
) -> None:
    drop_and_wait(qtbot, window, room, docs)
    never = threading.Event()
    server.answer = ("Ten days ", never, "carry over [1].")
    ask(window, QUESTION)
    qtbot.waitUntil(lambda: "Ten days" in shown_text(window), timeout=LONG_MS)
    assert window.chat.writing
    window.stop()
    answered(qtbot, window)
    (_, message) = messages(room)
    assert message.text == "Ten days"
    assert message.notice == "Stopped."
    # The request was dropped, not left to run: a model busy with an answer nobody wants blocks the next.
    assert server.client_left.wait(10)
    never.set()


def test_a_server_that_dies_leaves_a_sentence_and_a_restarted_one_answers(
    qtbot: QtBot, window: MainWindow, room: Runtime, docs: Path, server: FakeOllama
) -> None:
    drop_and_wait(qtbot, window, room, docs)
    server.answer = ("Ten days ", DIE)
    ask(window, QUESTION)
    answered(qtbot, window)
    message = messages(room)[-1]
    assert message.text == "Ten days"
    assert "stopped" in message.notice
    server.kill()
    ask(window, QUESTION)
    answered(qtbot, window, 2)
    # Without a server the passages answer.
    assert messages(room)[-1].citations
    server.answer = ("Ten days ", "carry over [1].")
    server.start()
    ask(window, QUESTION)
    answered(qtbot, window, 3)
    assert messages(room)[-1].text == "Ten days carry over [1]."
    assert messages(room)[-1].notice == ""


def test_children_killed_while_they_work_cost_nothing(
    qtbot: QtBot, window: MainWindow, room: Runtime, tmp_path: Path
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(40):
        (many / f"{number}.txt").write_text(f"Clause {number} speaks of leave and notice.\n\n" * 30)
    drop(window, many, QPoint(100, 400))
    for _ in range(3):
        qtbot.waitUntil(lambda: bool(psutil.Process().children()), timeout=LONG_MS)
        for child in psutil.Process().children():
            os.kill(child.pid, signal.SIGKILL)
    qtbot.waitUntil(
        lambda: [d.state for d in documents(room).values()] == [DocumentState.READY] * 40, timeout=100_000
    )
    checks = {check.check: check for check in room.doctor.run()}
    assert checks["catalog against index"].ok, checks["catalog against index"].detail


def test_a_window_that_is_opened_again_does_not_stay_beside_the_new_one(
    qapp: QApplication, room: Runtime
) -> None:
    def windows() -> list[MainWindow]:
        return [widget for widget in qapp.topLevelWidgets() if isinstance(widget, MainWindow)]

    def open_again() -> None:
        (window,) = windows()
        window.open_again()

    for _ in range(2):
        QTimer.singleShot(0, open_again)
        code, again = app._run(qapp, room, argparse.Namespace(paths=[], log_stalls=None))
        assert (code, again) == (0, True)
        assert not windows()
    # The last window that closed asks for the end of the application, which no later event loop of ours is to meet.
    QCoreApplication.removePostedEvents(qapp, QEvent.Type.Quit.value)


def shown_text(window: MainWindow) -> str:
    answers = window.chat.conversation.answers
    return answers[-1].view.source if answers else ""


def messages(room: Runtime) -> list[Message]:
    workspace = room.services.workspaces.list()[0]
    return list(room.services.workspaces.messages(room.services.workspaces.threads(workspace.id)[0].id))
