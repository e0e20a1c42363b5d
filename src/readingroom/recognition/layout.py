"""Reading order of lines found on a page: columns one after the other, tables row by row, paragraphs apart."""

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from readingroom.recognition.rows import GUTTER, MARK, Interval, Piece, Row, in_rows, placed
from readingroom.recognition.seen import SeenLine

_LEAST_ROWS = 3
_ACROSS = 0.6
_BESIDE = 0.9
"""Of a line's height: rows nearer than this are side by side."""
_PROSE = 7.0
"""Of a line's height: pieces usually as wide as this are prose, narrower ones cells or list marks."""
_NEW_PARAGRAPH = 1.25
"""Of the usual distance of rows."""
_OTHER_SIZE = 1.35
_INDENT = 0.9
_DEEPEST = 6
_MOST_ROWS = 400
"""Columns are looked for no further down: the work grows with the square, and no page has so many lines."""


def in_reading_order(lines: Sequence[SeenLine], angle: float) -> tuple[tuple[SeenLine, ...], ...]:
    """Order lines into paragraphs. `angle` is the direction in which most of them run (radians, clockwise).

    Lines across that direction (a note in the margin) come last.
    """
    pieces: list[Piece] = []
    aside: list[tuple[SeenLine, ...]] = []
    for line in lines:
        found = placed(line, angle)
        pieces += found
        aside += [] if found else [(line,)]
    return (*_read(pieces, 0), *aside)


def _read(pieces: Sequence[Piece], depth: int) -> list[tuple[SeenLine, ...]]:
    rows = in_rows(pieces)
    result: list[tuple[SeenLine, ...]] = []
    plain: list[Row] = []
    place = 0
    while place < len(rows):
        block = _columns(rows, place, len(plain)) if place < _MOST_ROWS and depth < _DEEPEST else None
        if block is None:
            plain.append(rows[place])
            place += 1
            continue
        above, place, columns = block
        result += _paragraphs(plain[: len(plain) - above])
        plain = []
        for column in columns:
            result += _read(column, depth + 1)
    return result + _paragraphs(plain)


def _columns(rows: Sequence[Row], first: int, most_above: int) -> tuple[int, int, list[list[Piece]]] | None:
    """Find the columns of prose that begin on a row; None where there are none.

    Returns how many rows above belong to them (one column may begin higher; `most_above` are to be had), the row just
    past them, and their pieces.
    """
    gutters = _first_gutters(rows, first)
    stop = first + 1
    while gutters and stop < len(rows):
        narrowed = _narrowed(gutters, rows[stop])
        if not narrowed:
            break
        gutters = narrowed
        stop += 1
    if not any(_parts(rows[first:stop], gutter) for gutter in gutters):
        return None
    wide = _wide_step(rows[first:stop])
    while (
        stop - first > 1
        and rows[stop - 1].y - rows[stop - 2].y > wide
        and rows[stop - 1].on_one_side(gutters)
    ):
        stop -= 1
    start = first
    while (
        first - start < most_above
        and rows[start - 1].on_one_side(gutters)
        and rows[start].y - rows[start - 1].y <= wide
    ):
        start -= 1
    columns = _parts_of_prose(rows[start:stop], gutters)
    return None if columns is None else (first - start, stop, columns)


def _narrowed(gutters: Sequence[Interval], row: Row) -> list[Interval]:
    """What of the gutters has nothing in it on this row either."""
    narrowed = []
    for gutter in gutters:
        for gap in row.bare():
            begin, end = max(gutter[0], gap[0]), min(gutter[1], gap[1])
            if end - begin >= GUTTER * row.height:
                narrowed.append((begin, end))
        for space in row.spaces():
            # Lines of two columns that were found as one have a space as wide as the gutter.
            begin, end = max(gutter[0], space[0]), min(gutter[1], space[1])
            if end - begin >= max(GUTTER * row.height, _ACROSS * (gutter[1] - gutter[0])):
                narrowed.append((begin, end))
    return narrowed


def _first_gutters(rows: Sequence[Row], first: int) -> list[Interval]:
    """The gaps of a row; the lines of columns need not stand on one height, so the next row counts where it overlaps."""
    row = rows[first]
    beside = [
        other
        for other in rows[first + 1 : first + 2]
        if other.y - row.y < _BESIDE * min(row.height, other.height)
    ]
    pieces = sorted((piece for one in (row, *beside) for piece in one.pieces), key=lambda piece: piece.x0)
    return Row(tuple(pieces)).gaps()


def _parts(rows: Sequence[Row], gutter: Interval) -> bool:
    """Whether enough stands on both sides of a gutter."""
    left = sum(row.pieces[0].x0 < gutter[0] for row in rows)
    right = sum(row.pieces[-1].x1 > gutter[1] for row in rows)
    return min(left, right) >= _LEAST_ROWS


def _wide_step(rows: Sequence[Row]) -> float:
    """From which distance a row stands apart from the next."""
    usual = median([below.y - above.y for above, below in pairwise(rows)] or [0.0])
    return max(usual * 1.8, 1.2 * median(row.height for row in rows))


def _parts_of_prose(rows: Sequence[Row], gutters: Sequence[Interval]) -> list[list[Piece]] | None:
    """Part the rows at the gutters where that gives columns of prose; None for a table or a list."""
    remaining = [piece for row in rows for piece in row.pieces]
    columns: list[list[Piece]] = []
    marks: list[Piece] = []
    for cut in [*sorted((begin + end) / 2 for begin, end in gutters), math.inf]:
        part: list[Piece] = []
        beyond: list[Piece] = []
        for piece in remaining:
            left, right = piece.parted(cut)
            part += [left] if left else []
            beyond += [right] if right else []
        remaining = beyond
        if not part:
            continue
        height = median(piece.height for piece in part)
        usual = median(piece.x1 - piece.x0 for piece in part) / height
        width = max(piece.x1 for piece in part) - min(piece.x0 for piece in part)
        if usual >= _PROSE and len(part) > 1:
            columns.append(marks + part)
            marks = []
        elif width <= MARK * height:
            marks += part
        else:
            return None
    if marks and columns:
        columns[-1] += marks
    return columns if len(columns) > 1 else None


def _paragraphs(rows: Sequence[Row]) -> list[tuple[SeenLine, ...]]:
    if not rows:
        return []
    steps = [below.y - above.y for above, below in pairwise(rows)]
    usual = _usual_step(steps)
    paragraphs: list[list[SeenLine]] = [[rows[0].line()]]
    for above, below in pairwise(rows):
        sizes = sorted((above.height, below.height))
        if (
            below.y - above.y > _NEW_PARAGRAPH * max(usual, below.height * 0.9)
            or sizes[1] > _OTHER_SIZE * sizes[0]
            or below.marked
            or below.x0 - above.x0 > _INDENT * below.height
        ):
            paragraphs.append([])
        paragraphs[-1].append(below.line())
    return [tuple(paragraph) for paragraph in paragraphs]


def _usual_step(steps: Sequence[float]) -> float:
    """The distance of rows within paragraphs: the median of the nearer half."""
    if not steps:
        return 0.0
    nearer = sorted(steps)[: max(1, (len(steps) + 1) // 2 + len(steps) // 4)]
    return median(nearer)
