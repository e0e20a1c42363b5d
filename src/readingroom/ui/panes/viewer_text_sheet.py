"""A text set as on paper, read-only; of a long one only a window is laid out, which moves as one scrolls."""

from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTextBlock,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from readingroom.ui.panes.viewer_long_text import Text
from readingroom.ui.panes.viewer_marks import Marks, Span
from readingroom.ui.panes.viewer_offsets import OffsetMap, showable
from readingroom.ui.panes.viewer_text_form import TextForm
from readingroom.ui.panes.viewer_typesetting import BREAK_PX, Typesetting, paint_break
from readingroom.ui.widgets.paper import paint_mark

WHOLE_CHARS = 60_000
"""Up to here a text is laid out as a whole."""
WINDOW_CHARS = 30_000
"""Beyond, this much around the place being read: laying it out takes some 30 ms."""
_LONGEST_LINE = 4000

Break = tuple[int, str]
"""Where a page begins, and what it is called."""


class TextSheet(QTextEdit):
    """All offsets here are characters of the whole text, whatever window of it is laid out."""

    place_changed = Signal(int)
    """Offset of the first character in view."""
    zoom_requested = Signal(int)
    """Steps up or down, by wheel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("textSheet")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        # Nothing is typed here: a bar blinking at the end of the text would only puzzle.
        self.setCursorWidth(0)
        self.document().setDocumentMargin(0)
        self._text: Text = ""
        self._breaks: Sequence[Break] = ()
        self._form = TextForm("", "text")
        self._start = 0
        self._end = 0
        self._map = OffsetMap("")
        self._marks = Marks()
        self._scale = 1.0
        self._moving = False
        self._held: Span | None = None
        self._top = 0
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    # What is shown

    def show_text(self, text: Text, form: TextForm, breaks: Sequence[Break] = (), *, at: int = 0) -> None:
        """Show another text, `breaks` drawn between its pages, from the character `at` on."""
        self._text, self._form, self._breaks = text, form, breaks
        self._marks = Marks()
        self._load_around(at)
        self.go_to(at, air=0)

    @property
    def text(self) -> Text:
        """All of it, as it was read."""
        return self._text

    @property
    def windowed(self) -> bool:
        """Whether only a part is laid out."""
        return len(self._text) > WHOLE_CHARS

    def set_marks(self, marks: Sequence[Span], current: Span | None) -> None:
        """Mark these spans; the current one is underlined."""
        self._marks = Marks(marks, current)
        self.viewport().update()

    def go_to(self, offset: int, *, air: float = 0.3) -> None:
        """Scroll so that a character stands at that part of the view's height; what a page is called stays in view."""
        offset = min(max(offset, 0), len(self._text))
        if self.windowed and not self._settled_at(offset):
            self._load_around(offset)
        named = bool(self._breaks_in(offset, offset + 1))
        self._held = (offset, offset)
        self._put(offset, max(self.viewport().height() * air, BREAK_PX * self._scale if named else 0))

    def reveal(self, span: Span) -> None:
        """Bring a span into view with some air; it stays there when the view changes its size."""
        if self.windowed and not self._settled_at(span[0]):
            self._load_around(span[0])
        self._held = span
        height, bar = self.viewport().height(), self.verticalScrollBar()
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._position(span[0]))
        top = self.cursorRect(cursor).top()
        cursor.setPosition(self._position(span[1]))
        bottom = self.cursorRect(cursor).bottom()
        if self._start == 0 and bottom + bar.value() < height * 0.85:
            self._put(0, 0)
        elif top < height * 0.1 or min(bottom, top + height // 2) > height * 0.9:
            self._put(span[0], height * 0.3)

    def place(self) -> int:
        """Give the offset of the first character in view."""
        return self._offset(self.cursorForPosition(QPoint(1, 1)).position())

    def reading(self) -> int:
        """Give the offset of what is being looked at: where one was brought to, else what is in view at the top."""
        if self._held is not None:
            return self._held[0]
        return self._offset(self.cursorForPosition(QPoint(1, round(BREAK_PX * self._scale))).position())

    def set_scale(self, scale: float) -> None:
        """Set the type larger or smaller."""
        if scale != self._scale:
            place = self.place()
            self._scale = scale
            self._load_around(place)
            self._put(place, 0)

    def selected_text(self) -> str:
        """Give the selected characters exactly as they stand in the text."""
        cursor = self.textCursor()
        return self._text[self._offset(cursor.selectionStart()) : self._offset(cursor.selectionEnd())]

    def span_rects(self, span: Span) -> list[QRectF]:
        """List a rectangle a line of the span, as far as it is in view, in coordinates of the viewport."""
        start, end = max(span[0], self._start), min(span[1], self._end)
        if start >= end:
            return []
        first, last = self._position(start), self._position(end)
        height, rects = self.viewport().height(), []
        block = self.document().findBlock(first)
        while block.isValid() and block.position() < last:
            found = self._block_rects(block, first, last)
            if found and found[0].top() > height:
                break
            rects += [rect for rect in found if rect.bottom() >= 0]
            block = block.next()
        return rects

    # Laying out a window

    def _settled_at(self, offset: int) -> bool:
        room = WINDOW_CHARS // 6
        low = self._start == 0 or offset - self._start > room
        return low and (self._end == len(self._text) or self._end - offset > room)

    def _load_around(self, offset: int) -> None:
        if self.windowed:
            start = self._line_start(max(0, offset - WINDOW_CHARS // 2))
            end = self._line_start(min(len(self._text), start + WINDOW_CHARS))
        else:
            start, end = 0, len(self._text)
        self._start, self._end = start, end
        self._map = OffsetMap(self._text[start:end])
        self._moving = True
        self._set_window()
        self._moving = False

    def _line_start(self, offset: int) -> int:
        if offset <= 0 or offset >= len(self._text):
            return min(max(offset, 0), len(self._text))
        first = max(0, offset - _LONGEST_LINE)
        found = self._text[first:offset].rfind("\n")
        # A line longer than that is cut where it happens; the mapping stays exact.
        return first + found + 1 if found >= 0 else offset

    def _set_window(self) -> None:
        document = self.document()
        document.clear()
        setting = Typesetting(self._scale)
        cursor = QTextCursor(document)
        cursor.beginEditBlock()
        setting.insert_body(cursor, showable(self._text[self._start : self._end]))
        block = document.firstBlock()
        for line in self._form.lines(self._start, self._end):
            if not block.isValid():
                break
            setting.set_line(QTextCursor(block), line)
            block = block.next()
        for place, _ in self._breaks_in(self._start, self._end):
            block = document.findBlock(self._position(place))
            if block.position() == self._position(place):
                setting.set_break(QTextCursor(block))
        cursor.endEditBlock()

    def _position(self, offset: int) -> int:
        return self._map.units(min(max(offset, self._start), self._end) - self._start)

    def _offset(self, position: int) -> int:
        return self._start + self._map.offset(position)

    def _put(self, offset: int, y: float) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._position(offset))
        bar = self.verticalScrollBar()
        top = self.cursorRect(cursor).top()
        # The layout below the view may not be done: ask for it as far as the view will reach.
        self.document().documentLayout().documentSize()
        self._moving = True
        # At the very beginning the first line's own margin is to be seen as well.
        bar.setValue(0 if offset == 0 else round(bar.value() + top - y))
        self._moving = False
        self._tell_place()
        self.viewport().update()

    def _scrolled(self) -> None:
        if self._moving:
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if self._held is not None and not self._in_view(self._held[0]):
            self._held = None
        near_start = bar.value() < height and self._start > 0
        near_end = bar.value() > bar.maximum() - height and self._end < len(self._text)
        if near_start or near_end:
            first = self.cursorForPosition(QPoint(1, 1))
            place, y = self._offset(first.position()), self.cursorRect(first).top()
            # A selection would be lost: while there is one, the window ends where it ends.
            if not self.textCursor().hasSelection():
                self._load_around(place)
                self._put(place, y)
                return
        self._tell_place()

    def _in_view(self, offset: int) -> bool:
        if not self._start <= offset <= self._end:
            return False
        cursor = QTextCursor(self.document())
        cursor.setPosition(self._position(offset))
        return 0 <= self.cursorRect(cursor).top() < self.viewport().height()

    def _tell_place(self) -> None:
        self._top = self.place()
        self.place_changed.emit(self._top)

    # What Qt calls

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        first, last = self._seen()
        self._paint_breaks(painter, first, last)
        for span in self._marks.within(first, last):
            for rect in self.span_rects(span):
                paint_mark(painter, rect, over_picture=False, underlined=span == self._marks.current)
        painter.end()
        super().paintEvent(event)

    def _breaks_in(self, start: int, end: int) -> Sequence[Break]:
        first = bisect_left(self._breaks, start, key=_place_of)
        return self._breaks[first : bisect_left(self._breaks, end, key=_place_of)]

    def _seen(self) -> Span:
        """Offsets between which lies what is in view, and not much more."""
        view = self.viewport().rect()
        last = self.cursorForPosition(view.bottomRight()).position()
        # A page that begins just below may have its name in view.
        return max(self.place() - 1, self._start), min(self._offset(last) + 2, self._end)

    def _paint_breaks(self, painter: QPainter, first: int, last: int) -> None:
        """Draw what each page is called into the room left above it."""
        layout, scrolled = self.document().documentLayout(), self.verticalScrollBar().value()
        for place, words in self._breaks_in(first, last):
            block = self.document().findBlock(self._position(place))
            if block.position() == self._position(place):
                rect = layout.blockBoundingRect(block).translated(0, -scrolled)
                paint_break(painter, rect, words, self._scale)

    def _block_rects(self, block: QTextBlock, first: int, last: int) -> list[QRectF]:
        layout = block.layout()
        corner = self.document().documentLayout().blockBoundingRect(block).topLeft()
        origin_y = corner.y() - self.verticalScrollBar().value()
        rects = []
        first_line = layout.lineForTextPosition(max(0, first - block.position())).lineNumber()
        for number in range(max(0, first_line), layout.lineCount()):
            line = layout.lineAt(number)
            if line.textStart() >= last - block.position():
                break
            start = max(first - block.position(), line.textStart())
            end = min(last - block.position(), line.textStart() + line.textLength())
            if start < end:
                left, right = _x(line.cursorToX(start)), _x(line.cursorToX(end))
                top = origin_y + line.y()
                rects.append(
                    QRectF(min(left, right), top, abs(right - left), line.height()).translated(corner.x(), 0)
                )
        return rects

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is being read in view: other lines are broken elsewhere now."""
        top, held = self._top, self._held
        self._moving = True
        super().resizeEvent(event)
        self._moving = False
        if held is not None or event.size().width() != event.oldSize().width():
            self._return_to(held, top)

    def showEvent(self, event: QShowEvent) -> None:
        """Stay at the place: on its first show a text edit goes to its cursor."""
        top, held = self._top, self._held
        self._moving = True
        super().showEvent(event)
        self._moving = False
        self._return_to(held, top)

    def _return_to(self, held: Span | None, top: int) -> None:
        if held is None:
            self._put(top, 0)
        elif held[0] < held[1]:
            self.reveal(held)
        else:
            self.go_to(held[0], air=0)

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(self.selected_text())
        return data

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_requested.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, control = event.key(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        bar = self.verticalScrollBar()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_Space):
            bar.setValue(bar.value() + round(self.viewport().height() * 0.9))
        elif key == Qt.Key.Key_PageUp:
            bar.setValue(bar.value() - round(self.viewport().height() * 0.9))
        elif key == Qt.Key.Key_Down and not control:
            bar.setValue(bar.value() + 40)
        elif key == Qt.Key.Key_Up and not control:
            bar.setValue(bar.value() - 40)
        elif key == Qt.Key.Key_Home:
            self.go_to(0, air=0)
        elif key == Qt.Key.Key_End:
            self.go_to(len(self._text), air=0.9)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.viewport().setAutoFillBackground(False)


def _place_of(entry: Break) -> int:
    return entry[0]


def _x(cursor_x: object) -> float:
    # PySide returns the position alone or with the cursor, by version.
    return float(cursor_x[0] if isinstance(cursor_x, tuple) else cursor_x)  # type: ignore[arg-type]
