"""A question in a thread to an answer with citations, streamed."""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache

from readingroom.core.answering import Answering
from readingroom.core.budget import Window
from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog
from readingroom.core.conversation import AnswerMode, Message, Role
from readingroom.core.declining import declines
from readingroom.core.errors import Cancelled, LanguageModelError, UserFixableError
from readingroom.core.follow_up import made_whole
from readingroom.core.ids import MessageId, ThreadId, WorkspaceId
from readingroom.core.language_model import (
    ChatPiece,
    ChatTurn,
    Counted,
    LanguageModel,
    LanguageModelCondition,
)
from readingroom.core.markers import MarkerWriter
from readingroom.core.models import Passage, SearchScope
from readingroom.core.prompts import Material, compose, continued
from readingroom.core.text_spans import storable
from readingroom.core.thread_titles import title_of
from readingroom.services.answer_events import (
    Answered,
    AnswerEvent,
    Asked,
    ReadingPassages,
    Searching,
    Thinking,
    WholeQuestions,
    Writing,
)
from readingroom.services.answering import answering_of
from readingroom.services.looking_up import Found, LookUp, numbered
from readingroom.services.plain_answers import answer_with_passages, refuse
from readingroom.services.preferences import PreferenceService
from readingroom.services.retrieve import RetrieveService
from readingroom.services.rewriting import Rewriter
from readingroom.services.verify import VerifyService
from readingroom.services.windows import Windows
from readingroom.services.written import Written, drawn, rest

__all__ = (
    "AnswerEvent",
    "Answered",
    "Asked",
    "ChatService",
    "ReadingPassages",
    "Searching",
    "Thinking",
    "Writing",
)

log = logging.getLogger(__name__)

_EVERYTHING = SearchScope()


