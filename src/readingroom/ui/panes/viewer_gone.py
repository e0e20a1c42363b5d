"""What is left of a citation when its document is no longer in the workspace: its words."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from readingroom.core.conversation import Citation
from readingroom.core.places import name_of, titled, words_of
from readingroom.ui.panes.viewer_bar import ViewerBar
from readingroom.ui.widgets.plain_text import PlainLabel


class GoneViewer(QWidget):
    """Shows the quote, and says why there is no page around it."""

    citation_step_requested = Signal(int)

    def __init__(self, citation: Citation, number: int, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = ViewerBar(self)
        self.bar.show_page(0, 0)
        self.bar.show_citation(number, count)
        self.bar.show_zoom(None)
        for unused in (self.bar.find_button, self.bar.reveal, self.bar.text):
            unused.hide()
        self.bar.citation_step_requested.connect(self.citation_step_requested)
        notice = PlainLabel(f"{name_of(citation)} is no longer in this workspace.", self)
        notice.setObjectName("viewerNotice")
        notice.setWordWrap(True)
        place = titled(words_of(citation))
        words = (
            f"{place + ': ' if place else ''}“{citation.quote}”"
            if citation.quote
            else "Its words were not kept."
        )
        self.quote = PlainLabel(words, self)
        self.quote.setObjectName("goneQuote")
        self.quote.setWordWrap(True)
        self.quote.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(notice)
        layout.addWidget(self.quote)
        layout.addStretch()
