"""What the vector store still owes the catalog: words to write, embeddings to add, points to delete."""

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Collection, Sequence

from readingroom.core.catalog import WordsJob
from readingroom.core.ids import ChunkId, DocumentId, IndexId, WorkspaceId
from readingroom.core.models import Index, StoredChunk
from readingroom.storage.rows import index_from, stored_chunk_from
from readingroom.storage.store import Store, next_revision

LIVE = """
    JOIN documents d ON d.id = x.document_id
    JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL
    JOIN workspaces w ON w.id = s.workspace_id AND w.removed_at IS NULL
"""
"""What is searched: documents of sources and workspaces that have not been removed."""


class OwedStore(Store):
    """Part of `core.catalog.IndexCatalog`."""

    def next_words_job(self, *, but: Collection[WorkspaceId] = ()) -> WordsJob | None:
        def work(db: sqlite3.Connection) -> WordsJob | None:
            # One index after the other: sorting all that waits, for each document anew, would be quadratic.
            for index in _indexes(db, but):
                row = db.execute(
                    f"SELECT x.document_id, x.words_upto FROM index_documents x {LIVE}"
                    " WHERE x.state = 'pending' AND x.index_id = ? LIMIT 1",
                    (index["id"],),
                ).fetchone()
                if row is not None:
                    after = ChunkId(row["words_upto"])
                    return WordsJob(DocumentId(row["document_id"]), index_from(index), after)
            return None

        return self._lane.read(work)

    def chunks_of(
        self, index_id: IndexId, document_id: DocumentId, *, after: ChunkId = ChunkId(0), limit: int = -1
    ) -> Sequence[StoredChunk]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT c.*, d.source_id FROM chunks c JOIN documents d ON d.id = c.document_id"
                " WHERE c.document_id = ? AND c.index_id = ? AND c.id > ? ORDER BY c.ordinal LIMIT ?",
                (document_id, index_id, after, limit),
            ).fetchall()
        )
        return [stored_chunk_from(row) for row in rows]

    def chunk_hashes(self, index_id: IndexId, document_id: DocumentId) -> frozenset[str]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT text_hash FROM chunks WHERE document_id = ? AND index_id = ?", (document_id, index_id)
            ).fetchall()
        )
        return frozenset(row["text_hash"] for row in rows)

    def words_written(self, index_id: IndexId, document_id: DocumentId, upto: ChunkId) -> None:
        def work(db: sqlite3.Connection) -> None:
            db.execute(
                "UPDATE index_documents SET words_upto = ? WHERE index_id = ? AND document_id = ?",
                (upto, index_id, document_id),
            )
            of_document = "SELECT 1 FROM chunks WHERE document_id = ? AND index_id = ?"
            if db.execute(f"{of_document} AND id > ? LIMIT 1", (document_id, index_id, upto)).fetchone():
                return  # more of it was read meanwhile
            left = db.execute(f"{of_document} AND embedded = 0 LIMIT 1", (document_id, index_id)).fetchone()
            _advance(db, index_id, document_id, "pending", "words" if left else "ready")

        self._lane.write(work)

    def chunks_to_embed(
        self, limit: int, *, first: Collection[ChunkId] = (), but: Collection[WorkspaceId] = ()
    ) -> tuple[Index, Sequence[StoredChunk]] | None:
        def work(db: sqlite3.Connection) -> tuple[Index, Sequence[StoredChunk]] | None:
            indexes = _indexes(db, but)
            for index in indexes if first else ():
                rows = db.execute(
                    f"SELECT c.*, d.source_id FROM chunks c JOIN index_documents x"
                    f" ON x.index_id = c.index_id AND x.document_id = c.document_id AND x.state = 'words' {LIVE}"
                    " WHERE c.id IN (SELECT value FROM json_each(?)) AND c.index_id = ? AND c.embedded = 0 LIMIT ?",
                    (json.dumps(list(first)), index["id"], limit),
                ).fetchall()
                if rows:
                    return index_from(index), [stored_chunk_from(row) for row in rows]
            for index in indexes:
                # Documents, then their chunks: those of a source that was removed need not be looked at one by one.
                rows = db.execute(
                    f"WITH last AS (SELECT x.document_id, d.source_id, d.revision FROM index_documents x {LIVE}"
                    " WHERE x.state = 'words' AND x.index_id = ?1 ORDER BY d.revision DESC LIMIT ?2)"
                    " SELECT c.*, last.source_id FROM last"
                    " CROSS JOIN chunks c ON c.index_id = ?1 AND c.document_id = last.document_id"
                    " WHERE c.embedded = 0 ORDER BY last.revision DESC, last.document_id, c.ordinal LIMIT ?2",
                    (index["id"], limit),
                ).fetchall()
                if rows:
                    return index_from(index), [stored_chunk_from(row) for row in rows]
            return None

        return self._lane.read(work)

    def chunks_embedded(self, index_id: IndexId, ids: Sequence[ChunkId]) -> Sequence[DocumentId]:
        def work(db: sqlite3.Connection) -> list[DocumentId]:
            documents = set()
            for chunk_id in ids:
                row = db.execute(
                    "SELECT c.document_id, x.state, x.words_upto FROM chunks c JOIN documents d ON d.id = c.document_id"
                    " JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL"
                    " LEFT JOIN index_documents x ON x.index_id = c.index_id AND x.document_id = c.document_id"
                    " WHERE c.id = ?",
                    (chunk_id,),
                ).fetchone()
                if row is None:
                    # Its chunk or its source went while the point was on its way: the point must go again.
                    db.execute(
                        "INSERT OR IGNORE INTO stale_points SELECT id, ? FROM indexes WHERE id = ?",
                        (chunk_id, index_id),
                    )
                elif row["state"] != "pending" or chunk_id <= row["words_upto"]:
                    # Otherwise its words are about to be written anew, over this point.
                    db.execute("UPDATE chunks SET embedded = 1 WHERE id = ?", (chunk_id,))
                    documents.add(row["document_id"])
            ready = []
            for document_id in documents:
                left = db.execute(
                    "SELECT 1 FROM chunks WHERE document_id = ? AND index_id = ? AND embedded = 0 LIMIT 1",
                    (document_id, index_id),
                ).fetchone()
                if left is None:
                    _advance(db, index_id, document_id, "words", "ready")
                    ready.append(DocumentId(document_id))
            return ready

        return self._lane.write(work)

    def stale_points(
        self, limit: int, *, but: Collection[WorkspaceId] = ()
    ) -> Sequence[tuple[Index, Sequence[ChunkId]]]:
        def work(db: sqlite3.Connection) -> list[tuple[Index, Sequence[ChunkId]]]:
            by_index: dict[int, list[ChunkId]] = defaultdict(list)
            for row in db.execute(
                "SELECT index_id, point_id FROM stale_points WHERE index_id IN (SELECT value FROM json_each(?)) LIMIT ?",
                (json.dumps([index["id"] for index in _indexes(db, but)]), limit),
            ):
                by_index[row["index_id"]].append(ChunkId(row["point_id"]))
            return [
                (index_from(db.execute("SELECT * FROM indexes WHERE id = ?", (index_id,)).fetchone()), ids)
                for index_id, ids in by_index.items()
            ]

        return self._lane.read(work)

    def stale_points_deleted(self, index_id: IndexId, ids: Sequence[ChunkId]) -> None:
        self._lane.write(
            lambda db: db.executemany(
                "DELETE FROM stale_points WHERE index_id = ? AND point_id = ?",
                [(index_id, id_) for id_ in ids],
            )
        )

    def gone_indexes(self) -> Sequence[tuple[WorkspaceId, IndexId]]:
        rows = self._lane.read(
            lambda db: db.execute("SELECT workspace_id, index_id FROM gone_indexes").fetchall()
        )
        return [(WorkspaceId(row[0]), IndexId(row[1])) for row in rows]

    def gone_index_deleted(self, index_id: IndexId) -> None:
        self._lane.write(lambda db: db.execute("DELETE FROM gone_indexes WHERE index_id = ?", (index_id,)))

    def pending_work(self, workspace_id: WorkspaceId | None = None) -> int:
        row = self._lane.read(lambda db: db.execute(f"SELECT {_owed()}", (workspace_id,)).fetchone())
        return int(row[0])

    def has_pending_work(self, workspace_id: WorkspaceId | None = None) -> bool:
        row = self._lane.read(lambda db: db.execute(f"SELECT {_owed(1)}", (workspace_id,)).fetchone())
        return bool(row[0])


