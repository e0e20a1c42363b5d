"""The documents of a workspace: filter, list with states, and what can be done with one."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import PENDING_STATES, Document
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.bridge import Gathered
from readingroom.ui.file_manager import reveal
from readingroom.ui.models.document_rows import DocumentRow, RowFilter, StateFilter, rows_of, words_of
from readingroom.ui.models.document_table import DocumentTableModel
from readingroom.ui.models.wording import count_words
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import icon, set_icon, when_palette_changes
from readingroom.ui.widgets.document_delegate import ROW_HEIGHT, DocumentDelegate
from readingroom.ui.widgets.empty_state import EmptyState
from readingroom.ui.widgets.plain_text import PlainLabel
from readingroom.ui.widgets.segments import Segments

REFRESH_MS = 250
"""Between two looks into the catalog while documents are being read."""
SLICE_ROWS = 4000
"""Taken in at a time: some 8 ms on the GUI thread."""
TYPING_MS = 120
"""Filtering 40,000 rows takes some 30 ms; wait until a quick typist pauses."""


@dataclass(frozen=True, slots=True)
class _Changes:
    workspace_id: WorkspaceId
    rows: Sequence[DocumentRow]
    existing: frozenset[DocumentId]
    revision: int


class DocumentList(QWidget):
    """Kept up to date by revisions: only what changed is read again."""

    open_requested = Signal(object)  # DocumentId
    add_requested = Signal()
    """The empty list's one action: choose a folder."""

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("documentList")
        self._services = services
        self._runner = runner
        self._workspace_id: WorkspaceId | None = None
        self._revision = 0
        self._fetching = False
        self._stale = False
        self._kept: DocumentId | None = None
        self.model = DocumentTableModel(self)
        self._gathered = [
            Gathered(services.ingest.progressed, self, interval_ms=REFRESH_MS),  # type: ignore[arg-type]
            Gathered(services.sources.changed, self, interval_ms=REFRESH_MS),  # type: ignore[arg-type]
        ]
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._build_layout()
        self._connect()
        self._show_what_there_is()

    def show_workspace(self, workspace_id: WorkspaceId | None) -> None:
        """Show the documents of another workspace."""
        if workspace_id == self._workspace_id:
            self.refresh()
            return
        self._workspace_id = workspace_id
        self._revision = 0
        self._kept = None
        self.model.replace(())
        self.refresh()

    def refresh(self) -> None:
        """Look for changes, off the GUI thread; one look at a time."""
        workspace_id, revision = self._workspace_id, self._revision
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
            return _Changes(workspace_id, rows, existing, newest)

        self._runner.call(fetch, self._take_in, self._fetch_failed)

    def focus_filter(self) -> None:
        """Put the cursor in the filter box."""
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_box.selectAll()

    def stop(self) -> None:
        """Hear nothing more of the services."""
        for gathered in self._gathered:
            gathered.close()

    def selected(self) -> list[Document]:
        """List the documents of the selected rows, from the top."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.document(row) for row in rows]

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
        self.states = Segments("Show", [state.value for state in StateFilter], self)
        self._count = PlainLabel(self)
        self._count.setObjectName("listCount")
        self.table = QTableView(self)
        self._dress_table()
        self._empty = EmptyState("folder-plus", "", "", parent=self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(12, 10, 12, 8)
        head.setSpacing(8)
        head.addWidget(self.filter_box)
        head.addWidget(self.states, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._count)

    def _dress_table(self) -> None:
        table = self.table
        table.setObjectName("documentTable")
        table.setAccessibleName("Documents")
        table.setModel(self.model)
        table.setItemDelegate(DocumentDelegate(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setCornerButtonEnabled(False)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = table.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        table.verticalScrollBar().setSingleStep(ROW_HEIGHT // 2)
        columns = table.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setStretchLastSection(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 104), (2, 56), (3, 72)):
            table.setColumnWidth(column, width)
        columns.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)

    def _connect(self) -> None:
        self.filter_box.textChanged.connect(self._typing.start)
        self.filter_box.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))
        self._clear.triggered.connect(self.filter_box.clear)
        self.filter_box.installEventFilter(self)
        self._typing.timeout.connect(self._filter)
        self.states.chosen.connect(self._filter)
        self.table.activated.connect(self._open)
        self.table.customContextMenuRequested.connect(self._show_menu)
        self.model.counted.connect(self._show_counts)
        self.model.modelAboutToBeReset.connect(self._keep_selection)
        self.model.modelReset.connect(self._restore_selection)
        self._empty.action_requested.connect(self._do_empty_action)
        when_palette_changes(self.table.viewport().update)
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
        self.model.apply(changes.rows[start:], changes.existing)
        self._revision = changes.revision
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
        attention = self.model.attention
        self.states.set_text(1, f"Needs attention {attention:,}" if attention else "Needs attention")
        shown, total = self.model.rowCount(), self.model.total
        self._count.setText(
            count_words(total, "document")
            if shown == total
            else f"{shown:,} of {count_words(total, 'document')}"
        )
        self._count.setVisible(total > 0)
        self._show_what_there_is()

    def _show_what_there_is(self) -> None:
        if self.model.rowCount():
            self._stack.setCurrentWidget(self.table)
            return
        if self.model.total:
            self._empty.say(
                "Nothing fits", "No document has these words and this state.", "Show all", icon="search"
            )
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

    def _do_empty_action(self) -> None:
        if self.model.total:
            self.filter_box.clear()
            self.states.choose(0)
            self._filter()
            self.filter_box.setFocus()
        else:
            self.add_requested.emit()

    def _keep_selection(self) -> None:
        current = self.table.currentIndex()
        if current.isValid() and current.row() < self.model.rowCount():
            self._kept = self.model.document(current.row()).id

    def _restore_selection(self) -> None:
        row = self.model.row_of(self._kept) if self._kept is not None else None
        if row is None:
            return
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(self.model.index(row, 0), flags)

    def _open(self, index: QModelIndex) -> None:
        self.open_requested.emit(self.model.document(index.row()).id)

    def _show_menu(self, position: QPoint) -> None:
        documents = self.selected()
        if documents:
            self.menu_for(documents).popup(self.table.viewport().mapToGlobal(position))

    def menu_for(self, documents: Sequence[Document]) -> QMenu:
        """Offer what can be done with these; the menu deletes itself when closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        first = documents[0]
        open_it = menu.addAction("Open", lambda: self.open_requested.emit(first.id))
        open_it.setEnabled(len(documents) == 1)
        menu.addAction("Reveal in file manager", lambda: reveal(first.path)).setEnabled(len(documents) == 1)
        paths = "\n".join(str(document.path) for document in documents)
        copy = "Copy path" if len(documents) == 1 else "Copy paths"
        menu.addAction(copy, lambda: QGuiApplication.clipboard().setText(paths))
        menu.addSeparator()
        ids = [document.id for document in documents]
        again = menu.addAction("Try again", lambda: self._retry(ids))
        again.setEnabled(any(document.state not in PENDING_STATES for document in documents))
        return menu

    def _retry(self, document_ids: Sequence[DocumentId]) -> None:
        self._runner.call(
            lambda: self._services.ingest.retry(document_ids), while_alive(self, lambda _: self.refresh())
        )
