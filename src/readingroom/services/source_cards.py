"""What a document is about, at a glance: its key phrases and the documents nearest to it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readingroom.core.catalog import Catalog, EmbeddingCache
from readingroom.core.embedding_forms import shortened
from readingroom.core.errors import VectorStoreUnavailable
from readingroom.core.ids import DocumentId
from readingroom.core.key_phrases import KeyPhrase, key_phrases
from readingroom.core.models import Document, Index, SearchMode
from readingroom.core.ports import Hit, VectorStores
from readingroom.services.first_minutes import CommonWords

log = logging.getLogger(__name__)

_PHRASES = 6
_RELATED = 4
_READ_CHARS = 150_000
_MEANT = 120
"""Chunks whose embeddings are averaged, from the beginning."""
_NEAR = 80
_LEAST_SIMILARITY = 0.5
"""Of a chunk to another document's mean: `benchmarks/RESULTS.md`, Questions about all documents."""

_COMPARED, _COMPARED_CHARS = 12, 60_000
_SHARED = 0.1
"""What a document gains that says all the phrases: the nearest report of pageqa is of the same company for 10 of 12,
without for 8."""


@dataclass(frozen=True, slots=True)
class SourceCard:
    """What is told of a document beside its figures."""

    document: Document
    phrases: tuple[KeyPhrase, ...]
    related: tuple[Document, ...]
    """The nearest first."""


class SourceCardService:
    """Blocks for some 0.1 s; may be called from any thread."""

    def __init__(
        self, catalog: Catalog, cache: EmbeddingCache, stores: VectorStores, common: CommonWords
    ) -> None:
        self._catalog = catalog
        self._cache = cache
        self._stores = stores
        self._common = common

    def card(self, document_id: DocumentId) -> SourceCard | None:
        """None once it is gone."""
        document = self._catalog.document(document_id)
        if document is None:
            return None
        text = self._catalog.text_between(document_id, 0, _READ_CHARS)
        phrases = key_phrases(text, most=_PHRASES, known=self._common.of(document.workspace_id))
        try:
            related = self._related(document, phrases)
        except VectorStoreUnavailable as error:
            log.warning("No related documents can be told: %s", error)
            related = ()
        return SourceCard(document, tuple(phrases), tuple(related))

    def _related(self, document: Document, phrases: Sequence[KeyPhrase]) -> Sequence[Document]:
        index = self._catalog.active_index(document.workspace_id)
        if index is None:
            return ()
        scores: dict[DocumentId, float] = {}
        hits = self._hits(index, document, phrases)
        rows = self._catalog.passages([hit.id for hit in hits])
        for hit in hits:
            if hit.id in rows and (other := rows[hit.id].document_id) != document.id:
                scores[other] = max(scores.get(other, 0.0), hit.score)
        nearest = sorted(scores, key=lambda other: -scores[other])[:_COMPARED]
        shared = {other: self._shared(other, phrases) for other in nearest}
        nearest.sort(key=lambda other: -scores[other] - _SHARED * shared[other])
        found = [known for other in nearest if (known := self._catalog.document(other)) is not None]
        # The same file in another place is no news.
        return [other for other in found if other.content_hash != document.content_hash][:_RELATED]

    def _shared(self, other: DocumentId, phrases: Sequence[KeyPhrase]) -> float:
        """Share of the phrases that another document says as well."""
        text = self._catalog.text_between(other, 0, _COMPARED_CHARS).casefold()
        return sum(phrase.text.casefold() in text for phrase in phrases) / max(1, len(phrases))

    def _hits(self, index: Index, document: Document, phrases: Sequence[KeyPhrase]) -> Sequence[Hit]:
        store = self._stores.open(index.workspace_id, index.id, index.dimension, index.precision)
        chunks = self._catalog.chunks_of(index.id, document.id, limit=_MEANT)
        known = self._cache.get(index.embedding_model, [each.chunk.text_hash for each in chunks])
        if known:
            mean: NDArray[np.float32] = (
                shortened(np.stack(list(known.values())), index.dimension).mean(axis=0).astype(np.float32)
            )
            length = float(np.linalg.norm(mean))
            if length > 0:
                mean /= length
                found = store.query(
                    text="", embedding=mean, mode=SearchMode.MEANING, limit=_NEAR + len(chunks)
                )
                return [hit for hit in found if hit.score >= _LEAST_SIMILARITY]
        words = " ".join(phrase.text for phrase in phrases)
        return store.query(text=words, embedding=None, mode=SearchMode.WORDS, limit=_NEAR) if words else ()
