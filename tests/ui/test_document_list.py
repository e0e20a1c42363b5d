"""The list of documents: what it says of each, filters that count, and what can be done with what is selected."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from readingroom.core.ids import DocumentId
from readingroom.core.models import Document, DocumentState
from readingroom.core.recognition import RecognitionStatus
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.password_dialog import PasswordDialog
from readingroom.ui.models.document_rows import SortBy, StateFilter
from readingroom.ui.models.document_table import COLUMNS
from readingroom.ui.panes.document_list import DocumentList
from readingroom.ui.tasks import TaskRunner
from ui.fake_services import HANDBOOK, LAW, THESIS, World, fake_services, full_world, world_of

LETTER, ATTACHED = DocumentId(901), DocumentId(902)


@pytest.fixture
def world() -> World:
    world = full_world()
    letter = replace(
        world.documents[HANDBOOK],
        id=LETTER,
        path=Path("/home/mira/Mail/letter.eml"),
        format="eml",
        pages=None,
        pages_without_text=0,
        revision=901,
    )
    world.documents[LETTER] = letter
    world.documents[ATTACHED] = replace(
        letter,
        id=ATTACHED,
        path=letter.path / "Report.pdf",
        format="",
        state=DocumentState.ENCRYPTED,
        reason="The PDF file needs a password.",
        container_id=LETTER,
        locator="part-2",
        revision=902,
    )
    return world


@pytest.fixture
def services(world: World) -> Services:
    services = fake_services(world)
    services.passwords.entered.subscribe(services.ingest.retry)
    return services


@pytest.fixture
def shown(qtbot: QtBot, services: Services) -> Iterator[DocumentList]:
    runner = TaskRunner()
    shown = DocumentList(services, runner)
    qtbot.addWidget(shown)
    shown.resize(470, 740)
    shown.show()
    qtbot.waitExposed(shown)
    shown.show_workspace(LAW)
    qtbot.waitUntil(lambda: shown.model.total == 467)
    yield shown
    shown.stop()
    runner.close()


def in_state(world: World, state: DocumentState) -> Document:
    return next(d for d in world.documents.values() if d.state is state and d.container_id is None)


def select(shown: DocumentList, *documents: Document) -> None:
    shown.table.forget_selection()
    model = shown.table.selectionModel()
    for document in documents:
        row = shown.model.row_of(document.id)
        assert row is not None
        index = shown.model.index(row, 0)
        shown.table.setCurrentIndex(index) if document is documents[0] else None
        model.select(index, model.SelectionFlag.Select | model.SelectionFlag.Rows)


def details_text(shown: DocumentList) -> str:
    details = shown.details
    labels = (
        details._name,
        details._state,
        details._where,
        details.reason,
        details._figures,
        details._history,
    )
    return "\n".join(label.text() for label in labels if label.isVisible())


def place(state: StateFilter) -> int:
    return list(StateFilter).index(state)


def test_a_double_click_low_in_the_list_opens_the_document(qtbot: QtBot, shown: DocumentList) -> None:
    """The details used to appear under the mouse between its two clicks."""
    opened: list[object] = []
    shown.open_requested.connect(opened.append)
    table = shown.table
    place = table.viewport().rect().center()
    place.setY(table.viewport().height() - 60)
    document = shown.model.document(table.rowAt(place.y()))
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown.details.isHidden()
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == [document.id]
    qtbot.waitUntil(lambda: shown.details.isVisible())


# What it says


def test_the_details_say_all_that_is_known_of_a_document(shown: DocumentList, world: World) -> None:
    select(shown, world.documents[HANDBOOK])
    said = details_text(shown)
    assert "handbook.pdf" in said
    assert "PDF · 48 pages, 3 without text · 937 words · 41 KB" in said
    assert "Changed 15 June 2025" in said
    assert "Indexed 9 Oct 2025" in said
    assert "read in under 0.1 s" in said
    assert "Policies" in said


def test_the_reason_stands_in_full_in_details_and_tool_tip(shown: DocumentList, world: World) -> None:
    failed = in_state(world, DocumentState.FAILED)
    select(shown, failed)
    assert shown.details.reason.text() == failed.reason
    row = shown.model.row_of(failed.id)
    assert row is not None
    assert failed.reason in shown.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_details_follow_a_document_that_changes_and_go_when_it_goes(
    qtbot: QtBot, shown: DocumentList, world: World, services: Services
) -> None:
    waiting = in_state(world, DocumentState.QUEUED)
    select(shown, waiting)
    world.documents[waiting.id] = replace(waiting, state=DocumentState.FAILED, reason="Torn.", revision=9000)
    services.ingest.progressed.publish(LAW)
    qtbot.waitUntil(lambda: shown.details.reason.text() == "Torn.")
    del world.documents[waiting.id]
    services.ingest.progressed.publish(LAW)
    qtbot.waitUntil(lambda: shown.model.row_of(waiting.id) is None)
    assert waiting.path.name not in details_text(shown)


def test_escape_puts_the_details_away(qtbot: QtBot, shown: DocumentList, world: World) -> None:
    select(shown, world.documents[HANDBOOK])
    assert shown.details.isVisible()
    qtbot.keyClick(shown.table, Qt.Key.Key_Escape)
    assert not shown.details.isVisible()
    assert shown.selected() == []


def test_several_documents_are_summed_up(shown: DocumentList, world: World) -> None:
    select(shown, in_state(world, DocumentState.FAILED), in_state(world, DocumentState.QUARANTINED))
    said = details_text(shown)
    assert "2 documents selected" in said
    assert "1 failed · 1 set aside" in said


def test_a_document_inside_another_follows_it_and_says_so(shown: DocumentList, world: World) -> None:
    container, inside = shown.model.row_of(LETTER), shown.model.row_of(ATTACHED)
    assert container is not None
    assert inside == container + 1
    spoken = shown.model.index(inside, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Report.pdf in letter.eml, Locked")
    select(shown, world.documents[ATTACHED])
    assert "in letter.eml · /home/mira/Mail" in details_text(shown)


def test_a_wide_list_has_a_column_for_each_figure(qtbot: QtBot, shown: DocumentList) -> None:
    def seen() -> set[SortBy]:
        return {c for place, c in enumerate(COLUMNS) if not shown.table.isColumnHidden(place)}

    assert seen() == {SortBy.NAME, SortBy.STATE, SortBy.PAGES, SortBy.SIZE}
    shown.resize(1100, 740)
    qtbot.waitUntil(lambda: seen() == set(SortBy))
    shown.resize(330, 740)
    qtbot.waitUntil(lambda: seen() == {SortBy.NAME, SortBy.STATE})


# Filters and sorting


def test_filters_count_and_those_that_would_be_empty_are_absent(shown: DocumentList) -> None:
    buttons = {state: shown.states.button(place(state)) for state in StateFilter}
    assert buttons[StateFilter.FAILED].text() == "Failed 2"
    assert buttons[StateFilter.LOCKED].text() == "Locked 2"
    assert buttons[StateFilter.SKIPPED].text() == "Skipped 1"
    assert buttons[StateFilter.NO_TEXT].text() == "No text 1"
    assert shown.states._counts[place(StateFilter.OFFLINE)] == 212
    assert shown.states._counts[place(StateFilter.ATTENTION)] == 4


def test_a_workspace_without_trouble_shows_no_filters(
    qtbot: QtBot, shown: DocumentList, world: World, services: Services
) -> None:
    for number, document in world.documents.items():
        world.documents[number] = replace(document, state=DocumentState.READY, reason="", revision=9000)
    services.ingest.progressed.publish(LAW)
    qtbot.waitUntil(lambda: not shown.states.isVisible())
    assert shown.table.isVisible()


def test_a_filter_is_reached_and_changed_by_keyboard(qtbot: QtBot, shown: DocumentList) -> None:
    shown.states.button(0).setFocus()
    qtbot.keyClick(shown.states.button(0), Qt.Key.Key_Right)
    assert shown.states.choice == place(StateFilter.FAILED)
    assert {d.state for d in shown.model.shown()} == {DocumentState.FAILED, DocumentState.QUARANTINED}


def test_a_filter_without_room_is_in_the_menu_and_shown_when_chosen(
    qtbot: QtBot, shown: DocumentList
) -> None:
    shown.resize(330, 740)
    qtbot.waitUntil(lambda: shown.states.button(place(StateFilter.OFFLINE)).isHidden())
    shown.states.more.menu().aboutToShow.emit()
    offered = {action.text(): action for action in shown.states.more.menu().actions()}
    offered["Offline 212"].trigger()
    assert shown.model.rowCount() == 212
    assert shown.states.more.text() == "Offline 212"


def test_a_filter_emptied_by_its_last_document_says_so(
    qtbot: QtBot, shown: DocumentList, world: World, services: Services
) -> None:
    shown.states.button(place(StateFilter.SKIPPED)).click()
    assert shown.model.rowCount() == 1
    skipped = in_state(world, DocumentState.UNSUPPORTED)
    world.documents[skipped.id] = replace(skipped, state=DocumentState.READY, revision=9000)
    services.ingest.progressed.publish(LAW)
    qtbot.waitUntil(lambda: shown._empty.isVisible())
    assert "“Skipped”" in shown._empty._sentence.text()
    assert shown.states.button(place(StateFilter.SKIPPED)).isVisible()


def test_the_sort_menu_reaches_columns_that_are_not_shown(shown: DocumentList, world: World) -> None:
    shown.columns.sort_by(SortBy.WORDS)
    words = [document.words for document in shown.model.shown()]
    assert words == sorted(words, reverse=True)
    shown.columns.sort_by(SortBy.WORDS)
    assert [d.words for d in shown.model.shown()] == sorted(words)
    assert "words" in shown.sort_button.accessibleName()


# What can be done


def test_ignoring_a_kind_empties_the_list_of_it_and_can_be_undone(
    qtbot: QtBot, shown: DocumentList, world: World
) -> None:
    page = next(d for d in world.documents.values() if d.path.suffix == ".html")
    before = shown.model.total
    with qtbot.waitSignal(shown.said) as said:
        actions = {action.text(): action for action in shown.menu_for([page]).actions()}
        actions["Ignore all .html files"].trigger()
    sentence, undo = said.args
    assert ".html files are ignored from now on" in sentence
    qtbot.waitUntil(lambda: shown.model.total < before)
    assert all(d.path.suffix != ".html" for d in shown.model.shown())
    undo()
    qtbot.waitUntil(lambda: shown.model.total == before)


def test_a_part_of_a_document_is_no_kind_of_file(shown: DocumentList, world: World) -> None:
    actions = {action.text(): action for action in shown.menu_for([world.documents[ATTACHED]]).actions()}
    assert not actions["Ignore this kind"].isEnabled()


def test_the_details_offer_what_fits_the_state(qtbot: QtBot, shown: DocumentList, world: World) -> None:
    def offered() -> list[str]:
        return [button.text() for button in shown.details.buttons]

    select(shown, in_state(world, DocumentState.FAILED))
    assert offered() == ["Try again", "Reveal in file manager"]
    select(shown, in_state(world, DocumentState.ENCRYPTED))
    assert offered() == ["Enter password…", "Reveal in file manager"]
    select(shown, in_state(world, DocumentState.UNSUPPORTED))
    assert offered()[0].startswith("Ignore all .")
    failed = in_state(world, DocumentState.FAILED)
    select(shown, failed)
    qtbot.mouseClick(shown.details.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("retry", (failed.id,)) in world.calls)
    qtbot.waitUntil(lambda: "Waiting" in details_text(shown))
    assert shown.window().focusWidget() is shown.table, "the button that had the focus is gone"


def test_tab_goes_from_the_list_to_what_can_be_done(qtbot: QtBot, shown: DocumentList, world: World) -> None:
    select(shown, in_state(world, DocumentState.ENCRYPTED))
    shown.table.setFocus()
    qtbot.keyClick(shown.table, Qt.Key.Key_Tab)
    assert shown.window().focusWidget() is shown.details.buttons[0]
    qtbot.keyClick(shown.details.buttons[0], Qt.Key.Key_Tab)
    assert shown.window().focusWidget() is shown.details.buttons[1]


def test_rows_are_gone_through_by_keyboard(qtbot: QtBot, shown: DocumentList, world: World) -> None:
    select(shown, world.documents[HANDBOOK])
    qtbot.keyClick(shown.table, Qt.Key.Key_Home)
    assert shown.selected() == [shown.model.document(0)]
    qtbot.keyClick(shown.table, Qt.Key.Key_End)
    assert shown.selected() == [shown.model.document(shown.model.rowCount() - 1)]
    qtbot.keyClick(shown.table, Qt.Key.Key_Right)
    assert shown.table.currentIndex().column() == 0


def test_paths_are_copied_by_keyboard(qtbot: QtBot, shown: DocumentList, world: World) -> None:
    select(shown, world.documents[LETTER], world.documents[ATTACHED])
    qtbot.keyClick(shown.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied == "/home/mira/Mail/letter.eml\n/home/mira/Mail/letter.eml/Report.pdf"


def test_what_is_offered_for_one_document_says_so(shown: DocumentList) -> None:
    def offers(words: str) -> list[str]:
        shown.filter_box.setText(words)
        shown._filter()
        shown.more_button.menu().aboutToShow.emit()
        return [action.text() for action in shown.more_button.menu().actions() if action.isVisible()]

    assert "Enter a password for the locked one…" in offers("Report.pdf letter.eml")
    shown.states.button(place(StateFilter.FAILED)).click()
    assert "Try all 2 failed again" in offers("")
    assert "Try the failed one again" in offers(shown.model.document(0).path.name)


def test_what_is_shown_is_exported_in_its_order(qtbot: QtBot, shown: DocumentList, tmp_path: Path) -> None:
    shown.states.button(place(StateFilter.FAILED)).click()
    shown.more_button.menu().aboutToShow.emit()
    assert shown.more_button.menu().actions()[0].text() == "Export these 2 as CSV…"
    with qtbot.waitSignal(shown.said) as said:
        shown.actions_for.export_to(shown.model.shown(), tmp_path / "failed")
    assert said.args == ["The list of 2 documents is in failed.csv.", None]
    lines = (tmp_path / "failed.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [str(d.path) for d in shown.model.shown()]


# Passwords


def dialog_of(qtbot: QtBot, shown: DocumentList) -> PasswordDialog:
    qtbot.waitUntil(lambda: bool(shown.window().findChildren(PasswordDialog)))
    (dialog,) = shown.window().findChildren(PasswordDialog)
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def test_a_password_is_asked_for_once_and_the_document_read_again(
    qtbot: QtBot, shown: DocumentList, world: World, services: Services
) -> None:
    locked = in_state(world, DocumentState.ENCRYPTED)
    shown.actions_for.ask_password([locked])
    dialog = dialog_of(qtbot, shown)
    assert locked.path.name in dialog.accessibleName()
    assert dialog.box.echoMode() is dialog.box.EchoMode.Password
    assert not dialog.remember.isChecked()
    assert not dialog.unlock.isEnabled()
    qtbot.keyClicks(dialog.box, "open sesame")
    qtbot.keyClick(dialog.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: ("retry", (locked.id,)) in world.calls)
    assert services.passwords.known() == ("open sesame",)
    qtbot.waitUntil(lambda: not shown.window().findChildren(PasswordDialog))


def test_one_password_may_be_tried_on_every_locked_document(
    qtbot: QtBot, shown: DocumentList, world: World
) -> None:
    locked = in_state(world, DocumentState.ENCRYPTED)
    shown.actions_for.ask_password([locked])
    dialog = dialog_of(qtbot, shown)
    assert dialog.everywhere.text() == "Try it on 1 other locked document as well"
    dialog.everywhere.click()
    qtbot.keyClicks(dialog.box, "x")
    qtbot.mouseClick(dialog.unlock, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("retry", (locked.id, ATTACHED)) in world.calls)


def test_where_there_is_no_keyring_it_is_said_and_the_document_read_all_the_same(
    qtbot: QtBot, shown: DocumentList, world: World
) -> None:
    locked = in_state(world, DocumentState.ENCRYPTED)
    shown.actions_for.ask_password([locked])
    dialog = dialog_of(qtbot, shown)
    qtbot.keyClicks(dialog.box, "x")
    dialog.remember.click()
    qtbot.mouseClick(dialog.unlock, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.failure.isVisible)
    assert "no keyring" in dialog.failure.text()
    assert ("retry", (locked.id,)) in world.calls
    qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not shown.window().findChildren(PasswordDialog))


# Text in pictures


def test_recognition_is_announced_paused_and_resumed(
    qtbot: QtBot, shown: DocumentList, services: Services
) -> None:
    world, strip = world_of(services), shown.recognition.strip
    assert not strip.isVisible()
    world.recognition = RecognitionStatus(13, 41, 0, 120.0, False)
    services.ingest.progressed.publish(LAW)
    qtbot.waitUntil(strip.isVisible)
    assert strip.text == (
        "41 pages in 13 documents have no text. Recognising it takes about 2 minutes, after everything else is read."
    )
    qtbot.keyClick(strip.button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "paused" in strip.text)
    assert strip.button.text() == "Resume"
    qtbot.keyClick(strip.button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: strip.button.text() == "Pause")
    # Documents that are done are no longer counted.
    world.recognition = RecognitionStatus(9, 31, 2, 90.0, False, "Lease.pdf, page 3")
    services.recognise.changed.publish(world.recognition)
    qtbot.waitUntil(lambda: "Lease.pdf, page 3" in strip.text)
    assert "12 of 41 pages · 2 min left" in strip.text
    assert strip.bar.value() == 293
    # Three pages more were added meanwhile.
    world.recognition = RecognitionStatus(9, 34, 2, 90.0, False, "Lease.pdf, page 4")
    services.recognise.changed.publish(world.recognition)
    qtbot.waitUntil(lambda: "12 of 44 pages" in strip.text)
    world.recognition = RecognitionStatus(0, 0, 0, 0.0, False)
    services.recognise.changed.publish(world.recognition)
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_recognition_turned_off_says_nothing(qtbot: QtBot, shown: DocumentList, services: Services) -> None:
    world, strip = world_of(services), shown.recognition.strip
    world.recognition = RecognitionStatus(13, 41, 0, 120.0, False)
    services.recognise.changed.publish(world.recognition)
    qtbot.waitUntil(strip.isVisible)
    services.recognise.set_automatic(automatic=False)
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_another_workspace_is_not_credited_with_the_pages_of_this(
    qtbot: QtBot, shown: DocumentList, services: Services
) -> None:
    world, strip = world_of(services), shown.recognition.strip
    world.recognition = RecognitionStatus(1, 1, 0, 3.0, False, problem="The networks are damaged.")
    services.recognise.changed.publish(world.recognition)
    qtbot.waitUntil(strip.isVisible)
    assert "The networks are damaged." in strip.text
    assert not strip.button.isVisible()
    world.recognition = RecognitionStatus(0, 0, 0, 0.0, False)
    shown.show_workspace(THESIS)
    assert not strip.isVisible()
