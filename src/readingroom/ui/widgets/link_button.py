"""A button that looks like a link, for quiet actions beside text."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget


class LinkButton(QPushButton):
    """Styled by its `role`; reachable by keyboard like any button."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("role", "link")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFlat(True)
