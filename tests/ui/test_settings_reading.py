"""Settings of reading: limits hold at once, languages of scans are toggled, ignored kinds are taken back."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from readingroom.services.bundle import Services
from readingroom.ui.dialogs.settings_dialog import SettingsDialog
from readingroom.ui.dialogs.settings_reading import ReadingPage
from readingroom.ui.tasks import TaskRunner
from ui.fake_services import LAW, NoKeyring, fake_services, world_of


@pytest.fixture
def services() -> Services:
    return fake_services()


@pytest.fixture
def dialog(qtbot: QtBot, services: Services) -> Iterator[SettingsDialog]:
    runner = TaskRunner()
    dialog = SettingsDialog(services, runner, workspace_id=LAW)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show_section("Reading")
    dialog.show()
    qtbot.waitExposed(dialog)
    yield dialog
    runner.close()


@pytest.fixture
def page(dialog: SettingsDialog) -> ReadingPage:
    return dialog.reading


def test_a_limit_is_typed_and_kept(qtbot: QtBot, page: ReadingPage, services: Services) -> None:
    box = page.boxes["max_pages"]
    assert box.value() == 20_000
    box.selectAll()
    qtbot.keyClicks(box, "1500")
    qtbot.waitUntil(lambda: services.preferences.settings.max_pages == 1500)
    assert services.preferences.settings.max_file_mb == 512, "nothing else is touched"


def test_a_limit_typed_just_before_closing_is_kept(
    qtbot: QtBot, dialog: SettingsDialog, page: ReadingPage, services: Services
) -> None:
    page._typed.setInterval(60_000)
    box = page.boxes["file_timeout_s"]
    box.selectAll()
    qtbot.keyClicks(box, "45")
    dialog.close()
    qtbot.waitUntil(lambda: services.preferences.settings.file_timeout_s == 45)


def test_no_limit_can_be_senseless(qtbot: QtBot, page: ReadingPage, services: Services) -> None:
    box = page.boxes["file_memory_mb"]
    box.setValue(1)
    qtbot.waitUntil(lambda: services.preferences.settings.file_memory_mb == 512)


def test_the_wheel_scrolls_the_page_and_changes_no_number(page: ReadingPage) -> None:
    box = page.boxes["max_file_mb"]
    page.setFocus()
    middle = QPointF(box.rect().center())
    wheel = QWheelEvent(
        middle, box.mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, wheel)
    assert box.value() == 512
    assert not wheel.isAccepted()


def test_what_reaching_a_limit_means_is_said(page: ReadingPage) -> None:
    said = " ".join(label.text() for label in page.findChildren(type(page._no_kinds)))
    assert "what was read until then is kept and searchable, and the document says so" in said


def test_recognition_is_turned_off_and_on(qtbot: QtBot, page: ReadingPage, services: Services) -> None:
    assert page.recognise.isChecked()
    qtbot.keyClick(page.recognise, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not services.preferences.settings.recognise)
    qtbot.keyClick(page.recognise, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: services.preferences.settings.recognise)


def test_languages_of_scans_are_taken_in_and_left_out(
    qtbot: QtBot, page: ReadingPage, services: Services
) -> None:
    def pick(words: str) -> None:
        page.languages.activated.emit(page.languages.findText(words, Qt.MatchFlag.MatchEndsWith))

    assert page.languages.currentText() == "Each page decides"
    pick("Russian")
    qtbot.waitUntil(lambda: page.languages.currentText() == "Russian")
    pick("Greek")
    qtbot.waitUntil(lambda: services.preferences.settings.recognition_languages == "ru el")
    qtbot.waitUntil(lambda: page.languages.currentText() == "Russian, Greek")
    pick("✓  Russian")
    qtbot.waitUntil(lambda: services.preferences.settings.recognition_languages == "el")
    qtbot.waitUntil(lambda: page.languages.currentText() == "Greek")
    pick("Each page decides")
    qtbot.waitUntil(lambda: services.preferences.settings.recognition_languages == "")


def test_ignored_kinds_are_listed_and_taken_back(qtbot: QtBot, page: ReadingPage, services: Services) -> None:
    assert page._no_kinds.isVisible()
    services.ignoring.ignore(LAW, {".zip", ".log"})
    page.shown()
    assert [row.title.text() for row in page.kinds.rows()] == [".log files", ".zip files"]
    button = page.kinds.rows()[1].findChild(QPushButton)
    assert button is not None
    assert button.accessibleName() == "Read .zip files again"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("take_back", LAW, frozenset({".zip"})) in world_of(services).calls)
    qtbot.waitUntil(lambda: services.ignoring.kinds(LAW) == (".log",))
    qtbot.waitUntil(lambda: [row.title.text() for row in page.kinds.rows()] == [".log files"])


def test_remembered_passwords_can_be_forgotten_and_are_offered_only_where_there_are_some(
    qtbot: QtBot, page: ReadingPage, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not page.forget.isVisible()
    services.preferences.update(passwords_in_keyring=True)
    services.passwords.unlock([], "open sesame")
    page.shown()
    assert page.forget.isVisible()
    qtbot.mouseClick(page.forget, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.failure.isVisible)
    assert page.forget.isVisible(), "they are still there"
    monkeypatch.setattr(NoKeyring, "save", lambda _self, _name, _secret: None)
    qtbot.mouseClick(page.forget, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.forget.isVisible())
    assert services.passwords.known() == ()
