"""Chooses the sentences of a text that say most of it: an extract, where no model is there to write a summary."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from readingroom.core.idle_words import idle_words
from readingroom.core.text_spans import Span, sentences, words

_LEAST_WORDS, _MOST_CHARS = 6, 400
_MOST_SENTENCES = 400
"""Of a section: their likeness is compared in pairs."""
_DAMPING = 0.85
_ROUNDS = 20
_FIRST = 0.15
"""What the first sentences of a section gain: they mostly say what it is about."""
_ALIKE = 0.5
"""Cosine of two sentences above which the second adds nothing."""


def key_sentences(text: str, most: int) -> list[Span]:
    """The sentences that most others share their words with (TextRank, Mihalcea and Tarau 2004), in order of the text."""
    spans = [span for span in sentences(text) if _is_prose(text[span.start : span.end])][:_MOST_SENTENCES]
    if len(spans) <= most:
        return spans
    likeness = _likeness([words(text[span.start : span.end]) for span in spans])
    scores = _ranked(likeness)
    scores = scores / (scores.max() or 1.0) + _FIRST / (1 + np.arange(len(spans)))
    chosen: list[int] = []
    for at in np.argsort(-scores, kind="stable"):
        if all(likeness[at, other] < _ALIKE for other in chosen):
            chosen.append(int(at))
        if len(chosen) == most:
            break
    return [spans[at] for at in sorted(chosen)]


def _is_prose(sentence: str) -> bool:
    held = words(sentence)
    unspaced = len(held) <= 2 and len(sentence) >= 12 and not sentence.isascii()
    return (len(held) >= _LEAST_WORDS or unspaced) and len(sentence) <= _MOST_CHARS and "|" not in sentence


def _likeness(bags: Sequence[Sequence[str]]) -> np.ndarray:
    """Cosine of the sentences' words, rarer ones counting more; none with itself."""
    telling = [[word for word in bag if word not in idle_words()] or list(bag) for bag in bags]
    frequency = Counter(word for bag in telling for word in set(bag))
    place = {word: at for at, word in enumerate(frequency)}
    matrix = np.zeros((len(bags), len(place)), dtype=np.float32)
    for row, bag in enumerate(telling):
        for word, count in Counter(bag).items():
            matrix[row, place[word]] = count * math.log(1 + len(bags) / frequency[word])
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix /= np.where(norms > 0, norms, 1)
    likeness = matrix @ matrix.T
    np.fill_diagonal(likeness, 0)
    return likeness


def _ranked(likeness: np.ndarray) -> np.ndarray:
    count = len(likeness)
    out = likeness.sum(axis=1, keepdims=True)
    step = np.divide(likeness, out, out=np.full_like(likeness, 1 / count), where=out > 0)
    scores = np.full(count, 1 / count, dtype=np.float32)
    for _ in range(_ROUNDS):
        scores = (1 - _DAMPING) / count + _DAMPING * step.T @ scores
    return scores
