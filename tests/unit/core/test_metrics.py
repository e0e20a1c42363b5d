"""Retrieval measures against values worked out by hand."""

import math

import pytest

from readingroom.core.metrics import ndcg, recall, reciprocal_rank, score


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    assert ndcg(["x", "a", "b"], {"a": 1, "b": 1}, 10) == pytest.approx(
        (1 / math.log2(3) + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    )


def test_a_perfect_ranking_scores_one() -> None:
    assert ndcg(["b", "a"], {"a": 1, "b": 2}, 10) == 1.0


def test_recall_counts_relevant_documents_only() -> None:
    assert recall(["a", "c"], {"a": 1, "b": 1, "c": 0}, 2) == 0.5


def test_reciprocal_rank_looks_at_the_first_hit() -> None:
    assert reciprocal_rank(["x", "y", "a"], {"a": 1}, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(["x", "y", "a"], {"a": 1}, 2) == 0.0


def test_questions_without_a_relevant_document_do_not_count() -> None:
    assert score({"q1": ["a"], "q2": ["a"]}, {"q1": {"a": 1}, "q2": {"a": 0}}, 10).queries == 1
