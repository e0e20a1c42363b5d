"""What services need from the outside; the adapter rooms implement these and nothing else is known of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from readingroom.core.cancellation import CancelToken
from readingroom.core.embedding_forms import Precision
from readingroom.core.extraction import ExtractedDocument, FileRef, PlacedWord, ReadLimits
from readingroom.core.ids import ChunkId, DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import (
    Chunk,
    DownloadProgress,
    EmbeddingModel,
    RenderedPage,
    SearchMode,
    SearchScope,
)
from readingroom.core.nearness import Nearness
from readingroom.core.ranking import Blend

OnPart = Callable[[ExtractedDocument, Sequence[Chunk]], None]
"""Takes a part of a document that is still being read, with its chunks."""

Embeddings = NDArray[np.float32]
"""Shape (texts, dimension), C order, rows of unit length."""


class Reader(Protocol):
    """Turns a file of one family of formats into text; lives in the ingest worker."""

    def read(
        self, path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
    ) -> Iterator[ExtractedDocument]:
        """Read the file in parts that follow each other, offsets counted through.

        Calls `on_progress(pages done, pages in all or None)` at least every few seconds.
        Raises `ReadFailure` (its subclasses) with a reason in plain words. A file without text gives pages
        with empty text, or no pages; it is not an error.
        """
        ...


class Embedder(Protocol):
    """An embedding model loaded in this process."""

    @property
    def model(self) -> str:
        """The name it is chosen by."""
        ...

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        ...

    @property
    def max_tokens(self) -> int:
        """The token window for a text, special tokens included."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Embeddings:
        """Embed for storage: (len(texts), dimension), in the order given. Longer texts are cut off."""
        ...

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed a question: (dimension,), unit length."""
        ...

    def known_share(self, text: str) -> float:
        """Share of the words that the vocabulary holds whole, 1 where that says nothing of the language."""
        ...


class Chunker(Protocol):
    """Cuts a document's text into chunks that fit an embedder's token window."""

    @property
    def name(self) -> str:
        """Names rule, version and window; another name means other chunks (`md1-254`)."""
        ...

    def cut(self, document: ExtractedDocument, known: Collection[str] = frozenset()) -> Iterator[Chunk]:
        """Chunks in reading order, with exact offsets; none for a document without text.

        Where more than three would be new, those whose text hash is `known` are kept as they were, see `core.keeping`.
        """
        ...


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What reading and cutting one file gave."""

    content_hash: str
    """blake2b-256 of the bytes, hexadecimal."""
    size_bytes: int
    modified_at_ns: int
    """Both as they were when the file was read (`os.stat`), for the next comparison; of a member, its own size."""
    unchanged: bool
    """The hash equals `known_hash`: nothing was parsed and `document` is empty."""
    document: ExtractedDocument
    """The last part of it, mostly the only one; the others were handed to `on_part`."""
    chunks: tuple[Chunk, ...]
    """Of that part."""


