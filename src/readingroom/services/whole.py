"""Answers questions about all of a workspace: counts and lists by its text, files by their dates and sizes."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from readingroom.core.asking_all import Files, Mentions, Summary, asking_all
from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog
from readingroom.core.conversation import Citation, Message, Role, Searched, Thread
from readingroom.core.counting import count_words
from readingroom.core.errors import Cancelled
from readingroom.core.file_filter import FileFilter, Order
from readingroom.core.ids import DocumentId
from readingroom.core.models import PENDING_STATES, Document, SearchScope
from readingroom.core.places import container_of
from readingroom.core.tallies import TalliedDocument
from readingroom.core.whole_words import (
    file_note,
    files_words,
    none_words,
    not_counted_words,
    scattered_words,
    tally_words,
    which_words,
)
from readingroom.services.answer_events import Answered, AnswerEvent, LookingThrough
from readingroom.services.exhaustive import FoundDocument, Lookup, TallyService
from readingroom.services.scoping import in_scope
from readingroom.services.summaries import SummaryService

log = logging.getLogger(__name__)

_CITED = 50
"""Places kept as citations of the answer, for export and the command line; the list in the window has all."""
TALLY = "tally"


@dataclass(frozen=True, slots=True)
class _Room:
    """What is looked through for a question."""

    documents: dict[DocumentId, Document]
    """Those in the question's scope."""
    with_text: frozenset[DocumentId]
    scoped: bool

    @property
    def searched(self) -> set[DocumentId]:
        return {key for key in self.documents if key in self.with_text}


