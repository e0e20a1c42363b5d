"""Sources in the catalog, and the changes a sync plan makes to their documents."""

import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from readingroom.core.ids import DocumentId, SourceId, WorkspaceId
from readingroom.core.models import DocumentState, Source, SourceState
from readingroom.core.sync_plan import FileStamp, KnownFile, SyncPlan
from readingroom.storage.extracted import members_below
from readingroom.storage.rules import source_rules
from readingroom.storage.store import Store, enqueue, next_revision


class SourceStore(Store):
    """See `core.catalog.SourceCatalog`."""

    def sources(self, workspace_id: WorkspaceId | None = None) -> Sequence[Source]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT s.* FROM sources s JOIN workspaces w ON w.id = s.workspace_id"
                " WHERE s.removed_at IS NULL AND w.removed_at IS NULL AND (?1 IS NULL OR s.workspace_id = ?1)"
                " ORDER BY s.id",
                (workspace_id,),
            ).fetchall()
        )
        return [_source(row) for row in rows]

    def source(self, source_id: SourceId) -> Source | None:
        row = self._lane.read(
            lambda db: db.execute(
                "SELECT * FROM sources WHERE id = ? AND removed_at IS NULL", (source_id,)
            ).fetchone()
        )
        return _source(row) if row else None

    def add_source(self, workspace_id: WorkspaceId, path: Path, *, is_folder: bool, watch: bool) -> Source:
        def work(db: sqlite3.Connection) -> Source:
            state = SourceState.WATCHING if watch else SourceState.ONCE
            old = db.execute(
                "SELECT id, removed_at FROM sources WHERE workspace_id = ? AND path = ?",
                (workspace_id, os.fsencode(path)),
            ).fetchone()
            if old is None:
                row = db.execute(
                    "INSERT INTO sources (workspace_id, path, is_folder, watch, state) VALUES (?, ?, ?, ?, ?) RETURNING *",
                    (workspace_id, os.fsencode(path), is_folder, watch, state),
                ).fetchone()
                return _source(row)
            if old["removed_at"] is not None:
                _bring_back(db, old["id"])
                db.execute("UPDATE sources SET state = ?, watch = ? WHERE id = ?", (state, watch, old["id"]))
            row = db.execute(
                # Adding once what is watched already does not end the watching.
                "UPDATE sources SET is_folder = ?, watch = max(watch, ?), state = iif(watch, state, ?)"
                " WHERE id = ? RETURNING *",
                (is_folder, watch, state, old["id"]),
            ).fetchone()
            return _source(row)

        return self._lane.write(work)

    def set_source_state(
        self,
        source_id: SourceId,
        state: SourceState,
        *,
        checked_at: float | None = None,
        unless_paused: bool = False,
    ) -> None:
        def work(db: sqlite3.Connection) -> None:
            old = db.execute("SELECT state FROM sources WHERE id = ?", (source_id,)).fetchone()
            if unless_paused and old and old["state"] == SourceState.PAUSED:
                return
            db.execute(
                "UPDATE sources SET state = ?, last_checked_at = coalesce(?, last_checked_at) WHERE id = ?",
                (state, checked_at, source_id),
            )
            if old and SourceState.OFFLINE in (old["state"], state) and old["state"] != state:
                # The documents' own states show it.
                db.execute(
                    "UPDATE documents SET revision = ? WHERE source_id = ?", (next_revision(db), source_id)
                )

        self._lane.write(work)

    def set_source_removed(self, source_id: SourceId, *, removed: bool) -> None:
        def work(db: sqlite3.Connection) -> None:
            if not removed:
                _bring_back(db, source_id)
                return
            db.execute("UPDATE sources SET removed_at = ? WHERE id = ?", (time.time(), source_id))
            db.execute(
                "INSERT OR IGNORE INTO stale_points SELECT c.index_id, c.id FROM chunks c"
                " JOIN documents d ON d.id = c.document_id WHERE d.source_id = ?",
                (source_id,),
            )

        self._lane.write(work)

    def known_files(self, source_id: SourceId) -> Sequence[KnownFile]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT id, path, size_bytes, modified_at_ns, device, inode, content_hash FROM documents"
                " WHERE source_id = ? AND container_id IS NULL",
                (source_id,),
            ).fetchall()
        )
        return [
            KnownFile(
                document_id=DocumentId(row["id"]),
                path=Path(os.fsdecode(row["path"])),
                stamp=FileStamp(row["size_bytes"], row["modified_at_ns"], row["device"], row["inode"]),
                content_hash=row["content_hash"],
            )
            for row in rows
        ]

    def apply_plan(self, source_id: SourceId, plan: SyncPlan) -> None:
        def work(db: sqlite3.Connection) -> None:
            revision = next_revision(db)
            db.executemany(
                "DELETE FROM documents WHERE id = ?", [(document_id,) for document_id in plan.removed]
            )
            inside = [(id_, file, members_below(db, id_)) for id_, file in plan.moved]
            # In two steps: two files may have changed places.
            db.executemany(
                "UPDATE documents SET path = ? WHERE id = ?",
                [(b"\0moving\0%d" % document_id, document_id) for document_id, _ in plan.moved],
            )
            for _, file, members in inside:
                db.executemany(
                    "UPDATE documents SET path = ?, revision = ? WHERE id = ?",
                    [(os.fsencode(file.path) + below, revision, member) for member, below in members],
                )
            for document_id, file in (*plan.moved, *plan.changed):
                db.execute(
                    "UPDATE documents SET path = ?, device = ?, inode = ?, revision = ? WHERE id = ?",
                    (os.fsencode(file.path), file.stamp.device, file.stamp.inode, revision, document_id),
                )
            for document_id, file in plan.moved:
                db.execute(
                    "UPDATE documents SET size_bytes = ?, modified_at_ns = ? WHERE id = ?",
                    (file.stamp.size_bytes, file.stamp.modified_at_ns, document_id),
                )
            db.executemany(
                # One being read under its former name is not found there: it is read again.
                "UPDATE queue SET claimed = 0 WHERE document_id = ?",
                [(id_,) for moved_id, _, members in inside for id_ in (moved_id, *(m for m, _ in members))],
            )
            queued = [document_id for document_id, _ in plan.changed]
            for file in plan.added:
                row = db.execute(
                    "INSERT INTO documents (source_id, path, state, size_bytes, modified_at_ns, device, inode, revision)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
                    (
                        source_id,
                        os.fsencode(file.path),
                        DocumentState.QUEUED,
                        file.stamp.size_bytes,
                        file.stamp.modified_at_ns,
                        file.stamp.device,
                        file.stamp.inode,
                        revision,
                    ),
                ).fetchone()
                if row is not None:
                    queued.append(DocumentId(row["id"]))
            db.executemany(
                "UPDATE documents SET state = ?, strikes = 0, revision = ? WHERE id = ?",
                [(DocumentState.QUEUED, revision, document_id) for document_id, _ in plan.changed],
            )
            enqueue(db, queued)

        if not plan.empty:
            self._lane.write(work)


