"""The documents an answer about all of them is made of, each with its places; the first ones, and all on request."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QVBoxLayout, QWidget

from readingroom.core.conversation import Citation
from readingroom.core.tallies import TalliedDocument
from readingroom.services.exhaustive import ShownPlace
from readingroom.ui.models.hit_rows import DocumentHit, HitModel, MoreHits, PlaceHit
from readingroom.ui.widgets.hit_delegate import HitDelegate, height_of
from readingroom.ui.widgets.link_button import LinkButton

_HIGHEST_PX = 520
"""Beyond this it scrolls by itself: only what is seen is ever painted, however many there are."""


class HitList(QWidget):
    """Clicking, Enter or Space folds a document and opens a place; the arrows move, left and right fold."""

    opened = Signal(object, object)  # Citation, the citations shown
    places_wanted = Signal(object, int)  # DocumentHit, the first place

    def __init__(self, documents: Sequence[TalliedDocument], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = HitModel(documents, self)
        self.view = _HitView(self.model, self)
        self.all_button = LinkButton(f"Show all {len(documents):,} documents", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.view)
        column.addWidget(self.all_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.all_button.setVisible(self.model.hidden > 0)
        self.all_button.clicked.connect(self._show_all)
        self.view.chosen.connect(self._choose)
        self.model.places_wanted.connect(self.places_wanted)
        self.model.rowsInserted.connect(self._fit)
        self.model.rowsRemoved.connect(self._fit)
        self._fit()

    def unfold_first(self) -> None:
        """Show the places of the first document."""
        if self.model.rows:
            self.model.toggle(0)

    def add_places(self, number: int, first: int, places: Sequence[ShownPlace]) -> None:
        """Show places of a document."""
        self.model.add_places(number, first, places)

    def _show_all(self) -> None:
        self.model.show_all()
        self.all_button.hide()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, index: QModelIndex) -> None:
        match row := self.model.rows[index.row()]:
            case DocumentHit() if row.foldable:
                self.model.toggle(index.row())
            case DocumentHit():
                if row.document.document_id is not None:
                    self.opened.emit(_whole(row), [])
            case PlaceHit():
                self.opened.emit(row.shown.citation, self.model.citations())
            case MoreHits():
                self.model.want_more(index.row())

    def _fit(self) -> None:
        wanted = 2 * self.view.frameWidth() + 2
        for row in self.model.rows:
            wanted += height_of(row)
            if wanted > _HIGHEST_PX:
                break
        self.view.setFixedHeight(min(_HIGHEST_PX, wanted))


class _HitView(QListView):
    chosen = Signal(QModelIndex)

    def __init__(self, model: HitModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("hitList")
        self.setAccessibleName("What was found, by document")
        self.setModel(model)
        self.setItemDelegate(HitDelegate(self))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self.chosen)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Qt makes the first row current without selecting it: nothing told where the keys would work.
        if event.reason() is not Qt.FocusReason.MouseFocusReason and self.currentIndex().isValid():
            self.setCurrentIndex(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        model = self.model()
        if not index.isValid() or not isinstance(model, HitModel):
            super().keyPressEvent(event)
            return
        row = model.rows[index.row()]
        unfolded = isinstance(row, DocumentHit) and row.unfolded
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self.chosen.emit(index)
            case Qt.Key.Key_Right if isinstance(row, DocumentHit) and not unfolded:
                self.chosen.emit(index)
            case Qt.Key.Key_Left if unfolded:
                self.chosen.emit(index)
            case _:
                super().keyPressEvent(event)


def _whole(hit: DocumentHit) -> Citation:
    """By which the viewer opens a document at its beginning."""
    document = hit.document
    return Citation(
        hit.number + 1,
        document.document_id,
        document.path,
        None,
        0,
        0,
        "",
        located=True,
        container=document.container,
    )
