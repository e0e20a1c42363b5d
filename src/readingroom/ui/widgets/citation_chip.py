"""The rounded chip that stands in an answer for a citation: `2 · p. 14`."""

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakMethod

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPen,
    QPyTextObject,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)

from readingroom.core.conversation import Citation, Support
from readingroom.core.places import joined_words, name_of, short, words_of
from readingroom.ui.theme import TINY_PX, body_font, palette

CHIP_OBJECT = QTextFormat.ObjectTypes.UserObject.value + 1
_NUMBER = QTextFormat.Property.UserProperty.value + 1
_LABEL = QTextFormat.Property.UserProperty.value + 2
_TURN = QTextFormat.Property.UserProperty.value + 3
"""How many markers of that number came before it; of an offer, which number 0 marks, its place among the offers."""
CHIP_HEIGHT = 16.0
_PADDING = 6.0
_GAP = 2.0
DROP_PX = 4
"""Text objects stand on the baseline; the chip's own text shall share it with the line."""


@dataclass(frozen=True, slots=True)
class ChipLook:
    """How a chip is drawn now."""

    quiet: bool = False
    """The answer does not rest on it: it is only offered, or does not bear the sentence out."""
    wrong: bool = False
    """The latter."""
    current: bool = False
    focused: bool = False
    hovered: bool = False


def chip_label(n: int, citation: Citation, *, changed: bool = False) -> str:
    """Return what the chip shows: `2 · p. 14`, `2 · Sales, row 214`, `2 · not found`, `+2 · p. 14` for an offer."""
    place = "not found" if citation.support is Support.NONE else short(words_of(citation))
    sign = f"+{n}" if citation.offered else str(n)
    return " · ".join(part for part in (sign, place, "changed" if changed else "") if part)


def chip_format(n: int, label: str, turn: int = 0) -> QTextCharFormat:
    """Return the format of the character that stands for the chip."""
    result = QTextCharFormat()
    result.setObjectType(CHIP_OBJECT)
    result.setProperty(_NUMBER, n)
    result.setProperty(_LABEL, label)
    result.setProperty(_TURN, turn)
    result.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignNormal)
    return result


def chip_number(fmt: QTextFormat) -> int | None:
    """Return the citation's number if the format is a chip's."""
    if fmt.objectType() != CHIP_OBJECT:
        return None
    return int(fmt.property(_NUMBER))


def chip_turn(fmt: QTextFormat) -> int:
    """Return which chip of its number it is."""
    return int(fmt.property(_TURN))


def chip_text(fmt: QTextFormat) -> str:
    """Return the label of a chip's format."""
    return str(fmt.property(_LABEL))


def chip_tip(citation: Citation, *, changed: bool = False) -> str:
    """Return what hovering tells, as plain text; the first line is the place."""
    place = joined_words(name_of(citation), words_of(citation))
    words = " ".join(citation.quote.split())
    quote = f"“{words[:400]}{'…' if len(words) > 400 else ''}”" if citation.located and words else ""
    told = [place]
    if changed:
        told.append("This document has changed since the answer was written.")
    if citation.support is Support.NONE:
        told.append("Not found in the source: the passage does not say this.")
        told += [f"The nearest words there: {quote}"] if quote else []
    elif not citation.located:
        told.append("These words were not found in the document.")
    elif citation.offered:
        told += [quote, "The answer names no source here. Right-click, or press +, to keep this one."]
    else:
        told.append(quote)
    return "\n".join(told)


class ChipObject(QPyTextObject):
    """Measures and draws chips; `look` says how the one of that format and at that position stands."""

    def __init__(self, look: Callable[[QTextFormat, int], ChipLook], parent: QTextDocument) -> None:
        super().__init__(parent)
        # Weak: the view owns its document, and the document this.
        self._look = WeakMethod(look)
        self._widths: dict[str, float] = {}

    def intrinsicSize(self, _document: QTextDocument, _position: int, fmt: QTextFormat) -> QSizeF:
        label = str(fmt.property(_LABEL))
        width = self._widths.get(label)
        if width is None:
            width = self._widths[label] = chip_width(label)
        return QSizeF(width + _GAP, CHIP_HEIGHT - DROP_PX)

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        _document: QTextDocument,
        position: int,
        fmt: QTextFormat,
    ) -> None:
        find_look = self._look()
        look = ChipLook() if find_look is None else find_look(fmt, position)
        box = QRectF(rect.left() + _GAP, rect.top(), rect.width() - _GAP, CHIP_HEIGHT)
        paint_chip(painter, box, str(fmt.property(_LABEL)), look)


def chip_width(label: str) -> float:
    """Return how wide a chip with that label is."""
    return QFontMetricsF(body_font(TINY_PX, strong=True)).horizontalAdvance(label) + 2 * _PADDING


def paint_chip(painter: QPainter, box: QRectF, label: str, look: ChipLook) -> None:
    """Draw a chip into a box of its width and height."""
    colors = palette()
    font = body_font(TINY_PX, strong=True)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    ink = colors.color("accent")
    if look.current:
        painter.setBrush(colors.color("accent"))
        ink = colors.color("on_accent")
    elif look.quiet:
        # An outline in place of the wash, so that colour is not the only sign.
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colors.color("warning" if look.wrong else "faint"), 1, Qt.PenStyle.DashLine))
        ink = colors.color("warning" if look.wrong else "soft")
    elif look.hovered:
        painter.setBrush(colors.color("selection"))
    else:
        painter.setBrush(colors.color("accent_wash"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 7.5, 7.5)
    if look.focused:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colors.color("ink"), 1.5))
        painter.drawRoundedRect(box.adjusted(0, 0, 0, 0), 8, 8)
    painter.setPen(ink)
    painter.setFont(font)
    baseline = box.top() + (CHIP_HEIGHT + QFontMetricsF(font).capHeight()) / 2
    painter.drawText(QPointF(box.left() + _PADDING, baseline), label)
    painter.restore()
