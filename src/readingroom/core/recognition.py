"""Recognising text in pictures of pages: what is asked for, what comes of it, and the ports."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from readingroom.core.cancellation import CancelToken
from readingroom.core.extraction import ExtractedDocument, FileRef, PlacedWord
from readingroom.core.ids import DocumentId, IndexId, WorkspaceId
from readingroom.core.models import Chunk, Document


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    """What was recognised on a page; no text where there is none, or none that can be trusted."""

    text: str
    words: tuple[PlacedWord, ...] = ()
    """Where the words of `text` stand."""
    engine: str = ""
    """What read it: `built-in`, or `tesseract` with its languages (`tesseract rus+eng`)."""
    confidence: float = 1.0
    """How sure the engine was of what it read, 0 to 1, weighted by length; 1 where there was nothing to read."""
    unread_share: float = 0.0
    """How much of what looks like writing could not be read, 0 to 1."""
    failure: str = ""
    """Why nothing could be done, in plain words; then there is no text."""


class PageRecogniser(Protocol):
    """Recognises text in a low-priority child: a page that crashes, stalls or eats memory costs that page."""

    def recognise(
        self,
        file: FileRef,
        page: int,
        *,
        languages: Sequence[str] = (),
        passwords: Sequence[str] = (),
        cancel: CancelToken | None = None,
    ) -> RecognisedPage:
        """Draw 1-based `page` and read what stands in the picture. Blocks, for seconds.

        `languages` are two-letter codes (ISO 639-1), none to let the page decide.
        Raises `ReadFailure`, `WorkerFailure`, `RecognitionUnavailable`, `Cancelled`.
        """
        ...

    def close(self) -> None:
        """End the child."""
        ...


@dataclass(frozen=True, slots=True)
class RecognitionStatus:
    """What is left to recognise, as people are told."""

    documents: int
    """With pages still to be recognised."""
    pages: int
    """Of those documents, all that have no text of their own."""
    pages_done: int
    seconds_left: float
    """By the rate measured on this computer."""
    paused: bool
    """By the person; kept over restarts."""
    current: str = ""
    """The page being recognised (`Lease.pdf, page 3`); empty while none is."""
    problem: str = ""
    """Why none can be recognised at all; empty where they can."""

    @property
    def pages_left(self) -> int:
        """Still to be recognised."""
        return self.pages - self.pages_done


@dataclass(frozen=True, slots=True)
class RecognitionCounts:
    """What the catalog knows is left."""

    documents: int = 0
    pages: int = 0
    pages_done: int = 0


@dataclass(frozen=True, slots=True)
class UnmergedDocument:
    """A document some of whose recognised pages are not in its text yet."""

    document: Document
    extracted: ExtractedDocument
    """As it stands in the catalog."""
    fresh: Mapping[int, tuple[str, RecognisedPage]]
    """By page number: the page's own text as it was read, and what was recognised on it."""
    outcomes: Mapping[int, RecognisedPage]
    """Of all its pages that were recognised so far, without their words."""


class RecognitionCatalog(Protocol):
    """Pages to be recognised, and those that were; the latter by content, so that the same file costs nothing again."""

    def next_page_to_recognise(self, passed_over: Collection[DocumentId]) -> tuple[Document, int] | None:
        """The next page; None while documents wait to be read, and when no page is left."""
        ...

    def keep_recognised(self, content_hash: str, page: int, recognised: RecognisedPage) -> None:
        """Keep the outcome of a page, for every document of that content."""
        ...

    def next_to_merge(self, *, partly: bool, passed_over: Collection[DocumentId]) -> DocumentId | None:
        """A document all of whose pages were recognised and whose text lacks some; `partly`: some of whose pages."""
        ...

    def unmerged(self, document_id: DocumentId) -> UnmergedDocument | None: ...

    def store_merged(
        self,
        document_id: DocumentId,
        index_id: IndexId,
        *,
        content_hash: str,
        merged: ExtractedDocument,
        chunks: Sequence[Chunk],
        own_texts: Mapping[int, str],
        notes: Sequence[str],
    ) -> bool:
        """Replace the text by `merged`, in which the pages of `own_texts` are recognised, and say so in `notes`.

        False where it was not kept: the document changed, or another index is being built.
        """
        ...

    def recognition_counts(self, workspace_id: WorkspaceId | None = None) -> RecognitionCounts: ...

    def has_recognition_left(
        self, workspace_id: WorkspaceId | None, *, pages: bool, passed_over: Collection[DocumentId]
    ) -> bool:
        """Whether recognised pages are not in their document's text or, if `pages`, others are left; quick."""
        ...

    def forget_unused(self) -> None:
        """Drop what was recognised in files that no document holds any more; call when all are read."""
        ...

    def forget_doubtful(self, document_ids: Sequence[DocumentId] | None = None) -> None:
        """Have pages recognised again that failed or were read badly, of these documents or of all."""
        ...