class ChatService:
    """Answers one question at a time a thread; several threads may ask at once."""

    def __init__(
        self,
        catalog: Catalog,
        retrieve: RetrieveService,
        language_model: LanguageModel,
        preferences: PreferenceService,
        verify: VerifyService,
        whole: WholeQuestions | None = None,
    ) -> None:
        """Questions about all documents are answered by `whole`, if there is one."""
        self._catalog = catalog
        self._retrieve = retrieve
        self._language_model = language_model
        self._preferences = preferences
        self._verify = verify
        self._whole = whole
        self._look_up = LookUp(catalog, retrieve, preferences)
        self._windows = Windows(catalog, language_model)
        self._rewriter = Rewriter(language_model, self._windows)

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
        history, asked = self._begin(thread_id, storable(question), after, again)
        yield Asked(asked)
        # A summary takes minutes, during which indexing goes on.
        if not (yield from self._ask_whole(asked, history, model, use_model, scope, cancel)):
            with self._retrieve.right_of_way.question():
                yield from self._ask(asked, history, mode, model, use_model, scope, cancel)
        if not history:
            self._title(asked)

    def _ask_whole(
        self,
        asked: Message,
        history: Sequence[Message],
        model: str | None,
        use_model: bool,
        scope: SearchScope,
        cancel: CancelToken,
    ) -> Generator[AnswerEvent, None, bool]:
        """Answer a question about all documents; False for any other."""
        thread = self._catalog.thread(asked.thread_id)
        if self._whole is None or thread is None:
            return False
        workspace_id = thread.workspace_id
        for event in self._whole.answer(
            thread,
            asked,
            history,
            scope=scope,
            model=lambda: self._model(model, workspace_id) if use_model else None,
            cancel=cancel,
        ):
            yield event
            if isinstance(event, Answered):
                return True
        return False

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
        branch = self._catalog.branch_to(message_id)
        if len(branch) < 2 or branch[-1].model is None:
            raise UserFixableError("This answer cannot be continued.", hint="Ask again instead.")
        *history, asked, kept = branch
        yield Asked(asked)
        summed_up = False
        for event in () if self._whole is None else self._whole.resume(kept, cancel=cancel):
            summed_up = True
            yield event
        if not summed_up:
            with self._retrieve.right_of_way.question():
                yield from self._go_on(asked, kept, history, mode, cancel)

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
        documents, _ = self._catalog.chunk_counts(thread.workspace_id, scope)
        yield Searching(documents)

        @cache
        def chosen() -> str | None:
            return self._model(model, thread.workspace_id) if use_model else None

        whole = made_whole(asked.text, history)
        if whole is not None and (name := chosen()) is not None:
            whole = self._rewriter.whole(asked.text, history, name, cancel) or whole
        answering = answering_of(self._catalog, thread.workspace_id, chosen() or "")
        found = self._look_up.look_up(thread.workspace_id, asked.text, whole, answering, scope)
        if not found.anything and mode is AnswerMode.DOCUMENTS:
            yield Answered(refuse(self._catalog, asked, found, limited=scope != _EVERYTHING))
        elif (name := chosen()) is None:
            yield Answered(answer_with_passages(self._catalog, asked, found))
        else:
            yield from self._write(asked, name, found, history, mode, answering, cancel)

    def _model(self, named: str | None, workspace_id: WorkspaceId) -> str | None:
        """The model to use: the one named, else the workspace's, else the person's, else the server's first."""
        if named:
            return named
        status = self._language_model.status()
        if status.condition is not LanguageModelCondition.READY:
            return None
        workspace = next((w for w in self._catalog.workspaces() if w.id == workspace_id), None)
        for choice in (
            workspace.chat_model if workspace else None,
            self._preferences.settings.answering_model,
        ):
            if choice and choice in status.models:
                return choice
        return status.models[0]

    def _write(
        self,
        asked: Message,
        model: str,
        found: Found,
        history: Sequence[Message],
        mode: AnswerMode,
        answering: Answering,
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        try:
            room = self._windows.window(model)
        except LanguageModelError as error:
            yield Answered(answer_with_passages(self._catalog, asked, found, notice=_sentence(error)))
            return
        prompt = compose(asked.text, found.material, history, mode, room, answering.instructions)
        if prompt is None:
            yield Answered(
                answer_with_passages(self._catalog, asked, found, notice=_too_long(model, room.tokens))
            )
            return
        passages = numbered(prompt.passages)
        # Kept from the first moment: a sudden end leaves the question with the answer as far as it was saved.
        kept = self._catalog.add_message(
            asked.thread_id,
            Role.ASSISTANT,
            "",
            after=asked.id,
            model=model,
            searched=replace(
                found.searched,
                used=len(passages),
                left_out=prompt.left_out,
                beyond=mode is AnswerMode.OPEN,
            ),
            passages=passages,
            notice=_UNFINISHED,
        )
        yield from self._stream(kept, prompt.turns, passages, room, answering.temperature, cancel)

    def _go_on(
        self,
        asked: Message,
        kept: Message,
        history: Sequence[Message],
        mode: AnswerMode,
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        model = kept.model or ""
        thread = self._catalog.thread(kept.thread_id)
        if thread is None:
            return
        answering = answering_of(self._catalog, thread.workspace_id, model)
        try:
            room = self._windows.window(model)
        except LanguageModelError as error:
            yield Answered(self._finish(kept, Written(kept.text, kept.thinking, _sentence(error))))
            return
        material, left = Material(passages=kept.passages), room.holding(kept.text)
        prompt = compose(asked.text, material, history, mode, left, answering.instructions)
        if prompt is None:
            notice = _too_long(model, room.tokens)
            yield Answered(self._finish(kept, Written(kept.text, kept.thinking, notice)))
            return
        turns, begun = continued(prompt.turns, kept.text)
        yield from self._stream(kept, turns, prompt.passages, room, answering.temperature, cancel, begun)

    def _stream(
        self,
        kept: Message,
        turns: Sequence[ChatTurn],
        passages: Sequence[Passage],
        room: Window,
        temperature: float | None,
        cancel: CancelToken,
        begun: str = "",
    ) -> Iterator[AnswerEvent]:
        """Write into the message that is kept, after what was begun of it."""
        if kept.searched is not None:
            yield ReadingPassages(kept.searched, tuple(passages))
        written = Written(begun, kept.thinking)
        markers = MarkerWriter(len(passages))
        try:
            if begun:
                yield Writing(begun)
            with closing(self._chat(kept.model or "", turns, room, temperature, cancel)) as pieces:
                yield from drawn(pieces, written, markers)
            yield from rest(written, markers)
            written.end()
        except Cancelled:
            written.notice = "Stopped."
        except LanguageModelError as error:
            written.notice = _sentence(error)
        except (GeneratorExit, KeyboardInterrupt):
            written.add(markers.rest())
            written.notice = "Stopped."
            self._finish(kept, written)
            raise
        yield from rest(written, markers)  # of an answer that broke off
        if written.text == begun:
            # Where nothing was added, the half word at the end stays as it was.
            written.text = kept.text
        yield Answered(self._finish(kept, written))

    def _chat(
        self,
        model: str,
        turns: Sequence[ChatTurn],
        room: Window,
        temperature: float | None,
        cancel: CancelToken,
    ) -> Generator[ChatPiece]:
        num_ctx = self._windows.context_for(model, room, turns)
        for piece in self._language_model.chat(
            model, turns, num_ctx=num_ctx, cancel=cancel, temperature=temperature
        ):
            if isinstance(piece, Counted):
                self._windows.learn(model, turns, piece, num_ctx)
            yield piece

    def _finish(self, kept: Message, written: Written) -> Message:
        answer = storable(written.text).strip()
        citations = self._verify.check(kept, answer, kept.passages)
        strictly = kept.searched is not None and not kept.searched.beyond
        return self._catalog.update_message(
            kept.id,
            answer,
            citations=citations,
            refused=strictly and not citations and declines(answer),
            notice=written.notice,
            thinking=storable(written.thoughts).strip(),
        )


_UNFINISHED = "The program ended before the answer was complete."


def _sentence(error: LanguageModelError) -> str:
    return f"{error} {error.hint}".strip()


def _too_long(model: str, tokens: int) -> str:
    return f"The question alone is more than {model} can read at once here ({tokens:,} tokens). Ask a shorter one."
