"""A workspace made of records that nobody vouches for; hidden until it is whole."""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from readingroom.core.errors import PortableFileDamaged
from readingroom.core.ids import IndexId, WorkspaceId
from readingroom.core.models import DocumentState, SourceState
from readingroom.core.portable import (
    ChunkRecord,
    CitationRecord,
    DocumentPart,
    DocumentRecord,
    MessageRecord,
    PageRecord,
    PassageRecord,
    RecognisedRecord,
    SourceRecord,
    ThreadPart,
    ThreadRecord,
    WorkspaceFacts,
    from_portable,
)
from readingroom.core.word_places import accents
from readingroom.storage.lane import Lane
from readingroom.storage.pictured import count_pictured
from readingroom.storage.store import Store, enqueue, next_revision
from readingroom.storage.workspaces import free_name

T = TypeVar("T")
_DISCARDED_AT_ONCE = 50
_COUNTED_AT_ONCE = 200
_IMPORTING = "importing"
"""State of an `index_documents` row that no pump looks for."""
_INDEXED = frozenset({DocumentState.INDEXING, DocumentState.WORDS, DocumentState.READY})


class PortableImportStore(Store):
    """See `core.portable.PortableCatalog`."""

    def begin_import(self, facts: WorkspaceFacts, unlocated: Path) -> "SqliteImport":
        def work(db: sqlite3.Connection) -> tuple[int, int]:
            now = time.time()
            # Removed from the beginning: whatever lists, searches or indexes workspaces passes it over.
            workspace_id = db.execute(
                "INSERT INTO workspaces (name, created_at, removed_at) VALUES (?, ?, ?) RETURNING id",
                (facts.name, now, now),
            ).fetchone()[0]
            db.execute("INSERT INTO unfinished_imports VALUES (?)", (workspace_id,))
            index_id = db.execute(
                "INSERT INTO indexes (workspace_id, embedding_model, dimension, chunker, active, created_at, precision)"
                " VALUES (?, ?, ?, ?, 1, ?, ?) RETURNING id",
                (
                    workspace_id,
                    facts.embedding_model,
                    facts.kept_dimension or facts.dimension,
                    facts.chunker,
                    now,
                    facts.precision.value,
                ),
            ).fetchone()[0]
            return workspace_id, index_id

        workspace_id, index_id = self._lane.write(work)
        return SqliteImport(self._lane, WorkspaceId(workspace_id), IndexId(index_id), unlocated)

    def discard_import(self, workspace_id: WorkspaceId) -> None:
        def some(db: sqlite3.Connection) -> bool:
            gone = db.execute(
                "DELETE FROM documents WHERE id IN (SELECT d.id FROM documents d JOIN sources s ON s.id = d.source_id"
                " WHERE s.workspace_id = ? LIMIT ?) RETURNING id",
                (workspace_id, _DISCARDED_AT_ONCE),
            ).fetchall()
            # None of its points was ever written.
            db.execute(
                "DELETE FROM stale_points WHERE index_id IN (SELECT id FROM indexes WHERE workspace_id = ?)",
                (workspace_id,),
            )
            if not gone:
                db.execute("DELETE FROM workspaces WHERE id = ?", (workspace_id,))
                db.execute("DELETE FROM gone_indexes WHERE workspace_id = ?", (workspace_id,))
            return bool(gone)

        while self._lane.write(some):
            pass

    def unfinished_imports(self) -> Sequence[WorkspaceId]:
        rows = self._lane.read(
            lambda db: db.execute("SELECT workspace_id FROM unfinished_imports").fetchall()
        )
        return [WorkspaceId(row[0]) for row in rows]


@dataclass(frozen=True, slots=True)
class _Known:
    """A document written already, for those that name it."""

    id: int
    source: int
    names: tuple[str, ...]
    depth: int


