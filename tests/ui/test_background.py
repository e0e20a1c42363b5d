"""Pausing, the tray and notifications, as a person meets them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from readingroom.core.errors import DiskFull
from readingroom.core.ids import SourceId
from readingroom.services.bundle import Services
from readingroom.services.long_jobs import Notice, Standing
from readingroom.ui.job_notices import JobNotices, state_words
from readingroom.ui.main_window import MainWindow
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import apply_theme
from readingroom.ui.tray import Tray, notify_arguments
from ui.fake_services import LAW, World, fake_services, full_world


@pytest.fixture
def world() -> World:
    return full_world()


@pytest.fixture
def services(world: World) -> Services:
    return fake_services(world)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, services: Services, tmp_path: Path) -> Iterator[MainWindow]:
    apply_theme(qapp, "light")
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    shown = MainWindow(services, settings)
    qtbot.addWidget(shown)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shown.background.quit()


@pytest.fixture
def tray(window: MainWindow) -> Tray:
    """Offscreen there is none: the window is given one that nobody sees."""
    made = Tray(QIcon(), window)
    window.background.use_tray(made)
    return made


def said(window: MainWindow) -> str:
    return window.status_line._work.text()


def choose(tray: Tray, text: str) -> None:
    next(action for action in tray.menu.actions() if action.text() == text).trigger()


def test_pause_in_the_status_line_is_said_there_and_resumed_there(
    qtbot: QtBot, window: MainWindow, services: Services
) -> None:
    button = window.status_line._pause
    qtbot.waitUntil(button.isVisible)
    assert button.accessibleName() == "Pause indexing"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: said(window) == "Indexing is paused · 738 documents wait")
    assert services.preferences.settings.indexing_paused
    assert button.text() == "Resume"
    QTest.keyClick(button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: said(window).startswith("Indexing 1 of 3 folders"))
    assert not services.preferences.settings.indexing_paused


def test_the_shortcut_pauses_and_resumes(qtbot: QtBot, window: MainWindow, services: Services) -> None:
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_P, keys)
    qtbot.waitUntil(lambda: services.pausing.current.resting)
    QTest.keyClick(window, Qt.Key.Key_P, keys)
    qtbot.waitUntil(lambda: not services.pausing.current.resting)


def test_without_work_there_is_nothing_to_pause(qtbot: QtBot, window: MainWindow, world: World) -> None:
    qtbot.waitUntil(window.status_line._pause.isVisible)
    world.progress[SourceId(1)] = replace(world.progress[SourceId(1)], phase="idle", done=1942)
    window.library.load_sources()
    qtbot.waitUntil(lambda: not window.status_line._pause.isVisible())


def test_the_tray_pauses_resumes_and_says_what_goes_on(
    qtbot: QtBot, window: MainWindow, tray: Tray, services: Services
) -> None:
    qtbot.waitUntil(lambda: "738 documents to go · 3 min left" in tray.icon.toolTip())
    choose(tray, "Pause indexing")
    qtbot.waitUntil(lambda: "Indexing is paused" in tray.icon.toolTip())
    assert services.pausing.current.resting
    choose(tray, "Resume indexing")
    qtbot.waitUntil(lambda: "to go" in tray.icon.toolTip())


def test_closing_the_window_ends_it_unless_it_should_stay_in_the_tray(
    qtbot: QtBot, window: MainWindow, tray: Tray, services: Services
) -> None:
    closed: list[bool] = []
    window.closed.connect(lambda: closed.append(True))
    services.preferences.update(keep_in_tray=True)
    window.close()
    assert not window.isVisible()
    assert not closed
    choose(tray, "Open Reading Room")
    assert window.isVisible()
    choose(tray, "Quit")
    assert closed == [True]


def test_quitting_from_the_tray_ends_a_hidden_window(
    window: MainWindow, tray: Tray, services: Services
) -> None:
    closed: list[bool] = []
    window.closed.connect(lambda: closed.append(True))
    services.preferences.update(keep_in_tray=True)
    window.close()
    choose(tray, "Quit")
    assert closed == [True]


def test_without_a_tray_the_window_closes_whatever_is_set(window: MainWindow, services: Services) -> None:
    closed: list[bool] = []
    window.closed.connect(lambda: closed.append(True))
    services.preferences.update(keep_in_tray=True)
    window.close()
    assert closed == [True]


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


def test_a_full_disk_is_told_on_the_desktop_once(
    qtbot: QtBot, services: Services, world: World, runner: TaskRunner
) -> None:
    notices: list[Notice] = []
    following = JobNotices(services, runner, lambda: False)
    following.noticed.connect(notices.append)
    world.problem = DiskFull("Indexing waits: 3 MB are free.", hint="Free 256 MB or more.")
    for _ in range(2):
        with qtbot.waitSignal(following.state_told):
            following.look()
    assert notices == [Notice("Indexing waits", "Indexing waits: 3 MB are free. Free 256 MB or more.")]


def test_the_end_of_a_long_job_is_told_unless_that_is_turned_off(
    qtbot: QtBot, services: Services, world: World, runner: TaskRunner
) -> None:
    notices: list[Notice] = []
    now = [0.0]
    following = JobNotices(services, runner, lambda: False, clock=lambda: now[0])
    following.noticed.connect(notices.append)
    working = world.progress[SourceId(1)]
    for wanted in (True, False):
        services.preferences.update(notify=wanted)
        for progress in (working, replace(working, done=working.total, phase="idle")):
            world.progress[SourceId(1)] = progress
            now[0] += 100
            with qtbot.waitSignal(following.state_told):
                following.look()
    assert [notice.title for notice in notices] == ["Indexing is done"]
    assert notices[0].text == "738 documents were worked through."


def test_a_look_follows_what_moves(qtbot: QtBot, window: MainWindow, services: Services, tray: Tray) -> None:
    with qtbot.waitSignal(window.background.notices.state_told):
        services.ingest.progressed.publish(LAW)


def test_a_folders_name_is_neither_option_nor_markup_of_the_notification() -> None:
    arguments = notify_arguments(Notice("--help: 3 documents are gone", "<b>a</b> & b\nc"))
    assert arguments[arguments.index("--") + 1 :] == [
        "--help: 3 documents are gone",
        "&lt;b&gt;a&lt;/b&gt; &amp; b\N{REPLACEMENT CHARACTER}c",
    ]


@pytest.mark.parametrize(
    ("standing", "paused", "words"),
    [
        (Standing(), "", "Up to date"),
        (Standing(waiting=1), "", "Indexing, 1 document to go"),
        (
            Standing(waiting=2_000, seconds_left=7_800.0),
            "",
            "Indexing, 2,000 documents to go · 2 h 10 min left",
        ),
        (Standing(waiting=2, problem="The disk is full."), "", "Indexing waits"),
        (Standing(waiting=2), "Indexing is paused", "Indexing is paused"),
    ],
)
def test_what_the_tray_says(standing: Standing, paused: str, words: str) -> None:
    assert state_words(standing, paused) == words
