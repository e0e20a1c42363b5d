"""Indexes and chunks in the catalog, and what the vector store still owes it."""

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress

from readingroom.core.catalog import PassageRow
from readingroom.core.chunking import merged
from readingroom.core.embedding_forms import Precision
from readingroom.core.errors import CatalogDamaged
from readingroom.core.ids import ChunkId, DocumentId, IndexId, WorkspaceId
from readingroom.core.models import Chunk, Index, PageSpan, SearchScope
from readingroom.core.places import Place
from readingroom.storage.documents import show_read
from readingroom.storage.extracted import insert_chunks
from readingroom.storage.owed import LIVE, show_indexed
from readingroom.storage.page_spans import pages_within, text_within
from readingroom.storage.places import places_in
from readingroom.storage.rows import index_from, passage_from
from readingroom.storage.store import Store, next_revision

_BATCH = 5000
_EVERYTHING = SearchScope()
_SAMPLED_DOCUMENTS, _SAMPLED_CHUNKS = 400, 500


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
        self,
        workspace_id: WorkspaceId,
        embedding_model: str,
        dimension: int,
        chunker: str,
        *,
        active: bool,
        precision: Precision = Precision.FULL,
    ) -> Index:
        def work(db: sqlite3.Connection) -> Index:
            row = db.execute(
                "INSERT INTO indexes (workspace_id, embedding_model, dimension, chunker, active, created_at, precision)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
                (workspace_id, embedding_model, dimension, chunker, active, time.time(), precision.value),
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

    def expected_points(self, index_id: IndexId) -> Iterator[Sequence[tuple[ChunkId, bool | None]]]:
        after = 0
        while True:
            rows = self._lane.read(
                lambda db, after=after: db.execute(  # type: ignore[misc]
                    f"SELECT c.id, iif(x.state = 'pending', NULL, c.embedded) AS embedded FROM chunks c"
                    f" JOIN index_documents x ON x.index_id = c.index_id AND x.document_id = c.document_id {LIVE}"
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
                show_indexed(db, index_id, document_id, "pending")

        self._lane.write(work)

    def chunk_counts(self, workspace_id: WorkspaceId, scope: SearchScope = _EVERYTHING) -> tuple[int, int]:
        within, values = "", []
        if scope.document_ids or scope.source_ids:
            within = " AND (d.id IN (SELECT value FROM json_each(?)) OR d.source_id IN (SELECT value FROM json_each(?)))"
            values = [json.dumps(list(ids)) for ids in (scope.document_ids, scope.source_ids)]
        row = self._lane.read(
            lambda db: db.execute(
                f"SELECT count(*), coalesce(sum(d.chunks), 0) FROM index_documents x"
                f" JOIN indexes i ON i.id = x.index_id AND i.active {LIVE}"
                f" WHERE i.workspace_id = ? AND x.state <> 'pending' AND d.chunks > 0{within}",
                (workspace_id, *values),
            ).fetchone()
        )
        return int(row[0]), int(row[1])

    def passages(self, ids: Sequence[ChunkId]) -> dict[ChunkId, PassageRow]:
        def work(db: sqlite3.Connection) -> dict[ChunkId, PassageRow]:
            found = {}
            for chunk_id in ids:
                row = db.execute(
                    f"SELECT x.*, d.source_id, d.path, s.state = 'offline' OR d.absent <> '' AS offline"
                    f" FROM chunks x {LIVE} WHERE x.id = ?",
                    (chunk_id,),
                ).fetchone()
                if row is not None:
                    found[chunk_id] = passage_from(row)
            return found

        return self._lane.read(work)

    def locations(self, spans: Sequence[tuple[DocumentId, int, int]]) -> Sequence[tuple[PageSpan, ...]]:
        return self._lane.read(lambda db: [_locations(db, *span) for span in spans])

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

    def sampled_hashes(self, index_id: IndexId, most: int) -> Sequence[str]:
        def work(db: sqlite3.Connection) -> list[str]:
            documents = [
                row[0]
                for row in db.execute(
                    "SELECT document_id FROM index_documents WHERE index_id = ?", (index_id,)
                )
            ]
            chosen = documents[:: -(-len(documents) // _SAMPLED_DOCUMENTS) or 1]
            each = -(-most // max(1, len(chosen)))
            found: dict[str, None] = {}
            for document_id in chosen:
                hashes = [
                    row[0]
                    for row in db.execute(
                        "SELECT text_hash FROM chunks WHERE document_id = ? AND index_id = ? AND embedded = 1"
                        " ORDER BY ordinal LIMIT ?",
                        (document_id, index_id, _SAMPLED_CHUNKS),
                    )
                ]
                found.update(dict.fromkeys(hashes[:: -(-len(hashes) // each) or 1]))
            return list(found)[:most]

        return self._lane.read(work)

    def text_between(self, document_id: DocumentId, start: int, end: int) -> str:
        return "".join(self._lane.read(lambda db: text_within(db, document_id, start, end)))

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


def _locations(db: sqlite3.Connection, document_id: DocumentId, start: int, end: int) -> tuple[PageSpan, ...]:
    return merged(
        PageSpan(page["number"], max(page["start"], start), min(page["stop"], end))
        for page in pages_within(db, document_id, start, end)
    )


def _to_cut(db: sqlite3.Connection, index_id: int, limit: int) -> list[DocumentId]:
    active = db.execute("SELECT 1 FROM indexes WHERE id = ? AND active", (index_id,)).fetchone()
    if active:
        # Brought back after this index had taken over; all else was cut when it was read.
        owed = db.execute(
            f"SELECT x.document_id FROM index_documents x {LIVE} WHERE x.state = 'uncut' AND x.index_id = ? LIMIT ?",
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
        f"SELECT 1 FROM index_documents x {LIVE} WHERE x.index_id = ? AND x.state IN ('pending', 'words') LIMIT 1",
        (index_id,),
    ).fetchone()
    return owed is None and not _to_cut(db, index_id, 1)
