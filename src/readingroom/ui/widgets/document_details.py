"""What is known of the selected documents, under the list: the reason in full, figures, dates, and what to do."""

import time
from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.counting import count_words
from readingroom.core.models import ATTENTION_STATES, Document
from readingroom.core.places import container_of
from readingroom.ui.models.document_words import figures, history
from readingroom.ui.models.offer import Offer
from readingroom.ui.models.wording import STATE_WORDS, folder_words, reason_of, showable, size_words
from readingroom.ui.theme import BODY_PX, SMALL_PX, body_font, icon_pixmap, set_icon, when_palette_changes
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

_HIGHEST_PX = 240
"""Beyond this it scrolls: a quotation of hidden text may be long."""


class DocumentDetails(QScrollArea):
    """As high as what it says; hidden while nothing is selected."""

    closed = Signal()
    """The person wants it out of the way."""

    def __init__(self, beside: QWidget, parent: QWidget | None = None) -> None:
        """`beside` is the list: Tab goes from it to what can be done."""
        super().__init__(parent)
        self._beside = beside
        self.setObjectName("documentDetails")
        self.setAccessibleName("Details of the selected documents")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._shown: tuple[Document, ...] = ()
        self._offered: tuple[str, ...] = ()
        self._icon = ("check", "accent")
        self._build_layout()
        when_palette_changes(self._paint_mark)
        self.hide()

    @property
    def buttons(self) -> list[LinkButton]:
        """What it offers to do, from the left."""
        found = (self._row.itemAt(place).widget() for place in range(self._row.count()))  # type: ignore[union-attr]
        return [button for button in found if isinstance(button, LinkButton)]

    def show_documents(self, documents: Sequence[Document], offers: Sequence[Offer]) -> None:
        """Say what is known of these; hide for none. Nothing moves where nothing changed."""
        fitting = [offer for offer in offers if offer.fitting and offer.enabled]
        offered = tuple(offer.text for offer in fitting)
        if (tuple(documents), offered) == (self._shown, self._offered):
            return
        self._shown, self._offered = tuple(documents), offered
        focused = self.window().focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            # Its button may go; without this the focus would go anywhere.
            self._beside.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setVisible(bool(documents))
        if not documents:
            return
        if len(documents) == 1:
            self._say_one(documents[0])
        else:
            self._say_many(documents)
        self._offer(fitting)
        self._fit()

    def _build_layout(self) -> None:
        body = QWidget(self)
        body.setObjectName("documentDetailsBody")
        self._name = PlainLabel(body)
        self._name.setObjectName("detailsName")
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._mark = PlainLabel(body)
        self._state = PlainLabel(body)
        self._state.setObjectName("detailsState")
        self.close_button = QToolButton(body)
        self.close_button.setObjectName("barButton")
        self.close_button.setIconSize(QSize(14, 14))
        # By keyboard it is Escape in the list.
        self.close_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.close_button.setToolTip("Close the details (Esc)")
        self.close_button.setAccessibleName("Close the details")
        set_icon(self.close_button, "x")
        self.close_button.clicked.connect(self.closed)
        self._where = self._line("detailsWhere", wrap=False)
        self.reason = self._line("detailsReason")
        self._figures = self._line("detailsFigures")
        self._history = self._line("detailsFigures")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._name, 1)
        head.addWidget(self._mark)
        head.addWidget(self._state)
        head.addWidget(self.close_button)
        self._row = QHBoxLayout()
        self._row.setSpacing(14)
        self._row.addStretch()
        column = self._column = QVBoxLayout(body)
        column.setContentsMargins(12, 6, 8, 8)
        column.setSpacing(2)
        column.addLayout(head)
        for label in (self._where, self.reason, self._figures, self._history):
            column.addWidget(label)
        column.addSpacing(2)
        column.addLayout(self._row)
        self.setWidget(body)
        self.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)

    def _line(self, name: str, *, wrap: bool = True) -> QLabel:
        label = PlainLabel(self)
        label.setObjectName(name)
        label.setWordWrap(wrap)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if not wrap:
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return label

    def _say_one(self, document: Document) -> None:
        words = STATE_WORDS[document.state]
        self._icon = (words.icon, words.role)
        self._state.setText(words.word)
        self._paint_mark()
        self._mark.show()
        self._say(self._where, _where(document))
        self._where.setToolTip(plain_tip(showable(str(document.path))))
        self._say(self.reason, reason_of(document))
        self._alarm(words.role if document.state in ATTENTION_STATES else "")
        self._say(self._figures, figures(document))
        self._say(self._history, history(document, time.time()))

    def _say_many(self, documents: Sequence[Document]) -> None:
        states = Counter(document.state for document in documents)
        ordered = sorted(states, key=lambda state: STATE_WORDS[state].rank)
        self._mark.hide()
        self._state.setText("")
        self._say(self._where, "")
        self._alarm("")
        self._say(
            self.reason,
            " · ".join(f"{states[state]:,} {STATE_WORDS[state].word.lower()}" for state in ordered),
        )
        pages = sum(document.pages or 0 for document in documents)
        words = sum(document.words for document in documents)
        parts = [count_words(pages, "page")] if pages else []
        parts += [count_words(words, "word")] if words else []
        parts.append(size_words(sum(max(0, document.size_bytes) for document in documents)))
        self._say(self._figures, " · ".join(parts))
        self._say(self._history, "")

    def _offer(self, offers: Sequence[Offer]) -> None:
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        before = self._beside
        for place, offer in enumerate(sorted(offers, key=lambda offer: -offer.group)):
            button = LinkButton(offer.text, self.widget())
            button.setAutoDefault(False)
            button.clicked.connect(offer.do)
            self._row.insertWidget(place, button)
            button.show()
            self.setTabOrder(before, button)
            before = button

    def _say(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _alarm(self, role: str) -> None:
        self.reason.setProperty("alarm", role)
        self.reason.style().unpolish(self.reason)
        self.reason.style().polish(self.reason)

    def _paint_mark(self) -> None:
        self._mark.setPixmap(icon_pixmap(*self._icon, 14, self.devicePixelRatioF()))

    def _fit(self) -> None:
        """Cut the lines that do not wrap to the width, and be as high as all of it."""
        shown = self._shown
        if not shown:
            return
        name = showable(shown[0].path.name) if len(shown) == 1 else f"{len(shown):,} documents selected"
        beside = self._state.sizeHint().width() + 14 + self.close_button.sizeHint().width() + 3 * 6
        room = self.viewport().width() - 20
        strong = QFontMetrics(body_font(BODY_PX, strong=True))
        self._name.setText(strong.elidedText(name, Qt.TextElideMode.ElideMiddle, room - beside))
        self._name.setToolTip(plain_tip(name))
        if len(shown) == 1:
            small = QFontMetrics(body_font(SMALL_PX))
            self._where.setText(small.elidedText(_where(shown[0]), Qt.TextElideMode.ElideMiddle, room))
        self._column.activate()
        height = self._column.totalHeightForWidth(self.viewport().width())
        self.setFixedHeight(min(_HIGHEST_PX, max(height, self._column.minimumSize().height())) + 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _where(document: Document) -> str:
    """`in letter.eml · ~/Mail`, or its folder."""
    inside = container_of(document.path, document.locator)
    folder = folder_words(document.file.path.parent)
    return f"in {showable(inside)} · {folder}" if inside else folder
