"""Joins passages that follow each other in a document: found small, read as one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from readingroom.core.catalog import PassageRow
from readingroom.core.ids import DocumentId

MOST_JOINED = 3
"""Chunks in one passage: longer ones say too little of where in them the answer stands."""

TextOf = Callable[[DocumentId, int, int], str]
"""The text of a document between two offsets."""


def neighbours(rows: Sequence[PassageRow], limit: int) -> list[list[int]]:
    """Places of the first rows in order, those that follow each other in a document together; at most `limit` groups.

    A group stands where its best member stood, its members in the order of the document. Rows are taken until there are
    `limit` groups and no longer: what comes later is not looked at, or all of a document would be drawn in.
    """
    groups: list[list[int]] = []
    for place, row in enumerate(rows):
        beside = [group for group in groups if _touches(rows, group, row)]
        if beside and sum(map(len, beside)) < MOST_JOINED:
            first, *others = beside
            first.append(place)
            for other in others:
                first += other
                groups.remove(other)
            first.sort(key=lambda at: rows[at].chunk.start)
        elif len(groups) == limit:
            break
        else:
            groups.append([place])
    return groups


def joined(rows: Sequence[PassageRow], text_of: TextOf) -> PassageRow:
    """One row over rows that follow each other, with what stands between them."""
    first, last = rows[0], rows[-1]
    if first is last:
        return first
    chunk = replace(
        first.chunk,
        end=last.chunk.end,
        text=text_of(first.document_id, first.chunk.start, last.chunk.end),
        tokens=sum(row.chunk.tokens for row in rows),
        text_hash="",
    )
    return replace(first, chunk=chunk)


def _touches(rows: Sequence[PassageRow], group: Sequence[int], row: PassageRow) -> bool:
    return any(
        rows[at].document_id == row.document_id and abs(rows[at].chunk.ordinal - row.chunk.ordinal) == 1
        for at in group
    )
