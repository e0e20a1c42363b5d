"""Paints the rows of an answer about all documents; texts as they are, never as markup."""

from functools import cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from readingroom.ui.models.format_kinds import kind_by_suffix
from readingroom.ui.models.hit_rows import DocumentHit, HitRow, MoreHits, PlaceHit
from readingroom.ui.models.wording import showable
from readingroom.ui.theme import BODY_PX, SMALL_PX, TINY_PX, body_font, icon_pixmap, palette
from readingroom.ui.widgets.palette_rows import paint_snippet

DOCUMENT_PX, PLACE_PX, MORE_PX = 34, 60, 30
_ONE_LINE_PX = 42
_SHORT_PX = 300
"""What is no longer fits one line in the narrowest window as well."""
_TEXT_LEFT = 32
_PAD = 10
Index = QModelIndex | QPersistentModelIndex


def height_of(row: HitRow) -> int:
    """Of a row, in pixels."""
    match row:
        case DocumentHit():
            return DOCUMENT_PX
        case PlaceHit():
            words = QFontMetrics(body_font(SMALL_PX)).horizontalAdvance(row.shown.snippet.text)
            return _ONE_LINE_PX if words < _SHORT_PX else PLACE_PX
        case MoreHits():
            return MORE_PX


class HitDelegate(QStyledItemDelegate):
    """A document in one line, a place in two with its page above."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, height_of(index.data(Qt.ItemDataRole.UserRole)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: HitRow = index.data(Qt.ItemDataRole.UserRole)
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = state & QStyle.StateFlag.State_Selected
        focused = selected and state & QStyle.StateFlag.State_HasFocus
        # What was opened stays marked while the page is looked at.
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette().color("accent_wash" if focused else "selection"))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 6, 6)
        match row:
            case DocumentHit():
                _paint_document(painter, rect, row, index.row())
            case PlaceHit():
                _paint_place(painter, rect, row)
            case MoreHits():
                painter.setFont(body_font(SMALL_PX))
                painter.setPen(palette().color("accent" if row.first >= 0 else "soft"))
                painter.drawText(
                    rect.adjusted(_TEXT_LEFT, 0, -_PAD, 0), Qt.AlignmentFlag.AlignVCenter, row.text
                )
        painter.restore()


def _paint_document(painter: QPainter, rect: QRect, row: DocumentHit, at: int) -> None:
    colors = palette()
    ratio = painter.device().devicePixelRatioF()
    if at:
        painter.setPen(colors.color("line"))
        painter.drawLine(rect.left() + _PAD, rect.top(), rect.right() - _PAD, rect.top())
    chevron = "chevron-down" if row.unfolded else "chevron-right"
    name = chevron if row.foldable else kind_by_suffix(row.document.path).icon
    painter.drawPixmap(rect.left() + _PAD, rect.center().y() - 6, _icon(name, ratio, colors.name))
    line = rect.adjusted(_TEXT_LEFT, 0, -_PAD, 0)
    painter.setFont(body_font(TINY_PX))
    painter.setPen(colors.color("soft"))
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, row.count)
    line.setRight(line.right() - painter.fontMetrics().horizontalAdvance(row.count) - 12)
    gone = row.document.document_id is None
    painter.setFont(body_font(BODY_PX, strong=True))
    painter.setPen(colors.color("soft" if gone else "ink"))
    text = showable(row.document.path.name)
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
    if row.within or gone:
        line.setLeft(line.left() + painter.fontMetrics().horizontalAdvance(shown) + 6)
        painter.setFont(body_font(SMALL_PX))
        painter.setPen(colors.color("soft"))
        beside = "no longer in the workspace" if gone else f"in {showable(row.within)}"
        beside = painter.fontMetrics().elidedText(beside, Qt.TextElideMode.ElideMiddle, max(0, line.width()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, beside)


def _paint_place(painter: QPainter, rect: QRect, row: PlaceHit) -> None:
    line = rect.adjusted(_TEXT_LEFT, 4, -_PAD, 0)
    painter.setFont(body_font(TINY_PX))
    painter.setPen(palette().color("soft"))
    place = painter.fontMetrics().elidedText(row.place, Qt.TextElideMode.ElideMiddle, line.width())
    top = QRect(line.left(), line.top(), line.width(), 14)
    painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, place)
    paint_snippet(painter, line.adjusted(0, 16 if place else 6, 0, 0), row.shown.snippet)


@cache
def _icon(name: str, ratio: float, palette_name: str) -> QPixmap:  # noqa: ARG001  (part of the key)
    return icon_pixmap(name, "soft", 14, ratio)