class IngestWorker(Protocol):
    """The low-priority child that reads files: a crash, a hang or memory hunger costs one file."""

    def read(
        self,
        file: FileRef,
        *,
        embedding_model: str,
        limits: ReadLimits,
        known_hash: str | None = None,
        known_chunks: Collection[str] = frozenset(),
        passwords: Sequence[str] = (),
        on_part: OnPart | None = None,
        on_progress: Callable[[int, int | None], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> ReadResult:
        """Read and cut one file for the chunker of that embedding model. Blocks; call from a pool or lane.

        Long documents come in parts: all but the last go to `on_part` as they are read, offsets and ordinals
        counted through; without it they are put together. `known_chunks` are the text hashes of the version before,
        see `Chunker.cut`. `passwords` are tried on a file that is encrypted.
        Raises `ReadFailure` for the file's fault, `WorkerFailure` when the child died on it (it is started
        again at the next call), `Cancelled`.
        """
        ...

    def cut(
        self, document: ExtractedDocument, *, embedding_model: str, cancel: CancelToken | None = None
    ) -> tuple[Chunk, ...]:
        """Cut text that is already known, for a new index generation. Raises `WorkerFailure`, `Cancelled`."""
        ...

    def close(self) -> None:
        """End the child."""
        ...


class BulkEmbedder(Protocol):
    """The low-priority child that embeds passages, several one-thread sessions side by side."""

    def embed(self, model: str, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Embeddings:
        """Embed for storage, in the order given. Blocks. Raises `EmbeddingModelUnavailable`, `WorkerFailure`, `Cancelled`."""
        ...

    @property
    def cpu_seconds(self) -> float:
        """CPU time the child has spent embedding (model loading left out) since it started."""
        ...

    @property
    def tokens(self) -> int:
        """Tokens embedded in that time, special tokens included, padding not."""
        ...

    def close(self) -> None:
        """End the child."""
        ...


class QueryEmbedder(Protocol):
    """Embeds questions; shares no lock and no queue with indexing."""

    def embed_query(self, model: str, text: str) -> NDArray[np.float32]:
        """(dimension,), unit length. Blocks; the first call loads the model.

        Raises `EmbeddingModelUnavailable`, `WorkerFailure`.
        """
        ...

    def embed_sentences(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Embed sentences to be compared with each other, in the order given, in one call. Raises as `embed_query`."""
        ...

    def known_share(self, model: str, text: str) -> float:
        """Share of the words that the model's vocabulary holds whole, 1 where that says nothing. Raises as `embed_query`."""
        ...

    def nearness(self, model: str, dimension: int | None = None) -> Nearness:
        """How its cosines are to be read, of embeddings cut to `dimension` where one is given.

        Blocks the first time, for a second with a small model and some ten with a large one; kept beside the model.
        Raises as `embed_query`; after a `WorkerFailure` the same call tells nothing (`UNTOLD`) until the next start.
        """
        ...

    def warm(self, model: str) -> None:
        """Load the model now, so that the first question does not wait."""
        ...

    def close(self) -> None:
        """End the child."""
        ...


class EmbeddingModels(Protocol):
    """Which embedding models there are, and fetching one that the person asked for."""

    def list(self) -> Sequence[EmbeddingModel]:
        """The bundled one first, then those added from folders, then those of fastembed's that find text, by name."""
        ...

    def describe(self, name: str) -> EmbeddingModel:
        """One of them. Raises `EmbeddingModelUnavailable` for an unknown name, with the nearest known names as hint."""
        ...

    def download(self, name: str, *, cancel: CancelToken) -> Iterator[DownloadProgress]:
        """Fetch the model's files. Raises `EmbeddingModelUnavailable` (no network: says so), `Cancelled`."""
        ...

    def add(self, folder: Path) -> EmbeddingModel:
        """Copy a model from a folder with an ONNX file and a tokenizer, after a trial; it is listed from then on.

        Raises `EmbeddingModelUnavailable` with what is wrong with the folder, `DiskFull`.
        """
        ...


class PageRenderer(Protocol):
    """Draws pages of PDF files and pictures, in a child process of its own."""

    def render(
        self,
        file: FileRef,
        page: int,
        *,
        width_px: int,
        start: int | None = None,
        end: int | None = None,
        words: Sequence[PlacedWord] = (),
        passwords: Sequence[str] = (),
    ) -> RenderedPage:
        """Draw 1-based `page`, `width_px` wide; mark the characters [start, end) of that page's own text.

        0 is the page's first character. The text is the one the reader extracted, so offsets agree; where it was
        recognised in a picture, `words` says where it stands. Blocks. Raises `ReadFailure`, `WorkerFailure`.
        """
        ...

    def close(self) -> None:
        """End the child."""
        ...


@dataclass(frozen=True, slots=True)
class Point:
    """What the vector store keeps of a chunk. The text is used for its word vector and not kept."""

    id: ChunkId
    document_id: DocumentId
    source_id: SourceId
    page: int | None
    text: str
    """What words are taken from: the chunk with its headings."""
    embedding: NDArray[np.float32] | None = None
    """(dimension,); None while only words are searchable."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A point found by a query."""

    id: ChunkId
    score: float
    similarity: float | None
    """Cosine similarity, where the dense branch found the point among its candidates."""


class VectorStore(Protocol):
    """The points of one index. Every method blocks, may be called from any thread, and raises `VectorStoreUnavailable`."""

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points; one with a known id is replaced. Durable against the end of the process on return."""
        ...

    def delete(self, ids: Sequence[ChunkId]) -> None:
        """Remove points; unknown ids are ignored."""
        ...

    def query(
        self,
        *,
        text: str,
        embedding: NDArray[np.float32] | None,
        mode: SearchMode,
        limit: int,
        scope: SearchScope = SearchScope(),
        candidates: int = 100,
        blend: Blend = Blend(),
    ) -> Sequence[Hit]:
        """The nearest points, best first. In hybrid mode `candidates` a branch are ranked by `core.ranking`.

        `embedding` may be None in mode `words`; in hybrid it then means words alone.
        """
        ...

    def count(self, *, embedded_only: bool = False) -> int:
        """How many points there are (with an embedding)."""
        ...

    def ids(self) -> Iterator[Sequence[tuple[ChunkId, bool]]]:
        """All points in batches, ascending: id, and whether it has an embedding."""
        ...

    def flush(self) -> None:
        """Write everything through to the disk."""
        ...

    def tidy(self) -> bool:
        """Give back the room of deleted points, where there are as many as points; whether there was something to do.

        Meanwhile the store does not answer: 1.3 s with 10,000 points and 20,000 deleted ones.
        """
        ...

    def optimise(self, *, cancel: CancelToken | None = None) -> bool:
        """Build beside it what a large store needs to stay quick, and let that take over; whether there was something to do.

        Blocks, for minutes or hours; meanwhile the store answers and takes writes. Raises `Cancelled`, `DiskFull`.
        """
        ...


class VectorStores(Protocol):
    """Opens, creates and removes the vector stores of indexes."""

    def open(
        self,
        workspace_id: WorkspaceId,
        index_id: IndexId,
        dimension: int,
        precision: Precision = Precision.FULL,
    ) -> VectorStore:
        """The store of that index, created when missing; the same object for the same index."""
        ...

    def remove(self, workspace_id: WorkspaceId, index_id: IndexId) -> None:
        """Close and delete it; nothing happens when there is none."""
        ...

    def close(self) -> None:
        """Flush and close all."""
        ...


class Watcher(Protocol):
    """Hears of changes below a path; events say where to look, not what happened."""

    def watch(
        self,
        path: Path,
        *,
        recursive: bool,
        on_changed: Callable[[Iterable[Path]], None],
        on_lost: Callable[[str], None] | None = None,
    ) -> None:
        """Call back, on a thread of the watcher's, with paths below `path` at which something settled (debounced).

        `on_lost` is called at most once, on the same thread, when events end for good (a new subfolder found the
        system's watches used up); it takes the reason, and `path` is not watched any more then.
        Raises `EventsUnavailable` with a reason for the person where changes are not announced, and `OSError`
        where there is no such folder.
        """
        ...

    def unwatch(self, path: Path) -> None:
        """Stop hearing of it; unknown paths are ignored."""
        ...

    def close(self) -> None:
        """Stop all, wait for the watcher's threads."""
        ...
