"""Branches of a conversation in the window, over the real services and catalog."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from helpers.room import Room, open_room
from readingroom.core.conversation import AnswerMode
from readingroom.core.errors import LanguageModelFailed
from readingroom.core.models import Workspace
from readingroom.services import read_pump
from readingroom.services.bundle import Services
from readingroom.services.documents import DocumentService
from readingroom.ui.panes.chat import ChatPane
from readingroom.ui.tasks import TaskRunner
from ui.fake_services import READY, World, fake_services

QUESTION = "Unused leave carries over?"


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr(read_pump, "is_settled", lambda *_: True)
    opened = open_room(tmp_path / "data")
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "leave.txt").write_text("Unused leave carries over.\n\nIt lapses in March.")
    (docs / "rent.txt").write_text("The rent is due on the first.")
    workspace = opened.workspaces.create("Law")
    opened.sources.add(workspace.id, [docs])
    opened.ingest.start()
    opened.settle()
    opened.language_model.pieces = ["First [1]."]
    yield opened
    opened.close()


@pytest.fixture
def workspace(room: Room) -> Workspace:
    return room.workspaces.get("Law")


@pytest.fixture
def pane(qtbot: QtBot, room: Room, workspace: Workspace) -> Iterator[ChatPane]:
    services: Services = replace(
        fake_services(World()),
        workspaces=room.workspaces,
        chat=room.chat,
        threads=room.threads,
        documents=DocumentService(room.catalog, cast("object", None)),  # type: ignore[arg-type]
        sources=room.sources,
    )
    runner = TaskRunner()
    shown = ChatPane(services, runner)
    qtbot.addWidget(shown)
    shown.resize(600, 700)
    shown.show()
    shown.show_model_status(READY)
    shown.show_thread(workspace, room.workspaces.create_thread(workspace.id))
    yield shown
    runner.close()


def texts(pane: ChatPane) -> list[str]:
    """Questions and answers shown, by turns."""
    conversation = pane.conversation
    found = [(q.y(), q.text) for q in conversation.questions]
    found += [(a.y(), a.kept.text) for a in conversation.answers if a.kept is not None]
    return [text for _, text in sorted(found)]


def settle(qtbot: QtBot, pane: ChatPane) -> None:
    qtbot.waitUntil(lambda: bool(pane.conversation.answers) and not pane.writing)


def ask(qtbot: QtBot, pane: ChatPane, question: str) -> None:
    pane.ask(question, AnswerMode.DOCUMENTS)
    qtbot.waitUntil(lambda: pane.writing)
    settle(qtbot, pane)


def test_ask_again_shows_the_new_answer_and_the_arrows_lead_back(
    qtbot: QtBot, pane: ChatPane, room: Room
) -> None:
    ask(qtbot, pane, QUESTION)
    room.language_model.pieces = ["Second [1]."]
    pane.ask_last_again()
    settle(qtbot, pane)
    stepper = pane.conversation.answers[-1].actions_row.stepper
    assert texts(pane) == [QUESTION, "Second [1]."]
    assert stepper.count.text() == "2 / 2"
    QTest.mouseClick(stepper.before, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: texts(pane) == [QUESTION, "First [1]."])
    after = pane.conversation.answers[-1].actions_row.stepper.after
    qtbot.waitUntil(after.hasFocus)
    QTest.keyClick(after, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: texts(pane) == [QUESTION, "Second [1]."])


def test_an_edited_question_keeps_the_former_one_with_what_followed(
    qtbot: QtBot, pane: ChatPane, room: Room
) -> None:
    ask(qtbot, pane, QUESTION)
    ask(qtbot, pane, "And when does leave lapse?")
    before = texts(pane)
    QTest.mouseClick(pane.conversation.questions[0].edit_button, Qt.MouseButton.LeftButton)
    assert pane.composer.edit.toPlainText() == QUESTION
    room.language_model.pieces = ["Anew [1]."]
    QTest.keyClicks(pane.composer.edit, "Unused leave carries over.")
    QTest.keyClick(pane.composer.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: texts(pane) == ["Unused leave carries over.", "Anew [1]."])
    assert not pane.editing
    pane.conversation.step(-1)
    qtbot.waitUntil(lambda: texts(pane) == before)


def test_up_in_the_empty_box_edits_and_removing_the_pill_brings_the_draft_back(
    qtbot: QtBot, pane: ChatPane
) -> None:
    ask(qtbot, pane, QUESTION)
    QTest.keyClick(pane.composer.edit, Qt.Key.Key_Up)
    assert pane.editing
    pane.cancel_edit()
    QTest.keyClicks(pane.composer.edit, "And then")
    pane.edit_last_question()
    (pill,) = pane.composer.pills.buttons
    QTest.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert not pane.editing
    assert pane.composer.edit.toPlainText() == "And then"


def test_an_answer_is_asked_for_of_another_model(qtbot: QtBot, pane: ChatPane) -> None:
    ask(qtbot, pane, QUESTION)
    actions = pane.conversation.answers[-1].actions_row
    menu = actions.model_menu()
    assert [action.text() for action in menu.actions()] == [f"Ask again with {name}" for name in READY.models]
    actions.again_requested.emit("m2")
    settle(qtbot, pane)
    assert pane.conversation.answers[-1].kept is not None
    assert pane.conversation.answers[-1].kept.model == "m2"


def test_a_stopped_answer_can_be_continued(qtbot: QtBot, pane: ChatPane, room: Room) -> None:
    room.language_model.pieces = ["Unused leave "]
    room.language_model.fault = LanguageModelFailed("The server ended.")
    ask(qtbot, pane, QUESTION)
    resume = pane.conversation.answers[-1].actions_row.resume
    assert resume.isVisible()
    room.language_model.pieces, room.language_model.fault = ["leave carries over [1]."], None
    QTest.mouseClick(resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: texts(pane) == [QUESTION, "Unused leave carries over [1]."])
    settle(qtbot, pane)
    assert not pane.conversation.answers[-1].actions_row.resume.isVisible()


def test_an_answer_is_copied_with_its_sources(qtbot: QtBot, pane: ChatPane) -> None:
    ask(qtbot, pane, QUESTION)
    QTest.mouseClick(pane.conversation.answers[-1].actions_row.copy_cited, Qt.MouseButton.LeftButton)
    assert "Sources:\n\n- [1] leave" in QGuiApplication.clipboard().text()


def test_a_name_after_the_sign_limits_the_question_to_the_document(
    qtbot: QtBot, pane: ChatPane, room: Room, workspace: Workspace
) -> None:
    edit = pane.composer.edit
    edit.setFocus()
    QTest.keyClicks(edit, "@re")
    qtbot.waitUntil(lambda: [e.text for e in pane.mentions.list.entries] == ["rent.txt"])
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert edit.toPlainText() == ""
    assert [pill.accessibleName() for pill in pane.composer.pills.buttons] == ["Only in rent.txt; remove"]
    room.language_model.pieces = ["Rent [1]."]
    pane.ask("When is it due?", AnswerMode.OPEN)
    qtbot.waitUntil(lambda: pane.writing)
    settle(qtbot, pane)
    kept = pane.conversation.answers[-1].kept
    assert kept is not None
    assert {passage.path.name for passage in kept.passages} <= {"rent.txt"}


def test_escape_leaves_what_is_typed_and_arrows_choose_among_the_names(qtbot: QtBot, pane: ChatPane) -> None:
    edit = pane.composer.edit
    edit.setFocus()
    QTest.keyClicks(edit, "What of @")
    names = ["docs", "leave.txt", "rent.txt"]
    qtbot.waitUntil(lambda: [e.text for e in pane.mentions.list.entries] == names)
    QTest.keyClick(edit, Qt.Key.Key_Up)
    assert pane.mentions.list.selected is not None
    assert pane.mentions.list.selected.text == "rent.txt"
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert pane.mentions.list.isHidden()
    assert edit.toPlainText() == "What of @"
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    QTest.keyClicks(edit, "@le")
    qtbot.waitUntil(lambda: [e.text for e in pane.mentions.list.entries] == ["leave.txt"])
    QTest.keyClick(edit, Qt.Key.Key_Tab)
    assert edit.toPlainText() == "What of leave.txt "
    assert len(pane.scope.items) == 1
