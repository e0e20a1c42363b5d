"""A sheet as a table model: nothing is kept for a row that is not looked at."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from readingroom.ui.panes.viewer_marks import Marks, Span
from readingroom.ui.panes.viewer_sheet_rows import Cell, SheetRows

ModelIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_LONGEST_SHOWN = 500
"""Characters of a cell that are handed to the view; it has room for fewer."""


class GridModel(QAbstractTableModel):
    """The rows of one sheet; a header in the first line is lifted out of them, to stay in view."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: SheetRows | None = None
        self._lifted = 0
        self._header: int | None = None
        self.marks = Marks()

    @property
    def rows(self) -> SheetRows | None:
        """The sheet shown."""
        return self._rows

    @property
    def header(self) -> int | None:
        """The line whose cells name the columns now."""
        return self._header

    def show_sheet(self, rows: SheetRows) -> None:
        """Show another sheet."""
        self.beginResetModel()
        self._rows = rows
        first = rows.header_of(0) if len(rows) > 1 else None
        self._lifted = 1 if first == 0 else 0
        self._header = first
        self.endResetModel()

    def show_marks(self, spans: Sequence[Span], current: Span | None) -> None:
        """Mark these spans of the text; the view is to be painted anew."""
        self.marks = Marks(spans, current)

    def show_header_for(self, row: int) -> None:
        """Let the header be that of the table a row of the view stands in."""
        if self._rows is None or not len(self._rows):
            return
        header = self._rows.header_of(self.line(row))
        if header is not None and header >= self.line(row) and not self._lifted:
            header = None  # it is in view itself
        if header != self._header:
            self._header = header
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def line(self, row: int) -> int:
        """The sheet's line in a row of the view."""
        return row + self._lifted

    def row(self, line: int) -> int:
        """The view's row of a line; the lifted one counts as the first."""
        return max(0, line - self._lifted)

    def cells(self, row: int) -> Sequence[Cell]:
        """What stands in a row of the view."""
        return self._rows.cells(self.line(row)) if self._rows is not None else ()

    def header_cell(self, column: int) -> Cell | None:
        """What names a column now."""
        if self._rows is None or self._header is None:
            return None
        cells = self._rows.cells(self._header)
        return cells[column] if column < len(cells) else None

    def number(self, row: int) -> int | None:
        """The row's number in the file."""
        return self._rows.number(self.line(row)) if self._rows is not None else None

    def loose(self, row: int) -> bool:
        """Whether it is a line that stands in no table."""
        return self._rows is None or self._rows.loose(self.line(row))

    def strong(self, row: int) -> bool:
        """Whether it names the columns of the rows below it."""
        return self._rows is not None and self._rows.header_of(self.line(row)) == self.line(row)

    # What views ask

    def rowCount(self, parent: ModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() or self._rows is None else len(self._rows) - self._lifted

    def columnCount(self, parent: ModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() or self._rows is None else self._rows.columns

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        cells = self.cells(index.row())
        if index.column() >= len(cells):
            return ""
        text = cells[index.column()].text[:_LONGEST_SHOWN]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        return self._spoken(index.row(), index.column(), text)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            number = self.number(section)
            return "" if number is None else str(number)
        cell = self.header_cell(section)
        return "" if cell is None else cell.text[:_LONGEST_SHOWN]

    def _spoken(self, row: int, column: int, text: str) -> str:
        number, heading = self.number(row), self.header_cell(column)
        where = "" if number is None else f"row {number}"
        named = "" if heading is None else heading.text[:_LONGEST_SHOWN]
        return ", ".join(part for part in (where, named, text) if part)
