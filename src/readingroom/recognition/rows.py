"""Lines seen on a page as pieces and rows: set upright, parted at wide gaps, side by side where they stand so."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from readingroom.recognition.seen import SeenLine

_SAME_ROW = 0.5
"""Of the lower of two heights: middles nearer than this stand on one row."""
GUTTER = 0.35
"""Of a line's height: so wide, and on each of several rows, is a gap between columns."""
_APART = 0.6
_APART_RATIO = 2.0
"""Of a line's height, and of its usual space: a wider gap between words may be one between columns."""
MARK = 3.0
"""Of a line's height: a narrower part is the marks of the list to its right."""
_READ_MARK = 0.9
"""A list mark read less surely is a bullet or another sign that the network does not know."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a line that stand together, on the page turned so that most text runs across."""

    line: SeenLine
    spans: tuple[Interval, ...]
    """Of its words, from the left."""
    y: float
    """Of its middle."""
    height: float

    @property
    def x0(self) -> float:
        return self.spans[0][0]

    @property
    def x1(self) -> float:
        return self.spans[-1][1]

    def gaps(self) -> list[Interval]:
        """Between its words."""
        return [(before[1], after[0]) for before, after in pairwise(self.spans)]

    def parted(self, x: float) -> "tuple[Piece | None, Piece | None]":
        """The words to the left and to the right of a place."""
        count = sum((begin + end) / 2 < x for begin, end in self.spans)
        return self.part(0, count), self.part(count, len(self.spans))

    def part(self, first: int, last: int) -> "Piece | None":
        """Some of its words; None for none."""
        if first >= last:
            return None
        line = SeenLine(self.line.words[first:last], self.line.confidence)
        return Piece(line, self.spans[first:last], self.y, self.height)


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side, from the left."""

    pieces: tuple[Piece, ...]

    def gaps(self) -> list[Interval]:
        """Between its pieces."""
        return [
            (before.x1, after.x0)
            for before, after in pairwise(self.pieces)
            if after.x0 - before.x1 >= GUTTER * self.height
        ]

    def bare(self) -> list[Interval]:
        """Where nothing stands: between its pieces, and on both sides."""
        between = [(before.x1, after.x0) for before, after in pairwise(self.pieces)]
        return [(-math.inf, self.pieces[0].x0), *between, (self.pieces[-1].x1, math.inf)]

    def spaces(self) -> list[Interval]:
        """Between the words of its pieces."""
        return [gap for piece in self.pieces for gap in piece.gaps()]

    def on_one_side(self, gutters: Sequence[Interval]) -> bool:
        """Whether all of it stands in one column."""
        return not any(self.pieces[0].x0 < end and begin < self.pieces[-1].x1 for begin, end in gutters)

    @property
    def y(self) -> float:
        return sum(piece.y for piece in self.pieces) / len(self.pieces)

    @property
    def height(self) -> float:
        return max(piece.height for piece in self.pieces)

    @property
    def marked(self) -> bool:
        """Whether it begins with the mark of a list."""
        first = self.pieces[0]
        return len(self.pieces) > 1 and first.x1 - first.x0 <= MARK * first.height

    @property
    def x0(self) -> float:
        """Where it begins, a mark left out."""
        return self.pieces[1 if self.marked else 0].x0

    def line(self) -> SeenLine:
        pieces = self.pieces
        if self.marked and len(pieces[0].line.text) == 1 and pieces[0].line.confidence < _READ_MARK:
            pieces = pieces[1:]
        words = tuple(word for piece in pieces for word in piece.line.words)
        weight = sum(len(piece.line.text) for piece in pieces) or 1
        sure = sum(len(piece.line.text) * piece.line.confidence for piece in pieces)
        return SeenLine(words, sure / weight)


def placed(line: SeenLine, angle: float) -> list[Piece]:
    """Turn a line, and part it where a gap between two words is so wide that it may run across two columns."""
    cos, sin = math.cos(angle), math.sin(angle)
    turned = [[(x * cos + y * sin, y * cos - x * sin) for x, y in word.corners] for word in line.words]
    (ax, ay), (bx, by) = turned[0][0], turned[-1][1]
    if bx - ax < abs(by - ay):
        return []
    spans = tuple((min(x for x, _ in box), max(x for x, _ in box)) for box in turned)
    middle = sum(y for box in turned for _, y in box) / (4 * len(turned))
    # The height of a word, not of the line: what is left of a slant does not count.
    piece = Piece(line, spans, middle, max(math.dist(turned[0][0], turned[0][3]), 1.0))
    gaps = [end - begin for begin, end in piece.gaps()]
    wide = max(_APART * piece.height, _APART_RATIO * median(gaps or [0.0]))
    cuts = [0, *(place + 1 for place, gap in enumerate(gaps) if gap > wide), len(spans)]
    parts = [piece.part(first, last) for first, last in pairwise(cuts)]
    return [part for part in parts if part is not None]


def in_rows(pieces: Sequence[Piece]) -> list[Row]:
    """Put pieces on one height side by side; the rows from the top."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.y):
        for row in reversed(rows[-3:]):
            reach = _SAME_ROW * min(row[0].height, piece.height)
            beside = all(piece.x0 >= other.x1 - reach or piece.x1 <= other.x0 + reach for other in row)
            if beside and abs(row[0].y - piece.y) < reach:
                row.append(piece)
                break
        else:
            rows.append([piece])
    return [Row(tuple(sorted(row, key=lambda piece: piece.x0))) for row in rows]
