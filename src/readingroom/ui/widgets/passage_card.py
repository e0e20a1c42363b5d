"""A passage as a card: where it stands, and what it says."""

from itertools import pairwise

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from readingroom.core.conversation import Citation
from readingroom.core.models import Passage
from readingroom.core.places import headings_beside, joined_words, name_of, titled, words_of
from readingroom.ui.theme import BODY_PX, SMALL_PX, TINY_PX, body_font, palette, when_palette_changes

_PADDING = 12
_TEXT_LINES = 3
_LINE_PX = 19
_HEAD_PX = 20
_SCANNED = 4000


def passage_citation(passage: Passage) -> Citation:
    """Return the citation by which the viewer opens a passage whole."""
    return Citation(
        passage.rank,
        passage.document_id,
        passage.path,
        passage.page,
        passage.start,
        passage.end,
        passage.text,
        located=True,
        place=passage.place,
        container=passage.container,
    )


class PassageCard(QWidget):
    """Painted by hand: file, page, heading and the first lines. Clicking, Enter or Space opens it."""

    opened = Signal(object)  # Citation

    def __init__(self, passage: Passage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._passage = passage
        self._text = " ".join(passage.text.split())[:1200]
        self._rows = _table_rows(passage)
        self._hovered = False
        self._place = titled(words_of(passage))
        if passage.offline:
            self._place = " · ".join(words for words in ("Offline", self._place) if words)
        self._heading = " › ".join(headings_beside(words_of(passage), passage.heading))
        self.setAccessibleName(f"Passage {passage.rank}: {joined_words(name_of(passage), words_of(passage))}")
        self.setAccessibleDescription(self._text)
        if passage.offline:
            self.setToolTip("Its file is not there now. What was read of it stays searchable.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fit(_TEXT_LINES)
        when_palette_changes(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit(min(_TEXT_LINES, len(self._lines(event.size().width() - 2 * _PADDING))))

    def _fit(self, lines: int) -> None:
        heading = _HEAD_PX if self._heading else 2
        self.setFixedHeight(2 * _PADDING + _HEAD_PX + heading + lines * _LINE_PX)

    def _lines(self, width: int) -> list[str]:
        """Break the text into the lines that are shown; the last holds all the rest. Rows of a table stay apart."""
        if self._rows:
            return self._rows
        layout = QTextLayout(self._text, body_font(BODY_PX))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        starts: list[int] = []
        layout.beginLayout()
        while len(starts) < _TEXT_LINES and (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            starts.append(line.textStart())
        layout.endLayout()
        return [self._text[start:end] for start, end in pairwise([*starts, len(self._text)])]

    def paintEvent(self, _event: QPaintEvent) -> None:
        colors = palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = "accent" if self.hasFocus() else "faint" if self._hovered else "line"
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
        painter.setFont(body_font(BODY_PX))
        painter.setPen(palette().color("ink"))
        top = inner.top() + _HEAD_PX + (_HEAD_PX if self._heading else 2)
        lines = self._lines(inner.width())
        for number, line in enumerate(lines):
            row = QRect(inner.left(), top + number * _LINE_PX, inner.width(), _LINE_PX)
            whole = number < len(lines) - 1 and not self._rows
            text = line if whole else self._elided(painter, line, inner.width())
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)

    @staticmethod
    def _elided(painter: QPainter, text: str, width: int) -> str:
        return QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, width)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit(passage_citation(self._passage))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(passage_citation(self._passage))
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()
        super().leaveEvent(event)


def _table_rows(passage: Passage) -> list[str]:
    """The names of the columns and the first rows, where it is a table that was found; nothing else of prose."""
    rows = [" ".join(row.split()) for row in passage.text[:_SCANNED].split("\n") if row.strip()]
    shown = [*([" ".join(passage.context.split())] if passage.context else []), *rows][:_TEXT_LINES]
    return shown if rows and all("|" in row for row in shown) else []


def _middle_elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width)
