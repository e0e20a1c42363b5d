"""The extracted text of a document on a sheet of paper, with one scroll bar for all of it."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollBar, QWidget

from readingroom.ui.panes.viewer_layout import SIDE, TOP
from readingroom.ui.panes.viewer_long_text import Text
from readingroom.ui.panes.viewer_marks import Span
from readingroom.ui.panes.viewer_text_form import TextForm
from readingroom.ui.panes.viewer_text_sheet import Break, TextSheet
from readingroom.ui.theme import palette, when_palette_changes
from readingroom.ui.widgets.paper import paint_sheet

_MARGINS = (36, 30, 32, 24)
ZOOM_STEP = 1.1
ZOOM_RANGE = (0.6, 3.0)


class TextView(QWidget):
    """Scrolls through a text of any length."""

    place_changed = Signal(int)
    """Offset of the first character in view."""
    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("textView")
        self.sheet = TextSheet(self)
        self.setFocusProxy(self.sheet)
        self._zoom = 1.0
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.setAccessibleName("Place in the text")
        layout = QHBoxLayout(self)
        left, top, right, bottom = _MARGINS
        layout.setContentsMargins(SIDE + left, TOP + top, 0, TOP + bottom)
        layout.setSpacing(0)
        layout.addWidget(self.sheet, 1)
        layout.addSpacing(right + SIDE - self._bar.sizeHint().width())
        self._bar.raise_()
        self._inner = self.sheet.verticalScrollBar()
        self._inner.rangeChanged.connect(self._follow)
        self.sheet.place_changed.connect(self._follow)
        self.sheet.place_changed.connect(self.place_changed)
        self.sheet.zoom_requested.connect(lambda step: self.set_zoom(self._zoom * ZOOM_STEP**step))
        self._bar.valueChanged.connect(self._lead)
        self._following = False
        when_palette_changes(self.update)

    @property
    def zoom(self) -> float:
        """1.0 is the usual size of the type."""
        return self._zoom

    def show_text(
        self, text: Text, form: TextForm, name: str, breaks: Sequence[Break] = (), *, at: int = 0
    ) -> None:
        """Show another text, from the character `at` on."""
        self.sheet.setAccessibleName(f"Text of {name}")
        self.sheet.show_text(text, form, breaks, at=at)
        self._follow()

    def place(self) -> int:
        """Give the offset of the first character in view."""
        return self.sheet.place()

    def reading(self) -> int:
        """Give the offset of what is being looked at."""
        return self.sheet.reading()

    def go_to(self, offset: int) -> None:
        """Show a character at the top."""
        self.sheet.go_to(offset, air=0)

    def show_mark(self, marks: Sequence[Span], current: Span | None) -> None:
        """Mark spans; bring the current one into view unless it is there already."""
        self.sheet.set_marks(marks, current)
        if current is not None:
            self.sheet.reveal(current)

    def set_zoom(self, zoom: float) -> None:
        """Set the type larger or smaller."""
        zoom = min(max(zoom, ZOOM_RANGE[0]), ZOOM_RANGE[1])
        if abs(zoom - self._zoom) > 0.001:
            self._zoom = zoom
            self.sheet.set_scale(zoom)
            self.zoom_changed.emit(zoom)

    def _follow(self, *_: object) -> None:
        """Show on the bar where the sheet is: by pixels, or by characters where only a window is laid out."""
        self._following = True
        if self.sheet.windowed:
            shown = max(1, self._visible_chars())
            self._bar.setRange(0, max(0, len(self.sheet.text) - shown))
            self._bar.setPageStep(shown)
            self._bar.setSingleStep(80)
            self._bar.setValue(self.sheet.place())
        else:
            self._bar.setRange(self._inner.minimum(), self._inner.maximum())
            self._bar.setPageStep(self._inner.pageStep())
            self._bar.setSingleStep(40)
            self._bar.setValue(self._inner.value())
        self._bar.setVisible(self._bar.maximum() > 0)
        self._following = False

    def _lead(self, value: int) -> None:
        if self._following:
            return
        if self.sheet.windowed:
            self.sheet.go_to(value, air=0)
        else:
            self._inner.setValue(value)

    def _visible_chars(self) -> int:
        view = self.sheet.viewport()
        last = self.sheet.cursorForPosition(view.rect().bottomRight()).position()
        first = self.sheet.cursorForPosition(view.rect().topLeft()).position()
        return last - first

    def resizeEvent(self, event: object) -> None:
        width = self._bar.sizeHint().width()
        self._bar.setGeometry(self.width() - width, 0, width, self.height())
        self._follow()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), palette().color("panel"))
        paint_sheet(painter, QRectF(SIDE, TOP, self.width() - 2 * SIDE, self.height() - 2 * TOP))
