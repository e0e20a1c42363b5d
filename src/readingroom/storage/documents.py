"""Documents, their text, and the queue of those to be read, in the catalog."""

import json
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from readingroom.core.ids import DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import Chunk, Document, DocumentState, ExtractedDocument, Heading, Page
from readingroom.storage.store import Store, enqueue, next_revision

_DOCUMENT = """
SELECT d.*, s.workspace_id,
       iif(s.state = 'offline' AND d.state IN ('words', 'ready'), 'offline', d.state) AS shown_state
  FROM documents d JOIN sources s ON s.id = d.source_id
 WHERE s.removed_at IS NULL
"""

_NEXT = """
SELECT d.*, s.workspace_id, d.state AS shown_state
  FROM queue q
  JOIN documents d ON d.id = q.document_id
  JOIN sources s ON s.id = d.source_id
  JOIN workspaces w ON w.id = s.workspace_id
 WHERE q.claimed = 0 AND s.removed_at IS NULL AND w.removed_at IS NULL AND s.state NOT IN ('paused', 'offline')
 ORDER BY q.position, q.document_id
 LIMIT 1
"""


class DocumentStore(Store):
    """See `core.catalog.DocumentCatalog`."""

    def documents(self, workspace_id: WorkspaceId) -> Sequence[Document]:
        return self._documents(f"{_DOCUMENT} AND s.workspace_id = ? ORDER BY d.path", (workspace_id,))

    def documents_since(
        self, workspace_id: WorkspaceId, revision: int
    ) -> tuple[Sequence[Document], frozenset[DocumentId], int]:
        def work(db: sqlite3.Connection) -> tuple[list[Document], frozenset[DocumentId], int]:
            newest = int(db.execute("SELECT value FROM counters WHERE name = 'revision'").fetchone()[0])
            changed = db.execute(
                f"{_DOCUMENT} AND s.workspace_id = ? AND d.revision > ?", (workspace_id, revision)
            )
            ids = db.execute(
                "SELECT d.id FROM documents d JOIN sources s ON s.id = d.source_id"
                " WHERE s.removed_at IS NULL AND s.workspace_id = ?",
                (workspace_id,),
            )
            return [_document(row) for row in changed], frozenset(DocumentId(row[0]) for row in ids), newest

        return self._lane.read(work)

    def document(self, document_id: DocumentId) -> Document | None:
        found = self._documents(f"{_DOCUMENT} AND d.id = ?", (document_id,))
        return found[0] if found else None

    def find_document(self, workspace_id: WorkspaceId, path: Path) -> Document | None:
        found = self._documents(
            f"{_DOCUMENT} AND s.workspace_id = ? AND d.path = ?", (workspace_id, os.fsencode(path))
        )
        return found[0] if found else None

    def pages(self, document_id: DocumentId) -> Sequence[Page]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT number, start, text FROM pages WHERE document_id = ? ORDER BY ordinal", (document_id,)
            ).fetchall()
        )
        return [Page(row["number"], row["start"], row["text"]) for row in rows]

    def extracted(self, document_id: DocumentId) -> ExtractedDocument:
        row = self._lane.read(
            lambda db: db.execute(
                "SELECT format, title, headings, notes FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
        )
        pages = tuple(self.pages(document_id))
        if row is None:
            return ExtractedDocument("", pages)
        headings = tuple(Heading(*values) for values in json.loads(row["headings"]))
        return ExtractedDocument(
            row["format"], pages, headings, row["title"], tuple(json.loads(row["notes"]))
        )

    def state_counts(self, source_id: SourceId) -> dict[DocumentState, tuple[int, int]]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT state, count(*), sum(chunks) FROM documents WHERE source_id = ? GROUP BY state",
                (source_id,),
            ).fetchall()
        )
        return {DocumentState(row[0]): (row[1], row[2]) for row in rows}

    def claim_next(self) -> Document | None:
        def work(db: sqlite3.Connection) -> Document | None:
            row = db.execute(_NEXT).fetchone()
            if row is None:
                return None
            db.execute("UPDATE queue SET claimed = 1 WHERE document_id = ?", (row["id"],))
            _set_state(db, row["id"], DocumentState.INDEXING)
            return _document(row)

        return self._lane.write(work)

    def release_claims(self) -> int:
        def work(db: sqlite3.Connection) -> int:
            rows = db.execute("UPDATE queue SET claimed = 0 WHERE claimed RETURNING document_id").fetchall()
            for row in rows:
                _set_state(db, row[0], DocumentState.QUEUED)
            return len(rows)

        return self._lane.write(work)

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
    ) -> bool:
        def work(db: sqlite3.Connection) -> bool:
            if not _still_wanted(db, document_id):
                return False
            if not db.execute("SELECT 1 FROM indexes WHERE id = ? AND active", (index_id,)).fetchone():
                # Another index took over meanwhile; its model may cut otherwise.
                _set_state(db, document_id, DocumentState.QUEUED)
                enqueue(db, [document_id])
                return False
            _forget_text(db, document_id)
            db.executemany(
                "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (document_id, ordinal, page.number, page.start, len(page.text), page.text)
                    for ordinal, page in enumerate(extracted.pages)
                ],
            )
            insert_chunks(db, index_id, document_id, chunks)
            state, reason = _state_after_reading(extracted.notes, bool(chunks), extracted.paginated)
            db.execute(
                "UPDATE documents SET state = ?, reason = ?, format = ?, title = ?, pages = ?, chunks = ?, size_bytes = ?,"
                " modified_at_ns = ?, content_hash = ?, headings = ?, notes = ?, strikes = 0, indexed_at = ?,"
                " revision = ? WHERE id = ?",
                (
                    state,
                    reason,
                    extracted.format,
                    extracted.title,
                    len(extracted.pages) if extracted.paginated else None,
                    len(chunks),
                    size_bytes,
                    modified_at_ns,
                    content_hash,
                    json.dumps([(h.level, h.title, h.start) for h in extracted.headings]),
                    json.dumps(extracted.notes),
                    time.time() if state is DocumentState.NO_TEXT else None,
                    next_revision(db),
                    document_id,
                ),
            )
            _finish_claim(db, document_id)
            return True

        return self._lane.write(work)

    def store_unchanged(self, document_id: DocumentId, *, size_bytes: int, modified_at_ns: int) -> None:
        def work(db: sqlite3.Connection) -> None:
            if not _still_wanted(db, document_id):
                return
            row = db.execute(
                "SELECT d.chunks, d.pages, d.notes, x.state FROM documents d JOIN sources s ON s.id = d.source_id"
                " LEFT JOIN indexes i ON i.workspace_id = s.workspace_id AND i.active"
                " LEFT JOIN index_documents x ON x.index_id = i.id AND x.document_id = d.id WHERE d.id = ?",
                (document_id,),
            ).fetchone()
            current = {"ready": DocumentState.READY, "words": DocumentState.WORDS}.get(row["state"])
            idle = DocumentState.INDEXING if row["state"] == "pending" else DocumentState.NO_TEXT
            # A failure that passed leaves its reason no longer.
            _, reason = _state_after_reading(
                json.loads(row["notes"]), bool(row["chunks"]), row["pages"] is not None
            )
            db.execute(
                "UPDATE documents SET size_bytes = ?, modified_at_ns = ?, strikes = 0, reason = ?,"
                " indexed_at = iif(?, coalesce(indexed_at, ?), indexed_at) WHERE id = ?",
                (
                    size_bytes,
                    modified_at_ns,
                    reason,
                    row["state"] == "ready",
                    time.time(),
                    document_id,
                ),
            )
            _set_state(db, document_id, current or idle)
            _finish_claim(db, document_id)

        self._lane.write(work)

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
        def work(db: sqlite3.Connection) -> None:
            if not _still_wanted(db, document_id):
                return
            if not keep_text:
                _forget_text(db, document_id)
                db.execute(
                    "UPDATE documents SET chunks = 0, pages = NULL, content_hash = NULL WHERE id = ?",
                    (document_id,),
                )
            db.execute(
                "UPDATE documents SET reason = ?, indexed_at = NULL, size_bytes = coalesce(?, size_bytes),"
                " modified_at_ns = coalesce(?, modified_at_ns) WHERE id = ?",
                (reason, size_bytes, modified_at_ns, document_id),
            )
            _set_state(db, document_id, state)
            _finish_claim(db, document_id)

        self._lane.write(work)

    def add_strike(self, document_id: DocumentId) -> int:
        def work(db: sqlite3.Connection) -> int:
            row = db.execute(
                "UPDATE documents SET strikes = strikes + 1 WHERE id = ? RETURNING strikes", (document_id,)
            ).fetchone()
            return int(row[0]) if row else 0

        return self._lane.write(work)

    def requeue(self, document_ids: Sequence[DocumentId], *, forget_strikes: bool = True) -> None:
        def work(db: sqlite3.Connection) -> None:
            for document_id in document_ids:
                _set_state(db, document_id, DocumentState.QUEUED)
                if forget_strikes:
                    # Without its hash it is parsed again, though its bytes may be the same.
                    db.execute(
                        "UPDATE documents SET strikes = 0, content_hash = NULL WHERE id = ?", (document_id,)
                    )
            enqueue(db, document_ids)

        self._lane.write(work)

    def _documents(self, query: str, parameters: tuple[object, ...]) -> list[Document]:
        return self._lane.read(lambda db: [_document(row) for row in db.execute(query, parameters)])


