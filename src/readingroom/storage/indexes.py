"""Indexes and chunks in the catalog, and what the vector store still owes it."""

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from readingroom.core.catalog import PassageRow, WordsJob
from readingroom.core.errors import CatalogDamaged
from readingroom.core.ids import ChunkId, DocumentId, IndexId, WorkspaceId
from readingroom.core.models import Chunk, Index, StoredChunk
from readingroom.core.places import Place
from readingroom.storage.documents import show_read
from readingroom.storage.extracted import insert_chunks
from readingroom.storage.places import places_in
from readingroom.storage.rows import index_from, passage_from, stored_chunk_from
from readingroom.storage.store import Store, next_revision

# What is searched: documents of sources and workspaces that have not been removed.
_LIVE = """
    JOIN documents d ON d.id = x.document_id
    JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL
    JOIN workspaces w ON w.id = s.workspace_id AND w.removed_at IS NULL
"""
_BATCH = 5000


class IndexStore(Store):
    """See `core.catalog.IndexCatalog`."""

    def active_index(self, workspace_id: WorkspaceId) -> Index | None:
        row = self._lane.read(
            lambda db: db.execute(
                "SELECT * FROM indexes WHERE workspace_id = ? AND active", (workspace_id,)
            ).fetchone()
        )
        return index_from(row) if row else None

    def indexes(self, workspace_id: WorkspaceId | None = None) -> Sequence[Index]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT i.* FROM indexes i JOIN workspaces w ON w.id = i.workspace_id AND w.removed_at IS NULL"
                " WHERE ?1 IS NULL OR i.workspace_id = ?1 ORDER BY i.id",
                (workspace_id,),
            ).fetchall()
        )
        return [index_from(row) for row in rows]

    def create_index(
        self, workspace_id: WorkspaceId, embedding_model: str, dimension: int, chunker: str, *, active: bool
    ) -> Index:
        def work(db: sqlite3.Connection) -> Index:
            row = db.execute(
                "INSERT INTO indexes (workspace_id, embedding_model, dimension, chunker, active, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
                (workspace_id, embedding_model, dimension, chunker, active, time.time()),
            ).fetchone()
            return index_from(row)

        return self._lane.write(work)

    def activate_index(self, index_id: IndexId) -> bool:
        def work(db: sqlite3.Connection) -> bool:
            row = db.execute("SELECT workspace_id FROM indexes WHERE id = ?", (index_id,)).fetchone()
            if row is None or not _is_complete(db, index_id):
                return False
            workspace_id = row[0]
            db.execute("DELETE FROM indexes WHERE workspace_id = ? AND id <> ?", (workspace_id, index_id))
            db.execute("UPDATE indexes SET active = 1 WHERE id = ?", (index_id,))
            revision = next_revision(db)
            of_workspace = "source_id IN (SELECT id FROM sources WHERE workspace_id = ?)"
            db.execute(
                "UPDATE documents SET chunks = (SELECT count(*) FROM chunks c WHERE c.document_id = documents.id),"
                f" revision = ? WHERE {of_workspace}",
                (revision, workspace_id),
            )
            # What the former index still owed, the new one has.
            db.execute(
                f"UPDATE documents SET state = 'ready', indexed_at = ? WHERE {of_workspace}"
                " AND state IN ('words', 'indexing') AND id IN (SELECT document_id FROM index_documents)"
                " AND id NOT IN (SELECT document_id FROM queue)",
                (time.time(), workspace_id),
            )
            return True

        return self._lane.write(work)

    def drop_index(self, index_id: IndexId) -> None:
        self._lane.write(lambda db: db.execute("DELETE FROM indexes WHERE id = ?", (index_id,)))

    def documents_to_cut(self, index_id: IndexId, limit: int) -> Sequence[DocumentId]:
        return self._lane.read(lambda db: _to_cut(db, index_id, limit))

    def store_cut(
        self,
        document_id: DocumentId,
        index_id: IndexId,
        chunks: Sequence[Chunk],
        *,
        content_hash: str | None,
    ) -> None:
        def work(db: sqlite3.Connection) -> None:
            index = db.execute(
                "SELECT i.active FROM documents d, indexes i WHERE d.id = ? AND d.content_hash IS ? AND i.id = ?",
                (document_id, content_hash, index_id),
            ).fetchone()
            if index is None:
                return
            db.execute("DELETE FROM chunks WHERE index_id = ? AND document_id = ?", (index_id, document_id))
            insert_chunks(db, index_id, document_id, chunks)
            if index["active"]:
                db.execute("UPDATE documents SET chunks = ? WHERE id = ?", (len(chunks), document_id))
                show_read(db, document_id, index_id)

        self._lane.write(work)

    def next_words_job(self) -> WordsJob | None:
        def work(db: sqlite3.Connection) -> WordsJob | None:
            # One index after the other: sorting all that waits, for each document anew, would be quadratic.
            for index in db.execute("SELECT * FROM indexes ORDER BY active DESC, id").fetchall():
                row = db.execute(
                    f"SELECT x.document_id, x.words_upto FROM index_documents x {_LIVE}"
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
        self, limit: int, *, first: Collection[ChunkId] = ()
    ) -> tuple[Index, Sequence[StoredChunk]] | None:
        def work(db: sqlite3.Connection) -> tuple[Index, Sequence[StoredChunk]] | None:
            indexes = db.execute("SELECT * FROM indexes ORDER BY active DESC, id").fetchall()
            for index in indexes if first else ():
                rows = db.execute(
                    f"SELECT c.*, d.source_id FROM chunks c JOIN index_documents x"
                    f" ON x.index_id = c.index_id AND x.document_id = c.document_id AND x.state = 'words' {_LIVE}"
                    " WHERE c.id IN (SELECT value FROM json_each(?)) AND c.index_id = ? AND c.embedded = 0 LIMIT ?",
                    (json.dumps(list(first)), index["id"], limit),
                ).fetchall()
                if rows:
                    return index_from(index), [stored_chunk_from(row) for row in rows]
            for index in indexes:
                # Documents, then their chunks: those of a source that was removed need not be looked at one by one.
                rows = db.execute(
                    f"WITH last AS (SELECT x.document_id, d.source_id, d.revision FROM index_documents x {_LIVE}"
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

    def stale_points(self, limit: int) -> Sequence[tuple[Index, Sequence[ChunkId]]]:
        def work(db: sqlite3.Connection) -> list[tuple[Index, Sequence[ChunkId]]]:
            by_index: dict[int, list[ChunkId]] = defaultdict(list)
            for row in db.execute("SELECT index_id, point_id FROM stale_points LIMIT ?", (limit,)):
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

    def expected_points(self, index_id: IndexId) -> Iterator[Sequence[tuple[ChunkId, bool | None]]]:
        after = 0
        while True:
            rows = self._lane.read(
                lambda db, after=after: db.execute(  # type: ignore[misc]
                    f"SELECT c.id, iif(x.state = 'pending', NULL, c.embedded) AS embedded FROM chunks c"
                    f" JOIN index_documents x ON x.index_id = c.index_id AND x.document_id = c.document_id {_LIVE}"
                    " WHERE c.index_id = ? AND c.id > ? ORDER BY c.id LIMIT ?",
                    (index_id, after, _BATCH),
                ).fetchall()
            )
            if not rows:
                return
            yield [(ChunkId(row[0]), None if row[1] is None else bool(row[1])) for row in rows]
            after = rows[-1][0]

    def points_missing(self, index_id: IndexId, ids: Sequence[ChunkId]) -> None:
        def work(db: sqlite3.Connection) -> None:
            documents = {
                row[0]
                for chunk_id in ids
                for row in db.execute(
                    "UPDATE chunks SET embedded = 0 WHERE id = ? RETURNING document_id", (chunk_id,)
                )
            }
            for document_id in documents:
                db.execute(
                    "UPDATE index_documents SET state = 'pending', words_upto = 0 WHERE index_id = ? AND document_id = ?",
                    (index_id, document_id),
                )
                # All of them: the words of a document are written together, without embeddings.
                db.execute(
                    "UPDATE chunks SET embedded = 0 WHERE index_id = ? AND document_id = ?",
                    (index_id, document_id),
                )
                _show(db, index_id, document_id, "pending")

        self._lane.write(work)

    def gone_indexes(self) -> Sequence[tuple[WorkspaceId, IndexId]]:
        rows = self._lane.read(
            lambda db: db.execute("SELECT workspace_id, index_id FROM gone_indexes").fetchall()
        )
        return [(WorkspaceId(row[0]), IndexId(row[1])) for row in rows]

    def gone_index_deleted(self, index_id: IndexId) -> None:
        self._lane.write(lambda db: db.execute("DELETE FROM gone_indexes WHERE index_id = ?", (index_id,)))

    def chunk_counts(self, workspace_id: WorkspaceId) -> tuple[int, int]:
        row = self._lane.read(
            lambda db: db.execute(
                f"SELECT count(*), coalesce(sum(d.chunks), 0) FROM index_documents x"
                f" JOIN indexes i ON i.id = x.index_id AND i.active {_LIVE}"
                " WHERE i.workspace_id = ? AND x.state <> 'pending' AND d.chunks > 0",
                (workspace_id,),
            ).fetchone()
        )
        return int(row[0]), int(row[1])

    def passages(self, ids: Sequence[ChunkId]) -> dict[ChunkId, PassageRow]:
        def work(db: sqlite3.Connection) -> dict[ChunkId, PassageRow]:
            found = {}
            for chunk_id in ids:
                row = db.execute(
                    f"SELECT x.*, d.source_id, d.path, s.state = 'offline' OR d.absent <> '' AS offline"
                    f" FROM chunks x {_LIVE} WHERE x.id = ?",
                    (chunk_id,),
                ).fetchone()
                if row is not None:
                    found[chunk_id] = passage_from(db, row)
            return found

        return self._lane.read(work)

    def places(self, spans: Sequence[tuple[DocumentId, int, int]]) -> Sequence[Place]:
        by_document: dict[DocumentId, list[int]] = defaultdict(list)
        for at, (document_id, _, _) in enumerate(spans):
            by_document[document_id].append(at)

        def work(db: sqlite3.Connection) -> list[Place]:
            found = [Place()] * len(spans)
            for document_id, asked in by_document.items():
                for at, place in zip(
                    asked, places_in(db, document_id, [spans[at][1:] for at in asked]), strict=True
                ):
                    found[at] = place
            return found

        return self._lane.read(work)

    def rebuild_search_trees(self) -> None:
        with suppress(CatalogDamaged):  # a table cannot be read either: the next check says so
            self._lane.write(lambda db: db.execute("REINDEX"))

    def integrity(self) -> str:
        def work(db: sqlite3.Connection) -> str:
            found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(5)")]
            found += [
                f"{row['table']} refers to a missing row" for row in db.execute("PRAGMA foreign_key_check")
            ][:5]
            return "; ".join(text for text in found if text != "ok") or "ok"

        return self._lane.read(work)

    def pending_work(self, workspace_id: WorkspaceId | None = None) -> int:
        row = self._lane.read(lambda db: db.execute(f"SELECT {_owed()}", (workspace_id,)).fetchone())
        return int(row[0])

    def has_pending_work(self, workspace_id: WorkspaceId | None = None) -> bool:
        row = self._lane.read(lambda db: db.execute(f"SELECT {_owed(1)}", (workspace_id,)).fetchone())
        return bool(row[0])


def _to_cut(db: sqlite3.Connection, index_id: int, limit: int) -> list[DocumentId]:
    active = db.execute("SELECT 1 FROM indexes WHERE id = ? AND active", (index_id,)).fetchone()
    if active:
        # Brought back after this index had taken over; all else was cut when it was read.
        owed = db.execute(
            f"SELECT x.document_id FROM index_documents x {_LIVE} WHERE x.state = 'uncut' AND x.index_id = ? LIMIT ?",
            (index_id, limit),
        )
        return [DocumentId(row[0]) for row in owed]
    rows = db.execute(
        "SELECT d.id FROM documents d JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL"
        " JOIN indexes i ON i.workspace_id = s.workspace_id"
        " WHERE i.id = ?1 AND EXISTS (SELECT 1 FROM pages p WHERE p.document_id = d.id)"
        " AND NOT EXISTS (SELECT 1 FROM index_documents x WHERE x.index_id = ?1 AND x.document_id = d.id)"
        " LIMIT ?2",
        (index_id, limit),
    )
    return [DocumentId(row[0]) for row in rows]


def _is_complete(db: sqlite3.Connection, index_id: int) -> bool:
    owed = db.execute(
        f"SELECT 1 FROM index_documents x {_LIVE} WHERE x.index_id = ? AND x.state IN ('pending', 'words') LIMIT 1",
        (index_id,),
    ).fetchone()
    return owed is None and not _to_cut(db, index_id, 1)


def _owed(most: int = -1) -> str:
    """SQL for the number of documents that are not current, counting no further than `most` of each kind."""
    of_workspace = "(?1 IS NULL OR w.id = ?1)"
    queued = (
        f"SELECT 1 FROM queue x {_LIVE} AND s.state NOT IN ('paused', 'offline') AND d.absent = ''"
        f" WHERE {of_workspace} LIMIT {most}"
    )
    # Named one by one, so that the index on the state serves.
    owed = (
        f"SELECT 1 FROM index_documents x {_LIVE} WHERE x.state IN ('uncut', 'pending', 'words')"
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
        _show(db, index_id, document_id, after)


def _show(db: sqlite3.Connection, index_id: int, document_id: int, state: str) -> None:
    """Let the document's own state follow, where this is the active index and it is not waiting to be read again."""
    db.execute(
        "UPDATE documents SET state = ?1, revision = ?2, indexed_at = iif(?1 = 'ready', ?3, indexed_at)"
        " WHERE id = ?4 AND state IN ('indexing', 'words', 'ready')"
        " AND (SELECT active FROM indexes WHERE id = ?5)"
        " AND NOT EXISTS (SELECT 1 FROM queue WHERE document_id = ?4)",
        ("indexing" if state == "pending" else state, next_revision(db), time.time(), document_id, index_id),
    )
