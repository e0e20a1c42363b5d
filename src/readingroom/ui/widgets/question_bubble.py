"""The person's question, at the right of the conversation."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QResizeEvent, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QSizePolicy, QWidget

from readingroom.ui.theme import body_font, palette, when_palette_changes
from readingroom.ui.widgets.content_text import ContentText

_PAD_X, _PAD_Y = 12, 8
_LINE_PX = 20
_SHARE = 0.8


class QuestionBubble(QWidget):
    """As wide as its words need, four fifths of the column at most; the text can be selected."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
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
        self.setFixedHeight(height + 2 * _PAD_Y)

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
