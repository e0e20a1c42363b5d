"""The bar with which one goes from slide to slide, or from chapter to chapter, by name."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QListView, QSizePolicy, QToolButton, QWidget

from readingroom.ui.theme import set_icon
from readingroom.ui.widgets.choice_box import ChoiceBox

_ROW_PX = 26
_MOST_ROWS = 16


class _SectionBox(ChoiceBox):
    """Opens a plain list below itself, however many there are: the style's own would cover half the window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._popup = _SectionList(self)

    def showPopup(self) -> None:
        self._popup.open_below(self)


class _SectionList(QListView):
    """Enter or a click goes there, Escape or a click elsewhere leaves; typing looks for a name."""

    def __init__(self, box: QComboBox) -> None:
        # Not the box's own child: style sheets leave those alone.
        super().__init__(box.parentWidget())
        self.setObjectName("sectionPopup")
        self.setWindowFlags(Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._box = box
        self.setModel(box.model())
        self.clicked.connect(self._choose)

    def open_below(self, box: QComboBox) -> None:
        """Show it, the one in view chosen."""
        height = min(box.count(), _MOST_ROWS) * _ROW_PX + 2
        self.setGeometry(QRect(box.mapToGlobal(QPoint(0, box.height())), QSize(box.width(), height)))
        self.setCurrentIndex(self.model().index(box.currentIndex(), 0))
        self.show()
        self.scrollTo(self.currentIndex(), QListView.ScrollHint.PositionAtCenter)
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex | QPersistentModelIndex) -> None:
        self.hide()
        self._box.setCurrentIndex(index.row())
        self._box.activated.emit(index.row())


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
        self.list = _SectionBox(self)
        self.list.setObjectName("sectionList")
        self.list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
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
