"""Sets extracted text in type, a paragraph a line, without changing a character of it."""

from functools import cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QPainter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)

from readingroom.config.paths import resource_path
from readingroom.ui.panes.viewer_text_form import Kind, Line
from readingroom.ui.theme import body_font, code_font, palette

_SERIF = ("Source Serif Pro", "Charter", "Georgia", "Noto Serif", "DejaVu Serif", "serif")
_DIM = "#B4B0A6"
_BODY_PX = 14.0
_CODE_PX = 12.0
_LINE_HEIGHT = 126
BREAK_PX = 34.0
"""Room above a page's first line."""
_BREAK_FONT_PX = 11.0
_BREAK_INK = "#6E6A60"
_BREAK_LINE = "#DDD9CF"
_HEADING_PX = {1: 19.0, 2: 16.5, 3: 15.0}


class Typesetting:
    """Type of one size on paper: the colours are the paper's in both themes."""

    def __init__(self, scale: float) -> None:
        self._scale = scale

    def insert_body(self, cursor: QTextCursor, text: str) -> None:
        """Insert text as body; lines that are something else are set afterwards."""
        cursor.setBlockFormat(_block_format(_LINE_HEIGHT))
        cursor.insertText(text, self._type(_BODY_PX))

    def set_line(self, cursor: QTextCursor, line: Line) -> None:
        """Set the paragraph at the cursor as what its line is."""
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        match line.kind:
            case Kind.BLANK:
                cursor.setBlockFormat(_block_format(round(8 * self._scale), fixed=True))
            case Kind.HEADING:
                form = _block_format(112, above=10 * self._scale, below=4 * self._scale)
                form.setHeadingLevel(line.level)
                cursor.setBlockFormat(form)
                strong = self._type(_HEADING_PX.get(line.level, _BODY_PX), strong=True)
                cursor.setCharFormat(strong)
                _dim(cursor, len(line.text) - len(line.text.lstrip(" #")))
            case Kind.LIST:
                metrics = QFontMetricsF(self._type(_BODY_PX).font())
                hanging = metrics.horizontalAdvance(line.text[: line.marker])
                form = _block_format(_LINE_HEIGHT)
                form.setLeftMargin(hanging)
                form.setTextIndent(-hanging)
                cursor.setBlockFormat(form)
            case Kind.QUOTE:
                form = _block_format(_LINE_HEIGHT)
                form.setLeftMargin(16 * self._scale)
                cursor.setBlockFormat(form)
                cursor.setCharFormat(self._type(_BODY_PX, italic=True))
            case Kind.FIXED:
                cursor.setBlockFormat(_block_format(128))
                cursor.setCharFormat(_ink(code_font(self._px(_CODE_PX))))
            case Kind.BODY:
                pass

    def set_break(self, cursor: QTextCursor) -> None:
        """Leave room above the paragraph for what its page is called."""
        form = cursor.blockFormat()
        form.setTopMargin(form.topMargin() + BREAK_PX * self._scale)
        cursor.setBlockFormat(form)

    def _type(self, size_px: float, *, strong: bool = False, italic: bool = False) -> QTextCharFormat:
        _load_serif()
        font = QFont()
        font.setFamilies(list(_SERIF))
        font.setPixelSize(self._px(size_px))
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        font.setItalic(italic)
        return _ink(font)

    def _px(self, size_px: float) -> int:
        return max(6, round(size_px * self._scale))


def paint_break(painter: QPainter, block: QRectF, words: str, scale: float) -> None:
    """Draw what a page is called, and a line to the right of it, over its first paragraph."""
    font = body_font(max(6, round(_BREAK_FONT_PX * scale)), strong=True)
    row = QRectF(block.left(), block.top() - 24 * scale, block.width(), 16 * scale)
    painter.setFont(font)
    painter.setPen(QColor(_BREAK_INK))
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, row.width())
    painter.drawText(row, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
    left = row.left() + metrics.horizontalAdvance(shown) + 8
    if left < row.right():
        painter.fillRect(QRectF(left, round(row.center().y()), row.right() - left, 1), QColor(_BREAK_LINE))


@cache
def _load_serif() -> None:
    for name in ("Regular", "Semibold", "It"):
        QFontDatabase.addApplicationFont(str(resource_path(f"fonts/SourceSerifPro-{name}.otf")))


def _block_format(
    line_height: float, *, fixed: bool = False, above: float = 0, below: float = 0
) -> QTextBlockFormat:
    form = QTextBlockFormat()
    heights = QTextBlockFormat.LineHeightTypes
    form.setLineHeight(line_height, (heights.FixedHeight if fixed else heights.ProportionalHeight).value)
    form.setTopMargin(above)
    form.setBottomMargin(below)
    return form


def _ink(font: QFont) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setFont(font)
    form.setForeground(QColor(palette().page_ink))
    return form


def _dim(cursor: QTextCursor, length: int) -> None:
    """Draw back the marks of a heading; they stay where they are, so that offsets hold."""
    cursor.setPosition(cursor.block().position())
    cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, length)
    form = QTextCharFormat()
    form.setForeground(QColor(_DIM))
    cursor.mergeCharFormat(form)
