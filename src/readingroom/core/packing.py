"""Which paragraphs make a chunk: borders are chosen by what stands around them, so that an edit moves few of them.

A greedy rule counts from the last border, and one word more shifts all that follow. Here a border is a landmark if
none within 0.4 of a chunk to either side ranks higher (the local maxima of N. Bjørner, A. Blass and Y. Gurevich,
"Content-dependent chunking for differential compression, the local maximum approach", 2010). What ranks is the
strength of the boundary, then a hash of the text that follows, so that whether a border is a landmark is known from
that much text around it; and what lies between two landmarks is divided by itself. An edit changes the chunks between
the landmarks around it.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from readingroom.core.chunking import MAX_CHARS_PER_TOKEN, Boundary, Piece
from readingroom.core.seams import begins_item, ends_sentence, opening_hash

_REACH = 0.4
"""Of a chunk; how far a landmark outranks the others. More of it fills chunks better and lets an edit reach further:
0.4 leaves them 65% full, 0.5 69%, 1.0 73%, and of 660 edits 0 and 5 change more than 3 chunks at 0.4 and 0.5 (ADR 16)."""

_APART = {Boundary.PAGE: 0.5, Boundary.SECTION: 0.25}
"""A page or a section that begins so much of a chunk after the one before is a landmark whatever stands around:
a heading starts a new chunk unless what precedes it is a scrap."""

_HEADING_TOKENS = 24
"""A piece as short as this and without a full stop belongs to what follows it."""

_PENALTY = {
    Boundary.NONE: 0.6,
    Boundary.SENTENCE: 0.3,
    Boundary.PARAGRAPH: 0.0,
    Boundary.PAGE: -0.15,
    Boundary.SECTION: -0.4,
}
_A_CHUNK = 0.15
_CHANCE = 1.0
"""What weighs in the division between landmarks, beside the square of the room left in a chunk. The heavier the
hash, the fewer borders an edit moves, and the less even the chunks."""

_MOST_PIECES = 4096
"""Between two landmarks: text that repeats itself may have none, and memory is bounded all the same."""


class _Rank(NamedTuple):
    strength: Boundary
    apart: bool
    """Not close behind another of the same strength: of a title and the headings below it the first counts."""
    chance: int
    """64 bits."""


@dataclass(frozen=True, slots=True)
class _Border:
    """A piece with what is known of the border before it."""

    piece: Piece
    at: int
    """Tokens before it."""
    rank: _Rank

    @property
    def fixed(self) -> bool:
        return self.rank.apart and self.rank.strength >= Boundary.PAGE


def pack(text: str, pieces: Iterable[Piece], limit_tokens: int) -> Iterator[tuple[Piece, ...]]:
    """Join neighbouring pieces of `text` into chunks of at most `limit_tokens` and a bounded length.

    A piece that is over the limit by itself comes alone; the caller cuts it before or after.
    """
    for stretch in _stretches(_ranked(text, pieces, limit_tokens), limit_tokens * _REACH):
        yield from _divided(stretch, limit_tokens)


def _ranked(text: str, pieces: Iterable[Piece], limit_tokens: int) -> Iterator[_Border]:
    at = 0
    before: Piece | None = None
    last_at = dict.fromkeys(_APART, -limit_tokens)
    for piece in pieces:
        strength = _strength(text, before, piece)
        apart = strength in _APART and at - last_at[strength] >= _APART[strength] * limit_tokens
        for kind in last_at:
            if kind <= strength:
                last_at[kind] = at
        yield _Border(piece, at, _Rank(strength, apart, opening_hash(text, piece.start)))
        at += piece.tokens
        before = piece


def _strength(text: str, before: Piece | None, piece: Piece) -> Boundary:
    if before is None or piece.before >= Boundary.PAGE:
        return piece.before
    if piece.before is Boundary.NONE:
        whole = ends_sentence(text, before.end) or begins_item(text, piece.start)
        return Boundary.SENTENCE if whole else Boundary.NONE
    leads_on = before.tokens <= _HEADING_TOKENS and not ends_sentence(text, before.end)
    return Boundary.NONE if leads_on and piece.before is Boundary.PARAGRAPH else piece.before


def _stretches(borders: Iterable[_Border], reach_tokens: float) -> Iterator[list[_Border]]:
    """Divide at the landmarks, as soon as it is known that nothing within reach outranks one."""
    stretch: list[_Border] = []
    # Of the borders within reach those that none behind them outranks, the highest first.
    high: deque[_Border] = deque()
    candidate: int | None = None
    for border in borders:
        if candidate is not None and border.at - stretch[candidate].at > reach_tokens:
            yield stretch[:candidate]
            stretch, candidate = stretch[candidate:], None
        while high and border.at - high[0].at > reach_tokens:
            high.popleft()
        while high and high[-1].rank < border.rank:
            high.pop()
        if stretch and border.fixed:
            # A candidate that is outranked from here is none.
            yield stretch
            stretch, candidate = [], None
        elif stretch and not high:
            candidate = len(stretch)
        elif len(stretch) >= _MOST_PIECES:
            yield stretch
            stretch, candidate = [], None
        high.append(border)
        stretch.append(border)
    if candidate is not None:
        yield stretch[:candidate]
        stretch = stretch[candidate:]
    if stretch:
        yield stretch


def _divided(stretch: Sequence[_Border], limit_tokens: int) -> Iterator[tuple[Piece, ...]]:
    """Divide what lies between two landmarks, at the least cost."""
    pieces = [border.piece for border in stretch]
    limit_chars = limit_tokens * MAX_CHARS_PER_TOKEN
    at_border = [0.0, *(_cost(border.rank) for border in stretch[1:])]
    costs = [0.0]
    starts = [0]
    for end in range(1, len(pieces) + 1):
        least, best, tokens = float("inf"), end - 1, 0
        for start in range(end - 1, -1, -1):
            tokens += pieces[start].tokens
            over = tokens > limit_tokens or pieces[end - 1].end - pieces[start].start > limit_chars
            if over and start < end - 1:
                break
            room = 1 - tokens / limit_tokens
            cost = costs[start] + room * room + _A_CHUNK + at_border[start]
            if cost < least:
                least, best = cost, start
        costs.append(least)
        starts.append(best)
    groups = []
    end = len(pieces)
    while end:
        groups.append(tuple(pieces[starts[end] : end]))
        end = starts[end]
    yield from reversed(groups)


def _cost(rank: _Rank) -> float:
    return _PENALTY[rank.strength] + _CHANCE * (1 - rank.chance / 2**64)
