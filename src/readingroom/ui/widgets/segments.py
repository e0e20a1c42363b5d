"""A row of joined buttons of which one is chosen."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QToolButton, QWidget


class Segments(QFrame):
    """Choices side by side; arrow keys move the choice, as with radio buttons."""

    chosen = Signal(int)
    """The person chose another: its place."""

    def __init__(self, name: str, choices: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("segments")
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for place, text in enumerate(choices):
            button = QToolButton(self)
            button.setObjectName("segment")
            button.setCheckable(True)
            button.setText(text)
            button.setAccessibleName(f"{name}: {text}")
            self._group.addButton(button, place)
            layout.addWidget(button)
        self.choose(0)
        self._group.idClicked.connect(self.chosen)

    def choose(self, place: int) -> None:
        """Show another choice as chosen; says nothing."""
        self._group.button(place).setChecked(True)

    @property
    def choice(self) -> int:
        """The place of the chosen one."""
        return self._group.checkedId()

    def set_text(self, place: int, text: str) -> None:
        """Change what stands on a button."""
        self._group.button(place).setText(text)

    def button(self, place: int) -> QToolButton:
        """One of the buttons."""
        found = self._group.button(place)
        if not isinstance(found, QToolButton):  # pragma: no cover - only tool buttons are added
            raise TypeError(place)
        return found
