"""What the parts of the catalog share: the lane, and the count by which changes of documents are told."""

import sqlite3
from collections.abc import Iterable

from readingroom.storage.lane import Lane


class Store:
    """A part of the catalog."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane


_AHEAD = 1 << 40
"""More than there will ever be revisions: before all that has not been put first."""


def next_revision(db: sqlite3.Connection) -> int:
    """A number greater than every document's; within a transaction."""
    row = db.execute(
        "UPDATE counters SET value = value + 1 WHERE name = 'revision' RETURNING value"
    ).fetchone()
    return int(row[0])


def enqueue(db: sqlite3.Connection, document_ids: Iterable[int], *, first: bool = False) -> None:
    """Put documents at the end of the queue, or of those that come first; one being read now will be read again."""
    revision = next_revision(db)
    db.executemany(
        # One that went meanwhile is passed over.
        "INSERT INTO queue (document_id, position) SELECT id, ? FROM documents WHERE id = ?"
        " ON CONFLICT (document_id) DO UPDATE SET claimed = 0, position = excluded.position",
        [(revision - _AHEAD if first else revision, document_id) for document_id in document_ids],
    )
