"""Puts documents away for a while, and brings them back with what is known of them; within a transaction."""

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from readingroom.core.sync_plan import Absence
from readingroom.storage.extracted import members_below
from readingroom.storage.store import enqueue, next_revision

_BIN = b"\0removed"
"""The path of the source that holds what was removed; no file has such a name."""


def put_away(db: sqlite3.Connection, document_ids: Sequence[int], at: float, *, meant: bool) -> None:
    """Take documents out of all that is searched and shown; what was never read is forgotten at once."""
    for document_id in document_ids:
        row = db.execute(
            "SELECT d.path, d.source_id, d.content_hash, s.workspace_id FROM documents d"
            " JOIN sources s ON s.id = d.source_id WHERE d.id = ? AND d.removed_at IS NULL",
            (document_id,),
        ).fetchone()
        if row is None:
            continue
        if not row["content_hash"]:
            db.execute("DELETE FROM documents WHERE id = ?", (document_id,))
            continue
        inside = [id_ for id_, _ in members_below(db, document_id)]
        move_document(
            db, document_id, row["path"] + b"\0%d" % document_id, source_id=_bin(db, row["workspace_id"])
        )
        db.execute(
            "UPDATE documents SET removed_at = ?, removed_from = ?, removed_path = ?, removal_meant = ?,"
            " absent = '' WHERE id = ?",
            (at, row["source_id"], row["path"], meant, document_id),
        )
        ids = json.dumps([document_id, *inside])
        of_them = "document_id IN (SELECT value FROM json_each(?))"
        # One that waits to be read or is being read is still owed that, should it come back.
        db.execute(
            f"UPDATE documents SET state = 'queued' WHERE id IN (SELECT document_id FROM queue WHERE {of_them})",
            (ids,),
        )
        db.execute(f"DELETE FROM queue WHERE {of_them}", (ids,))
        db.execute(
            f"INSERT OR IGNORE INTO stale_points SELECT index_id, id FROM chunks WHERE {of_them}", (ids,)
        )


def move_document(
    db: sqlite3.Connection, document_id: int, path: bytes, *, source_id: int | None = None
) -> None:
    """Give a document another path, and perhaps another source, with all that is inside it."""
    inside = members_below(db, document_id)
    db.executemany(
        "UPDATE documents SET path = ?, source_id = coalesce(?, source_id) WHERE id = ?",
        [
            (path, source_id, document_id),
            *((path + below, source_id, member_id) for member_id, below in inside),
        ],
    )


def set_absent(db: sqlite3.Connection, document_id: int, absent: str) -> None:
    """Note that a document's file is not there, and why, or that it is; for what is inside it as well."""
    ids = [document_id, *(id_ for id_, _ in members_below(db, document_id))]
    revision = next_revision(db)
    db.executemany(
        "UPDATE documents SET absent = ?, revision = ? WHERE id = ?", [(absent, revision, id_) for id_ in ids]
    )


def take_out(db: sqlite3.Connection, document_id: int, *, absent: str) -> bool:
    """Put a removed document back to its source; False where its place is taken or its source has gone."""
    row = db.execute(
        "SELECT d.removed_path, d.removed_from, s.path FROM documents d"
        " JOIN sources s ON s.id = d.removed_from AND s.removed_at IS NULL"
        " WHERE d.id = ? AND d.removed_at IS NOT NULL",
        (document_id,),
    ).fetchone()
    if (
        row is None
        or db.execute(
            "SELECT 1 FROM documents WHERE source_id = ? AND path = ?",
            (row["removed_from"], row["removed_path"]),
        ).fetchone()
    ):
        return False
    move_document(db, document_id, row["removed_path"], source_id=row["removed_from"])
    no_longer_removed(db, [document_id])
    set_absent(db, document_id, absent)
    bring_back(db, [document_id, *(id_ for id_, _ in members_below(db, document_id))])
    return True


def no_longer_removed(db: sqlite3.Connection, document_ids: Iterable[int]) -> None:
    """Forget that they were."""
    db.executemany(
        "UPDATE documents SET removed_at = NULL, removed_from = NULL, removed_path = NULL WHERE id = ?",
        [(id_,) for id_ in document_ids],
    )


def bring_back(db: sqlite3.Connection, document_ids: Sequence[int]) -> None:
    """Have the points of documents written again, from known text and cached embeddings."""
    ids = json.dumps(list(document_ids))
    these = "(SELECT value FROM json_each(?))"
    db.execute(
        f"DELETE FROM stale_points WHERE point_id IN (SELECT id FROM chunks WHERE document_id IN {these})",
        (ids,),
    )
    db.execute(f"UPDATE chunks SET embedded = 0 WHERE document_id IN {these}", (ids,))
    db.execute(
        f"UPDATE index_documents SET state = 'pending', words_upto = 0 WHERE document_id IN {these}"
        # Cut for this index, and without any text: nothing is owed.
        " AND EXISTS (SELECT 1 FROM chunks c WHERE c.document_id = index_documents.document_id"
        " AND c.index_id = index_documents.index_id)",
        (ids,),
    )
    db.execute(
        f"UPDATE documents SET state = iif(state IN ('words', 'ready') AND chunks > 0, 'indexing', state), revision = ?"
        f" WHERE id IN {these}",
        (next_revision(db), ids),
    )
    # An index that took over meanwhile does not have them: they are cut for it, from the text that is known.
    db.execute(
        "INSERT OR IGNORE INTO index_documents (index_id, document_id, state)"
        " SELECT i.id, d.id, 'uncut' FROM documents d JOIN sources s ON s.id = d.source_id"
        " JOIN indexes i ON i.workspace_id = s.workspace_id AND i.active"
        f" WHERE d.id IN {these} AND EXISTS (SELECT 1 FROM pages p WHERE p.document_id = d.id)",
        (ids,),
    )
    # One that was being read has the rest of it to come, one that was saved before it went is looked at again.
    enqueue(
        db,
        [
            row[0]
            for row in db.execute(
                f"SELECT id FROM documents WHERE id IN {these}"
                " AND (state = 'queued' OR (state = 'indexing' AND content_hash IS NULL))",
                (ids,),
            )
        ],
    )


def vanish(db: sqlite3.Connection, document_id: int, absent: str) -> None:
    """Change why a document is absent; one that was removed meanwhile comes back for it."""
    removed = db.execute(
        "SELECT 1 FROM documents WHERE id = ? AND removed_at IS NOT NULL", (document_id,)
    ).fetchone()
    if removed is None:
        set_absent(db, document_id, absent)
    elif absent != Absence.NONE:
        take_out(db, document_id, absent=absent)


def former_path(row: sqlite3.Row) -> Path:
    """Where a document stood before it was removed, else where it stands."""
    return Path(os.fsdecode(row["path"] if row["removed_path"] is None else row["removed_path"]))


def _bin(db: sqlite3.Connection, workspace_id: int) -> int:
    db.execute(
        "INSERT OR IGNORE INTO sources (workspace_id, path, is_folder, watch, state, removed_at)"
        " VALUES (?, ?, 1, 0, 'once', 0)",
        (workspace_id, _BIN),
    )
    row = db.execute(
        "SELECT id FROM sources WHERE workspace_id = ? AND path = ?", (workspace_id, _BIN)
    ).fetchone()
    return int(row[0])


def not_bin(alias: str) -> str:
    """SQL: that source is not the one which holds what was removed."""
    return f"{alias}.path <> x'{_BIN.hex()}'"
