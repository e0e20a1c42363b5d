"""Names places in documents from what the catalog keeps of them, reading no more text than it must."""

import os
import sqlite3
from collections.abc import Sequence
from functools import partial
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
from readingroom.storage.page_spans import page_at, text_within

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
    text = partial(text_within, db, document_id)

    def count_lines(first: int, last: int) -> int:
        return sum(piece.count("\n") for piece in text(first, last))

    found = []
    for start, end in spans:
        page = page_at(db, document_id, start)
        numbered = page is not None and page["number"] is not None
        section = section_words(row["format"], page["number"], page["label"]) if page and numbered else ""
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
