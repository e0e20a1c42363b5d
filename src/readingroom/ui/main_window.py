"""The window: puts the panes together and passes on what each wants of the others."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QMenu, QVBoxLayout, QWidget

from readingroom.core.conversation import Citation, Thread
from readingroom.core.ids import MessageId, WorkspaceId
from readingroom.core.language_model import LanguageModelStatus
from readingroom.core.models import Source, SourceProgress, Workspace
from readingroom.core.remote import placed_on_server
from readingroom.services.bundle import Services
from readingroom.ui.actions import HEADER_MENU, ROW_MENU, ActionTable, portable_actions, window_actions
from readingroom.ui.answering_model import AnsweringModel
from readingroom.ui.background import Background, background_actions
from readingroom.ui.bridge import ServiceEvents
from readingroom.ui.dropped_paths import DroppedPaths
from readingroom.ui.library import Library
from readingroom.ui.models.document_rows import StateFilter
from readingroom.ui.palette_entries import entries
from readingroom.ui.palette_search import PaletteSearch
from readingroom.ui.panes.body import Body
from readingroom.ui.panes.chat import ChatPane
from readingroom.ui.panes.document_pane import DocumentPane
from readingroom.ui.panes.sidebar import Sidebar
from readingroom.ui.portability import Portability
from readingroom.ui.scope_desk import ScopeDesk
from readingroom.ui.source_desk import SourceDesk
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import apply_theme
from readingroom.ui.thread_desk import ThreadDesk
from readingroom.ui.widgets.command_palette import CommandPalette
from readingroom.ui.widgets.drop_overlay import DropOverlay
from readingroom.ui.widgets.header import Header
from readingroom.ui.widgets.notice_bar import NoticeBar
from readingroom.ui.widgets.status_line import StatusLine
from readingroom.ui.widgets.toast import Toast
from readingroom.ui.window_memory import WindowMemory

_EDGE_PX = 6
"""Between a menu and the edge of the window."""


class MainWindow(QMainWindow):
    """Reads everything through the services, on the runner's pool; nothing here blocks."""

    closed = Signal()

    def __init__(self, services: Services, settings: QSettings, *, data_folder: Path | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Reading Room")
        self.setMinimumSize(640, 480)
        self._services = services
        self._memory = WindowMemory(settings)
        self._data_folder = data_folder
        self._workspace_id: WorkspaceId | None = None
        self.opens_again = False
        self.runner = TaskRunner(self)
        self.library = Library(services, self.runner, self)
        self.model = AnsweringModel(services, self.runner, self)
        self.portability = Portability(services, self.runner, self, lambda: self.workspace)
        self._dropped = DroppedPaths(self.library, lambda: self._workspace_id, self)
        self._events = ServiceEvents(services, self)
        self._build_layout()
        self.background = Background(services, self.runner, self)
        self.desk = SourceDesk(services, self.runner, self.library, self.sidebar, self)
        self.show_removed = self.desk.open_removed
        self._scope = ScopeDesk(self.chat.scope, self.documents.list, self.sidebar, self)
        self.threads = ThreadDesk(services, self.runner, self.library, self.sidebar, self.chat, self)
        actions = (
            *window_actions(self),
            *background_actions(self.background),
            *portable_actions(self.portability),
            *self.threads.actions(),
        )
        self.actions_table = ActionTable(actions, self, {"sidebar": self.sidebar.view})
        self._search = PaletteSearch(
            self.palette_box,
            services,
            self.runner,
            lambda: self.workspace,
            self._open_document,
            self.open_citation,
            lambda thread, at: self._show(thread.workspace_id, thread, at=at),
            lambda: {workspace.id: workspace.name for workspace in self.library.workspaces},
        )
        self._connect()
        self._memory.restore(self, self.body)
        self.library.refresh()
        self.model.start()

    def _build_layout(self) -> None:
        self.header = Header(self)
        self.notice = NoticeBar(self._services.backups, self)
        self.sidebar = Sidebar(self)
        self.chat = ChatPane(self._services, self.runner, self)
        self.documents = DocumentPane(self._services, self.runner, self)
        self.body = Body(self.sidebar, self.chat, self.documents, self)
        self.status_line = StatusLine(self)
        whole = QWidget(self)
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.notice)
        column.addWidget(self.body, 1)
        column.addWidget(self.status_line)
        self.setCentralWidget(whole)
        self.palette_box = CommandPalette(self)
        self.toast = Toast(self)
        self.drop = DropOverlay(self)
        self.drop.install()

    def _connect(self) -> None:
        self.header.find_requested.connect(self.open_palette)
        self.header.sidebar_toggled.connect(self.toggle_sidebar)
        self.header.documents_toggled.connect(self.toggle_documents)
        self.header.menu_requested.connect(lambda at: self._popup(HEADER_MENU, at))
        self.header.model_menu_requested.connect(self._show_model_menu)
        side, library = self.sidebar, self.library
        side.workspace_chosen.connect(self._choose_workspace)
        side.thread_chosen.connect(self.show_thread)
        side.new_thread_requested.connect(lambda workspace_id: self._show(workspace_id, None))
        side.new_workspace_requested.connect(self.new_workspace)
        side.workspace_renamed.connect(library.rename_workspace)
        side.thread_renamed.connect(library.rename_thread)
        side.menu_requested.connect(lambda at: self._popup(ROW_MENU, at))
        side.add_folder_requested.connect(self.add_folder)
        self.desk.follow(self.documents.list.vanished)
        self.desk.said.connect(self.toast.say)
        self.body.focus_left.connect(self.chat.focus_question)
        self.threads.said.connect(self.toast.say)
        self.threads.failed.connect(self.toast.say_error)
        library.lists_loaded.connect(self._show_lists)
        library.sources_loaded.connect(self._show_sources)
        library.attention_counted.connect(self._show_counts)
        library.removed.connect(self.toast.say)
        library.failed.connect(self.toast.say_error)
        self.runner.failed.connect(self.toast.say_error)
        self.chat.citation_opened.connect(self.open_citation)
        self.chat.place_opened.connect(self.open_citation)
        self.chat.thread_started.connect(self._take_thread)
        self.chat.thread_changed.connect(lambda _thread_id: library.refresh())
        self.chat.add_folder_requested.connect(self.add_folder)
        self.chat.beginning.view.model_requested.connect(self.open_settings)
        self.chat.beginning.view.unread_requested.connect(self._show_unread)
        self.drop.dropped.connect(lambda dropped: self.handle_dropped(dropped.paths, dropped.watch))
        self.documents.question_asked.connect(self.chat.ask)
        self.documents.closed.connect(lambda: self.body.show_documents(False))
        self.documents.add_requested.connect(self.add_folder)
        self.documents.list.said.connect(self.toast.say)
        self.documents.citation_shown.connect(self.chat.mark_citation)
        self._events.sources_changed.connect(library.note_progress)
        self._events.ingest_progressed.connect(library.note_progress)
        self._events.ingest_progressed.connect(lambda _id: self.chat.checks.look_again())
        self._events.answering_changed.connect(lambda _workspace_id: library.refresh())
        self._events.preferences_changed.connect(lambda _settings: self._take_preferences())
        self.background.follow(self._events)
        self._events.pause_changed.connect(lambda _pause: library.load_sources())
        self.status_line.pause_toggled.connect(self.background.toggle)
        self.model.status_changed.connect(self._show_status)
        side.source_located.connect(self.portability.locate)
        self.portability.tell(self.toast, self.status_line)
        self.portability.relinked.connect(library.load_sources)
        self.portability.imported.connect(
            lambda workspace: library.take_new(workspace, lambda made: self._show(made.id, None))
        )

    # -- what is shown

    @property
    def workspace(self) -> Workspace | None:
        """The workspace shown."""
        return self.library.find_workspace(self._workspace_id)

    def show_thread(self, thread: Thread) -> None:
        """Show a thread and its workspace."""
        self._show(thread.workspace_id, thread)

    def open_citation(self, citation: Citation, siblings: Sequence[Citation] = ()) -> None:
        """Open the cited place in the viewer, bringing the pane back if it is hidden.

        `siblings` were found with it; else it is an answer's, and they are that answer's.
        """
        self.body.show_documents(True)
        self.documents.open_citation(citation, siblings or self.chat.siblings(citation))

    def _choose_workspace(self, workspace_id: WorkspaceId) -> None:
        threads = self.library.threads.get(workspace_id, ())
        self._show(workspace_id, threads[0] if threads else None, keep_selection=True)

    def _show(
        self,
        workspace_id: WorkspaceId | None,
        thread: Thread | None,
        *,
        keep_selection: bool = False,
        at: MessageId | None = None,
    ) -> None:
        if workspace_id != self._workspace_id:
            self._workspace_id = workspace_id
            self.library.set_current(workspace_id)
            self.documents.show_workspace(workspace_id)
            self._show_place()
        self._follow_model(self.workspace)
        self.chat.show_thread(self.library.find_workspace(workspace_id), thread, at)
        if workspace_id is not None:
            self._memory.note_shown(workspace_id, thread)
            self.sidebar.select(workspace_id, thread.id if thread else None, on_workspace=keep_selection)

    def _take_thread(self, thread: Thread) -> None:
        self._memory.note_shown(thread.workspace_id, thread)
        self.library.refresh()

    def _show_lists(self) -> None:
        self.sidebar.show_workspaces(self.library.workspaces, self.library.threads)
        self.status_line.show_switching(self.library.switching)
        workspace = self.workspace
        self._follow_model(workspace)
        if workspace is None:
            self._show_first()
            self._dropped.lists_known()
            return
        thread = self.chat.current_thread
        if thread is not None and thread.id != self.sidebar.selected_thread_id:
            self.sidebar.select(workspace.id, thread.id)
        if thread is not None and self.library.find_thread(thread.id) is None and not self.chat.writing:
            self._show(workspace.id, None)
        self.chat.update_workspace(workspace)

    def _show_first(self) -> None:
        """Show what was shown last time, else the first there is."""
        QTimer.singleShot(0, self.chat, self._begin_asking)
        workspaces = self.library.workspaces
        if not workspaces:
            self._show(None, None)
            self.status_line.show_documents(None, 0)
            return
        workspace, thread = self._memory.last_shown(workspaces, self.library.threads)
        self._show(workspace.id, thread)

    def _begin_asking(self) -> None:
        # The first workspace of all is shown and named at once.
        if not self.sidebar.renaming:
            self.chat.focus_question()

    def _show_sources(self, sources: Sequence[Source], progress: Sequence[SourceProgress]) -> None:
        self.sidebar.show_sources(sources, progress)
        ingest = self._services.ingest
        paused = self._services.pausing.current.words
        self.status_line.show_progress(progress, len(sources), ingest.problem, ingest.mended, paused)

    def _show_counts(self, attention: int) -> None:
        workspace = self.workspace
        self.status_line.show_documents(None if workspace is None else workspace.documents, attention)

    def _show_status(self, status: LanguageModelStatus) -> None:
        self._take_preferences(appearance=False)
        self.chat.show_model_status(status)

    def _take_preferences(self, *, appearance: bool = True) -> None:
        settings = self._services.preferences.settings
        self.header.show_model(self.model.status, self.model.chosen)
        self._show_place()
        app = QApplication.instance()
        if appearance and isinstance(app, QApplication):
            apply_theme(app, settings.appearance)

    def _follow_model(self, workspace: Workspace | None) -> None:
        self.model.follow(workspace)
        self.header.show_model(self.model.status, self.model.chosen)

    def _show_place(self) -> None:
        remote = self._workspace_id in placed_on_server(self._services.preferences.settings.qdrant_workspaces)
        self.status_line.show_place(
            self._services.preferences.settings.qdrant_url if remote else "",
            self._services.model_server.address,
        )

    # -- what can be done; `actions.py` names each

    def has_workspace(self) -> bool:
        """Whether one is shown."""
        return self._workspace_id is not None

    def can_rename(self) -> bool:
        """Whether the selection in the sidebar has a name of its own."""
        workspace, thread = self.sidebar.selected
        return workspace is not None and (thread is not None or self.sidebar.on_workspace)

    def can_undo(self) -> bool:
        """Whether a removal can be taken back by the toast."""
        return self.toast.can_undo

    def can_ask(self) -> bool:
        """Whether the box takes questions."""
        return self.chat.composer.edit.isEnabled()

    def is_writing(self) -> bool:
        """Whether an answer is under way here."""
        return self.chat.writing

    def has_answer(self) -> bool:
        """Whether an answer is shown."""
        return bool(self.chat.conversation.answers)

    def escape_does_something(self) -> bool:
        """Whether Esc means anything now."""
        shown = (self.body.narrow and self.body.documents_shown) or self.toast.isVisible()
        return self.chat.writing or self.chat.editing or shown

    def new_workspace(self) -> None:
        """Make a workspace and let its name be typed."""

        def made(workspace: Workspace) -> None:
            self._show(workspace.id, None)
            self.sidebar.rename_workspace(workspace.id)

        self.library.create_workspace("New workspace", made)

    def new_thread(self) -> None:
        """Begin a thread; it is made with the first question."""
        self._show(self._workspace_id, None)
        self.chat.focus_question()

    def rename(self) -> None:
        """Edit the selected name in place."""
        self.sidebar.rename_selected()

    def remove(self) -> None:
        """Remove the selected workspace or thread; the toast takes it back."""
        workspace, thread = self.sidebar.selected
        if thread is not None:
            self.library.remove_thread(thread)
        elif workspace is not None:
            self.library.remove_workspace(workspace)

    def undo(self) -> None:
        """Take back the last removal."""
        self.toast.undo()

    def add_folder(self) -> None:
        """Choose a folder to watch."""
        folder = QFileDialog.getExistingDirectory(self, "Add a folder")
        if folder:
            self.handle_dropped([Path(folder)], watch=True)

    def add_files(self) -> None:
        """Choose files to add."""
        names, _ = QFileDialog.getOpenFileNames(self, "Add files")
        if names:
            self.handle_dropped([Path(name) for name in names], watch=True)

    def handle_dropped(self, paths: Sequence[Path], watch: bool | None = None) -> None:
        """Add what was dropped or chosen; makes a first workspace if there is none. None watches."""
        if paths := self.portability.take(paths):
            self._dropped.take(paths, watch=watch is not False)

    def take_over(self, paths: Sequence[Path]) -> None:
        """A later start of the program handed over its paths: they are treated as dropped, and the window comes up."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        if paths:
            self.handle_dropped(paths)

    def open_again(self) -> None:
        """Close; the program opens the window anew, as at a start."""
        self.opens_again = True
        self.close()

    def open_palette(self) -> None:
        """Find passages, documents, threads, workspaces and commands."""
        self._search.open(entries(self.actions_table, self.library, self._choose_workspace, self.show_thread))

    def focus_question(self) -> None:
        """Put the caret into the box."""
        self.chat.focus_question()

    def stop(self) -> None:
        """Stop the answer under way."""
        self.chat.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # No shortcut: that would take Escape from lists and boxes, which close or are cleared by it.
        if event.key() == Qt.Key.Key_Escape:
            self.actions_table.trigger("window.escape")
            return
        super().keyPressEvent(event)

    def escape(self) -> None:
        """Stop the answer, else put away what lies over the window."""
        if self.chat.writing:
            self.chat.stop()
        elif self.chat.editing:
            self.chat.cancel_edit()
        elif self.body.narrow and self.body.documents_shown:
            self.body.show_documents(False)
        else:
            self.toast.dismiss()

    def copy_answer(self) -> None:
        """Copy the newest answer."""
        self.chat.copy_last_answer()

    def ask_again(self) -> None:
        """Ask the newest question once more."""
        self.chat.ask_last_again()

    def open_numbered(self, number: int) -> None:
        """Open a citation of the newest answer."""
        self.chat.open_numbered(number)

    def filter_documents(self) -> None:
        """Go to the list of documents and filter it."""
        self.body.show_documents(True)
        self.documents.focus_filter()

    def toggle_sidebar(self) -> None:
        """Show or hide the workspaces."""
        self.body.show_sidebar(not self.body.sidebar_shown)

    def toggle_documents(self) -> None:
        """Show or hide the documents."""
        self.body.show_documents(not self.body.documents_shown)

    def focus_next_pane(self) -> None:
        """Go from workspaces to question to documents and around."""
        following = self.body.pane_after(QApplication.focusWidget())
        if following is self.chat:
            self.chat.focus_question()
        elif following is self.sidebar:
            self.sidebar.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.documents.focus_filter()

    def open_settings(self) -> None:
        """Open the settings, not blocking the window."""
        from readingroom.ui.dialogs.settings_dialog import SettingsDialog

        dialog = SettingsDialog(
            self._services,
            self.runner,
            self,
            workspace_id=self._workspace_id,
            data_folder=self._data_folder,
        )
        dialog.finished.connect(self.check_model)
        dialog.restart_requested.connect(dialog.close)
        dialog.restart_requested.connect(self.open_again)
        dialog.open()

    def use_appearance(self, appearance: str) -> None:
        """Keep and show another appearance."""
        self.runner.call(lambda: self._services.preferences.update(appearance=appearance))

    def check_model(self) -> None:
        """Ask the model server how it stands."""
        self.model.check()

    # -- small

    def _open_document(self, document_id: object) -> None:
        self.body.show_documents(True)
        self.documents.open_document(document_id)  # type: ignore[arg-type]

    def _show_unread(self) -> None:
        self.body.show_documents(True)
        self.documents.focus_filter()
        self.documents.list.show_state(StateFilter.NOT_SEARCHABLE)

    def _show_model_menu(self, at: QPoint) -> None:
        more = (self.actions_table.qaction("model.check"), self.actions_table.qaction("app.settings"))
        self._popup_within(self.model.menu(more, self), at)

    def _popup(self, ids: Sequence[str], at: QPoint) -> None:
        self._popup_within(self.actions_table.menu(ids, self), at)

    def _popup_within(self, menu: QMenu, at: QPoint) -> None:
        """Open a menu, not beyond the right edge of the window: the buttons of the header are close to it."""
        right = self.mapToGlobal(QPoint(self.width() - _EDGE_PX, 0)).x()
        menu.popup(QPoint(min(at.x(), right - menu.sizeHint().width()), at.y()))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._memory.save(self, self.body)
        if self.background.keeps_hidden(event):
            return
        self.model.stop()
        self.background.stop()
        self._events.close()
        self.notice.stop()
        self.documents.stop()
        self.runner.close()
        event.accept()
        self.closed.emit()
