"""A combo box with the arrow of our own set of icons."""

from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox

from readingroom.ui.theme import icon_pixmap


class ChoiceBox(QComboBox):
    """Paints the arrow itself: a style sheet can only take one from a file, in one colour."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A wheel that scrolls the page must not change what it happens to pass over.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        role = "soft" if self.isEnabled() else "faint"
        picture = icon_pixmap("chevron-down", role, 14, self.devicePixelRatioF())
        painter.drawPixmap(self.width() - 22, (self.height() - 14) // 2, picture)
