"""A workspace is exported, imported and its folders located from the window, with nothing in the way meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from readingroom.core.errors import PortableFileDamaged
from readingroom.core.models import SourceState
from readingroom.ui.main_window import MainWindow
from readingroom.ui.widgets.link_button import LinkButton
from ui.fake_services import FakePortability, World, fake_services, full_world


@pytest.fixture
def world() -> World:
    world = full_world()
    for source in world.sources.values():
        world.sources[source.id] = replace(source, state=SourceState.OFFLINE)
    return world


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, world: World) -> Iterator[MainWindow]:
    window = MainWindow(
        fake_services(world), QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    )
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.workspace is not None and bool(links(window)))
    yield window
    portability(window).gate.set()
    window.close()


def portability(window: MainWindow) -> FakePortability:
    found = window._services.portability
    assert isinstance(found, FakePortability)
    return found


def links(window: MainWindow, words: str = "Locate folder…") -> list[LinkButton]:
    return [one for one in window.findChildren(LinkButton) if one.text() == words and one.isVisible()]


def test_an_export_says_how_far_it_is_and_what_came_of_it(
    window: MainWindow, world: World, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "Law"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    portability(window).gate.clear()
    window.actions_table.trigger("workspace.export")
    qtbot.waitUntil(lambda: "25 %" in window.status_line._transfer.text())
    assert not window.actions_table.enabled("workspace.import"), "one at a time"
    portability(window).gate.set()
    qtbot.waitUntil(lambda: window.toast.text.startswith("Exported 1,204 documents to Law.readingroom"))
    qtbot.waitUntil(lambda: not window.status_line._transfer.isVisible())
    assert ("export", window._workspace_id, tmp_path / "Law.readingroom") in world.calls


def test_stop_gives_it_up(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "Law"), ""))
    portability(window).gate.clear()
    window.actions_table.trigger("workspace.export")
    qtbot.waitUntil(lambda: bool(links(window, "Stop")))
    qtbot.mouseClick(links(window, "Stop")[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.toast.text == "Stopped. Nothing of it was kept.")
    qtbot.waitUntil(lambda: window.portability.can_export())


def test_a_dropped_workspace_is_imported_and_shown(
    window: MainWindow, world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "Carried.readingroom"
    path.write_bytes(b"")
    window.handle_dropped([path])
    qtbot.waitUntil(lambda: window.workspace is not None and window.workspace.name == "Carried")
    assert ("import", path) in world.calls
    assert not any(call[0] == "add" for call in world.calls), "it is no document"
    assert "locate its folders" in window.toast.text


def test_a_damaged_file_is_said_in_its_own_words(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    portability(window).fault = PortableFileDamaged("This file is cut short.")
    window.portability.import_file(tmp_path / "x.readingroom")
    qtbot.waitUntil(lambda: window.toast.text.startswith("This file is cut short. Export it again"))


def test_an_offline_folder_is_located_from_its_card(
    window: MainWindow, world: World, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = next(s for s in world.sources.values() if s.workspace_id == window._workspace_id)
    there = tmp_path / source.path.name
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(there))
    before = len(links(window))
    qtbot.mouseClick(links(window)[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(links(window)) == before - 1)
    assert ("relink", source.id, there, False) in world.calls


def test_another_folder_is_linked_only_when_the_person_says_so(
    window: MainWindow, world: World, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "music"))
    qtbot.mouseClick(links(window)[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.toast.text.startswith("Of 12 files, 0 are in"))
    assert window.toast.button.text() == "Link anyway"
    assert not window.can_undo(), "Ctrl+Z takes back, it links nothing"
    qtbot.mouseClick(window.toast.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(call[0] == "relink" and call[3] for call in world.calls))
