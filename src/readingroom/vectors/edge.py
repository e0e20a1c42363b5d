"""Vector stores on this computer: a Qdrant Edge shard an index, each on a lane of its own."""

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import qdrant_edge as edge
from numpy.typing import NDArray

from readingroom.config.lasting import sync_folder, sync_tree
from readingroom.core.errors import VectorStoreDamaged, VectorStoreUnavailable
from readingroom.core.ids import ChunkId, IndexId, WorkspaceId
from readingroom.core.models import SearchMode, SearchScope
from readingroom.core.ports import Hit, Point
from readingroom.core.ranking import Blend
from readingroom.vectors.lane import Lane
from readingroom.vectors.layout import (
    DOCUMENT_ID,
    EVEN,
    EVERYWHERE,
    MEANING,
    SCROLL_BATCH,
    SOURCE_ID,
    UPSERT_BATCH,
    WORDS,
    batches,
    best_first,
    made_otherwise,
    payload,
    ranked,
)
from readingroom.vectors.seal import break_seal, is_unbroken, seal
from readingroom.vectors.words import WORDS_RULE, WordVector, passage_words, query_words

log = logging.getLogger(__name__)

# Kilobytes: never build HNSW. Exact search takes 9 ms at 100,000 points, building it takes minutes.
INDEXING_THRESHOLD_KB = 1_000_000_000
LEAST_DEAD = 2_000
"""Deleted points that are not worth the trouble: 3.7 kB each, on disk and in memory; tidying a small index takes a second."""
MARK = "readingroom.json"
"""Written last when a shard is made: without it the folder is a leftover of an interrupted creation."""

T = TypeVar("T")


