"""An answer in the conversation: what was searched, the text with its citations, notes and quiet actions."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from readingroom.core.citations import cite_passage
from readingroom.core.cited_markdown import cited_markdown
from readingroom.core.conversation import Citation, Message, Searched
from readingroom.core.counting import count_words
from readingroom.core.errors import UserFixableError
from readingroom.core.hostile_text import orders_in
from readingroom.core.ids import MessageId
from readingroom.core.models import Passage
from readingroom.services.answer_events import LookingThrough
from readingroom.ui.models.wording import time_left_words
from readingroom.ui.panes.chat_session import LiveAnswer, Stage
from readingroom.ui.widgets.answer_actions import AnswerActions
from readingroom.ui.widgets.answer_links import AnswerLinks
from readingroom.ui.widgets.answer_view import AnswerView
from readingroom.ui.widgets.beyond_marks import BeyondMarks
from readingroom.ui.widgets.changed_note import ChangedNote
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.note import Note
from readingroom.ui.widgets.passage_card import PassageCard
from readingroom.ui.widgets.plain_text import PlainLabel
from readingroom.ui.widgets.searched_details import SearchedDetails, details_of
from readingroom.ui.widgets.stage_progress import StageProgress
from readingroom.ui.widgets.thinking_fold import ThinkingFold

ANSWER_WIDTH = 680
_ORDERS = "This passage holds instructions to a model; they are treated as text."


class AnswerMessage(QWidget):
    """Shows a kept answer (`show_message`) or one under way (`follow`)."""

    citation_opened = Signal(object)  # Citation
    offer_kept = Signal(object, object)  # AnswerMessage, Citation
    again_requested = Signal(object, str)  # AnswerMessage, the model's name or empty
    resume_requested = Signal(object)  # AnswerMessage
    step_requested = Signal(object)  # MessageId
    stop_requested = Signal()
    ended = Signal(object)  # AnswerMessage
    settled = Signal(object, object)  # AnswerMessage, Message
    """It shows an answer as it was kept; what belongs below may be added."""
    unfolding = Signal()
    """The passages are about to be shown above the answer."""
    """The answer it followed is complete."""

    def __init__(self, question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = question
        self.kept: Message | None = None
        """The answer as it was kept; None while it is being written, and where it failed before."""
        self.asked: MessageId | None = None
        """The question, once it is kept."""
        self.setMaximumWidth(ANSWER_WIDTH)
        self._passages: tuple[Passage, ...] = ()
        self._searched: Searched | None = None
        self._cards: QWidget | None = None
        self._current: Citation | None = None
        self._live: LiveAnswer | None = None
        self._build_layout()
        self._connect()

    def _build_layout(self) -> None:
        self._stage = PlainLabel(self)
        self._stage.setObjectName("stageText")
        self._show = LinkButton("Show what was searched", self)
        self._show.setCheckable(True)
        self._show.hide()
        self._thinking = ThinkingFold(self)
        self.view = AnswerView(self)
        self.actions_row = AnswerActions(self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        stage_row = QHBoxLayout()
        stage_row.setSpacing(10)
        stage_row.addWidget(self._stage)
        stage_row.addWidget(self._show)
        stage_row.addStretch()
        self._layout.addLayout(stage_row)
        self._progress = StageProgress(self)
        self._layout.addWidget(self._progress)
        self._below: list[QWidget] = []
        self._cards_at = self._layout.count()
        self._layout.addWidget(self._thinking)
        self._layout.addWidget(self.view)
        self.changes = ChangedNote(self)
        self._layout.addWidget(self.changes)
        self._beyond = BeyondMarks(self.view, self)
        self._layout.addWidget(self._beyond)
        self._links = AnswerLinks(self)
        self._layout.addWidget(self._links)
        self._notes = QVBoxLayout()
        self._notes.setSpacing(6)
        self._layout.addLayout(self._notes)
        self._layout.addWidget(self.actions_row)

    def _connect(self) -> None:
        self.view.citation_clicked.connect(self.citation_opened)
        self.view.offer_kept.connect(lambda citation: self.offer_kept.emit(self, citation))
        self.changes.ask_again_requested.connect(lambda: self.again_requested.emit(self, ""))
        self._show.toggled.connect(lambda shown: self.show_searched(shown=shown))
        actions = self.actions_row
        actions.copy_requested.connect(self.copy_answer)
        actions.copy_cited_requested.connect(self.copy_with_sources)
        actions.again_requested.connect(lambda model: self.again_requested.emit(self, model))
        actions.resume_requested.connect(lambda: self.resume_requested.emit(self))
        actions.step_requested.connect(self.step_requested)
        actions.stop_requested.connect(self.stop_requested)

    # -- what it shows

    def show_message(self, message: Message) -> None:
        """Show an answer as it was kept."""
        self._settle(message)

    def show_kept(self, message: Message) -> None:
        """Show the answer with a source it was offered as its own."""
        self.kept = message
        self.view.show_checked(message.text, message.citations, self._of_passages(message))
        self.actions_row.show_for(message, written=True)

    def show_changed(self, changed: frozenset[Citation]) -> None:
        """Say whose documents have changed since the answer."""
        self.view.mark_changed(changed)
        self.changes.say(sorted({citation.path.name for citation in changed}))

    def follow(self, live: LiveAnswer) -> None:
        """Show an answer under way, from where it is now."""
        if live.passages:
            self._know(live.passages)
        if live.text:
            self.view.feed(live.text)
        self._thinking.show_thought(live.thinking)
        self._live = live
        # Bound methods: they are let go of with this widget, while the answer goes on without it.
        live.stage_changed.connect(self._show_stage)
        live.piece_arrived.connect(self.view.feed)
        live.thought_arrived.connect(self._thinking.feed)
        live.finished.connect(self._end)
        self.actions_row.show_writing()
        self.view.setVisible(bool(live.text))
        self._show_stage()

    def copy_answer(self) -> None:
        """Put the answer's Markdown on the clipboard."""
        QGuiApplication.clipboard().setText(self.view.source.strip())

    def copy_with_sources(self) -> None:
        """Put the answer's Markdown on the clipboard, with a list of what it cites below."""
        if self.kept is not None:
            QGuiApplication.clipboard().setText(cited_markdown(self.kept))

    @property
    def can_resume(self) -> bool:
        """Whether it is the beginning of an answer, which the model could go on with."""
        kept = self.kept
        if kept is None or not kept.model or not kept.notice:
            return False
        # A summary goes on from what was read of it, whether there is a word of it yet or not.
        return bool(kept.text.strip()) or (kept.searched is not None and kept.searched.whole == "summary")

    def _show_stage(self) -> None:
        live = self._live
        if live is None:
            return
        if live.stage in (Stage.READING, Stage.THINKING, Stage.WRITING) and not self._passages:
            self._know(live.passages)
        match live.stage:
            case Stage.STARTING:
                self._stage.setText("Searching…")
            case Stage.SEARCHING:
                self._stage.setText(f"Searching {count_words(live.documents, 'document')}…")
            case Stage.LOOKING:
                self._show_progress(live.progress)
            case Stage.READING:
                count = len(live.passages)
                self._stage.setText(f"Reading {count_words(count, 'passage')}…")
            case Stage.THINKING:
                self._stage.setText("Thinking…")
            case Stage.WRITING:
                self._stage.setText("Writing…")
                self.view.show()
            case Stage.DONE:
                pass
        self._stage.setAccessibleName(self._stage.text())

    def _show_progress(self, progress: LookingThrough | None) -> None:
        if progress is None:
            return
        left = progress.seconds_left
        self._stage.setText(
            f"{progress.words}…" if left is None else f"{progress.words} · {time_left_words(left)}"
        )
        self._progress.show_share(progress.done, progress.total)

    def _know(self, passages: Sequence[Passage]) -> None:
        """Let numbers become chips while the answer is being written."""
        self._passages = tuple(passages)
        self.view.set_citations({passage.rank: cite_passage(passage.rank, passage) for passage in passages})

    def _end(self, _live: LiveAnswer) -> None:
        live, self._live = self._live, None
        if live is not None:
            self._progress.hide()
            self._show_end(live)
            self.ended.emit(self)

    def _show_end(self, live: LiveAnswer) -> None:
        if live.asked_message is not None:
            self.asked = live.asked_message.id
        if live.answer is not None:
            self._settle(live.answer)
            return
        self.view.finish()
        self.view.setVisible(bool(live.text))
        self._show_searched(live.searched)
        self.actions_row.show_for(None, written=bool(live.text))
        if isinstance(live.error, UserFixableError):
            self._note(f"{live.error} {live.error.hint}".strip(), warning=True)
        else:
            self._note("Something went wrong while answering. The log has the details.", warning=True)

    def _settle(self, message: Message) -> None:
        self.kept, self.asked = message, message.parent_id
        self._thinking.show_thought(message.thinking)
        self._passages = message.passages
        self.view.show_checked(message.text, message.citations, self._of_passages(message))
        self.view.setVisible(bool(message.text.strip()))
        self._show_searched(message.searched, whole=not message.notice)
        self._links.show_for(message.text)
        self._beyond.show_for(beyond=message.searched is not None and message.searched.beyond)
        if message.refused and message.model is not None:
            # Without a model the answer itself says so.
            self._note("Your documents do not answer this. The nearest passages are below.")
        if message.notice:
            # What the person did is no warning.
            self._note(message.notice, warning=not message.notice.startswith("Stopped"))
        if message.passages and (message.model is None or message.refused):
            self._show.hide()
            self._add_cards(self._layout.indexOf(self._links) + 2)
        self.actions_row.show_for(message, written=bool(message.text.strip()))
        self._progress.hide()
        self.settled.emit(self, message)

    @staticmethod
    def _of_passages(message: Message) -> list[Citation]:
        return [cite_passage(passage.rank, passage) for passage in message.passages] if message.model else []

    def add_below(self, widget: QWidget) -> None:
        """Put something below the text and its notes."""
        self._below.append(widget)
        self._layout.insertWidget(self._layout.indexOf(self._links) + 1 + len(self._below), widget)
        widget.show()

    def _show_searched(self, searched: Searched | None, *, whole: bool = True) -> None:
        # A summary that was cut off read only some of it; its note says how much.
        cut_off = searched is not None and bool(searched.whole) and not whole
        self._stage.setVisible(searched is not None and not cut_off)
        if searched is not None:
            self._stage.setText(
                whole_words(searched)
                or f"Searched {count_words(searched.documents, 'document')}, "
                f"{count_words(searched.passages, 'passage')}, used {searched.used}"
            )
            if searched.left_out:
                self._stage.setText(f"{self._stage.text()} · some left out")
        self._searched = searched
        self._show.setVisible(bool(self._passages or details_of(searched)))

    def _note(self, text: str, *, warning: bool = False) -> None:
        self._notes.addWidget(Note(text, self, warning=warning))

    # -- what was searched

    @property
    def has_cards(self) -> bool:
        """Whether passages are shown as cards."""
        return self._cards is not None and self._cards.isVisibleTo(self)

    def show_searched(self, *, shown: bool) -> None:
        """Unfold or fold the passages that were found."""
        if shown:
            self.unfolding.emit()
        self._show.setText("Hide what was searched" if shown else "Show what was searched")
        if shown and self._cards is None:
            self._add_cards(self._cards_at)
        if self._cards is not None:
            self._cards.setVisible(shown)

    def _add_cards(self, place: int) -> None:
        self._cards = QWidget(self)
        column = QVBoxLayout(self._cards)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(8)
        if details_of(self._searched):
            column.addWidget(SearchedDetails(self._searched, self._cards))
        for passage in self._passages:
            card = PassageCard(passage, self._kept_parts(passage), self._cards)
            card.set_current(self._current)
            card.opened.connect(self.citation_opened)
            column.addWidget(card)
            if orders_in(passage.text):
                column.addWidget(Note(_ORDERS, self._cards, warning=True))
        self._layout.insertWidget(place, self._cards)
        self._cards.show()

    def _kept_parts(self, passage: Passage) -> Sequence[Citation]:
        """The citations of a passage that is the answer, by page, as they were kept with it."""
        kept = self.kept
        if kept is None or kept.model is not None:
            return ()
        return [citation for citation in kept.citations if citation.n == passage.rank]

    # -- citations

    def shown_citations(self) -> Sequence[Citation]:
        """Return the citations whose chips stand in the text, by number."""
        return self.view.shown_citations()

    def citations_beside(self, citation: Citation) -> Sequence[Citation]:
        """Return the chips of the text, by number, or the parts of the passages, where a citation is one of them."""
        shown = (self.shown_citations(), self._parts())
        return next((citations for citations in shown if citation in citations), ())

    def open_citation(self, number: int) -> bool:
        """Ask for the citation of that number, of the passages shown where no chip has it; whether there is one."""
        if self.view.open_citation(number):
            return True
        found = next((part for part in self._parts() if part.n == number), None) if self.has_cards else None
        if found is not None:
            self.citation_opened.emit(found)
        return found is not None

    def set_current(self, citation: Citation | None) -> None:
        """Mark the citation that is open in the viewer."""
        self._current = citation
        self.view.set_current(citation)
        for card in self._passage_cards():
            card.set_current(citation)

    def _parts(self) -> Sequence[Citation]:
        return [part for card in self._passage_cards() for part in card.parts]

    def _passage_cards(self) -> Sequence[PassageCard]:
        return self._cards.findChildren(PassageCard) if self._cards is not None else []


def whole_words(searched: Searched) -> str:
    """What was gone through for an answer about all of it; empty for an ordinary one."""
    all_of = "all " if searched.documents > 1 else ""
    documents = f"{all_of}{count_words(searched.documents, 'document')}"
    return {"tally": f"Went through {documents}", "summary": f"Read the whole of {documents}"}.get(
        searched.whole, ""
    )
