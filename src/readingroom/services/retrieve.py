"""Query to scored passages: hybrid retrieval over a workspace's active index."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from readingroom.core.asked_for import asks_for_breadth, named_share, phrases_held, quoted_phrases
from readingroom.core.catalog import IndexCatalog, PassageRow
from readingroom.core.embedding_forms import shortened
from readingroom.core.errors import EmbeddingModelUnavailable, WorkerFailure
from readingroom.core.ids import ChunkId, WorkspaceId
from readingroom.core.joining import MOST_JOINED, joined, neighbours
from readingroom.core.models import Index, Passage, SearchMode, SearchScope
from readingroom.core.nearness import BUNDLED, UNTOLD, Nearness
from readingroom.core.ports import Hit, QueryEmbedder, VectorStore, VectorStores
from readingroom.core.ranking import Blend, across, closeness, first_of_each, fullness, weight_of_meaning
from readingroom.core.relevance import Evidence, bearings
from readingroom.core.text_spans import storable
from readingroom.services.listeners import Listeners
from readingroom.services.yielding import RightOfWay

log = logging.getLogger(__name__)

CANDIDATES = 100
"""A branch, before fusion: the depth at which BASELINES measured DBSF."""
CLOSELY = 50
"""The best after fusion, whose texts are looked at as well."""
_CLOSENESS = 0.4
"""What a text that holds the whole question within a few lines gains; a fused score is 0.5 on average."""
_FULLNESS = 0.4
"""What a text gains that holds all of the question anywhere, words and pairs of neighbouring words."""
_NAMED = 0.5
"""What a passage gains whose file's name the question says in full."""
_EVERYTHING = SearchScope()


@dataclass(frozen=True, slots=True)
class Stages:
    """Which stages of ranking come after plain fusion; all do, but where their worth is measured."""

    language: bool = True
    kin: bool = True
    closeness: bool = True
    fullness: bool = True
    names: bool = True
    joining: bool = True

    @property
    def look_at_texts(self) -> bool:
        """Whether the texts of the best are needed."""
        return self.closeness or self.fullness or self.names


_ALL = Stages()
_PLAIN = Blend(kin=0.0)


