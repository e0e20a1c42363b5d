"""A passage as a card: where it stands, and what it says; over several pages, what it says on each."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from readingroom.core.citations import cite_pages, cite_passage
from readingroom.core.conversation import Citation
from readingroom.core.models import Passage
from readingroom.core.places import headings_beside, joined_words, name_of, span_of, titled, words_of
from readingroom.ui.theme import BODY_PX, SMALL_PX, TINY_PX, body_font, palette, when_palette_changes
from readingroom.ui.widgets.citation_chip import CHIP_HEIGHT, ChipLook, chip_width, paint_chip
from readingroom.ui.widgets.passage_lines import MOST_LINES, MOST_PARTS, Line, PassageLines

_PADDING = 12
_LINE_PX = 19
_PART_GAP = 4
_HEAD_PX = 20
_TOLD_CHARS = 1200


def passage_parts(passage: Passage) -> Sequence[Citation]:
    """Return the citations by which the viewer opens a passage page by page; whole where pages have no numbers."""
    parts = cite_pages(passage.rank, passage)
    return parts if all(part.place for part in parts) else [cite_passage(passage.rank, passage)]


class PassageCard(QWidget):
    """Painted by hand: file, page, heading and the first lines. Clicking, Enter or Space opens it.

    Of a passage over several pages each page has its own lines, which open it there; Tab steps through them.
    """

    opened = Signal(object)  # Citation

    def __init__(
        self, passage: Passage, parts: Sequence[Citation] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._passage = passage
        self.parts = tuple(parts or passage_parts(passage))
        """The citations it opens, by page."""
        self._text = PassageLines(self.parts, passage.context)
        self._current: Citation | None = None
        self._chosen = 0
        self._hovered: int | None = None
        words = span_of([*map(words_of, self.parts)])
        self._place = titled(words)
        if passage.offline:
            self._place = " · ".join(words for words in ("Offline", self._place) if words)
        self._heading = " › ".join(headings_beside(words_of(passage), passage.heading))
        self.setAccessibleName(f"Passage {passage.rank}: {joined_words(name_of(passage), words)}")
        self._describe()
        if passage.offline:
            self.setToolTip("Its file is not there now. What was read of it stays searchable.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self._text_top + MOST_LINES * _LINE_PX + _PADDING)
        when_palette_changes(self.update)

    def set_current(self, citation: Citation | None) -> None:
        """Mark the page that is open in the viewer."""
        if citation != self._current:
            self._current = citation
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        bottom = max((top + _LINE_PX for top, _ in self._lines(event.size().width())), default=self._text_top)
        self.setFixedHeight(bottom + _PADDING)

    @property
    def _text_top(self) -> int:
        return _PADDING + _HEAD_PX + (_HEAD_PX if self._heading else 2)

    def _lines(self, width: int) -> list[tuple[int, Line]]:
        """The lines and where they begin, in a card of such a width; parts stand a little apart."""
        return [
            (self._text_top + number * _LINE_PX + line.part * _PART_GAP, line)
            for number, line in enumerate(self._text.lines(width - 2 * _PADDING))
        ]

    def paintEvent(self, _event: QPaintEvent) -> None:
        colors = palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = "accent" if self.hasFocus() else "line" if self._hovered is None else "faint"
        painter.setPen(QPen(colors.color(edge), 1))
        painter.setBrush(colors.color("raised"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        inner = self.rect().adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        self._paint_head(painter, inner)
        if self._heading:
            painter.setFont(body_font(SMALL_PX))
            painter.setPen(colors.color("soft"))
            row = QRect(inner.left(), inner.top() + _HEAD_PX, inner.width(), _HEAD_PX - 2)
            shown = self._elided(painter, self._heading, row.width())
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, shown)
        self._paint_text(painter, inner)

    def _paint_head(self, painter: QPainter, inner: QRect) -> None:
        colors = palette()
        row = QRect(inner.left(), inner.top(), inner.width(), _HEAD_PX - 2)
        painter.setFont(body_font(TINY_PX, strong=True))
        number = QRect(row.left(), row.top() + 1, 18, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("accent_wash"))
        painter.drawRoundedRect(number, 8, 8)
        painter.setPen(colors.color("accent"))
        painter.drawText(number, Qt.AlignmentFlag.AlignCenter, str(self._passage.rank))
        painter.setFont(body_font(SMALL_PX))
        painter.setPen(colors.color("soft"))
        place = _middle_elided(painter, self._place, row.width() // 2)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, place)
        taken = painter.fontMetrics().horizontalAdvance(place) + 12
        painter.setFont(body_font(BODY_PX, strong=True))
        painter.setPen(colors.color("ink"))
        row.setLeft(row.left() + 26)
        row.setRight(row.right() - taken)
        name = _middle_elided(painter, self._passage.path.name, row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, name)
        if self._passage.container:
            row.setLeft(row.left() + painter.fontMetrics().horizontalAdvance(name) + 5)
            painter.setFont(body_font(SMALL_PX))
            painter.setPen(colors.color("soft"))
            container = _middle_elided(painter, f"in {self._passage.container}", max(0, row.width()))
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, container)

    def _paint_text(self, painter: QPainter, inner: QRect) -> None:
        for top, line in self._lines(self.width()):
            row = QRect(inner.left(), top, inner.width(), _LINE_PX)
            if line.chip:
                middle = top + (_LINE_PX - CHIP_HEIGHT) / 2
                box = QRectF(row.left(), middle, chip_width(line.chip), CHIP_HEIGHT)
                paint_chip(painter, box, line.chip, self._look(line.part))
                row.setLeft(row.left() + line.indent)
            painter.setFont(body_font(BODY_PX))
            painter.setPen(palette().color("ink"))
            text = line.text if line.whole else self._elided(painter, line.text, row.width())
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)

    def _look(self, part: int) -> ChipLook:
        shown = self.parts[part:] if part == MOST_PARTS - 1 else [self.parts[part]]
        return ChipLook(
            current=self._current in shown,
            focused=part == self._chosen and self.hasFocus(),
            hovered=part == self._hovered,
        )

    @staticmethod
    def _elided(painter: QPainter, text: str, width: int) -> str:
        return QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, width)

    # -- mouse and keyboard

    def _part_at(self, y: float) -> int:
        """The part whose lines are at that height; above them the first."""
        return max((line.part for top, line in self._lines(self.width()) if top <= y), default=0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._part_at(event.position().y()))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._choose(self._part_at(event.position().y()))
            self.opened.emit(self.parts[self._chosen])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.parts[self._chosen])
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab step through the pages before it leaves."""
        chosen = self._chosen + (1 if forward else -1)
        if 0 <= chosen < self._stops:
            self._choose(chosen)
            return True
        return super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.TabFocusReason:
            self._choose(0)
        elif event.reason() == Qt.FocusReason.BacktabFocusReason:
            self._choose(self._stops - 1)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover(self._part_at(event.position().y()))
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    @property
    def _stops(self) -> int:
        return min(len(self.parts), MOST_PARTS)

    def _hover(self, part: int | None) -> None:
        if part != self._hovered:
            self._hovered = part
            self.update()

    def _choose(self, part: int) -> None:
        self._chosen = part
        self._describe()
        self.update()

    def _describe(self) -> None:
        part = self.parts[self._chosen]
        place = titled(words_of(part)) if len(self.parts) > 1 else ""
        words = " ".join(part.quote.split())[:_TOLD_CHARS]
        self.setAccessibleDescription(": ".join(told for told in (place, words) if told))


def _middle_elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width)
