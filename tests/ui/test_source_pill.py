"""A source's card says how it stands in words, and offers what can be done with it."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from readingroom.core.ids import SourceId, WorkspaceId
from readingroom.core.models import Source, SourceProgress, SourceState
from readingroom.ui.models.wording import ago_words, size_words, time_left_words
from readingroom.ui.widgets.source_pill import SourceCard

SOURCE = Source(
    SourceId(1), WorkspaceId(1), Path("/home/mira/Contracts"), True, True, SourceState.WATCHING, 0.0
)
BUSY = SourceProgress(SourceId(1), "embedding", 1942, 1204, 92, 3, "a.pdf", 41.0, 180.0)
IDLE = SourceProgress(SourceId(1), "idle", 211, 211, 0, 0)


@pytest.fixture
def card(qtbot: QtBot) -> SourceCard:
    card = SourceCard()
    qtbot.addWidget(card)
    card.set_source(SOURCE)
    card.show()
    return card


def test_work_under_way_is_a_pill_with_count_and_time_left(card: SourceCard) -> None:
    card.set_progress(BUSY)
    assert card.pill.isVisible()
    assert card.summary == "1,204 of 1,942 · 3 min left"
    assert "Working out meaning: a.pdf" in card.toolTip()
    assert "41 passages a second" in card.toolTip()


def test_a_source_at_rest_says_how_many_documents_it_has(card: SourceCard) -> None:
    card.set_progress(IDLE)
    assert not card.pill.isVisible()
    assert card.summary == "211 documents"
    assert card.troubles == ""
    card.set_progress(replace(IDLE, failed=3, locked=2, skipped=1200, no_text=4))
    assert card.summary == "211 documents"
    assert card.troubles.replace("\xa0", " ") == "3 failed · 2 locked · 1,200 skipped · 4 no text"
    assert "211 documents, 3 failed, 2 locked" in card.accessibleName().replace("\xa0", " ")
    card.set_progress(replace(BUSY, skipped=1))
    assert card.troubles.replace("\xa0", " ") == "3 failed · 1 skipped", "said while reading goes on, too"


def test_an_unplugged_drive_is_said_to_stay_searchable(card: SourceCard) -> None:
    card.set_progress(BUSY)
    card.set_source(replace(SOURCE, state=SourceState.OFFLINE))
    assert card.summary == "1,942 documents, still searchable"
    card.set_progress(replace(BUSY, offline=1_900))
    assert card.summary == "1,900 of 1,942 documents still searchable"
    assert "offline" in card.accessibleName()


@pytest.mark.parametrize(
    ("state", "offered"),
    [(SourceState.WATCHING, "Pause"), (SourceState.PAUSED, "Resume")],
)
def test_the_menu_offers_pause_or_resume(card: SourceCard, state: SourceState, offered: str) -> None:
    card.set_source(replace(SOURCE, state=state))
    menu = card.menu()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Check now", offered, "Rules…", "Reveal in file manager", "Remove from this workspace"]


def test_the_menu_emits_requests_with_the_source(qtbot: QtBot, card: SourceCard) -> None:
    for text, signal in (
        ("Check now", card.check_requested),
        ("Pause", card.pause_requested),
        ("Remove from this workspace", card.remove_requested),
    ):
        action = next(action for action in card.menu().actions() if action.text() == text)
        with qtbot.waitSignal(signal) as asked:
            action.trigger()
        assert asked.args == [SOURCE]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_menu_opens_by_keyboard(qtbot: QtBot, card: SourceCard) -> None:
    qtbot.keyClick(card, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(menu.isVisible() for menu in card.findChildren(QMenu)))
    for menu in card.findChildren(QMenu):
        menu.close()


def test_times_and_sizes_are_no_more_exact_than_they_are_known() -> None:
    assert [time_left_words(s) for s in (2, 42, 58, 180, 7800, 90_000)] == [
        "a few seconds left",
        "40 s left",
        "1 min left",
        "3 min left",
        "2 h 10 min left",
        "25 h left",
    ]
    assert [size_words(n) for n in (0, 999, 1500, 1_440_000, 22_000_000, 999_600_000, 3_000_000_000)] == [
        "0 B",
        "999 B",
        "2 KB",
        "1.4 MB",
        "22 MB",
        "1.0 GB",
        "3.0 GB",
    ]


def test_a_source_says_why_it_is_polled_and_when_it_was_looked_through(card: SourceCard) -> None:
    reason = "A network folder does not tell of changes."
    card.set_source(
        replace(SOURCE, state=SourceState.POLLING, reason=reason, last_checked_at=time.time() - 185)
    )
    assert card.reason == f"{reason} Checked 3 min ago"
    assert reason in card.toolTip()
    assert card.accessibleDescription() == reason


def test_what_is_left_out_is_one_press_away(qtbot: QtBot, card: SourceCard) -> None:
    assert not card.left_out.isVisible()
    source = replace(SOURCE, left_out=1203)
    card.set_source(source)
    assert card.left_out.text() == "1,203 left out"
    with qtbot.waitSignal(card.left_out_requested) as asked:
        card.left_out.setFocus()
        qtbot.keyClick(card.left_out, Qt.Key.Key_Return)
    assert asked.args == [source]


@pytest.mark.parametrize("answer", ["removed", "kept"])
def test_files_gone_at_once_are_asked_about_on_the_card(qtbot: QtBot, card: SourceCard, answer: str) -> None:
    asking = replace(SOURCE, state=SourceState.ASKING, vanished=412)
    card.set_progress(replace(IDLE, total=500))
    assert not card.vanished.isVisible()
    card.set_source(asking)
    assert (
        card.vanished.text == "412 of 500 files are gone all at once. They stay searchable until you decide."
    )
    assert "Contracts" in card.vanished.accessibleName()
    button, signal = {
        "removed": (card.vanished.removed, card.removal_confirmed),
        "kept": (card.vanished.kept, card.keeping_wanted),
    }[answer]
    with qtbot.waitSignal(signal) as asked:
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Space)
    assert asked.args == [asking]
    card.set_source(SOURCE)
    assert not card.vanished.isVisible()


def test_how_long_ago_is_no_more_exact_than_it_matters() -> None:
    now = 1_760_000_000.0
    assert [ago_words(now - s, now) for s in (-5, 20, 60, 185, 3500, 3600, 11 * 3600)] == [
        "just now",
        "just now",
        "1 min ago",
        "3 min ago",
        "58 min ago",
        "1 h ago",
        "11 h ago",
    ]
    assert ago_words(now - 3 * 86_400, now) == "6 Oct"
