"""Chunks of the version before that an edit leaves whole, where the text alone would have it change many.

Borders are chosen by the text around them (`core.packing`), so that an edit mostly changes one chunk or two; by chance it can
be five. Where more than three are new, what stood in the version before is kept as it stood, and only what lies between
is divided anew.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from readingroom.core.chunking import MAX_CHARS_PER_TOKEN, Piece

Group = tuple[Piece, ...]
"""The pieces of a chunk."""

_FEW = 3
_MANY = 48
"""More new chunks than this are text that was written anew; nothing of it is looked for in the version before."""
_MOST_PIECES = 800
"""Of new chunks: a list of single words has hundreds in each, and time is bounded all the same."""


def keep_known(
    groups: Iterable[Group], limit_tokens: int, is_known: Callable[[Group], bool]
) -> Iterator[Group]:
    """Give `groups` as they are, or, where more than three are not known, with as few of these as may be.

    `is_known` tells whether a chunk of exactly these pieces was there before. No group comes out over `limit_tokens`
    that did not go in as one piece.
    """
    runs = [(known, list(run)) for known, run in groupby(groups, key=is_known)]
    new = [group for known, run in runs if not known for group in run]
    as_they_are = not _FEW < len(new) <= _MANY or sum(map(len, new)) > _MOST_PIECES
    for known, run in runs:
        if known or as_they_are:
            yield from run
        else:
            yield from _settled(run, limit_tokens, is_known)


def _settled(run: Sequence[Group], limit_tokens: int, is_known: Callable[[Group], bool]) -> Sequence[Group]:
    divided, new = _divided(run, limit_tokens, is_known)
    return divided if new < len(run) and new < len(divided) else run


def _divided(
    run: Sequence[Group], limit_tokens: int, is_known: Callable[[Group], bool]
) -> tuple[list[Group], int]:
    """With the fewest unknown groups, then the fewest borders that the run had not; and how many are unknown."""
    pieces = [piece for group in run for piece in group]
    borders = {group[0].start for group in run}
    best: list[tuple[int, int, float]] = [(0, 0, 0.0)]
    starts = [0]
    for end in range(1, len(pieces) + 1):
        options = []
        for start in range(end - 1, -1, -1):
            group = tuple(pieces[start:end])
            tokens = sum(piece.tokens for piece in group)
            if start < end - 1 and not _fits(group, tokens, limit_tokens):
                break
            new, moved, uneven = best[start]
            new += not is_known(group)
            moved += group[0].start not in borders
            options.append(((new, moved, uneven + (1 - tokens / limit_tokens) ** 2), start))
        least, start = min(options)
        best.append(least)
        starts.append(start)
    divided = []
    end = len(pieces)
    while end:
        divided.append(tuple(pieces[starts[end] : end]))
        end = starts[end]
    return divided[::-1], best[-1][0]


def _fits(group: Group, tokens: int, limit_tokens: int) -> bool:
    return tokens <= limit_tokens and group[-1].end - group[0].start <= limit_tokens * MAX_CHARS_PER_TOKEN