def insert_chunks(db: sqlite3.Connection, index_id: int, document_id: int, chunks: Sequence[Chunk]) -> None:
    """Write the chunks of a document and have their points written; within a transaction."""
    db.executemany(
        'INSERT INTO chunks (index_id, document_id, ordinal, start, "end", page, heading, text, tokens, text_hash)'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                index_id,
                document_id,
                chunk.ordinal,
                chunk.start,
                chunk.end,
                chunk.page,
                json.dumps(chunk.heading),
                chunk.text,
                chunk.tokens,
                chunk.text_hash,
            )
            for chunk in chunks
        ],
    )
    state = "pending" if chunks else "ready"
    db.execute("INSERT OR REPLACE INTO index_documents VALUES (?, ?, ?)", (index_id, document_id, state))


def _state_after_reading(
    notes_of_reader: Sequence[str], has_chunks: bool, paginated: bool
) -> tuple[DocumentState, str]:
    notes = " ".join(notes_of_reader)
    if has_chunks:
        return DocumentState.INDEXING, notes
    scanned = "No text was found on its pages; they are pictures, as scans are."
    reason = scanned if paginated else "There is no text in it."
    return DocumentState.NO_TEXT, f"{reason} {notes}".strip()


def _still_wanted(db: sqlite3.Connection, document_id: int) -> bool:
    return db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone() is not None


