"""A line at the bottom of the window that says what was done and takes it back."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from readingroom.core.errors import UserFixableError
from readingroom.ui.theme import lift
from readingroom.ui.widgets.plain_text import PlainLabel

_SHOWN_MS = 10_000
_ABOVE_PX = 132
"""Clear of the box for the question."""


class Toast(QFrame):
    """One at a time; a new one takes the place of the last, whose undo is gone then."""

    undone = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.setObjectName("toast")
        self._undo: Callable[[], object] | None = None
        self._label = PlainLabel(self)
        self.button = QPushButton("Undo", self)
        self.button.setAccessibleName("Undo")
        self.button.clicked.connect(self.undo)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(14, 5, 6, 5)
        row.setSpacing(8)
        row.addWidget(self._label)
        row.addWidget(self.button)
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._timer.timeout.connect(self.dismiss)
        parent.installEventFilter(self)
        lift(self, 20)
        self.hide()

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return self._undo is not None and self.button.text() == "Undo"

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def say(self, text: str, undo: Callable[[], object] | None = None, words: str = "Undo") -> None:
        """Show `text` for ten seconds, with Undo where there is one, or what else the button says."""
        self._undo = undo
        shown = text if len(text) <= 160 else text[:159] + "…"
        self._label.setText(shown)
        self._label.setAccessibleName(shown)
        self.button.setText(words)
        self.button.setAccessibleName(words)
        self.button.setVisible(undo is not None)
        self._row.setContentsMargins(14, 5, 6 if undo else 14, 5)
        self.setMinimumHeight(36)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    def say_error(self, error: Exception) -> None:
        """Say what went wrong and what to do; a bug of ours is only in the log."""
        if isinstance(error, UserFixableError):
            self.say(f"{error} {error.hint}".strip())
        else:
            self.say("Something went wrong. The log has the details.")

    def undo(self) -> None:
        """Take it back."""
        undo = self._undo
        self.dismiss()
        if undo is not None:
            undo()
            self.undone.emit()

    def dismiss(self) -> None:
        """Go away; what was done stays done."""
        self._undo = None
        self._timer.stop()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.adjustSize()
        window = self._window
        self.move((window.width() - self.width()) // 2, window.height() - self.height() - _ABOVE_PX)
