"""Answers about all documents in the conversation: their hits, their progress, and going on after a stop."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import Message, Searched
from readingroom.core.tallies import TalliedDocument
from readingroom.services.bundle import Services
from readingroom.ui.models.hit_rows import DocumentHit, MoreHits, PlaceHit
from readingroom.ui.panes.chat import ChatPane
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.hit_list import HitList
from readingroom.ui.widgets.stage_progress import StageProgress
from ui.fake_services import (
    CARRY_OVER,
    HANDBOOK,
    LAW,
    FakeChat,
    FakeFirstMinutes,
    FakeTallies,
    World,
    fake_services,
    full_world,
    no_model_status,
)


@pytest.fixture
def world() -> World:
    return full_world()


@pytest.fixture
def services(world: World) -> Services:
    return fake_services(world)


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


@pytest.fixture
def pane(qtbot: QtBot, services: Services, runner: TaskRunner) -> ChatPane:
    shown = ChatPane(services, runner)
    qtbot.addWidget(shown)
    shown.resize(600, 700)
    shown.show()
    return shown


def documents(count: int, places: int) -> list[TalliedDocument]:
    spans = tuple((n * 100, n * 100 + 12) for n in range(places))
    return [TalliedDocument(HANDBOOK, Path(f"/law/report {n:05}.pdf"), spans=spans) for n in range(count)]


def last_answer(world: World, kind: str, *, notice: str = "") -> Message:
    """Make the last answer of the thread one about all documents."""
    answer = world.messages[CARRY_OVER][-1]
    made = replace(
        answer, text="**12 of 340 documents** hold it.", citations=(), passages=(), notice=notice,
        model="qwen3:8b" if kind == "summary" else None,
        searched=Searched(340, 12_304, 12, whole=kind),
    )  # fmt: skip
    world.messages[CARRY_OVER][-1] = made
    return made


def open_hits(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services, found: list[TalliedDocument]
) -> HitList:
    assert isinstance(services.tallies, FakeTallies)
    services.tallies.found[last_answer(world, "tally").id] = found
    pane.show_thread(world.workspaces[LAW], world.threads[CARRY_OVER])
    qtbot.waitUntil(lambda: pane.findChild(HitList) is not None)
    hits = pane.findChild(HitList)
    assert isinstance(hits, HitList)
    return hits


def test_places_of_a_document_unfold_and_open(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    hits = open_hits(qtbot, pane, world, services, documents(5, 3))
    view = hits.view
    view.setCurrentIndex(hits.model.index(0))
    QTest.keyClick(view, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: isinstance(hits.model.rows[1], PlaceHit))
    with qtbot.waitSignal(pane.place_opened) as opened:
        view.setCurrentIndex(hits.model.index(2))
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened.args is not None
    assert (opened.args[0].page, opened.args[0].start) == (2, 100)
    assert len(opened.args[1]) == 3
    view.setCurrentIndex(hits.model.index(0))
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert all(isinstance(row, DocumentHit) for row in hits.model.rows)


def test_the_first_document_is_marked_when_the_list_is_reached_by_tab(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    hits = open_hits(qtbot, pane, world, services, documents(5, 3))
    pane.activateWindow()
    hits.view.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(hits.view.hasFocus)
    assert [index.row() for index in hits.view.selectedIndexes()] == [0]


def test_documents_of_one_name_are_told_apart_by_their_folders(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    paths = ("/law/2024/lease.pdf", "/law/2025/lease.pdf", "/law/deposit.pdf")
    found = [TalliedDocument(HANDBOOK, Path(path), spans=((0, 5),)) for path in paths]
    hits = open_hits(qtbot, pane, world, services, found)
    # The first unfolds by itself: its place may stand below it already.
    rows = [at for at, row in enumerate(hits.model.rows) if isinstance(row, DocumentHit)]
    said = [str(hits.model.index(row).data()) for row in rows]
    assert [words.partition(",")[0] for words in said] == [
        "lease.pdf in 2024",
        "lease.pdf in 2025",
        "deposit.pdf",
    ]


def test_many_places_come_in_portions(qtbot: QtBot, pane: ChatPane, world: World, services: Services) -> None:
    hits = open_hits(qtbot, pane, world, services, documents(1, 45))
    qtbot.waitUntil(lambda: len(hits.model.rows) == 22)  # the only document unfolds by itself
    more = hits.model.rows[-1]
    assert isinstance(more, MoreHits)
    assert more.text == "Show 20 more of 25"
    hits.view.clicked.emit(hits.model.index(21))
    qtbot.waitUntil(lambda: sum(isinstance(row, PlaceHit) for row in hits.model.rows) == 40)


def test_twenty_thousand_documents_show_the_first_and_all_on_request(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    hits = open_hits(qtbot, pane, world, services, documents(20_000, 1))
    assert len(hits.model.rows) == 12
    assert hits.all_button.text() == "Show all 20,000 documents"
    hits.all_button.click()
    assert len(hits.model.rows) == 20_000
    assert hits.height() < 700


def test_a_stopped_summary_offers_to_go_on_and_shows_how_far_it_is(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    message = last_answer(world, "summary", notice="Stopped after 3 of 12 sections; what was read is kept.")
    assert isinstance(services.chat, FakeChat)
    gate = threading.Event()
    services.chat.hold = lambda step, token: None if step == 0 else _wait(gate, token)
    pane.show_thread(world.workspaces[LAW], world.threads[CARRY_OVER])
    qtbot.waitUntil(lambda: _shown(pane, "Continue"))
    pane.resume_last()
    qtbot.waitUntil(lambda: pane.writing)
    answer = pane.conversation.answers[-1]
    bar = answer.findChild(StageProgress)
    assert isinstance(bar, StageProgress)
    qtbot.waitUntil(bar.isVisible)
    gate.set()
    qtbot.waitUntil(lambda: not pane.writing)
    assert ("resume", message.id) in world.calls
    assert answer.view.source == "All of it in short."
    assert not bar.isVisible()


def test_the_focus_stays_on_the_controls_of_a_summary_that_goes_on_and_is_stopped(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    last_answer(world, "summary", notice="Stopped after 3 of 12 sections; what was read is kept.")
    assert isinstance(services.chat, FakeChat)
    gate = threading.Event()
    services.chat.hold = lambda step, token: None if step == 0 else _wait(gate, token)
    pane.activateWindow()
    pane.show_thread(world.workspaces[LAW], world.threads[CARRY_OVER])
    qtbot.waitUntil(lambda: _shown(pane, "Continue"))
    resume = pane.conversation.answers[-1].actions_row.resume
    resume.setFocus()
    qtbot.waitUntil(resume.hasFocus)
    QTest.keyClick(resume, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: pane.writing)
    stop = pane.conversation.answers[-1].actions_row.stop
    qtbot.waitUntil(stop.hasFocus)
    QTest.keyClick(stop, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not pane.writing)
    assert pane.conversation.answers[-1].actions_row.resume.hasFocus()


def test_a_click_on_a_suggested_question_asks_it(qtbot: QtBot, pane: ChatPane, world: World) -> None:
    pane.show_thread(world.workspaces[LAW], None)
    view = pane.beginning.view
    qtbot.waitUntil(lambda: len(view.questions) == 2)
    with qtbot.waitSignal(pane.thread_started):
        QTest.mouseClick(view.questions[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not pane.writing)
    assert any(call[0] == "ask" and "Annual leave" in str(call[2]) for call in world.calls)


def test_what_is_missing_is_said_with_the_step_to_take(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    assert isinstance(services.first_minutes, FakeFirstMinutes)
    services.first_minutes.followed = False
    pane.show_thread(world.workspaces[LAW], None)
    view = pane.beginning.view
    qtbot.waitUntil(lambda: bool(view.questions))
    assert _shown(pane, "Add a folder")
    assert not _shown(pane, "Set up a model")
    pane.show_model_status(no_model_status())
    assert _shown(pane, "Set up a model")


def _wait(gate: threading.Event, token: CancelToken) -> None:
    token.when_cancelled(gate.set)
    gate.wait()


def _shown(pane: ChatPane, text: str) -> bool:
    return any(button.isVisible() and button.text() == text for button in pane.findChildren(QPushButton))
