"""Vector stores in a child process, since their engine holds the interpreter while it works: the ports."""

import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readingroom.core.cancellation import CancelToken
from readingroom.core.embedding_forms import EmbeddingForm, Precision
from readingroom.core.errors import (
    Cancelled,
    DiskFull,
    UserFixableError,
    VectorStoreDamaged,
    VectorStoreUnavailable,
    WorkerFailure,
)
from readingroom.core.ids import ChunkId, IndexId, WorkspaceId
from readingroom.core.models import SearchMode, SearchScope
from readingroom.core.ports import Hit, Point
from readingroom.core.ranking import Blend
from readingroom.worker.arrays import to_bytes
from readingroom.worker.optimising import Optimiser
from readingroom.worker.process import Bounds, ChildProcess
from readingroom.worker.protocol import SMALL_FRAME_CHARS, Frame, portions

ROLE = "index"

_BOUNDS = Bounds(stall_s=300.0)
"""The longest measured: tidying up a shard of 10,000 points and 20,000 deleted ones, 1.3 s. A slow disk may take its time."""

_TIGHT_BYTES = 64 * 1024 * 1024
"""The engine grows its files by 32 MB at a time and is ended by the system (SIGBUS) where the disk does not follow."""

_IDS = np.dtype("<i8")
_IDS_AT_ONCE = 10_000
_EVERYWHERE = SearchScope()
_EVEN = Blend()


class HostedVectorStores:
    """The `VectorStores` port over a child process that holds the shards."""

    def __init__(self, data_dir: Path, *, rewrite_after: int | None = None) -> None:
        """`rewrite_after`: how many points are worth rewriting it, where that is not left to the store."""
        self._rewrite_after = rewrite_after
        self.child = ChildProcess(ROLE, data_dir)
        self.optimiser = Optimiser(data_dir)
        self._stores: dict[tuple[WorkspaceId, IndexId], HostedVectorStore] = {}

    def open(
        self,
        workspace_id: WorkspaceId,
        index_id: IndexId,
        dimension: int,
        precision: Precision = Precision.FULL,
    ) -> "HostedVectorStore":
        """See `VectorStores.open`."""
        known = self._stores.get((workspace_id, index_id))
        form = EmbeddingForm(dimension, precision)
        if known is not None and known.form == form:
            return known
        store = HostedVectorStore(
            self.child, self.optimiser, workspace_id, index_id, form, self._rewrite_after
        )
        store.count()  # so that what is wrong with it is said now
        return self._stores.setdefault((workspace_id, index_id), store)

    def remove(self, workspace_id: WorkspaceId, index_id: IndexId) -> None:
        """See `VectorStores.remove`."""
        store = self._stores.pop((workspace_id, index_id), None)
        if store is not None:
            store.give_up()
        _call(self.child, [Frame({"call": "remove", "store": [workspace_id, index_id, 0]})])

    def close(self) -> None:
        """Flush and close all, and end the child."""
        self._stores.clear()
        self.optimiser.close()
        self.child.close(grace_s=30.0)


@contextmanager
def scratch_stores() -> Iterator[HostedVectorStores]:
    """Stores in a child and a folder of their own, for trying things: nothing else waits, and nothing is left."""
    with tempfile.TemporaryDirectory(prefix="readingroom-") as folder:
        stores = HostedVectorStores(Path(folder))
        try:
            yield stores
        finally:
            stores.close()


