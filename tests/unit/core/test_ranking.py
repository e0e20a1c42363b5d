"""How candidates of two branches become one order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from readingroom.core.ids import ChunkId
from readingroom.core.ranking import (
    FEWEST,
    Blend,
    across,
    closeness,
    first_of_each,
    fullness,
    fused,
    weight_of_meaning,
    with_kin,
)

Branch = list[tuple[ChunkId, float]]

_scores = st.floats(0, 50, allow_nan=False).map(lambda value: round(value, 3))
_branches = st.dictionaries(st.integers(1, 30).map(ChunkId), _scores, max_size=20).map(
    lambda scores: list(scores.items())
)
_weights = st.floats(0, 1).map(lambda value: round(value, 2))


def branch(*scores: float) -> Branch:
    return [(ChunkId(n), score) for n, score in enumerate(scores, start=1)]


def unit(*values: float) -> NDArray[np.float32]:
    row = np.array(values, np.float32)
    return np.asarray(row / np.linalg.norm(row), np.float32)


def in_order(scores: dict[ChunkId, float]) -> list[ChunkId]:
    return sorted(scores, key=lambda chunk_id: (-scores[chunk_id], chunk_id))


def test_what_both_branches_find_comes_first() -> None:
    assert in_order(fused(branch(9, 8, 1), branch(0.2, 0.6, 0.3), Blend()))[0] == 2


def test_a_branch_without_weight_decides_nothing() -> None:
    words, meaning = branch(3, 2, 1), branch(0.1, 0.2, 0.9)
    assert in_order(fused(words, meaning, Blend(meaning=0)))[:3] == [1, 2, 3]
    assert in_order(fused(words, meaning, Blend(meaning=1)))[:3] == [3, 2, 1]


@given(_branches, _branches, _weights)
def test_scores_are_finite_and_every_candidate_has_one(words: Branch, meaning: Branch, weight: float) -> None:
    scores = fused(words, meaning, Blend(weight))
    assert set(scores) == {chunk_id for chunk_id, _ in (*words, *meaning)}
    assert np.isfinite(list(scores.values())).all()


@given(_branches, _branches, _weights, st.floats(0.01, 100))
def test_the_scale_of_a_branch_does_not_matter(
    words: Branch, meaning: Branch, weight: float, scale: float
) -> None:
    grown = [(chunk_id, score * scale) for chunk_id, score in words]
    plain = fused(words, meaning, Blend(weight))
    assert fused(grown, meaning, Blend(weight)) == pytest.approx(plain, abs=1e-6)


@given(_branches, _weights)
def test_the_order_of_a_single_branch_is_kept(words: Branch, weight: float) -> None:
    scores = fused(words, [], Blend(weight))
    for one, higher in words:
        for other, lower in words:
            if higher > lower:
                assert scores[one] >= scores[other]


def test_a_candidate_like_the_best_ones_rises_over_its_equal() -> None:
    scores = {ChunkId(n): 1 - n / 100 for n in range(1, 11)} | {ChunkId(n): 0.2 for n in range(11, 31)}
    fox, tax = unit(1, 0.1), unit(0.1, 1)
    embeddings = {ChunkId(n): fox if n <= 10 or n == 30 else tax for n in range(1, 31)}
    drawn = with_kin(scores, embeddings, Blend())
    assert drawn[ChunkId(30)] > drawn[ChunkId(29)]
    assert in_order(drawn)[0] == 1


def test_a_handful_of_candidates_is_left_as_it_is() -> None:
    scores = {ChunkId(n): 1 / n for n in range(1, FEWEST)}
    assert with_kin(scores, {chunk_id: unit(chunk_id, 1) for chunk_id in scores}, Blend()) == scores


@given(
    st.dictionaries(st.integers(1, 99).map(ChunkId), st.floats(0, 1), min_size=1, max_size=30),
    st.integers(0, 30),
    _weights,
)
def test_kin_never_lifts_a_score_out_of_the_range_of_all(
    scores: dict[ChunkId, float], embedded: int, weight: float
) -> None:
    rows = np.random.default_rng(7).standard_normal((embedded, 4)).astype(np.float32)
    embeddings = {chunk_id: unit(*row) for chunk_id, row in zip(scores, rows, strict=False)}
    drawn = with_kin(scores, embeddings, Blend(weight))
    assert set(drawn) == set(scores)
    assert min(drawn.values()) >= min(scores.values()) - 1e-9
    assert max(drawn.values()) <= max(scores.values()) + 1e-9


def test_in_a_language_the_embedder_does_not_know_kin_say_nothing() -> None:
    scores = {ChunkId(n): 1 / n for n in range(1, 40)}
    embeddings = {chunk_id: unit(1, chunk_id) for chunk_id in scores}
    assert with_kin(scores, embeddings, Blend(meaning=0)) == scores


def test_meaning_counts_half_in_a_known_language_and_nothing_in_an_unknown_one() -> None:
    assert weight_of_meaning(0.95) == weight_of_meaning(0.76) == 0.5
    assert weight_of_meaning(0.09) == weight_of_meaning(0.0) == 0
    assert 0 < weight_of_meaning(0.27) < weight_of_meaning(0.39) < 0.5


def test_words_close_together_count_more_than_the_same_words_apart() -> None:
    far = "wing " + "and so on " * 40 + "flutter"
    near, apart, other = closeness("wing flutter", ["the flutter of a wing", far, "tax return"])
    assert near > apart > other == 0


def test_closeness_knows_endings_and_characters() -> None:
    assert closeness("Versicherungen", ["Die Versicherung zahlt.", "Sie zahlt."])[0] > 0
    assert (
        closeness("首都", ["东京是日本的首都", "大阪很大"])[0] > closeness("首都", ["大阪很大", "首 ..."])[0]
    )


@given(st.text(max_size=60), st.lists(st.text(max_size=200), max_size=6))
def test_closeness_is_a_share_for_any_text(question: str, texts: list[str]) -> None:
    found = closeness(question, texts)
    assert len(found) == len(texts)
    assert all(0 <= share <= 1 + 1e-9 for share in found)


def test_a_text_that_holds_more_of_the_question_is_fuller() -> None:
    texts = ["The flutter of a wing.", "A wing.", "Wing flutter.", "wing wing wing", "tax return"]
    turned, one, paired, often, other = fullness("What is wing flutter?", texts)
    assert paired > turned > often > one > other == 0


def test_a_pair_counts_only_where_its_words_are_neighbours() -> None:
    texts = ["board of directors meets the chair", "the chair meets a board of directors", "chairs"]
    beside, apart, _ = fullness("chair board", [f"{texts[0]}", "chair board", texts[2]])
    assert apart > beside


def test_fullness_knows_endings_and_characters() -> None:
    assert fullness("Versicherungen", ["Die Versicherung zahlt.", "Sie zahlt."])[0] > 0
    ordered, turned = fullness("首都", ["东京是日本的首都", "都是首"])
    assert ordered > turned


@given(st.text(max_size=60), st.lists(st.text(max_size=200), max_size=6))
def test_fullness_is_a_share_for_any_text(question: str, texts: list[str]) -> None:
    found = fullness(question, texts)
    assert len(found) == len(texts)
    assert all(0 <= share <= 1 + 1e-9 for share in found)


def test_what_words_alone_found_counts_by_its_meaning_too() -> None:
    by_words = [(ChunkId(1), 9.0), (ChunkId(2), 9.0), (ChunkId(3), 1.0)]
    by_meaning = [(ChunkId(4), 0.8), (ChunkId(5), 0.6), (ChunkId(6), 0.7)]
    cosines = {ChunkId(1): 0.59, ChunkId(2): 0.1, ChunkId(4): -1.0, ChunkId(9): 0.9}
    plain = fused(by_words, by_meaning, Blend())
    known = fused(by_words, by_meaning, Blend(), cosines)
    assert known[ChunkId(1)] > known[ChunkId(2)] >= plain[ChunkId(2)], "nearer, and never worse than unknown"
    assert known[ChunkId(4)] == plain[ChunkId(4)], "its own score stands"
    assert set(known) == set(plain)
    assert fused(by_words, [(ChunkId(4), 0.8)], Blend(), cosines) == fused(by_words, by_meaning[:1], Blend())


def test_a_repetition_comes_after_everything_else() -> None:
    texts = ["The fox sleeps.", "the FOX  sleeps", "The whale sings.", "The owl hoots."]
    assert first_of_each(texts, 4) == [0, 2, 3, 1]
    assert first_of_each(texts, 3) == [0, 2, 3]


def test_texts_that_differ_in_a_number_are_two() -> None:
    form = "dear customer please find enclosed the bill for your order which we were glad to receive " * 2
    names = " ".join(f"w{chr(97 + n)}" for n in range(26))
    assert first_of_each([f"{form} {names} 4711", f"{form} {names} 4712", "other"], 3) == [0, 1, 2]
    assert first_of_each([f"{form} {names} 4711", f"{form} {names} 4711 sir", "other"], 3) == [0, 2, 1]


@given(
    st.lists(st.sampled_from(["", "fox", "the fox", "whale", "owl 1", "owl 2"]), max_size=12),
    st.integers(1, 12),
)
def test_no_text_is_lost_while_there_is_room(texts: list[str], limit: int) -> None:
    places = first_of_each(texts, limit)
    assert len(places) == min(limit, len(texts))
    assert len(set(places)) == len(places)


def test_a_second_document_comes_before_more_of_the_first_unless_far_behind() -> None:
    assert across([0.9, 0.85, 0.7, 0.2], [1, 1, 2, 3]) == [0, 2, 1, 3]


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 4)), max_size=12))
def test_the_best_passage_stays_first_and_none_is_lost(found: list[tuple[float, int]]) -> None:
    order = across([score for score, _ in found], [document for _, document in found])
    assert sorted(order) == list(range(len(found)))
    if found:
        assert found[order[0]][0] == max(score for score, _ in found)
