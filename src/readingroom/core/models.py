"""The values that rooms hand to each other. All immutable; times are Unix seconds."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from readingroom.core.embedding_forms import EmbeddingForm, Precision
from readingroom.core.extraction import FileRef
from readingroom.core.ids import (
    ChunkId,
    DocumentId,
    IndexId,
    SourceId,
    WorkspaceId,
)
from readingroom.core.source_rules import SourceRules


class DocumentState(StrEnum):
    """What became of a document; the words of CLI.md."""

    QUEUED = "queued"
    INDEXING = "indexing"
    WORDS = "words"
    READY = "ready"
    NO_TEXT = "no_text"
    ENCRYPTED = "encrypted"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    OFFLINE = "offline"


SEARCHABLE_STATES = frozenset({DocumentState.WORDS, DocumentState.READY})
PENDING_STATES = frozenset({DocumentState.QUEUED, DocumentState.INDEXING, DocumentState.WORDS})
UNREAD_STATES = frozenset(
    {
        DocumentState.NO_TEXT,
        DocumentState.ENCRYPTED,
        DocumentState.UNSUPPORTED,
        DocumentState.FAILED,
        DocumentState.QUARANTINED,
    }
)
ATTENTION_STATES = frozenset({DocumentState.ENCRYPTED, DocumentState.FAILED, DocumentState.QUARANTINED})


class SourceState(StrEnum):
    """Where a source stands with the disk."""

    WATCHING = "watching"
    POLLING = "polling"
    PAUSED = "paused"
    OFFLINE = "offline"
    ONCE = "once"
    """Added once: read then, not followed."""
    ASKING = "asking"
    """A large share of it went at once; followed, and waiting for the person's word."""


class SearchMode(StrEnum):
    """Which vectors a query uses."""

    HYBRID = "hybrid"
    WORDS = "words"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A person's set of sources, documents and threads."""

    id: WorkspaceId
    name: str
    documents: int
    chunks: int
    embedding_model: str
    chat_model: str | None = None
    unread: int = 0
    """Of the documents, those that hold no text or could not be read."""

    @property
    def readable(self) -> int:
        """Documents that a question is asked of, now or once they are read."""
        return self.documents - self.unread


@dataclass(frozen=True, slots=True)
class Source:
    """A linked folder or file; never copied."""

    id: SourceId
    workspace_id: WorkspaceId
    path: Path
    is_folder: bool
    watch: bool
    state: SourceState
    last_checked_at: float | None = None
    reason: str = ""
    """Why it is polled or offline, in plain words."""
    vanished: int = 0
    """Documents that went at once and are kept until the person says what is to become of them."""
    rules: SourceRules = field(default_factory=SourceRules)
    left_out: int = 0
    """Files and whole folders that its rules left out, when it was last looked through."""

    @property
    def followed(self) -> bool:
        """Whether changes of its files are taken over."""
        return self.watch and self.state is not SourceState.PAUSED


@dataclass(frozen=True, slots=True)
class RemovedItem:
    """A source or a document that was removed and can be brought back."""

    path: Path
    removed_at: float
    documents: int
    """How many documents come back with it."""
    source_id: SourceId | None = None
    document_id: DocumentId | None = None
    """One of the two is set."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file as we know it."""

    id: DocumentId
    workspace_id: WorkspaceId
    source_id: SourceId
    path: Path
    state: DocumentState
    reason: str
    format: str
    pages: int | None
    """None where the format has none."""
    chunks: int
    size_bytes: int
    modified_at_ns: int
    content_hash: str | None
    indexed_at: float | None
    revision: int
    """Grows with every change of any document; `documents_since` reads by it."""
    title: str = ""
    """What the file calls itself; may be empty."""
    words: int = 0
    """Counted by white space."""
    pages_without_text: int = 0
    """Pages on which nothing could be read: pictures of text, or blank."""
    read_seconds: float | None = None
    """How long the last reading took."""
    container_id: DocumentId | None = None
    """The mailbox or message it is part of; its `path` then lies below the container's."""
    locator: str = ""
    """Where in the file at `file.path` it is; one step for each container, joined by `/`."""
    pinned: bool = False
    """Comes whole with each question, as far as there is room."""

    @property
    def file(self) -> FileRef:
        """Where its bytes are on the disk."""
        if not self.locator:
            return FileRef(self.path)
        return FileRef(self.path.parents[self.locator.count("/")], self.locator)


