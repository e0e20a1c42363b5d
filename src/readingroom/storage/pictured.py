"""Which pages of a document wait to be recognised; within a transaction."""

import sqlite3

# The formats whose pages can be drawn.
_DRAWN = ("pdf", "image")

# Of a row of `pages`, named p: nothing to read on it. Long texts are not looked at.
_BLANK = "(p.length < 32 AND trim(p.text, char(9, 10, 12, 13, 32)) = '')"
# To be recognised, now or once already.
PICTURED = f"(p.pictured OR p.read_text IS NOT NULL OR {_BLANK})"


def count_pictured(db: sqlite3.Connection, document_id: int) -> None:
    """Count anew the pages of a document that are pictures, those recognised, and those without text.

    Call after its pages, or what was recognised on them, changed.
    """
    row = db.execute(
        # A page is done when its outcome is known, and owed while that is not in its text.
        "SELECT count(*) AS pages, count(g.page) AS done,"
        " coalesce(sum(g.page IS NOT NULL AND NOT p.merged), 0) AS owed,"
        f" coalesce(sum({_BLANK} OR p.pictured AND (g.page IS NULL OR g.failure <> '' OR NOT p.merged)), 0) AS without"
        " FROM documents d JOIN pages p ON p.document_id = d.id"
        " LEFT JOIN recognised_pages g ON g.content_hash = d.content_hash AND g.page = p.number"
        f" WHERE d.id = ? AND d.format IN ({', '.join('?' * len(_DRAWN))})"
        f" AND p.number IS NOT NULL AND {PICTURED}",
        (document_id, *_DRAWN),
    ).fetchone()
    if not row["pages"]:
        db.execute("DELETE FROM recognition WHERE document_id = ?", (document_id,))
        return
    db.execute(
        "INSERT INTO recognition (document_id, pages, done, owed) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (document_id) DO UPDATE SET pages = ?2, done = ?3, owed = ?4",
        (document_id, row["pages"], row["done"], row["owed"] > 0),
    )
    db.execute("UPDATE documents SET pages_without_text = ? WHERE id = ?", (row["without"], document_id))
