"""Writes the words of freshly read documents to the index, and deletes points that nothing stands behind."""

from collections import Counter
from typing import Protocol

from readingroom.core.catalog import Catalog
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Index, StoredChunk
from readingroom.core.ports import Point, VectorStores
from readingroom.services.aside import SetAside
from readingroom.services.ingest_state import IngestState

_BATCH = 64
_STALE_BATCH = 1000
_TIDY_AFTER = 1_000
"""Points deleted before a store is asked whether it wants tidying."""
_AT_ONCE = 4096
"""Chunks of a document between two notes of how far it is."""


class Moved(Protocol):
    """Told after each step."""

    def __call__(self, workspace_id: WorkspaceId, *, seen: bool = True) -> None:
        """`seen`: it changed what the person sees of the workspace."""
        ...


class WordsPump:
    """Chunks to points that are found by words."""

    def __init__(
        self,
        catalog: Catalog,
        stores: VectorStores,
        state: IngestState,
        moved: Moved,
        aside: SetAside,
    ) -> None:
        self._catalog = catalog
        self._stores = stores
        self._state = state
        self._moved = moved
        self._aside = aside
        self._deleted: Counter[Index] = Counter()

    def step(self) -> bool:
        """The words of one document, or of a part of a long one; or one batch of deletions; False when there is nothing to do."""
        # Words first: new text should be found before old text is swept away. Both hold a document's place.
        return self._write_words() or self._delete_stale() or self._delete_gone() or self._tidy()

    def _write_words(self) -> bool:
        job = self._catalog.next_words_job(but=self._aside.now())
        if job is None:
            return False
        index = job.index
        chunks = self._catalog.chunks_of(index.id, job.document_id, after=job.after, limit=_AT_ONCE)
        with self._aside.minding(index.workspace_id):
            store = self._stores.open(index.workspace_id, index.id, index.dimension, index.precision)
            for start in range(0, len(chunks), _BATCH):
                store.upsert([words_point(stored) for stored in chunks[start : start + _BATCH]])
        upto = max((stored.id for stored in chunks), default=job.after)
        self._catalog.words_written(index.id, job.document_id, upto)
        self._moved(index.workspace_id, seen=index.active)
        return True

    def _delete_stale(self) -> bool:
        stale = self._catalog.stale_points(_STALE_BATCH, but=self._aside.now())
        for index, ids in stale:
            with self._aside.minding(index.workspace_id):
                self._stores.open(index.workspace_id, index.id, index.dimension, index.precision).delete(ids)
            self._catalog.stale_points_deleted(index.id, ids)
            self._deleted[index] += len(ids)
            self._moved(index.workspace_id, seen=index.active)
        return bool(stale)

    def _tidy(self) -> bool:
        """When nothing waits, give back the room of what was deleted; asked for only now and then."""
        for index, deleted in list(self._deleted.items()):
            if deleted < _TIDY_AFTER:
                continue
            del self._deleted[index]
            if any(known.id == index.id for known in self._catalog.indexes(index.workspace_id)):
                with self._aside.minding(index.workspace_id):
                    self._stores.open(index.workspace_id, index.id, index.dimension, index.precision).tidy()
                return True
        return False

    def _delete_gone(self) -> bool:
        aside = self._aside.now()
        gone = [one for one in self._catalog.gone_indexes() if one[0] not in aside]
        for workspace_id, index_id in gone:
            with self._aside.minding(workspace_id):
                self._stores.remove(workspace_id, index_id)
            self._catalog.gone_index_deleted(index_id)
        return bool(gone)


def words_point(stored: StoredChunk) -> Point:
    """The point of a chunk, without an embedding; headings count among its words."""
    chunk = stored.chunk
    return Point(
        id=stored.id,
        document_id=stored.document_id,
        source_id=stored.source_id,
        page=chunk.page,
        text="\n".join((*chunk.heading, chunk.worded_text)),
    )
