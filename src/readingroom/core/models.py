"""The values that rooms hand to each other. All immutable; times are Unix seconds."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from readingroom.core.ids import (
    ChunkId,
    DocumentId,
    IndexId,
    MessageId,
    SourceId,
    ThreadId,
    WorkspaceId,
)


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
ATTENTION_STATES = frozenset({DocumentState.ENCRYPTED, DocumentState.FAILED, DocumentState.QUARANTINED})


class SourceState(StrEnum):
    """Where a source stands with the disk."""

    WATCHING = "watching"
    POLLING = "polling"
    PAUSED = "paused"
    OFFLINE = "offline"
    ONCE = "once"
    """Added once: read then, not followed."""


class SearchMode(StrEnum):
    """Which vectors a query uses."""

    HYBRID = "hybrid"
    WORDS = "words"
    MEANING = "meaning"


class AnswerMode(StrEnum):
    """Whether the model may go beyond the passages."""

    DOCUMENTS = "documents"
    OPEN = "open"


class Role(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A person's set of sources, documents and threads."""

    id: WorkspaceId
    name: str
    documents: int
    chunks: int
    embedding_model: str
    chat_model: str | None = None


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


@dataclass(frozen=True, slots=True)
class Page:
    """A page of extracted text. The texts of all pages, joined with nothing, are the document's text."""

    number: int | None
    """1-based; None where the format has no pages (then the document is a single `Page`)."""
    start: int
    """Offset in characters of this page's first character in the document's text."""
    text: str

    @property
    def end(self) -> int:
        """Offset just past the last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found by a reader; `start` is an offset in the document's text."""

    level: int
    """1 is the outermost."""
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class ExtractedDocument:
    """What a reader makes of a file."""

    format: str
    """Short lower-case name, as `pdf`, `markdown`, `text`, `html`, `docx`, `csv`, `code`."""
    pages: tuple[Page, ...]
    headings: tuple[Heading, ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()
    """What the person should know, in plain sentences (`Page 7 could not be read.`)."""

    @property
    def text(self) -> str:
        """The whole text; offsets everywhere refer to it."""
        return "".join(page.text for page in self.pages)

    @property
    def paginated(self) -> bool:
        """Whether the format has pages a person can turn."""
        return bool(self.pages) and self.pages[0].number is not None


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
    """Cosine similarity to the question, where the point has an embedding and the mode uses it."""
    document_id: DocumentId
    path: Path
    page: int | None
    start: int
    end: int
    text: str
    locations: tuple[PageSpan, ...]
    heading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Narrows a search within a workspace; empty means all of it."""

    document_ids: frozenset[DocumentId] = frozenset()
    source_ids: frozenset[SourceId] = frozenset()


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched for an answer."""

    documents: int
    passages: int
    used: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A link from a span of an answer to a span of a document."""

    n: int
    """The number the answer shows in brackets."""
    document_id: DocumentId | None
    """None once the document is gone; the rest stays readable."""
    path: Path
    page: int | None
    start: int
    end: int
    """The span to mark, offsets in the document's text."""
    quote: str
    """The document's own words in that span; empty when nothing could be located."""
    located: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation in a workspace."""

    id: ThreadId
    workspace_id: WorkspaceId
    title: str
    updated_at: float


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a thread."""

    id: MessageId
    thread_id: ThreadId
    role: Role
    text: str
    """Markdown; citations stand in it as [n]."""
    created_at: float
    model: str | None = None
    """None for the person's own words and for answers made of passages alone."""
    citations: tuple[Citation, ...] = ()
    searched: Searched | None = None
    passages: tuple[Passage, ...] = ()
    """What was retrieved, used ones first; for "Show what was searched"."""
    refused: bool = False
    """The documents do not answer the question."""
    notice: str = ""
    """Why the answer is not whole (`Stopped.`, `The model server ended ...`); empty when it is."""


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
class ReadLimits:
    """Bounds on reading one file; reaching one is a state with a reason, never a hang."""

    max_bytes: int = 512 * 1024 * 1024
    max_pages: int = 20_000
    max_chars: int = 50_000_000
    max_unpacked_bytes: int = 1024 * 1024 * 1024
    timeout_s: float = 300.0
    """For the whole file."""
    stall_s: float = 60.0
    """Without a sign of life (a page, a batch of chunks)."""
    memory_bytes: int = 3 * 1024 * 1024 * 1024


class LanguageModelCondition(StrEnum):
    """Whether an answer can be written now."""

    NOT_INSTALLED = "not_installed"
    NOT_RUNNING = "not_running"
    NO_MODEL = "no_model"
    READY = "ready"
    UNKNOWN = "unknown"
    """Not asked yet."""


@dataclass(frozen=True, slots=True)
class LanguageModelStatus:
    """The state of the model server, with the next step for the person."""

    condition: LanguageModelCondition
    address: str
    models: tuple[str, ...] = ()
    detail: str = ""
    hint: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class SourceProgress:
    """How far a source is; drives the pill in the sidebar."""

    source_id: SourceId
    phase: str
    """`idle`, `scanning`, `reading`, `embedding`."""
    total: int
    """Documents of the source."""
    done: int
    """Documents with nothing left to do (ready, or set aside with a reason)."""
    words: int
    """Searchable by words, embeddings on the way."""
    failed: int
    current: str = ""
    """Name of the file being read."""
    passages_per_s: float = 0.0
    seconds_left: float | None = None


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
    size_bytes: int
    description: str = ""
    licence: str = ""
    bundled: bool = False
    downloaded: bool = False


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a download is; `total_bytes` None while unknown."""

    done_bytes: int
    total_bytes: int | None
    name: str = field(default="")
