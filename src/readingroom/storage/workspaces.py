"""Workspaces, threads, messages and settings in the catalog."""

import json
import os
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from readingroom.core.catalog import NewIndex
from readingroom.core.errors import WorkspaceNameTaken
from readingroom.core.ids import DocumentId, MessageId, ThreadId, WorkspaceId
from readingroom.core.models import Citation, Message, PageSpan, Passage, Role, Searched, Thread, Workspace
from readingroom.core.text_spans import storable
from readingroom.storage.store import Store

_WORKSPACE = """
SELECT w.id, w.name, w.chat_model, coalesce(i.embedding_model, '') AS embedding_model,
       coalesce(n.documents, 0) AS documents, coalesce(n.chunks, 0) AS chunks
  FROM workspaces w
  LEFT JOIN indexes i ON i.workspace_id = w.id AND i.active
  LEFT JOIN (SELECT s.workspace_id, count(*) AS documents, sum(d.chunks) AS chunks
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

    def threads(self, workspace_id: WorkspaceId) -> Sequence[Thread]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT * FROM threads WHERE workspace_id = ? AND removed_at IS NULL ORDER BY updated_at DESC, id DESC",
                (workspace_id,),
            ).fetchall()
        )
        return [_thread(row) for row in rows]

    def thread(self, thread_id: ThreadId) -> Thread | None:
        row = self._lane.read(
            lambda db: db.execute(
                "SELECT * FROM threads WHERE id = ? AND removed_at IS NULL", (thread_id,)
            ).fetchone()
        )
        return _thread(row) if row else None

    def create_thread(self, workspace_id: WorkspaceId, title: str) -> Thread:
        def work(db: sqlite3.Connection) -> Thread:
            row = db.execute(
                "INSERT INTO threads (workspace_id, title, updated_at) VALUES (?, ?, ?) RETURNING *",
                (workspace_id, title, time.time()),
            ).fetchone()
            return _thread(row)

        return self._lane.write(work, lasting=True)

    def rename_thread(self, thread_id: ThreadId, title: str) -> None:
        self._lane.write(
            lambda db: db.execute("UPDATE threads SET title = ? WHERE id = ?", (title, thread_id)),
            lasting=True,
        )

    def set_thread_removed(self, thread_id: ThreadId, *, removed: bool) -> None:
        at = time.time() if removed else None
        self._lane.write(
            lambda db: db.execute("UPDATE threads SET removed_at = ? WHERE id = ?", (at, thread_id)),
            lasting=True,
        )

    def messages(self, thread_id: ThreadId) -> Sequence[Message]:
        def work(db: sqlite3.Connection) -> list[Message]:
            rows = db.execute(
                "SELECT * FROM messages WHERE thread_id = ? ORDER BY id", (thread_id,)
            ).fetchall()
            return [_message(db, row) for row in rows]

        return self._lane.read(work)

    def add_message(
        self,
        thread_id: ThreadId,
        role: Role,
        text: str,
        *,
        model: str | None = None,
        citations: Sequence[Citation] = (),
        searched: Searched | None = None,
        passages: Sequence[Passage] = (),
        refused: bool = False,
        notice: str = "",
    ) -> Message:
        def work(db: sqlite3.Connection) -> Message:
            now = time.time()
            row = db.execute(
                "INSERT INTO messages (thread_id, role, text, created_at, model, searched, passages, refused, notice)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                (
                    thread_id,
                    role.value,
                    text,
                    now,
                    model,
                    json.dumps(asdict(searched)) if searched else None,
                    json.dumps([_passage_json(passage) for passage in passages]),
                    refused,
                    notice,
                ),
            ).fetchone()
            _write_citations(db, row["id"], citations)
            db.execute("UPDATE threads SET updated_at = ? WHERE id = ?", (now, thread_id))
            return _message(db, row)

        return self._lane.write(work, lasting=True)

    def update_message(
        self,
        message_id: MessageId,
        text: str,
        *,
        citations: Sequence[Citation] = (),
        refused: bool = False,
        notice: str = "",
    ) -> Message:
        def work(db: sqlite3.Connection) -> Message:
            row = db.execute(
                "UPDATE messages SET text = ?, refused = ?, notice = ? WHERE id = ? RETURNING *",
                (text, refused, notice, message_id),
            ).fetchone()
            db.execute("DELETE FROM citations WHERE message_id = ?", (message_id,))
            _write_citations(db, message_id, citations)
            return _message(db, row)

        return self._lane.write(work, lasting=True)

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
    )


def _thread(row: sqlite3.Row) -> Thread:
    return Thread(ThreadId(row["id"]), WorkspaceId(row["workspace_id"]), row["title"], row["updated_at"])


def _message(db: sqlite3.Connection, row: sqlite3.Row) -> Message:
    citations = db.execute("SELECT * FROM citations WHERE message_id = ? ORDER BY n", (row["id"],)).fetchall()
    return Message(
        id=MessageId(row["id"]),
        thread_id=ThreadId(row["thread_id"]),
        role=Role(row["role"]),
        text=row["text"],
        created_at=row["created_at"],
        model=row["model"],
        citations=tuple(_citation(citation) for citation in citations),
        searched=Searched(**json.loads(row["searched"])) if row["searched"] else None,
        passages=tuple(_passage(value) for value in json.loads(row["passages"])),
        refused=bool(row["refused"]),
        notice=row["notice"],
    )


def _write_citations(db: sqlite3.Connection, message_id: MessageId, citations: Sequence[Citation]) -> None:
    db.executemany(
        # The document may have gone since it was retrieved.
        'INSERT INTO citations (message_id, n, document_id, path, page, start, "end", quote, located, place,'
        " container) VALUES (?, ?, (SELECT id FROM documents WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                message_id,
                c.n,
                c.document_id,
                os.fsencode(c.path),
                c.page,
                c.start,
                c.end,
                c.quote,
                c.located,
                c.place,
                storable(c.container),
            )
            for c in citations
        ],
    )


def _citation(row: sqlite3.Row) -> Citation:
    return Citation(
        n=row["n"],
        document_id=None if row["document_id"] is None else DocumentId(row["document_id"]),
        path=Path(os.fsdecode(row["path"])),
        page=row["page"],
        start=row["start"],
        end=row["end"],
        quote=row["quote"],
        located=bool(row["located"]),
        place=row["place"],
        container=row["container"],
    )


def _passage_json(passage: Passage) -> dict[str, Any]:
    # json.dumps escapes the lone surrogates by which Python carries names that are not valid Unicode.
    return asdict(passage) | {"path": str(passage.path)}


def _passage(value: dict[str, Any]) -> Passage:
    return Passage(
        **value
        | {
            "path": Path(value["path"]),
            "locations": tuple(PageSpan(**place) for place in value["locations"]),
            "heading": tuple(value["heading"]),
        }
    )
