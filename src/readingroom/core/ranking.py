"""How candidates found by words and by meaning become one order; pure, the same for every vector store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readingroom.core.ids import ChunkId

Scored = Sequence[tuple[ChunkId, float]]
"""One branch's candidates with its own scores."""

KIN = 5
"""Neighbours a candidate is judged with; 10 and 20 gave less on cranfield and no more elsewhere (ADR 18)."""

_CLEAR_GAP = 3.0
_NO_GAP = 1.0
"""How far the first stands out, in standard deviations, from where on it needs no neighbours, and up to where it
has their full weight. Half of cranfield's questions, which have many answers, lie below 1.9, half of xquad's,
which have one, above 3.8."""
_NEXT = 9
_HEAD = 50
_SPREAD = 3.0
_ALL_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Blend:
    """What a hybrid query gives weight to."""

    meaning: float = 0.5
    """Of 1; the rest is the words'. 0 where the embedder does not know the question's language."""
    kin: float = 0.5
    """How much of a candidate's score may come from those most like it; 0 leaves the plain fusion."""


def fused(words: Scored, meaning: Scored, blend: Blend) -> dict[ChunkId, float]:
    """Add the branches by the distribution of their scores, in [0, 1] but for extremes.

    A branch's mean counts a half, three standard deviations off 0 and 1 (Mazzeschi's distribution-based score
    fusion, as Qdrant's `Fusion.DBSF` has it, which takes no weights). What a branch did not find counts 0 there.
    """
    total: dict[ChunkId, float] = {}
    for branch, weight in ((words, 1 - blend.meaning), (meaning, blend.meaning)):
        for (chunk_id, _), share in zip(branch, _shares(branch), strict=True):
            total[chunk_id] = total.get(chunk_id, 0.0) + weight * share
    return total


def with_kin(
    scores: Mapping[ChunkId, float], embeddings: Mapping[ChunkId, NDArray[np.float32]], blend: Blend
) -> dict[ChunkId, float]:
    """Draw each score to the mean of its nearest candidates', the less the clearer the first one stands out.

    Passages on one subject are mostly relevant together (F. Diaz, "Regularizing ad hoc retrieval scores", 2005).
    Embeddings have unit length; a candidate without one keeps its score. In a language the embedder does not know
    they say nothing, so the weight of meaning scales this too.
    """
    ids = [chunk_id for chunk_id in scores if chunk_id in embeddings]
    share = blend.kin * min(2 * blend.meaning, 1.0) * _need(np.array(list(scores.values())))
    kin = min(KIN, len(ids) - 1)
    if kin < 1 or share <= 0:
        return dict(scores)
    values = np.array([scores[chunk_id] for chunk_id in ids])
    rows = np.stack([embeddings[chunk_id] for chunk_id in ids])
    likeness = rows @ rows.T
    np.fill_diagonal(likeness, -1.0)
    nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :kin]
    weights = np.maximum(np.take_along_axis(likeness, nearest, axis=1), 0.0).astype(np.float64)
    sums = weights.sum(axis=1)
    means = np.where(
        sums > 0, (weights * values[nearest]).sum(axis=1) / np.where(sums > 0, sums, 1.0), values
    )
    drawn = (1 - share) * values + share * means
    return {**scores, **dict(zip(ids, drawn.tolist(), strict=True))}


def _shares(branch: Scored) -> list[float]:
    if len(branch) < 2:
        return [_ALL_ALIKE] * len(branch)
    values = np.array([score for _, score in branch], np.float64)
    deviation = float(values.std(ddof=1))
    if deviation <= 1e-9 * float(np.abs(values).max()):
        return [_ALL_ALIKE] * len(branch)
    shares: list[float] = ((values - values.mean()) / (2 * _SPREAD * deviation) + 0.5).tolist()
    return shares


def _need(values: NDArray[np.float64]) -> float:
    """0 where the first candidate stands out from the next nine, 1 where it does not."""
    if len(values) <= _NEXT + 1:
        return 0.0
    ordered = np.sort(values)[::-1]
    deviation = float(ordered[:_HEAD].std())
    if deviation <= 0:
        return 0.0
    gap = float(ordered[0] - ordered[1 : _NEXT + 1].mean()) / deviation
    return min(1.0, max(0.0, (_CLEAR_GAP - gap) / (_CLEAR_GAP - _NO_GAP)))
