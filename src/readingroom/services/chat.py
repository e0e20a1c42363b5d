"""A question in a thread to an answer with citations, streamed."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog
from readingroom.core.citations import cite, cite_passage
from readingroom.core.conversation import AnswerMode, Citation, Message, Role, Searched, Thread
from readingroom.core.errors import Cancelled, LanguageModelError, UserFixableError
from readingroom.core.ids import ThreadId, WorkspaceId
from readingroom.core.language_model import ChatTurn, LanguageModel, LanguageModelCondition
from readingroom.core.models import Passage, SearchScope
from readingroom.core.prompts import context_size, fit_passages
from readingroom.core.relevance import relevant
from readingroom.core.text_spans import storable
from readingroom.services.preferences import PreferenceService
from readingroom.services.retrieve import RetrieveService

log = logging.getLogger(__name__)

_TITLE_CHARS = 60
_NEAREST = 3
"""Passages shown when none of them answers."""
_EVERYTHING = SearchScope()


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is kept; comes first."""

    message: Message


@dataclass(frozen=True, slots=True)
class Searching:
    """How many documents are being searched."""

    documents: int


@dataclass(frozen=True, slots=True)
class ReadingPassages:
    """Passages were found and are being put before the model."""

    searched: Searched
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """A further piece of the answer (Markdown; [n] stands for passage n)."""

    piece: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer as it was kept; comes last, also after Stop and after a failure (`message.notice` says why)."""

    message: Message


@dataclass(frozen=True, slots=True)
class LookingThrough:
    """How far a look through all documents, or a summary of them, is."""

    done: int
    total: int
    words: str
    """What is being done, for the person."""
    seconds_left: float | None = None


AnswerEvent = Asked | Searching | LookingThrough | ReadingPassages | Writing | Answered


@dataclass(frozen=True, slots=True)
class _Found:
    searched: Searched
    used: tuple[Passage, ...]
    nearest: tuple[Passage, ...]


class WholeQuestions(Protocol):
    """Answers what the nearest passages cannot: counts, lists, summaries."""

    def answer(
        self,
        thread: Thread,
        question: str,
        history: Sequence[Message],
        *,
        scope: SearchScope,
        model: Callable[[], str | None],
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        """Events up to `Answered`; without that one the question is an ordinary one."""
        ...


class ChatService:
    """Answers one question at a time a thread; several threads may ask at once."""

    def __init__(
        self,
        catalog: Catalog,
        retrieve: RetrieveService,
        language_model: LanguageModel,
        preferences: PreferenceService,
        whole: WholeQuestions | None = None,
    ) -> None:
        self._whole = whole
        self._catalog = catalog
        self._retrieve = retrieve
        self._language_model = language_model
        self._preferences = preferences

    def ask(
        self,
        thread_id: ThreadId,
        question: str,
        *,
        mode: AnswerMode = AnswerMode.DOCUMENTS,
        model: str | None = None,
        use_model: bool = True,
        scope: SearchScope = _EVERYTHING,
        cancel: CancelToken | None = None,
    ) -> Iterator[AnswerEvent]:
        """Work is done as the iterator is drawn; draw it on a pool thread.

        `cancel` stops the model: what came is kept with the notice `Stopped.` and `Answered` still comes.
        Without a model (none chosen, none there, `use_model=False`) the passages are the answer. A `model` that
        was named and is not there is an error of the model's (`LanguageModelMissing` as notice).
        """
        yield from self._ask(thread_id, question, mode, model, use_model, scope, cancel or CancelToken())

    def _ask(
        self,
        thread_id: ThreadId,
        question: str,
        mode: AnswerMode,
        model: str | None,
        use_model: bool,
        scope: SearchScope,
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        thread = self._catalog.thread(thread_id)
        if thread is None:
            raise UserFixableError("This thread is no longer there.", hint="Choose or begin another thread.")
        question = storable(question)
        history = self._catalog.messages(thread_id)
        asked = self._catalog.add_message(thread_id, Role.USER, question)
        if not thread.title:
            self._catalog.rename_thread(thread_id, _title(question))
        yield Asked(asked)
        if self._whole is not None:
            for event in self._whole.answer(
                thread,
                question,
                history,
                scope=scope,
                model=lambda: self._model(model, thread.workspace_id) if use_model else None,
                cancel=cancel,
            ):
                yield event
                if isinstance(event, Answered):
                    return
        with self._retrieve.right_of_way.question():
            yield from self._look(thread, question, history, mode, model, use_model, scope, cancel)

    def _look(
        self,
        thread: Thread,
        question: str,
        history: Sequence[Message],
        mode: AnswerMode,
        model: str | None,
        use_model: bool,
        scope: SearchScope,
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        thread_id = thread.id
        documents, _ = self._catalog.chunk_counts(thread.workspace_id)
        yield Searching(documents)
        found = self._find(thread.workspace_id, question, scope)
        if not found.used and mode is AnswerMode.DOCUMENTS:
            yield Answered(self._refuse(thread_id, found))
            return
        chosen = self._model(model, thread.workspace_id) if use_model else None
        if chosen is None:
            yield Answered(self._answer_with_passages(thread_id, found))
            return
        yield from self._write(thread_id, chosen, question, found, history, mode, cancel)

    def _find(self, workspace_id: WorkspaceId, question: str, scope: SearchScope) -> _Found:
        passages = self._retrieve.search(
            workspace_id, question, limit=self._preferences.settings.passages, scope=scope
        )
        used = _numbered(relevant(question, passages))
        documents, chunks = self._catalog.chunk_counts(workspace_id)
        return _Found(Searched(documents, chunks, len(used)), used, _numbered(passages[:_NEAREST]))

    def _model(self, named: str | None, workspace_id: WorkspaceId) -> str | None:
        """The model to use: the one named, else the workspace's, else the person's, else the server's first."""
        if named:
            return named
        status = self._language_model.status()
        if status.condition is not LanguageModelCondition.READY:
            return None
        workspace = next((w for w in self._catalog.workspaces() if w.id == workspace_id), None)
        for choice in (workspace.chat_model if workspace else None, self._preferences.settings.chat_model):
            if choice and choice in status.models:
                return choice
        return status.models[0]

    def _write(
        self,
        thread_id: ThreadId,
        model: str,
        question: str,
        found: _Found,
        history: Sequence[Message],
        mode: AnswerMode,
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        try:
            limit = self._language_model.context_limit(model)
        except LanguageModelError as error:
            yield Answered(self._answer_with_passages(thread_id, found, notice=_sentence(error)))
            return
        turns, used = fit_passages(question, found.used, history, mode, limit)
        passages = found.used[:used]
        searched = Searched(found.searched.documents, found.searched.passages, used)
        # Kept from the first moment: a sudden end leaves the question with the answer as far as it was saved.
        kept = self._catalog.add_message(
            thread_id,
            Role.ASSISTANT,
            "",
            model=model,
            searched=searched,
            passages=passages,
            notice=_UNFINISHED,
        )
        yield ReadingPassages(searched, passages)
        pieces: list[str] = []
        notice = ""
        try:
            for piece in self._chat(model, turns, context_size(turns, limit), cancel):
                pieces.append(piece)
                yield Writing(piece)
        except Cancelled:
            notice = "Stopped."
        except LanguageModelError as error:
            notice = _sentence(error)
        except (GeneratorExit, KeyboardInterrupt):
            self._finish(kept, pieces, passages, "Stopped.")
            raise
        yield Answered(self._finish(kept, pieces, passages, notice))

    def _chat(
        self, model: str, turns: Sequence[ChatTurn], num_ctx: int, cancel: CancelToken
    ) -> Iterator[str]:
        yield from self._language_model.chat(model, turns, num_ctx=num_ctx, cancel=cancel)

    def _finish(
        self, kept: Message, pieces: Sequence[str], passages: Sequence[Passage], notice: str
    ) -> Message:
        answer = storable("".join(pieces)).strip()
        citations = self._placed(cite(answer, passages))
        return self._catalog.update_message(kept.id, answer, citations=citations, notice=notice)

    def _placed(self, citations: Sequence[Citation]) -> tuple[Citation, ...]:
        """Say of each where its own words stand; the passage around them may span many rows."""
        spans = [(c.document_id, c.start, c.end) for c in citations if c.document_id is not None]
        places = iter(self._catalog.places(spans))
        return tuple(
            citation
            if citation.document_id is None
            else replace(citation, place=(place := next(places)).words, container=place.container)
            for citation in citations
        )

    def _refuse(self, thread_id: ThreadId, found: _Found) -> Message:
        """Say that the documents do not answer, what was searched, and what came nearest."""
        searched = found.searched
        if not searched.passages:
            text = "There is nothing to search yet: no document of this workspace has been read."
        else:
            text = (
                f"Your documents do not answer this. {searched.documents:,} documents with {searched.passages:,} "
                "passages were searched; none comes near enough to the question."
            )
            if found.nearest:
                text += " The nearest are shown below."
        return self._catalog.add_message(
            thread_id,
            Role.ASSISTANT,
            text,
            searched=Searched(searched.documents, searched.passages, 0),
            passages=found.nearest,
            citations=_whole(found.nearest),
            refused=True,
        )

    def _answer_with_passages(self, thread_id: ThreadId, found: _Found, *, notice: str = "") -> Message:
        if found.used:
            text = "These passages speak to your question."
        else:
            text = "Your documents hold nothing on this, and no model is there to go beyond them."
        return self._catalog.add_message(
            thread_id,
            Role.ASSISTANT,
            text,
            searched=found.searched,
            passages=found.used or found.nearest,
            citations=_whole(found.used or found.nearest),
            refused=not found.used,
            notice=notice,
        )


_UNFINISHED = "The program ended before the answer was complete."


def _numbered(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Give them the numbers under which the answer and the window speak of them."""
    return tuple(replace(passage, rank=n) for n, passage in enumerate(passages, start=1))


def _whole(passages: Sequence[Passage]) -> tuple[Citation, ...]:
    return tuple(cite_passage(n, passage) for n, passage in enumerate(passages, start=1))


def _sentence(error: LanguageModelError) -> str:
    return f"{error} {error.hint}".strip()


def _title(question: str) -> str:
    words = " ".join(question.split())
    return words if len(words) <= _TITLE_CHARS else f"{words[: _TITLE_CHARS - 1].rstrip()}…"
