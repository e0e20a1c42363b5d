"""What was removed in the last 30 days, to be brought back."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.counting import count_words
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import RemovedItem
from readingroom.services.sources import SourceService
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.settings_parts import Card, Row, badge, say_failure, warning_label
from readingroom.ui.models.source_words import days_left_words
from readingroom.ui.models.wording import folder_words, showable
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.empty_state import EmptyState
from readingroom.ui.widgets.plain_text import PlainLabel

_MOST_ROWS = 200
"""A row is a widget; beyond that, the folder they came from is brought back with one click."""


class RemovedDialog(QDialog):
    """Bringing back happens at once. Escape closes it."""

    def __init__(
        self,
        sources: SourceService,
        runner: TaskRunner,
        workspace_id: WorkspaceId,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("removedDialog")
        self.setWindowTitle("Recently removed")
        self.setAccessibleName(self.windowTitle())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._sources = sources
        self._runner = runner
        self._workspace_id = workspace_id
        self._documents: Sequence[RemovedItem] = ()
        self._build_layout()
        self._load()

    @property
    def rows(self) -> list[Row]:
        """A row an item, the latest first."""
        return self.card.rows()

    def _build_layout(self) -> None:
        title = PlainLabel("Recently removed", self)
        title.setProperty("role", "title")
        words = PlainLabel("Folders and documents of this workspace, kept for 30 days.", self)
        words.setProperty("role", "small")
        self.card = Card(self)
        inside = QWidget(self)
        inside.setObjectName("removedColumn")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)
        column.addStretch()
        scroll = QScrollArea(self)
        scroll.setObjectName("removedScroll")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(inside)
        empty = EmptyState(
            "trash-2",
            "Nothing was removed",
            "What you remove can be brought back here for 30 days.",
            parent=self,
        )
        self.stack = QStackedWidget(self)
        self.stack.addWidget(scroll)
        self.stack.addWidget(empty)
        self.failure = warning_label(self)
        self.every = QPushButton("Bring all documents back", self)
        self.every.setAutoDefault(False)
        self.every.clicked.connect(self._bring_all)
        self.every.hide()
        self.close_button = QPushButton("Close", self)
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.accept)
        low = QHBoxLayout()
        low.addWidget(self.failure, 1)
        low.addStretch()
        low.addWidget(self.every)
        low.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 18, 20, 16)
        whole.setSpacing(4)
        whole.addWidget(title)
        whole.addWidget(words)
        whole.addSpacing(10)
        whole.addWidget(self.stack, 1)
        whole.addSpacing(10)
        whole.addLayout(low)
        self.resize(560, 440)

    def _load(self) -> None:
        self._runner.call(
            lambda: list(self._sources.removed(self._workspace_id)), while_alive(self, self._show), self._fail
        )

    def _show(self, items: Sequence[RemovedItem]) -> None:
        self.card.clear()
        for item in items[:_MOST_ROWS]:
            self.card.add(self._row(item))
        self._documents = [item for item in items if item.document_id is not None]
        self.every.setVisible(len(self._documents) > 1)
        self.stack.setCurrentIndex(0 if items else 1)
        self.close_button.setFocus()

    def _row(self, item: RemovedItem) -> Row:
        name = showable(item.path.name or str(item.path))
        where = folder_words(item.path.parent)
        folder = item.source_id is not None
        row = Row(
            name, f"{where} · {count_words(item.documents, 'document')}" if folder else where, self.card
        )
        if folder:
            row.heads.insertWidget(1, badge("Folder", row))
        left = PlainLabel(days_left_words(item), row)
        left.setObjectName("sourceState")
        button = QPushButton("Bring back", row)
        button.setAccessibleName(f"Bring {name} back")
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._bring_back([item]))
        row.controls.addWidget(left)
        row.controls.addWidget(button)
        return row

    def _bring_all(self) -> None:
        self._bring_back(self._documents)

    def _bring_back(self, items: Sequence[RemovedItem]) -> None:
        documents = [item.document_id for item in items if item.document_id is not None]

        def bring() -> None:
            for item in items:
                if item.source_id is not None:
                    self._sources.restore(item.source_id)
            if documents:
                self._sources.restore_documents(self._workspace_id, documents)

        self._runner.call(bring, while_alive(self, lambda _: self._load()), self._fail)

    def _fail(self, error: Exception) -> None:
        say_failure(self.failure, error)
