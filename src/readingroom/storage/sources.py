"""Sources in the catalog: link, unlink, and how each stands with the disk."""

import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from readingroom.core.ids import SourceId, WorkspaceId
from readingroom.core.models import Source, SourceState
from readingroom.storage.bringing_back import bring_back, not_bin
from readingroom.storage.rules import source_rules
from readingroom.storage.store import Store, next_revision

_SOURCE = f"""
SELECT s.*, (SELECT count(*) FROM documents d
              WHERE d.source_id = s.id AND d.absent = 'vanished' AND d.container_id IS NULL) AS vanished
  FROM sources s JOIN workspaces w ON w.id = s.workspace_id
 WHERE s.removed_at IS NULL AND {not_bin("s")}
"""


class SourceStore(Store):
    """See `core.source_catalog.SourceCatalog`."""

    def sources(self, workspace_id: WorkspaceId | None = None) -> Sequence[Source]:
        rows = self._lane.read(
            lambda db: db.execute(
                f"{_SOURCE} AND w.removed_at IS NULL AND (?1 IS NULL OR s.workspace_id = ?1) ORDER BY s.id",
                (workspace_id,),
            ).fetchall()
        )
        return [_source(row) for row in rows]

    def source(self, source_id: SourceId) -> Source | None:
        return self._lane.read(lambda db: _by_id(db, source_id))

    def add_source(
        self,
        workspace_id: WorkspaceId,
        path: Path,
        *,
        is_folder: bool,
        watch: bool,
        git_ignore: bool = False,
    ) -> Source:
        def work(db: sqlite3.Connection) -> Source:
            state = SourceState.WATCHING if watch else SourceState.ONCE
            old = db.execute(
                "SELECT id, removed_at FROM sources WHERE workspace_id = ? AND path = ?",
                (workspace_id, os.fsencode(path)),
            ).fetchone()
            if old is None:
                row = db.execute(
                    "INSERT INTO sources (workspace_id, path, is_folder, watch, state, git_ignore)"
                    " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                    (workspace_id, os.fsencode(path), is_folder, watch, state, git_ignore),
                ).fetchone()
                return _known(db, row["id"])
            if old["removed_at"] is not None:
                _bring_back(db, old["id"])
                db.execute("UPDATE sources SET state = ?, watch = ? WHERE id = ?", (state, watch, old["id"]))
            db.execute(
                # Adding once what is watched already does not end the watching.
                "UPDATE sources SET is_folder = ?, watch = max(watch, ?), state = iif(watch, state, ?) WHERE id = ?",
                (is_folder, watch, state, old["id"]),
            )
            return _known(db, old["id"])

        return self._lane.write(work, lasting=True)

    def set_source_state(
        self,
        source_id: SourceId,
        state: SourceState,
        *,
        reason: str = "",
        checked_at: float | None = None,
        unless_paused: bool = False,
    ) -> None:
        def work(db: sqlite3.Connection) -> None:
            old = db.execute("SELECT state FROM sources WHERE id = ?", (source_id,)).fetchone()
            if unless_paused and old and old["state"] == SourceState.PAUSED:
                return
            db.execute(
                "UPDATE sources SET state = ?, reason = ?, last_checked_at = coalesce(?, last_checked_at) WHERE id = ?",
                (state, reason, checked_at, source_id),
            )
            if old and SourceState.OFFLINE in (old["state"], state) and old["state"] != state:
                # The documents' own states show it.
                db.execute(
                    "UPDATE documents SET revision = ? WHERE source_id = ?", (next_revision(db), source_id)
                )

        self._lane.write(work)

    def source_seen(
        self, source_id: SourceId, checked_at: float, identity: tuple[int, int] | None = None
    ) -> None:
        def work(db: sqlite3.Connection) -> None:
            if identity is not None:
                before = db.execute("SELECT device FROM sources WHERE id = ?", (source_id,)).fetchone()
                if before and before["device"] not in (None, identity[0]):
                    # The same drive under another number: its files are still on the source's own drive.
                    db.execute(
                        "UPDATE documents SET device = ? WHERE source_id = ? AND device = ?",
                        (identity[0], source_id, before["device"]),
                    )
                db.execute("UPDATE sources SET device = ?, inode = ? WHERE id = ?", (*identity, source_id))
            db.execute("UPDATE sources SET last_checked_at = ? WHERE id = ?", (checked_at, source_id))

        self._lane.write(work)

    def source_identity(self, source_id: SourceId) -> tuple[int, int] | None:
        row = self._lane.read(
            lambda db: db.execute("SELECT device, inode FROM sources WHERE id = ?", (source_id,)).fetchone()
        )
        return None if row is None or row["device"] is None else (row["device"], row["inode"])

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

        self._lane.write(work, lasting=True)


def _bring_back(db: sqlite3.Connection, source_id: int) -> None:
    """A removed source, with all its documents."""
    db.execute("UPDATE sources SET removed_at = NULL WHERE id = ?", (source_id,))
    bring_back(
        db, [row[0] for row in db.execute("SELECT id FROM documents WHERE source_id = ?", (source_id,))]
    )


def _by_id(db: sqlite3.Connection, source_id: int) -> Source | None:
    row = db.execute(f"{_SOURCE} AND s.id = ?", (source_id,)).fetchone()
    return _source(row) if row else None


def _known(db: sqlite3.Connection, source_id: int) -> Source:
    source = _by_id(db, source_id)
    assert source is not None  # noqa: S101  (it was written in this transaction)
    return source


def _source(row: sqlite3.Row) -> Source:
    return Source(
        id=SourceId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        path=Path(os.fsdecode(row["path"])),
        is_folder=bool(row["is_folder"]),
        watch=bool(row["watch"]),
        state=_shown(SourceState(row["state"]), row["vanished"]),
        last_checked_at=row["last_checked_at"],
        reason=row["reason"],
        vanished=row["vanished"],
        rules=source_rules(row),
        left_out=row["left_out"],
    )


def _shown(state: SourceState, vanished: int) -> SourceState:
    """A source that waits for an answer says so, unless it is held up by something else."""
    return (
        SourceState.ASKING if vanished and state not in (SourceState.PAUSED, SourceState.OFFLINE) else state
    )