class RetrieveService:
    """Blocks for tens of milliseconds (the first time longer, while the model loads)."""

    def __init__(
        self,
        catalog: IndexCatalog,
        stores: VectorStores,
        embedder: QueryEmbedder,
        right_of_way: RightOfWay | None = None,
        *,
        stages: Stages = _ALL,
    ) -> None:
        """Indexing on the same `right_of_way` steps back during a search."""
        self._catalog = catalog
        self._stores = stores
        self._embedder = embedder
        self._stages = stages
        self.right_of_way = right_of_way or RightOfWay()
        self.found_by_words: Listeners[Sequence[ChunkId]] = Listeners()
        """Passages of a hybrid search that are not among those found by meaning: they may not be embedded yet."""

    def search(
        self,
        workspace_id: WorkspaceId,
        query: str,
        *,
        limit: int = 8,
        mode: SearchMode = SearchMode.HYBRID,
        scope: SearchScope = _EVERYTHING,
        joining: bool = True,
    ) -> Sequence[Passage]:
        """The nearest passages, best first, repetitions last; none for a blank query or an empty workspace.

        Those that follow each other in a document become one, unless `joining` is off.

        Where the question cannot be embedded, hybrid falls back to words. Raises `VectorStoreUnavailable`, and
        in mode `meaning` `EmbeddingModelUnavailable` or `WorkerFailure`.
        """
        query = storable(query)
        index = self._catalog.active_index(workspace_id)
        if index is None or not query.strip() or limit < 1:
            return ()
        with self.right_of_way.question():
            return self._search(index, query, limit, mode, scope, joining)

    def _search(
        self,
        index: Index,
        query: str,
        limit: int,
        mode: SearchMode,
        scope: SearchScope,
        joining: bool,
    ) -> Sequence[Passage]:
        store = self._stores.open(index.workspace_id, index.id, index.dimension, index.precision)
        embedding = self._embedding(index, query, mode)
        phrases = () if mode is SearchMode.MEANING else quoted_phrases(query)
        blended = mode is SearchMode.HYBRID and embedding is not None
        known = self._known_share(index, query) if blended else 0.0
        closely = CLOSELY if blended and self._stages.look_at_texts else 0
        judged = CLOSELY if mode is SearchMode.HYBRID else 0
        hits = store.query(
            text=query,
            embedding=embedding,
            mode=mode,
            limit=max(limit, closely, judged, CANDIDATES if phrases else 0),
            scope=scope,
            candidates=max(CANDIDATES, limit),
            blend=self._blend(known) if blended else _PLAIN,
        )
        if mode is SearchMode.HYBRID and (by_words := [hit.id for hit in hits if hit.similarity is None]):
            self.found_by_words.publish(by_words)
        nearness = self._nearness(index) if embedding is not None else UNTOLD
        if embedding is not None:
            hits = _read_like_the_bundled(nearness, hits, judged=bool(judged))
        if phrases:
            hits = [*hits, *_unseen(hits, self._holding(store, phrases, scope))]
        rows = self._catalog.passages([hit.id for hit in hits])
        # A hit without a chunk is a point on its way out.
        found = [(hit, rows[hit.id]) for hit in hits if hit.id in rows]
        borne = _bearings(query, found, known, nearness) if judged else {}
        # Without meaning the words alone make the scores, which then lie further apart.
        weight = 1.5 - weight_of_meaning(known)
        found = _closest_first(query, found, closely, self._stages, weight)
        if phrases:
            found = _with_phrases_first(phrases, found)
        if blended and asks_for_breadth(query):
            order = across([hit.score for hit, _ in found], [row.document_id for _, row in found])
            found = [found[place] for place in order]
        found = self._chosen(found, limit, joining=joining and self._stages.joining)
        spans = [(row.document_id, row.chunk.start, row.chunk.end) for _, row in found]
        places, locations = self._catalog.places(spans), self._catalog.locations(spans)
        return tuple(
            Passage(
                rank=rank,
                score=hit.score,
                similarity=hit.similarity,
                document_id=row.document_id,
                path=row.path,
                page=row.chunk.page,
                start=row.chunk.start,
                end=row.chunk.end,
                text=row.chunk.text,
                locations=pages,
                heading=row.chunk.heading,
                context=row.chunk.context,
                place=place.words,
                container=place.container,
                offline=row.offline,
                bearing=borne.get(hit.id),
            )
            for rank, ((hit, row), place, pages) in enumerate(
                zip(found, places, locations, strict=True), start=1
            )
        )

    def warm(self, workspace_id: WorkspaceId) -> None:
        """Load the question embedder of a workspace and open its index, before the first question."""
        if (index := self._catalog.active_index(workspace_id)) is not None:
            self._embedder.warm(index.embedding_model)
            self._nearness(index)
            self._stores.open(workspace_id, index.id, index.dimension, index.precision)

    def _chosen(
        self, found: Sequence[tuple[Hit, PassageRow]], limit: int, *, joining: bool
    ) -> list[tuple[Hit, PassageRow]]:
        """The first `limit` of them, repetitions last; those that follow each other in a document become one."""
        texts = [row.chunk.text for _, row in found]
        if not joining:
            return [found[place] for place in first_of_each(texts, limit)]
        ranked = [found[place] for place in first_of_each(texts, MOST_JOINED * limit)]
        rows = [row for _, row in ranked]
        return [
            (
                ranked[min(group)][0],
                joined([rows[place] for place in group], self._catalog.text_between),
            )
            for group in neighbours(rows, limit)
        ]

    def _holding(self, store: VectorStore, phrases: Sequence[str], scope: SearchScope) -> Sequence[Hit]:
        """What may hold the phrases, by their own words: their passages need not be near the whole question."""
        hits = store.query(
            text=" ".join(phrases), embedding=None, mode=SearchMode.WORDS, limit=CANDIDATES, scope=scope
        )
        return [replace(hit, score=0.0) for hit in hits]

    def _known_share(self, index: Index, query: str) -> float:
        return self._embedder.known_share(index.embedding_model, query) if self._stages.language else 1.0

    def _nearness(self, index: Index) -> Nearness:
        try:
            return self._embedder.nearness(index.embedding_model, index.dimension)
        except (EmbeddingModelUnavailable, WorkerFailure):
            log.exception("How near unrelated texts lie could not be measured; going by words alone")
            return UNTOLD

    def _blend(self, known: float) -> Blend:
        return Blend(weight_of_meaning(known), Blend().kin if self._stages.kin else 0.0)

    def _embedding(self, index: Index, query: str, mode: SearchMode) -> NDArray[np.float32] | None:
        if mode is SearchMode.WORDS:
            return None
        try:
            return shortened(self._embedder.embed_query(index.embedding_model, query), index.dimension)
        except (EmbeddingModelUnavailable, WorkerFailure):
            if mode is SearchMode.MEANING:
                raise
            log.exception("The question could not be embedded; searching by words alone")
            return None


