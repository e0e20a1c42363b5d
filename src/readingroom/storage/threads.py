"""Threads, their messages and citations in the catalog."""

import json
import os
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from readingroom.core.conversation import Citation, Message, Role, Searched, Support, Thread
from readingroom.core.ids import DocumentId, MessageId, ThreadId, WorkspaceId
from readingroom.core.models import PageSpan, Passage
from readingroom.core.text_spans import storable
from readingroom.storage.store import Store

_BRANCH = """
WITH RECURSIVE branch (id, parent_id) AS (
    SELECT id, parent_id FROM messages WHERE id = ?
     UNION ALL
    SELECT m.id, m.parent_id FROM messages m JOIN branch b ON m.id = b.parent_id
)
SELECT * FROM messages WHERE id IN (SELECT id FROM branch) ORDER BY id
"""
"""A message and all that it follows; each has a larger id than the one it follows."""


class ThreadStore(Store):
    """See `core.thread_catalog.ThreadCatalog`."""

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
            rows = db.execute(_BRANCH, (_tip(db, thread_id),)).fetchall()
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
        thinking: str = "",
    ) -> Message:
        def work(db: sqlite3.Connection) -> Message:
            now = time.time()
            row = db.execute(
                "INSERT INTO messages (thread_id, parent_id, role, text, created_at, model, searched, passages, refused,"
                " notice, thinking) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                (
                    thread_id,
                    _tip(db, thread_id),
                    role.value,
                    text,
                    now,
                    model,
                    json.dumps(asdict(searched)) if searched else None,
                    json.dumps([_passage_json(passage) for passage in passages]),
                    refused,
                    notice,
                    thinking,
                ),
            ).fetchone()
            _write_citations(db, row["id"], citations)
            db.execute(
                "UPDATE threads SET updated_at = ?, shown = ? WHERE id = ?", (now, row["id"], thread_id)
            )
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
        thinking: str = "",
    ) -> Message:
        def work(db: sqlite3.Connection) -> Message:
            row = db.execute(
                "UPDATE messages SET text = ?, refused = ?, notice = ?, thinking = ? WHERE id = ? RETURNING *",
                (text, refused, notice, thinking, message_id),
            ).fetchone()
            db.execute("DELETE FROM citations WHERE message_id = ?", (message_id,))
            _write_citations(db, message_id, citations)
            return _message(db, row)

        return self._lane.write(work, lasting=True)


def _tip(db: sqlite3.Connection, thread_id: ThreadId) -> int | None:
    """The last message of the branch that is shown."""
    row = db.execute(
        "SELECT coalesce(shown, (SELECT max(id) FROM messages WHERE thread_id = t.id)) FROM threads t WHERE id = ?",
        (thread_id,),
    ).fetchone()
    return None if row is None else row[0]


def _thread(row: sqlite3.Row) -> Thread:
    return Thread(
        ThreadId(row["id"]),
        WorkspaceId(row["workspace_id"]),
        row["title"],
        row["updated_at"],
        pinned=bool(row["pinned"]),
    )


def _message(db: sqlite3.Connection, row: sqlite3.Row) -> Message:
    citations = db.execute(
        "SELECT * FROM citations WHERE message_id = ? ORDER BY n, claim_start", (row["id"],)
    ).fetchall()
    return Message(
        id=MessageId(row["id"]),
        thread_id=ThreadId(row["thread_id"]),
        role=Role(row["role"]),
        text=row["text"],
        created_at=row["created_at"],
        model=row["model"],
        citations=tuple(_citation(citation) for citation in citations),
        searched=_searched(json.loads(row["searched"])) if row["searched"] else None,
        passages=tuple(_passage(value) for value in json.loads(row["passages"])),
        refused=bool(row["refused"]),
        notice=row["notice"],
        parent_id=None if row["parent_id"] is None else MessageId(row["parent_id"]),
        thinking=row["thinking"],
    )


def _searched(value: dict[str, Any]) -> Searched:
    return Searched(**value | {"queries": tuple(value.get("queries", ()))})


def _write_citations(db: sqlite3.Connection, message_id: MessageId, citations: Sequence[Citation]) -> None:
    db.executemany(
        # The document may have gone since it was retrieved.
        'INSERT INTO citations (message_id, n, document_id, path, page, start, "end", quote, located, place, container,'
        " claim_start, claim_end, support, offered, content_hash)"
        " VALUES (?, ?, (SELECT id FROM documents WHERE id = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                c.claim_start,
                c.claim_end,
                c.support.value,
                c.offered,
                c.content_hash,
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
        claim_start=row["claim_start"],
        claim_end=row["claim_end"],
        support=Support(row["support"]),
        offered=bool(row["offered"]),
        content_hash=row["content_hash"],
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
