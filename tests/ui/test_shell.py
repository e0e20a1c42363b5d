"""The window as a whole: sidebar, removal and undo, the command palette, panes, and what is dropped."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from readingroom.core.answering import Answering
from readingroom.core.conversation import Thread
from readingroom.core.errors import DiskFull
from readingroom.core.ids import SourceId, ThreadId
from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.core.model_server import ServerKind, ServerSetup
from readingroom.core.models import SwitchProgress
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.removed_dialog import RemovedDialog
from readingroom.ui.dialogs.rules_dialog import RulesDialog
from readingroom.ui.dialogs.settings_dialog import SettingsDialog
from readingroom.ui.main_window import MainWindow
from readingroom.ui.models.workspace_tree import TreeRole
from readingroom.ui.theme import apply_theme
from readingroom.ui.widgets.fuzzy import fuzzy_filter
from readingroom.ui.widgets.model_menu import model_menu
from readingroom.ui.widgets.source_pill import SourceCard
from ui.fake_services import (
    CARRY_OVER,
    HANDBOOK,
    HOUSE,
    LAW,
    THESIS,
    World,
    fake_services,
    full_world,
    no_model_status,
    sources_with_troubles,
)


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def world() -> World:
    return full_world()


@pytest.fixture
def services(world: World) -> Services:
    return fake_services(world)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, services: Services, settings: QSettings) -> Iterator[MainWindow]:
    apply_theme(qapp, "light")
    shown = MainWindow(services, settings)
    qtbot.addWidget(shown)
    shown.resize(1280, 800)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shown.close()


def ready(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.chat.conversation.shown == 2)


def names(window: MainWindow) -> list[str]:
    return [workspace.name for workspace in window.sidebar.tree.workspaces]


def retype(qtbot: QtBot, window: MainWindow, name: str) -> None:
    editor = window.sidebar.view.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, name)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def select_workspace(window: MainWindow) -> None:
    window.sidebar.view.setFocus()
    window.sidebar.view.setCurrentIndex(window.sidebar.tree.workspace_index(LAW))


def test_the_window_opens_on_the_first_thread_with_its_folders_and_counts(
    qtbot: QtBot, window: MainWindow
) -> None:
    ready(qtbot, window)
    assert names(window) == ["Employment law", "Thesis sources", "House"]
    assert window.sidebar.selected_thread_id == CARRY_OVER
    qtbot.waitUntil(lambda: len(window.sidebar.findChildren(SourceCard)) == 3)
    texts = {label.text() for label in window.status_line.findChildren(type(window.status_line._work))}
    qtbot.waitUntil(lambda: window.status_line._documents.text() == "465 documents, 3 need attention")
    assert "Nothing leaves this computer" in texts


def test_a_setting_that_is_not_the_appearance_dresses_nothing_anew(
    qtbot: QtBot, window: MainWindow, services: Services
) -> None:
    """Dressing a window with a long thread anew holds the event loop for a second."""
    ready(qtbot, window)
    dressed: list[QEvent] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt calls it so)
            if event.type() == QEvent.Type.StyleChange:
                dressed.append(event)
            return super().eventFilter(watched, event)

    watch = Watch(window)
    window.chat.installEventFilter(watch)
    services.preferences.update(appearance="light")
    window._take_preferences()
    assert not dressed
    services.preferences.update(appearance="dark")
    window._take_preferences()
    assert dressed


def test_choosing_another_thread_shows_it(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    view = window.sidebar.view
    index = window.sidebar.tree.thread_index(ThreadId(2))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    qtbot.waitUntil(lambda: window.chat.current_thread is not None and window.chat.current_thread.id == 2)


def test_f2_renames_a_workspace_in_place(qtbot: QtBot, window: MainWindow, world: World) -> None:
    ready(qtbot, window)
    select_workspace(window)
    QTest.keyClick(window.sidebar.view, Qt.Key.Key_F2)
    retype(qtbot, window, "Labour law")
    qtbot.waitUntil(lambda: names(window)[0] == "Labour law")
    assert world.workspaces[LAW].name == "Labour law"


def test_a_taken_name_is_refused_with_a_sentence(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    select_workspace(window)
    window.rename()
    retype(qtbot, window, "House")
    qtbot.waitUntil(lambda: "already a workspace" in window.toast.text)
    assert names(window)[0] == "Employment law"


def test_a_removed_workspace_comes_back_by_undo(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    select_workspace(window)
    QTest.keyClick(window.sidebar.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(window) == ["Thesis sources", "House"])
    assert window.toast.text == "Removed Employment law."
    QTest.mouseClick(window.toast.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: names(window)[0] == "Employment law")
    assert not window.toast.isVisible()


def test_a_removed_thread_gives_way_to_its_neighbour_and_comes_back(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    window.sidebar.view.setFocus()
    window.remove()
    qtbot.waitUntil(lambda: window.sidebar.tree.thread_index(CARRY_OVER).isValid() is False)
    qtbot.waitUntil(lambda: window.chat.current_thread is not None and window.chat.current_thread.id == 2)
    window.undo()
    qtbot.waitUntil(lambda: window.sidebar.tree.thread_index(CARRY_OVER).isValid())


def test_delete_in_the_question_box_removes_no_workspace(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    ready(qtbot, window)
    window.chat.focus_question()
    QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Delete)
    assert world.removed == set()


def test_a_new_workspace_is_named_at_once(qtbot: QtBot, window: MainWindow, world: World) -> None:
    ready(qtbot, window)
    window.new_workspace()
    qtbot.waitUntil(lambda: window.sidebar.view.findChild(QLineEdit) is not None)
    retype(qtbot, window, "Taxes")
    qtbot.waitUntil(lambda: names(window)[-1] == "Taxes")


def test_the_very_first_workspace_is_named_at_once_as_well(qtbot: QtBot, settings: QSettings) -> None:
    """The caret for the first question took the name's away."""
    shown = MainWindow(fake_services(World()), settings)
    qtbot.addWidget(shown)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(lambda: shown.chat._empty.button.hasFocus())
    shown.new_workspace()
    qtbot.waitUntil(lambda: shown.sidebar.renaming)
    turned: list[bool] = []
    QTimer.singleShot(0, shown, lambda: turned.append(True))
    qtbot.waitUntil(lambda: bool(turned))
    assert shown.sidebar.renaming
    retype(qtbot, shown, "Taxes")
    qtbot.waitUntil(lambda: names(shown) == ["Taxes"])
    shown.close()


