"""Names places in documents from what the catalog keeps of them, reading no more text than it must."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from readingroom.core.ids import DocumentId
from readingroom.core.places import (
    GRIDS,
    LINED,
    TIME_CHARS,
    TIME_WITHIN,
    TIMED,
    Place,
    RowIndex,
    container_of,
    joined_words,
    row_noun,
    section_words,
    time_words,
)
from readingroom.storage.extracted import tables_from

_LINES_WITHIN = 1_000_000
"""Characters: further down, counting lines would cost more than it tells."""

_Span = tuple[int, int]


def places_in(db: sqlite3.Connection, document_id: DocumentId, spans: Sequence[_Span]) -> list[Place]:
    """The places of spans of one document, in order; without words where it is gone."""
    row = db.execute(
        "SELECT format, path, locator, iif(format IN ({}), tables, '[]') AS tables FROM documents WHERE id = ?".format(
            ", ".join(f"'{name}'" for name in sorted(GRIDS))
        ),
        (document_id,),
    ).fetchone()
    if row is None:
        return [Place()] * len(spans)
    container = container_of(Path(os.fsdecode(row["path"])), row["locator"])
    rows = RowIndex(tables_from(row["tables"]))
    text = _text_of(db, document_id)

    def count_lines(first: int, last: int) -> int:
        return sum(piece.count("\n") for piece in text(first, last))

    found = []
    for start, end in spans:
        page = db.execute(
            "SELECT number, label FROM pages WHERE document_id = ? AND start <= ? AND start + length > ?"
            " ORDER BY ordinal LIMIT 1",
            (document_id, start, start),
        ).fetchone()
        numbered = page is not None and page["number"] is not None
        section = section_words(row["format"], page["number"], page["label"]) if numbered else ""
        detail = ""
        if noun := row_noun(row["format"], paginated=numbered):
            detail = rows.span_words(start, end, count_lines, noun)
        elif row["format"] in TIMED:
            before = "".join(text(max(0, start - TIME_WITHIN), start))
            detail = time_words(before, "".join(text(start, start + TIME_CHARS)))
        elif row["format"] in LINED and page is not None and not numbered and start <= _LINES_WITHIN:
            detail = f"line {1 + count_lines(0, start)}"
        found.append(Place(joined_words(section, detail), container))
    return found


def _text_of(db: sqlite3.Connection, document_id: DocumentId) -> Callable[[int, int], list[str]]:
    """The pieces of the text between two offsets, fetching that stretch alone."""

    def between(first: int, last: int) -> list[str]:
        pieces = db.execute(
            "SELECT substr(text, max(?2 - start, 0) + 1, min(?3 - start, length) - max(?2 - start, 0))"
            " FROM pages WHERE document_id = ?1 AND start < ?3 AND start + length > ?2",
            (document_id, first, last),
        )
        return [piece[0] for piece in pieces]

    return between
