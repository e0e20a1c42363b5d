"""The documents of a workspace: filters, the list with states, and the details of what is selected."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.counting import count_words
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import Document, DocumentState
from readingroom.services.bundle import Services
from readingroom.ui.bridge import Gathered
from readingroom.ui.models.document_rows import (
    DocumentRow,
    RowFilter,
    StateFilter,
    offered,
    rows_of,
    words_of,
)
from readingroom.ui.models.document_table import DocumentTableModel
from readingroom.ui.panes.document_actions import FAILED_STATES, DocumentActions, copy_paths
from readingroom.ui.panes.document_columns import DocumentColumns
from readingroom.ui.panes.recognition_panel import RecognitionPanel
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import icon, set_icon
from readingroom.ui.widgets.document_details import DocumentDetails
from readingroom.ui.widgets.document_view import DocumentView
from readingroom.ui.widgets.empty_state import EmptyState
from readingroom.ui.widgets.filter_bar import FilterBar
from readingroom.ui.widgets.plain_text import PlainLabel
from readingroom.ui.widgets.vanished_strip import VanishedStrip

REFRESH_MS = 250
"""Between two looks into the catalog while documents are being read."""
SLICE_ROWS = 1000
"""Taken in at a time: some 3 ms on the GUI thread where they are new, 13 where all of them change in their places."""
TYPING_MS = 120
"""Filtering 40,000 rows takes some 30 ms; wait until a quick typist pauses."""


@dataclass(frozen=True, slots=True)
class _Changes:
    workspace_id: WorkspaceId
    rows: Sequence[DocumentRow]
    existing: frozenset[DocumentId]
    revision: int
    anything: bool
    """Whether there is anything to take in; comparing 20,000 ids with the rows holds the window for 20 ms."""


class DocumentList(QWidget):
    """Kept up to date by revisions: only what changed is read again."""

    open_requested = Signal(object)  # DocumentId
    add_requested = Signal()
    """The empty list's one action: choose a folder."""
    scope_requested = Signal(object, bool)  # Sequence[Document]
    """The next question shall be limited to these as well, or no longer."""
    said = Signal(str, object)
    """What was done, and the call that undoes it or None."""

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("documentList")
        self._services = services
        self._runner = runner
        self._workspace_id: WorkspaceId | None = None
        self._revision = 0
        self._existing: frozenset[DocumentId] | None = None
        """As of the last look."""
        self._fetching = False
        self._stale = False
        self.model = DocumentTableModel(self)
        self.actions_for = DocumentActions(services, runner, self)
        self._gathered = [
            Gathered(services.ingest.progressed, self, interval_ms=REFRESH_MS),  # type: ignore[arg-type]
            Gathered(services.sources.changed, self, interval_ms=REFRESH_MS),  # type: ignore[arg-type]
        ]
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._clicked_once = QTimer(self, singleShot=True, interval=QApplication.doubleClickInterval())
        self._build_layout()
        self._connect()
        self._show_what_there_is()

    def show_workspace(self, workspace_id: WorkspaceId | None) -> None:
        """Show the documents of another workspace."""
        if workspace_id == self._workspace_id:
            self.refresh()
            return
        self._workspace_id = workspace_id
        self.recognition.show_workspace(workspace_id)
        self._revision, self._existing = 0, None
        self.table.forget_selection()
        self.model.replace(())
        self.refresh()

    def refresh(self) -> None:
        """Look for changes, off the GUI thread; one look at a time."""
        workspace_id, revision, known = self._workspace_id, self._revision, self._existing
        if workspace_id is None:
            self._show_what_there_is()
            return
        if self._fetching:
            self._stale = True
            return
        self._fetching = True
        documents = self._services.documents

        def fetch() -> _Changes:
            changed, existing, newest = documents.since(workspace_id, revision)
            # Neighbours in the list come in one slice, so that each slice is one insertion.
            rows = sorted(rows_of(changed), key=lambda row: row.name_key)
            return _Changes(workspace_id, rows, existing, newest, bool(rows) or existing != known)

        self._runner.call(fetch, self._take_in, self._fetch_failed)

    def focus_filter(self) -> None:
        """Put the cursor in the filter box."""
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_box.selectAll()

    def stop(self) -> None:
        """Hear nothing more of the services."""
        self.recognition.stop()
        for gathered in self._gathered:
            gathered.close()

    def selected(self) -> list[Document]:
        """List the documents of the selected rows, from the top."""
        return self.table.selected()

    def _build_layout(self) -> None:
        self.filter_box = QLineEdit(self)
        self.filter_box.setObjectName("filterBox")
        self.filter_box.setPlaceholderText("Filter by name, folder or state")
        self.filter_box.setAccessibleName("Filter documents")
        self._clear = self.filter_box.addAction(icon("x"), QLineEdit.ActionPosition.TrailingPosition)
        set_icon(self._clear, "x", "soft")
        self._clear.setToolTip("Clear (Esc)")
        self._clear.setVisible(False)
        self._search_mark = self.filter_box.addAction(
            icon("search", "faint"), QLineEdit.ActionPosition.LeadingPosition
        )
        set_icon(self._search_mark, "search", "faint")
        self.sort_button = self._button("")
        self.more_button = self._button("More for the whole list")
        set_icon(self.more_button, "ellipsis")
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.setMenu(QMenu(self.more_button))
        self.states = FilterBar("Show", [state.value for state in StateFilter], self)
        self._count = PlainLabel(self)
        self._count.setObjectName("listCount")
        self.table = DocumentView(self.model, self)
        self.columns = DocumentColumns(self.table, self.sort_button)
        self.details = DocumentDetails(self.table, self)
        self.recognition = RecognitionPanel(self._services, self._runner, self)
        self.vanished = VanishedStrip(self)
        self._empty = EmptyState("folder-plus", "", "", parent=self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._head = QWidget(self)
        head = QVBoxLayout(self._head)
        head.setContentsMargins(12, 10, 12, 8)
        head.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self.filter_box, 1)
        top.addWidget(self.sort_button)
        top.addWidget(self.more_button)
        head.addLayout(top)
        head.addWidget(self.states)
        layout.addWidget(self.vanished)
        layout.addWidget(self._head)
        layout.addWidget(self.recognition)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.details)
        layout.addWidget(self._count)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("barButton")
        button.setIconSize(QSize(16, 16))
        button.setFixedSize(28, 28)
        button.setToolTip(name)
        button.setAccessibleName(name)
        return button

    def _connect(self) -> None:
        self.filter_box.textChanged.connect(self._typing.start)
        self.filter_box.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))
        self._clear.triggered.connect(self.filter_box.clear)
        self.filter_box.installEventFilter(self)
        self.more_button.menu().aboutToShow.connect(self._fill_more)
        self._typing.timeout.connect(self._filter)
        self._clicked_once.timeout.connect(self._show_details)
        self.states.chosen.connect(self._filter)
        self.table.activated.connect(self._open)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.model.counted.connect(self._show_counts)
        self.table.selected_changed.connect(self._show_details)
        self.table.copy_requested.connect(lambda: copy_paths(self.selected()))
        self.details.closed.connect(self._close_details)
        self.actions_for.open_requested.connect(self.open_requested)
        self.actions_for.checked = lambda: self.model.checked
        self.actions_for.scope_requested.connect(self.scope_requested)
        self.table.check_requested.connect(self.scope_requested)
        self.actions_for.said.connect(self.said)
        self.actions_for.changed.connect(self.refresh)
        self._empty.action_requested.connect(self._do_empty_action)
        for gathered in self._gathered:
            gathered.arrived.connect(self._hear)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go from the filter box to the list with Down; clear it with Escape."""
        if (
            watched is self.filter_box
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            if event.key() == Qt.Key.Key_Down and self.model.rowCount():
                self.table.setFocus(Qt.FocusReason.OtherFocusReason)
                if not self.table.currentIndex().isValid():
                    self.table.setCurrentIndex(self.model.index(0, 0))
                return True
            if event.key() == Qt.Key.Key_Escape and self.filter_box.text():
                self.filter_box.clear()
                return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.columns.fit(self.width())

    def _hear(self, workspace_id: object) -> None:
        if workspace_id == self._workspace_id:
            self.refresh()

    def _take_in(self, changes: _Changes, start: int = 0) -> None:
        """Take changes into the model, a slice at a time: a first look may bring 40,000 rows."""
        if changes.workspace_id != self._workspace_id:
            self._end_fetch(again=True)
            return
        end = start + SLICE_ROWS
        if end < len(changes.rows):
            self.model.apply(changes.rows[start:end])
            QTimer.singleShot(0, self, lambda: self._take_in(changes, end))
            return
        if changes.anything:
            self.model.apply(changes.rows[start:], changes.existing)
        self._revision, self._existing = changes.revision, changes.existing
        self._end_fetch(again=self._stale)

    def _end_fetch(self, *, again: bool) -> None:
        self._fetching = self._stale = False
        if again:
            self.refresh()

    def _fetch_failed(self, error: Exception) -> None:
        self._fetching = False
        self._runner.failed.emit(error)

    def _filter(self) -> None:
        state = tuple(StateFilter)[self.states.choice]
        self.model.set_filter(RowFilter(words_of(self.filter_box.text()), state))

    def _show_counts(self) -> None:
        self.states.show_counts([offered(state, self.model.count) for state in StateFilter])
        shown, total = self.model.rowCount(), self.model.total
        self._count.setText(
            count_words(total, "document")
            if shown == total
            else f"{shown:,} of {count_words(total, 'document')}"
        )
        self._show_what_there_is()

    def _show_what_there_is(self) -> None:
        for part in (self._head, self._count):
            part.setVisible(self.model.total > 0)
        if self.model.rowCount():
            self._stack.setCurrentWidget(self.table)
            return
        if self.model.total:
            self._empty.say("Nothing fits", self._why_nothing(), "Show all", icon="search")
        elif self._workspace_id is None:
            self._empty.say(
                "No documents yet", "Drop files or a folder anywhere on this window.", icon="folder-plus"
            )
        else:
            self._empty.say(
                "No documents yet", "Drop files or a folder anywhere on this window, or choose a folder.",
                "Choose a folder", icon="folder-plus",
            )  # fmt: skip
        self._stack.setCurrentWidget(self._empty)

    def show_state(self, state: StateFilter) -> None:
        """Show the documents in one state alone."""
        self.filter_box.clear()
        self.states.choose(tuple(StateFilter).index(state))
        self._filter()

    def _why_nothing(self) -> str:
        state = self.model.filter.state
        if not self.model.filter.words:
            return f"No document is left under “{state.value}”."
        if state is StateFilter.ALL:
            return "No document has these words in its name, folder or state."
        return f"No document under “{state.value}” has these words."

    def _do_empty_action(self) -> None:
        if self.model.total:
            self.filter_box.clear()
            self.states.choose(0)
            self._filter()
            self.filter_box.setFocus()
        else:
            self.add_requested.emit()

    def _close_details(self) -> None:
        self.table.forget_selection()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_details(self) -> None:
        documents = self.selected()
        was_hidden = self.details.isHidden()
        if was_hidden and documents and self.table.pressed_low:
            # A double click opens the document: its second half must not fall on the details instead.
            self._clicked_once.start()
            return
        self.details.show_documents(documents, self.actions_for.offers(documents) if documents else ())
        if was_hidden and documents:
            # The list has become shorter: what was chosen must not lie below its edge.
            QTimer.singleShot(0, self, lambda: self.table.scrollTo(self.table.currentIndex()))

    def _open(self, index: QModelIndex) -> None:
        self.open_requested.emit(self.model.document(index.row()).id)

    def _show_menu(self, position: QPoint) -> None:
        documents = self.selected()
        if documents:
            self.menu_for(documents).popup(self.table.viewport().mapToGlobal(position))

    def menu_for(self, documents: Sequence[Document]) -> QMenu:
        """Offer what can be done with these; the menu deletes itself when closed."""
        return self.actions_for.menu_for(documents)

    def _fill_more(self) -> None:
        """Offer what can be done with all that is shown."""
        menu = self.more_button.menu()
        menu.clear()
        shown = self.model.shown()
        failed = [document for document in shown if document.state in FAILED_STATES]
        locked = [document for document in shown if document.state is DocumentState.ENCRYPTED]
        what = "list" if len(shown) == self.model.total else f"these {len(shown):,}"
        export = menu.addAction(f"Export {what} as CSV…", lambda: self.actions_for.export(shown))
        export.setEnabled(bool(shown))
        menu.addSeparator()
        which = "the failed one" if len(failed) == 1 else f"all {len(failed):,} failed"
        again = menu.addAction(f"Try {which} again", lambda: self.actions_for.retry(failed))
        again.setVisible(bool(failed))
        which = "the locked one" if len(locked) == 1 else f"all {len(locked):,} locked"
        unlock = menu.addAction(
            f"Enter a password for {which}…", lambda: self.actions_for.ask_password(locked)
        )
        unlock.setVisible(bool(locked))
