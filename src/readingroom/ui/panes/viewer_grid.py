"""One sheet as a grid: real row numbers at the left, the names of its columns always in view."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QFrame, QTableView, QWidget

from readingroom.ui.panes.viewer_grid_cells import PAD, GridCells, cell_metrics
from readingroom.ui.panes.viewer_grid_headers import ColumnNames, Corner, RowNumbers
from readingroom.ui.panes.viewer_grid_model import GridModel
from readingroom.ui.panes.viewer_marks import Span
from readingroom.ui.panes.viewer_sheet_rows import SheetRows
from readingroom.ui.theme import when_palette_changes

_ROW_PX = 25
_NARROWEST, _WIDEST, _WIDEST_ALONE = 44, 240, 900
_SAMPLE_ROWS = 120
_COPIED_ROWS = 10_000
"""More rows than this are not copied at once."""


class GridTable(QTableView):
    """Asks the model for what is in view and nothing else, so that a million rows are as quick as ten."""

    place_changed = Signal(int)
    """Offset of the first row in view."""
    zoom_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gridTable")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.grid = GridModel(self)
        self.setModel(self.grid)
        self._cells = GridCells(self)
        self.setItemDelegate(self._cells)
        self._columns = ColumnNames(self.grid, self)
        self.setHorizontalHeader(self._columns)
        self._numbers = RowNumbers(self.grid, self)
        self.setVerticalHeader(self._numbers)
        self._corner = Corner(self.grid, self)
        self._held: Span | None = None
        self._moving = False
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        when_palette_changes(self.viewport().update)

    @property
    def rows(self) -> SheetRows | None:
        """The sheet shown."""
        return self.grid.rows

    def show_sheet(self, rows: SheetRows) -> None:
        """Show another sheet from its top."""
        self._held = None
        self.grid.show_sheet(rows)
        self._columns.setVisible(rows.named)
        self.scrollToTop()
        self._fit()
        self._scrolled()

    def set_scale(self, scale: float) -> None:
        """Set the type larger or smaller."""
        top = self.rowAt(0)
        self._cells.scale = scale
        self._columns.scale = self._numbers.scale = self._corner.scale = scale
        self._fit()
        self._put(max(0, top), 0)

    def set_marks(self, spans: Sequence[Span], current: Span | None) -> None:
        """Mark these spans of the text."""
        self.grid.show_marks(spans, current)
        for part in (self.viewport(), self._columns.viewport(), self._numbers.viewport(), self._corner):
            part.update()

    def reveal(self, span: Span) -> None:
        """Bring the rows of a span into view, and its first cell; it stays there while the view changes its size."""
        rows = self.grid.rows
        if rows is None or not len(rows):
            return
        lines = rows.lines_in(*span) or range(rows.line_at(span[0]), rows.line_at(span[0]) + 1)
        first, last = self.grid.row(lines[0]), self.grid.row(lines[-1])
        height, bar = self.viewport().height(), self.verticalScrollBar()
        top, bottom = first * self._row_px - bar.value(), (last + 1) * self._row_px - bar.value()
        if top < min(height * 0.1, bar.value()) or min(bottom, top + height // 2) > height * 0.9:
            self._put(first, height * 0.25)
        self._bring_cell(lines[0], span)
        self._held = span
        self.place_changed.emit(span[0])

    def go_to(self, offset: int) -> None:
        """Scroll so that the row of a character is the first in view."""
        rows = self.grid.rows
        if rows is not None:
            self._put(self.grid.row(rows.line_at(offset)), 0)
            # A row near the end cannot be brought to the top.
            self._held = (offset, offset)
            self.place_changed.emit(offset)

    def place(self) -> int:
        """Offset of the first row in view."""
        rows, row = self.grid.rows, self.rowAt(1)
        if rows is None or row < 0:
            return rows.start if rows is not None else 0
        return rows.span(self.grid.line(row))[0]

    def reading(self) -> int:
        """Row number of what is being looked at: of the rows one was brought to, else of the first in view."""
        rows = self.grid.rows
        if rows is None or not len(rows):
            return 0
        at = self.place() if self._held is None else self._held[0]
        return rows.number_or_above(rows.line_at(at))

    @property
    def _row_px(self) -> int:
        return self._numbers.defaultSectionSize()

    def _put(self, row: int, y: float) -> None:
        self._held = None
        self._moving = True
        self.verticalScrollBar().setValue(max(0, round(row * self._row_px - y)))
        self._moving = False
        self._scrolled()

    def _bring_cell(self, line: int, span: Span) -> None:
        rows = self.grid.rows
        if rows is None or rows.loose(line):
            return
        cells = rows.cells(line)
        column = next((at for at, cell in enumerate(cells) if cell.end > span[0]), 0)
        left = self.columnViewportPosition(column)
        if left < 0 or left + min(self.columnWidth(column), 80) > self.viewport().width():
            bar = self.horizontalScrollBar()
            bar.setValue(0 if column == 0 else bar.value() + left - 2 * PAD)

    # Sizes

    def _fit(self) -> None:
        """Give rows, row numbers and columns their room, columns by what a sample of the rows holds."""
        rows, scale = self.grid.rows, self._cells.scale
        if rows is None:
            return
        self._numbers.setDefaultSectionSize(max(12, round(_ROW_PX * scale)))
        digits = cell_metrics(scale).horizontalAdvance("8" * max(2, len(str(rows.last_number()))))
        self._numbers.setFixedWidth(round(digits) + 2 * PAD)
        self._columns.setFixedHeight(max(14, round((_ROW_PX + 3) * scale)))
        for column, width in enumerate(self._widths(rows, scale)):
            self.setColumnWidth(column, width)
        self.updateGeometries()

    def _widths(self, rows: SheetRows, scale: float) -> list[int]:
        longest = [""] * rows.columns
        for line in range(min(len(rows), _SAMPLE_ROWS)):
            if not rows.loose(line):
                for column, cell in enumerate(rows.cells(line)):
                    if len(cell.text) > len(longest[column]):
                        longest[column] = cell.text[:300]
        metrics = cell_metrics(scale, strong=True)
        wanted = [metrics.horizontalAdvance(text) + 2 * PAD + 4 for text in longest]
        widths = [min(max(width, _NARROWEST * scale), _WIDEST * scale) for width in wanted]
        # What is left over goes to the columns that were cut short.
        spare = max(self.viewport().width(), 200) - sum(widths)
        for column, width in enumerate(wanted):
            if spare > 0 and width > widths[column]:
                more = min(width, _WIDEST_ALONE * scale) - widths[column]
                widths[column] += min(more, spare)
                spare -= more
        return [round(width) for width in widths]

    def _in_view(self, offset: int) -> bool:
        rows = self.grid.rows
        if rows is None:
            return False
        top = self.grid.row(rows.line_at(offset)) * self._row_px - self.verticalScrollBar().value()
        return -self._row_px < top < self.viewport().height()

    def _scrolled(self) -> None:
        if not self._moving and self._held is not None and not self._in_view(self._held[0]):
            self._held = None
        self.grid.show_header_for(max(0, self.rowAt(1)))
        self._corner.update()
        self.place_changed.emit(self.place())

    # What Qt calls

    def updateGeometries(self) -> None:
        super().updateGeometries()
        corner = getattr(self, "_corner", None)
        if corner is not None:
            shown = self._columns.isVisibleTo(self)
            corner.setGeometry(0, 0, self._numbers.width(), self._columns.height() if shown else 0)
            corner.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        held = self._held
        self._moving = True
        super().resizeEvent(event)
        self._moving = False
        if held is not None:
            self.reveal(held)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        held = self._held
        self._fit()
        if held is not None:
            self.reveal(held)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_requested.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QApplication.clipboard().setText(self.selected_text())
            return
        super().keyPressEvent(event)

    def selected_text(self) -> str:
        """The selected cells, a row a line, with tabs between them as spreadsheets take them."""
        selected = self.selectionModel().selection()
        if selected.isEmpty():
            return ""
        area = selected.first()
        lines = []
        for row in range(area.top(), min(area.bottom() + 1, area.top() + _COPIED_ROWS)):
            cells = self.grid.cells(row)[area.left() : area.right() + 1]
            lines.append("\t".join(cell.text for cell in cells))
        return "\n".join(lines)
