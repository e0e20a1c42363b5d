"""A check box whose box can be seen in both themes."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from readingroom.ui.theme import icon_pixmap, palette, when_palette_changes

_BOX_PX = 16
_RADIUS_PX = 4
_MARK_PX = 12
_GAP_PX = 8


class CheckBox(QCheckBox):
    """Paints itself: the style draws the empty box in the colour of the window it lies on."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[call-overload]
        when_palette_changes(self.update)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(_BOX_PX + 2, _BOX_PX + 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        state: QStyle.StateFlag = option.state
        enabled = self.isEnabled()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, (self.height() - _BOX_PX) // 2 + 0.5, _BOX_PX - 1, _BOX_PX - 1)
        colors = palette()
        checked = self.isChecked()
        if state & QStyle.StateFlag.State_HasFocus:
            edge = "ink" if checked else "accent"
        else:
            edge = "accent" if checked and enabled else "faint"
        painter.setPen(QPen(colors.color(edge), 1))
        painter.setBrush(
            colors.color("accent" if enabled else "faint") if checked else colors.color("raised")
        )
        painter.drawRoundedRect(box, _RADIUS_PX, _RADIUS_PX)
        if checked:
            mark = icon_pixmap("check", "on_accent", _MARK_PX, self.devicePixelRatioF())
            inset = (_BOX_PX - _MARK_PX) // 2
            painter.drawPixmap(inset, round(box.top() - 0.5) + inset, mark)
        painter.setPen(colors.color("ink" if enabled else "faint"))
        words = QRect(_BOX_PX + _GAP_PX, 0, self.width() - _BOX_PX - _GAP_PX, self.height())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic
        painter.drawText(words, int(flags), self.text())
