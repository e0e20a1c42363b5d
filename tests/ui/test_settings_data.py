"""Settings, Data: copies of the catalog are listed, made and put back; the notice stays until it is dismissed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from readingroom.core.copies import CatalogCopy, CopyKind, Restoration
from readingroom.core.errors import DiskFull
from readingroom.services.backups import BackupService
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.settings_data import DataPage
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.notice_bar import NoticeBar
from ui.fake_services import FakeCopies, World, fake_services, full_world

MADE_AT = datetime(2026, 3, 8, 7, 5, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    world = full_world()
    world.copies = [
        CatalogCopy(Path("/backups/a"), CopyKind.DAILY, MADE_AT, 1_400_000),
        CatalogCopy(Path("/backups/b"), CopyKind.REPLACED, MADE_AT, 900_000),
    ]
    return world


@pytest.fixture
def services(world: World) -> Services:
    return fake_services(world)


@pytest.fixture
def page(qtbot: QtBot, services: Services, tmp_path: Path) -> DataPage:
    runner = TaskRunner()
    shown = DataPage(services, runner, tmp_path)

    def end(_: object) -> None:
        shown.stop()
        runner.close()

    qtbot.addWidget(shown, before_close_func=end)
    shown.show()
    shown.shown()
    qtbot.waitUntil(lambda: len(shown.card.rows()) == 2)
    return shown


def press(qtbot: QtBot, page: DataPage, name: str) -> None:
    """A button of the first copy, once it is there."""

    def found() -> list[QPushButton]:
        buttons = page.card.rows()[0].findChildren(QPushButton)
        return [b for b in buttons if b.accessibleName() == name and b.isVisible()]

    qtbot.waitUntil(lambda: len(found()) == 1)
    qtbot.mouseClick(found()[0], Qt.MouseButton.LeftButton)


def test_each_copy_says_when_it_was_made_why_and_its_size(page: DataPage) -> None:
    first, second = page.card.rows()
    assert (first.title.text(), first.text.text()) == ("8 March 2026, 07:05", "Daily copy · 1.4 MB")
    assert second.text.text() == "What was there before a restore · 900 KB"


def test_a_restore_says_its_cost_first_and_can_be_called_off(
    qtbot: QtBot, page: DataPage, world: World
) -> None:
    press(qtbot, page, "Restore the copy of 8 March 2026, 07:05")
    assert any("goes" in label.text() for label in page.card.rows()[0].findChildren(type(page.failure)))
    press(qtbot, page, "Cancel: copy of 8 March 2026, 07:05")
    assert not any(call[0] == "restore" for call in world.calls)


def test_a_restore_asks_for_a_restart_once_it_is_noted(qtbot: QtBot, page: DataPage, world: World) -> None:
    press(qtbot, page, "Restore the copy of 8 March 2026, 07:05")
    with qtbot.waitSignal(page.restart_requested):
        press(qtbot, page, "Restore: copy of 8 March 2026, 07:05")
    assert ("restore", Path("/backups/a")) in world.calls


def test_a_copy_made_now_joins_the_list(qtbot: QtBot, page: DataPage) -> None:
    qtbot.mouseClick(page.back_up, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(page.card.rows()) == 3)
    assert page.newest.title.text() == "Newest daily copy of 9 March 2026, 08:30"


def test_a_full_disk_is_said_where_the_copy_was_asked_for(
    qtbot: QtBot, page: DataPage, services: Services
) -> None:
    copies = services.backups._copies
    assert isinstance(copies, FakeCopies)
    copies.failure = DiskFull("There is no room.", hint="Make some.")
    qtbot.mouseClick(page.back_up, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.failure.isVisible)
    assert page.failure.text() == "There is no room. Make some."
    assert page.back_up.isEnabled()


def test_the_notice_of_a_restore_stays_until_it_is_dismissed_for_good(qtbot: QtBot, world: World) -> None:
    forgotten = []
    backups = BackupService(
        FakeCopies(world),
        is_worth_it=lambda: True,
        restoration=Restoration(MADE_AT, Path("/backups/damaged"), asked=False),
        forget_restoration=lambda: forgotten.append(True),
    )
    bar = NoticeBar(backups)
    qtbot.addWidget(bar, before_close_func=lambda _: bar.stop())
    bar.show()
    assert "8 March 2026, 07:05" in bar.text
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert forgotten == [True]
