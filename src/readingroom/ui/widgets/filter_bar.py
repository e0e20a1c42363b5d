"""Filters side by side, each with how many it shows; those that do not fit are in a menu at the end."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from readingroom.ui.theme import set_icon
from readingroom.ui.widgets.segments import Segments

_BORDERS_PX = 4
_MORE_PX = 32


class FilterBar(QWidget):
    """The first filter shows everything and is always there; one that would show nothing is absent.

    Where only the first is left there is nothing to choose, and the bar is hidden.
    """

    chosen = Signal(int)
    """The person chose another: its place."""

    def __init__(self, name: str, choices: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._choices = tuple(choices)
        self._counts = (0,) * len(self._choices)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._segments = Segments(name, self._choices, self)
        self.more = QToolButton(self)
        self.more.setObjectName("segment")
        self.more.setIconSize(QSize(14, 14))
        set_icon(self.more, "chevron-down")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(QMenu(self.more))
        self.more.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._segments)
        row.addWidget(self.more)
        row.addStretch()
        self._segments.chosen.connect(self._choose)
        self.more.menu().aboutToShow.connect(self._fill_menu)

    @property
    def choice(self) -> int:
        """The place of the chosen one."""
        return self._segments.choice

    def button(self, place: int) -> QToolButton:
        """One of the buttons; hidden where its filter is absent or in the menu."""
        return self._segments.button(place)

    def choose(self, place: int) -> None:
        """Show another as chosen; says nothing."""
        self._segments.choose(place)
        self._fit()

    def show_counts(self, counts: Sequence[int]) -> None:
        """Show how many each shows."""
        if tuple(counts) == self._counts:
            return
        self._counts = tuple(counts)
        for place in range(len(self._choices)):
            self._segments.set_text(place, self._words(place))
            self.button(place).setAccessibleName(f"{self._name}: {self._words(place)}")
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(0, self._segments.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _words(self, place: int) -> str:
        count = self._counts[place] if place else 0
        return f"{self._choices[place]} {count:,}" if count else self._choices[place]

    @property
    def _present(self) -> list[int]:
        """Places of the filters that show something, and of the chosen one."""
        return [
            place for place, count in enumerate(self._counts) if place == 0 or count or place == self.choice
        ]

    @property
    def _over(self) -> list[int]:
        """Places of those in the menu."""
        return [place for place in self._present if self.button(place).isHidden()]

    def _fit(self) -> None:
        present = self._present
        self.setVisible(len(present) > 1)
        shown = self._fitting(present)
        for place in range(len(self._choices)):
            self.button(place).setVisible(place in shown)
        over = [place for place in present if place not in shown]
        inside = self.choice in over
        styles = Qt.ToolButtonStyle
        self.more.setToolButtonStyle(styles.ToolButtonTextBesideIcon if inside else styles.ToolButtonIconOnly)
        self.more.setText(self._words(self.choice) if inside else "")
        self.more.setAccessibleName(f"{self._name}: {self._words(self.choice)}" if inside else "More filters")
        self.more.setToolTip("More filters: " + ", ".join(self._words(place) for place in over))
        self.more.setProperty("chosen", "true" if inside else "false")
        self.more.style().unpolish(self.more)
        self.more.style().polish(self.more)
        self.more.setVisible(bool(over))

    def _fitting(self, present: Sequence[int]) -> set[int]:
        """As many as there is room for, from the first on."""
        metrics = self.fontMetrics()
        # The chosen one is set in the heavier weight.
        heavier = metrics.averageCharWidth()
        wide = {
            place: self.button(place).sizeHint().width() + (heavier if place == self.choice else 0)
            for place in present
        }
        room = self.width() - _BORDERS_PX
        if sum(wide.values()) <= room:
            return set(present)
        for count in range(len(present) - 1, 0, -1):
            shown = present[:count]
            more = _MORE_PX if self.choice in shown else _MORE_PX + wide[self.choice]
            if sum(wide[place] for place in shown) + more <= room:
                return set(shown)
        return {0}

    def _fill_menu(self) -> None:
        menu = self.more.menu()
        menu.clear()
        for place in self._over:
            action = menu.addAction(self._words(place), partial(self._choose_from_menu, place))
            action.setCheckable(True)
            action.setChecked(place == self.choice)

    def _choose_from_menu(self, place: int) -> None:
        self._segments.choose(place)
        self._choose(place)

    def _choose(self, place: int) -> None:
        self._fit()
        self.chosen.emit(place)
