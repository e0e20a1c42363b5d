"""Files dragged over the window: the overlay says what a drop will do, and a drop does that."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from readingroom.ui.widgets.drop_overlay import DropOverlay, DroppedPaths

COPY = Qt.DropAction.CopyAction
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1000, 700)
    window.show()
    return window


@pytest.fixture
def overlay(window: QWidget) -> DropOverlay:
    overlay = DropOverlay(window)
    overlay.install()
    return overlay


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.pdf").write_bytes(b"")
    (tmp_path / "b.pdf").write_bytes(b"")
    return tmp_path


def files(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def enter(window: QWidget, data: QMimeData) -> bool:
    event = QDragEnterEvent(QPoint(500, 350), COPY | Qt.DropAction.MoveAction, data, LEFT, NONE)
    event.ignore()
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def drop(target: QWidget, data: QMimeData, place: QPoint) -> QDropEvent:
    QApplication.sendEvent(target, QDragMoveEvent(place, COPY, data, LEFT, NONE))
    event = QDropEvent(QPointF(place), COPY | Qt.DropAction.MoveAction, data, LEFT, NONE)
    QApplication.sendEvent(target, event)
    return event


@pytest.mark.parametrize(("zone", "watch"), [(0, True), (1, False)])
def test_a_folder_has_two_zones(
    qtbot: QtBot, window: QWidget, overlay: DropOverlay, folder: Path, zone: int, *, watch: bool
) -> None:
    data = files(folder / "folder")
    assert enter(window, data)
    assert overlay.isVisible()
    assert overlay.titles == ("Watch this folder", "Add once")
    place = overlay.zone_rect(zone).center()
    QApplication.sendEvent(overlay, QDragMoveEvent(place, COPY, data, LEFT, NONE))
    assert overlay.highlighted == zone
    with qtbot.waitSignal(overlay.dropped) as dropped:
        event = drop(overlay, data, place)
    assert dropped.args == [DroppedPaths((folder / "folder",), watch)]
    assert event.dropAction() == COPY, "files are never moved away"
    assert not overlay.isVisible()


def test_files_alone_have_one_zone(qtbot: QtBot, window: QWidget, overlay: DropOverlay, folder: Path) -> None:
    data = files(folder / "a.pdf", folder / "b.pdf")
    assert enter(window, data)
    assert overlay.titles == ("Add 2 files",)
    with qtbot.waitSignal(overlay.dropped) as dropped:
        drop(overlay, data, QPoint(2, 2))
    [got] = dropped.args
    assert got.paths == (folder / "a.pdf", folder / "b.pdf")


def test_a_drop_on_the_window_itself_counts(
    qtbot: QtBot, window: QWidget, overlay: DropOverlay, folder: Path
) -> None:
    """The system may deliver to the window that the drag began over."""
    data = files(folder / "folder", folder / "a.pdf")
    enter(window, data)
    assert overlay.titles[0] == "Watch 1 folder and 1 file"
    with qtbot.waitSignal(overlay.dropped) as dropped:
        drop(window, data, QPoint(990, 300))
    assert dropped.args[0].watch is False


def test_addresses_and_words_are_not_taken(window: QWidget, overlay: DropOverlay, folder: Path) -> None:
    web = QMimeData()
    web.setUrls([QUrl("http://example.org/a.pdf")])
    words = QMimeData()
    words.setText("file:///etc/passwd")
    for data in (web, words, files(folder / "not there")):
        assert not enter(window, data)
        assert not overlay.isVisible()


def test_leaving_takes_the_overlay_away(
    qtbot: QtBot, window: QWidget, overlay: DropOverlay, folder: Path
) -> None:
    enter(window, files(folder / "folder"))
    QApplication.sendEvent(overlay, QDragLeaveEvent())
    qtbot.waitUntil(lambda: not overlay.isVisible())
    assert overlay.titles == ()


def test_going_from_the_window_to_the_overlay_is_not_leaving(
    qtbot: QtBot, window: QWidget, overlay: DropOverlay, folder: Path
) -> None:
    """Qt tells the window that the drag left it as soon as the overlay lies over it."""
    data = files(folder / "folder")
    enter(window, data)
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert overlay.isVisible()
    assert enter(overlay, data)
    assert not overlay._leaving.isActive()
    with qtbot.waitSignal(overlay.dropped):
        drop(overlay, data, QPoint(10, 10))
