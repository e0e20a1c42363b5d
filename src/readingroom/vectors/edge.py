"""Vector stores on this computer: a Qdrant Edge shard an index, each on a lane of its own."""

import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import qdrant_edge as edge
from numpy.typing import NDArray

from readingroom.config.lasting import sync_folder, sync_tree
from readingroom.core.cancellation import CancelToken
from readingroom.core.embedding_forms import EmbeddingForm, Precision
from readingroom.core.errors import VectorStoreDamaged, VectorStoreUnavailable
from readingroom.core.ids import ChunkId, IndexId, WorkspaceId
from readingroom.core.models import SearchMode, SearchScope
from readingroom.core.ports import Hit, Point
from readingroom.core.ranking import Blend
from readingroom.vectors.generations import (
    MARK,
    current,
    discard,
    discard_all,
    following,
    read_mark,
    write_mark,
)
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
    shard_folder,
)
from readingroom.vectors.replacement import Replacement
from readingroom.vectors.rewriting import (
    LARGE,
    Built,
    copy_shard,
    datatype,
    rewrite_copy,
    search_params,
    sweep,
)
from readingroom.vectors.seal import break_seal, is_unbroken, seal
from readingroom.vectors.words import WORDS_RULE, WordVector, passage_words, query_words

log = logging.getLogger(__name__)

# Kilobytes: never build HNSW where the shard is in use. See `rewriting.py`.
INDEXING_THRESHOLD_KB = 1_000_000_000
LEAST_DEAD = 2_000
"""Deleted points that are not worth the trouble: 3.7 kB each, on disk and in memory; tidying a small index takes a second."""

T = TypeVar("T")


