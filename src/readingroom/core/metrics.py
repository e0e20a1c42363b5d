"""Retrieval measures over a judged collection: nDCG, recall and reciprocal rank, by document."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Judgments = Mapping[str, int]
"""Document id -> relevance; 0 is judged not relevant."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the questions that have a relevant document."""

    ndcg_at_k: float
    recall_at_k: float
    recall_at_100: float
    mrr_at_k: float
    queries: int


def score(rankings: Mapping[str, Sequence[str]], judged: Mapping[str, Judgments], k: int) -> Scores:
    """Score rankings (question id -> document ids, best first, each once) against judgments."""
    counted = [query for query in rankings if any(grade > 0 for grade in judged.get(query, {}).values())]
    number = len(counted)

    def mean(values: Sequence[float]) -> float:
        return sum(values) / number if number else 0.0

    return Scores(
        ndcg_at_k=mean([ndcg(rankings[query], judged[query], k) for query in counted]),
        recall_at_k=mean([recall(rankings[query], judged[query], k) for query in counted]),
        recall_at_100=mean([recall(rankings[query], judged[query], 100) for query in counted]),
        mrr_at_k=mean([reciprocal_rank(rankings[query], judged[query], k) for query in counted]),
        queries=number,
    )


def ndcg(ranking: Sequence[str], judged: Judgments, k: int) -> float:
    """Discounted gain of the first k over the best possible; gain is the grade, as trec_eval's `ndcg_cut` has it."""
    gained = sum(judged.get(document, 0) / math.log2(rank + 2) for rank, document in enumerate(ranking[:k]))
    best = sorted((grade for grade in judged.values() if grade > 0), reverse=True)[:k]
    ideal = sum(grade / math.log2(rank + 2) for rank, grade in enumerate(best))
    return gained / ideal if ideal else 0.0


def recall(ranking: Sequence[str], judged: Judgments, k: int) -> float:
    """Share of the relevant documents among the first k."""
    relevant = {document for document, grade in judged.items() if grade > 0}
    return len(relevant.intersection(ranking[:k])) / len(relevant)


def reciprocal_rank(ranking: Sequence[str], judged: Judgments, k: int) -> float:
    """One over the rank of the first relevant document, 0 where none is among the first k."""
    for rank, document in enumerate(ranking[:k], start=1):
        if judged.get(document, 0) > 0:
            return 1.0 / rank
    return 0.0
