"""How candidates found by words and by meaning become one order; pure, the same for every vector store."""

import itertools
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from readingroom.core.ids import ChunkId
from readingroom.core.telling_words import IDLE_TERMS, terms
from readingroom.core.text_spans import words

T = TypeVar("T")

Scored = Sequence[tuple[ChunkId, float]]
"""One branch's candidates with its own scores."""

KIN = 5
"""Neighbours a candidate is judged with; 10 and 20 gave less on cranfield and no more elsewhere (ADR 18)."""
FEWEST = 4 * KIN
"""Among fewer candidates the nearest are no kin, only what is left."""

WINDOW = 25
"""Words; 12 and 50 gave the same within 0.002."""
_ALIKE = 0.95
_SAME_DOCUMENT = 0.3
"""Nearly two standard deviations of one branch."""
_KNOWS_NOTHING, _KNOWS_ENOUGH = 0.1, 0.6

_NONE: Mapping[ChunkId, float] = {}
_SPREAD = 3.0
_ALL_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Blend:
    """What a hybrid query gives weight to."""

    meaning: float = 0.5
    """Of 1; the rest is the words'. 0 where the embedder does not know the question's language."""
    kin: float = 0.5
    """How much of a candidate's score may come from those most like it; 0 leaves the plain fusion."""

    @property
    def needs_embeddings(self) -> bool:
        """Whether `with_kin` changes anything."""
        return self.kin > 0 and self.meaning > 0


def fused(
    by_words: Scored, by_meaning: Scored, blend: Blend, cosines: Mapping[ChunkId, float] = _NONE
) -> dict[ChunkId, float]:
    """Add the branches by the distribution of their scores, in [0, 1] but for extremes.

    A branch's mean counts a half, three standard deviations off 0 and 1 (Mazzeschi's distribution-based score
    fusion, as Qdrant's `Fusion.DBSF` has it, which takes no weights). What a branch did not find counts 0 there,
    unless `cosines` has it: those of passages found by words alone are known from their embeddings.
    """
    total: dict[ChunkId, float] = {}
    for branch, weight in ((by_words, 1 - blend.meaning), (by_meaning, blend.meaning)):
        for (chunk_id, _), share in zip(branch, _shares(branch), strict=True):
            total[chunk_id] = total.get(chunk_id, 0.0) + weight * share
    mean, deviation = _distribution(by_meaning)
    if deviation:
        near = {chunk_id for chunk_id, _ in by_meaning}
        for chunk_id, cosine in cosines.items():
            if chunk_id in total and chunk_id not in near:
                share = (cosine - mean) / (2 * _SPREAD * deviation) + 0.5
                total[chunk_id] += blend.meaning * max(0.0, share)
    return total


def with_kin(
    scores: Mapping[ChunkId, float], embeddings: Mapping[ChunkId, NDArray[np.float32]], blend: Blend
) -> dict[ChunkId, float]:
    """Draw each score to the mean of its nearest candidates'.

    Passages on one subject are mostly relevant together (F. Diaz, "Regularizing ad hoc retrieval scores", 2005).
    Embeddings have unit length; a candidate without one keeps its score. In a language the embedder does not know
    they say nothing, so the weight of meaning, squared, scales this.
    """
    ids = [chunk_id for chunk_id in scores if chunk_id in embeddings]
    share = blend.kin * min(2 * blend.meaning, 1.0) ** 2
    if len(ids) < FEWEST or share <= 0:
        return dict(scores)
    values = np.array([scores[chunk_id] for chunk_id in ids])
    rows = np.stack([embeddings[chunk_id] for chunk_id in ids])
    likeness = rows @ rows.T
    np.fill_diagonal(likeness, -1.0)
    nearest = np.argpartition(-likeness, KIN, axis=1)[:, :KIN]
    weights = np.maximum(np.take_along_axis(likeness, nearest, axis=1), 0.0).astype(np.float64)
    sums = weights.sum(axis=1)
    means = np.where(
        sums > 0, (weights * values[nearest]).sum(axis=1) / np.where(sums > 0, sums, 1.0), values
    )
    drawn = (1 - share) * values + share * means
    return {**scores, **dict(zip(ids, drawn.tolist(), strict=True))}


def weight_of_meaning(known_share: float) -> float:
    """How much meaning counts when the embedder knows this share of the question's words whole.

    A language-free measure: all-MiniLM-L6-v2 knows 0.95 of English questions, 0.76 of English ones full of terms
    (scifact), 0.52 of Spanish, 0.39 of German, 0.27 of Chinese, 0.09 of Russian, 0.01 of Arabic ones.
    """
    return 0.5 * min(1.0, max(0.0, (known_share - _KNOWS_NOTHING) / (_KNOWS_ENOUGH - _KNOWS_NOTHING)))


def closeness(question: str, texts: Sequence[str]) -> list[float]:
    """Of each text, how much of the question stands within a few lines of it: 0 to 1.

    Words count by their rarity among `texts`, endings cut off; Han and Kana by the character.
    """
    wanted = _wanted(question)
    places = [_places(text, wanted) for text in texts]
    weights = rarity([{term for _, term in found} for found in places], wanted)
    whole = sum(weights.values())
    return [_fullest_window(found, weights) / whole if whole else 0.0 for found in places]


