"""Threads, their messages and citations in the catalog."""

import json
import os
import sqlite3
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from readingroom.core.conversation import (
    Citation,
    FoundMessage,
    Message,
    Role,
    Searched,
    Support,
    Thread,
)
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

_NEWEST_BELOW = """
WITH RECURSIVE below (id) AS (
    SELECT id FROM messages WHERE id = ?
     UNION ALL
    SELECT m.id FROM messages m JOIN below b ON m.parent_id = b.id
)
SELECT max(id) AS id FROM below
"""


class ThreadStore(Store):
    """See `core.thread_catalog.ThreadCatalog`."""

    def threads(self, workspace_id: WorkspaceId) -> Sequence[Thread]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT * FROM threads WHERE workspace_id = ? AND removed_at IS NULL"
                " ORDER BY pinned DESC, updated_at DESC, id DESC",
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
                "INSERT INTO threads (workspace_id, title, named, updated_at) VALUES (?, ?, ?, ?) RETURNING *",
                (workspace_id, title, bool(title), time.time()),
            ).fetchone()
            return _thread(row)

        return self._lane.write(work, lasting=True)

    def rename_thread(self, thread_id: ThreadId, title: str) -> None:
        self._lane.write(
            lambda db: db.execute("UPDATE threads SET title = ?, named = 1 WHERE id = ?", (title, thread_id)),
            lasting=True,
        )

    def title_thread(self, thread_id: ThreadId, title: str) -> None:
        self._lane.write(
            lambda db: db.execute(
                "UPDATE threads SET title = ? WHERE id = ? AND NOT named", (title, thread_id)
            )
        )

    def set_thread_pinned(self, thread_id: ThreadId, *, pinned: bool) -> None:
        self._lane.write(
            lambda db: db.execute("UPDATE threads SET pinned = ? WHERE id = ?", (pinned, thread_id)),
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
            return _messages(db, db.execute(_BRANCH, (_tip(db, thread_id),)).fetchall())

        return self._lane.read(work)

    def every_message(self, thread_id: ThreadId) -> Sequence[Message]:
        return self._lane.read(
            lambda db: _messages(
                db,
                db.execute("SELECT * FROM messages WHERE thread_id = ? ORDER BY id", (thread_id,)).fetchall(),
            )
        )

    def branch_to(self, message_id: MessageId) -> Sequence[Message]:
        return self._lane.read(lambda db: _messages(db, db.execute(_BRANCH, (message_id,)).fetchall()))

    def show_message(self, message_id: MessageId) -> None:
        def work(db: sqlite3.Connection) -> None:
            newest = db.execute(_NEWEST_BELOW, (message_id,)).fetchone()["id"]
            if newest is not None:
                db.execute(
                    "UPDATE threads SET shown = ? WHERE id = (SELECT thread_id FROM messages WHERE id = ?)",
                    (newest, newest),
                )

        self._lane.write(work)

    def find_messages(self, words: Sequence[str], *, limit: int) -> Sequence[FoundMessage]:
        # 20,000 messages of 1,000 characters: 25 ms by LIKE, which knows the case of ASCII alone, and 50 ms by Python.
        # An index of trigrams answers in one, and makes the catalog larger by more than all the messages are.
        holds = [_held_by(word) for word in words]
        if not holds:
            return ()

        def work(db: sqlite3.Connection) -> list[sqlite3.Row]:
            db.create_function("holds_folded", 2, lambda text, word: word in text.casefold())
            return db.execute(
                "SELECT t.*, m.id AS message_id, m.role, m.text FROM messages m JOIN threads t ON t.id = m.thread_id"
                " JOIN workspaces w ON w.id = t.workspace_id"
                f" WHERE t.removed_at IS NULL AND w.removed_at IS NULL AND {' AND '.join(sql for sql, _ in holds)}"
                " ORDER BY m.id DESC LIMIT ?",
                (*(value for _, value in holds), limit),
            ).fetchall()

        rows = self._lane.read(work)
        return [
            FoundMessage(_thread(row), MessageId(row["message_id"]), Role(row["role"]), row["text"])
            for row in rows
        ]

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
        after: MessageId | None = None,
    ) -> Message:
        def work(db: sqlite3.Connection) -> Message:
            now = time.time()
            tip = _tip(db, thread_id)
            parent = tip if after is None else after or None
            row = db.execute(
                "INSERT INTO messages (thread_id, parent_id, role, text, created_at, model, searched, passages, refused,"
                " notice, thinking) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                (
                    thread_id,
                    parent,
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
            stays = role is Role.ASSISTANT and not _leads_to(db, parent, tip)
            db.execute(
                "UPDATE threads SET updated_at = ?, shown = ? WHERE id = ?",
                (now, tip if stays else row["id"], thread_id),
            )
            return _messages(db, [row])[0]

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
            return _messages(db, [row])[0]

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


def _leads_to(db: sqlite3.Connection, parent: int | None, tip: int | None) -> bool:
    """Whether the branch that ends with `tip` goes through `parent`."""
    return parent == tip or parent in {row["id"] for row in db.execute(_BRANCH, (tip,))}


def _held_by(word: str) -> tuple[str, str]:
    """A condition that a message holds a word, and its parameter."""
    if word.isascii():
        escaped = "".join(f"\\{c}" if c in "%_\\" else c for c in word)
        return "m.text LIKE ? ESCAPE '\\'", f"%{escaped}%"
    return "holds_folded(m.text, ?)", word.casefold()


def _messages(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[Message]:
    """All of one thread; what goes with them is read at once: a query for each took most of the time of a long thread."""
    if not rows:
        return []
    ids = json.dumps([row["id"] for row in rows])
    citations = defaultdict(list)
    for citation in db.execute(
        "SELECT * FROM citations WHERE message_id IN (SELECT value FROM json_each(?))"
        " ORDER BY message_id, n, claim_start, start",
        (ids,),
    ):
        citations[citation["message_id"]].append(_citation(citation))
    followers = defaultdict(list)
    for row in db.execute(
        "SELECT id, parent_id, role FROM messages WHERE thread_id = ? ORDER BY id", (rows[0]["thread_id"],)
    ):
        followers[row["parent_id"], row["role"]].append(MessageId(row["id"]))
    return [_message(row, citations[row["id"]], followers[row["parent_id"], row["role"]]) for row in rows]


def _message(row: sqlite3.Row, citations: Sequence[Citation], branches: Sequence[MessageId]) -> Message:
    return Message(
        id=MessageId(row["id"]),
        thread_id=ThreadId(row["thread_id"]),
        role=Role(row["role"]),
        text=row["text"],
        created_at=row["created_at"],
        model=row["model"],
        citations=tuple(citations),
        searched=_searched(json.loads(row["searched"])) if row["searched"] else None,
        passages=tuple(_passage(value) for value in json.loads(row["passages"])),
        refused=bool(row["refused"]),
        notice=row["notice"],
        parent_id=None if row["parent_id"] is None else MessageId(row["parent_id"]),
        thinking=row["thinking"],
        branches=tuple(branches) if len(branches) > 1 else (),
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
