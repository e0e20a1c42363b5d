"""What an answer about all documents is made of, as rows: documents, and unfolded below them their places."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from readingroom.core.counting import count_words
from readingroom.core.places import joined_words, name_of, titled, words_of
from readingroom.core.tallies import TalliedDocument
from readingroom.services.exhaustive import ShownPlace
from readingroom.ui.models.wording import showable
from readingroom.ui.widgets.plain_text import plain_tip

PLACES_AT_ONCE = 20
FIRST_DOCUMENTS = 12
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class DocumentHit:
    """A document and how often it holds what was asked for."""

    number: int
    """Its place in the answer, from 0."""
    document: TalliedDocument
    unfolded: bool = False
    folder: str = ""
    """Told only where another document of the answer is called the same."""

    @property
    def within(self) -> str:
        """What it is part of, or lies in, where that has to be said."""
        return self.document.container or self.folder

    @property
    def count(self) -> str:
        """`5 places`, or what the file was chosen by."""
        return self.document.note or count_words(len(self.document.spans), "place")

    @property
    def foldable(self) -> bool:
        """Whether there are places to be shown."""
        return bool(self.document.spans)


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place of the document above."""

    number: int
    shown: ShownPlace

    @property
    def place(self) -> str:
        """`Page 12`."""
        return titled(words_of(self.shown.citation))


@dataclass(frozen=True, slots=True)
class MoreHits:
    """The places of a document that follow; or why none can be shown."""

    number: int
    text: str
    first: int
    """The next place to be shown; negative where this only says something."""


HitRow = DocumentHit | PlaceHit | MoreHits


class HitModel(QAbstractListModel):
    """The first documents until all are wanted; places come when a document is unfolded."""

    places_wanted = Signal(object, int)  # DocumentHit, the first place

    def __init__(self, documents: Sequence[TalliedDocument], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._documents = documents
        self._called = Counter(document.path.name for document in documents)
        self.rows: list[HitRow] = []
        self._add_documents(FIRST_DOCUMENTS)

    @property
    def hidden(self) -> int:
        """Documents that are not among the rows yet."""
        return len(self._documents) - sum(isinstance(row, DocumentHit) for row in self.rows)

    def show_all(self) -> None:
        """Add the documents that are not shown."""
        self._add_documents(len(self._documents))

    def toggle(self, row: int) -> None:
        """Fold or unfold a document."""
        hit = self.rows[row]
        if not isinstance(hit, DocumentHit) or not hit.foldable:
            return
        self._set(row, replace(hit, unfolded=not hit.unfolded))
        if not hit.unfolded:
            self.places_wanted.emit(self.rows[row], 0)
            return
        last = row + 1
        while last < len(self.rows) and not isinstance(self.rows[last], DocumentHit):
            last += 1
        self._remove(row + 1, last)

    def want_more(self, row: int) -> None:
        """Ask for the places that a row stands for."""
        more = self.rows[row]
        document = next(
            (hit for hit in self.rows if isinstance(hit, DocumentHit) and hit.number == more.number), None
        )
        if isinstance(more, MoreHits) and more.first >= 0 and document is not None:
            self.places_wanted.emit(document, more.first)

    def add_places(self, number: int, first: int, places: Sequence[ShownPlace]) -> None:
        """Put places below their document, unless it was folded meanwhile or they are there."""
        at = next(
            (i for i, hit in enumerate(self.rows) if isinstance(hit, DocumentHit) and hit.number == number),
            -1,
        )
        hit = self.rows[at] if at >= 0 else None
        if not isinstance(hit, DocumentHit) or not hit.unfolded:
            return
        last = at + 1
        while last < len(self.rows) and isinstance(self.rows[last], PlaceHit):
            last += 1
        if last < len(self.rows) and isinstance(self.rows[last], MoreHits):
            self._remove(last, last + 1)
        elif last > at + 1:
            return
        rows: list[HitRow] = [PlaceHit(number, place) for place in places]
        shown = first + sum(place.count for place in places)
        left = len(hit.document.spans) - shown
        if not places:
            rows.append(
                MoreHits(number, "It was read anew since, or is gone: ask again to see its places.", -1)
            )
        elif left > 0:
            rows.append(MoreHits(number, f"Show {min(left, PLACES_AT_ONCE)} more of {left:,}", shown))
        self._insert(last, rows)

    def citations(self) -> list[object]:
        """Those of the places shown, in order."""
        return [row.shown.citation for row in self.rows if isinstance(row, PlaceHit)]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _said(row)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, DocumentHit):
            return plain_tip(showable(str(row.document.path)))
        return None

    def _add_documents(self, upto: int) -> None:
        shown = sum(isinstance(row, DocumentHit) for row in self.rows)
        added = [self._hit(n) for n in range(shown, min(upto, len(self._documents)))]
        self._insert(len(self.rows), list(added))

    def _hit(self, number: int) -> DocumentHit:
        document = self._documents[number]
        folder = document.path.parent.name if self._called[document.path.name] > 1 else ""
        return DocumentHit(number, document, folder=folder)

    def _set(self, row: int, hit: HitRow) -> None:
        self.rows[row] = hit
        index = self.index(row)
        self.dataChanged.emit(index, index)

    def _insert(self, at: int, rows: list[HitRow]) -> None:
        if rows:
            self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
            self.rows[at:at] = rows
            self.endInsertRows()

    def _remove(self, first: int, last: int) -> None:
        if last > first:
            self.beginRemoveRows(QModelIndex(), first, last - 1)
            del self.rows[first:last]
            self.endRemoveRows()


def _said(row: HitRow) -> str:
    match row:
        case DocumentHit():
            name = row.document.path.name
            where = f"{name} in {row.within}" if row.within else name
            folded = "" if not row.foldable else ", unfolded" if row.unfolded else ", folded"
            return f"{showable(where)}, {row.count}{folded}"
        case PlaceHit():
            return joined_words(showable(name_of(row.shown.citation)), row.place, row.shown.snippet.text)
        case MoreHits():
            return row.text