class EdgeVectorStores:
    """The shards below one folder: `root/<workspace>/<index>/`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._stores: dict[tuple[WorkspaceId, IndexId], EdgeVectorStore] = {}

    def open(self, workspace_id: WorkspaceId, index_id: IndexId, dimension: int) -> "EdgeVectorStore":
        """See `VectorStores`. A shard of another dimension, damaged or held by another process is refused."""
        with self._lock:
            store = self._stores.get((workspace_id, index_id))
            if store is None:
                store = EdgeVectorStore(self._folder(workspace_id, index_id), dimension)
                self._stores[workspace_id, index_id] = store
            elif store.dimension != dimension:
                raise made_otherwise()
            return store

    def remove(self, workspace_id: WorkspaceId, index_id: IndexId) -> None:
        with self._lock:
            store = self._stores.pop((workspace_id, index_id), None)
            if store is not None:
                store.close(keep=False)
            folder = self._folder(workspace_id, index_id)
            try:
                _remove(folder)
                if folder.parent.is_dir() and not any(folder.parent.iterdir()):
                    folder.parent.rmdir()
            except OSError as error:
                raise _unavailable(error) from error

    def close(self) -> None:
        with self._lock:
            stores, self._stores = list(self._stores.values()), {}
            for store in stores:
                store.close()

    def _folder(self, workspace_id: WorkspaceId, index_id: IndexId) -> Path:
        return self._root / str(workspace_id) / str(index_id)


class EdgeVectorStore:
    """One shard. What was acknowledged is in its write-ahead log and survives the end of the process."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self.dimension = dimension
        self._folder = folder
        self._lane = Lane(f"shard-{folder.parent.name}-{folder.name}")
        try:
            self._shard: Any = self._run(lambda: _open_shard(folder, dimension))
        except BaseException:
            self._lane.close()
            raise

    def upsert(self, points: Sequence[Point]) -> None:
        for batch in batches(points, UPSERT_BATCH):
            made = [_edge_point(point) for point in batch]
            self._update(edge.UpdateOperation.upsert_points(made))

    def delete(self, ids: Sequence[ChunkId]) -> None:
        for batch in batches(ids, SCROLL_BATCH):
            self._update(edge.UpdateOperation.delete_points(list(batch)))

    def query(
        self,
        *,
        text: str,
        embedding: NDArray[np.float32] | None,
        mode: SearchMode,
        limit: int,
        scope: SearchScope = EVERYWHERE,
        candidates: int = 100,
        blend: Blend = EVEN,
    ) -> Sequence[Hit]:
        """See `VectorStore`. A branch with nothing to go by leaves the answer and its scores to the other."""
        where = _filter(scope)
        depth = max(candidates, limit)
        words = None if mode is SearchMode.MEANING else _words_query(query_words(text))
        meaning = None if mode is SearchMode.WORDS or embedding is None else _meaning_query(embedding)
        if words is None and meaning is None:
            return []
        if meaning is None:
            found = self._run(lambda: self._shard.query(_alone(words, where, limit)))
            return best_first([Hit(hit.id, hit.score, None) for hit in found], limit)
        if words is None:
            found = self._run(lambda: self._shard.query(_alone(meaning, where, limit)))
            return best_first([Hit(hit.id, hit.score, hit.score) for hit in found], limit)
        request = edge.QueryBatchRequest(
            [_branch(branch, where, depth, blend) for branch in (words, meaning)]
        )
        by_words, near = self._run(lambda: self._shard.query_batch(request))
        return ranked(by_words, near, blend, limit)

    def count(self, *, embedded_only: bool = False) -> int:
        request = edge.CountRequest(exact=True, filter=_EMBEDDED if embedded_only else None)
        return int(self._run(lambda: self._shard.count(request)))

    def ids(self) -> Iterator[Sequence[tuple[ChunkId, bool]]]:
        offset = None
        while True:
            found, embedded, offset = self._run(partial(self._scroll, offset))
            if found:
                yield [(ChunkId(point_id), point_id in embedded) for point_id in found]
            if offset is None:
                return

    def flush(self) -> None:
        self._run(self._shard.flush)

    def tidy(self) -> bool:
        """See `VectorStore.tidy`. Nothing else gives back what deleted points hold, on disk and in memory."""
        if self._run(self._dead) < max(LEAST_DEAD, self.count()):
            return False
        self._run(self._shard.optimize)
        self.flush()
        return True

    def close(self, *, keep: bool = True) -> None:
        """Flush and release the folder, sealed where it is kept; later calls raise `VectorStoreUnavailable`."""
        try:
            self._run(self._close if keep else self._shard.close)
        except (VectorStoreUnavailable, OSError):
            log.warning("A shard could not be closed in order", exc_info=True)
        self._lane.close()

    def _close(self) -> None:
        self._shard.close()
        seal(self._folder)

    def _dead(self) -> int:
        found = self._shard.info()
        # The engine counts as indexed what it holds an embedding of, deleted points included.
        return int(found.indexed_vectors_count - found.points_count)

    def _scroll(self, offset: int | None) -> tuple[list[int], set[int], int | None]:
        page, following = self._shard.scroll(_scroll_request(offset, None))
        # As many embedded ones from the same start on: they cover at least the span of the page.
        embedded, _ = self._shard.scroll(_scroll_request(offset, _EMBEDDED))
        return [record.id for record in page], {record.id for record in embedded}, following

    def _update(self, operation: Any) -> None:
        self._run(lambda: self._shard.update(operation))

    def _run(self, work: Callable[[], T]) -> T:
        def translated() -> T:
            try:
                return work()
            except VectorStoreUnavailable:
                raise
            except BaseException as error:
                # The engine raises bare `Exception`, and its panics are `BaseException`s of pyo3: each is its
                # answer to this one call. What is left (interrupts, exits) belongs to others.
                if isinstance(error, Exception) or type(error).__module__ == "pyo3_runtime":
                    raise _unavailable(error) from error
                raise

        return self._lane.run(translated)


_EMBEDDED = edge.Filter(must=[edge.HasVectorCondition(MEANING)])


def _open_shard(folder: Path, dimension: int) -> Any:
    mark = {"dimension": dimension, "words": WORDS_RULE}
    if not (folder / MARK).is_file():
        _create_shard(folder, mark)
    elif _read_mark(folder) != mark:
        raise made_otherwise()
    if not is_unbroken(folder):
        raise VectorStoreDamaged("The search index was damaged while it was closed.", hint=_MAKE_ANEW)
    break_seal(folder)
    try:
        return edge.EdgeShard.load(str(folder))
    except BaseException as error:
        refusal = _unavailable(error)
        if any(words in str(error) for words in (*_HELD, *_FULL)):
            raise refusal from error
        raise VectorStoreDamaged(str(refusal), hint=_MAKE_ANEW) from error


