"""The box in which a question is written."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.conversation import AnswerMode
from readingroom.ui.widgets.plain_text import PlainLabel
from readingroom.ui.widgets.scope_pills import ScopePills
from readingroom.ui.widgets.segments import Segments

_MOST_LINES = 8
_LINE_PX = 20
_MODES = (AnswerMode.DOCUMENTS, AnswerMode.OPEN)


class QuestionEdit(QPlainTextEdit):
    """Grows with its text to eight lines. Enter sends, Shift+Enter makes a line."""

    sent = Signal()
    left_upwards = Signal()
    """Up was pressed with nothing typed."""
    focus_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Question")
        self.document().setDocumentMargin(1)
        self.viewport().setAutoFillBackground(False)
        self.textChanged.connect(self._grow)
        self._grow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.sent.emit()
            return
        if event.key() == Qt.Key.Key_Up and self.document().isEmpty():
            self.left_upwards.emit()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grow()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit(False)

    def _grow(self) -> None:
        # A plain text layout counts its height in lines.
        lines = max(1, min(_MOST_LINES, round(self.document().size().height())))
        spacing = max(_LINE_PX - 3, QFontMetrics(self.font()).lineSpacing())
        policy = Qt.ScrollBarPolicy
        full = self.document().size().height() > _MOST_LINES
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if full else policy.ScrollBarAlwaysOff)
        self.setFixedHeight(lines * spacing + 6)


class Composer(QFrame):
    """Question, mode and the button that asks, or stops while an answer is being written."""

    asked = Signal(str, object)  # question, AnswerMode
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        self._writing = False
        self._able = True
        self._build_layout()
        self._connect()

    def _build_layout(self) -> None:
        self.pills = ScopePills(self)
        self.edit = QuestionEdit(self)
        self._modes = Segments("Answer from", ("Documents only", "Documents and model"), self)
        self._modes.button(0).setToolTip("Answers from what your documents say, with citations")
        self._modes.button(1).setToolTip(
            "The model may add what it knows; citations still name your documents"
        )
        self._hint = PlainLabel(self)
        self._hint.setObjectName("composerHint")
        self.button = QPushButton("Ask", self)
        self.button.setObjectName("primary")
        self.button.setAccessibleName("Ask")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._modes)
        row.addWidget(self._hint, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 10)
        column.setSpacing(6)
        column.addWidget(self.pills)
        column.addWidget(self.edit)
        column.addLayout(row)

    def _connect(self) -> None:
        self.edit.sent.connect(self._send)
        self.edit.focus_changed.connect(self._show_focus)
        self.button.clicked.connect(self._press)
        self._show_state()

    @property
    def mode(self) -> AnswerMode:
        """Whether the model may go beyond the documents."""
        return _MODES[self._modes.choice]

    def set_able(self, able: bool, placeholder: str, hint: str = "") -> None:
        """Let questions be asked or not; the words say of what, or why not."""
        self._able = able
        self.edit.setEnabled(able)
        self._modes.setEnabled(able)
        # Without a model there is nothing to choose; the reason stands in its place.
        self._modes.setVisible(not hint)
        if placeholder != self.edit.placeholderText():
            self.edit.setPlaceholderText(placeholder)
            # It only has the words painted where there were none before, or are none now.
            self.edit.viewport().update()
        self._hint.setText(hint)
        self._show_state()

    def set_writing(self, writing: bool) -> None:
        """Turn the button to Stop while an answer is being written."""
        self._writing = writing
        self.button.setText("Stop" if writing else "Ask")
        self.button.setAccessibleName("Stop the answer" if writing else "Ask")
        self._show_state()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self.edit.setFocus(Qt.FocusReason.MouseFocusReason)

    def _press(self) -> None:
        if self._writing:
            self.stop_requested.emit()
        else:
            self._send()

    def _send(self) -> None:
        question = self.edit.toPlainText().strip()
        if not question:
            self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._able and not self._writing:
            self.edit.clear()
            self.asked.emit(question, self.mode)

    def _show_state(self) -> None:
        self.button.setEnabled(self._writing or self._able)

    def _show_focus(self, focused: bool) -> None:
        self.setProperty("focused", focused)
        self.style().unpolish(self)
        self.style().polish(self)
