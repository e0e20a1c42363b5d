"""The bar over a document: page, zoom, citation, and where the file is."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from readingroom.ui.theme import set_icon
from readingroom.ui.widgets.plain_text import PlainLabel

_LEAST_PX = 200


class PageBox(QLineEdit):
    """The number of the page, slide, row or line; type another to go there."""

    left = Signal()
    """Escape: nothing is changed."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)


class ViewerBar(QWidget):
    """Shows facts and emits what the person wants; decides nothing."""

    page_requested = Signal(int)
    fit_requested = Signal()
    citation_step_requested = Signal(int)
    """-1 back, 1 on."""
    find_requested = Signal()
    text_toggled = Signal(bool)
    reveal_requested = Signal()
    editing_left = Signal()
    """The page box is done with: the keyboard belongs to the page again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewerBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._page = 1
        self._citation_place = ""
        self._paged = True
        self._zoomed = True
        self._fitted: list[object] = []
        self._build_layout()
        self._connect()

    def show_page(self, page: int, page_count: int, noun: str = "Page") -> None:
        """Show which page is seen, of how many, and what it is called; none where there is nothing to count."""
        self._page = page
        self._paged = page_count > 0
        self.page_box.setVisible(self._paged)
        if page_count <= 0:
            self._fit()
            return
        self._page_word.setText(noun)
        self.page_box.setAccessibleName(f"Go to {noun.lower()}")
        if not self.page_box.hasFocus():
            self.page_box.setText(str(page))
        self.page_box.setValidator(QIntValidator(1, page_count, self.page_box))
        digits = self.page_box.fontMetrics().horizontalAdvance("8" * len(str(page_count)))
        self.page_box.setFixedWidth(digits + 14)
        self._page_count.setText(f"of {page_count:,}")
        self._fit()

    def show_place(self, words: str) -> None:
        """Say where in a text without pages one is."""
        self._place.setText(words)
        self._place.setVisible(bool(words))
        self._fit()

    def show_zoom(self, zoom: float | None) -> None:
        """Show the zoom; 1.0 fits, None where nothing can be zoomed."""
        self._zoomed = zoom is not None
        if zoom is not None:
            self.zoom.setText(f"{round(zoom * 100)}%")
        self._fit()

    def show_citation(self, number: int, count: int) -> None:
        """Show which citation is marked, of how many; 0 for none."""
        self._citation_place = f"{number} of {count}" if count > 1 else f"{number}"
        self._citation.setAccessibleName(f"Citation {self._citation_place}")
        self._citation.setVisible(number > 0)
        for button in (self.previous, self.next):
            button.setVisible(count > 1)
        self._fit()
        self.previous.setEnabled(number > 1)
        self.next.setEnabled(number < count)

    def show_text_mode(self, *, text: bool, can_choose: bool) -> None:
        """Show whether text is shown in place of pages, and whether there is a choice."""
        self.text.setChecked(text)
        self.text.setVisible(can_choose)
        self._fit()

    def start_page(self, typed: str) -> None:
        """Begin to edit the page number with what was typed."""
        self.page_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.page_box.setText(typed)

    def _build_layout(self) -> None:
        self._page_word = PlainLabel("Page", self)
        self.page_box = PageBox("1", self)
        self.page_box.setObjectName("pageBox")
        self.page_box.setAccessibleName("Go to page")
        self.page_box.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._page_count = PlainLabel(self)
        self._place = PlainLabel(self)
        self.zoom = self._button("Fit the width", text="100%")
        self.previous = self._button("Previous citation", "chevron-left")
        self._citation = PlainLabel(self)
        self.next = self._button("Next citation", "chevron-right")
        self.text = self._button("Show as text", "text-align-start")
        self.text.setCheckable(True)
        self.find_button = self._button("Find in this document (Ctrl+F)", "search")
        self.reveal = self._button("Show the file in its folder", "folder-open")
        self.reveal.setText("Open in folder")
        layout = self._layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 3, 8, 3)
        layout.setSpacing(2)
        for part in (self._page_word, self.page_box, self._page_count, self._place):
            layout.addWidget(part)
        layout.addSpacing(4)
        layout.addWidget(self.zoom)
        layout.addSpacing(2)
        for step in (self.previous, self._citation, self.next):
            layout.addWidget(step)
        layout.addStretch()
        for button in (self.text, self.find_button, self.reveal):
            layout.addWidget(button)
        self._place.hide()
        self.show_citation(0, 0)

    def _button(self, name: str, icon: str = "", text: str = "") -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("barButton")
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setIconSize(QSize(15, 15))
        if icon:
            set_icon(button, icon)
        else:
            button.setText(text)
        return button

    def _connect(self) -> None:
        self.page_box.returnPressed.connect(self._go)
        self.page_box.left.connect(self._leave)
        self.page_box.editingFinished.connect(lambda: self.page_box.setText(str(self._page)))
        self.zoom.clicked.connect(self.fit_requested)
        self.previous.clicked.connect(lambda: self.citation_step_requested.emit(-1))
        self.next.clicked.connect(lambda: self.citation_step_requested.emit(1))
        self.text.toggled.connect(self.text_toggled)
        self.find_button.clicked.connect(self.find_requested)
        self.reveal.clicked.connect(self.reveal_requested)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Little: what is in it gives way before the pane does."""
        return QSize(_LEAST_PX, super().minimumSizeHint().height())

    def _fit(self) -> None:
        """Say the same with fewer words where there is less room."""
        labels = (self._page_word, self._page_count, self._place)
        shown = [
            self.width(), self._paged, self._zoomed, self.zoom.text(), self._citation_place,
            self._citation.isHidden(), self.previous.isHidden(), self.text.isHidden(), self._place.isHidden(),
            *(label.text() for label in labels),
        ]  # fmt: skip
        if shown == self._fitted:
            return  # it comes with every step of scrolling
        self._fitted = shown
        for words in range(5, -1, -1):
            self._show_words(words)
            if self._layout.sizeHint().width() <= self.width():
                return

    def _show_words(self, words: int) -> None:
        """Of five things that may be left out, leave out the first ones until so many are left."""
        styles = Qt.ToolButtonStyle
        self.reveal.setToolButtonStyle(styles.ToolButtonTextOnly if words > 4 else styles.ToolButtonIconOnly)
        self._citation.setText(f"Citation {self._citation_place}" if words > 3 else self._citation_place)
        self._page_word.setVisible(self._paged and words > 2)
        self.zoom.setVisible(self._zoomed and words > 1)
        self._page_count.setVisible(self._paged and words > 0)

    def _go(self) -> None:
        page = int(self.page_box.text())
        self.editing_left.emit()
        self.page_requested.emit(page)

    def _leave(self) -> None:
        self.page_box.setText(str(self._page))
        self.editing_left.emit()
