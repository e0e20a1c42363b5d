"""The quiet `‹ 2 / 3 ›` beside a message that has others in its place."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from readingroom.core.conversation import Message
from readingroom.core.ids import MessageId
from readingroom.ui.theme import set_icon
from readingroom.ui.widgets.plain_text import PlainLabel


class BranchStepper(QWidget):
    """Asks for the branch before or after; hidden where there is only one."""

    step_requested = Signal(object)  # MessageId

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        """`what` is stepped through: `question` or `answer`."""
        super().__init__(parent)
        self._what = what
        self._branches: tuple[MessageId, ...] = ()
        self._place = 0
        self.before = _arrow("chevron-left", f"Earlier {what}", self)
        self.after = _arrow("chevron-right", f"Later {what}", self)
        self.count = PlainLabel(self)
        self.count.setObjectName("branchCount")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for part in (self.before, self.count, self.after):
            row.addWidget(part)
        self.before.clicked.connect(lambda: self.step(-1))
        self.after.clicked.connect(lambda: self.step(1))
        self.hide()

    def show_message(self, message: Message) -> None:
        """Say which of its branches a message is."""
        self._branches = message.branches
        self.setVisible(bool(message.branches))
        if not message.branches:
            return
        self._place = message.branches.index(message.id)
        number, count = self._place + 1, len(message.branches)
        self.count.setText(f"{number} / {count}")
        self.count.setAccessibleName(f"{self._what.capitalize()} {number} of {count}")
        # A button that is disabled while it has the focus gives it to some other.
        if number == count and self.after.hasFocus():
            self.before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.before.setEnabled(number > 1)
        self.after.setEnabled(number < count)

    def can_step(self, by: int) -> bool:
        """Whether there is one there."""
        return bool(self._branches) and 0 <= self._place + by < len(self._branches)

    def step(self, by: int) -> None:
        """Ask for the branch so many further on, if there is one."""
        if self.can_step(by):
            self.step_requested.emit(self._branches[self._place + by])

    def take_focus(self, steps: Sequence[int] = (1, -1)) -> None:
        """Focus the first of the buttons that can be pressed."""
        for by in steps:
            if self.can_step(by):
                (self.after if by > 0 else self.before).setFocus(Qt.FocusReason.OtherFocusReason)
                return


def _arrow(icon: str, name: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setObjectName("branchArrow")
    set_icon(button, icon)
    button.setIconSize(QSize(14, 14))
    button.setFixedSize(20, 20)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button
