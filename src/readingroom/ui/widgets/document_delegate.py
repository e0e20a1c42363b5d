"""Draws a document's row: its icon, its name over its folder or what is to be known of it, and its state."""

from functools import cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from readingroom.core.models import ATTENTION_STATES, DocumentState
from readingroom.ui.models.document_rows import DocumentRow, SortBy, StateFilter
from readingroom.ui.models.document_table import COLUMNS, ROW_ROLE, DocumentTableModel
from readingroom.ui.models.wording import STATE_WORDS, reason_of, showable
from readingroom.ui.theme import BODY_PX, TINY_PX, body_font, icon_pixmap, palette

ROW_HEIGHT = 44
_PAD = 8
_SAYS_WHY = ATTENTION_STATES | {DocumentState.NO_TEXT, DocumentState.UNSUPPORTED}
_ICON_PX = 16
_SMALL_PX = 12
_EDGE = 12
_STEP_PX = 16
"""How far a document inside another stands in."""
_DEEPEST = 3
Index = QModelIndex | QPersistentModelIndex


class DocumentDelegate(QStyledItemDelegate):
    """Paints all columns, so that a selected row is one calm bar."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: DocumentRow = index.data(ROW_ROLE)
        if row is None:
            return
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette().color("selection"))
        painter.setPen(palette().color("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        edge = _EDGE if index.column() == 0 else _PAD
        inner = rect.adjusted(edge, 0, -_PAD, 0)
        match COLUMNS[index.column()]:
            case SortBy.NAME:
                inner = inner.adjusted(_step_in(index, row), 0, 0, 0)
                box = _box_of(index, row, hovered=bool(state & QStyle.StateFlag.State_MouseOver))
                _paint_name(painter, inner, row, box)
            case SortBy.STATE:
                _paint_state(painter, inner, row)
            case _:
                painter.setFont(_font(TINY_PX + 1)[0])
                painter.setPen(palette().color("soft"))
                text = index.data(Qt.ItemDataRole.DisplayRole)
                painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        if state & QStyle.StateFlag.State_HasFocus and index.column() == 0:
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height() - 1), palette().color("accent"))
        painter.restore()


def _follows_container(index: Index) -> bool:
    """Whether what is inside a document stands below it, and not among others of its size or state."""
    model = index.model()
    assert isinstance(model, DocumentTableModel)  # noqa: S101  (it is made for this one)
    return model.sorting[0] is SortBy.NAME and model.filter.state is StateFilter.ALL


def box_rect(row_rect: QRect, index: Index) -> QRect:
    """Where the box of a row is pressed, generously."""
    row: DocumentRow = index.data(ROW_ROLE)
    left = row_rect.left() + _EDGE + _step_in(index, row)
    return QRect(left - 6, row_rect.top(), _ICON_PX + 12, row_rect.height())


def _step_in(index: Index, row: DocumentRow) -> int:
    return _STEP_PX * min(row.depth, _DEEPEST) if _follows_container(index) else 0


def _box_of(index: Index, row: DocumentRow, *, hovered: bool) -> bool | None:
    """Whether the box is checked; None where the icon stands in its place, while nothing limits the question."""
    model = index.model()
    assert isinstance(model, DocumentTableModel)  # noqa: S101  (it is made for this one)
    return row.document.id in model.checked if model.checked or hovered else None


def _paint_box(painter: QPainter, corner: QPoint, *, checked: bool) -> None:
    colors = palette()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colors.color("accent" if checked else "faint"), 1))
    painter.setBrush(colors.color("accent" if checked else "raised"))
    painter.drawRoundedRect(QRectF(corner.x() + 0.5, corner.y() + 0.5, _ICON_PX - 1, _ICON_PX - 1), 4, 4)
    if checked:
        mark = _icon("check", "on_accent", _ratio(painter), colors.name, _SMALL_PX)
        painter.drawPixmap(corner + QPoint(2, 2), mark)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_name(painter: QPainter, rect: QRect, row: DocumentRow, box: bool | None) -> None:
    document = row.document
    corner = QPoint(rect.left(), rect.top() + 6)
    if box is None:
        painter.drawPixmap(corner, _icon(row.icon, "soft", _ratio(painter), palette().name))
    else:
        _paint_box(painter, corner, checked=box)
    left, width = rect.left() + _ICON_PX + _PAD, rect.width() - _ICON_PX - _PAD
    top = QRect(left, rect.top() + 5, width, 18)
    below = QRect(left, rect.top() + 23, width, 15)
    if document.pinned:
        pin = _icon("pin", "accent", _ratio(painter), palette().name, _SMALL_PX)
        painter.drawPixmap(left, top.top() + 3, pin)
        top.setLeft(left + _SMALL_PX + 4)
    _line(painter, top, showable(document.path.name), BODY_PX, "ink", Qt.TextElideMode.ElideMiddle)
    if document.state in _SAYS_WHY or document.reason:
        role = STATE_WORDS[document.state].role if document.state in ATTENTION_STATES else "soft"
        why = f"{row.folder} · {reason_of(document)}" if row.depth else reason_of(document)
        _line(painter, below, why, TINY_PX, role, Qt.TextElideMode.ElideRight)
    else:
        _line(painter, below, row.folder, TINY_PX, "soft", Qt.TextElideMode.ElideLeft)


def _paint_state(painter: QPainter, rect: QRect, row: DocumentRow) -> None:
    words = STATE_WORDS[row.document.state]
    middle = rect.center().y()
    picture = _icon(words.icon, words.role, _ratio(painter), palette().name, 14)
    painter.drawPixmap(rect.left(), middle - 6, picture)
    role = words.role if words.role in ("error", "warning") else "soft"
    text = QRect(rect.left() + 20, rect.top(), rect.width() - 16, rect.height())
    _line(painter, text, words.word, TINY_PX + 1, role, Qt.TextElideMode.ElideRight)


def _line(
    painter: QPainter, rect: QRect, text: str, size_px: int, role: str, elide: Qt.TextElideMode
) -> None:
    font, metrics = _font(size_px)
    painter.setFont(font)
    painter.setPen(palette().color(role))
    shown = metrics.elidedText(text, elide, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


@cache
def _font(size_px: int) -> tuple[QFont, QFontMetrics]:
    font = body_font(size_px)
    return font, QFontMetrics(font)


def _ratio(painter: QPainter) -> float:
    device = painter.device()
    return device.devicePixelRatioF() if device is not None else 1.0


@cache
def _icon(name: str, role: str, ratio: float, palette_name: str, size_px: int = _ICON_PX) -> QPixmap:  # noqa: ARG001  (part of the key)
    """Drawn once a palette: an SVG for each row would be most of the time a scrolled frame takes."""
    return icon_pixmap(name, role, size_px, ratio)
