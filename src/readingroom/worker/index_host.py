"""The child's side of the hosted vector stores: requests to calls on the real ones."""

import time
from typing import Protocol

from readingroom.core.embedding_forms import Precision
from readingroom.core.errors import VectorStoreUnavailable
from readingroom.core.ids import ChunkId, DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import SearchMode, SearchScope
from readingroom.core.ports import Point, VectorStore, VectorStores
from readingroom.core.ranking import Blend
from readingroom.worker.arrays import from_bytes
from readingroom.worker.indexing import coded_ids
from readingroom.worker.protocol import Frame
from readingroom.worker.serving import Handler, Request, Send

_PATIENCE_S = 5.0
"""A predecessor that was killed may hold a shard's folder for a moment."""

_RETRY_S = 0.1


class CopiedStore(VectorStore, Protocol):
    """A store whose work that takes long is done in a copy of it, by another process."""

    def needs_copy(self, rewrite_after: int | None = None) -> bool:
        """Whether there is such work; `rewrite_after` points written since are (None: as many as it finds right)."""
        ...

    def begin_copy(self) -> None:
        """Write everything through, and note from now on what changes."""
        ...

    def adopt(self) -> int:
        """Bring the finished copy a short step nearer to taking over; 0 once it has."""
        ...


class CopiedStores(VectorStores, Protocol):
    """Gives such stores."""

    def open(
        self,
        workspace_id: WorkspaceId,
        index_id: IndexId,
        dimension: int,
        precision: Precision = Precision.FULL,
    ) -> CopiedStore: ...


class IndexHost:
    """Serves the stores of `stores`, each opened when first asked for."""

    def __init__(self, stores: CopiedStores) -> None:
        self._stores = stores
        self._patient_until = time.monotonic() + _PATIENCE_S

    def handlers(self) -> dict[str, Handler]:
        """Give a handler for each call."""
        return {
            "upsert": self._upsert,
            "delete": self._delete,
            "query": self._query,
            "count": self._count,
            "ids": self._ids,
            "flush": self._flush,
            "tidy": self._tidy,
            "needs_copy": self._needs_copy,
            "begin_copy": self._begin_copy,
            "adopt": self._adopt,
            "remove": self._remove,
        }

    def _open(self, request: Request) -> CopiedStore:
        workspace, index, dimension, precision = request.header["store"]
        while True:
            try:
                return self._stores.open(
                    WorkspaceId(workspace), IndexId(index), dimension, Precision(precision)
                )
            except VectorStoreUnavailable as error:
                # Without a cause it is no refusal of the engine's, and waiting does not mend it.
                if error.__cause__ is None or time.monotonic() > self._patient_until:
                    raise
                time.sleep(_RETRY_S)

    def _upsert(self, request: Request, _send: Send) -> Frame:
        self._open(request).upsert([point for frame in request.frames for point in _points(request, frame)])
        return Frame({})

    def _delete(self, request: Request, _send: Send) -> Frame:
        ids = [ChunkId(number) for frame in request.frames for number in frame.header.get("ids", ())]
        self._open(request).delete(ids)
        return Frame({})

    def _query(self, request: Request, _send: Send) -> Frame:
        header = request.header
        dimension = header["store"][2]
        hits = self._open(request).query(
            text=header["text"],
            embedding=from_bytes(request.frames[0].blob, 1, dimension)[0] if header["embedded"] else None,
            mode=SearchMode(header["mode"]),
            limit=header["limit"],
            scope=SearchScope(
                frozenset(DocumentId(number) for number in header["documents"]),
                frozenset(SourceId(number) for number in header["sources"]),
            ),
            candidates=header["candidates"],
            blend=Blend(*header["blend"]),
        )
        return Frame({"hits": [[hit.id, hit.score, hit.similarity] for hit in hits]})

    def _count(self, request: Request, _send: Send) -> Frame:
        return Frame({"count": self._open(request).count(embedded_only=request.header["embedded_only"])})

    def _ids(self, request: Request, send: Send) -> Frame:
        for batch in self._open(request).ids():
            send(Frame({"is": "ids"}, coded_ids(batch)))
        return Frame({})

    def _flush(self, request: Request, _send: Send) -> Frame:
        self._open(request).flush()
        return Frame({})

    def _tidy(self, request: Request, _send: Send) -> Frame:
        return Frame({"done": self._open(request).tidy()})

    def _needs_copy(self, request: Request, _send: Send) -> Frame:
        return Frame({"needs": self._open(request).needs_copy(request.header["rewrite_after"])})

    def _begin_copy(self, request: Request, _send: Send) -> Frame:
        self._open(request).begin_copy()
        return Frame({})

    def _adopt(self, request: Request, _send: Send) -> Frame:
        return Frame({"left": self._open(request).adopt()})

    def _remove(self, request: Request, _send: Send) -> Frame:
        workspace, index = request.header["store"][:2]
        self._stores.remove(WorkspaceId(workspace), IndexId(index))
        return Frame({})


def _points(request: Request, frame: Frame) -> list[Point]:
    rows = frame.header.get("points", ())
    embedded = sum(1 for row in rows if row[-1])
    embeddings = iter(from_bytes(frame.blob, embedded, request.header["store"][2]))
    return [
        Point(
            id=ChunkId(number),
            document_id=DocumentId(document),
            source_id=SourceId(source),
            page=page,
            text=text,
            embedding=next(embeddings) if has_embedding else None,
        )
        for number, document, source, page, text, has_embedding in rows
    ]
