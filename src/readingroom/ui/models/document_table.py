"""The documents of a workspace as a table: sorted, filtered, and changed row by row as they are read."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from readingroom.core.ids import DocumentId
from readingroom.core.models import Document
from readingroom.ui.models.document_rows import DocumentRow, RowFilter, SortBy, StateFilter
from readingroom.ui.models.document_words import cell_words, spoken, tip_of
from readingroom.ui.widgets.plain_text import plain_tip

ModelIndex = QModelIndex | QPersistentModelIndex

COLUMNS = tuple(SortBy)
ROW_ROLE = Qt.ItemDataRole.UserRole + 1

_ROOT = QModelIndex()
_TEXTS = (SortBy.NAME, SortBy.STATE)
RESET_ABOVE_RUNS = 200
"""More separate places than this are cheaper to show by a reset; the view puts its selection back."""


class DocumentTableModel(QAbstractTableModel):
    """Rows in ascending order of one key; descending order is the same list read backwards."""

    counted = Signal()
    """How many there are, or how many are shown, is another number now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._by_id: dict[DocumentId, DocumentRow] = {}
        self._rows: list[DocumentRow] = []
        self._keys: list[str] = []
        self._sort = SortBy.NAME
        self._descending = False
        self._filter = RowFilter()
        self._counts: Counter[StateFilter] = Counter()
        self._checked: frozenset[DocumentId] = frozenset()

    # What is in it

    @property
    def total(self) -> int:
        """Documents of the workspace, shown or not."""
        return len(self._by_id)

    def count(self, state: StateFilter) -> int:
        """How many there are in such a state, shown or not."""
        return self._counts[state]

    @property
    def filter(self) -> RowFilter:
        """What a document must have to be shown."""
        return self._filter

    @property
    def sorting(self) -> tuple[SortBy, bool]:
        """By what, and whether descending."""
        return self._sort, self._descending

    @property
    def checked(self) -> frozenset[DocumentId]:
        """Those that the next question is limited to."""
        return self._checked

    def document(self, row: int) -> Document:
        """Look up the document in a row of the view."""
        return self._rows[self._place(row)].document

    def shown(self) -> list[Document]:
        """List what is shown, from the top."""
        rows = reversed(self._rows) if self._descending else iter(self._rows)
        return [row.document for row in rows]

    def row_of(self, document_id: DocumentId) -> int | None:
        """Its row in the view, if it is shown."""
        row = self._by_id.get(document_id)
        if row is None or not self._filter.shows(row):
            return None
        return self._place(bisect_left(self._keys, row.key(self._sort)))

    # Changing it

    def show_checked(self, document_ids: frozenset[DocumentId]) -> None:
        """Mark those that the next question is limited to."""
        changed = self._checked ^ document_ids
        begun = bool(self._checked) != bool(document_ids)
        self._checked = document_ids
        if begun and self._rows:  # every row shows a box, or none
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0))
            return
        for row in [row for row in map(self.row_of, changed) if row is not None]:
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0))

    def replace(self, rows: Iterable[DocumentRow]) -> None:
        """Show these and nothing else."""
        self.beginResetModel()
        self._by_id, self._counts = {}, Counter()
        self._take_in(rows, None)
        self._arrange()
        self.endResetModel()
        self.counted.emit()

    def apply(self, changed: Sequence[DocumentRow], existing: Collection[DocumentId] | None = None) -> None:
        """Take in changed and new documents, and drop those not in `existing` (None: all still exist)."""
        stays, goes, comes = self._sorted_out(changed, existing)
        going = _runs(sorted(bisect_left(self._keys, row.key(self._sort)) for row in goes))
        coming = self._coming_runs(comes) if len(going) <= RESET_ABOVE_RUNS else []
        if len(going) + len(coming) > RESET_ABOVE_RUNS:
            self.beginResetModel()
            self._take_in(changed, existing)
            self._arrange()
            self.endResetModel()
        else:
            self._remove(going)
            self._take_in(changed, existing)
            self._insert(comes)
            self._refresh(stays)
        self.counted.emit()

    def set_filter(self, row_filter: RowFilter) -> None:
        """Show only what fits."""
        if row_filter == self._filter:
            return
        self.beginResetModel()
        self._filter = row_filter
        self._arrange()
        self.endResetModel()
        self.counted.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, as the header asks."""
        if not 0 <= column < len(COLUMNS):
            return
        self.beginResetModel()
        self._sort = COLUMNS[column]
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._arrange()
        self.endResetModel()

    def _sorted_out(
        self, changed: Sequence[DocumentRow], existing: Collection[DocumentId] | None
    ) -> tuple[list[DocumentRow], list[DocumentRow], list[DocumentRow]]:
        """Rows that stay where they are, old rows to take out of the view, new rows to put in."""
        stays, goes, comes = [], [], []
        for row in changed:
            if existing is not None and row.document.id not in existing:
                continue
            old = self._by_id.get(row.document.id)
            was_shown = old is not None and self._filter.shows(old)
            is_shown = self._filter.shows(row)
            if was_shown and is_shown and old is not None and old.key(self._sort) == row.key(self._sort):
                stays.append(row)
                continue
            if was_shown and old is not None:
                goes.append(old)
            if is_shown:
                comes.append(row)
        if existing is not None:
            goes.extend(
                self._by_id[gone]
                for gone in self._by_id.keys() - existing
                if self._filter.shows(self._by_id[gone])
            )
        return stays, goes, comes

    def _coming_runs(self, comes: list[DocumentRow]) -> set[int]:
        return {bisect_left(self._keys, row.key(self._sort)) for row in comes}

    def _take_in(self, changed: Iterable[DocumentRow], existing: Collection[DocumentId] | None) -> None:
        if existing is not None:
            for gone in self._by_id.keys() - existing:
                self._counts.subtract(self._by_id.pop(gone).filters)
        for row in changed:
            if existing is None or row.document.id in existing:
                old = self._by_id.get(row.document.id)
                if old is not None:
                    self._counts.subtract(old.filters)
                self._counts.update(row.filters)
                self._by_id[row.document.id] = row

    def _arrange(self) -> None:
        sort, shows = self._sort, self._filter.shows
        keyed = {row.key(sort): row for row in self._by_id.values() if shows(row)}
        self._keys = sorted(keyed)
        self._rows = [keyed[key] for key in self._keys]

    def _remove(self, runs: list[tuple[int, int]]) -> None:
        for first, last in reversed(runs):
            ends = sorted((self._place(first), self._place(last)))
            self.beginRemoveRows(QModelIndex(), ends[0], ends[1])
            del self._keys[first : last + 1]
            del self._rows[first : last + 1]
            self.endRemoveRows()

    def _insert(self, comes: list[DocumentRow]) -> None:
        """Put rows in, from the last place to the first, so that places found stay right."""
        keyed = sorted((row.key(self._sort), row) for row in comes)
        while keyed:
            place = bisect_left(self._keys, keyed[-1][0])
            before = self._keys[place - 1] if place else ""
            start = bisect_left([key for key, _ in keyed], before) if place else 0
            run = keyed[start:]
            del keyed[start:]
            count = len(self._rows)
            first = count - place if self._descending else place
            self.beginInsertRows(QModelIndex(), first, first + len(run) - 1)
            self._keys[place:place] = [key for key, _ in run]
            self._rows[place:place] = [row for _, row in run]
            self.endInsertRows()

    def _refresh(self, stays: list[DocumentRow]) -> None:
        places = []
        for row in stays:
            place = bisect_left(self._keys, row.key(self._sort))
            self._rows[place] = row
            places.append(place)
        for first, last in _runs(sorted(places)):
            ends = sorted((self._place(first), self._place(last)))
            self.dataChanged.emit(self.index(ends[0], 0), self.index(ends[1], len(COLUMNS) - 1))

    def _place(self, row: int) -> int:
        """Turn a row of the view to a place in the ascending list, and the other way round."""
        return len(self._rows) - 1 - row if self._descending else row

    # What views ask

    def rowCount(self, parent: ModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: ModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[self._place(index.row())]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == 0:
            checked = row.document.id in self._checked
            return Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_words(row.document, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(tip_of(row.document))
        if role == Qt.ItemDataRole.AccessibleTextRole and column is SortBy.NAME:
            limits = ", limits the next question" if row.document.id in self._checked else ""
            return f"{spoken(row.document)}{limits}"
        if role == Qt.ItemDataRole.TextAlignmentRole and column not in _TEXTS:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].value
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if COLUMNS[section] in _TEXTS else Qt.AlignmentFlag.AlignRight
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


def _runs(places: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending numbers gathered to (first, last) of what stands side by side."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and place == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs
