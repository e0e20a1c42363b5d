"""Embeds chunks whose words are in the index already, and builds new index generations."""

import logging
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog, EmbeddingCache
from readingroom.core.embedding_forms import shortened
from readingroom.core.errors import WorkerFailure
from readingroom.core.ids import ChunkId, DocumentId, IndexId
from readingroom.core.models import Index, StoredChunk
from readingroom.core.ports import BulkEmbedder, IngestWorker, VectorStores
from readingroom.services.aside import SetAside
from readingroom.services.embedding_speed import EmbeddingSpeeds
from readingroom.services.ingest_state import IngestState
from readingroom.services.words_pump import Moved, words_point

log = logging.getLogger(__name__)

_BATCH = 32
"""Some two seconds of work: short enough to stop soon, long enough to sort texts of like length together."""
_TRIES = 3
_CUT_AHEAD = 200
_MOST_FIRST = 256
"""The passages of the last few questions; when more is asked than can be embedded, the older ones wait in line."""
_CUT_S = 0.5
"""Questions wait no longer for a step."""


class EmbedPump:
    """Chunks to points that are found by meaning."""

    def __init__(
        self,
        catalog: Catalog,
        cache: EmbeddingCache,
        stores: VectorStores,
        reader: IngestWorker,
        embedder: BulkEmbedder,
        state: IngestState,
        moved: Moved,
        cancel: CancelToken,
        aside: SetAside,
        speeds: EmbeddingSpeeds | None = None,
    ) -> None:
        self._catalog = catalog
        self._cache = cache
        self._stores = stores
        self._reader = reader
        self._embedder = embedder
        self._state = state
        self._moved = moved
        self._cancel = cancel
        self._aside = aside
        self._speeds = speeds
        self._last_model = ""
        self._to_cut: dict[IndexId, list[DocumentId]] = {}
        self._first: deque[ChunkId] = deque(maxlen=_MOST_FIRST)

    def embed_first(self, ids: Sequence[ChunkId]) -> None:
        """Embed these before all others, as far as they wait at all; of several calls the last one counts most."""
        self._first.extendleft(reversed(ids))

    def step(self) -> bool:
        """One batch, or one document of an index being built; False when there is nothing to do."""
        return self._embed_batch() or self._build()

    def _embed_batch(self) -> bool:
        waiting = self._catalog.chunks_to_embed(_BATCH, first=self._asked_about(), but=self._aside.now())
        if waiting is None:
            return False
        index, chunks = waiting
        embeddings = self._embeddings(index, chunks)
        points = [
            replace(
                words_point(stored), embedding=shortened(embeddings[stored.chunk.text_hash], index.dimension)
            )
            for stored in chunks
        ]
        with self._aside.minding(index.workspace_id):
            self._stores.open(index.workspace_id, index.id, index.dimension, index.precision).upsert(points)
        self._catalog.chunks_embedded(index.id, [stored.id for stored in chunks])
        self._state.embedded(len(chunks))
        self._moved(index.workspace_id, seen=index.active)
        return True

    def _asked_about(self) -> Sequence[ChunkId]:
        asked: list[ChunkId] = []
        with suppress(IndexError):
            while len(asked) < _BATCH:
                asked.append(self._first.popleft())
        return asked

    def _embeddings(self, index: Index, chunks: Sequence[StoredChunk]) -> dict[str, NDArray[np.float32]]:
        texts = {stored.chunk.text_hash: stored.chunk.embedded_text for stored in chunks}
        known = dict(self._cache.get(index.embedding_model, list(texts)))
        fresh = [text_hash for text_hash in texts if text_hash not in known]
        if fresh:
            embedded = self._embed(index.embedding_model, [texts[text_hash] for text_hash in fresh])
            new = list(zip(fresh, embedded, strict=True))
            self._cache.put(index.embedding_model, new)
            known.update(new)
        self._state.count(embedded=len(fresh), reused=len(chunks) - len(fresh))
        return known

    def _embed(self, model: str, texts: Sequence[str]) -> NDArray[np.float32]:
        for left in reversed(range(_TRIES)):
            try:
                started = time.monotonic()
                embedded = self._embedder.embed(model, texts, cancel=self._cancel)
            except WorkerFailure as error:
                # Nothing is lost: the chunks still wait in the catalog, and a new child starts with the next call.
                log.warning("The embedding child ended: %s", error)
                if not left:
                    raise
            else:
                self._learn_speed(model, len(texts), time.monotonic() - started)
                return embedded
        raise AssertionError

    def _learn_speed(self, model: str, passages: int, seconds: float) -> None:
        # The first batch after another model's loads this one.
        if self._speeds is not None and model == self._last_model:
            self._speeds.learn(model, passages, seconds)
        self._last_model = model

    def _build(self) -> bool:
        for index in self._catalog.indexes():
            if self._cut_some(index):
                self._moved(index.workspace_id, seen=index.active)
                return True
            if not index.active and self._catalog.activate_index(index.id):
                self._moved(index.workspace_id)
                return True
        return False

    def _cut_some(self, index: Index) -> bool:
        """Cut documents for a batch: of many small ones each would be embedded by itself otherwise."""
        until = time.monotonic() + _CUT_S
        chunks = 0
        while (document_id := self._next_to_cut(index)) is not None:
            chunks += self._cut(index, document_id)
            if chunks >= _BATCH or time.monotonic() > until:
                return True
        return chunks > 0

    def _cut(self, index: Index, document_id: DocumentId) -> int:
        # The hash first: text that is read anew meanwhile is then seen to be another.
        known = self._catalog.document(document_id)
        if known is None:
            return 0
        document = self._catalog.extracted(known.id)
        chunks = self._reader.cut(document, embedding_model=index.embedding_model, cancel=self._cancel)
        self._catalog.store_cut(known.id, index.id, chunks, content_hash=known.content_hash)
        self._state.count(indexed=1, chunks=len(chunks))
        return len(chunks)

    def _next_to_cut(self, index: Index) -> DocumentId | None:
        # Some at a time: to find the first of those left, all that are done are passed over.
        if not self._to_cut.get(index.id):
            self._to_cut[index.id] = list(self._catalog.documents_to_cut(index.id, _CUT_AHEAD))
        return self._to_cut[index.id].pop() if self._to_cut[index.id] else None
