"""The margins of a grid: the names of its columns above, the rows' numbers at the left."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from readingroom.ui.panes.viewer_grid_cells import (
    GRID_LINE,
    PAD,
    SOFT_INK,
    cell_font,
    paint_cell,
)
from readingroom.ui.panes.viewer_grid_model import GridModel
from readingroom.ui.panes.viewer_marks import Marks, Span
from readingroom.ui.panes.viewer_sheet_rows import Cell
from readingroom.ui.theme import palette

_EDGE = "#CFCABD"


class ColumnNames(QHeaderView):
    """The cells of the header's row, drawn as such: they may be marked too."""

    scale = 1.0

    def __init__(self, grid: GridModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("gridColumns")
        self._grid = grid
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(24)
        self.setAccessibleName("Columns")

    def paintSection(self, painter: QPainter, rect: QRect, place: int) -> None:
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(rect, _margin_colour())
        if self._grid.header is not None:
            cell = self._grid.header_cell(place) or Cell(0, 0, "")
            paint_cell(painter, rect, cell, self._grid.marks, self.scale, strong=True)
            painter.fillRect(rect.right(), rect.top(), 1, rect.height(), QColor(GRID_LINE))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(_EDGE))
        painter.restore()


class RowNumbers(QHeaderView):
    """The rows' numbers in the file; those of marked rows stand out."""

    scale = 1.0

    def __init__(self, grid: GridModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setObjectName("gridRows")
        self._grid = grid
        self.setSectionsClickable(False)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(10)
        self.setAccessibleName("Rows")

    def paintSection(self, painter: QPainter, rect: QRect, place: int) -> None:
        rows = self._grid.rows
        if rows is None:
            return
        start, end = rows.span(self._grid.line(place))
        _paint_number(painter, rect, self._grid.number(place), self._grid.marks, (start, end), self.scale)


class Corner(QWidget):
    """The number of the header's row, where row numbers and column names meet."""

    scale = 1.0

    def __init__(self, grid: GridModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._grid = grid

    def paintEvent(self, _event: object) -> None:
        rows, header = self._grid.rows, self._grid.header
        painter = QPainter(self)
        if rows is None or header is None:
            _paint_number(painter, self.rect(), None, Marks(), (0, 0), self.scale)
        else:
            number, span = rows.number(header), rows.span(header)
            _paint_number(painter, self.rect(), number, self._grid.marks, span, self.scale)
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(_EDGE))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()


def _paint_number(
    painter: QPainter, rect: QRect, number: int | None, marks: Marks, span: Span, scale: float
) -> None:
    painter.save()
    painter.fillRect(rect, _margin_colour())
    marked = next(marks.within(*span), None) is not None
    if marked:
        painter.fillRect(rect.adjusted(0, 0, 0, -1), palette().color("mark"))
        painter.fillRect(rect.left(), rect.top(), 3, rect.height() - 1, palette().color("mark_line"))
    painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(GRID_LINE))
    painter.fillRect(rect.right(), rect.top(), 1, rect.height(), QColor(_EDGE))
    painter.setFont(cell_font(scale, strong=marked))
    painter.setPen(QColor(palette().page_ink if marked else SOFT_INK))
    flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
    painter.drawText(rect.adjusted(2, 0, -PAD, 0), flags, "" if number is None else str(number))
    painter.restore()


def _margin_colour() -> QColor:
    """The paper of row numbers and column names, a shade darker than that of the cells."""
    return QColor(palette().page).darker(104)
