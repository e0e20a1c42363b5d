"""The cards of a workspace's sources, in the sidebar."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from readingroom.core.ids import SourceId
from readingroom.core.models import Source, SourceProgress
from readingroom.ui.file_manager import reveal
from readingroom.ui.widgets.plain_text import PlainLabel
from readingroom.ui.widgets.source_pill import SourceCard


class SourceList(QScrollArea):
    """A card a source; cards stay while their source does, so that progress does not flicker."""

    removed = Signal(object)  # Source
    paused = Signal(object)  # Source
    resumed = Signal(object)  # Source
    checked = Signal(object)  # Source
    rules_wanted = Signal(object)  # Source
    left_out_wanted = Signal(object)  # Source
    removal_confirmed = Signal(object)  # Source
    keeping_wanted = Signal(object)  # Source
    located = Signal(object)  # Source
    scoped = Signal(object, bool)  # Source
    add_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Folders")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget(self)
        body.setObjectName("sourceColumn")
        self._none = QWidget(body)
        words = PlainLabel(
            "Drop a folder on the window, or choose one. Its files stay where they are.", self._none
        )
        words.setProperty("role", "small")
        words.setWordWrap(True)
        add = QPushButton("Add a folder", self._none)
        add.clicked.connect(self.add_requested)
        inside = QVBoxLayout(self._none)
        inside.setContentsMargins(0, 4, 0, 0)
        inside.setSpacing(10)
        inside.addWidget(words)
        inside.addWidget(add)
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(8, 4, 8, 4)
        self._column.setSpacing(12)
        self._column.addWidget(self._none)
        self._column.addStretch()
        self.setWidget(body)
        self.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        self._cards: dict[SourceId, SourceCard] = {}
        self._checked: frozenset[SourceId] = frozenset()

    def show_sources(self, sources: Sequence[Source], progress: Sequence[SourceProgress]) -> None:
        """Bring the cards to these values."""
        by_source = {entry.source_id: entry for entry in progress}
        wanted = {source.id: source for source in sources}
        for source_id in [source_id for source_id in self._cards if source_id not in wanted]:
            card = self._cards.pop(source_id)
            self._column.removeWidget(card)
            card.deleteLater()
        for place, source in enumerate(sources):
            found = self._cards.get(source.id)
            if found is None:
                found = self._cards[source.id] = self._make()
                self._column.insertWidget(place + 1, found)
            found.set_source(source)
            found.set_checked(checked=source.id in self._checked)
            if source.id in by_source:
                found.set_progress(by_source[source.id])
        self._none.setVisible(not sources)

    def show_checked(self, source_ids: frozenset[SourceId]) -> None:
        """Mark those that the next question is limited to."""
        self._checked = source_ids
        for source_id, card in self._cards.items():
            card.set_checked(checked=source_id in source_ids)

    def _make(self) -> SourceCard:
        card = SourceCard(self.widget())
        card.remove_requested.connect(self.removed)
        card.pause_requested.connect(self.paused)
        card.resume_requested.connect(self.resumed)
        card.check_requested.connect(self.checked)
        card.locate_requested.connect(self.located)
        card.reveal_requested.connect(lambda source: reveal(source.path))
        card.rules_requested.connect(self.rules_wanted)
        card.left_out_requested.connect(self.left_out_wanted)
        card.removal_confirmed.connect(self.removal_confirmed)
        card.keeping_wanted.connect(self.keeping_wanted)
        card.scope_requested.connect(self.scoped)
        return card
