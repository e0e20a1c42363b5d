"""What the rules of a folder left out, for a table: the path and the rule."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from readingroom.core.source_rules import LeftOutFile
from readingroom.ui.models.wording import showable
from readingroom.ui.theme import icon
from readingroom.ui.widgets.plain_text import plain_tip

_TITLES = ("Name", "Left out by")
_Index = QModelIndex | QPersistentModelIndex


class LeftOutTable(QAbstractTableModel):
    """By path; narrowed to a rule and to some letters of the path."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._every: Sequence[LeftOutFile] = ()
        self._shown: Sequence[LeftOutFile] = ()

    def replace(self, entries: Sequence[LeftOutFile]) -> None:
        """Show other entries, all of them."""
        self._every = entries
        self.narrow("", "")

    def narrow(self, rule: str, letters: str) -> None:
        """Show those of a rule (empty: any) with these letters in their path."""
        letters = letters.casefold()
        self.beginResetModel()
        self._shown = [
            entry
            for entry in self._every
            if (not rule or entry.rule == rule) and letters in entry.path.casefold()
        ]
        self.endResetModel()

    def entry(self, row: int) -> LeftOutFile:
        """The one in that row."""
        return self._shown[row]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return showable(entry.path if index.column() == 0 else entry.rule)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return icon("folder" if entry.is_folder else "file")
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(showable(f"{entry.path}\n{entry.rule}"))
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return showable(f"{'Folder ' if entry.is_folder else ''}{entry.path}, left out by {entry.rule}")
        return None
