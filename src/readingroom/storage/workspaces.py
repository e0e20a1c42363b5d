"""Workspaces and settings in the catalog."""

import json
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from readingroom.core.catalog import NewIndex
from readingroom.core.errors import WorkspaceNameTaken
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import UNREAD_STATES, Workspace
from readingroom.storage.store import Store

_UNREAD = ", ".join(f"'{state}'" for state in sorted(UNREAD_STATES))
# A document that fails later keeps the text that was read before; of a scan text may still be recognised.
_WORKSPACE = f"""
SELECT w.id, w.name,
       coalesce(CASE WHEN json_valid(w.answering) THEN nullif(json_extract(w.answering, '$.model'), '') END,
                w.chat_model) AS chat_model,
       coalesce(i.embedding_model, '') AS embedding_model,
       coalesce(n.documents, 0) AS documents, coalesce(n.chunks, 0) AS chunks,
       coalesce(n.unread, 0) AS unread
  FROM workspaces w
  LEFT JOIN indexes i ON i.workspace_id = w.id AND i.active
  LEFT JOIN (SELECT s.workspace_id, count(*) AS documents, sum(d.chunks) AS chunks,
                    sum(coalesce(d.chunks, 0) = 0 AND d.state IN ({_UNREAD})
                        AND NOT EXISTS (SELECT 1 FROM recognition r WHERE r.document_id = d.id AND r.pages > r.done)
                       ) AS unread
               FROM documents d JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL
              GROUP BY s.workspace_id) n ON n.workspace_id = w.id
 WHERE w.removed_at IS NULL
"""


class WorkspaceStore(Store):
    """See `core.catalog.WorkspaceCatalog`."""

    def workspaces(self) -> Sequence[Workspace]:
        rows = self._lane.read(lambda db: db.execute(f"{_WORKSPACE} ORDER BY w.id").fetchall())
        return [_workspace(row) for row in rows]

    def create_workspace(self, name: str, index: NewIndex | None = None) -> Workspace:
        def work(db: sqlite3.Connection) -> Workspace:
            _refuse_taken(db, name)
            now = time.time()
            cursor = db.execute("INSERT INTO workspaces (name, created_at) VALUES (?, ?)", (name, now))
            if index is not None:
                db.execute(
                    "INSERT INTO indexes (workspace_id, embedding_model, dimension, chunker, active, created_at)"
                    " VALUES (?, ?, ?, ?, 1, ?)",
                    (cursor.lastrowid, index.embedding_model, index.dimension, index.chunker, now),
                )
            return _workspace(db.execute(f"{_WORKSPACE} AND w.name = ?", (name,)).fetchone())

        return self._lane.write(work, lasting=True)

    def rename_workspace(self, workspace_id: WorkspaceId, name: str) -> None:
        def work(db: sqlite3.Connection) -> None:
            _refuse_taken(db, name, but=workspace_id)
            db.execute("UPDATE workspaces SET name = ? WHERE id = ?", (name, workspace_id))

        self._lane.write(work, lasting=True)

    def set_workspace_removed(self, workspace_id: WorkspaceId, *, removed: bool) -> None:
        def work(db: sqlite3.Connection) -> None:
            if not removed:
                name = str(
                    db.execute("SELECT name FROM workspaces WHERE id = ?", (workspace_id,)).fetchone()[0]
                )
                free = free_name(db, name, workspace_id)
                db.execute("UPDATE workspaces SET name = ? WHERE id = ?", (free, workspace_id))
            at = time.time() if removed else None
            db.execute("UPDATE workspaces SET removed_at = ? WHERE id = ?", (at, workspace_id))

        self._lane.write(work, lasting=True)

    def purge_workspaces(self, removed_before: float) -> Sequence[WorkspaceId]:
        def work(db: sqlite3.Connection) -> list[WorkspaceId]:
            rows = db.execute(
                "DELETE FROM workspaces WHERE removed_at < ? RETURNING id", (removed_before,)
            ).fetchall()
            db.execute("DELETE FROM sources WHERE removed_at < ?", (removed_before,))
            db.execute("DELETE FROM threads WHERE removed_at < ?", (removed_before,))
            return [WorkspaceId(row[0]) for row in rows]

        return self._lane.write(work, lasting=True)

    def answering(self, workspace_id: WorkspaceId) -> dict[str, Any]:
        row = self._lane.read(
            lambda db: db.execute("SELECT answering FROM workspaces WHERE id = ?", (workspace_id,)).fetchone()
        )
        try:
            values = json.loads(row["answering"]) if row else {}
        except ValueError:
            return {}
        return values if isinstance(values, dict) else {}

    def set_answering(self, workspace_id: WorkspaceId, values: dict[str, Any]) -> None:
        written = json.dumps(values, ensure_ascii=False)
        self._lane.write(
            lambda db: db.execute(
                "UPDATE workspaces SET answering = ? WHERE id = ?", (written, workspace_id)
            ),
            lasting=True,
        )

    def setting_values(self) -> dict[str, Any]:
        rows = self._lane.read(lambda db: db.execute("SELECT name, value FROM settings").fetchall())
        return {row["name"]: json.loads(row["value"]) for row in rows}

    def set_setting(self, name: str, value: Any) -> None:
        self._lane.write(
            lambda db: db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value))),
            lasting=True,
        )


def free_name(db: sqlite3.Connection, name: str, workspace_id: WorkspaceId) -> str:
    """The name, with a number where another workspace bears it."""
    free, number = name, 2
    while _taken(db, free, but=workspace_id):
        free, number = f"{name} ({number})", number + 1
    return free


def _taken(db: sqlite3.Connection, name: str, but: WorkspaceId | None = None) -> bool:
    # Compared in Python: SQLite folds the case of ASCII letters only.
    rows = db.execute("SELECT id, name FROM workspaces WHERE removed_at IS NULL").fetchall()
    return any(row["name"].casefold() == name.casefold() and row["id"] != but for row in rows)


def _refuse_taken(db: sqlite3.Connection, name: str, but: WorkspaceId | None = None) -> None:
    if _taken(db, name, but):
        raise WorkspaceNameTaken(f"There is a workspace named “{name}” already.", hint="Choose another name.")


def _workspace(row: sqlite3.Row) -> Workspace:
    return Workspace(
        id=WorkspaceId(row["id"]),
        name=row["name"],
        documents=row["documents"],
        chunks=row["chunks"],
        embedding_model=row["embedding_model"],
        chat_model=row["chat_model"],
        unread=row["unread"],
    )