def _indexes(db: sqlite3.Connection, but: Collection[WorkspaceId]) -> Sequence[sqlite3.Row]:
    """Those of all workspaces but some, the active ones first."""
    rows = db.execute("SELECT * FROM indexes ORDER BY active DESC, id").fetchall()
    return [row for row in rows if row["workspace_id"] not in but]


def _owed(most: int = -1) -> str:
    """SQL for the number of documents that are not current, counting no further than `most` of each kind."""
    of_workspace = "(?1 IS NULL OR w.id = ?1)"
    queued = (
        f"SELECT 1 FROM queue x {LIVE} AND s.state NOT IN ('paused', 'offline') AND d.absent = ''"
        f" WHERE {of_workspace} LIMIT {most}"
    )
    # Named one by one, so that the index on the state serves.
    owed = (
        f"SELECT 1 FROM index_documents x {LIVE} WHERE x.state IN ('uncut', 'pending', 'words')"
        f" AND {of_workspace} LIMIT {most}"
    )
    parts = (queued, owed, "SELECT 1 FROM stale_points LIMIT 1")
    return " + ".join(f"(SELECT count(*) FROM ({part}))" for part in parts)


def _advance(db: sqlite3.Connection, index_id: int, document_id: int, before: str, after: str) -> None:
    changed = db.execute(
        "UPDATE index_documents SET state = ? WHERE index_id = ? AND document_id = ? AND state = ?",
        (after, index_id, document_id, before),
    ).rowcount
    if changed:
        show_indexed(db, index_id, document_id, after)


def show_indexed(db: sqlite3.Connection, index_id: int, document_id: int, state: str) -> None:
    """Let the document's own state follow, where this is the active index and it is not waiting to be read again."""
    db.execute(
        "UPDATE documents SET state = ?1, revision = ?2, indexed_at = iif(?1 = 'ready', ?3, indexed_at)"
        " WHERE id = ?4 AND state IN ('indexing', 'words', 'ready')"
        " AND (SELECT active FROM indexes WHERE id = ?5)"
        " AND NOT EXISTS (SELECT 1 FROM queue WHERE document_id = ?4)",
        ("indexing" if state == "pending" else state, next_revision(db), time.time(), document_id, index_id),
    )
