"""A calm line that says what the person should know: why an answer is not whole, what is missing."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class Note(QLabel):
    """Plain text on a wash; `warning` for what went wrong."""

    def __init__(self, text: str, parent: QWidget | None = None, *, warning: bool = False) -> None:
        super().__init__(text, parent)
        self.setObjectName("note")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("tone", "warning" if warning else "plain")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
