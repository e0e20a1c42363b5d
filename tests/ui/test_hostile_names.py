"""Names of files, folders, workspaces and threads, and reasons, are shown as they are, never as markup."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from readingroom.core.ids import SourceId, WorkspaceId
from readingroom.core.models import Source, SourceProgress, SourceState
from readingroom.core.tallies import TalliedDocument
from readingroom.ui.main_window import MainWindow
from readingroom.ui.models.hit_rows import HitModel
from readingroom.ui.panes.viewer_tabs import DocumentTabs
from readingroom.ui.theme import apply_theme
from readingroom.ui.widgets.plain_text import plain_tip
from readingroom.ui.widgets.source_pill import SourceCard
from ui.fake_services import HANDBOOK, LAW, fake_services, full_world

NAME = "<img src=x>.txt"


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    apply_theme(qapp, "light")
    world = full_world()
    world.workspaces[LAW] = replace(world.workspaces[LAW], name=NAME)
    for number, source in world.sources.items():
        world.sources[number] = replace(source, path=Path(f"{NAME}/Contracts"))
    shown = MainWindow(fake_services(world), QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(shown)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shown.close()


def draws_a_picture(tip: str) -> bool:
    return GuiQt.mightBeRichText(tip) and "<img" in tip


def test_no_label_of_the_window_guesses_whether_its_text_is_markup(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.chat.conversation.shown == 2)
    qtbot.waitUntil(lambda: len(window.sidebar.findChildren(SourceCard)) == 3)
    window.documents.open_document(HANDBOOK)
    qtbot.waitUntil(lambda: window.documents.viewer() is not None)
    guessing = [
        (label.objectName(), label.text())
        for label in window.findChildren(QLabel)
        if label.textFormat() != Qt.TextFormat.PlainText
    ]
    assert guessing == []


def test_no_tool_tip_of_the_window_holds_a_tag_from_a_name(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: len(window.sidebar.findChildren(SourceCard)) == 3)
    tips = [widget.toolTip() for widget in window.findChildren(QWidget)]
    assert any("&lt;img src=x&gt;" in tip for tip in tips)
    assert not any(draws_a_picture(tip) for tip in tips)


def test_no_tip_of_a_row_holds_a_tag_from_a_name(window: MainWindow) -> None:
    hits = HitModel([TalliedDocument(HANDBOOK, Path(f"/home/mira/{NAME}"), spans=((0, 5),))])
    tree = window.sidebar.tree
    rows = [hits.index(0), *(tree.index(row, 0) for row in range(tree.rowCount()))]
    tips = [str(row.data(Qt.ItemDataRole.ToolTipRole)) for row in rows]
    assert all(
        "img src=x" in tip for tip in (tips[0], tree.workspace_index(LAW).data(Qt.ItemDataRole.ToolTipRole))
    )
    assert not any(draws_a_picture(tip) for tip in tips)


def test_a_file_being_read_is_named_as_it_is_in_the_tip_of_its_folder(qtbot: QtBot) -> None:
    card = SourceCard()
    qtbot.addWidget(card)
    card.set_source(
        Source(
            SourceId(1), WorkspaceId(1), Path("/home/mira/Contracts"), True, True, SourceState.WATCHING, 0.0
        )
    )
    card.set_progress(SourceProgress(SourceId(1), "reading", 9, 1, 0, 0, NAME))
    assert f"Reading: {NAME}" in card.toolTip()
    assert not draws_a_picture(card.toolTip())


def test_the_tip_of_a_tab_shows_the_path_as_it_is(qtbot: QtBot) -> None:
    tabs = DocumentTabs()
    qtbot.addWidget(tabs)
    tabs.add(NAME, f"/home/mira/{NAME}", closable=True)
    assert tabs.tabToolTip(0) == "<qt>/home/mira/&lt;img src=x&gt;.txt</qt>"


def test_a_tip_without_markup_stays_plain_text() -> None:
    assert plain_tip("R&D\n5 < 6") == "R&D\n5 < 6"
    assert not GuiQt.mightBeRichText("R&D\n5 < 6")