class WholeService:
    """Takes the questions that the nearest passages cannot answer; leaves all others alone."""

    def __init__(self, catalog: Catalog, lookup: Lookup, summaries: SummaryService) -> None:
        self._catalog = catalog
        self._lookup = lookup
        self._summaries = summaries
        self._tallies = TallyService(catalog)

    def answer(
        self,
        thread: Thread,
        question: Message,
        history: Sequence[Message],
        *,
        scope: SearchScope,
        model: Callable[[], str | None],
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        """Events up to `Answered`; without that one the question is an ordinary one.

        `model` names the one that writes summaries, or None where there is none; it asks the server.
        """
        asked = asking_all(question.text, date.today())  # noqa: DTZ011  (the person's own day)
        try:
            match asked:
                case Mentions():
                    yield from self._mentions(
                        thread, question, asked, self._room(thread, scope, asked.files), cancel
                    )
                case Files():
                    yield from self._files(thread, question, asked, self._room(thread, scope, None))
                case Summary():
                    yield from self._summaries.answer(
                        thread, question, asked, history, scope=scope, model=model, cancel=cancel
                    )
        except Cancelled:
            yield Answered(
                self._catalog.add_message(thread.id, Role.ASSISTANT, "", notice="Stopped.", after=question.id)
            )

    def resume(self, message: Message, *, cancel: CancelToken) -> Iterator[AnswerEvent]:
        """Go on with a summary that was stopped or cut off, up to `Answered`; nothing for any other answer."""
        if self._summaries.unfinished(message):
            yield from self._summaries.resume(message.id, cancel=cancel)

    def _room(self, thread: Thread, scope: SearchScope, files: FileFilter | None) -> _Room:
        documents = {
            document.id: document
            for document in self._catalog.documents(thread.workspace_id)
            if in_scope(document, scope) and (files is None or files.fits(document, changed_on(document)))
        }
        scoped = scope != SearchScope() or files is not None
        return _Room(documents, self._catalog.documents_with_text(thread.workspace_id), scoped)

    # -- words

    def _mentions(
        self, thread: Thread, question: Message, asked: Mentions, room: _Room, cancel: CancelToken
    ) -> Iterator[AnswerEvent]:
        within = room.searched if room.scoped else None
        found: list[FoundDocument] = []
        looked, total = 0, len(room.searched)
        yield LookingThrough(0, total, f"Looking through {count_words(total, 'document')}…")
        for batch in self._lookup.find(thread.workspace_id, asked.term, within=within, cancel=cancel):
            found += batch
            if batch and (documents := len(found)) >= looked + 200:
                looked = documents
                yield LookingThrough(documents, total, f"{count_words(documents, 'document')} found so far…")
        scattered = not found and len(self._lookup.term(asked.term).words) > 1
        if scattered and asked.sure:
            found = list(
                self._lookup.all_words(thread.workspace_id, asked.term, within=within, cancel=cancel)
            )
        if not found and not asked.sure:
            return
        found = [document for document in found if document.document_id in room.documents]
        yield Answered(self._keep_mentions(thread, question, asked, room, found, scattered=scattered))

    def _keep_mentions(
        self,
        thread: Thread,
        question: Message,
        asked: Mentions,
        room: _Room,
        found: Sequence[FoundDocument],
        *,
        scattered: bool,
    ) -> Message:
        total = len(room.searched)
        forms: Counter[str] = sum((document.forms for document in found), Counter())
        period = "" if asked.files is None else asked.files.period
        if not found:
            text = none_words(asked.term, total, period)
        elif scattered:
            text = scattered_words(asked.term, len(found), total)
        else:
            text = tally_words(asked.term, forms, len(found), total, period)
        named = sum(1 for key in room.searched if _is_named(room.documents[key], asked.noun))
        parts = [text, which_words(asked.noun, named), self._not_counted(room)]
        by_path = sorted(found, key=lambda f: (-len(f.spans), str(room.documents[f.document_id].path)))
        return self._keep(
            thread,
            question,
            " ".join(part for part in parts if part),
            total,
            [tallied(room.documents[f.document_id], f.spans) for f in by_path],
        )

    def _not_counted(self, room: _Room) -> str:
        rest = [document for key, document in room.documents.items() if key not in room.with_text]
        pending = sum(1 for document in rest if document.state in PENDING_STATES)
        return not_counted_words(len(rest) - pending, pending)

    # -- files

    def _files(self, thread: Thread, question: Message, asked: Files, room: _Room) -> Iterator[AnswerEvent]:
        wanted = asked.filter
        found = [
            document for document in room.documents.values() if wanted.fits(document, changed_on(document))
        ]
        found.sort(key=_ordering(wanted))
        of_all = len(found)
        if wanted.most is not None:
            found = found[: wanted.most]
        named: list[Document] = []
        if wanted.period.isdecimal():
            listed = {document.id for document in found}
            named = [
                document
                for document in room.documents.values()
                if wanted.period in document.path.stem
                and document.id not in listed
                and (not wanted.formats or document.format in wanted.formats)
            ]
        text = files_words(wanted, len(found), of_all, len(room.documents), len(named))
        rows = [tallied(document, (), note=file_note(document, changed_on(document))) for document in found]
        rows += [
            tallied(document, (), note=f"named {wanted.period} · {file_note(document, changed_on(document))}")
            for document in named
        ]
        yield Answered(self._keep(thread, question, text, len(room.documents), rows))

    # -- kept

    def _keep(
        self,
        thread: Thread,
        question: Message,
        text: str,
        looked_through: int,
        found: Sequence[TalliedDocument],
    ) -> Message:
        citations: list[Citation] = []
        for document in found:
            if len(citations) >= _CITED:
                break
            most = _CITED - len(citations)
            places = self._tallies.places(document, most=most, number=len(citations) + 1)
            citations += [place.citation for place in places]
        _, passages = self._catalog.chunk_counts(thread.workspace_id)
        message = self._catalog.add_message(
            thread.id,
            Role.ASSISTANT,
            text,
            searched=Searched(looked_through, passages, len(found), whole=TALLY),
            citations=citations,
            after=question.id,
        )
        self._catalog.keep_tally(message.id, found)
        return message


def changed_on(document: Document) -> date:
    """The day, here, on which its file was changed last."""
    return datetime.fromtimestamp(document.modified_at_ns / 1e9).date()  # noqa: DTZ006  (the person's own day)


def tallied(document: Document, spans: Sequence[tuple[int, int]], note: str = "") -> TalliedDocument:
    """A document as an answer keeps it."""
    return TalliedDocument(
        document.id,
        document.path,
        container_of(document.path, document.locator),
        tuple(spans),
        document.content_hash or "",
        note,
    )


def _ordering(wanted: FileFilter) -> Callable[[Document], Any]:
    match wanted.order:
        case Order.OLDEST:
            return lambda document: document.modified_at_ns
        case Order.LARGEST:
            return lambda document: -document.size_bytes
        case Order.SMALLEST:
            return lambda document: document.size_bytes
        case Order.LONGEST:
            return lambda document: (-(document.pages or 0), -document.words)
        case Order.NEWEST:
            return lambda document: -document.modified_at_ns
    if wanted.least_bytes is not None:
        return lambda document: -document.size_bytes
    if wanted.period:
        return lambda document: -document.modified_at_ns
    return lambda document: str(document.path)


def _is_named(document: Document, noun: str) -> bool:
    stem = noun.casefold().removesuffix("s").removesuffix("e")
    return bool(stem) and stem in f"{document.path.stem} {document.title}".casefold()
