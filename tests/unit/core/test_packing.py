"""Which pieces are joined, and how far an edit reaches, with words for tokens."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from readingroom.core.chunking import Boundary, Piece
from readingroom.core.packing import pack

LIMIT = 100
_WORDS = [
    f"{first}{second}" for first in "bdfgklmnprst" for second in ("ale", "orn", "ust", "eeping", "iver")
]


def laid_out(paragraphs: list[str], boundaries: dict[int, Boundary] | None = None) -> tuple[str, list[Piece]]:
    text, pieces = "", []
    for place, paragraph in enumerate(paragraphs):
        before = (boundaries or {}).get(place, Boundary.PARAGRAPH)
        pieces.append(Piece(len(text), len(text) + len(paragraph), before, len(paragraph.split())))
        text += paragraph + "\n\n"
    return text, pieces


def packed(paragraphs: list[str], boundaries: dict[int, Boundary] | None = None) -> list[str]:
    text, pieces = laid_out(paragraphs, boundaries)
    groups = list(pack(text, pieces, LIMIT))
    assert [piece for group in groups for piece in group] == pieces
    assert all(len(group) == 1 or sum(piece.tokens for piece in group) <= LIMIT for group in groups)
    return [text[group[0].start : group[-1].end] for group in groups]


def paragraph(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(words)) + "."


def prose(seed: int, count: int, longest: int = 60) -> list[str]:
    chance = random.Random(seed)
    return [paragraph(chance, chance.randint(8, longest)) for _ in range(count)]


def test_a_chunk_of_decent_size_ends_before_a_section_but_a_scrap_is_joined() -> None:
    chance = random.Random(1)
    sections = {0: Boundary.SECTION, 1: Boundary.SECTION}
    assert len(packed([paragraph(chance, 30), paragraph(chance, 30)], sections)) == 2
    assert len(packed([paragraph(chance, 20), paragraph(chance, 30)], sections)) == 1


def test_a_title_goes_with_the_text_below_it() -> None:
    """Its own words rank it; the paragraph below must not."""
    for seed in range(40):
        paragraphs = prose(seed, 12)
        paragraphs[6] = "Of wind and rain"
        assert not any(chunk.endswith("Of wind and rain") for chunk in packed(paragraphs))


def test_white_space_between_paragraphs_counts_towards_the_length_of_a_chunk() -> None:
    text = "One." + " " * 100_000 + "Two."
    pieces = [Piece(0, 4, Boundary.SECTION, 1), Piece(len(text) - 4, len(text), Boundary.PARAGRAPH, 1)]
    assert [len(group) for group in pack(text, pieces, LIMIT)] == [1, 1]


def test_text_that_repeats_itself_is_divided_evenly_in_bounded_memory() -> None:
    chunks = packed(["the same five words again."] * 20_000)
    assert len(chunks) < 1_700


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    place=st.integers(0, 199),
    kind=st.sampled_from(["word", "another", "insert", "delete"]),
    words=st.integers(1, 100),
)
def test_an_edit_of_one_paragraph_changes_few_chunks(seed: int, place: int, kind: str, words: int) -> None:
    """Three nearly always; the property holds of every document what holds of nearly all edits of it."""
    before = prose(seed, 200)
    after = list(before)
    chance = random.Random(seed + 1)
    if kind == "word":
        after[place] = " ".join(["changed", *after[place].split()[1:]])
    elif kind == "another":
        after[place] = paragraph(chance, words)
    elif kind == "insert":
        after.insert(place, paragraph(chance, words))
    else:
        del after[place]
    assert len(set(packed(after)) - set(packed(before))) <= 6


def test_three_chunks_are_enough_for_nearly_every_edit() -> None:
    before = prose(7, 400)
    known = set(packed(before))
    chance = random.Random(8)
    changed = []
    for place in range(0, 400, 4):
        after = list(before)
        after[place] = paragraph(chance, chance.randint(8, 60))
        changed.append(len(set(packed(after)) - known))
    assert sum(count > 3 for count in changed) <= 2
