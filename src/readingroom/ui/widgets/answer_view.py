"""An answer: Markdown as it streams in, with citation chips to hover, click and reach by keyboard."""

import html
from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from readingroom.core.conversation import Citation, Support
from readingroom.ui.theme import when_palette_changes
from readingroom.ui.widgets.answer_backdrop import paint_behind
from readingroom.ui.widgets.answer_citations import AnswerCitations, without_offers
from readingroom.ui.widgets.citation_chip import (
    CHIP_OBJECT,
    DROP_PX,
    ChipLook,
    ChipObject,
    chip_number,
    chip_text,
    chip_tip,
    chip_turn,
)
from readingroom.ui.widgets.content_text import OBJECT_CHARACTER, ContentText
from readingroom.ui.widgets.markdown_stream import MarkdownStream

_SLICE_CHARS = 2_000
"""A kept answer longer than this is written in slices, so that opening a thread holds nothing up."""
_SLICE_CHIPS = 200
"""Written anew in one turn: 1,600 of them take 90 ms."""


class AnswerView(ContentText):
    """Feed it pieces, then `finish`; or give it a whole answer with `show_answer`."""

    below_px = DROP_PX
    """A chip that is alone in the last line hangs out of it."""
    citation_clicked = Signal(object)  # Citation
    offer_kept = Signal(object)  # Citation
    """The person takes the source that was offered for a sentence."""
    settled = Signal()
    """A whole answer given by `show_answer` is completely shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Answer")
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self._citations = AnswerCitations()
        self._current: Citation | None = None
        self._focused_at = -1
        self._hovered: int | None = None
        self._chips = ChipObject(self._look, self.document())
        self.document().documentLayout().registerHandler(CHIP_OBJECT, self._chips)
        self._stream = MarkdownStream(self.document(), self._chip_for)
        self._pending = ""
        self._slices = QTimer(self, singleShot=True, interval=0)
        self._slices.timeout.connect(self._write_slice)
        self._to_relabel: list[int] = []
        self._relabelling = QTimer(self, singleShot=True, interval=0)
        self._relabelling.timeout.connect(self._relabel_slice)
        when_palette_changes(self._recolour)

    @property
    def source(self) -> str:
        """The Markdown given so far."""
        return without_offers(self._stream.source + self._pending)

    @property
    def complete(self) -> bool:
        """Whether all of it is written and nothing more comes."""
        return self._stream.finished and not self._pending

    @property
    def citations(self) -> Mapping[int, Citation]:
        """The citations known, by number; of several of one number the first."""
        return self._citations.by_number

    def set_citations(self, citations: Mapping[int, Citation]) -> None:
        """Say what the numbers mean while the answer is written; chips shown already are brought up to date."""
        self._take(AnswerCitations(citations))

    def show_checked(self, text: str, citations: Sequence[Citation], others: Iterable[Citation] = ()) -> None:
        """Show the answer with what its check found; it is written anew only where sources are offered.

        `others` are for numbers that have no citation of their own.
        """
        checked = AnswerCitations.checked(text, citations, others)
        if (
            self.source.strip() == text.strip()
            and self.source
            and not checked.offers
            and not self._citations.offers
        ):
            self._take(checked)
            self.finish()
            return
        self._start_again()
        self._citations = checked
        self._pending = checked.with_offers(text)
        self._write_slice()

    def mark_changed(self, changed: frozenset[Citation]) -> None:
        """Say whose documents have changed since they were cited."""
        self._citations.mark_changed(changed)
        self._relabel_chips()

    def _take(self, citations: AnswerCitations) -> None:
        before, self._citations = self._citations, citations
        if before.labels() == citations.labels():
            self.viewport().update()
        else:
            self._relabel_chips()

    def _relabel_chips(self) -> None:
        self._to_relabel = self._chip_positions()
        self._relabel_slice()

    def _relabel_slice(self) -> None:
        part, self._to_relabel = self._to_relabel[:_SLICE_CHIPS], self._to_relabel[_SLICE_CHIPS:]
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for position in part:
            cursor.setPosition(position)
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
            shown = cursor.charFormat()
            number = chip_number(shown)
            wanted = None if number is None else self._chip_for(number, chip_turn(shown))
            # Only a label that changed: each write costs a layout of its block.
            if wanted is not None and chip_text(wanted) != chip_text(shown):
                cursor.setCharFormat(wanted)
        cursor.endEditBlock()
        self.viewport().update()
        if self._to_relabel:
            self._relabelling.start()

    def feed(self, piece: str) -> None:
        """Show a further piece."""
        self._stream.feed(without_offers(piece))

    def finish(self) -> None:
        """Nothing more comes."""
        self._stream.finish()

    def show_answer(self, text: str, citations: Mapping[int, Citation]) -> None:
        """Show a whole answer in place of what is there; a long one is written in slices."""
        self._start_again()
        self._citations = AnswerCitations(citations)
        self._pending = without_offers(text)
        self._write_slice()

    def set_current(self, citation: Citation | None) -> None:
        """Mark the citation that is open in the viewer."""
        if citation != self._current:
            self._current = citation
            self.viewport().update()

    def open_citation(self, number: int) -> bool:
        """Ask for the citation of that number; whether there is one."""
        position = next((p for p in self._chip_positions() if self._number_at(p) == number), None)
        if position is not None:
            self._activate(position)
        return position is not None

    def shown_citations(self) -> list[Citation]:
        """Return the citations whose chips stand in the text, by number and then from its beginning."""
        found = {self._citation_at(position): None for position in self._chip_positions()}
        return sorted((c for c in found if c is not None), key=lambda c: (c.offered, c.n, c.claim_start))

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
            text = text.replace(OBJECT_CHARACTER, f"[{number}]" if number else "", 1)
        return text

    # -- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        paint_behind(self, painter, QRectF(event.rect()))
        painter.end()
        super().paintEvent(event)

    def _look(self, fmt: QTextFormat, position: int) -> ChipLook:
        citation = self._citations.of(fmt)
        return ChipLook(
            quiet=self._citations.is_quiet(citation),
            wrong=citation is not None and citation.support is Support.NONE,
            current=citation is not None and citation == self._current,
            focused=position == self._focused_at and self.hasFocus(),
            hovered=position == self._hovered,
        )

    # -- chips

    def _chip_for(self, number: int, turn: int) -> QTextCharFormat | None:
        return self._citations.format_for(number, turn)

    def _chip_positions(self) -> list[int]:
        positions = []
        cursor = self.document().find(OBJECT_CHARACTER, 0)
        while not cursor.isNull():
            if chip_number(cursor.charFormat()) is not None:
                positions.append(cursor.selectionStart())
            cursor = self.document().find(OBJECT_CHARACTER, cursor)
        return positions

    def _number_at(self, position: int) -> int | None:
        return chip_number(self._format_at(position))

    def _citation_at(self, position: int) -> Citation | None:
        return self._citations.of(self._format_at(position))

    def _format_at(self, position: int) -> QTextCharFormat:
        cursor = QTextCursor(self.document())
        cursor.setPosition(position + 1)
        return cursor.charFormat()

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
        if event.key() == Qt.Key.Key_Plus and self._focused_at >= 0:
            self._keep(self._focused_at)
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
        citation = None if under is None else self._citation_at(under)
        if citation is None:
            QToolTip.hideText()
            return
        # Escaped: a quote is a document's words, and a tip that looks like HTML would be read as such.
        place, *told = self._tip(citation).split("\n")
        text = f"<p><b>{html.escape(place)}</b></p>" + "".join(f"<p>{html.escape(line)}</p>" for line in told)
        QToolTip.showText(event.globalPos(), text, self.viewport())

    def _focus_chip(self, position: int) -> None:
        self._focused_at = position
        self.viewport().update()
        citation = self._citation_at(position)
        if citation is not None:
            self.setAccessibleDescription(self._tip(citation))

    def _tip(self, citation: Citation) -> str:
        return chip_tip(citation, changed=self._citations.has_changed(citation))

    def _activate(self, position: int) -> None:
        citation = self._citation_at(position)
        if citation is not None:
            self.citation_clicked.emit(citation)

    def _keep(self, position: int) -> None:
        citation = self._citation_at(position)
        if citation is not None and citation.offered:
            self.offer_kept.emit(citation)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        under = self._focused_at if by_keyboard else self._chip_under(QPointF(event.pos()))
        citation = None if under is None or under < 0 else self._citation_at(under)
        if under is None or citation is None or not citation.offered:
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.addAction("Open", lambda: self._activate(under))
        menu.addAction("Keep as the source of this sentence", lambda: self._keep(under))
        menu.exec(event.globalPos())
        menu.deleteLater()

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
        self._relabelling.stop()
        self._to_relabel = []
        self._focused_at = -1
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
