"""What a model thought before it answered, folded away: it is not the answer."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel


class ThinkingFold(QWidget):
    """Hidden until there is a thought. Unfolded by its link, by mouse or keyboard; plain text, whatever stands in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thought = ""
        self.toggle = LinkButton("Show what it thought", self)
        self.toggle.setCheckable(True)
        self.text = PlainLabel(self)
        self.text.setObjectName("thinkingText")
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setAccessibleName("What the model thought")
        self.text.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.toggle, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.text)
        self.toggle.toggled.connect(self._unfold)
        self.hide()

    @property
    def thought(self) -> str:
        """All of it so far."""
        return self._thought

    def feed(self, piece: str) -> None:
        """Add to it."""
        self.show_thought(self._thought + piece)

    def show_thought(self, thought: str) -> None:
        """Show this in place of what is there; nothing where it is empty."""
        self._thought = thought
        self.setVisible(bool(thought.strip()))
        if self.toggle.isChecked():
            self.text.setText(thought.strip())

    def _unfold(self, shown: bool) -> None:
        self.toggle.setText("Hide what it thought" if shown else "Show what it thought")
        # Only what is looked at is laid out: thoughts run to thousands of words, thirty times a second.
        self.text.setText(self._thought.strip() if shown else "")
        self.text.setVisible(shown)
