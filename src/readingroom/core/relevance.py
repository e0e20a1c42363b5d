"""Decides whether what was found speaks to the question at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from readingroom.core.models import Passage
from readingroom.core.ranking import closeness, rarity
from readingroom.core.telling_words import IDLE_TERMS, terms

SPEAKS = -2.0
"""Log-odds from which a passage is taken to speak to the question (ADR 22). A good question refused is the worse mistake."""
MIN_SIMILARITY = 0.35
"""Cosine from which a person sets out who wants to say it themselves; a passage also needs words of the question
to be taken at that."""

# Logistic regression on answerable questions of six collections and on questions put to the wrong one, the classes
# weighted alike: cranfield, three documents of spanqa, xquad in German and Russian. See `benchmarks/refusals.py`.
_ALWAYS = -4.3
_KNOWN = -3.93
_COSINE, _COSINE_AND_WORDS, _CLOSENESS_TOO = 11.28, 8.15, 8.93
_WORDS, _CLOSENESS = 7.64, 7.09
_FEWEST = 20
"""Among fewer passages it cannot be told which words are rare: all count alike."""
_COVERED = 1 / 3
"""Of the question's words, in all that was found together: fewer, and it may be in another language than the texts."""
_STANDS_OUT = 0.2
"""Above the middle of what was found, in cosines of the bundled model: nine in ten passages that answer across languages."""
_A_COSINE_MORE = 19.0
"""In log-odds; the two groups lie 0.12 apart and spread by 0.08. See ADR 30."""
# What a question says about itself, or about saying.
_FRAMING = frozenset(
    term
    for word in "accord according mention mentioned describe described specific discuss discussed regarding please explain "
    "document documents text texts passage report".split()
    for term in terms(word)
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to judge a passage by."""

    text: str
    """With its headings."""
    name: str
    """Of the document."""
    similarity: float | None
    """None where it is not known: it was not among the nearest, or has no embedding yet."""


def bearings(
    question: str, found: Sequence[Evidence], *, known: float = 1.0, across: bool = False
) -> list[float]:
    """Log-odds, of each passage, that it speaks to the question.

    Similarity in meaning counts as far as the embedder knows the question's language and its cosines were measured
    (`known`, 0 to 1); else the question's words do, the rarer among these passages the more, and the more the
    closer they stand together. Give all passages that were found: what is rare is judged among them.

    With `across`, for a model that may know more languages than ours, a passage that stands out from the others by its
    similarity speaks to a question whose words are hardly found anywhere: cosines between languages are lower.
    """
    wanted = set(terms(question)) - IDLE_TERMS - _FRAMING
    if not wanted:
        # Nothing is asked that a text could hold or lack.
        return [0.0] * len(found)
    bags = [wanted.intersection(terms(passage.name) + terms(passage.text)) for passage in found]
    few = len(found) < _FEWEST
    weights = dict.fromkeys(wanted, 1.0) if few else rarity(bags, wanted)
    whole = sum(weights.values())
    shares = [sum(weights[term] for term in bag) / whole for bag in bags]
    close = shares if few else closeness(question, [passage.text for passage in found])
    near = [passage.similarity for passage in found if passage.similarity is not None]
    # What only its words brought is no nearer in meaning than the last that its meaning brought.
    least = min(near, default=None)
    odds = [
        _log_odds(least if passage.similarity is None else passage.similarity, share, near_by, known)
        for passage, share, near_by in zip(found, shares, close, strict=True)
    ]
    if not across or len(near) < _FEWEST or len(set().union(*bags)) >= _COVERED * len(wanted):
        return odds
    bar = median(near) + _STANDS_OUT
    return [
        odd if passage.similarity is None else max(odd, SPEAKS + _A_COSINE_MORE * (passage.similarity - bar))
        for odd, passage in zip(odds, found, strict=True)
    ]


def speaks(passage: Passage, threshold: float | None = None) -> bool:
    """Whether it is near enough to the question to be put before a model or a person.

    A nearness in meaning that the person set decides alone, where it is known.
    """
    if threshold is not None and passage.similarity is not None:
        return passage.similarity >= threshold
    return passage.bearing is None or passage.bearing >= SPEAKS


def _log_odds(similarity: float | None, share: float, close: float, known: float) -> float:
    by_words = _WORDS * share + _CLOSENESS * close
    if similarity is None or not known:
        return _ALWAYS + by_words
    cosine = max(similarity, 0.0)
    by_meaning = _KNOWN + cosine * (_COSINE + _COSINE_AND_WORDS * share) + _CLOSENESS_TOO * close
    return _ALWAYS + known * by_meaning + (1 - known) * by_words
