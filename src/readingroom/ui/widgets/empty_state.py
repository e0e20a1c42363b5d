"""What a pane shows when there is nothing in it: a sentence, and the one thing to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from readingroom.ui.theme import icon_pixmap, when_palette_changes
from readingroom.ui.widgets.plain_text import PlainLabel


class EmptyState(QWidget):
    """An icon, a title, a sentence and, where something can be done, one button."""

    action_requested = Signal()

    def __init__(
        self, icon: str, title: str, sentence: str, action: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon
        self._icon = PlainLabel(self)
        self._title = PlainLabel(title, self)
        self._title.setObjectName("emptyTitle")
        self._sentence = PlainLabel(sentence, self)
        self._sentence.setObjectName("emptySentence")
        self._sentence.setWordWrap(True)
        self.button = QPushButton(action, self)
        self.button.setObjectName("primary")
        self.button.setVisible(bool(action))
        self.button.clicked.connect(self.action_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(40, 40, 40, 64)
        layout.setSpacing(4)
        layout.addStretch()
        for widget in (self._icon, self._title):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        # Not aligned by the layout: a wrapped label gets its height for its width only where it fills its row.
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self._sentence, 100)
        row.addStretch()
        layout.addLayout(row)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.insertSpacing(2, 8)
        layout.insertSpacing(5, 12)
        layout.addStretch()
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence.setMaximumWidth(300)
        self._paint_icon()
        when_palette_changes(self._paint_icon)

    def say(self, title: str, sentence: str, action: str = "", *, icon: str = "") -> None:
        """Change the words, and the icon if one is named."""
        if icon and icon != self._icon_name:
            self._icon_name = icon
            self._paint_icon()
        self._title.setText(title)
        self._sentence.setText(sentence)
        self.button.setText(action)
        self.button.setVisible(bool(action))

    def _paint_icon(self) -> None:
        self._icon.setPixmap(icon_pixmap(self._icon_name, "faint", 32, self.devicePixelRatioF()))