class EdgeVectorStores:
    """The shards below one folder: `root/<workspace>/<index>/`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._stores: dict[tuple[WorkspaceId, IndexId], EdgeVectorStore] = {}

    def open(
        self,
        workspace_id: WorkspaceId,
        index_id: IndexId,
        dimension: int,
        precision: Precision = Precision.FULL,
    ) -> "EdgeVectorStore":
        """See `VectorStores`. A shard of another form, damaged or held by another process is refused."""
        with self._lock:
            store = self._stores.get((workspace_id, index_id))
            form = EmbeddingForm(dimension, precision)
            if store is None:
                store = EdgeVectorStore(self._folder(workspace_id, index_id), form)
                self._stores[workspace_id, index_id] = store
            elif store.form != form:
                raise made_otherwise()
            return store

    def remove(self, workspace_id: WorkspaceId, index_id: IndexId) -> None:
        with self._lock:
            store = self._stores.pop((workspace_id, index_id), None)
            if store is not None:
                store.close(keep=False)
            folder = self._folder(workspace_id, index_id)
            try:
                discard_all(folder)
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
        return shard_folder(self._root, workspace_id, index_id)


class EdgeVectorStore:
    """One shard. What was acknowledged is in its write-ahead log and survives the end of the process."""

    def __init__(self, folder: Path, form: EmbeddingForm) -> None:
        self.form = form
        self._base = folder
        self._replacement: Replacement | None = None
        self._lane = Lane(f"shard-{folder.parent.name}-{folder.name}")
        try:
            self._shard: Any = self._run(lambda: _open_shard(folder, form))
            self._folder = current(folder)
            self._built = Built.of(read_mark(self._folder) or {})
        except BaseException:
            self._lane.close()
            raise

    def upsert(self, points: Sequence[Point]) -> None:
        for batch in batches(points, UPSERT_BATCH):
            made = [_edge_point(point) for point in batch]
            self._update(edge.UpdateOperation.upsert_points(made), [point.id for point in batch])

    def delete(self, ids: Sequence[ChunkId]) -> None:
        for batch in batches(ids, SCROLL_BATCH):
            self._update(edge.UpdateOperation.delete_points(list(batch)), batch)

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
        if meaning is None or embedding is None:
            found = self._run(lambda: self._shard.query(_alone(words, where, limit)))
            return best_first([Hit(hit.id, hit.score, None) for hit in found], limit)
        if words is None:
            found = self._run(lambda: self._shard.query(_alone(meaning, where, limit, _NEAR)))
            return best_first([Hit(hit.id, hit.score, hit.score) for hit in found], limit)
        request = edge.QueryBatchRequest(
            [_branch(words, where, depth, blend), _branch(meaning, where, depth, blend, _NEAR)]
        )
        by_words, near = self._run(lambda: self._shard.query_batch(request))
        return ranked(by_words, near, embedding, blend, limit)

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
        points, dead = self._run(self._sizes)
        if dead < max(LEAST_DEAD, points) or self._built.points or points + dead > LARGE:
            return False
        self._run(self._shard.optimize)
        self.flush()
        return True

    def needs_copy(self, rewrite_after: int | None = None) -> bool:
        """Whether there is something to do that takes so long that it is done in a copy; see `rewriting.REWRITE_AFTER`."""
        points, dead = self._run(self._sizes)
        wasteful = dead >= max(LEAST_DEAD, points) and (bool(self._built.points) or points + dead > LARGE)
        return wasteful or self._built.is_outgrown(points, rewrite_after)

    def begin_copy(self) -> None:
        """Write everything through, and note from now on what changes. An earlier copy is forgotten."""
        self._run(self._begin_copy)

    def adopt(self) -> int:
        """Bring the copy a step nearer to taking over; 0 once it has.

        Raises `VectorStoreUnavailable` where none was begun since the store was opened.
        """
        return self._run(self._adopt)

    def optimise(self, *, cancel: CancelToken | None = None) -> bool:
        """See `VectorStore.optimise`. Here the work is done in this process, and holds it up."""
        if not self.needs_copy():
            return False
        self.begin_copy()
        self._run(partial(copy_shard, self._base))
        rewrite_copy(self._base)
        while self.adopt():
            if cancel is not None:
                cancel.raise_if_cancelled()
        sweep(self._base)
        return True

    def close(self, *, keep: bool = True) -> None:
        """Flush and release the folder, sealed where it is kept; later calls raise `VectorStoreUnavailable`."""
        try:
            self._run(self._close if keep else self._shard.close)
        except (VectorStoreUnavailable, OSError):
            log.warning("A shard could not be closed in order", exc_info=True)
        self._lane.close()

    def _begin_copy(self) -> None:
        if self._replacement is not None:
            self._replacement.give_up()
        self._shard.flush()
        self._replacement = Replacement(following(self._base), self._sizes()[0])

    def _adopt(self) -> int:
        copy = self._replacement
        if copy is None:
            raise VectorStoreUnavailable("No copy of the search index is being made.")
        if left := copy.catch_up(self._shard):
            return left
        shard = copy.taken_over()
        # The moment at which it takes over, also for whoever opens the index after a crash.
        write_mark(copy.folder, _mark(self.form) | copy.built.noted())
        former, self._shard = self._shard, shard
        self._folder, self._built, self._replacement = copy.folder, copy.built, None
        former.close()
        return 0

    def _close(self) -> None:
        if self._replacement is not None:
            self._replacement.give_up()
        self._shard.close()
        seal(self._folder)

    def _sizes(self) -> tuple[int, int]:
        """Points, and deleted points that still take room."""
        found = self._shard.info()
        # The engine counts as indexed what it holds an embedding of, deleted points included; once it is rewritten,
        # their words once more.
        stored = found.indexed_vectors_count - self._built.indexed + self._built.points
        return int(found.points_count), int(stored - found.points_count)

    def _scroll(self, offset: int | None) -> tuple[list[int], set[int], int | None]:
        page, following = self._shard.scroll(_scroll_request(offset, None))
        # As many embedded ones from the same start on: they cover at least the span of the page.
        embedded, _ = self._shard.scroll(_scroll_request(offset, _EMBEDDED))
        return [record.id for record in page], {record.id for record in embedded}, following

    def _update(self, operation: Any, ids: Sequence[ChunkId]) -> None:
        def work() -> None:
            # Noted first: what is half written when it fails is looked up all the same.
            if self._replacement is not None:
                self._replacement.note(ids)
            self._shard.update(operation)

        self._run(work)

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


_NEAR = search_params()
_EMBEDDED = edge.Filter(must=[edge.HasVectorCondition(MEANING)])


def _open_shard(base: Path, form: EmbeddingForm) -> Any:
    sweep(base)
    folder, mark = current(base), _mark(form)
    if not (folder / MARK).is_file():
        _create_shard(folder, form)
    elif {name: (_OF_OLD | (read_mark(folder) or {})).get(name) for name in mark} != mark:
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


_OF_OLD = {"precision": Precision.FULL.value}
"""Marks did not always say it."""


def _mark(form: EmbeddingForm) -> dict[str, Any]:
    return {"dimension": form.dimension, "words": WORDS_RULE, "precision": form.precision.value}


def _create_shard(folder: Path, form: EmbeddingForm) -> None:
    """Make a shard beside its place and move it there whole: a crash leaves nothing that looks like one."""
    unfinished = folder.with_name(f"{folder.name}.new")
    discard(folder)
    discard(unfinished)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    config = edge.EdgeConfig(
        vectors={
            MEANING: edge.EdgeVectorParams(
                size=form.dimension, distance=edge.Distance.Cosine, datatype=datatype(form.precision)
            )
        },
        sparse_vectors={WORDS: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=INDEXING_THRESHOLD_KB),
    )
    shard = edge.EdgeShard.create(str(unfinished), config)
    for name in (DOCUMENT_ID, SOURCE_ID):
        shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Integer))
    shard.flush()
    shard.close()
    (unfinished / MARK).write_text(json.dumps(_mark(form)), "utf-8")
    sync_tree(unfinished)
    unfinished.rename(folder)
    sync_folder(folder.parent)


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


def _alone(query: Any, where: Any, limit: int, params: Any = None) -> Any:
    return edge.QueryRequest(limit=limit, query=query, filter=where, params=params, with_payload=False)


def _branch(query: Any, where: Any, limit: int, blend: Blend, params: Any = None) -> Any:
    wanted = [MEANING] if blend.needs_embeddings else False
    return edge.QueryRequest(
        limit=limit, query=query, filter=where, params=params, with_payload=False, with_vector=wanted
    )


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
