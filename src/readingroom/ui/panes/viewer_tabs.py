"""The tabs of the document pane: the list, then what is open."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar, QToolButton, QWidget

from readingroom.ui.theme import body_font, palette, set_icon, when_palette_changes
from readingroom.ui.widgets.plain_text import plain_tip

_HEIGHT = 26
_PAD = 10
_WIDEST = 180
_CLOSE = 18


class DocumentTabs(QTabBar):
    """Quiet tabs with the chosen one as a pill; the first cannot be closed."""

    close_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, widest_px: int = _WIDEST) -> None:
        super().__init__(parent)
        self._widest_px = widest_px
        self.setObjectName("documentTabs")
        self.setAccessibleName("Open documents")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        when_palette_changes(self.update)

    def add(self, text: str, tip: str, *, closable: bool) -> int:
        """Add a tab at the end."""
        place = self.addTab(text)
        self.setTabToolTip(place, plain_tip(tip))
        if closable:
            button = QToolButton(self)
            button.setObjectName("tabClose")
            button.setFixedSize(_CLOSE, _CLOSE)
            button.setIconSize(QSize(12, 12))
            button.setToolTip("Close (Ctrl+W)")
            button.setAccessibleName(f"Close {text}")
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            set_icon(button, "x", "soft")
            button.clicked.connect(lambda: self._close(button))
            self.setTabButton(place, QTabBar.ButtonPosition.RightSide, button)
        return place

    def _close(self, button: QToolButton) -> None:
        for place in range(self.count()):
            if self.tabButton(place, QTabBar.ButtonPosition.RightSide) is button:
                self.close_requested.emit(place)
                return

    def tabSizeHint(self, index: int) -> QSize:
        metrics = QFontMetrics(body_font(strong=True))
        width = metrics.horizontalAdvance(self.tabText(index)) + 2 * _PAD + 2
        closable = self.tabButton(index, QTabBar.ButtonPosition.RightSide) is not None
        return QSize(min(width, self._widest_px) + (_CLOSE if closable else 0) + 2, _HEIGHT)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(self.count()):
            if self.tabRect(index).intersects(event.rect()):
                self._paint_tab(painter, index)

    def _paint_tab(self, painter: QPainter, index: int) -> None:
        rect = self.tabRect(index).adjusted(0, 0, -2, 0)
        chosen = index == self.currentIndex()
        colors = palette()
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("selection"))
            painter.drawRoundedRect(rect, 6, 6)
            if self.hasFocus():
                painter.setPen(colors.color("accent"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        closable = self.tabButton(index, QTabBar.ButtonPosition.RightSide) is not None
        inner = QRect(rect)
        inner.adjust(_PAD, 0, -(_CLOSE + 4 if closable else _PAD), 0)
        painter.setFont(body_font(strong=chosen))
        painter.setPen(colors.color("ink" if chosen else "soft"))
        text = painter.fontMetrics().elidedText(self.tabText(index), self.elideMode(), inner.width() + 1)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close a tab by the middle button."""
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and index > 0:
            self.close_requested.emit(index)
            return
        super().mouseReleaseEvent(event)
