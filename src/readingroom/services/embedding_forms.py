"""Forms in which a workspace's embeddings may be kept, and what each would lose, tried on its own passages."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import EmbeddingCache, IndexCatalog
from readingroom.core.embedding_forms import EmbeddingForm, FormWorth, Precision, shortened
from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.core.ids import ChunkId, DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import Index, SearchMode
from readingroom.core.ports import EmbeddingModels, Embeddings, Point, VectorStores

_SAMPLE = 4_000
_ASKED = 100
_NEAREST = 10
FEWEST = 400
"""Passages: among fewer the ten nearest are too large a share of all to say anything."""
_NO_WORDS = ""


@dataclass(frozen=True, slots=True)
class OfferedForms:
    """What a workspace may choose among."""

    model: str
    current: EmbeddingForm
    forms: Sequence[EmbeddingForm]
    """The longest and most exact first."""
    passages: int


class FormService:
    """Methods block: call them from a pool."""

    def __init__(
        self,
        catalog: IndexCatalog,
        cache: EmbeddingCache,
        embedding_models: EmbeddingModels,
        scratch: Callable[[], AbstractContextManager[VectorStores]],
    ) -> None:
        """`scratch` gives stores to try things in, which are gone afterwards."""
        self._catalog = catalog
        self._cache = cache
        self._embedding_models = embedding_models
        self._scratch = scratch

    def offered(self, workspace_id: WorkspaceId) -> OfferedForms | None:
        """What its model allows; None without an index, or where nothing is known of the model any more."""
        index = self._catalog.active_index(workspace_id)
        if index is None:
            return None
        try:
            model = self._embedding_models.describe(index.embedding_model)
        except EmbeddingModelUnavailable:
            return None
        forms = [
            EmbeddingForm(dimension, precision)
            for dimension in (model.dimension, *model.shorter)
            for precision in Precision
        ]
        _, passages = self._catalog.chunk_counts(workspace_id)
        return OfferedForms(model.name, index.form, forms, passages)

    def compare(
        self, workspace_id: WorkspaceId, forms: Sequence[EmbeddingForm], *, cancel: CancelToken
    ) -> Iterator[FormWorth]:
        """Try each on a sample of the workspace's passages, in an engine of its own; some tenths of a second each.

        For each of a hundred passages the ten nearest others are looked for, by the whole embeddings and by those in
        the form. Nothing is said of a workspace of fewer than `FEWEST` embedded passages. Raises `Cancelled`,
        `VectorStoreUnavailable`, `WorkerFailure`.
        """
        index = self._catalog.active_index(workspace_id)
        rows = None if index is None else self._sampled(index)
        if rows is None or len(rows) < FEWEST:
            return
        every = len(rows) // _ASKED
        asked, others = rows[::every][:_ASKED], np.delete(rows, slice(None, every * _ASKED, every), axis=0)
        nearest = np.argsort(-(asked @ others.T), axis=1)[:, :_NEAREST]
        with self._scratch() as stores:
            for number, form in enumerate(forms, start=1):
                yield FormWorth(form, _kept(stores, IndexId(number), form, asked, others, nearest, cancel))

    def _sampled(self, index: Index) -> Embeddings | None:
        hashes = self._catalog.sampled_hashes(index.id, _SAMPLE)
        known = self._cache.get(index.embedding_model, hashes)
        return np.stack(list(known.values())) if known else None


def _kept(
    stores: VectorStores,
    index_id: IndexId,
    form: EmbeddingForm,
    asked: Embeddings,
    others: Embeddings,
    nearest: NDArray[np.intp],
    cancel: CancelToken,
) -> float:
    store = stores.open(WorkspaceId(1), index_id, form.dimension, form.precision)
    store.upsert(
        [
            Point(ChunkId(number), DocumentId(1), SourceId(1), None, _NO_WORDS, embedding)
            for number, embedding in enumerate(shortened(others, form.dimension))
        ]
    )
    shared = 0
    for embedding, expected in zip(shortened(asked, form.dimension), nearest.tolist(), strict=True):
        cancel.raise_if_cancelled()
        hits = store.query(text=_NO_WORDS, embedding=embedding, mode=SearchMode.MEANING, limit=_NEAREST)
        shared += len({int(hit.id) for hit in hits}.intersection(expected))
    stores.remove(WorkspaceId(1), index_id)
    return shared / (len(asked) * _NEAREST)
