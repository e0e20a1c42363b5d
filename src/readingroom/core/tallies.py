"""What a look through every document found: values, and what services need of the catalog for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from readingroom.core.ids import DocumentId, MessageId, WorkspaceId
from readingroom.core.word_places import PagePattern


@dataclass(frozen=True, slots=True)
class TalliedDocument:
    """A document that belongs to an answer, with the places that count in it."""

    document_id: DocumentId | None
    """None once it is gone."""
    path: Path
    container: str = ""
    """What it is part of, see `Passage`."""
    spans: tuple[tuple[int, int], ...] = ()
    """Offsets in its text, in order; none where the document itself is what was asked for."""
    content_hash: str = ""
    """When it was looked through: with another one the spans do not count."""
    note: str = ""
    """What it was chosen by: `12 March 2021 · 1.4 MB`."""


@dataclass(frozen=True, slots=True)
class HoldingPage:
    """A page that may hold a term."""

    document_id: DocumentId
    start: int
    text: str
    following: str
    """The beginning of the next page."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Pages of a stretch of the workspace, and how far it reaches."""

    pages: tuple[HoldingPage, ...]
    upto: tuple[int, int] | None
    """Where the next stretch goes on; None at the end."""
    documents: int = field(default=0)
    """Id of the last document looked at."""


class TallyCatalog(Protocol):
    """Looks through text page by page, and keeps what answers were made of."""

    def pages_holding(
        self, workspace_id: WorkspaceId, pattern: PagePattern, after: tuple[int, int], *, following: bool
    ) -> Stretch:
        """The pages after one (document, ordinal) that may hold what the pattern stands for; a few milliseconds' worth."""
        ...

    def documents_with_text(self, workspace_id: WorkspaceId) -> frozenset[DocumentId]:
        """Those whose text, or some of it, is known."""
        ...

    def text_between(self, document_id: DocumentId, start: int, end: int) -> str:
        """A stretch of a document's text, without reading the rest."""
        ...

    def page_number(self, document_id: DocumentId, offset: int) -> int | None:
        """The number of the page that holds a character; None where the format has none."""
        ...

    def keep_tally(self, message_id: MessageId, documents: Sequence[TalliedDocument]) -> None:
        """Keep what an answer was made of, in order."""
        ...

    def tally(self, message_id: MessageId) -> Sequence[TalliedDocument]:
        """What an answer was made of; nothing for an ordinary one."""
        ...


def in_batches(found: Iterator[TalliedDocument], size: int) -> Iterator[list[TalliedDocument]]:
    """So many at a time, the rest last."""
    batch: list[TalliedDocument] = []
    for document in found:
        batch.append(document)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
