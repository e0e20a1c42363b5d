"""Finds the pages of a document, and their text, by offsets in its text."""

import sqlite3

from readingroom.core.ids import DocumentId

# From the last page that begins at or before ?2 on: without that bound all pages before it are read, and without
# the index they are read with their text.
_MEETS = (
    "pages INDEXED BY pages_by_start WHERE document_id = ?1 AND start < ?3 AND start + length > ?2"
    " AND start >= coalesce((SELECT max(start) FROM pages WHERE document_id = ?1 AND start <= ?2), 0)"
    " ORDER BY ordinal"
)


def pages_within(db: sqlite3.Connection, document_id: DocumentId, start: int, end: int) -> list[sqlite3.Row]:
    """Pages that hold something of [start, end), in order: `number`, `label`, `start`, `stop`."""
    return db.execute(
        f"SELECT number, label, start, start + length AS stop FROM {_MEETS}",
        (document_id, start, end),
    ).fetchall()


def page_at(db: sqlite3.Connection, document_id: DocumentId, offset: int) -> sqlite3.Row | None:
    """The page that holds the character at `offset`; None where nothing stands there."""
    return next(iter(pages_within(db, document_id, offset, offset + 1)), None)


def text_within(db: sqlite3.Connection, document_id: DocumentId, start: int, end: int) -> list[str]:
    """The text of [start, end), a piece a page."""
    rows = db.execute(
        f"SELECT substr(text, max(?2 - start, 0) + 1, min(?3 - start, length) - max(?2 - start, 0)) FROM {_MEETS}",
        (document_id, start, end),
    )
    return [row[0] for row in rows]
