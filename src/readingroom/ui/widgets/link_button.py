"""A button that looks like a link, for quiet actions beside text."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget


class LinkButton(QPushButton):
    """Styled by its `role`; reachable by keyboard like any button."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("role", "link")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFlat(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # A button takes Space; what looks like a link takes Return as well.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)
