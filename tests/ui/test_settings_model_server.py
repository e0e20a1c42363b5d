"""Settings, Models: the server is chosen, started, and said where questions go; Ollama's models are kept."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from readingroom.core.errors import LanguageModelFailed
from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.core.model_server import ServedModel, ServerKind, ServerSetup
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.model_rows import ModelRow, PullRow
from readingroom.ui.dialogs.settings_models import ModelsPage
from readingroom.ui.tasks import TaskRunner
from ui.fake_services import LAW, READY, FakeModelServer, World, fake_services, full_world

REMOTE = "https://api.example.org/v1"


@pytest.fixture
def world() -> World:
    world = full_world()
    facts = tuple(model for model in world.served if model.chats)
    world.status = replace(READY, facts=facts)
    return world


@pytest.fixture
def services(world: World) -> Services:
    return fake_services(world)


@pytest.fixture
def server(services: Services, world: World) -> FakeModelServer:
    assert isinstance(services.model_server, FakeModelServer)
    return services.model_server


@pytest.fixture
def page(qtbot: QtBot, services: Services, server: FakeModelServer) -> Iterator[ModelsPage]:
    runner = TaskRunner()
    shown = ModelsPage(services, runner, LAW)
    qtbot.addWidget(shown)
    shown.resize(640, 1200)
    shown.show()
    shown.shown()
    qtbot.waitUntil(lambda: shown.server.model.count() == 3)
    yield shown
    server.keeper.gate.set()
    shown.stop()
    runner.close()
    server.close()


def press(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.waitUntil(button.isVisible)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose_compatible(qtbot: QtBot, page: ModelsPage) -> None:
    press(qtbot, page.server.kinds.button(1))
    qtbot.waitUntil(page.server.key.isVisible)


# -- the server


def test_models_are_listed_with_their_sizes(page: ModelsPage) -> None:
    box = page.server.model
    assert [box.itemText(place) for place in range(1, 3)] == ["qwen3:8b · 5.2 GB", "gemma3:4b · 3.3 GB"]


def test_an_address_that_the_environment_names_is_shown_as_the_one_used(
    qtbot: QtBot, page: ModelsPage, server: FakeModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page.server.address.placeholderText() == "http://127.0.0.1:11434"
    setup = ServerSetup(ServerKind.OLLAMA, named_outside="http://192.168.1.5:999")
    monkeypatch.setattr(server, "setup", lambda _kind: setup)
    page.shown()
    qtbot.waitUntil(lambda: page.server.address.placeholderText() == "http://192.168.1.5:999")


def test_another_kind_of_server_is_used_at_once_and_where_questions_go_is_said(
    qtbot: QtBot, page: ModelsPage, server: FakeModelServer, services: Services
) -> None:
    assert not page.server.key.isVisible()
    assert not page.server.leaves.isVisible()
    choose_compatible(qtbot, page)
    assert services.preferences.settings.server_kind is ServerKind.OPENAI
    assert page.server.key.echoMode() is QLineEdit.EchoMode.Password
    page.server.address.setText(REMOTE)
    qtbot.keyClicks(page.server.key, "sk-1")
    qtbot.keyClick(page.server.key, Qt.Key.Key_Return)
    qtbot.waitUntil(page.server.leaves.isVisible)
    assert "go to api.example.org" in page.server.leaves.text()
    assert "no keyring" in page.server.notice.text()
    assert server.setup(ServerKind.OPENAI) == ServerSetup(ServerKind.OPENAI, REMOTE, "sk-1", 8192)
    qtbot.waitUntil(lambda: not page.ollama.isVisible())


def test_a_key_is_not_carried_over_to_another_address(
    qtbot: QtBot, page: ModelsPage, server: FakeModelServer
) -> None:
    choose_compatible(qtbot, page)
    page.server.address.setText(REMOTE)
    page.server.key.setText("sk-1")
    qtbot.keyClick(page.server.key, Qt.Key.Key_Return)
    qtbot.waitUntil(page.server.leaves.isVisible)
    qtbot.keyClicks(page.server.address, "/more")
    assert page.server.key.text() == "sk-1", "the same server"
    page.server.address.selectAll()
    qtbot.keyClicks(page.server.address, "https://e")
    assert page.server.key.text() == ""
    page.server.address.selectAll()
    qtbot.keyClicks(page.server.address, REMOTE)
    qtbot.keyClick(page.server.address, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.server.key.text() == "sk-1")
    assert server.key_for(REMOTE) == "sk-1", "an empty field for a server typed anew forgets no key"
    page.server.key.clear()
    qtbot.keyClick(page.server.key, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: server.key_for(REMOTE) == "")


def test_a_context_that_the_server_tells_is_not_asked_for(
    qtbot: QtBot, page: ModelsPage, world: World
) -> None:
    world.status = replace(READY, models=("a",), facts=(ServedModel("a", context_limit=16_384),))
    choose_compatible(qtbot, page)
    qtbot.waitUntil(lambda: not page.server.context.isVisible())
    world.status = replace(READY, models=("a",), facts=(ServedModel("a"),))
    press(qtbot, page.server.check)
    qtbot.waitUntil(page.server.context.isVisible)


def silent(world: World) -> LanguageModelStatus:
    return LanguageModelStatus(
        LanguageModelCondition.NOT_RUNNING, READY.address, detail="No model server answers.", hint="Start it."
    )


def test_ollama_is_started_by_a_click_and_only_by_that(
    qtbot: QtBot, page: ModelsPage, server: FakeModelServer, world: World
) -> None:
    assert not page.server.start.isVisible()
    world.status = silent(world)
    page.server.ask()
    qtbot.waitUntil(page.server.start.isVisible)
    assert server.keeper.started == 0
    server.keeper.gate.clear()
    press(qtbot, page.server.start)
    qtbot.waitUntil(page.server.give_up.isVisible)
    assert page.server.state.title.text() == "Ollama is being started."
    world.status = READY
    server.keeper.gate.set()
    qtbot.waitUntil(lambda: page.server.state.title.text() == "Ready to answer.")
    assert server.keeper.started == 1
    assert not page.server.give_up.isVisible()


def test_waiting_for_ollama_can_be_given_up_and_a_failure_is_said(
    qtbot: QtBot, page: ModelsPage, server: FakeModelServer, world: World
) -> None:
    world.status = silent(world)
    page.server.ask()
    qtbot.waitUntil(page.server.start.isVisible)
    server.keeper.gate.clear()
    press(qtbot, page.server.start)
    press(qtbot, page.server.give_up)
    qtbot.waitUntil(page.server.start.isVisible)
    server.keeper.fault = LanguageModelFailed("Ollama ended at once (exit code 3).", hint="See why.")
    press(qtbot, page.server.start)
    qtbot.waitUntil(lambda: "exit code 3" in page.server.failure.text())
    assert page.server.start.isVisible()


def test_where_it_is_not_installed_it_can_be_got_but_not_started(
    qtbot: QtBot, page: ModelsPage, world: World
) -> None:
    world.status = LanguageModelStatus(
        LanguageModelCondition.NOT_INSTALLED, READY.address, detail="Not installed."
    )
    page.server.ask()
    qtbot.waitUntil(page.server.get.isVisible)
    assert not page.server.start.isVisible()
    qtbot.waitUntil(lambda: not page.ollama.isVisible())


# -- Ollama's models


def row(qtbot: QtBot, page: ModelsPage, name: str) -> ModelRow:
    qtbot.waitUntil(lambda: any(row.model.name == name for row in page.ollama.rows()))
    return next(row for row in page.ollama.rows() if row.model.name == name)


def test_what_is_there_is_shown_with_what_it_takes(qtbot: QtBot, page: ModelsPage) -> None:
    qwen = row(qtbot, page, "qwen3:8b")
    assert qwen.text.text() == "5.2 GB · 8.2B parameters · Q4_K_M · 40,960 tokens of context"
    assert "writes no answers" in row(qtbot, page, "nomic-embed-text:latest").text.text()
    assert page.ollama.total.text() == "3 models, 8.8 GB on its disk"
    assert "12 GB of memory free" in page.ollama.memory.text()


def test_memory_is_given_back(qtbot: QtBot, page: ModelsPage, server: FakeModelServer) -> None:
    press(qtbot, row(qtbot, page, "qwen3:8b").unload)
    qtbot.waitUntil(lambda: not any(model.loaded_bytes for model in server.keeper.served))
    qtbot.waitUntil(lambda: not row(qtbot, page, "qwen3:8b").unload.isVisible())


def test_deleting_says_first_what_it_costs(qtbot: QtBot, page: ModelsPage, server: FakeModelServer) -> None:
    gemma = row(qtbot, page, "gemma3:4b")
    assert not gemma.confirm.isVisible()
    press(qtbot, gemma.delete)
    assert gemma.confirm.text() == "Delete 3.3 GB"
    press(qtbot, gemma.keep)
    assert len(server.keeper.served) == 3
    press(qtbot, gemma.delete)
    press(qtbot, gemma.confirm)
    qtbot.waitUntil(
        lambda: [r.model.name for r in page.ollama.rows()] == ["qwen3:8b", "nomic-embed-text:latest"]
    )


def pull_row(qtbot: QtBot, page: ModelsPage) -> PullRow:
    qtbot.waitUntil(lambda: len(page.ollama.pull_rows()) == 1)
    return page.ollama.pull_rows()[0]


def hold(server: FakeModelServer) -> None:
    server.keeper.gate_after_first = server.keeper.gate.clear  # type: ignore[method-assign]


def test_a_model_is_fetched_by_its_name_stopped_and_resumed(
    qtbot: QtBot, page: ModelsPage, server: FakeModelServer
) -> None:
    hold(server)
    qtbot.keyClicks(page.ollama.name, "ollama pull phi4:14b")
    qtbot.keyClick(page.ollama.name, Qt.Key.Key_Return)
    coming = pull_row(qtbot, page)
    qtbot.waitUntil(lambda: coming.bar.value() == 250)
    assert coming.text.text().startswith("1.0 GB of 4.0 GB")
    press(qtbot, coming.stop)
    qtbot.waitUntil(coming.resume.isVisible)
    assert "goes on from there" in coming.text.text()
    server.keeper.gate_after_first = lambda: None  # type: ignore[method-assign]
    press(qtbot, coming.resume)
    row(qtbot, page, "phi4:14b")
    qtbot.waitUntil(lambda: not page.ollama.pull_rows())


def test_a_pull_goes_on_when_the_settings_are_closed_and_is_shown_again(
    qtbot: QtBot, page: ModelsPage, services: Services, server: FakeModelServer
) -> None:
    hold(server)
    qtbot.waitUntil(lambda: bool(page.ollama.suggestion_rows()))
    suggestion = page.ollama.suggestion_rows()[0]
    press(qtbot, suggestion.fetch)
    pull_row(qtbot, page)
    page.stop()
    page.close()
    runner = TaskRunner()
    again = ModelsPage(services, runner, LAW)
    qtbot.addWidget(again)
    again.show()
    again.shown()
    coming = pull_row(qtbot, again)
    assert coming.name == suggestion.name
    qtbot.waitUntil(lambda: coming.bar.value() == 250)
    server.keeper.gate.set()
    row(qtbot, again, suggestion.name)
    again.stop()
    runner.close()


def test_a_failed_pull_says_why_and_can_be_dismissed(
    qtbot: QtBot, page: ModelsPage, server: FakeModelServer
) -> None:
    server.keeper.fault = LanguageModelFailed("There is no room on the disk.", hint="Make room.")
    page.ollama.name.setText("phi4:14b")
    press(qtbot, page.ollama.fetch)
    coming = pull_row(qtbot, page)
    qtbot.waitUntil(coming.failure.isVisible)
    assert coming.failure.text() == "There is no room on the disk. Make room."
    server.keeper.fault = None
    press(qtbot, coming.dismiss)
    qtbot.waitUntil(lambda: not page.ollama.pull_rows())


def test_a_name_that_is_none_is_said_beside_the_field(qtbot: QtBot, page: ModelsPage) -> None:
    qtbot.waitUntil(page.ollama.name.isVisible)
    qtbot.keyClicks(page.ollama.name, "two words")
    qtbot.keyClick(page.ollama.name, Qt.Key.Key_Return)
    assert "not the name of a model" in page.ollama.failure.text()
