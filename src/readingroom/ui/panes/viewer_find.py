"""The bar with which words are found in the document shown."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from readingroom.ui.panes.viewer_search import MOST_MATCHES
from readingroom.ui.theme import set_icon
from readingroom.ui.widgets.plain_text import PlainLabel

_TYPING_MS = 150


class FindBar(QWidget):
    """Enter finds the next, Shift+Enter the one before, Escape closes."""

    query_changed = Signal(str)
    step_requested = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.box = QLineEdit(self)
        self.box.setObjectName("findBox")
        self.box.setPlaceholderText("Find in this document")
        self.box.setAccessibleName("Find in this document")
        self.count = PlainLabel(self)
        self.count.setObjectName("findCount")
        self.previous = self._button("Previous match (Shift+Enter)", "chevron-up")
        self.next = self._button("Next match (Enter)", "chevron-down")
        self.close_button = self._button("Close (Esc)", "x")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 8, 5)
        layout.setSpacing(4)
        layout.addWidget(self.box, 1)
        layout.addWidget(self.count)
        for button in (self.previous, self.next, self.close_button):
            layout.addWidget(button)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(lambda: self.query_changed.emit(self.box.text()))
        self.box.textEdited.connect(lambda _: self._typing.start())
        self.box.textChanged.connect(self._cleared)
        self.previous.clicked.connect(lambda: self._step(-1))
        self.next.clicked.connect(lambda: self._step(1))
        self.close_button.clicked.connect(self.leave)
        self.show_count(0, 0)

    def enter(self) -> None:
        """Show the bar, ready to type."""
        self.show()
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()
        if self.box.text():
            self.query_changed.emit(self.box.text())

    def leave(self) -> None:
        """Hide the bar and drop its marks."""
        self.hide()
        self.closed.emit()

    def show_count(self, number: int, count: int) -> None:
        """Show which match is marked, of how many."""
        many = f"{count:,}+" if count >= MOST_MATCHES else f"{count:,}"
        text = f"{number:,} of {many}" if count else ("Not found" if self.box.text().strip() else "")
        self.count.setText(text)
        self.previous.setEnabled(count > 0)
        self.next.setEnabled(count > 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    def _step(self, by: int) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self.query_changed.emit(self.box.text())
        else:
            self.step_requested.emit(by)

    def _cleared(self, text: str) -> None:
        if not text:
            self._typing.stop()
            self.query_changed.emit("")

    def _button(self, name: str, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("barButton")
        button.setIconSize(QSize(15, 15))
        button.setToolTip(name)
        button.setAccessibleName(name)
        set_icon(button, icon)
        return button
