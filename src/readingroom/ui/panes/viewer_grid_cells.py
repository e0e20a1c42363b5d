"""Draws the cells of a sheet on paper: what is marked, what is cut short, lines that stand in no table."""

import re
from collections.abc import Sequence
from functools import cache
from html import escape

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from readingroom.ui.panes.viewer_grid_model import GridModel
from readingroom.ui.panes.viewer_marks import Marks
from readingroom.ui.panes.viewer_offsets import showable
from readingroom.ui.panes.viewer_sheet_rows import Cell
from readingroom.ui.theme import body_font, palette
from readingroom.ui.widgets.paper import paint_mark

PAD = 8
FONT_PX = 12.0
GRID_LINE = "#E4E0D6"
SELECTED = "#D5E6DF"
SOFT_INK = "#6E6A60"
_LONGEST_TIP = 3000
_NUMBER = re.compile(r"[-+(]?[^\w\s]?\s?\d[\d\s.,'’]*\s?[%€$£)]?")
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex


class GridCells(QStyledItemDelegate):
    """Paints each cell by itself; sizes follow `scale`."""

    scale = 1.0

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        model, text = index.model(), str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        strong = isinstance(model, GridModel) and model.strong(index.row())
        metrics = cell_metrics(self.scale, strong=strong)
        return QSize(round(metrics.horizontalAdvance(text)) + 2 * PAD + 2, round(metrics.height()) + PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, GridModel):
            return
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setClipRect(rect)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, QColor(SELECTED) if selected else palette().color("page"))
        cells, column, row = model.cells(index.row()), index.column(), index.row()
        if len(cells) == 1:
            self._paint_across(painter, option, cells[0], model.marks, italic=model.loose(row))
        else:
            strong = model.strong(row)
            cell = cells[column] if column < len(cells) else _missing(cells)
            paint_cell(painter, rect, cell, model.marks, self.scale, strong=strong)
            painter.fillRect(rect.right(), rect.top(), 1, rect.height(), QColor(GRID_LINE))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(GRID_LINE))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor("#2F6F5E"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Tell the whole of a cell that is cut short."""
        model = index.model()
        if not isinstance(model, GridModel) or not index.isValid():
            return False
        cells = model.cells(index.row())
        text = cells[index.column()].text if index.column() < len(cells) else ""
        room = view.visualRect(index).width() - 2 * PAD
        if cell_metrics(self.scale, strong=model.strong(index.row())).horizontalAdvance(text) > room:
            QToolTip.showText(event.globalPos(), whole_tip(text), view)
        else:
            QToolTip.hideText()
        return True

    def _paint_across(
        self, painter: QPainter, option: QStyleOptionViewItem, cell: Cell, marks: Marks, *, italic: bool
    ) -> None:
        """Draw the part of a row's only cell that falls into this column: with nothing beside it, it may run on."""
        view, rect = option.widget, option.rect
        if not isinstance(view, QAbstractItemView):
            return
        whole = QRect(rect)
        first = view.visualRect(view.model().index(0, 0))
        whole.setLeft(first.left())
        whole.setWidth(max(view.viewport().width(), rect.right() - first.left()))
        paint_cell(painter, whole, cell, marks, self.scale, italic=italic, strong=False)


def paint_cell(
    painter: QPainter,
    rect: QRect,
    cell: Cell,
    marks: Marks,
    scale: float,
    *,
    strong: bool = False,
    italic: bool = False,
) -> None:
    """Draw a cell's text and its marks."""
    metrics = cell_metrics(scale, strong=strong)
    text = showable(cell.text)
    inner = QRectF(rect.adjusted(PAD, 0, -PAD, 0))
    width = metrics.horizontalAdvance(text[:2000])
    cut = width > inner.width()
    right = not strong and not italic and not cut and _NUMBER.fullmatch(text) is not None
    left = inner.right() - width if right else inner.left()
    _paint_marks(painter, rect, cell, marks, metrics, left, inner.right())
    painter.setFont(cell_font(scale, strong=strong, italic=italic))
    painter.setPen(QColor(SOFT_INK if italic else palette().page_ink))
    shown = metrics.elidedText(text[:2000], Qt.TextElideMode.ElideRight, inner.width()) if cut else text
    painter.drawText(
        inner, int(_MIDDLE | (Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)), shown
    )


def _paint_marks(
    painter: QPainter,
    rect: QRect,
    cell: Cell,
    marks: Marks,
    metrics: QFontMetricsF,
    left: float,
    right: float,
) -> None:
    """Mark a cell whole, or the very words of it; where those are cut off, the cell."""
    whole = marks.covering(cell.start, cell.end)
    if whole is not None:
        _fill(painter, QRectF(rect).adjusted(0, 0, 0, -2), underlined=whole == marks.current)
        return
    for start, end in marks.within(cell.start, cell.end):
        before = cell.text[: max(0, start - cell.start)]
        words = cell.text[max(0, start - cell.start) : end - cell.start]
        x = left + metrics.horizontalAdvance(before)
        width = metrics.horizontalAdvance(words)
        if x + width > right - 4:
            box = QRectF(rect).adjusted(0, 0, 0, -2)
        else:
            middle = QRectF(rect).center().y()
            box = QRectF(x, middle - metrics.height() / 2, width, metrics.height())
        _fill(painter, box, underlined=(start, end) == marks.current)


def _fill(painter: QPainter, box: QRectF, *, underlined: bool) -> None:
    paint_mark(painter, box, over_picture=False, underlined=underlined)


def _missing(cells: Sequence[Cell]) -> Cell:
    """A cell at the end of a row that the file leaves out; marked when its row is."""
    last = cells[-1].end if cells else 0
    return Cell(cells[0].start if cells else 0, last, "")


def whole_tip(text: str) -> str:
    """A tool tip with all of a cell, broken into lines; never taken for markup."""
    shown = text if len(text) <= _LONGEST_TIP else f"{text[:_LONGEST_TIP]}…"
    return f"<qt>{escape(shown)}</qt>"


@cache
def cell_font(scale: float, *, strong: bool = False, italic: bool = False) -> QFont:
    """The type of a cell."""
    font = body_font(max(6, round(FONT_PX * scale)), strong=strong)
    font.setItalic(italic)
    return font


@cache
def cell_metrics(scale: float, *, strong: bool = False) -> QFontMetricsF:
    """How much room the type of a cell takes."""
    return QFontMetricsF(cell_font(scale, strong=strong))
