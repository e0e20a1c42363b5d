"""Gives a source and all below it another place in the catalog."""

import os
import sqlite3
from pathlib import Path

from readingroom.core.errors import UserFixableError
from readingroom.core.ids import SourceId
from readingroom.storage.store import Store, next_revision


class RelinkingStore(Store):
    """See `core.relinking.RelinkingCatalog`."""

    def relink_source(self, source_id: SourceId, path: Path) -> int:
        def work(db: sqlite3.Connection) -> int:
            source = db.execute("SELECT * FROM sources WHERE id = ?", (source_id,)).fetchone()
            former, now = source["path"], os.fsencode(path)
            _make_way(db, source, now)
            db.execute(
                # Which folder it was does not count any more: this one may lie on another disk.
                "UPDATE sources SET path = ?, reason = '', device = NULL, inode = NULL WHERE id = ?",
                (now, source_id),
            )
            rows = db.execute("SELECT id, path FROM documents WHERE source_id = ?", (source_id,)).fetchall()
            # In two steps: the new place may lie below the former one, or above it.
            db.executemany(
                "UPDATE documents SET path = ? WHERE id = ?",
                [(b"\0moving\0%d" % row["id"], row["id"]) for row in rows],
            )
            revision = next_revision(db)
            places = [(_join(now, row["path"][len(former) :]), row["id"]) for row in rows]
            db.executemany(
                # On another disk it has other numbers; what has none is compared by size and time.
                "UPDATE documents SET path = ?, device = 0, inode = 0, absent = '', revision = ? WHERE id = ?",
                [(place, revision, document_id) for place, document_id in places],
            )
            db.executemany("UPDATE citations SET path = ? WHERE document_id = ?", places)
            return len(rows)

        return self._lane.write(work)


def _make_way(db: sqlite3.Connection, source: sqlite3.Row, now: bytes) -> None:
    """Two sources of a workspace cannot have one place; one that was removed gives way."""
    other = db.execute(
        "SELECT id, removed_at FROM sources WHERE workspace_id = ? AND path = ? AND id <> ?",
        (source["workspace_id"], now, source["id"]),
    ).fetchone()
    if other is None:
        return
    if other["removed_at"] is None:
        raise UserFixableError(
            f"{os.fsdecode(now)} is in this workspace already.",
            hint="Remove one of the two from the workspace.",
        )
    db.execute("DELETE FROM sources WHERE id = ?", (other["id"],))


def _join(root: bytes, below: bytes) -> bytes:
    """Root and what comes below it; of the two only a drive's own root ends in a separator."""
    separator = os.fsencode(os.sep)
    below = below.lstrip(separator)
    if not below:
        return root
    return root + below if root.endswith(separator) else root + separator + below
