"""What a point is made of, the same in every vector store."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from readingroom.core.errors import VectorStoreDamaged
from readingroom.core.ids import ChunkId, IndexId, WorkspaceId
from readingroom.core.models import SearchScope
from readingroom.core.ports import Hit, Point
from readingroom.core.ranking import Blend, fused, with_kin

MEANING = "meaning"
"""The dense vector: the embedding."""
WORDS = "words"
"""The sparse vector: BM25 weights."""
DOCUMENT_ID = "document_id"
SOURCE_ID = "source_id"
PAGE = "page"

UPSERT_BATCH = 256
"""A question waits for at most one of these: some 20 ms."""
SCROLL_BATCH = 5_000

EVERYWHERE = SearchScope()
EVEN = Blend()

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Consecutive slices of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def payload(point: Point) -> dict[str, int]:
    """Give what is kept of a point beside its vectors: ids to filter by, never the text."""
    kept: dict[str, int] = {DOCUMENT_ID: point.document_id, SOURCE_ID: point.source_id}
    if point.page is not None:
        kept[PAGE] = point.page
    return kept


def shard_folder(root: Path, workspace_id: WorkspaceId, index_id: IndexId) -> Path:
    """Where the first shard of an index lies; see `generations` for the next ones."""
    return root / str(workspace_id) / str(index_id)


def made_otherwise() -> VectorStoreDamaged:
    """Make the error for a store of another dimension or another rule for words."""
    return VectorStoreDamaged(
        "The search index was made for another embedding model or by another version.",
        hint="Open the window, or run `readingroom doctor --repair`: it is made anew, without reading the documents again.",
    )


def best_first(hits: Sequence[Hit], limit: int) -> list[Hit]:
    """Order by score; equal scores by id, so that the same question gives the same list."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:limit]


def ranked(
    by_words: Sequence[Any],
    by_meaning: Sequence[Any],
    embedding: NDArray[np.float32],
    blend: Blend,
    limit: int,
) -> list[Hit]:
    """Make one list of the two branches' points, which have `id`, `score` and the embedding in `vector`."""
    if blend.needs_embeddings:
        embeddings = _embeddings({found.id: found for found in (*by_words, *by_meaning)})
        near = (np.stack(list(embeddings.values())) @ embedding).tolist() if embeddings else []
        cosines = dict(zip(embeddings, near, strict=True))
        scores = fused(_scored(by_words), _scored(by_meaning), blend, cosines)
        scores = with_kin(scores, embeddings, blend)
    else:
        scores = fused(_scored(by_words), _scored(by_meaning), blend)
    similarity = {found.id: found.score for found in by_meaning}
    return best_first([Hit(ChunkId(i), score, similarity.get(i)) for i, score in scores.items()], limit)


def _embeddings(found: Mapping[int, Any]) -> dict[ChunkId, NDArray[np.float32]]:
    # Each is asked for its vector once: the engine makes a list of numbers of it every time.
    vectors = ((point_id, point.vector) for point_id, point in found.items())
    return {
        ChunkId(point_id): np.asarray(vector[MEANING], np.float32)
        for point_id, vector in vectors
        if vector and MEANING in vector
    }


def _scored(found: Sequence[Any]) -> list[tuple[ChunkId, float]]:
    return [(ChunkId(entry.id), float(entry.score)) for entry in found]