class HostedVectorStore:
    """One index's store. Calls of all stores take turns; each is over in milliseconds."""

    def __init__(
        self,
        child: ChildProcess,
        optimiser: Optimiser,
        workspace_id: WorkspaceId,
        index_id: IndexId,
        form: EmbeddingForm,
        rewrite_after: int | None = None,
    ) -> None:
        self.form = form
        self._rewrite_after = rewrite_after
        self._child = child
        self._optimiser = optimiser
        self._ids = workspace_id, index_id
        self._key = [workspace_id, index_id, form.dimension, form.precision.value]
        self._writing = threading.Lock()
        """Held also while files are copied, when nothing may be written."""
        self._optimising = threading.Lock()
        self._stop = CancelToken()

    def upsert(self, points: Sequence[Point]) -> None:
        """See `VectorStore.upsert`."""
        if points:
            frames = [Frame({"call": "upsert", "store": self._key, "more": True})]
            frames += [_point_frame(portion) for portion in _point_portions(points)]
            with self._writing:
                _call(self._child, [*frames, Frame({})])

    def delete(self, ids: Sequence[ChunkId]) -> None:
        """See `VectorStore.delete`."""
        if ids:
            frames = [Frame({"call": "delete", "store": self._key, "more": True})]
            frames += [Frame({"ids": list(portion), "more": True}) for portion in portions(ids, _IDS_AT_ONCE)]
            with self._writing:
                _call(self._child, [*frames, Frame({})])

    def query(
        self,
        *,
        text: str,
        embedding: NDArray[np.float32] | None,
        mode: SearchMode,
        limit: int,
        scope: SearchScope = _EVERYWHERE,
        candidates: int = 100,
        blend: Blend = _EVEN,
    ) -> Sequence[Hit]:
        """See `VectorStore.query`."""
        header = {
            "call": "query",
            "store": self._key,
            "text": text,
            "mode": mode.value,
            "limit": limit,
            "documents": sorted(scope.document_ids),
            "sources": sorted(scope.source_ids),
            "candidates": candidates,
            "blend": [blend.meaning, blend.kin],
            "embedded": embedding is not None,
        }
        blob = b"" if embedding is None else to_bytes(embedding)
        answer = _call(self._child, [Frame(header, blob)])[-1].header
        return [
            Hit(ChunkId(int(point)), float(score), None if similarity is None else float(similarity))
            for point, score, similarity in answer["hits"]
        ]

    def count(self, *, embedded_only: bool = False) -> int:
        """See `VectorStore.count`."""
        request = Frame({"call": "count", "store": self._key, "embedded_only": embedded_only})
        return int(_call(self._child, [request])[-1].header["count"])

    def ids(self) -> Iterator[Sequence[tuple[ChunkId, bool]]]:
        """See `VectorStore.ids`. All are fetched first, so that the caller may use the store meanwhile."""
        for frame in _call(self._child, [Frame({"call": "ids", "store": self._key})])[:-1]:
            # The sign tells whether there is an embedding: -1 - id where there is none.
            coded = np.frombuffer(frame.blob, _IDS).tolist()
            yield [
                (ChunkId(number), True) if number >= 0 else (ChunkId(-1 - number), False) for number in coded
            ]

    def flush(self) -> None:
        """See `VectorStore.flush`."""
        _call(self._child, [Frame({"call": "flush", "store": self._key})])

    def tidy(self) -> bool:
        """See `VectorStore.tidy`."""
        with self._writing:
            return bool(self._ask("tidy")["done"])

    def optimise(self, *, cancel: CancelToken | None = None) -> bool:
        """See `VectorStore.optimise`. A child of its own works on a copy; writes wait only while files are copied."""
        if not self._ask("needs_copy", rewrite_after=self._rewrite_after)["needs"]:
            return False
        token = CancelToken()
        if cancel is not None:
            cancel.when_cancelled(token.cancel)
        with self._optimising:
            self._stop = token
            try:
                self._optimise(token)
            except Cancelled:
                if cancel is not None:
                    cancel.raise_if_cancelled()
                return False  # the index goes
            finally:
                self._optimiser.rest()
        return True

    def give_up(self) -> None:
        """End the work on a copy and wait for its end: the index goes."""
        self._stop.cancel()
        with self._optimising:
            pass

    def _optimise(self, cancel: CancelToken) -> None:
        with self._writing:
            self._ask("begin_copy")
            self._optimiser.copy(*self._ids, cancel)
        self._optimiser.build(*self._ids, cancel)
        # In short steps, so that questions come in between. Where the index child had to be started anew meanwhile,
        # it knows nothing of the copy, and says so.
        while self._ask("adopt")["left"]:
            cancel.raise_if_cancelled()
        self._optimiser.sweep(*self._ids)

    def _ask(self, call: str, **more: object) -> Mapping[str, Any]:
        return _call(self._child, [Frame({"call": call, "store": self._key, **more})])[-1].header


def _call(child: ChildProcess, request: Sequence[Frame]) -> list[Frame]:
    """Send a request, a second time when the child died on the first: every call may be repeated."""
    try:
        return list(child.stream(request, bounds=_BOUNDS))
    except WorkerFailure:
        try:
            return list(child.stream(request, bounds=_BOUNDS))
        except WorkerFailure as error:
            raise _given_up(child, error) from error


def _given_up(child: ChildProcess, error: WorkerFailure) -> UserFixableError:
    """Say why the index does not work: no room, or else files on which its engine dies each time."""
    if shutil.disk_usage(child.data_dir).free < _TIGHT_BYTES:
        return DiskFull(
            "The search index cannot be used: the disk that holds the data folder is full.",
            hint="Free some space; nothing that was saved is lost.",
        )
    # Ended from outside, as the system does when memory runs out, it says nothing of the files.
    kind = VectorStoreUnavailable if "(SIGKILL)" in str(error) else VectorStoreDamaged
    return kind(
        f"The search index does not work: {error}",
        hint="Restart Reading Room, or run `readingroom doctor --repair`: it is made anew from what is known.",
    )


def _point_portions(points: Sequence[Point]) -> Iterator[list[Point]]:
    portion: list[Point] = []
    chars = 0
    for point in points:
        if portion and chars + len(point.text) > SMALL_FRAME_CHARS:
            yield portion
            portion, chars = [], 0
        portion.append(point)
        chars += len(point.text) + 64
    if portion:
        yield portion


def _point_frame(points: Sequence[Point]) -> Frame:
    rows: list[Any] = [
        [p.id, p.document_id, p.source_id, p.page, p.text, p.embedding is not None] for p in points
    ]
    blob = b"".join(to_bytes(point.embedding) for point in points if point.embedding is not None)
    return Frame({"points": rows, "more": True}, blob)


def coded_ids(batch: Sequence[tuple[ChunkId, bool]]) -> bytes:
    """Write ids and whether each has an embedding, as `HostedVectorStore.ids` reads them."""
    return np.array([number if embedded else -1 - number for number, embedded in batch], _IDS).tobytes()
