"""An answer: Markdown as it streams in, with citation chips to hover, click and reach by keyboard."""

import html
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QToolTip, QWidget

from readingroom.core.conversation import Citation
from readingroom.ui.theme import palette, when_palette_changes
from readingroom.ui.widgets.citation_chip import (
    CHIP_OBJECT,
    ChipLook,
    ChipObject,
    chip_format,
    chip_label,
    chip_number,
    chip_text,
    chip_tip,
)
from readingroom.ui.widgets.content_text import OBJECT_CHARACTER, ContentText
from readingroom.ui.widgets.markdown_blocks import CODE_BLOCK, CODE_PADDING, QUOTE_DEPTH, RULE_BLOCK
from readingroom.ui.widgets.markdown_stream import MarkdownStream

_SLICE_CHARS = 2_000
"""A kept answer longer than this is written in slices, so that opening a thread holds nothing up."""


class AnswerView(ContentText):
    """Feed it pieces, then `finish`; or give it a whole answer with `show_answer`."""

    citation_clicked = Signal(object)  # Citation
    settled = Signal()
    """A whole answer given by `show_answer` is completely shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Answer")
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self._citations: dict[int, Citation] = {}
        self._current: int | None = None
        self._focused_at = -1
        self._hovered: int | None = None
        self._chips = ChipObject(self._look, self.document())
        self.document().documentLayout().registerHandler(CHIP_OBJECT, self._chips)
        self._stream = MarkdownStream(self.document(), self._chip_for)
        self._pending = ""
        self._slices = QTimer(self, singleShot=True, interval=0)
        self._slices.timeout.connect(self._write_slice)
        when_palette_changes(self._recolour)

    @property
    def source(self) -> str:
        """The Markdown given so far."""
        return self._stream.source + self._pending

    @property
    def complete(self) -> bool:
        """Whether all of it is written and nothing more comes."""
        return self._stream.finished and not self._pending

    @property
    def citations(self) -> Mapping[int, Citation]:
        """The citations known, by number."""
        return self._citations

    def set_citations(self, citations: Mapping[int, Citation]) -> None:
        """Say what the numbers mean; chips that are shown already are brought up to date."""
        before, self._citations = self._citations, dict(citations)
        labels = {number: chip_label(number, citation) for number, citation in citations.items()}
        if any(labels.get(number) != chip_label(number, citation) for number, citation in before.items()):
            self._relabel_chips()
        self.viewport().update()

    def _relabel_chips(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for position in self._chip_positions():
            cursor.setPosition(position)
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
            shown = cursor.charFormat()
            number = chip_number(shown)
            wanted = self._chip_for(number) if number is not None else None
            # Only a label that changed: each write costs a layout of its block.
            if wanted is not None and chip_text(wanted) != chip_text(shown):
                cursor.setCharFormat(wanted)
        cursor.endEditBlock()

    def feed(self, piece: str) -> None:
        """Show a further piece."""
        self._stream.feed(piece)

    def finish(self) -> None:
        """Nothing more comes."""
        self._stream.finish()

    def show_answer(self, text: str, citations: Mapping[int, Citation]) -> None:
        """Show a whole answer in place of what is there; a long one is written in slices."""
        self._start_again()
        self._citations = dict(citations)
        self._pending = text
        self._write_slice()

    def set_current(self, number: int | None) -> None:
        """Mark the citation that is open in the viewer."""
        if number != self._current:
            self._current = number
            self.viewport().update()

    def open_citation(self, number: int) -> bool:
        """Ask for the citation of that number; whether there is one."""
        citation = self._citations.get(number)
        if citation is None or not any(self._number_at(p) == number for p in self._chip_positions()):
            return False
        self.citation_clicked.emit(citation)
        return True

    def shown_citations(self) -> list[Citation]:
        """Return the citations whose chips stand in the text, by number."""
        numbers = {self._number_at(position) for position in self._chip_positions()}
        return [
            self._citations[n] for n in sorted(n for n in numbers if n is not None) if n in self._citations
        ]

    def chip_point(self, number: int) -> QPoint | None:
        """Return the middle of the first chip of that number, in the viewport."""
        for position in self._chip_positions():
            if self._number_at(position) == number:
                return self._chip_rect(position).center().toPoint()
        return None

    def selected_text(self, cursor: QTextCursor) -> str:
        text = super().selected_text(cursor)
        start = cursor.selectionStart()
        numbers = [self._number_at(p) for p in self._chip_positions() if start <= p < cursor.selectionEnd()]
        for number in numbers:
            text = text.replace(OBJECT_CHARACTER, f"[{number}]", 1)
        return text

    # -- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        self._paint_behind(painter, QRectF(event.rect()))
        painter.end()
        super().paintEvent(event)

    def _paint_behind(self, painter: QPainter, visible: QRectF) -> None:
        """Draw the wash of code blocks, the bars of quotes and the rules, where they can be seen."""
        block = self.cursorForPosition(QPoint(0, int(visible.top()))).block()
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
                row = QRectF(left, rect.top(), self.viewport().width() - left, rect.height())
                wash = row if wash is None else wash.united(row)
            if depth := fmt.property(QUOTE_DEPTH):
                for step in range(int(depth)):
                    bar = QRectF(step * 14 + 1, rect.top() - 2, 2, rect.height() + 4)
                    painter.fillRect(bar, palette().color("line"))
            if fmt.property(RULE_BLOCK):
                painter.fillRect(
                    QRectF(0, rect.center().y(), self.viewport().width(), 1), palette().color("line")
                )
            if rect.top() > visible.bottom():
                break
            block = block.next()
        if wash is not None:
            _paint_wash(painter, wash)

    def _look(self, number: int, position: int) -> ChipLook:
        citation = self._citations.get(number)
        return ChipLook(
            located=citation is None or citation.located,
            current=number == self._current,
            focused=position == self._focused_at and self.hasFocus(),
            hovered=position == self._hovered,
        )

    # -- chips

    def _chip_for(self, number: int) -> QTextCharFormat | None:
        citation = self._citations.get(number)
        return None if citation is None else chip_format(number, chip_label(number, citation))

    def _chip_positions(self) -> list[int]:
        positions = []
        cursor = self.document().find(OBJECT_CHARACTER, 0)
        while not cursor.isNull():
            if chip_number(cursor.charFormat()) is not None:
                positions.append(cursor.selectionStart())
            cursor = self.document().find(OBJECT_CHARACTER, cursor)
        return positions

    def _number_at(self, position: int) -> int | None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(position + 1)
        return chip_number(cursor.charFormat())

    def _chip_rect(self, position: int) -> QRectF:
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        start = self.cursorRect(cursor)
        cursor.setPosition(position + 1)
        end = self.cursorRect(cursor)
        return QRectF(start.left(), start.top(), max(1, end.left() - start.left()), start.height())

    def _chip_under(self, point: QPointF) -> int | None:
        """Return the position of the chip under a point of the viewport."""
        layout = self.document().documentLayout()
        if chip_number(layout.formatAt(point)) is None:
            return None
        near = self.cursorForPosition(point.toPoint()).position()
        found = [p for p in (near - 1, near) if p >= 0 and self._number_at(p) is not None]
        return next((p for p in found if self._chip_rect(p).adjusted(-1, -4, 1, 4).contains(point)), None)

    # -- mouse and keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._chip_under(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            shape = Qt.CursorShape.IBeamCursor if hovered is None else Qt.CursorShape.PointingHandCursor
            self.viewport().setCursor(shape)
            self.viewport().update()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.viewport().update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        under = self._chip_under(event.position())
        selecting = self.textCursor().hasSelection()
        if event.button() == Qt.MouseButton.LeftButton and under is not None and not selecting:
            self._activate(under)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._focused_at >= 0:
            self._activate(self._focused_at)
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab step through the chips before it leaves."""
        positions = self._chip_positions()
        later = [p for p in positions if p > self._focused_at]
        earlier = [p for p in positions if p < self._focused_at]
        if forward and later:
            self._focus_chip(later[0])
            return True
        if not forward and earlier:
            self._focus_chip(earlier[-1])
            return True
        self._focused_at = -1
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        positions = self._chip_positions()
        if positions and event.reason() == Qt.FocusReason.TabFocusReason:
            self._focus_chip(positions[0])
        elif positions and event.reason() == Qt.FocusReason.BacktabFocusReason:
            self._focus_chip(positions[-1])

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focused_at = -1
        super().focusOutEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        return super().viewportEvent(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        under = self._chip_under(QPointF(event.pos()))
        citation = None if under is None else self._citations.get(self._number_at(under) or 0)
        if citation is None:
            QToolTip.hideText()
            return
        # Escaped: a quote is a document's words, and a tip that looks like HTML would be read as such.
        place, _, words = chip_tip(citation).partition("\n")
        text = f"<p><b>{html.escape(place)}</b></p><p>{html.escape(words)}</p>"
        QToolTip.showText(event.globalPos(), text, self.viewport())

    def _focus_chip(self, position: int) -> None:
        self._focused_at = position
        self.viewport().update()
        citation = self._citations.get(self._number_at(position) or 0)
        if citation is not None:
            self.setAccessibleDescription(chip_tip(citation))

    def _activate(self, position: int) -> None:
        citation = self._citations.get(self._number_at(position) or 0)
        if citation is not None:
            self.citation_clicked.emit(citation)

    # -- writing

    def _write_slice(self) -> None:
        piece, self._pending = self._pending[:_SLICE_CHARS], self._pending[_SLICE_CHARS:]
        self._stream.feed(piece)
        if self._pending:
            self._slices.start()
        else:
            self._stream.finish()
            self.settled.emit()

    def _start_again(self) -> None:
        self._slices.stop()
        self.document().clear()
        self._stream = MarkdownStream(self.document(), self._chip_for)

    def _recolour(self) -> None:
        """Write anew what is shown: soft text, washes and tables carry their colour with them."""
        written, rest = self._stream.source, self._pending
        unfinished = self._unfinished()
        self._start_again()
        if unfinished:
            self._stream.feed(written)
        else:
            self._pending = written + rest
            self._write_slice()

    def _unfinished(self) -> bool:
        return not self._stream.finished and not self._pending


def _text_rect(block: QTextBlock) -> QRectF:
    layout = block.layout()
    return layout.boundingRect().translated(layout.position())


def _paint_wash(painter: QPainter, rect: QRectF) -> None:
    painter.setBrush(QColor(palette().selection))
    painter.drawRoundedRect(rect.adjusted(0, -CODE_PADDING, 0, CODE_PADDING), 8, 8)
