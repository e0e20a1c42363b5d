"""Vector stores on a Qdrant server or cluster, or in memory, through qdrant-client: a collection an index."""

import logging
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from readingroom.core.cancellation import CancelToken
from readingroom.core.embedding_forms import EmbeddingForm, Precision
from readingroom.core.errors import VectorStoreUnavailable
from readingroom.core.ids import ChunkId, IndexId, WorkspaceId
from readingroom.core.models import SearchMode, SearchScope
from readingroom.core.ports import Hit, Point
from readingroom.core.ranking import Blend
from readingroom.core.remote import Server
from readingroom.vectors.checking import trust
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
from readingroom.vectors.words import WORDS_RULE, WordVector, passage_words, query_words

log = logging.getLogger(__name__)

IN_MEMORY = ":memory:"
TIMEOUT_S = 30

T = TypeVar("T")


class ClientVectorStores:
    """Collections `readingroom-<workspace>-<index>` at one location, a URL or `:memory:`.

    Nothing is loaded and nobody is asked before the first `open`. One lane serves all collections, since the
    in-memory mode is not made for several threads.
    """

    def __init__(self, location: str, *, api_key: str = "", ca_file: str = "") -> None:
        self._server = Server(location, api_key, ca_file)
        self._location = location
        self._lock = threading.Lock()
        self._connection: _Connection | None = None
        self._stores: dict[tuple[WorkspaceId, IndexId], ClientVectorStore] = {}

    def open(
        self,
        workspace_id: WorkspaceId,
        index_id: IndexId,
        dimension: int,
        precision: Precision = Precision.FULL,
    ) -> "ClientVectorStore":
        """See `VectorStores`. A collection of another form is refused."""
        with self._lock:
            connection = self._connect()
            store = self._stores.get((workspace_id, index_id))
            if store is None:
                name = _collection(workspace_id, index_id)
                form = EmbeddingForm(dimension, precision)
                connection.run(lambda client: _prepare(client, name, form, self._location))
                store = ClientVectorStore(connection, name, form)
                self._stores[workspace_id, index_id] = store
            elif store.form != EmbeddingForm(dimension, precision):
                raise made_otherwise()
            return store

    def remove(self, workspace_id: WorkspaceId, index_id: IndexId) -> None:
        with self._lock:
            self._stores.pop((workspace_id, index_id), None)
            name = _collection(workspace_id, index_id)
            self._connect().run(lambda client: client.delete_collection(name))

    def close(self) -> None:
        with self._lock:
            self._stores.clear()
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connect(self) -> "_Connection":
        if self._connection is None:
            self._connection = _Connection(self._server)
        return self._connection


class ClientVectorStore:
    """One collection. Writes are acknowledged once they are applied."""

    def __init__(self, connection: "_Connection", name: str, form: EmbeddingForm) -> None:
        self.form = form
        self._connection = connection
        self._name = name

    def upsert(self, points: Sequence[Point]) -> None:
        for batch in batches(points, UPSERT_BATCH):
            made = [_struct(point) for point in batch]
            self._run(partial(_upsert, self._name, made))

    def delete(self, ids: Sequence[ChunkId]) -> None:
        for batch in batches(ids, SCROLL_BATCH):
            self._run(partial(_delete, self._name, batch))

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
        words = None if mode is SearchMode.MEANING else _sparse(query_words(text))
        meaning = None if mode is SearchMode.WORDS or embedding is None else embedding.tolist()
        if words is None and meaning is None:
            return []
        if meaning is None or embedding is None:
            (found,) = self._ask([_alone(words, WORDS, where, limit)])
            return best_first([Hit(hit.id, hit.score, None) for hit in found], limit)
        if words is None:
            (found,) = self._ask([_alone(meaning, MEANING, where, limit)])
            return best_first([Hit(hit.id, hit.score, hit.score) for hit in found], limit)
        by_words, near = self._ask(
            [_branch(words, WORDS, where, depth, blend), _branch(meaning, MEANING, where, depth, blend)]
        )
        return ranked(by_words, near, embedding, blend, limit)

    def count(self, *, embedded_only: bool = False) -> int:
        where = _embedded() if embedded_only else None
        found = self._run(lambda client: client.count(self._name, count_filter=where, exact=True))
        return int(found.count)

    def ids(self) -> Iterator[Sequence[tuple[ChunkId, bool]]]:
        offset: Any = None
        while True:
            page, following = self._scroll(offset, None)
            # As many embedded ones from the same start on: they cover at least the span of the page.
            embedded = {record.id for record in self._scroll(offset, _embedded())[0]}
            if page:
                yield [(ChunkId(record.id), record.id in embedded) for record in page]
            if following is None:
                return
            offset = following

    def flush(self) -> None:
        """Nothing to do: the server keeps a write-ahead log of its own."""

    def tidy(self) -> bool:
        """Nothing to do: the server gives back room by itself."""
        return False

    def optimise(self, *, cancel: CancelToken | None = None) -> bool:  # noqa: ARG002  (the port's)
        """Nothing to do: the server builds its own graph in the background."""
        return False

    def _ask(self, requests: list[Any]) -> list[Any]:
        answers = self._run(lambda client: client.query_batch_points(self._name, requests))
        return [answer.points for answer in answers]

    def _scroll(self, offset: Any, where: Any) -> tuple[list[Any], Any]:
        found: tuple[list[Any], Any] = self._run(
            lambda client: client.scroll(
                self._name,
                scroll_filter=where,
                limit=SCROLL_BATCH,
                offset=offset,
                with_payload=False,
                with_vectors=False,
            )
        )
        return found

    def _run(self, work: Callable[[Any], T]) -> T:
        return self._connection.run(work)