def _forget_text(db: sqlite3.Connection, document_id: int) -> None:
    for table in ("pages", "chunks", "index_documents"):
        db.execute(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))


def _set_state(db: sqlite3.Connection, document_id: int, state: DocumentState) -> None:
    db.execute(
        "UPDATE documents SET state = ?, revision = ? WHERE id = ?", (state, next_revision(db), document_id)
    )


def _finish_claim(db: sqlite3.Connection, document_id: int) -> None:
    """Take it off the queue, unless it was queued again while it was being read."""
    db.execute("DELETE FROM queue WHERE document_id = ? AND claimed", (document_id,))
    if db.execute("SELECT 1 FROM queue WHERE document_id = ?", (document_id,)).fetchone():
        _set_state(db, document_id, DocumentState.QUEUED)


def _document(row: sqlite3.Row) -> Document:
    return Document(
        id=DocumentId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        source_id=SourceId(row["source_id"]),
        path=Path(os.fsdecode(row["path"])),
        state=DocumentState(row["shown_state"]),
        reason=row["reason"],
        format=row["format"],
        pages=row["pages"],
        chunks=row["chunks"],
        size_bytes=row["size_bytes"],
        modified_at_ns=row["modified_at_ns"],
        content_hash=row["content_hash"],
        indexed_at=row["indexed_at"],
        revision=row["revision"],
    )