class SqliteImport:
    """See `core.portable.WorkspaceImport`."""

    def __init__(self, lane: Lane, workspace_id: WorkspaceId, index_id: IndexId, unlocated: Path) -> None:
        self._lane = lane
        self.workspace_id = workspace_id
        self.index_id = index_id
        self._unlocated = unlocated
        self._sources: dict[int, tuple[int, Path]] = {}
        self._known: dict[int, _Known] = {}
        self._place = _Place(0)
        self._pictured: list[tuple[int, list[str]]] = []
        self._thread: _Thread | None = None

    def add_sources(self, records: Sequence[SourceRecord]) -> None:
        def work(db: sqlite3.Connection) -> None:
            for record in records:
                names = from_portable(record.place)
                if not names or record.number in self._sources or record.group < 0:
                    raise PortableFileDamaged("A folder in the file has no name.")
                root = self._unlocated.joinpath(f"{self.workspace_id}-{record.group}", *names)
                row = db.execute(
                    "INSERT INTO sources (workspace_id, path, is_folder, watch, state, patterns, git_ignore, max_file_mb)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                    (
                        self.workspace_id,
                        os.fsencode(root),
                        record.is_folder,
                        record.watch,
                        SourceState.OFFLINE,
                        os.fsencode(record.patterns),
                        record.git_ignore,
                        max(record.max_file_mb, 1) if record.max_file_mb is not None else None,
                    ),
                ).fetchone()
                self._sources[record.number] = row["id"], root

        self._write(work)

    def add_documents(self, records: Sequence[DocumentPart]) -> None:
        def work(db: sqlite3.Connection) -> None:
            revision = next_revision(db)
            for record in records:
                if isinstance(record, DocumentRecord):
                    self._place = self._add_document(db, record, revision)
                elif not self._place.document_id:
                    raise PortableFileDamaged("A page in the file belongs to no document.")
                elif isinstance(record, PageRecord):
                    self._place.add_page(db, record)
                else:
                    self._place.add_chunk(db, self.index_id, record)

        self._write(work)

    def add_recognised(self, records: Sequence[RecognisedRecord]) -> None:
        self._write(
            lambda db: db.executemany(
                # What was recognised here stays: a stranger's file must not change what other workspaces say.
                "INSERT OR IGNORE INTO recognised_pages"
                " (content_hash, page, text, words, engine, confidence, unread_share, failure)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        record.content_hash,
                        record.page,
                        record.text,
                        _json(record.words),
                        record.engine,
                        record.confidence,
                        record.unread_share,
                        record.failure,
                    )
                    for record in records
                ],
            )
        )

    def add_threads(self, records: Sequence[ThreadPart]) -> None:
        def work(db: sqlite3.Connection) -> None:
            for record in records:
                if isinstance(record, ThreadRecord):
                    row = db.execute(
                        "INSERT INTO threads (workspace_id, title, updated_at, pinned, named) VALUES (?, ?, ?, ?, ?)"
                        " RETURNING id",
                        (self.workspace_id, record.title, record.updated_at, record.pinned, record.named),
                    ).fetchone()
                    self._thread = _Thread(row["id"], record.shown)
                elif self._thread is None:
                    raise PortableFileDamaged("A message in the file belongs to no thread.")
                else:
                    self._add_message(db, record)

        self._write(work)

    def finish(self) -> str:
        for first in range(0, len(self._pictured), _COUNTED_AT_ONCE):
            self._count(self._pictured[first : first + _COUNTED_AT_ONCE])

        def work(db: sqlite3.Connection) -> str:
            wanted = db.execute("SELECT name FROM workspaces WHERE id = ?", (self.workspace_id,)).fetchone()
            name = free_name(db, wanted["name"], self.workspace_id)
            db.execute(
                "UPDATE index_documents SET state = 'pending' WHERE index_id = ? AND state = ?",
                (self.index_id, _IMPORTING),
            )
            db.execute(
                "UPDATE workspaces SET name = ?, removed_at = NULL WHERE id = ?", (name, self.workspace_id)
            )
            db.execute("DELETE FROM unfinished_imports WHERE workspace_id = ?", (self.workspace_id,))
            return name

        return self._write(work)

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._lane.write(work)
        except (sqlite3.IntegrityError, sqlite3.DataError) as error:
            raise PortableFileDamaged("The file contradicts itself: it names a document twice.") from error

    def _add_document(self, db: sqlite3.Connection, record: DocumentRecord, revision: int) -> "_Place":
        source, root = self._sources.get(record.source, (0, Path()))
        if not source or record.number in self._known:
            raise PortableFileDamaged("A document in the file belongs to no folder.")
        names = from_portable(record.path)
        container = self._container_of(record, source, names)
        state = _state(record)
        row = db.execute(
            "INSERT INTO documents (source_id, container_id, path, locator, state, reason, format, title, pages, chunks,"
            " size_bytes, modified_at_ns, content_hash, indexed_at, strikes, headings, tables, notes, words,"
            " pages_without_text, read_seconds, revision)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                source, container.id if container else None, os.fsencode(root.joinpath(*names)), record.locator, state,
                record.reason, record.format, record.title, record.pages, record.chunks, record.size_bytes,
                record.modified_at_ns, record.content_hash, record.indexed_at, record.strikes, _json(record.headings),
                _json(record.tables), _json(record.notes), record.words, record.pages_without_text,
                record.read_seconds, revision,
            ),
        ).fetchone()  # fmt: skip
        if state is DocumentState.QUEUED:
            enqueue(db, [row["id"]])
        if record.indexed:
            db.execute(
                "INSERT INTO index_documents (index_id, document_id, state) VALUES (?, ?, ?)",
                (self.index_id, row["id"], _IMPORTING if record.chunks else "ready"),
            )
        if record.recognition_notes is not None:
            self._pictured.append((row["id"], record.recognition_notes))
        depth = container.depth + 1 if container else 0
        self._known[record.number] = _Known(row["id"], source, names, depth)
        return _Place(row["id"])

    def _container_of(self, record: DocumentRecord, source: int, names: tuple[str, ...]) -> _Known | None:
        if record.container is None:
            if record.locator:
                raise PortableFileDamaged("A document in the file is part of none.")
            return None
        container = self._known.get(record.container)
        # The steps of the locator lead from its path back to the file on the disk.
        if (
            container is None
            or container.source != source
            or names[:-1] != container.names
            or not record.locator
            or record.locator.count("/") != container.depth
        ):
            raise PortableFileDamaged("A document in the file is part of none.")
        return container

    def _count(self, documents: Sequence[tuple[int, list[str]]]) -> None:
        def work(db: sqlite3.Connection) -> None:
            for document_id, notes in documents:
                count_pictured(db, document_id)
                db.execute(
                    "UPDATE recognition SET notes = ? WHERE document_id = ?", (_json(notes), document_id)
                )

        self._write(work)

    def _add_message(self, db: sqlite3.Connection, record: MessageRecord) -> None:
        searched = record.searched and dict(
            zip(("documents", "passages", "used"), record.searched, strict=True),
            queries=record.queries,
            left_out=record.left_out,
            beyond=record.beyond,
        )
        thread = self._thread
        assert thread is not None  # noqa: S101  (the caller saw to it)
        row = db.execute(
            "INSERT INTO messages (thread_id, parent_id, role, text, created_at, model, searched, passages, refused,"
            " notice, thinking) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                thread.id, thread.parent_of(record), record.role, record.text, record.created_at, record.model,
                json.dumps(searched) if searched else None,
                json.dumps([self._passage(passage) for passage in record.passages]), record.refused, record.notice,
                record.thinking,
            ),
        ).fetchone()  # fmt: skip
        thread.last = row["id"]
        thread.ids[record.number] = row["id"]
        if record.number == thread.shown:
            db.execute("UPDATE threads SET shown = ? WHERE id = ?", (row["id"], thread.id))
        db.executemany(
            'INSERT INTO citations (message_id, n, document_id, path, page, start, "end", quote, located, place, container,'
            " claim_start, claim_end, support, offered, content_hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [self._citation(row["id"], citation) for citation in record.citations],
        )

    def _citation(self, message_id: int, record: CitationRecord) -> tuple[object, ...]:
        document_id, path = self._where(record.document, record.path)
        return (
            message_id, record.n, document_id or None, os.fsencode(path), record.page, record.start, record.end,
            record.quote, record.located, record.place, record.container,
            record.claim_start, record.claim_end, record.support, record.offered, record.content_hash,
        )  # fmt: skip

    def _passage(self, record: PassageRecord) -> dict[str, object]:
        document_id, path = self._where(record.document, record.path)
        values: dict[str, Any] = {name: getattr(record, name) for name in PassageRecord.__slots__}
        del values["document"]
        locations = [{"page": page, "start": start, "end": end} for page, start, end in record.locations]
        return values | {"document_id": document_id, "path": str(path), "locations": locations}

    def _where(self, number: int | None, path: str) -> tuple[int, Path]:
        """Id and path of a document; 0, which none has, and a mere name where it is gone."""
        if number is not None and (known := self._known.get(number)) is not None:
            root = next(root for source, root in self._sources.values() if source == known.source)
            return known.id, root.joinpath(*known.names)
        return 0, self._unlocated.joinpath(*from_portable(path))


