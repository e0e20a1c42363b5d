"""Settings, Answers: what a workspace has of its own holds at once, and can be reset and brought back."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from readingroom.core.answering import Answering
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.settings_answers import AnswersPage
from readingroom.ui.tasks import TaskRunner
from ui.fake_services import LAW, World, fake_services, full_world


@pytest.fixture
def world() -> World:
    return full_world()


@pytest.fixture
def services(world: World) -> Services:
    return fake_services(world)


@pytest.fixture
def page(qtbot: QtBot, services: Services) -> Iterator[AnswersPage]:
    runner = TaskRunner()
    shown = AnswersPage(services, runner, LAW)
    qtbot.addWidget(shown)
    shown.resize(640, 700)
    shown.show()
    shown.shown()
    qtbot.waitUntil(lambda: shown.model.count() == 3)
    yield shown
    shown.stop()
    runner.close()


def kept(world: World) -> Answering:
    return world.answering.get(LAW, Answering())


def test_numbers_hold_only_where_they_are_made_the_workspaces_own(
    qtbot: QtBot, page: AnswersPage, world: World
) -> None:
    assert not page.temperature.box.isVisible()
    qtbot.keyClick(page.temperature.own, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: kept(world).temperature == 0.7)
    page.temperature.box.selectAll()
    qtbot.keyClicks(page.temperature.box, "0.25")
    qtbot.keyClick(page.passages.own, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: kept(world) == Answering(temperature=0.25, passages=6))
    qtbot.keyClick(page.temperature.own, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: kept(world) == Answering(passages=6))


def test_a_model_of_its_own_is_chosen_and_given_up(qtbot: QtBot, page: AnswersPage, world: World) -> None:
    qtbot.keyClick(page.model, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: kept(world).model == "qwen3:8b")
    qtbot.keyClick(page.model, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: kept(world).is_default)


def test_instructions_are_kept_as_they_are_typed_and_a_wrong_variable_is_shown(
    qtbot: QtBot, page: AnswersPage, world: World
) -> None:
    qtbot.keyClicks(page.instructions, "Answer on {date} for {workspce}.")
    assert "{workspce} is told as it stands" in page._unknown.text()
    assert page._unknown.isVisible()
    qtbot.waitUntil(lambda: kept(world).instructions == "Answer on {date} for {workspce}.")
    assert page.instructions.textCursor().atEnd(), "the caret stays where one types"


def test_what_is_being_typed_is_kept_when_the_settings_are_closed(
    qtbot: QtBot, page: AnswersPage, world: World
) -> None:
    qtbot.keyClicks(page.instructions, "Be brief.")
    page.stop()
    qtbot.waitUntil(lambda: kept(world).instructions == "Be brief.")


def test_a_reset_can_be_taken_back(qtbot: QtBot, page: AnswersPage, world: World) -> None:
    assert not page.reset.isEnabled()
    qtbot.keyClicks(page.instructions, "Be brief.")
    qtbot.waitUntil(page.reset.isEnabled)
    qtbot.mouseClick(page.reset, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: kept(world).is_default and page.instructions.toPlainText() == "")
    qtbot.mouseClick(page.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: kept(world).instructions == "Be brief.")
    qtbot.waitUntil(lambda: page.instructions.toPlainText() == "Be brief.")
    assert not page.undo.isVisible()


def test_without_a_workspace_nothing_can_be_set(qtbot: QtBot, services: Services) -> None:
    runner = TaskRunner()
    page = AnswersPage(services, runner, None)
    qtbot.addWidget(page)
    page.shown()
    assert not page.card.isEnabled()
    assert not page.reset.isEnabled()
    runner.close()