def test_the_palette_finds_a_thread_by_some_letters_and_opens_it(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.palette_box.isVisible)
    QTest.keyClicks(window.palette_box.input, "reading no")
    assert window.palette_box.found[0].text == "Reading notes"
    QTest.keyClick(window.palette_box.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.workspace is not None and window.workspace.id == THESIS)
    assert not window.palette_box.isVisible()


def test_a_change_of_the_embedding_model_is_told_in_the_status_line(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    ready(qtbot, window)
    world.switching = SwitchProgress("BAAI/bge-small-en-v1.5", 3200, 8214)
    window.library.refresh()
    line = window.status_line._switching
    qtbot.waitUntil(line.isVisible)
    assert line.text() == "Changing the model · 3,200 of 8,214 passages"
    world.switching = SwitchProgress("all-MiniLM-L6-v2", 3200, 8214, recut=True)
    window.library.refresh()
    qtbot.waitUntil(lambda: line.text() == "Renewing the index · 3,200 of 8,214 passages")
    world.switching = None
    window.library.refresh()
    qtbot.waitUntil(lambda: not line.isVisible())


def test_the_palette_finds_documents_and_commands(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    window.open_palette()
    QTest.keyClicks(window.palette_box.input, "handbook")
    qtbot.waitUntil(lambda: [entry.text for entry in window.palette_box.found] == ["handbook.pdf"])
    window.palette_box.input.clear()
    QTest.keyClicks(window.palette_box.input, "setti")
    assert window.palette_box.found[0].text == "Settings…"


def test_every_action_has_a_text_of_its_own_and_no_two_share_their_keys(window: MainWindow) -> None:
    actions = window.actions_table.all
    keys = [action.shortcut for action in actions if action.shortcut]
    assert len(keys) == len(set(keys))
    assert len({action.text for action in actions}) == len(actions)


def test_fuzzy_puts_whole_words_before_scattered_letters() -> None:
    window_entries = [_Named("Scar tissue overview"), _Named("Carry-over"), _Named("Copy the answer")]
    assert [entry.text for entry in fuzzy_filter(window_entries, "car", 9)] == [
        "Carry-over",
        "Scar tissue overview",
        "Copy the answer",
    ]
    assert fuzzy_filter(window_entries, "zz", 9) == []


class _Named:
    def __init__(self, text: str) -> None:
        self.text = text


def test_dropping_on_an_empty_program_makes_a_first_workspace(
    qtbot: QtBot, settings: QSettings, tmp_path: Path
) -> None:
    world = World()
    window = MainWindow(fake_services(world), settings)
    qtbot.addWidget(window)
    window.show()
    window.handle_dropped([tmp_path], watch=False)
    qtbot.waitUntil(lambda: names(window) == ["My documents"])
    qtbot.waitUntil(lambda: bool(world.calls))
    name, workspace_id, paths, watch = world.calls[0]
    assert (name, paths, watch) == ("add", (tmp_path,), False)
    assert world.workspaces[workspace_id].name == "My documents"  # type: ignore[index]
    window.close()


def test_a_missing_path_is_a_sentence(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    ready(qtbot, window)
    window.handle_dropped([tmp_path / "gone"])
    qtbot.waitUntil(lambda: "is not there" in window.toast.text)


def test_panes_remember_that_they_were_hidden(
    qtbot: QtBot, window: MainWindow, settings: QSettings, services: Services
) -> None:
    ready(qtbot, window)
    window.toggle_sidebar()
    window.close()
    again = MainWindow(services, settings)
    qtbot.addWidget(again)
    again.show()
    again.resize(1280, 800)
    assert not again.body.sidebar_shown
    assert again.body.documents_shown
    again.close()


def test_a_narrow_window_lays_the_documents_over_the_conversation(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    window.resize(900, 700)
    qtbot.waitUntil(lambda: window.body.narrow)
    assert not window.documents.isVisible()
    width = window.chat.width()
    window.toggle_documents()
    assert window.documents.isVisible()
    assert window.chat.width() == width
    window.activateWindow()
    window.documents.list.filter_box.setFocus()
    qtbot.waitUntil(window.documents.list.filter_box.hasFocus)
    QTest.keyClick(window.documents.list.filter_box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.documents.isVisible())
    assert window.chat.composer.edit.hasFocus()
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.documents.isVisible())


def test_a_citation_brings_the_hidden_pane_back(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    window.toggle_documents()
    assert not window.documents.isVisible()
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(window.documents.isVisible)


def test_escape_stops_the_answer(qtbot: QtBot, window: MainWindow, services: Services) -> None:
    ready(qtbot, window)
    services.chat.hold = lambda index, token: token.wait(10) if index == 2 else None  # type: ignore[attr-defined]
    window.chat.ask("Why?")
    qtbot.waitUntil(lambda: window.chat.writing)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.chat.writing)


def test_the_header_says_what_is_wrong_with_the_model(qtbot: QtBot, window: MainWindow, world: World) -> None:
    ready(qtbot, window)
    qtbot.waitUntil(lambda: window.header._model.text() == "qwen3:8b on Ollama")
    world.status = no_model_status()
    window.check_model()
    qtbot.waitUntil(lambda: window.header._model.text() == "Ollama is not running")
    assert "passages themselves" in window.chat.composer._hint.text()


def test_closing_says_so_and_leaves_no_task(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    with qtbot.waitSignal(window.closed):
        window.close()
    assert window.runner.running == 0


def test_rows_move_and_change_without_losing_the_selection(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    tree, view = window.sidebar.tree, window.sidebar.view
    threads = {LAW: [Thread(ThreadId(2), LAW, "Notice", 9.0), Thread(CARRY_OVER, LAW, "Carried", 8.0)]}
    workspaces = [replace(w, documents=1) for w in tree.workspaces if w.id != HOUSE]
    tree.show(list(reversed(workspaces)), threads)
    assert view.currentIndex().data() == "Carried"
    assert view.currentIndex().data(TreeRole.WORKSPACE).id == LAW
    assert names(window) == ["Thesis sources", "Employment law"]
    assert tree.index(1, 0).data(TreeRole.COUNT) == "1"


def test_shift_tab_goes_from_the_question_up_into_the_newest_answer(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    window.focus_question()
    answer = window.chat.conversation.answers[-1]
    QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert answer.isAncestorOf(focus)
    QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is window.chat.composer.edit


def test_unfolding_what_was_searched_keeps_its_link_where_it_was(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    window.resize(1280, 560)
    bar = window.chat.conversation.verticalScrollBar()
    window.chat.conversation.scroll_to_end()
    value, maximum = bar.value(), bar.maximum()
    window.chat.conversation.answers[-1].show_searched(shown=True)
    qtbot.waitUntil(lambda: bar.maximum() > maximum)
    assert bar.value() == value


def test_settings_know_the_workspace_shown_and_where_the_data_lies(
    qtbot: QtBot, services: Services, settings: QSettings, tmp_path: Path
) -> None:
    window = MainWindow(services, settings, data_folder=tmp_path)
    qtbot.addWidget(window)
    window.show()
    ready(qtbot, window)
    window.open_settings()
    dialog = window.findChild(SettingsDialog)
    assert dialog is not None
    assert any(label.text() == str(tmp_path) for label in dialog.findChildren(QLabel))
    dialog.close()
    window.close()


def test_without_a_model_its_menu_says_what_to_do_and_copies_the_command(
    qtbot: QtBot, window: MainWindow
) -> None:
    status = LanguageModelStatus(
        LanguageModelCondition.NO_MODEL, "", detail="Ollama has no model.", hint="Run `ollama pull small`."
    )
    menu = model_menu(status, "", lambda _name: None, (), window)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[0].startswith("Ollama has no model.\nRun ollama pull small.")
    menu.actions()[1].trigger()
    assert QApplication.clipboard().text() == "ollama pull small"


def test_what_keeps_indexing_from_going_on_is_said_in_the_status_line(
    qtbot: QtBot, window: MainWindow, world: World, services: Services
) -> None:
    ready(qtbot, window)
    world.problem = DiskFull("Indexing waits: 3 MB are free.", hint="Free 256 MB or more.")
    services.ingest.progressed.publish(LAW)
    qtbot.waitUntil(lambda: window.status_line._work.text() == "Indexing waits: 3 MB are free.")
    assert "Free 256 MB or more." in window.status_line._work.toolTip()
    world.problem = None
    services.ingest.progressed.publish(LAW)
    qtbot.waitUntil(lambda: "waits" not in window.status_line._work.text())


def test_what_was_mended_at_the_start_is_said(
    qtbot: QtBot, window: MainWindow, world: World, services: Services
) -> None:
    ready(qtbot, window)
    world.progress = {id_: replace(one, phase="idle") for id_, one in world.progress.items()}
    world.mended = 3
    services.ingest.progressed.publish(LAW)
    qtbot.waitUntil(lambda: window.status_line._work.text() == "Up to date · 3 passages mended")


def test_files_gone_at_once_are_asked_about_above_the_documents(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    ready(qtbot, window)
    strip = window.documents.list.vanished
    assert not strip.isVisible()
    sources_with_troubles(world)
    window.library.load_sources()
    qtbot.waitUntil(strip.isVisible)
    assert strip.text.startswith("1,204 of 1,942 files are gone from “Contracts” all at once.")
    qtbot.mouseClick(strip.kept, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not strip.isVisible())
    assert ("keep_vanished", 1) in world.calls
    assert window.toast.text == "Kept 1,204 documents of Contracts."


def test_rules_are_changed_from_the_card_and_taken_back(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    ready(qtbot, window)
    card = next(card for card in window.findChildren(SourceCard) if card.source and card.source.id == 3)
    next(action for action in card.menu().actions() if action.text() == "Rules…").trigger()
    dialog = window.findChild(RulesDialog)
    assert dialog is not None
    qtbot.keyClicks(dialog.editor, "policy-*")
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.toast.text == "Left out 1 document of Policies.")
    assert world.sources[SourceId(3)].rules.patterns == "policy-*"
    window.undo()
    qtbot.waitUntil(lambda: world.sources[SourceId(3)].rules.patterns == "")


def test_what_was_removed_is_found_by_the_palette(qtbot: QtBot, window: MainWindow, world: World) -> None:
    ready(qtbot, window)
    assert window.actions_table.enabled("source.removed")
    assert any(action.id == "source.removed" and action.in_palette for action in window.actions_table.all)
    window.actions_table.trigger("source.removed")
    dialog = window.findChild(RemovedDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.stack.currentIndex() == 1)
    dialog.close()


def test_two_drops_before_there_is_a_workspace_are_both_linked_to_one(qtbot: QtBot, tmp_path: Path) -> None:
    """A second start may hand its paths over while the first is about to make a workspace for its own."""
    world = World()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    window = MainWindow(fake_services(world), QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(window)
    window.show()
    window.handle_dropped([tmp_path / "one"])
    window.handle_dropped([tmp_path / "two"])
    qtbot.waitUntil(lambda: len(world.sources) == 2)
    assert len(world.workspaces) == 1
    window.close()


def test_a_server_elsewhere_is_marked_beside_the_model_and_in_the_status_line(
    qtbot: QtBot, window: MainWindow, services: Services, world: World
) -> None:
    assert window.status_line._place.text() == "Nothing leaves this computer"
    assert not window.header._elsewhere.isVisible()
    services.model_server.use(ServerSetup(ServerKind.OPENAI, "https://api.example.org/v1", "sk-1"))
    window.check_model()
    qtbot.waitUntil(window.header._elsewhere.isVisible)
    said = "Questions and the passages found for them go to api.example.org"
    assert window.header._elsewhere.toolTip() == said
    assert said in window.header._model.accessibleName()
    qtbot.waitUntil(lambda: window.status_line._place.text() == said)


def test_a_workspaces_own_model_is_shown_and_changed_in_the_menu_for_it_alone(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    ready(qtbot, window)
    world.workspaces[LAW] = replace(world.workspaces[LAW], chat_model="gemma3:4b")
    window.library.refresh()
    qtbot.waitUntil(lambda: window.header._model.text() == "gemma3:4b on Ollama")
    menu = window.model.menu((), window)
    assert "of its own" in menu.actions()[0].text()
    next(action for action in menu.actions() if action.text().startswith("qwen3:8b")).trigger()
    qtbot.waitUntil(lambda: ("answering", LAW, Answering(model="qwen3:8b")) in world.calls)
    next(action for action in menu.actions() if action.text() == "As for all workspaces").trigger()
    qtbot.waitUntil(lambda: ("answering", LAW, Answering()) in world.calls)
    assert not any(call[0] == "choose_chat_model" for call in world.calls)


def test_hundreds_of_models_and_long_names_keep_menu_and_header_in_bounds(
    qtbot: QtBot, window: MainWindow, world: World
) -> None:
    names = tuple(f"accounts/some-vendor/models/model-{n:03d}-instruct" for n in range(300))
    world.status = replace(world.status, models=names)
    window.model._services.preferences.update(chat_model=names[250])
    window.check_model()
    qtbot.waitUntil(lambda: window.header._model.text().endswith("model-250-instruct on Ollama"))
    assert len(window.header._model.text()) < 45
    actions = window.model.menu((), window).actions()
    assert actions[0].text() == names[250]
    assert actions[0].isChecked()
    assert "280 more in Settings" in actions[20].text()


def test_escape_belongs_to_the_box_it_is_typed_in(qtbot: QtBot, window: MainWindow) -> None:
    """As a shortcut of the window it never came to the boxes that close or are cleared by it."""
    ready(qtbot, window)
    window.activateWindow()
    window.chat.composer.edit.setFocus()
    qtbot.waitUntil(window.chat.composer.edit.hasFocus)
    window.open_palette()
    qtbot.waitUntil(window.palette_box.input.hasFocus)
    QTest.keyClicks(window.palette_box.input, "leave")
    QTest.keyClick(window.palette_box.input, Qt.Key.Key_Escape)
    assert not window.palette_box.isVisible()
    assert window.chat.composer.edit.hasFocus()
    window.filter_documents()
    box = window.documents.list.filter_box
    QTest.keyClicks(box, "hand")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == ""


def test_escape_puts_the_details_away_before_it_stops_the_answer(
    qtbot: QtBot, window: MainWindow, services: Services
) -> None:
    ready(qtbot, window)
    services.chat.hold = lambda index, token: token.wait(10) if index == 2 else None  # type: ignore[attr-defined]
    window.chat.ask("Why?")
    qtbot.waitUntil(lambda: window.chat.writing)
    table = window.documents.list.table
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert not table.selectionModel().hasSelection()
    assert window.chat.writing
    QTest.keyClick(table, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.chat.writing)


def test_escape_closes_the_find_bar_of_a_document(qtbot: QtBot, window: MainWindow) -> None:
    ready(qtbot, window)
    window.documents.open_document(HANDBOOK)
    qtbot.waitUntil(lambda: window.documents.viewer() is not None)
    viewer = window.documents.viewer()
    assert viewer is not None
    viewer.find_bar.enter()
    QTest.keyClick(viewer.find_bar.box, Qt.Key.Key_Escape)
    assert not viewer.find_bar.isVisible()