@dataclass
class _Thread:
    """The thread whose messages are being written."""

    id: int
    shown: int
    last: int | None = None
    ids: dict[int, int] = field(default_factory=dict)

    def parent_of(self, record: MessageRecord) -> int | None:
        """Id of the message it follows; in files of older versions the one before."""
        if not record.number:
            return self.last
        if record.follows and record.follows not in self.ids:
            raise PortableFileDamaged("A message in the file follows one that is not there.")
        return self.ids.get(record.follows)


@dataclass
class _Place:
    """How far a document is written."""

    document_id: int
    pages: int = 0
    length: int = 0
    chunks: int = 0

    def add_page(self, db: sqlite3.Connection, record: PageRecord) -> None:
        db.execute(
            "INSERT INTO pages (document_id, ordinal, number, start, length, text, label, words, pictured, read_text, merged,"
            " accents) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.document_id, self.pages, record.number, self.length, len(record.text), record.text, record.label,
                _json(record.words), record.pictured, record.read_text, record.merged, accents(record.text),
            ),
        )  # fmt: skip
        self.pages += 1
        self.length += len(record.text)

    def add_chunk(self, db: sqlite3.Connection, index_id: int, record: ChunkRecord) -> None:
        if not 0 <= record.start <= record.end <= self.length:
            raise PortableFileDamaged("A passage in the file stands outside of its document.")
        db.execute(
            'INSERT INTO chunks (index_id, document_id, ordinal, start, "end", page, heading, text, tokens, text_hash, context,'
            " topic) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                index_id, self.document_id, self.chunks, record.start, record.end, record.page, _json(record.heading),
                record.text, record.tokens, record.text_hash, record.context,
                record.topic,
            ),
        )  # fmt: skip
        self.chunks += 1


def _state(record: DocumentRecord) -> DocumentState:
    """What is in the index there is owed to the index here; what was being read is to be read."""
    if record.state in (DocumentState.QUEUED, DocumentState.OFFLINE):
        return DocumentState.QUEUED
    if record.state not in _INDEXED:
        return record.state
    if not record.indexed:
        return DocumentState.QUEUED
    return DocumentState.INDEXING if record.chunks else DocumentState.READY


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
