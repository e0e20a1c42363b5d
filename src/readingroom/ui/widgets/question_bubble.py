"""The person's question, at the right of the conversation."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QResizeEvent, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from readingroom.core.conversation import Message
from readingroom.ui.panes.chat_session import LiveAnswer
from readingroom.ui.theme import body_font, palette, set_icon, when_palette_changes
from readingroom.ui.widgets.branch_stepper import BranchStepper
from readingroom.ui.widgets.content_text import ContentText

_PAD_X, _PAD_Y = 12, 8
_LINE_PX = 20
_SHARE = 0.8
_EDIT_PX = 24
_BELOW_PX = 4


class QuestionBubble(QWidget):
    """As wide as its words need, four fifths of the column at most; the text can be selected.

    Once the question is kept it can be edited, which makes a branch, and its branches can be stepped through.
    """

    edit_requested = Signal(object)  # Message
    step_requested = Signal(object)  # MessageId

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = text
        self.message: Message | None = None
        self.edit_button = QToolButton(self)
        self.edit_button.setObjectName("branchArrow")
        set_icon(self.edit_button, "pencil", "faint")
        self.edit_button.setIconSize(QSize(14, 14))
        self.edit_button.setFixedSize(_EDIT_PX, _EDIT_PX)
        self.edit_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.edit_button.setAccessibleName("Edit the question")
        self.edit_button.setToolTip("Edit the question; the former one and its answer are kept")
        self.edit_button.clicked.connect(lambda: self.edit_requested.emit(self.message))
        self.edit_button.hide()
        self.stepper = BranchStepper("question", self)
        self.stepper.step_requested.connect(self.step_requested)
        self._view = ContentText(self)
        self._view.setAccessibleName("Question")
        self._view.setPlainText(text)
        self._measure = self._view.document().clone(self)
        for document in (self._view.document(), self._measure):
            document.setDocumentMargin(0)
            document.setDefaultFont(body_font())
            cursor = QTextCursor(document)
            cursor.select(QTextCursor.SelectionType.Document)
            block = QTextBlockFormat()
            block.setLineHeight(_LINE_PX, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
            cursor.mergeBlockFormat(block)
        self._measure.setDefaultTextOption(self._view.document().defaultTextOption())
        self._view.document().documentLayout().documentSizeChanged.disconnect(self._view.fit_height)
        self._bubble = QRectF()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        when_palette_changes(self.update)

    def show_message(self, message: Message) -> None:
        """Take over the question as it was kept."""
        self.message = message
        self.edit_button.show()
        self.stepper.show_message(message)
        self._arrange()

    def follow(self, live: LiveAnswer) -> None:
        """Take over the question once it is kept."""
        if live.asked_message is not None:
            self.show_message(live.asked_message)
        else:
            live.asked.connect(self._take)

    def _take(self, live: LiveAnswer) -> None:
        if live.asked_message is not None:
            self.show_message(live.asked_message)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        widest = max(80, int(self.width() * _SHARE)) - 2 * _PAD_X
        # Measured apart: the view's own document is laid out for the width the view has now.
        self._measure.setTextWidth(widest)
        width = min(widest, int(self._measure.idealWidth()) + 2)
        self._measure.setTextWidth(width)
        document = self._measure
        height = int(document.size().height() + 0.99)
        left = self.width() - width - _PAD_X
        # A line's extra height lies above its letters: the text is moved up to stand in the middle.
        self._view.setGeometry(left, _PAD_Y - 2, width, height)
        self._view.setFixedHeight(height)
        self._bubble = QRectF(left - _PAD_X, 0, width + 2 * _PAD_X, height + 2 * _PAD_Y)
        whole = height + 2 * _PAD_Y
        self.edit_button.move(left - _PAD_X - _EDIT_PX - 4, (whole - _EDIT_PX) // 2)
        if not self.stepper.isHidden():
            size = self.stepper.sizeHint()
            self.stepper.setGeometry(
                self.width() - size.width(), whole + _BELOW_PX, size.width(), size.height()
            )
            whole += _BELOW_PX + size.height()
        self.setFixedHeight(whole)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette().color("selection"))
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addRoundedRect(self._bubble, 12, 12)
        # The corner towards the person is nearly square.
        path.addRoundedRect(
            self._bubble.adjusted(self._bubble.width() - 15, self._bubble.height() - 15, 0, 0), 3, 3
        )
        painter.drawPath(path)
