"""Settings, Server: a server is tried, kept, and the shown workspace moved there and back."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from readingroom.core.errors import VectorStoreUnavailable
from readingroom.core.remote import Server
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.settings_server import ServerPage
from readingroom.ui.tasks import TaskRunner
from ui.fake_services import FakeServer, fake_services, full_world

ADDRESS = "https://qdrant.example.org:6333"


@pytest.fixture
def services() -> Services:
    return fake_services(full_world())


@pytest.fixture
def server(services: Services) -> FakeServer:
    assert isinstance(services.server, FakeServer)
    services.server.saved = Server(ADDRESS, "secret")
    return services.server


@pytest.fixture
def page(qtbot: QtBot, services: Services, server: FakeServer) -> Iterator[ServerPage]:
    runner = TaskRunner()
    shown = ServerPage(services, runner, services.workspaces.list()[0].id)
    qtbot.addWidget(shown)
    shown.show()
    shown.shown()
    qtbot.waitUntil(lambda: shown.address.text() == ADDRESS and "passages" in shown.place.text.text())
    yield shown
    server.gate.set()
    runner.close()


def press(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_key_is_not_shown_on_the_screen(page: ServerPage) -> None:
    assert page.key.text() == "secret"
    assert page.key.echoMode() is QLineEdit.EchoMode.Password


def test_a_test_says_what_was_found(qtbot: QtBot, page: ServerPage) -> None:
    press(qtbot, page.test)
    qtbot.waitUntil(lambda: "lets you in" in page.result.text())
    assert page.test.isEnabled()


def test_a_test_says_what_is_wrong_and_what_to_do(qtbot: QtBot, page: ServerPage, server: FakeServer) -> None:
    server.fault = VectorStoreUnavailable("Nothing answers at x.", hint="Check the address.")
    press(qtbot, page.test)
    qtbot.waitUntil(page.failure.isVisible)
    assert page.failure.text() == "Nothing answers at x. Check the address."
    assert page.result.text() == ""
    assert page.test.isEnabled()


def test_what_was_entered_is_saved_with_a_word_about_a_missing_keyring(
    qtbot: QtBot, page: ServerPage, server: FakeServer
) -> None:
    server.notice = "This system offers no keyring."
    page.address.setText("http://nas:6333")
    page.key.setText(" other ")
    page.authority.setText("/etc/own.pem")
    press(qtbot, page.save)
    qtbot.waitUntil(lambda: page.result.text() == "Saved. This system offers no keyring.")
    assert server.saved == Server("http://nas:6333", "other", "/etc/own.pem")


def test_a_workspace_moves_to_the_server_with_its_progress_and_back(
    qtbot: QtBot, page: ServerPage, server: FakeServer
) -> None:
    server.gate.clear()
    press(qtbot, page.move_button)
    qtbot.waitUntil(lambda: page.place.text.text() == "Moving · 500 of 2,000 passages")
    assert not page.move_button.isEnabled()
    server.gate.set()
    qtbot.waitUntil(lambda: page.move_button.text() == "Move to this computer")
    qtbot.waitUntil(page.move_button.isEnabled)
    assert "on the server" in page.place.text.text()
    press(qtbot, page.move_button)
    qtbot.waitUntil(lambda: page.move_button.text() == "Move to the server")
    assert server.on_server == set()


def test_a_move_can_be_stopped(qtbot: QtBot, page: ServerPage, server: FakeServer) -> None:
    server.gate.clear()
    press(qtbot, page.move_button)
    qtbot.waitUntil(page.stop_button.isVisible)
    qtbot.waitUntil(lambda: page.place.text.text().startswith("Moving"))
    press(qtbot, page.stop_button)
    qtbot.waitUntil(lambda: page.place.text.text().startswith("Stopped"))
    qtbot.waitUntil(page.move_button.isEnabled)
    assert server.on_server == set()


def test_without_a_server_nothing_can_be_moved_there(qtbot: QtBot, page: ServerPage) -> None:
    assert page.move_button.isEnabled()
    page.address.clear()
    assert not page.move_button.isEnabled()
