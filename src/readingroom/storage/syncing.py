"""What the catalog knows of a source's files, and the changes a sync plan makes to their documents."""

import json
import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from readingroom.core.ids import DocumentId, SourceId, WorkspaceId
from readingroom.core.models import DocumentState, RemovedItem
from readingroom.core.sync_plan import UNREAD_SIZE, UNSETTLED_INODE, FileStamp, KnownFile, KnownRows, SyncPlan
from readingroom.storage.bringing_back import (
    bring_back,
    former_path,
    move_document,
    no_longer_removed,
    not_bin,
    put_away,
    take_out,
    vanish,
)
from readingroom.storage.extracted import members_below
from readingroom.storage.store import Store, enqueue, next_revision

_KNOWN = "id, path, size_bytes, modified_at_ns, device, inode, content_hash, absent"
_URGENT = 50
"""So few changes at once are a person's own saves: they are read before the ten thousand that wait."""


class SyncStore(Store):
    """See `core.source_catalog.SyncCatalog`."""

    def known_files(self, source_id: SourceId, places: Collection[str] | None = None) -> KnownRows:
        of_source = f"SELECT {_KNOWN} FROM documents WHERE source_id = ? AND container_id IS NULL"

        def work(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
            cursor = db.cursor()
            cursor.row_factory = None  # plain tuples: a third of the time
            if places is None:
                return cursor.execute(of_source, (source_id,)).fetchall()
            rows = []
            for place in {os.fsencode(place) for place in places}:
                # `/` and the byte after it hold all that is below.
                below = (place.rstrip(b"/\\") + os.sep.encode(), place.rstrip(b"/\\") + _after_separator())
                rows += cursor.execute(
                    f"{of_source} AND (path = ? OR path >= ? AND path < ?)", (source_id, place, *below)
                ).fetchall()
            return rows

        return {
            os.fsdecode(path): (DocumentId(id_), FileStamp(size, modified, device, inode), digest, absent)
            for id_, path, size, modified, device, inode, digest, absent in self._lane.read(work)
        }

    def document_count(self, source_id: SourceId) -> int:
        row = self._lane.read(
            lambda db: db.execute(
                "SELECT count(*) FROM documents WHERE source_id = ? AND container_id IS NULL AND absent = ''",
                (source_id,),
            ).fetchone()
        )
        return int(row[0])

    def lost_files(
        self, workspace_id: WorkspaceId, source_id: SourceId, sizes: Collection[int]
    ) -> Sequence[KnownFile]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT d.*, s.removed_at IS NOT NULL AS gone FROM documents d JOIN sources s ON s.id = d.source_id"
                " WHERE d.size_bytes IN (SELECT value FROM json_each(?)) AND s.workspace_id = ? AND s.id <> ?"
                " AND d.container_id IS NULL ORDER BY gone, d.removed_at DESC",
                (json.dumps(sorted(sizes)), workspace_id, source_id),
            ).fetchall()
        )
        return [
            KnownFile(
                DocumentId(row["id"]),
                former_path(row),
                FileStamp(row["size_bytes"], row["modified_at_ns"], row["device"], row["inode"]),
                row["content_hash"],
                # Of those that were removed nothing is left to be looked for on the disk.
                "removed" if row["gone"] else row["absent"],
            )
            for row in rows
        ]

    def other_names(self, files: Iterable[tuple[Path, FileStamp]]) -> Sequence[tuple[SourceId, Path]]:
        def work(db: sqlite3.Connection) -> list[tuple[SourceId, Path]]:
            found = []
            for path, stamp in files:
                if stamp.inode <= 0:  # not known
                    continue
                rows = db.execute(
                    "SELECT d.source_id, d.path FROM documents d JOIN sources s ON s.id = d.source_id"
                    " WHERE d.inode = ? AND d.device = ? AND d.path <> ? AND s.removed_at IS NULL",
                    (stamp.inode, stamp.device, os.fsencode(path)),
                )
                found += [(SourceId(row["source_id"]), Path(os.fsdecode(row["path"]))) for row in rows]
            return found

        return self._lane.read(work)

    def removed_lately(self, source_id: SourceId, since: float) -> Sequence[DocumentId]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT id FROM documents WHERE removed_at >= ? AND removed_from = ? AND NOT removal_meant",
                (since, source_id),
            ).fetchall()
        )
        return [DocumentId(row[0]) for row in rows]

    def apply_plan(self, source_id: SourceId, plan: SyncPlan, *, meant: bool = False) -> None:
        def work(db: sqlite3.Connection) -> None:
            revision = next_revision(db)
            put_away(db, plan.removed, time.time(), meant=meant)
            self._move(db, source_id, plan, revision)
            for document_id, absent in plan.absent:
                vanish(db, document_id, absent)
            queued = [document_id for document_id, _ in plan.changed]
            for document_id, file in plan.changed:
                db.execute(
                    "UPDATE documents SET state = ?, strikes = 0, device = ?, inode = ?, revision = ? WHERE id = ?",
                    (DocumentState.QUEUED, file.stamp.device, file.stamp.inode, revision, document_id),
                )
            for file in plan.added:
                row = db.execute(
                    "INSERT INTO documents (source_id, path, state, size_bytes, modified_at_ns, device, inode, revision)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
                    (source_id, os.fsencode(file.path), DocumentState.QUEUED, *file.stamp, revision),
                ).fetchone()
                if row is not None:
                    queued.append(DocumentId(row["id"]))
            enqueue(db, queued, first=len(queued) <= _URGENT)

        if not plan.empty:
            self._lane.write(work)

    def _move(self, db: sqlite3.Connection, source_id: int, plan: SyncPlan, revision: int) -> None:
        inside = {id_: [member for member, _ in members_below(db, id_)] for id_, _ in plan.moved}
        # In two steps: two files may have changed places.
        for document_id, _ in plan.moved:
            move_document(db, document_id, b"\0moving\0%d" % document_id)
        for document_id, file in plan.moved:
            before = db.execute(
                "SELECT source_id, size_bytes FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
            if before is None:
                continue
            ids = [document_id, *inside[document_id]]
            move_document(db, document_id, os.fsencode(file.path), source_id=source_id)
            db.executemany(
                "UPDATE documents SET revision = ?, absent = '' WHERE id = ?",
                [(revision, id_) for id_ in ids],
            )
            db.execute(
                "UPDATE documents SET size_bytes = ?, modified_at_ns = ?, device = ?, inode = ? WHERE id = ?",
                (*file.stamp, document_id),
            )
            if before["source_id"] != source_id:
                no_longer_removed(db, [document_id])
                # Their points name the source, or are gone.
                bring_back(db, ids)
            if before["size_bytes"] == UNREAD_SIZE:
                # It was not found under its former name when it was to be read.
                enqueue(db, [document_id], first=True)
                db.execute("UPDATE documents SET state = ? WHERE id = ?", (DocumentState.QUEUED, document_id))
            # One being read under its former name is not found there: it is read again.
            db.executemany("UPDATE queue SET claimed = 0 WHERE document_id = ?", [(id_,) for id_ in ids])

    def look_again(self, document_id: DocumentId) -> None:
        self._lane.write(
            lambda db: db.execute(
                "UPDATE documents SET inode = ? WHERE id = ?", (UNSETTLED_INODE, document_id)
            )
        )

    def answer_vanished(self, source_id: SourceId, *, keep: bool) -> int:
        def work(db: sqlite3.Connection) -> int:
            ids = [
                row[0]
                for row in db.execute(
                    "SELECT id FROM documents WHERE source_id = ? AND absent = 'vanished' AND container_id IS NULL",
                    (source_id,),
                )
            ]
            if keep:
                for document_id in ids:
                    vanish(db, document_id, "kept")
            else:
                put_away(db, ids, time.time(), meant=True)
            return len(ids)

        return self._lane.write(work)

    def removed_items(self, workspace_id: WorkspaceId) -> Sequence[RemovedItem]:
        def work(db: sqlite3.Connection) -> list[RemovedItem]:
            sources = db.execute(
                "SELECT s.id, s.path, s.removed_at, (SELECT count(*) FROM documents d WHERE d.source_id = s.id) AS documents"
                f" FROM sources s WHERE s.workspace_id = ? AND s.removed_at IS NOT NULL AND {not_bin('s')}",
                (workspace_id,),
            )
            documents = db.execute(
                "SELECT d.id, d.path, d.removed_path, d.removed_at FROM documents d JOIN sources s ON s.id = d.source_id"
                " JOIN sources f ON f.id = d.removed_from AND f.removed_at IS NULL"
                " WHERE d.removed_at IS NOT NULL AND s.workspace_id = ?"
                " AND NOT EXISTS (SELECT 1 FROM documents n WHERE n.source_id = f.id AND n.path = d.removed_path)",
                (workspace_id,),
            )
            items = [
                RemovedItem(
                    Path(os.fsdecode(row["path"])),
                    row["removed_at"],
                    row["documents"],
                    source_id=SourceId(row["id"]),
                )
                for row in sources
            ]
            items += [
                RemovedItem(former_path(row), row["removed_at"], 1, document_id=DocumentId(row["id"]))
                for row in documents
            ]
            return sorted(items, key=lambda item: item.removed_at, reverse=True)

        return self._lane.read(work)

    def restore_documents(self, document_ids: Sequence[DocumentId], *, absent: Collection[DocumentId]) -> int:
        def work(db: sqlite3.Connection) -> int:
            return sum(
                take_out(db, document_id, absent="kept" if document_id in absent else "")
                for document_id in document_ids
            )

        return self._lane.write(work)

    def removed_paths(self, document_ids: Sequence[DocumentId]) -> dict[DocumentId, Path]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT id, path, removed_path FROM documents WHERE removed_at IS NOT NULL"
                " AND id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(document_ids)),),
            ).fetchall()
        )
        return {DocumentId(row["id"]): former_path(row) for row in rows}

    def purge_removed(self, removed_before: float) -> None:
        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM documents WHERE removed_at < ?", (removed_before,))
            db.execute(
                f"DELETE FROM sources AS s WHERE s.removed_at < ? AND {not_bin('s')}", (removed_before,)
            )

        self._lane.write(work)


def _after_separator() -> bytes:
    return bytes([os.sep.encode()[0] + 1])
