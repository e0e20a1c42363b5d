"""The rows of the command palette: titles of groups, things found by name, and passages with their words marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QPainter, QPixmap, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from readingroom.core.snippets import Snippet
from readingroom.ui.models.wording import showable
from readingroom.ui.theme import BODY_PX, SMALL_PX, TINY_PX, body_font, icon_pixmap, palette

ROW_PX = 34
TITLE_PX = 26
_LINE_PX = 18
_LINES = 2
PASSAGE_PX = 32 + _LINES * _LINE_PX
_TEXT_LEFT = 36
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """Something that can be found."""

    text: str
    kind: str
    """Shown at the right: what it is, where it stands, or a command's keys."""
    icon: str
    run: Callable[[], object]
    group: str = "Commands"
    snippet: Snippet | None = None
    """Of a passage."""
    key: object = None
    """By which it is known again among newer answers."""


Row = PaletteEntry | str
"""A string is the title of the group that follows."""


class PaletteModel(QAbstractListModel):
    """What fits what is typed, in groups."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: Sequence[Row] = ()

    @property
    def entries(self) -> list[PaletteEntry]:
        """Without the titles."""
        return [row for row in self.rows if isinstance(row, PaletteEntry)]

    def show(self, entries: Sequence[PaletteEntry]) -> None:
        """Show entries, those of a group together and under its title."""
        rows: list[Row] = []
        group = ""
        for entry in entries:
            if entry.group != group:
                group = entry.group
                rows.append(group)
            rows.append(entry)
        if [_look(row) for row in rows] == [_look(row) for row in self.rows]:
            self.rows = rows  # the next letter mostly finds the same: nothing is drawn anew
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self.rows[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if isinstance(row, str):
            return row if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = (row.text, row.kind, row.snippet.text if row.snippet else "")
            return ", ".join(words for words in said if words)
        return row.text if role == Qt.ItemDataRole.DisplayRole else None


def _look(row: Row) -> object:
    """What is seen of a row."""
    return row if isinstance(row, str) else (row.text, row.kind, row.icon, row.snippet)


def height_of(row: Row) -> int:
    """Of a row, in pixels."""
    if isinstance(row, str):
        return TITLE_PX
    return PASSAGE_PX if row.snippet is not None else ROW_PX


class PaletteDelegate(QStyledItemDelegate):
    """Paints all kinds of rows; texts as they are, never as markup."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, height_of(index.data(Qt.ItemDataRole.UserRole)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(Qt.ItemDataRole.UserRole)
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, str):
            painter.setFont(body_font(TINY_PX, strong=True))
            painter.setPen(palette().color("soft"))
            painter.drawText(rect.adjusted(10, 4, -10, 0), Qt.AlignmentFlag.AlignVCenter, row)
        else:
            if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
                _paint_bar(painter, rect, selected=bool(state & QStyle.StateFlag.State_Selected))
            if row.snippet is None:
                _paint_head(painter, rect, row)
            else:
                _paint_head(painter, QRect(rect.left(), rect.top() + 3, rect.width(), 24), row, strong=True)
                beneath = rect.adjusted(_TEXT_LEFT, 27, -10, 0)
                paint_snippet(painter, beneath, row.snippet)
        painter.restore()


def _paint_bar(painter: QPainter, rect: QRect, *, selected: bool) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette().color("accent_wash" if selected else "selection"))
    painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)


def _paint_head(painter: QPainter, rect: QRect, entry: PaletteEntry, *, strong: bool = False) -> None:
    colors = palette()
    ratio = painter.device().devicePixelRatioF()
    picture = _icon(entry.icon, ratio, colors.name)
    painter.drawPixmap(rect.left() + 10, rect.center().y() - 7, picture)
    line = rect.adjusted(_TEXT_LEFT, 0, -10, 0)
    painter.setFont(body_font(TINY_PX))
    painter.setPen(colors.color("soft"))
    metrics = painter.fontMetrics()
    kind = metrics.elidedText(showable(entry.kind), Qt.TextElideMode.ElideMiddle, line.width() // 2)
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, kind)
    line.setRight(line.right() - metrics.horizontalAdvance(kind) - 12)
    painter.setFont(body_font(BODY_PX, strong=strong))
    painter.setPen(colors.color("ink"))
    text = showable(entry.text)
    text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)


@cache
def _icon(name: str, ratio: float, palette_name: str) -> QPixmap:  # noqa: ARG001  (part of the key)
    """Drawn once a palette: with each letter the list is painted anew."""
    return icon_pixmap(name, "soft", 16, ratio)


def paint_snippet(painter: QPainter, rect: QRect, snippet: Snippet) -> None:
    """Paint two lines of it, its words marked; an ellipsis tells that it goes on."""
    layout, end = _laid_out(snippet.text, snippet, rect.width())
    if end < _utf16(snippet.text):
        text = snippet.text.encode("utf-16-le", "surrogatepass")[: 2 * max(0, end - 2)]
        layout, _ = _laid_out(f"{text.decode('utf-16-le', 'ignore').rstrip()}…", snippet, rect.width())
    painter.setPen(palette().color("soft"))
    layout.draw(painter, QPointF(rect.left(), rect.top()))


def _laid_out(text: str, snippet: Snippet, width: int) -> tuple[QTextLayout, int]:
    """Return the lines there is room for, and where they end, as Qt counts."""
    layout = QTextLayout(text, body_font(SMALL_PX))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    # A passage in Arabic or Hebrew runs the other way in a list that does not.
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    layout.setTextOption(option)
    layout.setFormats([_marked(snippet.text, mark.start, mark.end) for mark in snippet.marks])
    layout.beginLayout()
    lines = end = 0
    while lines < _LINES and (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width))
        line.setPosition(QPointF(0, lines * _LINE_PX))
        lines += 1
        end = line.textStart() + line.textLength()
    layout.endLayout()
    return layout, end


def _marked(text: str, start: int, end: int) -> QTextLayout.FormatRange:
    """Qt counts characters beyond the basic plane twice."""
    form = QTextCharFormat()
    form.setFontWeight(QFont.Weight.DemiBold)
    form.setForeground(palette().color("accent"))
    found = QTextLayout.FormatRange()
    found.start = _utf16(text[:start])
    found.length = _utf16(text[start:end])
    found.format = form
    return found


def _utf16(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
