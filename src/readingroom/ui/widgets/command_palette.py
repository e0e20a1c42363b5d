"""Ctrl+K: find a command, a workspace, a thread or a document by a few letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from readingroom.ui.theme import BODY_PX, TINY_PX, body_font, icon_pixmap, lift, palette
from readingroom.ui.widgets.fuzzy import fuzzy_filter
from readingroom.ui.widgets.plain_text import PlainLabel

_MOST = 50
_ROW_PX = 34
_ROWS_SHOWN = 9
_WIDTH = 560
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """Something that can be found."""

    text: str
    kind: str
    """Shown at the right: what it is, or a command's keys."""
    icon: str
    run: Callable[[], object]


class _Entries(QAbstractListModel):
    """The entries that fit what is typed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.entries: Sequence[PaletteEntry] = ()

    def show(self, entries: Sequence[PaletteEntry]) -> None:
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.text}, {entry.kind}"
        if role == Qt.ItemDataRole.UserRole:
            return entry
        return entry.text if role == Qt.ItemDataRole.DisplayRole else None


class _EntryDelegate(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(100, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: PaletteEntry = index.data(Qt.ItemDataRole.UserRole)
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        colors = palette()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            selected = bool(state & QStyle.StateFlag.State_Selected)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent_wash" if selected else "selection"))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(
            rect.left() + 10, rect.center().y() - 7, icon_pixmap(entry.icon, "soft", 16, ratio)
        )
        row = rect.adjusted(36, 0, -10, 0)
        painter.setFont(body_font(TINY_PX))
        painter.setPen(colors.color("soft"))
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, entry.kind)
        row.setRight(row.right() - painter.fontMetrics().horizontalAdvance(entry.kind) - 12)
        painter.setFont(body_font(BODY_PX))
        painter.setPen(colors.color("ink"))
        text = painter.fontMetrics().elidedText(entry.text, Qt.TextElideMode.ElideMiddle, row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class CommandPalette(QFrame):
    """Lies over the window near its top. Arrows move, Enter does it, Esc or a click elsewhere closes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.setObjectName("paletteFrame")
        self.setAccessibleName("Command palette")
        self._all: list[PaletteEntry] = []
        self.input = QLineEdit(self)
        self.input.setObjectName("paletteInput")
        self.input.setPlaceholderText("Find in documents, threads and commands")
        self.input.setAccessibleName("Find in documents, threads and commands")
        self._model = _Entries(self)
        self._view = QListView(self)
        self._view.setModel(self._model)
        self._view.setItemDelegate(_EntryDelegate(self._view))
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setUniformItemSizes(True)
        self._view.setMouseTracking(True)
        self._view.setAccessibleName("Found")
        self._nothing = PlainLabel("Nothing by that name.", self)
        self._nothing.setProperty("role", "small")
        self._nothing.setContentsMargins(14, 8, 14, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 8)
        column.setSpacing(6)
        column.addWidget(self.input)
        inner = QVBoxLayout()
        inner.setContentsMargins(7, 0, 7, 0)
        inner.addWidget(self._view)
        inner.addWidget(self._nothing)
        column.addLayout(inner)
        self.input.textChanged.connect(self._filter)
        self.input.installEventFilter(self)
        self._view.clicked.connect(lambda _index: self._run())
        lift(self, 32)
        self.hide()

    @property
    def found(self) -> Sequence[PaletteEntry]:
        """What fits now, best first."""
        return self._model.entries

    def open(self, entries: Sequence[PaletteEntry]) -> None:
        """Show over the window with these entries."""
        self._all = list(entries)
        self.input.clear()
        self._filter()
        self.show()
        self.raise_()
        self.input.setFocus(Qt.FocusReason.PopupFocusReason)

    def add_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """Add what took longer to list."""
        self._all.extend(entries)
        if self.isVisible() and self.input.text():
            self._filter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.input and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if watched is self.input and event.type() == QEvent.Type.FocusOut:
            self.hide()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        rows = len(self._model.entries)
        row = self._view.currentIndex().row()
        if key == Qt.Key.Key_Escape:
            self._close()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and rows:
            step = 1 if key == Qt.Key.Key_Down else -1
            self._view.setCurrentIndex(self._model.index((row + step) % rows, 0))
        else:
            return False
        return True

    def _filter(self) -> None:
        found = fuzzy_filter(self._all, self.input.text(), _MOST)
        self._model.show(found)
        self._nothing.setVisible(not found)
        self._view.setVisible(bool(found))
        if found:
            self._view.setCurrentIndex(self._model.index(0, 0))
        self._view.setFixedHeight(max(1, min(len(found), _ROWS_SHOWN)) * _ROW_PX + 2)
        self._place()

    def _place(self) -> None:
        width = min(_WIDTH, self._window.width() - 32)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((self._window.width() - width) // 2, 52)

    def _run(self) -> None:
        index = self._view.currentIndex()
        if not index.isValid():
            return
        entry = self._model.entries[index.row()]
        self._close()
        entry.run()

    def _close(self) -> None:
        self.hide()
        self._window.setFocus()