def _read_mark(folder: Path) -> Any:
    try:
        return json.loads((folder / MARK).read_text("utf-8"))
    except ValueError:
        return None


def _create_shard(folder: Path, mark: dict[str, Any]) -> None:
    """Make a shard beside its place and move it there whole: a crash leaves nothing that looks like one."""
    unfinished = folder.with_name(f"{folder.name}.new")
    _remove(folder)
    _remove(unfinished)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    config = edge.EdgeConfig(
        vectors={MEANING: edge.EdgeVectorParams(size=mark["dimension"], distance=edge.Distance.Cosine)},
        sparse_vectors={WORDS: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=INDEXING_THRESHOLD_KB),
    )
    shard = edge.EdgeShard.create(str(unfinished), config)
    for name in (DOCUMENT_ID, SOURCE_ID):
        shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Integer))
    shard.flush()
    shard.close()
    (unfinished / MARK).write_text(json.dumps(mark), "utf-8")
    sync_tree(unfinished)
    unfinished.rename(folder)
    sync_folder(folder.parent)


def _remove(folder: Path) -> None:
    if folder.exists():
        # The mark goes first: a removal that is interrupted leaves a leftover, not half a shard.
        (folder / MARK).unlink(missing_ok=True)
        shutil.rmtree(folder)


def _edge_point(point: Point) -> Any:
    words = passage_words(point.text)
    vectors: dict[str, Any] = {}
    if words.indices:
        vectors[WORDS] = edge.SparseVector(words.indices, words.values)
    if point.embedding is not None:
        vectors[MEANING] = point.embedding.tolist()
    return edge.Point(point.id, vectors, payload(point))


def _words_query(words: WordVector) -> Any:
    if not words.indices:
        return None
    return edge.Query.Nearest(edge.SparseVector(words.indices, words.values), using=WORDS)


def _meaning_query(embedding: NDArray[np.float32]) -> Any:
    return edge.Query.Nearest(embedding.tolist(), using=MEANING)


def _alone(query: Any, where: Any, limit: int) -> Any:
    return edge.QueryRequest(limit=limit, query=query, filter=where, with_payload=False)


def _branch(query: Any, where: Any, limit: int, blend: Blend) -> Any:
    wanted = [MEANING] if blend.needs_embeddings else False
    return edge.QueryRequest(limit=limit, query=query, filter=where, with_payload=False, with_vector=wanted)


def _scroll_request(offset: int | None, where: Any) -> Any:
    return edge.ScrollRequest(
        offset=offset, limit=SCROLL_BATCH, filter=where, with_payload=False, with_vector=False
    )


def _filter(scope: SearchScope) -> Any:
    """Points of any of the documents or any of the sources."""
    allowed: list[Any] = [
        edge.FieldCondition(name, match=edge.MatchAny([int(value) for value in sorted(ids)]))
        for name, ids in ((DOCUMENT_ID, scope.document_ids), (SOURCE_ID, scope.source_ids))
        if ids
    ]
    return edge.Filter(should=allowed) if allowed else None


# The words by which the engine tells of a lock held elsewhere, and of a full disk.
_HELD = ("WouldBlock",)
_FULL = ("No space left", "StorageFull")
_MAKE_ANEW = "Open the window, or run `readingroom doctor --repair`: it is made anew from what is known."


def _unavailable(error: BaseException) -> VectorStoreUnavailable:
    said = str(error)
    if any(words in said for words in _HELD):
        return VectorStoreUnavailable(
            "Another program is using the search index.", hint="Close the other Reading Room and try again."
        )
    if any(words in said for words in _FULL):
        return VectorStoreUnavailable(
            "The search index cannot be written: the disk is full.", hint="Free some space and try again."
        )
    return VectorStoreUnavailable(f"The search index cannot be used: {said}.", hint=_MAKE_ANEW)
