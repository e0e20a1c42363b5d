"""What a workspace is made of in the file that carries it to another computer, and what the catalog does for it.

Documents bear the numbers 1, 2, … of their order in the file; ids of a catalog mean nothing elsewhere. Paths are
relative to their source, with `/` between names; see `to_portable` for names that are no text.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote_to_bytes

from readingroom.core.conversation import Role, Support
from readingroom.core.embedding_forms import Precision
from readingroom.core.errors import PortableFileDamaged
from readingroom.core.ids import IndexId, WorkspaceId
from readingroom.core.models import DocumentState

FORMAT = 1
"""Of the file. A program reads all up to its own and refuses later ones."""
SUFFIX = ".readingroom"

_LARGEST = 2**53
"""No count, offset or time in nanoseconds since 1970 is beyond it by much; SQLite takes up to 2**63."""
_LONGEST_NAME = 1024
_DEEPEST = 256
_ESCAPED = re.compile("[%\udc80-\udcff]")
_NOT_ON_WINDOWS = re.compile('[<>:"|?*\\\\]')


@dataclass(frozen=True, slots=True)
class PartEntry:
    """What the manifest says of a part of the file."""

    size_bytes: int
    """Unpacked."""
    blake2b: str
    records: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first thing read of a file."""

    format: int
    program: str
    name: str
    created_at: float
    embedding_model: str
    dimension: int
    chunker: str
    documents: int
    chunks: int
    embeddings: int
    threads: int
    parts: dict[str, PartEntry]
    kept_dimension: int = 0
    """How many numbers of each embedding the index keeps; 0 for all."""
    precision: Precision = Precision.FULL


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A linked folder or file: how it is called and where it lies among the others, not where that is."""

    number: int
    group: int
    """Sources of one group lay below one folder."""
    place: str
    """Path from there; its last name is the source's own."""
    is_folder: bool
    watch: bool
    patterns: str = ""
    git_ignore: bool = False
    max_file_mb: int | None = None
    """Its rules, see `SourceRules`."""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A row of `documents`; its pages and chunks follow it."""

    number: int
    source: int
    container: int | None
    path: str
    """Below its source; empty where the source is this file."""
    locator: str
    state: DocumentState
    reason: str
    format: str
    title: str
    pages: int | None
    chunks: int
    size_bytes: int
    modified_at_ns: int
    content_hash: str | None
    indexed_at: float | None
    strikes: int
    headings: list[tuple[int, str, int, int | None]]
    tables: list[tuple[int, int, str, list[tuple[int, int]]]]
    notes: list[str]
    words: int
    pages_without_text: int
    read_seconds: float | None
    recognition_notes: list[str] | None
    """None where no page is a picture."""
    indexed: bool
    """It was cut for the index."""


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page of the document before it; its start follows from the texts of the pages before it."""

    number: int | None
    text: str
    label: str
    words: list[tuple[int, int, tuple[float, float, float, float], int]]
    pictured: bool
    read_text: str | None
    merged: bool


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A chunk of the document before it, in order."""

    start: int
    end: int
    page: int | None
    heading: list[str]
    text: str
    tokens: int
    text_hash: str
    context: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class RecognisedRecord:
    """What was recognised in a picture of a page."""

    content_hash: str
    page: int
    text: str
    words: list[tuple[int, int, tuple[float, float, float, float], int]]
    engine: str
    confidence: float
    unread_share: float
    failure: str


@dataclass(frozen=True, slots=True)
class CitationRecord:
    """A citation; `path` is only the name where the document had gone."""

    n: int
    document: int | None
    path: str
    page: int | None
    start: int
    end: int
    quote: str
    located: bool
    place: str
    container: str
    claim_start: int = 0
    claim_end: int = 0
    support: Support = Support.PASSAGE
    offered: bool = False
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """What was retrieved for a message."""

    rank: int
    score: float
    similarity: float | None
    document: int | None
    path: str
    page: int | None
    start: int
    end: int
    text: str
    locations: list[tuple[int | None, int, int]]
    heading: list[str]
    context: str
    place: str
    container: str
    offline: bool = False
    bearing: float | None = None


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message of the thread before it."""

    role: Role
    text: str
    created_at: float
    model: str | None
    searched: tuple[int, int, int] | None
    """Documents, passages, used."""
    refused: bool
    notice: str
    citations: list[CitationRecord] = field(default_factory=list)
    passages: list[PassageRecord] = field(default_factory=list)
    number: int = 0
    """Counted through its thread from 1; 0 in files of older versions, where each follows the one before."""
    follows: int = 0
    """The number of the message it follows; 0 where it begins the thread."""
    thinking: str = ""
    queries: list[str] = field(default_factory=list)
    left_out: str = ""
    beyond: bool = False


