"""What a folder's rules left out, and by which rule; a file or folder of it can be read after all."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.counting import count_words
from readingroom.core.models import Source
from readingroom.core.source_rules import LeftOutFile
from readingroom.ui.dialogs.settings_parts import soft_label
from readingroom.ui.file_manager import reveal
from readingroom.ui.models.left_out_table import LeftOutTable
from readingroom.ui.models.source_words import rule_kinds
from readingroom.ui.models.wording import showable
from readingroom.ui.widgets.empty_state import EmptyState

_NOT_BY_NAME = ("kind ", "over ")
"""These rules are changed elsewhere: a line that names the file does not bring it back."""


class LeftOutList(QWidget):
    """Shows what it is told."""

    reading_wanted = Signal(object)  # LeftOutFile

    def __init__(self, source: Source, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self.model = LeftOutTable(self)
        self._build_layout()
        self.letters.textChanged.connect(self._narrow)
        self.rules.currentIndexChanged.connect(self._narrow)
        self.table.selectionModel().currentChanged.connect(self._offer)
        self.table.activated.connect(lambda _: self._reveal())
        self.reveal.clicked.connect(self._reveal)
        self.read.clicked.connect(self._read)
        self.show_entries(())

    def show_entries(self, entries: Sequence[LeftOutFile]) -> None:
        """Show what was left out."""
        self.rules.blockSignals(True)
        self.rules.clear()
        self.rules.addItem("Every rule", "")
        for rule, count in rule_kinds(entries):
            self.rules.addItem(f"{showable(rule)} ({count:,})", rule)
        self.rules.blockSignals(False)
        self.model.replace(entries)
        self._narrow()
        more = self._source.left_out - len(entries)
        self.count.setText(
            f"The first {len(entries):,} of {self._source.left_out:,} are listed."
            if more > 0 and entries
            else "A folder is listed once, whatever is in it."
        )
        self._stack.setCurrentIndex(0 if entries else 1)

    def _build_layout(self) -> None:
        self.letters = QLineEdit(self)
        self.letters.setPlaceholderText("Filter by name")
        self.letters.setAccessibleName("Filter what is left out")
        self.letters.setClearButtonEnabled(False)
        self.rules = QComboBox(self)
        self.rules.setObjectName("longList")
        self.rules.setAccessibleName("Rule")
        self.rules.setMinimumWidth(190)
        self.table = QTreeView(self)
        self.table.setObjectName("leftOutTable")
        self.table.setModel(self.model)
        self.table.setAccessibleName("Left out")
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAllColumnsShowFocus(True)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(1, 190)
        self.count = soft_label("", self)
        self.reveal = QPushButton("Reveal", self)
        self.reveal.setAccessibleName("Reveal in file manager")
        self.read = QPushButton("Read it after all", self)
        for button in (self.reveal, self.read):
            button.setAutoDefault(False)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.letters, 1)
        top.addWidget(self.rules)
        low = QHBoxLayout()
        low.setSpacing(8)
        low.addWidget(self.count, 1)
        low.addWidget(self.reveal)
        low.addWidget(self.read)
        listed = QWidget(self)
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addLayout(low)
        empty = EmptyState(
            "check", "Nothing is left out", "Every file of this folder is read, or says why not.", parent=self
        )
        self._stack = QStackedWidget(self)
        self._stack.addWidget(listed)
        self._stack.addWidget(empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def _narrow(self) -> None:
        self.model.narrow(self.rules.currentData() or "", self.letters.text())
        self.table.setAccessibleDescription(
            count_words(self.model.rowCount(), "entry").replace("entrys", "entries")
        )
        self._offer()

    @property
    def selected(self) -> LeftOutFile | None:
        """The entry of the current row."""
        index = self.table.currentIndex()
        return self.model.entry(index.row()) if index.isValid() else None

    def _offer(self) -> None:
        entry = self.selected
        self.reveal.setEnabled(entry is not None)
        self.read.setEnabled(entry is not None and not entry.rule.startswith(_NOT_BY_NAME))
        self.read.setToolTip("" if entry is None or self.read.isEnabled() else _elsewhere(entry))

    def _reveal(self) -> None:
        if (entry := self.selected) is not None:
            reveal(self._source.path / Path(entry.path))

    def _read(self) -> None:
        if (entry := self.selected) is not None:
            self.reading_wanted.emit(entry)


def _elsewhere(entry: LeftOutFile) -> str:
    if entry.rule.startswith("kind "):
        return "This kind is left out of the whole workspace: take it back in Settings."
    return "Change the limit of size under Rules."
