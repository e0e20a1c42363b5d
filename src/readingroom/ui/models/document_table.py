"""The documents of a workspace as a table: sorted, filtered, and changed row by row as they are read."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from readingroom.core.ids import DocumentId
from readingroom.core.models import ATTENTION_STATES, Document
from readingroom.ui.models.document_rows import DocumentRow, RowFilter, SortBy
from readingroom.ui.models.wording import STATE_WORDS, count_words, reason_of, size_words
from readingroom.ui.widgets.plain_text import plain_tip

ModelIndex = QModelIndex | QPersistentModelIndex

COLUMNS = tuple(SortBy)
ROW_ROLE = Qt.ItemDataRole.UserRole + 1

_ROOT = QModelIndex()
_NUMBERS = (2, 3)
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
        self._attention = 0

    # What is in it

    @property
    def total(self) -> int:
        """Documents of the workspace, shown or not."""
        return len(self._by_id)

    @property
    def attention(self) -> int:
        """How many of them need the person."""
        return self._attention

    @property
    def sorting(self) -> tuple[SortBy, bool]:
        """By what, and whether descending."""
        return self._sort, self._descending

    def document(self, row: int) -> Document:
        """Look up the document in a row of the view."""
        return self._rows[self._place(row)].document

    def row_of(self, document_id: DocumentId) -> int | None:
        """Its row in the view, if it is shown."""
        row = self._by_id.get(document_id)
        if row is None or not self._filter.shows(row):
            return None
        return self._place(bisect_left(self._keys, row.key(self._sort)))

    # Changing it

    def replace(self, rows: Iterable[DocumentRow]) -> None:
        """Show these and nothing else."""
        self.beginResetModel()
        self._by_id = {row.document.id: row for row in rows}
        self._arrange()
        self.endResetModel()
        self._count()

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
        self._count()

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

    def _take_in(self, changed: Sequence[DocumentRow], existing: Collection[DocumentId] | None) -> None:
        if existing is not None:
            for gone in self._by_id.keys() - existing:
                del self._by_id[gone]
        for row in changed:
            if existing is None or row.document.id in existing:
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

    def _count(self) -> None:
        self._attention = sum(row.document.state in ATTENTION_STATES for row in self._by_id.values())
        self.counted.emit()

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
        if role == Qt.ItemDataRole.DisplayRole:
            return _shown(row.document, COLUMNS[index.column()])
        if role == Qt.ItemDataRole.ToolTipRole:
            word = STATE_WORDS[row.document.state].word
            return plain_tip(f"{row.document.path}\n{word}: {reason_of(row.document)}")
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return _spoken(row.document)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in _NUMBERS:
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
            side = Qt.AlignmentFlag.AlignRight if section > 1 else Qt.AlignmentFlag.AlignLeft
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


def _shown(document: Document, column: SortBy) -> str:
    match column:
        case SortBy.NAME:
            return document.path.name
        case SortBy.STATE:
            return STATE_WORDS[document.state].word
        case SortBy.PAGES:
            return "" if document.pages is None else f"{document.pages:,}"
        case SortBy.SIZE:
            return size_words(document.size_bytes)


def _spoken(document: Document) -> str:
    pages = "" if document.pages is None else f", {count_words(document.pages, 'page')}"
    return f"{document.path.name}, {STATE_WORDS[document.state].word}: {reason_of(document)}{pages}"
