"""How the embeddings of an index are kept: how many of their numbers, and how exactly."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Precision(StrEnum):
    """Bits to a number."""

    FULL = "32"
    HALF = "16"
    BYTE = "8"

    @property
    def bits(self) -> int:
        """How many."""
        return int(self.value)


@dataclass(frozen=True, slots=True)
class EmbeddingForm:
    """What is kept of each embedding."""

    dimension: int
    """Numbers: all of them, or the first of a model made for that (see `shortened`)."""
    precision: Precision = Precision.FULL

    def size_bytes(self, passages: int) -> int:
        """Room that the embeddings of so many passages take."""
        return passages * self.dimension * self.precision.bits // 8


@dataclass(frozen=True, slots=True)
class FormWorth:
    """What a form keeps of what the whole embeddings find."""

    form: EmbeddingForm
    kept: float
    """Share of the ten nearest passages that are still among the ten nearest."""


def shortened(embeddings: NDArray[np.float32], dimension: int) -> NDArray[np.float32]:
    """The first numbers of one embedding or of rows of them, brought to unit length again: (..., dimension).

    Models trained so that their first numbers say the most bear it (Kusupati and others, "Matryoshka Representation
    Learning", 2022); others lose much. Shorter ones are left as they are.
    """
    if embeddings.shape[-1] <= dimension:
        return embeddings
    first = embeddings[..., :dimension]
    lengths: NDArray[Any] = np.linalg.norm(first, axis=-1, keepdims=True)
    return np.asarray(first / np.maximum(lengths, 1e-12), np.float32)
