"""Names that complete what is typed, in a list above the box; the focus stays in the box."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from readingroom.ui.theme import lift
from readingroom.ui.widgets.palette_rows import PaletteDelegate, PaletteEntry, PaletteModel, height_of

_WIDTH = 420
_GAP_PX = 6


class CompletionList(QFrame):
    """Lies over the window; told to move and to choose by who holds the keyboard."""

    chosen = Signal(object)  # PaletteEntry

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.setObjectName("completionList")
        self._model = PaletteModel(self)
        self._view = QListView(self)
        self._view.setModel(self._model)
        self._view.setItemDelegate(PaletteDelegate(self._view))
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setMouseTracking(True)
        self._view.setAccessibleName("Documents and folders by this name")
        self._view.clicked.connect(self._click)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self._view)
        lift(self, 20)
        self.hide()

    @property
    def entries(self) -> Sequence[PaletteEntry]:
        """What is offered, from the top."""
        return self._model.entries

    @property
    def selected(self) -> PaletteEntry | None:
        """What Enter chooses."""
        row = self._view.currentIndex().row()
        entry = self._model.rows[row] if 0 <= row < len(self._model.rows) else None
        return entry if isinstance(entry, PaletteEntry) else None

    def show_entries(self, entries: Sequence[PaletteEntry], above: QWidget) -> None:
        """Offer these above a widget of the same window; hide for none."""
        self._model.show(entries)
        if not entries:
            self.hide()
            return
        self._select(self._places()[0])
        height = sum(height_of(row) for row in self._model.rows) + 2
        corner = above.mapTo(self._window, QPoint(0, 0))
        height = min(height, max(120, corner.y() - 2 * _GAP_PX - 12))
        self._view.setFixedHeight(height)
        self.resize(min(_WIDTH, above.width()), height + 12)
        self.move(corner.x(), corner.y() - self.height() - _GAP_PX)
        self.show()
        self.raise_()

    def step(self, by: int) -> None:
        """Go up or down, around the ends."""
        places = self._places()
        row = self._view.currentIndex().row()
        at = places.index(row) + by if row in places else 0
        self._select(places[at % len(places)])

    def choose(self) -> None:
        """Choose what is selected."""
        if (entry := self.selected) is not None:
            self.hide()
            self.chosen.emit(entry)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Hide):
            self.hide()
        return super().eventFilter(watched, event)

    def _places(self) -> list[int]:
        return [place for place, row in enumerate(self._model.rows) if isinstance(row, PaletteEntry)]

    def _select(self, place: int) -> None:
        self._view.setCurrentIndex(self._model.index(place, 0))

    def _click(self, index: QModelIndex) -> None:
        if isinstance(self._model.rows[index.row()], PaletteEntry):
            self.choose()
