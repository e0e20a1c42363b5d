"""The pills beside the question: what limits it, each with its way out."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from readingroom.ui.theme import SMALL_PX, body_font, set_icon
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

_WIDEST_PX = 200
_FRAME_PX = 46
"""Of a pill around its name: padding, icons and gaps."""
_SPACING = 6
_MORE_PX = 84


@dataclass(frozen=True, slots=True)
class Pill:
    """Something that limits or changes the next question."""

    key: object
    text: str
    icon: str
    spoken: str
    """As a screen reader says it."""
    tip: str = ""


class _PillButton(QToolButton):
    """Is removed by a click, and by Delete or Backspace."""

    def __init__(self, pill: Pill, parent: QWidget) -> None:
        super().__init__(parent)
        self.pill = pill
        self.setObjectName("scopePill")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(14, 14))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_icon(self, pill.icon)
        metrics = QFontMetrics(body_font(SMALL_PX))
        shown = metrics.elidedText(pill.text, Qt.TextElideMode.ElideMiddle, _WIDEST_PX - _FRAME_PX)
        self.setText(f" {shown}  ×".replace("&", "&&"))
        self.setAccessibleName(f"{pill.spoken}; remove")
        self.setToolTip(plain_tip(pill.tip or pill.text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        remove = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in remove:
            self.click()
            return
        super().keyPressEvent(event)


class ScopePills(QWidget):
    """One row; what does not fit is counted. Hidden while there is nothing."""

    removed = Signal(object)  # a pill's key
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What limits the question")
        self._pills: Sequence[Pill] = ()
        self._limits = 0
        self._lead = PlainLabel("Only in", self)
        self._lead.setObjectName("composerHint")
        self._more = PlainLabel(self)
        self._more.setObjectName("composerHint")
        self.clear_button = LinkButton("Search everything", self)
        self.clear_button.setToolTip("Remove all limits")
        self.clear_button.clicked.connect(self.cleared)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_SPACING)
        self._row.addWidget(self._lead)
        self._row.addWidget(self._more)
        self._row.addWidget(self.clear_button)
        self._row.addStretch()
        self.hide()

    @property
    def buttons(self) -> list[QToolButton]:
        """The pills that can be seen, from the left."""
        found = (self._row.itemAt(place).widget() for place in range(self._row.count()))  # type: ignore[union-attr]
        return [button for button in found if isinstance(button, _PillButton)]

    def show_pills(self, pills: Sequence[Pill], *, limits: int) -> None:
        """Show these and nothing else; the last `limits` of them say where is searched."""
        if tuple(pills) != tuple(self._pills):
            self._pills = tuple(pills)
            self._limits = limits
            self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fill()

    def _fill(self) -> None:
        # First: when it appears it is given its width, and comes here again.
        self.setVisible(bool(self._pills))
        focused = next((place for place, button in enumerate(self.buttons) if button.hasFocus()), None)
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._lead.setVisible(self._limits > 0)
        self.clear_button.setVisible(self._limits > 1)
        beside = self.clear_button.sizeHint().width() + _SPACING if self._limits > 1 else 0
        room = self.width() - self._lead.sizeHint().width() - _SPACING - beside
        shown = 0
        for place, pill in enumerate(self._pills):
            made = _PillButton(pill, self)
            made.ensurePolished()
            room -= made.sizeHint().width() + _SPACING
            if place and room < (0 if place + 1 == len(self._pills) else _MORE_PX):
                made.deleteLater()
                break
            made.clicked.connect(lambda _checked=False, key=pill.key: self.removed.emit(key))
            # "Only in" stands before those that limit.
            self._row.insertWidget(place + (place >= len(self._pills) - self._limits), made)
            made.show()
            shown += 1
        hidden = len(self._pills) - shown
        self._more.setText(f"and {hidden:,} more")
        self._more.setVisible(hidden > 0)
        if focused is not None and self.buttons:
            self.buttons[min(focused, shown - 1)].setFocus(Qt.FocusReason.OtherFocusReason)
