"""What an opened document is about: title, figures, key phrases, related documents; one line until it is unfolded."""

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from readingroom.core.models import Document
from readingroom.services.source_cards import SourceCard
from readingroom.ui.models.document_words import figures
from readingroom.ui.models.wording import showable
from readingroom.ui.theme import BODY_PX, SMALL_PX, body_font, set_icon
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip


class SourceCardStrip(QFrame):
    """Stands empty until the card of its document is there, so that the page below does not jump."""

    document_requested = Signal(object)  # DocumentId
    asked = Signal(str)
    """A question about the document."""
    unfolded_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("aboutDocument")
        self.setAccessibleName("About this document")
        self._card: SourceCard | None = None
        self.toggle = QToolButton(self)
        self.toggle.setObjectName("barButton")
        self.toggle.setIconSize(QSize(14, 14))
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._unfold)
        self._line = PlainLabel(self)
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._line.setProperty("role", "small")
        self.summarise = LinkButton("Summarise", self)
        self.summarise.clicked.connect(self._ask_for_summary)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.toggle)
        head.addWidget(self._line, 1)
        head.addWidget(self.summarise)
        self._body = QWidget(self)
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(34, 0, 4, 6)
        self._column.setSpacing(4)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 2, 12, 2)
        whole.setSpacing(2)
        whole.addLayout(head)
        whole.addWidget(self._body)
        self.toggle.setEnabled(False)
        self.summarise.hide()
        self._line.setText("About this document")
        self._show_fold()

    @property
    def related(self) -> list[LinkButton]:
        """The buttons that open related documents, the nearest first."""
        return [button for button in self._body.findChildren(LinkButton) if button.isVisibleTo(self._body)]

    def show_card(self, card: SourceCard) -> None:
        """Fill it."""
        self._card = card
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        title = showable(card.document.title.strip())
        if title and title != card.document.path.stem:
            label = self._add(title)
            label.setFont(body_font(BODY_PX, strong=True))
        self._add(figures(card.document), soft=True)
        if card.phrases:
            self._add(" · ".join(showable(phrase.text) for phrase in card.phrases))
        if card.related:
            self._add("Related", soft=True)
            for document, folder in zip(card.related, told_apart(card.related), strict=True):
                self._add_related(document, folder)
        self.summarise.setVisible(card.document.words > 0)
        self.toggle.setEnabled(True)
        self._fit()

    def _add(self, text: str, *, soft: bool = False) -> PlainLabel:
        label = PlainLabel(text, self._body)
        label.setWordWrap(True)
        label.setFont(body_font(SMALL_PX))
        if soft:
            label.setProperty("role", "small")
        label.setVisible(bool(text))
        self._column.addWidget(label)
        return label

    def _add_related(self, document: Document, folder: str) -> None:
        name = showable(document.path.name) + (f" · {showable(folder)}" if folder else "")
        button = LinkButton(name.replace("&", "&&"), self._body)
        button.setAccessibleName(f"Open the related document {name}")
        button.setToolTip(plain_tip(str(document.path)))
        button.clicked.connect(lambda: self.document_requested.emit(document.id))
        self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _ask_for_summary(self) -> None:
        if self._card is not None:
            self.asked.emit(f"Summarise “{self._card.document.path.name}”")

    def _unfold(self, unfolded: bool) -> None:
        self._show_fold()
        self.unfolded_changed.emit(unfolded)

    def _show_fold(self) -> None:
        unfolded = self.toggle.isChecked()
        set_icon(self.toggle, "chevron-down" if unfolded else "chevron-right")
        what = "Hide what is known of this document" if unfolded else "Show what is known of this document"
        self.toggle.setToolTip(what)
        self.toggle.setAccessibleName(what)
        self._body.setVisible(unfolded)
        self._fit()

    def _fit(self) -> None:
        if self._card is None:
            return
        phrases = " · ".join(showable(phrase.text) for phrase in self._card.phrases)
        text = "About this document" if self.toggle.isChecked() or not phrases else phrases
        metrics = QFontMetrics(body_font(SMALL_PX))
        self._line.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(40, self._line.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def told_apart(documents: Sequence[Document]) -> list[str]:
    """For each of those that have one name, as much of its folders as tells it from the others; else nothing."""
    said = [""] * len(documents)
    deepest = max((len(document.path.parts) for document in documents), default=0)
    for depth in range(1, deepest):
        names = [(document.path.name, folder) for document, folder in zip(documents, said, strict=True)]
        often = Counter(names)
        for place, document in enumerate(documents):
            if often[names[place]] > 1:
                said[place] = "/".join(document.path.parent.parts[-depth:]).replace("//", "/")
    return said
