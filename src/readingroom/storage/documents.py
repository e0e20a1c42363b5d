"""Documents, their text, and the queue of those to be read, in the catalog."""

import json
import logging
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from readingroom.core.extraction import ExtractedDocument, Heading, Page
from readingroom.core.ids import DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import Chunk, Document, DocumentState
from readingroom.storage.extracted import (
    insert_chunks,
    insert_pages,
    page_from,
    tables_from,
    tables_json,
    write_members,
)
from readingroom.storage.pictured import count_pictured
from readingroom.storage.rows import document_from
from readingroom.storage.store import Store, enqueue, next_revision

log = logging.getLogger(__name__)

_DOCUMENT = """
SELECT d.*, s.workspace_id,
       iif((s.state = 'offline' OR d.absent <> '') AND d.state IN ('words', 'ready'), 'offline', d.state) AS shown_state
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
   AND d.absent = ''
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
            return (
                [document_from(row) for row in changed],
                frozenset(DocumentId(row[0]) for row in ids),
                newest,
            )

        return self._lane.read(work)

    def document(self, document_id: DocumentId) -> Document | None:
        found = self._documents(f"{_DOCUMENT} AND d.id = ?", (document_id,))
        return found[0] if found else None

    def find_document(self, workspace_id: WorkspaceId, path: Path) -> Document | None:
        found = self._documents(
            f"{_DOCUMENT} AND s.workspace_id = ? AND d.path = ?", (workspace_id, os.fsencode(path))
        )
        return found[0] if found else None

    def members(self, document_id: DocumentId) -> Sequence[Document]:
        return self._documents(f"{_DOCUMENT} AND d.container_id = ? ORDER BY d.path", (document_id,))

    def pages(self, document_id: DocumentId) -> Sequence[Page]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT number, start, text, label, words, pictured FROM pages WHERE document_id = ? ORDER BY ordinal",
                (document_id,),
            ).fetchall()
        )
        return [page_from(row) for row in rows]

    def page(self, document_id: DocumentId, number: int) -> Page | None:
        row = self._lane.read(
            lambda db: db.execute(
                "SELECT number, start, text, label, words, pictured FROM pages WHERE document_id = ? AND number = ?",
                (document_id, number),
            ).fetchone()
        )
        return None if row is None else page_from(row)

    def extracted(self, document_id: DocumentId) -> ExtractedDocument:
        row = self._lane.read(
            lambda db: db.execute(
                "SELECT format, title, headings, notes, tables FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
        )
        pages = tuple(self.pages(document_id))
        if row is None:
            return ExtractedDocument("", pages)
        return ExtractedDocument(
            format=row["format"],
            pages=pages,
            headings=tuple(Heading(*values) for values in json.loads(row["headings"])),
            title=row["title"],
            notes=tuple(json.loads(row["notes"])),
            tables=tables_from(row["tables"]),
        )

    def state_counts(self, source_id: SourceId) -> dict[DocumentState, tuple[int, int]]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT iif(absent <> '' AND state IN ('words', 'ready'), 'offline', state), count(*), sum(chunks)"
                " FROM documents WHERE source_id = ? GROUP BY 1",
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
            return document_from(row)

        return self._lane.write(work)

    def release_claims(self) -> int:
        def work(db: sqlite3.Connection) -> int:
            rows = db.execute("UPDATE queue SET claimed = 0 WHERE claimed RETURNING document_id").fetchall()
            for row in rows:
                _set_state(db, row[0], DocumentState.QUEUED)
            # None should be; but one that waits and is in no queue would wait for ever.
            lost = db.execute(
                "SELECT id FROM documents WHERE state = 'queued' AND removed_at IS NULL"
                " AND id NOT IN (SELECT document_id FROM queue)"
            ).fetchall()
            if lost:
                log.warning("%s documents waited in no queue", len(lost))
                enqueue(db, [row[0] for row in lost])
            return len(rows)

        return self._lane.write(work)

    def store_part(
        self,
        document_id: DocumentId,
        index_id: IndexId,
        part: ExtractedDocument,
        chunks: Sequence[Chunk],
        *,
        first: bool,
    ) -> bool:
        def work(db: sqlite3.Connection) -> bool:
            if not _still_kept(db, document_id, index_id):
                return False
            if first:
                # With its hash gone, a stop on the way has it read from the beginning.
                _forget_text(db, document_id)
                db.execute("UPDATE documents SET content_hash = NULL WHERE id = ?", (document_id,))
            _write_part(db, document_id, index_id, part, chunks, first=first)
            _set_state(db, document_id, DocumentState.INDEXING)
            return True

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
        read_seconds: float | None = None,
        continued: bool = False,
    ) -> bool:
        def work(db: sqlite3.Connection) -> bool:
            if not _still_kept(db, document_id, index_id):
                return False
            if not continued:
                _forget_text(db, document_id)
            _write_part(db, document_id, index_id, extracted, chunks, first=not continued)
            db.execute(
                "UPDATE documents SET size_bytes = ?, modified_at_ns = ?, content_hash = ?, strikes = 0,"
                " read_seconds = ?, title = ? WHERE id = ?",
                (
                    size_bytes,
                    modified_at_ns,
                    content_hash,
                    read_seconds,
                    extracted.title,
                    document_id,
                ),
            )
            write_members(db, document_id, extracted.members)
            count_pictured(db, document_id)
            show_read(db, document_id, index_id)
            _finish_claim(db, document_id)
            return True

        return self._lane.write(work)

    def store_unchanged(self, document_id: DocumentId, *, size_bytes: int, modified_at_ns: int) -> None:
        def work(db: sqlite3.Connection) -> None:
            if not _still_wanted(db, document_id):
                return
            db.execute(
                "UPDATE documents SET size_bytes = ?, modified_at_ns = ?, strikes = 0 WHERE id = ?",
                (size_bytes, modified_at_ns, document_id),
            )
            index = db.execute(
                "SELECT i.id FROM documents d JOIN sources s ON s.id = d.source_id"
                " JOIN indexes i ON i.workspace_id = s.workspace_id AND i.active WHERE d.id = ?",
                (document_id,),
            ).fetchone()
            # A failure that passed leaves its reason no longer.
            show_read(db, document_id, index["id"] if index else None)
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
                    "UPDATE documents SET chunks = 0, pages = NULL, content_hash = NULL, words = 0,"
                    " pages_without_text = 0, read_seconds = NULL WHERE id = ?",
                    (document_id,),
                )
                db.execute("DELETE FROM documents WHERE container_id = ?", (document_id,))
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
        return self._lane.read(lambda db: [document_from(row) for row in db.execute(query, parameters)])


def show_read(db: sqlite3.Connection, document_id: int, index_id: int | None) -> None:
    """Let state and reason follow from what is kept of the document and what its index has of it."""
    row = db.execute(
        "SELECT d.chunks, d.pages, d.pages_without_text, d.notes, x.state FROM documents d"
        " LEFT JOIN index_documents x ON x.index_id = ? AND x.document_id = d.id WHERE d.id = ?",
        (index_id, document_id),
    ).fetchone()
    state = {"ready": DocumentState.READY, "words": DocumentState.WORDS}.get(
        row["state"], DocumentState.INDEXING
    )
    reason = " ".join(json.loads(row["notes"]))
    if not row["chunks"]:
        inside = db.execute("SELECT 1 FROM documents WHERE container_id = ?", (document_id,)).fetchone()
        state = DocumentState.READY if inside else DocumentState.NO_TEXT
        if not inside:
            reason = f"{_why_no_text(db, document_id, row['pages_without_text'])} {reason}".strip()
    at = time.time() if state in (DocumentState.READY, DocumentState.NO_TEXT) else None
    db.execute("UPDATE documents SET reason = ?, indexed_at = ? WHERE id = ?", (reason, at, document_id))
    _set_state(db, document_id, state)


def _why_no_text(db: sqlite3.Connection, document_id: int, pages_without_text: int) -> str:
    if not pages_without_text:
        return "There is no text in it."
    waits = db.execute(
        "SELECT 1 FROM recognition WHERE document_id = ? AND pages > done", (document_id,)
    ).fetchone()
    if waits:
        return "Its pages are pictures, as scans are; their text is still to be recognised."
    return "No text was found on its pages; they are pictures, as scans are."


def _write_part(
    db: sqlite3.Connection,
    document_id: int,
    index_id: int,
    part: ExtractedDocument,
    chunks: Sequence[Chunk],
    *,
    first: bool,
) -> None:
    """Keep text and chunks, and what is counted of them; the first part begins the counts."""
    insert_pages(db, document_id, part.pages)
    insert_chunks(db, index_id, document_id, chunks, continued=not first)
    before = db.execute(
        "SELECT chunks, pages, pages_without_text, words, headings, tables, notes FROM documents WHERE id = ?",
        (document_id,),
    ).fetchone()
    numbered = [page for page in part.pages if page.number is not None]
    blank = sum(1 for page in numbered if page.blank or page.pictured)
    words = sum(len(page.text.split()) for page in part.pages)
    headings = [(h.level, h.title, h.start, h.page) for h in part.headings]
    db.execute(
        "UPDATE documents SET format = ?, chunks = ?, pages = ?, pages_without_text = ?, words = ?, headings = ?,"
        " tables = ?, notes = ? WHERE id = ?",
        (
            part.format,
            len(chunks) + (0 if first else before["chunks"]),
            (len(numbered) + (0 if first else before["pages"] or 0)) or None,
            blank + (0 if first else before["pages_without_text"]),
            words + (0 if first else before["words"]),
            json.dumps([*([] if first else json.loads(before["headings"])), *headings]),
            tables_json(part.tables if first else (*tables_from(before["tables"]), *part.tables)),
            json.dumps([*([] if first else json.loads(before["notes"])), *part.notes]),
            document_id,
        ),
    )


def _still_kept(db: sqlite3.Connection, document_id: int, index_id: int) -> bool:
    """Whether what was read for this index is still of use; queues the document again for another index."""
    if not _still_wanted(db, document_id):
        return False
    if db.execute("SELECT 1 FROM indexes WHERE id = ? AND active", (index_id,)).fetchone():
        return True
    # Another index took over meanwhile; its model may cut otherwise.
    _set_state(db, document_id, DocumentState.QUEUED)
    enqueue(db, [document_id])
    return False


def _still_wanted(db: sqlite3.Connection, document_id: int) -> bool:
    return db.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone() is not None


def _forget_text(db: sqlite3.Connection, document_id: int) -> None:
    for table in ("pages", "chunks", "index_documents", "recognition"):
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
