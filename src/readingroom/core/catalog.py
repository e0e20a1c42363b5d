"""What services need of the catalog, the truth about everything but the vectors.

Every method is one transaction: it has happened entirely or not at all. Methods block briefly, may be called
from any thread, and raise `DiskFull` or `CatalogDamaged` where that is so.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from readingroom.core.embedding_forms import Precision
from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.core.ids import (
    ChunkId,
    DocumentId,
    IndexId,
    SourceId,
    WorkspaceId,
)
from readingroom.core.models import (
    Chunk,
    Document,
    DocumentState,
    Index,
    NamedDocument,
    PageSpan,
    SearchScope,
    StoredChunk,
    Workspace,
)
from readingroom.core.overview import OverviewCatalog
from readingroom.core.places import Place
from readingroom.core.portable import PortableCatalog
from readingroom.core.recognition import RecognitionCatalog
from readingroom.core.relinking import RelinkingCatalog
from readingroom.core.source_catalog import SourceCatalog, SyncCatalog
from readingroom.core.source_rules import RuleCatalog
from readingroom.core.summary_catalog import SummaryCatalog
from readingroom.core.tallies import TallyCatalog
from readingroom.core.thread_catalog import ThreadCatalog


@dataclass(frozen=True, slots=True)
class NewIndex:
    """The index a workspace begins with."""

    embedding_model: str
    dimension: int
    chunker: str


class WorkspaceCatalog(Protocol):
    """Workspaces and settings."""

    def workspaces(self) -> Sequence[Workspace]: ...

    def create_workspace(self, name: str, index: NewIndex | None = None) -> Workspace:
        """With its first index, which is searched. Raises `WorkspaceNameTaken`."""
        ...

    def rename_workspace(self, workspace_id: WorkspaceId, name: str) -> None:
        """Raises `WorkspaceNameTaken`."""
        ...

    def set_workspace_removed(self, workspace_id: WorkspaceId, *, removed: bool) -> None:
        """Hide or bring back. Bringing back under a name taken meanwhile adds a number to the name."""
        ...

    def purge_workspaces(self, removed_before: float) -> Sequence[WorkspaceId]:
        """Forget for good what was removed before that time; the ids gone."""
        ...

    def answering(self, workspace_id: WorkspaceId) -> dict[str, Any]:
        """What it has of its own for its answers; see `core.answering`. Empty where there is no such workspace."""
        ...

    def set_answering(self, workspace_id: WorkspaceId, values: dict[str, Any]) -> None: ...

    def setting_values(self) -> dict[str, Any]: ...

    def set_setting(self, name: str, value: Any) -> None: ...


class DocumentCatalog(Protocol):
    """Documents, their text, and the queue of those to be read."""

    def documents(self, workspace_id: WorkspaceId) -> Sequence[Document]: ...

    def document_names(self, workspace_id: WorkspaceId) -> Sequence[NamedDocument]:
        """Names alone: of 20,000 documents a tenth of what `documents` takes."""
        ...

    def documents_since(
        self, workspace_id: WorkspaceId, revision: int
    ) -> tuple[Sequence[Document], frozenset[DocumentId], int]: ...

    def document(self, document_id: DocumentId) -> Document | None: ...

    def find_document(self, workspace_id: WorkspaceId, path: Path) -> Document | None: ...

    def members(self, document_id: DocumentId) -> Sequence[Document]:
        """The documents directly inside a document, by path."""
        ...

    def pages(self, document_id: DocumentId) -> Sequence[Page]: ...

    def page(self, document_id: DocumentId, number: int) -> Page | None:
        """One of them by its number, without reading the others."""
        ...

    def extracted(self, document_id: DocumentId) -> ExtractedDocument:
        """Pages and headings as they were read."""
        ...

    def set_pinned(self, document_ids: Iterable[DocumentId], *, pinned: bool) -> None:
        """Let documents come whole with each question, or no longer."""
        ...

    def pinned_documents(self, workspace_id: WorkspaceId) -> Sequence[DocumentId]:
        """Those that do, in the order of their paths."""
        ...

    def state_counts(self, source_id: SourceId) -> dict[DocumentState, tuple[int, int]]:
        """Documents and their chunks by state."""
        ...

    def claim_next(self) -> Document | None:
        """The next document to be read, marked as being read."""
        ...

    def release_claims(self) -> int:
        """Queue again what was being read when the program ended; how many."""
        ...

    def store_read(
        self,
        document_id: DocumentId,
        index_id: IndexId,
        *,
        extracted: ExtractedDocument,
        chunks: Sequence[Chunk],
        content_hash: str,
        size_bytes: int,
        modified_at_ns: int,
        read_seconds: float | None = None,
        continued: bool = False,
    ) -> bool:
        """Replace text and chunks; the points of the former chunks become stale.

        `continued`: this is the last part, after those of `store_part`. False where it was not kept: the document
        went, or another index took over, for which it is queued again.
        """
        ...

    def store_part(
        self,
        document_id: DocumentId,
        index_id: IndexId,
        part: ExtractedDocument,
        chunks: Sequence[Chunk],
        *,
        first: bool,
    ) -> bool:
        """Keep a part of a document that is still being read, so that it can be found; the first replaces what was known.

        False where it was not kept, as with `store_read`.
        """
        ...

    def store_unchanged(self, document_id: DocumentId, *, size_bytes: int, modified_at_ns: int) -> None:
        """The bytes are those already read."""
        ...

    def store_failure(
        self,
        document_id: DocumentId,
        state: DocumentState,
        reason: str,
        *,
        size_bytes: int | None = None,
        modified_at_ns: int | None = None,
        keep_text: bool = False,
    ) -> None:
        """The document could not be read. Its former text is dropped, unless the failure may pass."""
        ...

    def add_strike(self, document_id: DocumentId) -> int:
        """The worker died on it; how often now."""
        ...

    def requeue(self, document_ids: Sequence[DocumentId], *, forget_strikes: bool = True) -> None: ...


@dataclass(frozen=True, slots=True)
class WordsJob:
    """A document whose text is known and whose words are not in the index yet."""

    document_id: DocumentId
    index: Index
    after: ChunkId = ChunkId(0)
    """The words of its chunks up to this one are in the index."""


@dataclass(frozen=True, slots=True)
class Building:
    """An index that is being built beside the active one."""

    index: Index
    documents: int
    """Of the active index."""
    cut: int
    """Of these, in the new one so far."""
    chunks: int
    """Of the documents that were cut."""
    embedded: int
    former_cut: int = 0
    """Of the same documents in the active index."""
    former_uncut: int = 0
    """Of the others there."""

    @property
    def expected(self) -> int:
        """Chunks it will have: those of the rest as many as in the active index, by what became of these so far."""
        # By documents alone the number doubles and halves with the length of the first ones.
        ratio = self.chunks / self.former_cut if self.former_cut and self.chunks else 1.0
        return self.chunks + round(ratio * self.former_uncut)


class IndexCatalog(Protocol):
    """Indexes, chunks, and what the vector store still owes the catalog."""

    def active_index(self, workspace_id: WorkspaceId) -> Index | None: ...

    def indexes(self, workspace_id: WorkspaceId | None = None) -> Sequence[Index]:
        """Active and building ones."""
        ...

    def create_index(
        self,
        workspace_id: WorkspaceId,
        embedding_model: str,
        dimension: int,
        chunker: str,
        *,
        active: bool,
        precision: Precision = Precision.FULL,
    ) -> Index: ...

    def activate_index(self, index_id: IndexId) -> bool:
        """Search this one from now on; the former ones are forgotten with their chunks.

        False, and nothing happens, where it is not complete or gone.
        """
        ...

    def drop_index(self, index_id: IndexId) -> None: ...

    def building(self, workspace_id: WorkspaceId) -> Building | None:
        """How far the index is that will take over; None where none is being built."""
        ...

    def documents_to_cut(self, index_id: IndexId, limit: int) -> Sequence[DocumentId]:
        """Documents with text that have no chunks in that index yet."""
        ...

    def store_cut(
        self,
        document_id: DocumentId,
        index_id: IndexId,
        chunks: Sequence[Chunk],
        *,
        content_hash: str | None,
    ) -> None:
        """Keep the chunks cut from the text of that hash, unless document or index changed meanwhile."""
        ...

    def next_words_job(self, *, but: Collection[WorkspaceId] = ()) -> WordsJob | None:
        """Of any workspace but those."""
        ...

    def chunks_of(
        self, index_id: IndexId, document_id: DocumentId, *, after: ChunkId = ChunkId(0), limit: int = -1
    ) -> Sequence[StoredChunk]:
        """Its chunks with a greater id, ascending; all of them where `limit` is negative."""
        ...

    def chunk_hashes(self, index_id: IndexId, document_id: DocumentId) -> frozenset[str]:
        """The text hashes of its chunks."""
        ...

    def words_written(self, index_id: IndexId, document_id: DocumentId, upto: ChunkId) -> None:
        """The words of its chunks up to that one are in the index; with the last, the document is searchable."""
        ...

    def chunks_to_embed(
        self, limit: int, *, first: Collection[ChunkId] = (), but: Collection[WorkspaceId] = ()
    ) -> tuple[Index, Sequence[StoredChunk]] | None:
        """The next chunks without an embedding, all of one index: of those named `first`, if any of them wait.

        Then active indexes first, and of their documents what was read last.
        """
        ...

    def sampled_hashes(self, index_id: IndexId, most: int) -> Sequence[str]:
        """Text hashes of some of its embedded chunks, spread over its documents; each once."""
        ...

    def chunks_embedded(self, index_id: IndexId, ids: Sequence[ChunkId]) -> Sequence[DocumentId]:
        """Their points are written; the documents that became ready by it."""
        ...

    def stale_points(
        self, limit: int, *, but: Collection[WorkspaceId] = ()
    ) -> Sequence[tuple[Index, Sequence[ChunkId]]]:
        """Points to be deleted, by index."""
        ...

    def stale_points_deleted(self, index_id: IndexId, ids: Sequence[ChunkId]) -> None: ...

    def expected_points(self, index_id: IndexId) -> Iterator[Sequence[tuple[ChunkId, bool | None]]]:
        """What the vector store should hold, ascending, in batches: id, and whether with an embedding.

        None stands for a point that is still being written: it may be there or not.
        """
        ...

    def points_missing(self, index_id: IndexId, ids: Sequence[ChunkId]) -> None:
        """The store lacks these points: have their documents' points written again."""
        ...

    def gone_indexes(self) -> Sequence[tuple[WorkspaceId, IndexId]]:
        """Indexes that were forgotten and whose vectors may still be in the store."""
        ...

    def gone_index_deleted(self, index_id: IndexId) -> None: ...

    def chunk_counts(self, workspace_id: WorkspaceId, scope: SearchScope = ...) -> tuple[int, int]:
        """Searchable documents and chunks of the active index, of all of them or within a scope."""
        ...

    def passages(self, ids: Sequence[ChunkId]) -> dict[ChunkId, "PassageRow"]:
        """The chunks of these ids that still exist."""
        ...

    def locations(self, spans: Sequence[tuple[DocumentId, int, int]]) -> Sequence[tuple[PageSpan, ...]]:
        """The pages on which [start, end) of these documents stand, a span a page, in the order given."""
        ...

    def places(self, spans: Sequence[tuple[DocumentId, int, int]]) -> Sequence[Place]:
        """Where [start, end) of these documents stand, in words, in the order given."""
        ...

    def text_between(self, document_id: DocumentId, start: int, end: int) -> str:
        """The document's text in [start, end), as far as it has any."""
        ...

    def words_beginning(self, index_id: IndexId, begun: str, *, limit: int) -> Sequence[str]:
        """Words of the index's chunks that begin so, case-folded, the most frequent first; a tenth of a second at most."""
        ...

    def rebuild_search_trees(self) -> None:
        """Make every search tree anew from its table's rows."""
        ...

    def integrity(self) -> str:
        """`ok`, or what SQLite found wrong."""
        ...

    def pending_work(self, workspace_id: WorkspaceId | None = None) -> int:
        """Documents not current: queued, being read, or owed points."""
        ...

    def has_pending_work(self, workspace_id: WorkspaceId | None = None) -> bool:
        """Whether there are any; quick."""
        ...


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A chunk with its document's path."""

    document_id: DocumentId
    source_id: SourceId
    path: Path
    chunk: Chunk
    offline: bool = False
    """Its file is not there now."""


class EmbeddingCache(Protocol):
    """(embedding model, hash of the chunk text) -> embedding, shared by all workspaces; may be thrown away."""

    def get(self, model: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]: ...

    def put(self, model: str, embeddings: Iterable[tuple[str, NDArray[np.float32]]]) -> None: ...


class Catalog(
    WorkspaceCatalog,
    ThreadCatalog,
    SourceCatalog,
    SyncCatalog,
    DocumentCatalog,
    IndexCatalog,
    RecognitionCatalog,
    RuleCatalog,
    PortableCatalog,
    RelinkingCatalog,
    TallyCatalog,
    SummaryCatalog,
    OverviewCatalog,
    Protocol,
):
    """All of it."""

    def close(self) -> None:
        """Write everything through and close."""
        ...
