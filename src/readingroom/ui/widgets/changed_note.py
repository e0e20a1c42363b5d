"""A quiet line under an answer: which of its documents have changed since, and a way to ask again."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel


class ChangedNote(QWidget):
    """Hidden until something is said."""

    ask_again_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = PlainLabel(self)
        self.label.setObjectName("stageText")
        self.button = LinkButton("Ask again", self)
        self.button.clicked.connect(self.ask_again_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.label)
        row.addWidget(self.button)
        row.addStretch()
        self.hide()

    def say(self, names: Sequence[str]) -> None:
        """Name the documents that have changed; nothing is shown where there are none."""
        first = f"“{names[0]}”" if names else ""
        others = len(names) - 1
        more = f" and {others} other{'' if others == 1 else 's'}" if others > 0 else ""
        self.label.setText(f"{first}{more} {'have' if more else 'has'} changed since.")
        self.button.setAccessibleName(f"Ask again, as {first}{more} changed since")
        self.setVisible(bool(names))