def _bearings(
    query: str, found: Sequence[tuple[Hit, PassageRow]], known_share: float, nearness: Nearness
) -> dict[ChunkId, float]:
    """How far each speaks to the question."""
    known = 2 * weight_of_meaning(known_share) if nearness.tells else 0.0
    evidence = [Evidence(_words_of(row), row.path.stem, hit.similarity) for hit, row in found]
    # A vocabulary for many languages says of none that it does not know it.
    across = known_share == 1 and nearness.tells and nearness is not BUNDLED
    borne = bearings(query, evidence, known=known, across=across)
    return dict(zip((hit.id for hit, _ in found), borne, strict=True))


def _read_like_the_bundled(nearness: Nearness, hits: Sequence[Hit], *, judged: bool) -> Sequence[Hit]:
    """Thresholds are set, by us and by people, in cosines of the bundled model; one that tells nothing meets none."""
    if nearness is BUNDLED or not (nearness.tells or judged):
        return hits
    return [
        hit
        if hit.similarity is None
        else replace(hit, similarity=nearness.of_question(hit.similarity) if nearness.tells else None)
        for hit in hits
    ]


def _unseen(hits: Sequence[Hit], others: Sequence[Hit]) -> list[Hit]:
    seen = {hit.id for hit in hits}
    return [hit for hit in others if hit.id not in seen]


def _closest_first(
    query: str, found: Sequence[tuple[Hit, PassageRow]], number: int, stages: Stages, weight: float
) -> list[tuple[Hit, PassageRow]]:
    """Raise those of the first `number` that hold the question's words close together or whose file it names."""
    head = found[:number]
    texts = [_words_of(row) for _, row in head]
    close = closeness(query, texts) if stages.closeness else [0.0] * len(head)
    full = fullness(query, texts) if stages.fullness else [0.0] * len(head)
    named = [named_share(query, row.path.stem) if stages.names else 0.0 for _, row in head]
    raised = [
        (replace(hit, score=hit.score + weight * (_CLOSENESS * near + _FULLNESS * held) + _NAMED * name), row)
        for (hit, row), near, held, name in zip(head, close, full, named, strict=True)
    ]
    return [*sorted(raised, key=_best_first), *found[number:]]


def _with_phrases_first(
    phrases: tuple[str, ...], found: Sequence[tuple[Hit, PassageRow]]
) -> list[tuple[Hit, PassageRow]]:
    """Put before all others what holds the phrases in quotation marks, the more the sooner."""
    held = [(phrases_held(phrases, _words_of(row)), hit, row) for hit, row in found]
    return [(hit, row) for _, hit, row in sorted(held, key=lambda entry: -entry[0])]


def _words_of(row: PassageRow) -> str:
    return "\n".join((*row.chunk.heading, row.chunk.worded_text))


def _best_first(pair: tuple[Hit, PassageRow]) -> tuple[float, int]:
    return -pair[0].score, pair[0].id
