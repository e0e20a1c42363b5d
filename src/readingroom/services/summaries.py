"""Sums up whole documents in stages, each kept as it is done; without a model, by their own sentences."""

import hashlib
import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field

from readingroom.core.asking_all import Summary
from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog
from readingroom.core.conversation import Message, Role, Searched, Thread
from readingroom.core.counting import count_words
from readingroom.core.errors import Cancelled, LanguageModelError
from readingroom.core.extraction import ExtractedDocument
from readingroom.core.ids import DocumentId, MessageId
from readingroom.core.language_model import ChatTurn, LanguageModel
from readingroom.core.models import Document, PageSpan, Passage, SearchScope
from readingroom.core.summary_catalog import KeptStage, SummaryJob
from readingroom.core.summary_targets import summary_targets
from readingroom.core.summing_up import (
    Section,
    joining_turns,
    note_turns,
    packed,
    room_for_text,
    sections,
    with_markers,
)
from readingroom.core.text_spans import storable
from readingroom.services.answer_events import Answered, AnswerEvent, LookingThrough
from readingroom.services.extracts import extract_answer
from readingroom.services.scoping import in_scope
from readingroom.services.verify import VerifyService

log = logging.getLogger(__name__)

SUMMARY = "summary"
UNFINISHED = "The program ended before the summary was done; what was read is kept."
_WINDOW = 8192
"""Tokens at once, where the model takes more: larger stages are not quicker, and models lose what stands in the middle."""


@dataclass
class _Progress:
    """Stages done and to be done; time left is told from those done now, by their length."""

    total: int
    title: str
    done: int = 0
    worked: int = 0
    left: int = 0
    seconds: float = field(default=0.0)

    def event(self, words: str) -> LookingThrough:
        pace = self.seconds / self.worked if self.worked else None
        return LookingThrough(
            self.done, self.total, words, None if pace is None else pace * max(0, self.left)
        )


