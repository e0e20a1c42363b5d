"""Passages that follow each other become one."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.catalog import PassageRow
from readingroom.core.ids import DocumentId, SourceId
from readingroom.core.joining import MOST_JOINED, joined, neighbours
from readingroom.core.models import Chunk

TEXT = "".join(f"Sentence {n:04}.\n\n" for n in range(100))
WIDTH = len("Sentence 0000.\n\n")


def row(ordinal: int, document: int = 1) -> PassageRow:
    start, end = ordinal * WIDTH, (ordinal + 1) * WIDTH - 2
    chunk = Chunk(ordinal, start, end, ordinal // 2, (), TEXT[start:end], 3, "")
    return PassageRow(DocumentId(document), SourceId(1), Path("a.txt"), chunk)


def test_what_follows_takes_no_place_of_its_own() -> None:
    rows = [row(5), row(9), row(6), row(20), row(4)]
    assert neighbours(rows, 3) == [[4, 0, 2], [1], [3]]


def test_the_same_place_of_another_document_is_no_neighbour() -> None:
    assert neighbours([row(5), row(6, document=2)], 2) == [[0], [1]]


def test_the_text_between_is_kept() -> None:
    whole = joined([row(1), row(2)], lambda _, start, end: TEXT[start:end])
    assert whole.chunk.text == "Sentence 0001.\n\nSentence 0002."
    assert (whole.chunk.start, whole.chunk.end, whole.chunk.page) == (WIDTH, 3 * WIDTH - 2, 0)


@given(st.lists(st.integers(0, 12), unique=True, max_size=12), st.integers(1, 6))
def test_groups_follow_on_and_stand_by_their_best(ordinals: list[int], limit: int) -> None:
    rows = [row(ordinal) for ordinal in ordinals]
    groups = neighbours(rows, limit)
    assert len(groups) <= limit
    taken = [place for group in groups for place in group]
    assert len(taken) == len(set(taken))
    for group in groups:
        found = [ordinals[place] for place in group]
        assert found == list(range(found[0], found[0] + len(found)))
        assert len(group) <= MOST_JOINED
    bests = [min(group) for group in groups]
    assert bests == sorted(bests)
