"""A calm line that says what the person should know: why an answer is not whole, what is missing."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from readingroom.ui.widgets.plain_text import PlainLabel

_PADDING_PX = 26
"""Left and right together (see `#note` in the style sheet), the margins of text that can be selected, and two pixels for
the rounding of its width."""


class Note(PlainLabel):
    """Plain text on a wash; `warning` for what went wrong."""

    def __init__(self, text: str, parent: QWidget | None = None, *, warning: bool = False) -> None:
        super().__init__(text, parent)
        self.setObjectName("note")
        self.setWordWrap(True)
        self.setProperty("tone", "warning" if warning else "plain")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName(text)
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)  # `setWordWrap` had set it; a new policy forgets it
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        # A label that wraps asks for a narrow block, and the layout counts its lines as if it were wide: the last
        # ones were cut off. As wide as its words, or as the column, both agree.
        self.ensurePolished()
        width = (
            max(self.fontMetrics().horizontalAdvance(line) for line in self.text().split("\n")) + _PADDING_PX
        )
        return QSize(width, self.heightForWidth(width))
