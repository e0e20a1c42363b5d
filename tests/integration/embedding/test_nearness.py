"""Cosines of another model are read as the bundled one's, whose thresholds they have to meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.nearness import BUNDLED, UNTOLD, Scale
from readingroom.core.ports import Embeddings
from readingroom.embedding.embedder import FastembedEmbedder
from readingroom.embedding.related_texts import measured_nearness

QUESTION = "What is paid to workers who are ill?"
ANSWER = "Wages go on for six weeks of sickness."
OTHER = "The comet passes the sun every seventy-six years."


@dataclass(frozen=True)
class Narrow:
    """The bundled model with something in common to all texts, as many models have it: no cosine below 0.7."""

    inner: FastembedEmbedder
    model: str = "narrow"

    @property
    def dimension(self) -> int:
        return self.inner.dimension

    @property
    def max_tokens(self) -> int:
        return self.inner.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> Embeddings:
        rows = self.inner.embed_passages(texts) + 1.7 / np.sqrt(self.dimension)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return np.asarray(self.embed_passages([text])[0])

    def known_share(self, text: str) -> float:
        return self.inner.known_share(text)


@pytest.fixture(scope="module")
def bundled() -> FastembedEmbedder:
    return FastembedEmbedder(Path("no-models-here"), BUNDLED_EMBEDDING_MODEL)


def test_the_bundled_models_own_scale_is_what_was_written_down(bundled: FastembedEmbedder) -> None:
    measured = measured_nearness(bundled)
    for found, written in (
        (measured.questions, BUNDLED.questions),
        (measured.sentences, BUNDLED.sentences),
    ):
        assert (found.unrelated, found.related) == pytest.approx(
            (written.unrelated, written.related), abs=0.01
        )


def test_a_model_whose_cosines_are_all_high_is_read_like_the_bundled_one(bundled: FastembedEmbedder) -> None:
    narrow = Narrow(bundled)
    nearness = measured_nearness(narrow)
    assert nearness.tells
    for text in (ANSWER, OTHER):
        high = float(narrow.embed_query(QUESTION) @ narrow.embed_passages([text])[0])
        plain = float(bundled.embed_query(QUESTION) @ bundled.embed_passages([text])[0])
        assert high > 0.7
        assert nearness.of_question(high) == pytest.approx(plain, abs=0.05)


def test_embeddings_that_were_cut_are_measured_cut(bundled: FastembedEmbedder) -> None:
    whole, cut = measured_nearness(bundled), measured_nearness(bundled, 96)
    assert cut != whole
    assert cut.tells


def test_a_model_that_finds_all_alike_tells_nothing() -> None:
    assert not UNTOLD.tells
    assert Scale(0.8, 0.81).length == pytest.approx(0.01)
