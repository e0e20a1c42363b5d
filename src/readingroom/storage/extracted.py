"""Writes what was read of a document: its pages, chunks and the documents inside it; within a transaction."""

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence

from readingroom.core.extraction import Member, Page, PlacedWord, Table
from readingroom.core.models import Chunk, DocumentState
from readingroom.core.word_places import accents
from readingroom.storage.store import enqueue, next_revision


def insert_pages(db: sqlite3.Connection, document_id: int, pages: Sequence[Page]) -> None:
    """Add pages after those that are there."""
    first = db.execute("SELECT count(*) FROM pages WHERE document_id = ?", (document_id,)).fetchone()[0]
    db.executemany(
        "INSERT INTO pages (document_id, ordinal, number, start, length, text, label, words, pictured, accents)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                document_id,
                ordinal,
                page.number,
                page.start,
                len(page.text),
                page.text,
                page.label,
                json.dumps(page.words),
                page.pictured,
                accents(page.text),
            )
            for ordinal, page in enumerate(pages, start=first)
        ],
    )


def page_from(row: sqlite3.Row) -> Page:
    """A row of `pages`."""
    words = tuple(
        PlacedWord(start, end, (x0, y0, x1, y1), line)
        for start, end, (x0, y0, x1, y1), line in json.loads(row["words"])
    )
    return Page(row["number"], row["start"], row["text"], row["label"], words, bool(row["pictured"]))


def tables_json(tables: Sequence[Table]) -> str:
    """Tables as the column keeps them."""
    return json.dumps([(table.start, table.end, table.header, table.rows) for table in tables])


def tables_from(text: str) -> tuple[Table, ...]:
    """Tables as they were read."""
    return tuple(
        Table(start, end, header, tuple((offset, row) for offset, row in rows))
        for start, end, header, rows in json.loads(text)
    )


def insert_chunks(
    db: sqlite3.Connection,
    index_id: int,
    document_id: int,
    chunks: Sequence[Chunk],
    *,
    continued: bool = False,
) -> None:
    """Write the chunks of a document and have their points written; `continued`: after those that are there."""
    first = 0
    if continued:
        first = db.execute(
            "SELECT coalesce(max(ordinal) + 1, 0) FROM chunks WHERE document_id = ? AND index_id = ?",
            (document_id, index_id),
        ).fetchone()[0]
    db.executemany(
        'INSERT INTO chunks (index_id, document_id, ordinal, start, "end", page, heading, text, tokens, text_hash, context,'
        " topic) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                index_id,
                document_id,
                first + chunk.ordinal,
                chunk.start,
                chunk.end,
                chunk.page,
                json.dumps(chunk.heading),
                chunk.text,
                chunk.tokens,
                chunk.text_hash,
                chunk.context,
                chunk.topic,
            )
            for chunk in chunks
        ],
    )
    if continued and first:
        if chunks:
            db.execute(
                "UPDATE index_documents SET state = 'pending' WHERE index_id = ? AND document_id = ?",
                (index_id, document_id),
            )
        return
    state = "pending" if chunks else "ready"
    db.execute(
        "INSERT OR REPLACE INTO index_documents (index_id, document_id, state) VALUES (?, ?, ?)",
        (index_id, document_id, state),
    )


def write_members(db: sqlite3.Connection, document_id: int, members: Sequence[Member]) -> None:
    """Bring the documents inside a document up to date: new ones are queued, changed ones again, gone ones removed.

    A message that only moved within its mailbox is known by its content and keeps its text.
    """
    container = db.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
    wanted = {container["path"] + b"/" + os.fsencode(member.name): member for member in members}
    known = db.execute("SELECT * FROM documents WHERE container_id = ?", (document_id,)).fetchall()
    kept = _matched(wanted, known)
    kept_ids = {row["id"] for row in kept.values()}
    db.executemany(
        "DELETE FROM documents WHERE id = ?", [(row["id"],) for row in known if row["id"] not in kept_ids]
    )
    # In two steps: two members may have changed places.
    moved = {path: row for path, row in kept.items() if row["path"] != path}
    for row in moved.values():
        _move(db, row["id"], b"\0moving\0%d" % row["id"], row["locator"])
    steps = f"{container['locator']}/" if container["locator"] else ""
    revision = next_revision(db)
    queued: list[int] = []
    for path, member in wanted.items():
        if (before := kept.get(path)) is not None:
            _move(db, before["id"], path, steps + member.locator)
            unchanged = before["content_hash"] == member.content_hash
            db.execute(
                "UPDATE documents SET size_bytes = ?, modified_at_ns = ?, revision = ?,"
                " state = iif(?, state, 'queued'), strikes = iif(?, strikes, 0) WHERE id = ?",
                (
                    member.size_bytes,
                    container["modified_at_ns"],
                    revision,
                    unchanged,
                    unchanged,
                    before["id"],
                ),
            )
            queued += [] if unchanged else [before["id"]]
            continue
        added = db.execute(
            "INSERT INTO documents (source_id, container_id, state, path, locator, size_bytes, modified_at_ns, revision)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
            (
                container["source_id"],
                document_id,
                DocumentState.QUEUED,
                path,
                steps + member.locator,
                member.size_bytes,
                container["modified_at_ns"],
                revision,
            ),
        ).fetchone()
        queued += [added["id"]] if added is not None else []
    enqueue(db, queued)


def _matched(wanted: Mapping[bytes, Member], known: Sequence[sqlite3.Row]) -> dict[bytes, sqlite3.Row]:
    """The known members that the wanted paths go on as: same path and content, then same content, then same path."""
    left = {row["path"]: row for row in known}
    kept = {
        path: left.pop(path)
        for path, member in wanted.items()
        if path in left and left[path]["content_hash"] == member.content_hash
    }
    by_content: dict[str, list[bytes]] = {}
    for path, row in left.items():
        by_content.setdefault(row["content_hash"], []).append(path)
    for path, member in wanted.items():
        if path not in kept and (same := by_content.get(member.content_hash)):
            kept[path] = left.pop(same.pop())
    return kept | {path: left[path] for path in wanted if path not in kept and path in left}


def members_below(db: sqlite3.Connection, document_id: int) -> list[tuple[int, bytes]]:
    """The documents inside a document, at any depth, and what their paths add to the container's."""
    rows = db.execute(
        "WITH RECURSIVE inside (id, path) AS ("
        " SELECT id, path FROM documents WHERE container_id = ?1"
        " UNION ALL SELECT d.id, d.path FROM documents d JOIN inside i ON d.container_id = i.id)"
        " SELECT i.id, i.path, (SELECT path FROM documents WHERE id = ?1) AS container FROM inside i",
        (document_id,),
    )
    return [(row["id"], row["path"][len(row["container"]) :]) for row in rows]


def _move(db: sqlite3.Connection, document_id: int, path: bytes, locator: str) -> None:
    """Give a member and all that is inside it another place."""
    old = db.execute("SELECT path, locator FROM documents WHERE id = ?", (document_id,)).fetchone()
    if (old["path"], old["locator"]) == (path, locator):
        return
    for member_id, below in members_below(db, document_id):
        row = db.execute("SELECT locator FROM documents WHERE id = ?", (member_id,)).fetchone()
        inner = locator + row["locator"][len(old["locator"]) :]
        db.execute(
            "UPDATE documents SET path = ?, locator = ? WHERE id = ?", (path + below, inner, member_id)
        )
    db.execute("UPDATE documents SET path = ?, locator = ? WHERE id = ?", (path, locator, document_id))