class NamedDocument(NamedTuple):
    """A document as it is looked for by name."""

    id: DocumentId
    text: str
    """Its file's name."""
    folder: str
    """The path of the folder it lies in, or of the document it is inside of."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a document: what is embedded and cited. `text == document.text[start:end]`."""

    ordinal: int
    start: int
    end: int
    page: int | None
    """The page on which it starts."""
    heading: tuple[str, ...]
    """Titles from the outermost heading inwards."""
    text: str
    tokens: int
    """Counted with the embedder's own tokenizer, special tokens left out."""
    text_hash: str
    """Of `embedded_text`."""
    context: str = ""
    """The header of the table it was cut from; found and embedded with the text, not part of it."""
    topic: str = ""
    """The headings it stands under, or the title; embedded with the text, neither part of it nor found by words."""

    @property
    def worded_text(self) -> str:
        """What it is found by, as far as words go; its headings count besides."""
        return f"{self.context}\n{self.text}" if self.context else self.text

    @property
    def embedded_text(self) -> str:
        """What its embedding is made of."""
        return f"{self.topic}\n{self.worded_text}" if self.topic else self.worded_text


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as the catalog keeps it, with its id (also the id of its point)."""

    id: ChunkId
    document_id: DocumentId
    source_id: SourceId
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Index:
    """One generation of a workspace's vectors: embedding model and chunker version."""

    id: IndexId
    workspace_id: WorkspaceId
    embedding_model: str
    dimension: int
    chunker: str
    """Names the rule and token window by which the text was cut."""
    active: bool
    """Searched now; otherwise being built beside the active one."""
    precision: Precision = Precision.FULL

    @property
    def form(self) -> EmbeddingForm:
        """How its embeddings are kept."""
        return EmbeddingForm(self.dimension, self.precision)


@dataclass(frozen=True, slots=True)
class PageSpan:
    """A span on one page; offsets in the document's text."""

    page: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk, ready to be shown, cited or put before the model."""

    rank: int
    """1-based."""
    score: float
    """In hybrid mode the fused score, else BM25 or cosine; higher is nearer. Compare within one result."""
    similarity: float | None
    """Cosine similarity to the question, where the point has an embedding and the mode uses it; of models that are not
    the bundled one what its cosine would be (`core.nearness`)."""
    document_id: DocumentId
    path: Path
    page: int | None
    start: int
    end: int
    text: str
    locations: tuple[PageSpan, ...]
    heading: tuple[str, ...]
    context: str = ""
    """The header of the table it stands in, where that is not in the passage itself."""
    place: str = ""
    """Where it stands, in words (`sheet Sales, rows 12–31`); empty where the format has nothing to go by."""
    container: str = ""
    """What the document is part of (`letter.eml in archive.mbox`); mostly nothing."""
    offline: bool = False
    """Its file was not there when it was found: the text is what was read before."""
    bearing: float | None = None
    """Log-odds that it speaks to the question; see `core.relevance`. None where that was not judged."""


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Narrows a search within a workspace; empty means all of it."""

    document_ids: frozenset[DocumentId] = frozenset()
    source_ids: frozenset[SourceId] = frozenset()


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page drawn for the screen: `rgb` holds height rows of width * 3 bytes, no padding."""

    page: int
    page_count: int
    width: int
    height: int
    rgb: bytes
    marks: tuple[tuple[float, float, float, float], ...] = ()
    """Rectangles (x0, y0, x1, y1) in pixels of this picture, a line of text each."""


@dataclass(frozen=True, slots=True)
class SourceProgress:
    """How far a source is; drives the pill in the sidebar."""

    source_id: SourceId
    phase: str
    """`idle`, `scanning`, `reading`, `recognising`, `embedding`."""
    total: int
    """Documents of the source."""
    done: int
    """Documents with nothing left to do (ready, or set aside with a reason)."""
    words: int
    """Searchable by words, embeddings on the way."""
    failed: int
    """Could not be read, or are set aside."""
    current: str = ""
    """Name of the file being read."""
    passages_per_s: float = 0.0
    seconds_left: float | None = None
    locked: int = 0
    """Need a password."""
    skipped: int = 0
    """Are of a kind that is not read."""
    no_text: int = 0
    offline: int = 0
    """Were read, and their drive or folder is not connected."""


@dataclass(frozen=True, slots=True)
class IngestCounts:
    """What a run did; the object `add`, `sync` and `reindex` print."""

    found: int = 0
    indexed: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    chunks: int = 0
    embedded: int = 0
    reused: int = 0
    seconds: float = 0.0
    removed: int = 0
    moved: int = 0
    offline: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `doctor`."""

    check: str
    ok: bool
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """An embedding model that can be chosen."""

    name: str
    dimension: int
    max_tokens: int
    """Special tokens included, and what the model wants said before a passage left out."""
    size_bytes: int
    description: str = ""
    licence: str = ""
    languages: str = ""
    bundled: bool = False
    downloaded: bool = False
    shorter: tuple[int, ...] = ()
    """Dimensions to which its embeddings may be cut, the longest first; see `shortened`."""


@dataclass(frozen=True, slots=True)
class SwitchCost:
    """What it takes to change a workspace's embedding model."""

    passages: int
    seconds: float | None
    """None where the model was never tried on this computer."""


@dataclass(frozen=True, slots=True)
class SwitchProgress:
    """How far the change to another embedding model is; the former one answers meanwhile."""

    model: str
    done: int
    total: int
    """Passages; an estimate until all documents are cut."""
    seconds_left: float | None = None
    recut: bool = False
    """The model stays; the text is cut anew by a newer rule."""
    form: EmbeddingForm | None = None
    """The model stays; its embeddings are kept in this form from then on."""


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a download is; `total_bytes` None while unknown."""

    done_bytes: int
    total_bytes: int | None
    name: str = field(default="")
