"""Paints what stays paper in both themes: a sheet with a soft shadow, and marks on it."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QRegion

from readingroom.ui.theme import palette

UNDERLINE_PX = 2
_SMALL_PX = 13
"""Lines lower than this stand so close that a full underline would cover the one below."""
_SHADOW = ((5.0, 5), (3.5, 8), (2.0, 12), (1.0, 18))
"""Growth in pixels and opacity of 255, from the outside in."""


def paint_sheet(painter: QPainter, rect: QRectF) -> None:
    """Paint an empty sheet with its shadow."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for growth, opacity in _SHADOW:
        painter.setBrush(QColor(0, 0, 0, opacity))
        painter.drawRoundedRect(rect.adjusted(-growth, 1 - growth, growth, 1 + growth), growth, growth)
    painter.restore()
    painter.fillRect(rect, palette().color("page"))


def paint_mark(painter: QPainter, rect: QRectF, *, over_picture: bool, underlined: bool = True) -> None:
    """Paint a marked line: over a picture multiplied, so that the words stay as black as they are."""
    painter.save()
    if over_picture:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
    painter.fillRect(rect, palette().color("mark"))
    painter.restore()
    if underlined:
        thick = UNDERLINE_PX if rect.height() >= _SMALL_PX else UNDERLINE_PX / 2
        line = QRectF(rect.left(), rect.bottom(), rect.width(), thick)
        painter.fillRect(line, palette().color("mark_line"))


def tint_picture(painter: QPainter, rect: QRectF, marks: Sequence[QRectF]) -> None:
    """Give a white picture the colour of the paper, which is not quite white in the dark theme; marks keep theirs."""
    page = palette().color("page")
    if page == QColor(Qt.GlobalColor.white):
        return
    painter.save()
    region = QRegion(rect.toAlignedRect())
    for mark in marks:
        region -= QRegion(mark.toAlignedRect())
    painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
    painter.fillRect(rect, page)
    painter.restore()
