"""What lies behind the text of an answer: the wash of code blocks, the bars of quotations and the rules."""

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QColor, QPainter, QTextBlock
from PySide6.QtWidgets import QTextEdit

from readingroom.ui.theme import palette
from readingroom.ui.widgets.markdown_blocks import CODE_BLOCK, CODE_PADDING, QUOTE_DEPTH, RULE_BLOCK


def paint_behind(view: QTextEdit, painter: QPainter, visible: QRectF) -> None:
    """Draw the wash of code blocks, the bars of quotes and the rules, where they can be seen."""
    block = view.cursorForPosition(QPoint(0, int(visible.top()))).block()
    number = block.blockFormat().property(CODE_BLOCK)
    while number is not None and block.previous().blockFormat().property(CODE_BLOCK) == number:
        block = block.previous()
    wash: QRectF | None = None
    washed: object = None
    while block.isValid():
        rect = _text_rect(block)
        fmt = block.blockFormat()
        number = fmt.property(CODE_BLOCK)
        if number != washed and wash is not None:
            _paint_wash(painter, wash)
            wash = None
        washed = number
        if number is not None:
            left = fmt.leftMargin() - CODE_PADDING - 2
            row = QRectF(left, rect.top(), view.viewport().width() - left, rect.height())
            wash = row if wash is None else wash.united(row)
        if depth := fmt.property(QUOTE_DEPTH):
            for step in range(int(depth)):
                bar = QRectF(step * 14 + 1, rect.top() - 2, 2, rect.height() + 4)
                painter.fillRect(bar, palette().color("line"))
        if fmt.property(RULE_BLOCK):
            painter.fillRect(
                QRectF(0, rect.center().y(), view.viewport().width(), 1), palette().color("line")
            )
        if rect.top() > visible.bottom():
            break
        block = block.next()
    if wash is not None:
        _paint_wash(painter, wash)


def _text_rect(block: QTextBlock) -> QRectF:
    layout = block.layout()
    return layout.boundingRect().translated(layout.position())


def _paint_wash(painter: QPainter, rect: QRectF) -> None:
    painter.setBrush(QColor(palette().selection))
    painter.drawRoundedRect(rect.adjusted(0, -CODE_PADDING, 0, CODE_PADDING), 8, 8)