def fullness(question: str, texts: Sequence[str]) -> list[float]:
    """Of each text, how much of the question it holds anywhere: 0 to 1.

    Words, the oftener the more, and pairs of words that are neighbours in the question and in the text, each by
    its rarity among `texts` (the sequential dependence of Metzler and Croft, 2005; `closeness` is its window).
    """
    asked = terms(question)
    wanted = _wanted(question)
    couples = frozenset(
        (one, two) for one, two in itertools.pairwise(asked) if one in wanted and two in wanted and one != two
    )
    places = [_places(text, wanted) for text in texts]
    often = [Counter(term for _, term in found) for found in places]
    paired = [
        {(one, two) for (at, one), (then, two) in itertools.pairwise(found) if then == at + 1} & couples
        for found in places
    ]
    of_words, of_couples = rarity(often, wanted), rarity(paired, couples)
    whole = sum(of_words.values()) + sum(of_couples.values())
    return [
        (
            sum(of_words[term] * count / (count + 1) for term, count in counts.items())
            + sum(of_couples[couple] for couple in sorted(pairs))
        )
        / (whole or 1.0)
        for counts, pairs in zip(often, paired, strict=True)
    ]


def rarity(held: Sequence[Iterable[T]], wanted: Collection[T]) -> dict[T, float]:
    """Of each word that is wanted (or pair of words) how much it tells: the more, the fewer of the texts hold it."""
    spread = Counter(one for of_text in held for one in of_text)
    number = len(held)
    return {
        one: math.log(1 + (number - spread[one] + 0.5) / (spread[one] + 0.5))
        for one in sorted(wanted)  # type: ignore[type-var]
    }


def across(scores: Sequence[float], documents: Sequence[int]) -> list[int]:
    """Places in an order that draws on many documents, by maximal marginal relevance (Carbonell and Goldstein, 1998).

    Two passages are alike where they are of one document; what one costs the next is `_SAME_DOCUMENT` of a fused score.
    """
    first: list[int] = []
    further: list[int] = []
    seen: set[int] = set()
    for place in sorted(range(len(scores)), key=lambda at: (-scores[at], at)):
        (further if documents[place] in seen else first).append(place)
        seen.add(documents[place])
    reduced = {place: scores[place] - _SAME_DOCUMENT for place in further}
    return sorted(range(len(scores)), key=lambda at: (-reduced.get(at, scores[at]), at))


def first_of_each(texts: Sequence[str], limit: int) -> list[int]:
    """Places of the first `limit` texts that repeat none before them; then, as room is left, of those that do.

    A repetition has 95% of its words in common with what it repeats, and the same numbers: two bills by one form
    are not the same.
    """
    kept: list[tuple[int, frozenset[str]]] = []
    repeated: list[int] = []
    for place, text in enumerate(texts):
        if len(kept) == limit:
            break
        held = frozenset(words(text))
        if any(_are_alike(held, other) for _, other in kept):
            repeated.append(place)
        else:
            kept.append((place, held))
    return [*(place for place, _ in kept), *repeated][:limit]


def _are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    # The sizes first: they tell most pairs apart, and 40 passages make 780 pairs.
    smaller, larger = sorted((len(one), len(other)))
    if smaller < _ALIKE * larger:
        return False
    shared = len(one & other)
    if shared < _ALIKE * (smaller + larger - shared):
        return False
    differing = one ^ other
    return not any(character.isdigit() for word in differing for character in word)


def _wanted(question: str) -> frozenset[str]:
    return frozenset(terms(question)) - IDLE_TERMS


@lru_cache(maxsize=256)
def _places(text: str, wanted: frozenset[str]) -> tuple[tuple[int, str], ...]:
    # Kept, since relevance, closeness and fullness look at the same texts for the same words.
    return tuple((at, term) for at, term in enumerate(terms(text)) if term in wanted)


def _fullest_window(found: Sequence[tuple[int, str]], weights: Mapping[str, float]) -> float:
    inside: Counter[str] = Counter()
    first, sum_inside, fullest = 0, 0.0, 0.0
    for at, term in found:
        inside[term] += 1
        if inside[term] == 1:
            sum_inside += weights[term]
        while found[first][0] < at - WINDOW:
            left = found[first][1]
            inside[left] -= 1
            if not inside[left]:
                sum_inside -= weights[left]
            first += 1
        fullest = max(fullest, sum_inside)
    return fullest


def _distribution(branch: Scored) -> tuple[float, float]:
    """Mean and standard deviation; 0 for the second where the scores tell nothing apart."""
    if len(branch) < 2:
        return 0.0, 0.0
    values = np.array([score for _, score in branch], np.float64)
    deviation = float(values.std(ddof=1))
    if deviation <= 1e-9 * float(np.abs(values).max()):
        return 0.0, 0.0
    return float(values.mean()), deviation


def _shares(branch: Scored) -> list[float]:
    mean, deviation = _distribution(branch)
    if not deviation:
        return [_ALL_ALIKE] * len(branch)
    values = np.array([score for _, score in branch], np.float64)
    shares: list[float] = ((values - mean) / (2 * _SPREAD * deviation) + 0.5).tolist()
    return shares
