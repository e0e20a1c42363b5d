"""A workbook or a table of values: its sheets as tabs, one of them shown as a grid."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from readingroom.ui.panes.viewer_grid import GridTable
from readingroom.ui.panes.viewer_marks import Span
from readingroom.ui.panes.viewer_sheet_rows import SheetRows
from readingroom.ui.panes.viewer_tabs import DocumentTabs
from readingroom.ui.panes.viewer_text import ZOOM_RANGE, ZOOM_STEP

_WIDEST_TAB_PX = 140


class TableView(QWidget):
    """Speaks of places by offsets in the document's text, as the view of texts does."""

    place_changed = Signal(int)
    """Offset of the first row in view."""
    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tableView")
        self._sheets: Sequence[SheetRows] = ()
        self._marks: tuple[Sequence[Span], Span | None] = ((), None)
        self._zoom = 1.0
        self.grid = GridTable(self)
        self.setFocusProxy(self.grid)
        self.tabs = DocumentTabs(self, widest_px=_WIDEST_TAB_PX)
        self.tabs.setAccessibleName("Sheets")
        self._tab_row = QFrame(self)
        self._tab_row.setObjectName("sheetTabRow")
        row = QHBoxLayout(self._tab_row)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self.tabs, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self._tab_row)
        self.tabs.currentChanged.connect(self._choose)
        self.grid.place_changed.connect(self.place_changed)
        self.grid.zoom_requested.connect(lambda step: self.set_zoom(self._zoom * ZOOM_STEP**step))

    @property
    def zoom(self) -> float:
        """1.0 is the usual size of the type."""
        return self._zoom

    @property
    def sheet(self) -> SheetRows | None:
        """The sheet shown."""
        return self.grid.rows

    def show_sheets(self, sheets: Sequence[SheetRows], name: str, *, at: int = 0) -> None:
        """Show other sheets, from the row that holds the character `at` on."""
        self.grid.setAccessibleName(f"Table of {name}")
        self._sheets = sheets
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for sheet in sheets:
            self.tabs.add(sheet.name, sheet.name, closable=False)
        self.tabs.blockSignals(False)
        self._tab_row.setVisible(len(sheets) > 1)
        self.go_to(at)

    def show_mark(self, marks: Sequence[Span], current: Span | None) -> None:
        """Mark spans of the text; bring the current one into view, whatever sheet it is on."""
        self._marks = (marks, current)
        if current is not None:
            self._turn_to(current[0], current[1])
        self.grid.set_marks(marks, current)
        if current is not None:
            self.grid.reveal(current)

    def go_to(self, offset: int) -> None:
        """Show the row that holds a character first in view."""
        self._turn_to(offset, offset)
        self.grid.go_to(offset)

    def place(self) -> int:
        """Offset of the first row in view."""
        return self.grid.place()

    def reading(self) -> int:
        """Row number of what is being looked at: of the rows one was brought to, else of the first in view."""
        return self.grid.reading()

    def go_to_row(self, number: int) -> None:
        """Show the row of that number, or the next there is, at the top."""
        if self.sheet is not None:
            self.grid.go_to(self.sheet.span(self.sheet.line_of(number))[0])

    def turn(self, by: int) -> None:
        """Go to the next sheet, or the one before."""
        self.tabs.setCurrentIndex(min(max(self.tabs.currentIndex() + by, 0), self.tabs.count() - 1))

    def holds(self, start: int, end: int) -> bool:
        """Whether anything of [start, end) stands in a row: the names of sheets, for one, do not."""
        return any(len(sheet.lines_in(start, end)) for sheet in self._sheets)

    def set_zoom(self, zoom: float) -> None:
        """Set the type larger or smaller."""
        zoom = min(max(zoom, ZOOM_RANGE[0]), ZOOM_RANGE[1])
        if abs(zoom - self._zoom) > 0.001:
            self._zoom = zoom
            self.grid.set_scale(zoom)
            self.zoom_changed.emit(zoom)

    def _turn_to(self, start: int, end: int) -> None:
        if not self._sheets:
            return
        place = next(
            (n for n, sheet in enumerate(self._sheets) if len(sheet.lines_in(start, max(end, start + 1)))),
            None,
        )
        if place is None:
            place = max((n for n, sheet in enumerate(self._sheets) if sheet.start <= start), default=0)
        if self.tabs.currentIndex() != place:
            self.tabs.blockSignals(True)
            self.tabs.setCurrentIndex(place)
            self.tabs.blockSignals(False)
        if self.grid.rows is not self._sheets[place]:
            self.grid.show_sheet(self._sheets[place])
            self.grid.set_marks(*self._marks)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._sheets):
            self.grid.show_sheet(self._sheets[place])
            self.grid.set_marks(*self._marks)