def _bring_back(db: sqlite3.Connection, source_id: int) -> None:
    """Have the points of the source's documents written again, from known text and cached embeddings."""
    db.execute("UPDATE sources SET removed_at = NULL WHERE id = ?", (source_id,))
    of_source = "(SELECT id FROM documents WHERE source_id = ?)"
    db.execute(
        f"DELETE FROM stale_points WHERE point_id IN (SELECT id FROM chunks WHERE document_id IN {of_source})",
        (source_id,),
    )
    db.execute(f"UPDATE chunks SET embedded = 0 WHERE document_id IN {of_source}", (source_id,))
    db.execute(
        f"UPDATE index_documents SET state = 'pending', words_upto = 0 WHERE document_id IN {of_source}",
        (source_id,),
    )
    db.execute(
        "UPDATE documents SET state = iif(state IN ('words', 'ready'), 'indexing', state), revision = ?"
        " WHERE source_id = ?",
        (next_revision(db), source_id),
    )
    # An index that took over meanwhile does not have them.
    lacking = [
        row[0]
        for row in db.execute(
            "SELECT d.id FROM documents d WHERE d.source_id = ?"
            " AND EXISTS (SELECT 1 FROM pages p WHERE p.document_id = d.id)"
            " AND NOT EXISTS (SELECT 1 FROM index_documents x JOIN indexes i ON i.id = x.index_id AND i.active"
            " WHERE x.document_id = d.id)",
            (source_id,),
        )
    ]
    db.executemany(
        "UPDATE documents SET state = 'queued', content_hash = NULL WHERE id = ?", [(id_,) for id_ in lacking]
    )
    enqueue(db, lacking)


def _source(row: sqlite3.Row) -> Source:
    return Source(
        id=SourceId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        path=Path(os.fsdecode(row["path"])),
        is_folder=bool(row["is_folder"]),
        watch=bool(row["watch"]),
        state=SourceState(row["state"]),
        last_checked_at=row["last_checked_at"],
        rules=source_rules(row),
        left_out=row["left_out"],
    )
