"""How near the embeddings of a model lie, told in terms of the model that comes with the program.

Cosines of one model say nothing about another's: texts that have nothing to do with each other have 0.05 by
all-MiniLM-L6-v2 and 0.75 by multilingual-e5-small. What was measured with the bundled model holds for others through
this (ADR 30).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_LEAST_BETWEEN = 0.02
"""Closer together than this, and a model does not tell related from unrelated."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Mean cosines of texts that have nothing to do with each other, and of texts that belong together."""

    unrelated: float
    related: float

    @property
    def length(self) -> float:
        """Between the two."""
        return self.related - self.unrelated


@dataclass(frozen=True, slots=True)
class Nearness:
    """Of one model, measured with `embedding.related_texts`."""

    questions: Scale
    """Questions and passages: related is what answers."""
    sentences: Scale
    """Sentences among themselves: related is what says the same in other words."""

    @classmethod
    def of(cls, values: Mapping[str, Sequence[float]]) -> "Nearness":
        """From what `values` gave. Raises `KeyError`, `TypeError`, `ValueError` for anything else."""
        return cls(Scale(*map(float, values["questions"])), Scale(*map(float, values["sentences"])))

    @property
    def values(self) -> dict[str, tuple[float, float]]:
        """As it is written down and sent."""
        scales = {"questions": self.questions, "sentences": self.sentences}
        return {name: (scale.unrelated, scale.related) for name, scale in scales.items()}

    @property
    def tells(self) -> bool:
        """Whether its cosines say anything, of English at least."""
        return min(self.questions.length, self.sentences.length) >= _LEAST_BETWEEN

    def of_question(self, cosine: float) -> float:
        """The cosine of question and passage that the bundled model would have; for a model that `tells`."""
        return _from_to(cosine, self.questions, BUNDLED.questions)

    def of_sentences(self, cosine: float) -> float:
        """The cosine of two sentences that the bundled model would have; for a model that `tells`."""
        return _from_to(cosine, self.sentences, BUNDLED.sentences)


def _from_to(cosine: float, scale: Scale, other: Scale) -> float:
    moved = other.unrelated + (cosine - scale.unrelated) / scale.length * other.length
    return max(-1.0, min(moved, 1.0))


BUNDLED = Nearness(questions=Scale(0.050, 0.460), sentences=Scale(0.055, 0.696))
"""Of all-MiniLM-L6-v2."""
UNTOLD = Nearness(Scale(0.0, 0.0), Scale(0.0, 0.0))
"""Of a model that could not be measured."""
