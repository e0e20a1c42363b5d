"""The table of documents as it is seen: two-line rows, whole rows selected, the selection kept through sorting."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from readingroom.core.ids import DocumentId
from readingroom.core.models import Document
from readingroom.ui.models.document_table import DocumentTableModel
from readingroom.ui.theme import when_palette_changes
from readingroom.ui.widgets.document_delegate import ROW_HEIGHT, DocumentDelegate, box_rect


class DocumentView(QTableView):
    """Columns are somebody else's business."""

    selected_changed = Signal()
    """Other documents are selected, or one of them is in another state."""
    copy_requested = Signal()
    check_requested = Signal(object, bool)  # Sequence[Document]
    """The next question shall be limited to these as well, or no longer."""

    def __init__(self, model: DocumentTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._documents = model
        self._kept: DocumentId | None = None
        self._pressed = False
        self.setObjectName("documentTable")
        self.setAccessibleName("Documents")
        self.setModel(model)
        self.setItemDelegate(DocumentDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.verticalScrollBar().setSingleStep(ROW_HEIGHT // 2)
        self.selectionModel().selectionChanged.connect(self.selected_changed)
        model.dataChanged.connect(self.selected_changed)
        model.modelAboutToBeReset.connect(self._keep_selection)
        model.modelReset.connect(self._restore_selection)
        when_palette_changes(self.viewport().update)

    def selected(self) -> list[Document]:
        """List the documents of the selected rows, from the top."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._documents.document(row) for row in rows]

    @property
    def pressed_low(self) -> bool:
        """Whether the mouse is just choosing a row in the lower half: what appears there now gets its second click."""
        middle = self.visualRect(self.currentIndex()).center().y()
        return self._pressed and middle > self.viewport().height() // 2

    def forget_selection(self) -> None:
        """Select nothing, also not after the next sorting."""
        self._kept = None
        self.clearSelection()
        self.selectionModel().clearCurrentIndex()

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        # Rows are what is gone through: Home and End mean the first and the last of them, and nothing goes sideways.
        actions = QAbstractItemView.CursorAction
        last = self._documents.rowCount() - 1
        if action in (actions.MoveHome, actions.MoveEnd) and last >= 0:
            return self._documents.index(0 if action is actions.MoveHome else last, 0)
        if action in (actions.MoveLeft, actions.MoveRight):
            return self.currentIndex()
        return super().moveCursor(action, modifiers).siblingAtColumn(0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if (
            event.button() == Qt.MouseButton.LeftButton
            and index.isValid()
            and index.column() == 0
            and not event.modifiers()
            and box_rect(self.visualRect(index), index).contains(event.position().toPoint())
        ):
            self._toggle([self._documents.document(index.row())])
            return
        self._pressed = True
        super().mousePressEvent(event)
        self._pressed = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.selectionModel().hasSelection():
            self.copy_requested.emit()
        elif event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.forget_selection()
        elif event.key() == Qt.Key.Key_Space and not event.modifiers() and (chosen := self.selected()):
            self._toggle(chosen)
        else:
            super().keyPressEvent(event)

    def _toggle(self, documents: list[Document]) -> None:
        """Check them, or uncheck them where all are."""
        every = all(document.id in self._documents.checked for document in documents)
        self.check_requested.emit(documents, not every)

    def _keep_selection(self) -> None:
        current = self.currentIndex()
        if current.isValid() and current.row() < self._documents.rowCount():
            self._kept = self._documents.document(current.row()).id

    def _restore_selection(self) -> None:
        row = self._documents.row_of(self._kept) if self._kept is not None else None
        if row is not None:
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self._documents.index(row, 0), flags)
        self.selected_changed.emit()
