"""How much of a claim's words each sentence of the passages holds; rarer words count more."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from readingroom.core.cited_units import units
from readingroom.core.models import Passage
from readingroom.core.telling_words import IDLE_WORDS
from readingroom.core.text_spans import Span, words

_ENDING = re.compile(r"(?:ations?|ments?|ings?|edly|ness|ed|ies|ied|es|ly|s|y|e|n)\Z")
_LEAST_STEM = 4
_BETWEEN = IDLE_WORDS | frozenset(
    "must may might shall also only both each such other another than then there here into onto upon over under more most "
    "less very just still yet again per within without between among during before after until till since while though "
    "although either neither nor not no never cannot nothing doesn don isn aren wasn weren didn won yes because too he she "
    "him her his hers himself herself themselves itself one ones all out up down off being having according however "
    "therefore thus well der die das den dem des ein eine einen einem einer und oder ist sind war mit von für auf im in zu "
    "zum zur bei als wie auch nicht es sie er wird werden le la les un une des du de et ou est sont dans pour par sur avec "
    "el los las del y o es son en por con para que se al lo".split()
)
"""Words that stand in any sentence, and say nothing of whether it is the same."""
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PAIR_GAIN = 0.2
"""Two sentences are marked only where the second adds a good part of the claim."""


_LEAST_ROW = 0.3
"""Of a row's rarity-weighted words in common with a claim: one that stands in three rows or fewer, or several."""
_CLEARLY = 1.5


@dataclass(frozen=True, slots=True)
class Shared:
    """What a passage shares with a claim."""

    share: float
    """Of the claim's words, weighed, that the span holds: 0 to 1."""
    span: Span
    """The sentence or row, or two neighbours, that hold most of them; offsets in the passage."""
    anywhere: float
    """The share that the whole passage holds, its headings and the header of its table with it."""


class SharedWords:
    """The passages of an answer, looked at once for all its claims."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.units = [units(passage.text, header_apart=bool(passage.context)) for passage in passages]
        self._texts = [passage.text for passage in passages]
        self._bags = [
            [stems(text[span.start : span.end]) for span in spans]
            for text, spans in zip(self._texts, self.units, strict=True)
        ]
        self._anywhere = [
            stems(" ".join((*passage.heading, passage.context))).union(*bags)
            for passage, bags in zip(passages, self._bags, strict=True)
        ]
        self._frequency = Counter(stem for bags in self._bags for bag in bags for stem in bag)
        self._count = 1 + sum(map(len, self._bags))

    def of(self, claim: str, place: int) -> Shared | None:
        """What the passage at `place` shares with a claim; None where it has no text or the claim no words."""
        wanted, bags, spans = stems(claim), self._bags[place], self.units[place]
        if not wanted or not bags:
            return None
        weight = self._weights(wanted)
        whole = sum(weight.values())

        def share_of(bag: AbstractSet[str]) -> float:
            return sum(weight[stem] for stem in wanted & bag) / whole

        shares = [share_of(bag) for bag in bags]
        best = max(range(len(bags)), key=shares.__getitem__)
        share, span = shares[best], spans[best]
        for first, second in pairwise(range(max(0, best - 1), min(len(bags), best + 2))):
            both = share_of(bags[first] | bags[second])
            if both > share + _PAIR_GAIN:
                share, span = both, Span(spans[first].start, spans[second].end)
        return Shared(share, span, share_of(self._anywhere[place]))

    def shares(self, claim: str, place: int) -> dict[Span, float]:
        """The share of the claim's words in each sentence of the passage."""
        weight = self._weights(stems(claim))
        whole = sum(weight.values()) or 1.0
        held = (sum(weight[stem] for stem in weight.keys() & bag) / whole for bag in self._bags[place])
        return dict(zip(self.units[place], held, strict=True))

    def nearest(self, claim: str, place: int, most: int) -> Sequence[Span]:
        """The sentences of a passage, of more than `most` those that share most words with the claim."""
        spans = self.units[place]
        if len(spans) <= most:
            return spans
        shares = self.shares(claim, place)
        return sorted(
            sorted(spans, key=lambda unit: (-shares[unit], unit.start))[:most], key=lambda unit: unit.start
        )

    def row(self, claim: str, place: int) -> Span | None:
        """The row of a table that holds clearly more of the claim's rarer words than any other.

        A claim is a sentence around a few values, so that its share in a row is always small.
        """
        wanted, text = stems(claim), self._texts[place]
        rows = [
            (span, bag)
            for span, bag in zip(self.units[place], self._bags[place], strict=True)
            if "|" in text[span.start : span.end]
        ]
        frequency = Counter(stem for _, bag in rows for stem in bag & wanted)
        scores = sorted(
            ((sum(1.0 / frequency[stem] for stem in bag & wanted), span.start, span) for span, bag in rows),
            reverse=True,
        )
        if not scores or scores[0][0] < _LEAST_ROW:
            return None
        if len(scores) > 1 and scores[0][0] < _CLEARLY * scores[1][0]:
            return None
        return scores[0][2]

    def _weights(self, wanted: AbstractSet[str]) -> dict[str, float]:
        return {stem: math.log(self._count / (0.5 + self._frequency[stem])) + 0.1 for stem in wanted}


def stems(text: str) -> frozenset[str]:
    """The telling words of a text without their endings; of scripts without spaces, pairs of signs."""
    found: set[str] = set()
    for word in words(text):
        if _WIDE.search(word):
            found.update(a + b for a, b in pairwise(word))
        elif word not in _BETWEEN:
            found.add(_stem(word))
    return frozenset(found)


def _stem(word: str) -> str:
    if len(word) <= _LEAST_STEM or not word.isalpha():
        return word
    stem = _ENDING.sub("", word)
    return stem if len(stem) >= _LEAST_STEM - 1 else word