class _Connection:
    """A qdrant-client on a lane of its own; whatever it raises becomes `VectorStoreUnavailable`."""

    def __init__(self, server: Server) -> None:
        self._location = server.address
        self._lane = Lane("qdrant-client")
        try:
            self._client: Any = self._translated(lambda: _client(server))
        except BaseException:
            self._lane.close()
            raise

    def run(self, work: Callable[[Any], T]) -> T:
        return self._translated(lambda: work(self._client))

    def close(self) -> None:
        try:
            self._translated(self._client.close)
        except VectorStoreUnavailable:
            log.warning("The connection to Qdrant could not be closed in order", exc_info=True)
        self._lane.close()

    def _translated(self, work: Callable[[], T]) -> T:
        def guarded() -> T:
            try:
                return work()
            except VectorStoreUnavailable:
                raise
            except Exception as error:
                # qdrant-client lets httpx and pydantic through beside its own; there is no common base.
                raise _unavailable(self._location, error) from error

        return self._lane.run(guarded)


def _client(server: Server) -> Any:
    from qdrant_client import QdrantClient

    if server.address == IN_MEMORY:
        return QdrantClient(IN_MEMORY)
    with warnings.catch_warnings():
        # It warns of a key over plain http; the settings say so to the person.
        warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return QdrantClient(
            url=server.address,
            api_key=server.api_key or None,
            timeout=TIMEOUT_S,
            check_compatibility=False,
            verify=trust(server),
        )


def _prepare(client: Any, name: str, form: EmbeddingForm, location: str) -> None:
    from qdrant_client import models

    # Servers know 16 bits from 1.9 on and bytes from 1.19 on; an older one says that it does not know the name.
    datatype = {
        Precision.FULL: models.Datatype.FLOAT32,
        Precision.HALF: models.Datatype.FLOAT16,
        Precision.BYTE: models.Datatype.TURBO8,
    }[form.precision]
    if client.collection_exists(name):
        config = client.get_collection(name).config
        meaning = (config.params.vectors or {}).get(MEANING)
        # Servers before 1.16 keep no metadata; there the dimension has to be enough.
        rule = (config.metadata or {}).get("words", WORDS_RULE)
        kept = None if meaning is None else (meaning.size, meaning.datatype or models.Datatype.FLOAT32)
        if kept != (form.dimension, datatype) or rule != WORDS_RULE:
            raise made_otherwise()
        return
    client.create_collection(
        name,
        vectors_config={
            MEANING: models.VectorParams(
                size=form.dimension,
                distance=models.Distance.COSINE,
                datatype=datatype,
            )
        },
        sparse_vectors_config={WORDS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
        metadata={"words": WORDS_RULE},
    )
    if location == IN_MEMORY:
        return  # it keeps no payload indexes, and warns when asked for one
    for field in (DOCUMENT_ID, SOURCE_ID):
        client.create_payload_index(name, field, models.PayloadSchemaType.INTEGER, wait=True)


def _collection(workspace_id: WorkspaceId, index_id: IndexId) -> str:
    return f"readingroom-{workspace_id}-{index_id}"


def _upsert(name: str, points: list[Any], client: Any) -> None:
    client.upsert(name, points, wait=True)


def _delete(name: str, ids: Sequence[ChunkId], client: Any) -> None:
    from qdrant_client import models

    client.delete(name, models.PointIdsList(points=[int(point_id) for point_id in ids]), wait=True)


def _struct(point: Point) -> Any:
    from qdrant_client import models

    words = passage_words(point.text)
    vectors: dict[str, Any] = {}
    if words.indices:
        vectors[WORDS] = models.SparseVector(indices=words.indices, values=words.values)
    if point.embedding is not None:
        vectors[MEANING] = point.embedding.tolist()
    return models.PointStruct(id=point.id, vector=vectors, payload=payload(point))


def _sparse(words: WordVector) -> Any:
    from qdrant_client import models

    return models.SparseVector(indices=words.indices, values=words.values) if words.indices else None


def _alone(query: Any, using: str, where: Any, limit: int) -> Any:
    from qdrant_client import models

    return models.QueryRequest(query=query, using=using, filter=where, limit=limit, with_payload=False)


def _branch(query: Any, using: str, where: Any, limit: int, blend: Blend) -> Any:
    from qdrant_client import models

    wanted = [MEANING] if blend.needs_embeddings else False
    return models.QueryRequest(
        query=query, using=using, filter=where, limit=limit, with_payload=False, with_vector=wanted
    )


def _embedded() -> Any:
    from qdrant_client import models

    return models.Filter(must=[models.HasVectorCondition(has_vector=MEANING)])


def _filter(scope: SearchScope) -> Any:
    """Points of any of the documents or any of the sources."""
    from qdrant_client import models

    allowed: list[Any] = [
        models.FieldCondition(key=name, match=models.MatchAny(any=[int(value) for value in sorted(ids)]))
        for name, ids in ((DOCUMENT_ID, scope.document_ids), (SOURCE_ID, scope.source_ids))
        if ids
    ]
    return models.Filter(should=allowed) if allowed else None


def _unavailable(location: str, error: Exception) -> VectorStoreUnavailable:
    status = getattr(error, "status_code", None)
    if status in (401, 403):
        return VectorStoreUnavailable(
            f"The Qdrant server at {location} refused the API key.", hint="Check the key in Settings."
        )
    if status is not None:
        return VectorStoreUnavailable(
            f"The Qdrant server at {location} answered with an error ({status}).",
            hint="Look at the server's log.",
        )
    return VectorStoreUnavailable(
        f"The Qdrant server at {location} cannot be reached: {error}.",
        hint="Check that it is running, and its address in Settings.",
    )