class SummaryService:
    """A summary is an answer: it is asked for, kept, stopped and gone on with in its thread."""

    def __init__(self, catalog: Catalog, language_model: LanguageModel, verify: VerifyService) -> None:
        self._catalog = catalog
        self._language_model = language_model
        self._verify = verify

    def answer(
        self,
        thread: Thread,
        question: Message,
        asked: Summary,
        history: Sequence[Message],
        *,
        scope: SearchScope,
        model: Callable[[], str | None],
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        """Events up to `Answered`; none where it cannot be told what is to be summed up."""
        with_text = self._catalog.documents_with_text(thread.workspace_id)
        documents = [
            document
            for document in self._catalog.documents(thread.workspace_id)
            if document.id in with_text and in_scope(document, scope)
        ]
        targets = summary_targets(
            asked, documents, self._catalog.sources(thread.workspace_id), history, scope
        )
        if targets is None:
            return
        found, title = targets
        chosen = model()
        window, notice = 0, ""
        if chosen is not None:
            try:
                window = min(self._language_model.context_limit(chosen), _WINDOW)
            except LanguageModelError as error:
                chosen, notice = None, f"{error} {error.hint}".strip()
        searched = Searched(len(found), sum(d.chunks for d in found), len(found), whole=SUMMARY)
        message = self._catalog.add_message(
            thread.id,
            Role.ASSISTANT,
            "",
            model=chosen,
            searched=searched,
            notice=UNFINISHED,
            after=question.id,
        )
        job = SummaryJob(message.id, title, tuple(d.id for d in found), chosen, window)
        self._catalog.begin_summary(job)
        yield from self._run(job, cancel, notice)

    def unfinished(self, message: Message) -> bool:
        """Whether an answer is a summary that can be gone on with."""
        return (
            message.searched is not None
            and message.searched.whole == SUMMARY
            and bool(message.notice)
            and self._catalog.summary(message.id) is not None
        )

    def resume(self, message_id: MessageId, *, cancel: CancelToken) -> Iterator[AnswerEvent]:
        """Go on where it was left; nothing where there is none."""
        job = self._catalog.summary(message_id)
        if job is not None:
            yield from self._run(job, cancel, "")

    def _run(self, job: SummaryJob, cancel: CancelToken, notice: str) -> Iterator[AnswerEvent]:
        if job.model is None:
            yield from self._extract(job, cancel, notice)
            return
        made: list[tuple[Section, str]] = []
        contents = self._contents(job)
        every: list[Section] = []
        for document, content in contents:
            every += sections(
                content,
                document.id,
                document.path,
                most_tokens=room_for_text(job.window),
                first=len(every) + 1,
            )
        passages = _passages(every, {document.id: content for document, content in contents})
        try:
            yield from self._notes(job, every, made, cancel)
            text = yield from self._joined(job, made, cancel)
            notice = ""
        except Cancelled:
            text, notice = _so_far(made), _left(made, every, "Stopped")
        except LanguageModelError as error:
            text, notice = _so_far(made), f"{error} {error.hint}".strip()
        except (GeneratorExit, KeyboardInterrupt):
            self._finish(job, _so_far(made), passages, _left(made, every, "Stopped"))
            raise
        yield Answered(self._finish(job, text, passages, notice))

    def _contents(self, job: SummaryJob) -> list[tuple[Document, ExtractedDocument]]:
        """What is there of the documents now; those that were read anew come with their new text."""
        documents = (self._catalog.document(document_id) for document_id in job.document_ids)
        return [(known, self._catalog.extracted(known.id)) for known in documents if known is not None]

    def _notes(
        self, job: SummaryJob, every: Sequence[Section], made: list[tuple[Section, str]], cancel: CancelToken
    ) -> Iterator[AnswerEvent]:
        kept = self._catalog.summary_stages(job.message_id)
        names = [_stage_name(section) for section in every]
        progress = _Progress(len(every) + 1, job.title)
        progress.left = sum(len(s.text) for s, name in zip(every, names, strict=True) if name not in kept)
        for section, name in zip(every, names, strict=True):
            stage = kept.get(name)
            if stage is None:
                words = f"Reading section {section.n:,} of {len(every):,}, {section.path.name}"
                yield progress.event(words)
                stage = self._ask(job, name, note_turns(section), cancel)
                progress.seconds += stage.seconds
                progress.worked += len(section.text)
                progress.left -= len(section.text)
            progress.done += 1
            made.append((section, stage.text))
        yield progress.event("Writing the summary")

    def _joined(
        self, job: SummaryJob, made: Sequence[tuple[Section, str]], cancel: CancelToken
    ) -> Generator[AnswerEvent, None, str]:
        kept = self._catalog.summary_stages(job.message_id)
        notes = [f"[{section.n}] {note}" for section, note in made]
        known = [(section.n, note) for section, note in made]
        if not notes:
            return "There is no text to sum up."
        while True:
            groups = packed(notes, room_for_text(job.window))
            last = len(groups) == 1
            joined = []
            for at, group in enumerate(groups, start=1):
                turns = joining_turns(group, job.title, last=last)
                name = f"join {_digest(turns[-1].content)}"
                if not last:
                    yield LookingThrough(len(made), len(made) + 1, f"Joining notes, {at} of {len(groups)}")
                stage = kept.get(name) or self._ask(job, name, turns, cancel)
                joined.append(with_markers(stage.text, known))
            if last:
                return joined[0]
            notes = joined

    def _ask(self, job: SummaryJob, name: str, turns: Sequence[ChatTurn], cancel: CancelToken) -> KeptStage:
        cancel.raise_if_cancelled()
        assert job.model is not None  # noqa: S101  (without one nothing is asked)
        begun = time.monotonic()
        pieces = self._language_model.chat(job.model, turns, num_ctx=job.window, cancel=cancel)
        text = storable("".join(piece for piece in pieces if isinstance(piece, str))).strip()
        stage = KeptStage(text, time.monotonic() - begun)
        self._catalog.keep_stage(job.message_id, name, stage)
        return stage

    def _finish(self, job: SummaryJob, text: str, passages: Sequence[Passage], notice: str) -> Message:
        kept = self._catalog.branch_to(job.message_id)[-1]
        citations = self._verify.check(kept, text, passages)
        return self._catalog.update_message(job.message_id, text, citations=citations, notice=notice)

    def _extract(self, job: SummaryJob, cancel: CancelToken, notice: str) -> Iterator[AnswerEvent]:
        contents: list[tuple[Document, ExtractedDocument]] = []
        for at, document_id in enumerate(job.document_ids):
            cancel.raise_if_cancelled()
            if at % 20 == 0:
                yield LookingThrough(at, len(job.document_ids), f"Reading {job.title}")
            if (document := self._catalog.document(document_id)) is not None:
                contents.append((document, self._catalog.extracted(document_id)))
        text, citations = extract_answer(job.title, contents, cancel)
        placed = self._verify.placed(citations)
        yield Answered(self._catalog.update_message(job.message_id, text, citations=placed, notice=notice))


def _passages(every: Sequence[Section], contents: dict[DocumentId, ExtractedDocument]) -> list[Passage]:
    found = []
    for section in every:
        pages = contents[section.document_id].pages
        spans = tuple(
            PageSpan(page.number, max(page.start, section.start), min(page.end, section.end))
            for page in pages
            if page.start < section.end and page.end > section.start
        )
        text = contents[section.document_id].text[section.start : section.end]
        found.append(
            Passage(
                section.n,
                0.0,
                None,
                section.document_id,
                section.path,
                spans[0].page if spans else None,
                section.start,
                section.end,
                text,
                spans,
                section.heading,
            )
        )
    return found


def _stage_name(section: Section) -> str:
    """By its text: a document that was read anew is summed up anew, as far as it changed."""
    return f"note {section.document_id} {_digest(section.text)}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _so_far(made: Sequence[tuple[Section, str]]) -> str:
    return "\n\n".join(f"{note} [{section.n}]" for section, note in made)


def _left(made: Sequence[tuple[Section, str]], every: Sequence[Section], why: str) -> str:
    return f"{why} after {len(made):,} of {count_words(len(every), 'section')}; what was read is kept."
