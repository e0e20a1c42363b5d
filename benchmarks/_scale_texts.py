"""Texts and embeddings for a workspace of any size: real ones as far as they go, then some that behave like them.

What is made up is drawn from two real neighbours: its text alternates pieces of theirs, its embedding lies between
theirs, with noise of the shape in which real embeddings differ. So words keep the frequencies of real text, every
question has many near passages, and the distance to the nearest is close to that among real ones (`likeness`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.services.evaluate import load_collection

BLOCK = 1_000
"""Texts are made so many at a time, each block from a seed of its own: any size begins with the same texts."""
NOISE = 0.57
"""Of an embedding's length."""
_PIECE_WORDS = 12
_NEIGHBOURS = 20

Embeddings = NDArray[np.float32]


@dataclass(frozen=True)
class RealTexts:
    """Chunks of real documents with their embeddings, in a random order, and real questions."""

    texts: list[str]
    embeddings: Embeddings
    questions: list[str]


def real_texts(collections: list[Path], count: int, cache: Path) -> RealTexts:
    """Cut and embed the collections' documents; `cache` keeps the result, since it takes minutes."""
    if not cache.is_file():
        _make(collections, count, cache)
    with np.load(cache) as kept:
        return RealTexts(kept["texts"].tolist(), kept["embeddings"], kept["questions"].tolist())


def blocks(real: RealTexts, count: int) -> Iterator[tuple[list[str], Embeddings]]:
    """`count` texts with their embeddings, the real ones first."""
    near = _neighbours(real.embeddings)
    words = [text.split() for text in real.texts]
    for start in range(0, count, BLOCK):
        wanted = min(BLOCK, count - start)
        known = max(0, min(wanted, len(real.texts) - start))
        texts, embeddings = real.texts[start : start + known], real.embeddings[start : start + known]
        if made := wanted - known:
            more, between = _between(real, words, near, made, np.random.default_rng([20, start]))
            texts, embeddings = texts + more, np.concatenate([embeddings, between])
        yield texts, embeddings


def likeness(real: RealTexts) -> tuple[float, float]:
    """Mean cosine to the nearest other: among real embeddings, and among as many made up."""
    made = _between(
        real, [text.split() for text in real.texts], _neighbours(real.embeddings), len(real.texts), np.random.default_rng(1)
    )[1]  # fmt: skip
    return tuple(_nearest(embeddings) for embeddings in (real.embeddings, made))  # type: ignore[return-value]


def _make(collections: list[Path], count: int, cache: Path) -> None:
    from readingroom.embedding.bulk import BulkSessions
    from readingroom.embedding.splitting import chunker_for

    chunker = chunker_for(Path(), BUNDLED_EMBEDDING_MODEL)
    loaded = [load_collection(folder) for folder in collections]
    chunks = [
        chunk.text
        for collection in loaded
        for _, text in collection.corpus
        for chunk in chunker.cut(ExtractedDocument("text", (Page(None, 0, text),)))
    ]
    chance = np.random.default_rng(5)
    texts = [chunks[place] for place in chance.permutation(len(chunks))[:count]]
    sessions = BulkSessions(Path(), BUNDLED_EMBEDDING_MODEL, 1)
    embeddings = sessions.embed(texts, lambda _done: None).embeddings
    sessions.close()
    asked = [text for collection in loaded for _, text in collection.queries]
    questions = [asked[place] for place in chance.permutation(len(asked))]
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, texts=np.array(texts), embeddings=embeddings, questions=np.array(questions))


def _neighbours(embeddings: Embeddings) -> NDArray[np.int64]:
    return np.argsort(-(embeddings @ embeddings.T), axis=1)[:, : _NEIGHBOURS + 1]


def _nearest(embeddings: Embeddings) -> float:
    similar = embeddings @ embeddings.T
    np.fill_diagonal(similar, -1)
    return float(similar.max(axis=1).mean())


def _between(
    real: RealTexts,
    words: list[list[str]],
    near: NDArray[np.int64],
    count: int,
    chance: np.random.Generator,
) -> tuple[list[str], Embeddings]:
    known = len(real.texts)
    first = chance.integers(known, size=count)
    second = near[first, chance.integers(1, near.shape[1], size=count)]
    share = chance.uniform(0.5, 1.0, size=count).astype(np.float32)[:, None]
    one, other = chance.integers(known, size=(2, count))
    noise = real.embeddings[one] - real.embeddings[other]
    noise *= NOISE / np.linalg.norm(noise, axis=1, keepdims=True).clip(1e-6)
    embeddings = share * real.embeddings[first] + (1 - share) * real.embeddings[second] + noise
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    texts = [
        _mixed(words[a], words[b], weight, chance)
        for a, b, weight in zip(first.tolist(), second.tolist(), share[:, 0].tolist(), strict=True)
    ]
    return texts, embeddings.astype(np.float32)


def _mixed(one: list[str], other: list[str], share: float, chance: np.random.Generator) -> str:
    """Pieces of both in turn, about as many as the first has; at the end a code that stands nowhere else."""
    pieces = max(1, len(one) // _PIECE_WORDS)
    taken: list[str] = []
    for draw, place in chance.random((pieces, 2)).tolist():
        source = one if draw < share else other
        start = int(place * max(1, len(source) - _PIECE_WORDS))
        taken += source[start : start + _PIECE_WORDS]
    return " ".join([*taken, f"ref{chance.integers(10**9)}"])