@dataclass(frozen=True, slots=True)
class ThreadRecord:
    """A thread; its messages follow it."""

    title: str
    updated_at: float
    pinned: bool = False
    named: bool = False
    shown: int = 0
    """Number of the last message of the branch that was looked at; 0: the last."""


DocumentPart = DocumentRecord | PageRecord | ChunkRecord
ThreadPart = ThreadRecord | MessageRecord
Record = SourceRecord | DocumentPart | RecognisedRecord | ThreadPart


@dataclass(frozen=True, slots=True)
class WorkspaceFacts:
    """What the manifest tells of a workspace."""

    name: str
    embedding_model: str
    dimension: int
    """Of the embeddings themselves, of which the index may keep fewer numbers."""
    chunker: str
    documents: int
    chunks: int
    threads: int
    kept_dimension: int = 0
    """0 for all."""
    precision: Precision = Precision.FULL


class WorkspaceSnapshot(Protocol):
    """A workspace at one moment, whatever is written meanwhile; used on the thread that took it."""

    @property
    def facts(self) -> WorkspaceFacts: ...

    def sources(self) -> Iterator[SourceRecord]: ...

    def documents(self) -> Iterator[DocumentPart]: ...

    def recognised(self) -> Iterator[RecognisedRecord]: ...

    def threads(self) -> Iterator[ThreadPart]: ...

    def text_hashes(self) -> Iterator[str]:
        """Of the chunks, each once."""
        ...


class WorkspaceImport(Protocol):
    """A workspace being made of records; nobody sees it before `finish`. Raises `PortableFileDamaged`.

    Each method is a short transaction, so that other work goes on in between.
    """

    @property
    def workspace_id(self) -> WorkspaceId: ...

    @property
    def index_id(self) -> IndexId: ...

    def add_sources(self, records: Sequence[SourceRecord]) -> None: ...

    def add_documents(self, records: Sequence[DocumentPart]) -> None:
        """Pages and chunks belong to the document before them, be it of an earlier call."""
        ...

    def add_recognised(self, records: Sequence[RecognisedRecord]) -> None: ...

    def add_threads(self, records: Sequence[ThreadPart]) -> None: ...

    def finish(self) -> str:
        """Show it, its documents owed to the index; the name, with a number where that of the file was taken."""
        ...


class PortableCatalog(Protocol):
    """What the catalog does for export and import."""

    def snapshot(self, workspace_id: WorkspaceId) -> AbstractContextManager[WorkspaceSnapshot]:
        """Raises `NoSuchWorkspace`."""
        ...

    def begin_import(self, facts: WorkspaceFacts, unlocated: Path) -> WorkspaceImport:
        """Its sources are given places below `unlocated`, a folder that is not there."""
        ...

    def discard_import(self, workspace_id: WorkspaceId) -> None:
        """Forget what came of it, a little at a time."""
        ...

    def unfinished_imports(self) -> Sequence[WorkspaceId]: ...


def to_portable(path: bytes) -> str:
    """Write the bytes of a path as text: `%` and what is not UTF-8 as `%` and two digits."""
    return _ESCAPED.sub(lambda m: f"%{ord(m[0]) & 0xFF:02X}", path.decode("utf-8", "surrogateescape"))


def from_portable(text: str) -> tuple[str, ...]:
    """The names of a relative path, none for an empty one. Raises `PortableFileDamaged` where it leads elsewhere."""
    if not text:
        return ()
    path = unquote_to_bytes(text).decode("utf-8", "surrogateescape")
    names = path.split("/")
    wrong = any(
        name in ("", ".", "..") or "\0" in name or len(os.fsencode(name)) > _LONGEST_NAME for name in names
    )
    if wrong or len(names) > _DEEPEST:
        raise PortableFileDamaged(f"The file names a place that no document can have: {text[:80]!r}.")
    if os.name == "nt":
        # Legal where it came from; no file here can be called so.
        names = [_NOT_ON_WINDOWS.sub("_", name) for name in names]
    return tuple(names)


def check(record: object) -> None:
    """Refuse numbers that nothing can have, at any depth. Raises `PortableFileDamaged`."""
    for name in (one.name for one in fields(record)):  # type: ignore[arg-type]
        _check(getattr(record, name), _LARGEST if name != "modified_at_ns" else 2**63)


def _check(value: object, limit: int) -> None:
    if isinstance(value, list | tuple):
        for inner in value:
            _check(inner, limit)
    elif isinstance(value, CitationRecord | PassageRecord):
        check(value)
    elif isinstance(value, float | int) and not abs(value) < limit:  # so that NaN is refused, too
        raise PortableFileDamaged("A number in the file is out of all bounds.")
