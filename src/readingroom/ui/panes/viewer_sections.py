"""The bar with which one goes from slide to slide, or from chapter to chapter, by name."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QStyledItemDelegate, QToolButton, QWidget

from readingroom.ui.theme import set_icon
from readingroom.ui.widgets.choice_box import ChoiceBox


class SectionBar(QWidget):
    """The one before, a list of all of them, the next."""

    section_requested = Signal(int)
    """Its place, from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sectionBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown: Sequence[str] = ()
        self.previous = self._button("chevron-left", -1)
        self.list = ChoiceBox(self)
        self.list.setObjectName("sectionList")
        self.list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.list.setMaxVisibleItems(16)
        # The combo box's own delegate draws as a menu does, whatever the style sheet says.
        self.list.setItemDelegate(QStyledItemDelegate(self.list))
        popup = self.list.view().window()
        popup.setObjectName("sectionPopup")
        self.next = self._button("chevron-right", 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 3, 8, 3)
        layout.setSpacing(4)
        for part in (self.previous, self.list, self.next):
            layout.addWidget(part, 1 if part is self.list else 0)
        self.list.activated.connect(self.section_requested)
        self.show_sections((), "")

    def show_sections(self, names: Sequence[str], noun: str) -> None:
        """List these; with fewer than two there is nowhere to go."""
        if names != self._shown:
            self._shown = names
            self.list.clear()
            self.list.addItems(list(names))
        self.list.setAccessibleName(f"Go to {noun.lower()}")
        for button, which in ((self.previous, "Previous"), (self.next, "Next")):
            button.setToolTip(f"{which} {noun.lower()}")
            button.setAccessibleName(f"{which} {noun.lower()}")

    def show_current(self, place: int) -> None:
        """Show which one is in view."""
        if self.list.currentIndex() != place:
            self.list.setCurrentIndex(place)
        self.previous.setEnabled(place > 0)
        self.next.setEnabled(place + 1 < self.list.count())

    def _button(self, icon: str, by: int) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("barButton")
        button.setIconSize(QSize(15, 15))
        set_icon(button, icon)
        button.clicked.connect(lambda: self.section_requested.emit(self.list.currentIndex() + by))
        return button
