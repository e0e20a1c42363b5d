"""A question in a thread to an answer with citations, streamed."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog
from readingroom.core.citations import cite, cite_passage
from readingroom.core.conversation import AnswerMode, Citation, Message, Role, Searched
from readingroom.core.errors import Cancelled, LanguageModelError, UserFixableError
from readingroom.core.ids import MessageId, ThreadId, WorkspaceId
from readingroom.core.language_model import (
    ChatPiece,
    ChatTurn,
    Counted,
    LanguageModel,
    LanguageModelCondition,
    Thought,
)
from readingroom.core.models import Passage, SearchScope
from readingroom.core.prompts import context_size, continued, fit_passages
from readingroom.core.relevance import relevant
from readingroom.core.text_spans import storable
from readingroom.core.thread_titles import title_of
from readingroom.services.preferences import PreferenceService
from readingroom.services.retrieve import RetrieveService

log = logging.getLogger(__name__)

_NEAREST = 3
"""Passages shown when none of them answers."""
_EVERYTHING = SearchScope()


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is kept, or was; comes first."""

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
class Thinking:
    """A further piece of what the model thinks before it answers (plain text)."""

    piece: str


@dataclass(frozen=True, slots=True)
class Writing:
    """A further piece of the answer (Markdown; [n] stands for passage n)."""

    piece: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer as it was kept; comes last, also after Stop and after a failure (`message.notice` says why)."""

    message: Message


AnswerEvent = Asked | Searching | ReadingPassages | Thinking | Writing | Answered


@dataclass(frozen=True, slots=True)
class _Found:
    searched: Searched
    used: tuple[Passage, ...]
    nearest: tuple[Passage, ...]


class ChatService:
    """Answers one question at a time a thread; several threads may ask at once."""

    def __init__(
        self,
        catalog: Catalog,
        retrieve: RetrieveService,
        language_model: LanguageModel,
        preferences: PreferenceService,
    ) -> None:
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
        after: MessageId | None = None,
        again: MessageId | None = None,
        cancel: CancelToken | None = None,
    ) -> Iterator[AnswerEvent]:
        """Work is done as the iterator is drawn; draw it on a pool thread.

        The question follows the branch that is shown, or the message `after` (`BEGINNING`: it comes first), which
        makes a branch where something follows that already. `again` answers a question that was asked once more,
        as a branch beside its other answers.

        `cancel` stops the model: what came is kept with the notice `Stopped.` and `Answered` still comes.
        Without a model (none chosen, none there, `use_model=False`) the passages are the answer. A `model` that
        was named and is not there is an error of the model's (`LanguageModelMissing` as notice).
        """
        cancel = cancel or CancelToken()
        with self._retrieve.right_of_way.question():
            history, asked = self._begin(thread_id, storable(question), after, again)
            yield Asked(asked)
            yield from self._ask(asked, history, mode, model, use_model, scope, cancel)
        if not history:
            self._title(asked)

    def resume(
        self,
        message_id: MessageId,
        *,
        mode: AnswerMode = AnswerMode.DOCUMENTS,
        cancel: CancelToken | None = None,
    ) -> Iterator[AnswerEvent]:
        """Go on with an answer that was stopped or cut off; draw it as that of `ask`.

        The passages are those it had. `Writing` begins with what is kept of it. Raises `UserFixableError` where it
        is no answer of a model.
        """
        cancel = cancel or CancelToken()
        with self._retrieve.right_of_way.question():
            branch = self._catalog.branch_to(message_id)
            if len(branch) < 2 or branch[-1].model is None:
                raise UserFixableError("This answer cannot be continued.", hint="Ask again instead.")
            *history, asked, kept = branch
            yield Asked(asked)
            try:
                limit = self._language_model.context_limit(branch[-1].model)
            except LanguageModelError as error:
                yield Answered(self._finish(kept, (kept.text,), (kept.thinking,), kept.passages, _sentence(error)))
                return
            turns, used = fit_passages(asked.text, kept.passages, history, mode, limit)
            turns, begun = continued(turns, kept.text)
            yield from self._stream(kept, turns, kept.passages[:used], limit, cancel, begun)

    def _begin(
        self, thread_id: ThreadId, question: str, after: MessageId | None, again: MessageId | None
    ) -> tuple[Sequence[Message], Message]:
        """What was said before, and the question, kept now or found."""
        thread = self._catalog.thread(thread_id)
        if thread is None:
            raise UserFixableError("This thread is no longer there.", hint="Choose or begin another thread.")
        if again is not None:
            *history, asked = self._catalog.branch_to(again)
            return history, asked
        before = self._catalog.messages(thread_id) if after is None else self._catalog.branch_to(after)
        asked = self._catalog.add_message(thread_id, Role.USER, question, after=after)
        if not before:
            self._title(asked)
        return before, asked

    def _title(self, asked: Message) -> None:
        """Name the thread after its first question and what is shown as the answer to it, if there is one."""
        answer = self._catalog.messages(asked.thread_id)[-1]
        said = answer.text if answer.model and answer.parent_id == asked.id and not answer.refused else ""
        self._catalog.title_thread(asked.thread_id, title_of(asked.text, said))

    def _ask(
        self,
        asked: Message,
        history: Sequence[Message],
        mode: AnswerMode,
        model: str | None,
        use_model: bool,
        scope: SearchScope,
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        thread = self._catalog.thread(asked.thread_id)
        if thread is None:
            return
        documents, _ = self._catalog.chunk_counts(thread.workspace_id)
        yield Searching(documents)
        found = self._find(thread.workspace_id, asked.text, scope)
        if not found.used and mode is AnswerMode.DOCUMENTS:
            yield Answered(self._refuse(asked, found))
            return
        chosen = self._model(model, thread.workspace_id) if use_model else None
        if chosen is None:
            yield Answered(self._answer_with_passages(asked, found))
            return
        yield from self._write(asked, chosen, found, history, mode, cancel)

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
        asked: Message,
        model: str,
        found: _Found,
        history: Sequence[Message],
        mode: AnswerMode,
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        try:
            limit = self._language_model.context_limit(model)
        except LanguageModelError as error:
            yield Answered(self._answer_with_passages(asked, found, notice=_sentence(error)))
            return
        turns, used = fit_passages(asked.text, found.used, history, mode, limit)
        passages = found.used[:used]
        searched = Searched(found.searched.documents, found.searched.passages, used)
        # Kept from the first moment: a sudden end leaves the question with the answer as far as it was saved.
        kept = self._catalog.add_message(
            asked.thread_id,
            Role.ASSISTANT,
            "",
            after=asked.id,
            model=model,
            searched=searched,
            passages=passages,
            notice=_UNFINISHED,
        )
        yield from self._stream(kept, turns, passages, limit, cancel)

    def _stream(
        self,
        kept: Message,
        turns: Sequence[ChatTurn],
        passages: Sequence[Passage],
        limit: int,
        cancel: CancelToken,
        begun: str = "",
    ) -> Iterator[AnswerEvent]:
        """Write into the message that is kept, after what was begun of it."""
        if kept.searched is not None:
            yield ReadingPassages(kept.searched, tuple(passages))
        pieces: list[str] = [begun] if begun else []
        thoughts: list[str] = [kept.thinking] if kept.thinking else []
        notice = ""
        try:
            yield from map(Writing, pieces)
            for piece in self._chat(kept.model or "", turns, context_size(turns, limit), cancel):
                match piece:
                    case str():
                        pieces.append(piece)
                        yield Writing(piece)
                    case Thought(thought):
                        thoughts.append(thought)
                        yield Thinking(thought)
                    case Counted():
                        pass
        except Cancelled:
            notice = "Stopped."
        except LanguageModelError as error:
            notice = _sentence(error)
        except (GeneratorExit, KeyboardInterrupt):
            self._finish(kept, pieces, thoughts, passages, "Stopped.")
            raise
        # Where nothing was added, the half word at the end stays as it was.
        written = (kept.text,) if pieces == [begun] else pieces
        yield Answered(self._finish(kept, written, thoughts, passages, notice))

    def _chat(
        self, model: str, turns: Sequence[ChatTurn], num_ctx: int, cancel: CancelToken
    ) -> Iterator[ChatPiece]:
        yield from self._language_model.chat(model, turns, num_ctx=num_ctx, cancel=cancel)

    def _finish(
        self,
        kept: Message,
        pieces: Sequence[str],
        thoughts: Sequence[str],
        passages: Sequence[Passage],
        notice: str,
    ) -> Message:
        answer = storable("".join(pieces)).strip()
        citations = self._placed(cite(answer, passages))
        return self._catalog.update_message(
            kept.id,
            answer,
            citations=citations,
            notice=notice,
            thinking=storable("".join(thoughts)).strip(),
        )

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

    def _refuse(self, asked: Message, found: _Found) -> Message:
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
            asked.thread_id,
            Role.ASSISTANT,
            text,
            after=asked.id,
            searched=Searched(searched.documents, searched.passages, 0),
            passages=found.nearest,
            citations=_whole(found.nearest),
            refused=True,
        )

    def _answer_with_passages(self, asked: Message, found: _Found, *, notice: str = "") -> Message:
        if found.used:
            text = "These passages speak to your question."
        else:
            text = "Your documents hold nothing on this, and no model is there to go beyond them."
        return self._catalog.add_message(
            asked.thread_id,
            Role.ASSISTANT,
            text,
            after=asked.id,
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
