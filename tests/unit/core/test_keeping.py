"""What an edit leaves whole of the version before, with words for tokens."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from readingroom.core.chunking import Boundary, Piece
from readingroom.core.keeping import Group, keep_known
from readingroom.core.packing import pack

LIMIT = 100
_WORDS = [first + second for first in "bdfgklmnprst" for second in ("ale", "orn", "ust", "eeping", "iver")]


def paragraph(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(words)) + "."


def cut(paragraphs: list[str], known: frozenset[str] = frozenset()) -> list[str]:
    text, pieces = "", []
    for words in paragraphs:
        pieces.append(Piece(len(text), len(text) + len(words), Boundary.PARAGRAPH, len(words.split())))
        text += words + "\n\n"

    def words_of(group: Group) -> str:
        return text[group[0].start : group[-1].end]

    groups = list(keep_known(pack(text, pieces, LIMIT), LIMIT, lambda group: words_of(group) in known))
    assert [piece for group in groups for piece in group] == pieces
    assert all(len(group) == 1 or sum(piece.tokens for piece in group) <= LIMIT for group in groups)
    return [words_of(group) for group in groups]


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6), edits=st.integers(1, 4))
def test_one_edit_after_another_changes_three_chunks_each_at_most(seed: int, edits: int) -> None:
    chance = random.Random(seed)
    paragraphs = [paragraph(chance, chance.randint(8, 60)) for _ in range(60)]
    before = cut(paragraphs)
    for _ in range(edits):
        place = chance.randrange(len(paragraphs))
        kept = [] if chance.random() < 0.3 else [paragraphs[place]]
        paragraphs[place : place + 1] = [*kept, paragraph(chance, chance.randint(8, 60))]
        after = cut(paragraphs, frozenset(before))
        assert len(set(after) - set(before)) <= 3
        before = after


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), places=st.lists(st.integers(0, 39), max_size=20), share=st.floats(0, 1))
def test_whatever_was_there_before_nothing_is_left_out_or_too_long(
    seed: int, places: list[int], share: float
) -> None:
    """`cut` asserts it: the version before may be any."""
    chance = random.Random(seed)
    paragraphs = [paragraph(chance, chance.randint(1, 120)) for _ in range(40)]
    before = [chunk for chunk in cut(paragraphs) if chance.random() < share]
    for place in places:
        paragraphs[place] = paragraph(chance, chance.randint(1, 120))
    assert len(set(cut(paragraphs, frozenset(before))) - set(before)) <= len(
        set(cut(paragraphs)) - set(before)
    )


def test_text_that_is_new_throughout_is_cut_as_if_there_had_been_nothing() -> None:
    chance = random.Random(5)
    other = frozenset(cut([paragraph(chance, 40) for _ in range(300)]))
    paragraphs = [paragraph(chance, chance.randint(8, 60)) for _ in range(300)]
    assert cut(paragraphs, other) == cut(paragraphs)
