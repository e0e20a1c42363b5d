"""What services rely on in any vector store, run over all of them."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from helpers.fake_qdrant import FakeQdrant
from readingroom.core.embedding_forms import Precision
from readingroom.core.errors import VectorStoreUnavailable
from readingroom.core.ids import ChunkId, DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import SearchMode, SearchScope
from readingroom.core.ports import Hit, Point, VectorStore, VectorStores
from readingroom.core.ranking import Blend
from readingroom.vectors import layout
from readingroom.vectors.client import IN_MEMORY, ClientVectorStores
from readingroom.vectors.edge import EdgeVectorStores

WORKSPACE = WorkspaceId(901)
INDEX = IndexId(902)
DIMENSION = 4

FOX = np.array([1, 0, 0, 0], np.float32)
WHALE = np.array([0, 1, 0, 0], np.float32)
EVERYWHERE = SearchScope()
BETWEEN = np.array([0.8, 0.6, 0, 0], np.float32)


@pytest.fixture
def rest_server() -> Iterator[FakeQdrant]:
    with FakeQdrant(api_key="secret") as server:
        yield server


@pytest.fixture(params=["edge", "memory", "rest", "server"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStores]:
    made: VectorStores
    if request.param == "edge":
        made = EdgeVectorStores(tmp_path)
    elif request.param == "memory":
        made = ClientVectorStores(IN_MEMORY)
    elif request.param == "rest":
        made = ClientVectorStores(request.getfixturevalue("rest_server").address, api_key="secret")
    else:
        url = os.environ.get("QDRANT_URL")
        if not url:
            pytest.skip("QDRANT_URL names no Qdrant server to test with")
        made = ClientVectorStores(url, api_key=os.environ.get("QDRANT_API_KEY", ""))
        made.remove(WORKSPACE, INDEX)
    yield made
    made.remove(WORKSPACE, INDEX)
    made.close()


@pytest.fixture
def store(stores: VectorStores) -> VectorStore:
    return stores.open(WORKSPACE, INDEX, DIMENSION)


def point(
    number: int,
    text: str,
    embedding: NDArray[np.float32] | None = None,
    *,
    document: int = 1,
    source: int = 1,
    page: int | None = None,
) -> Point:
    return Point(ChunkId(number), DocumentId(document), SourceId(source), page, text, embedding)


def ask(
    store: VectorStore,
    text: str = "",
    embedding: NDArray[np.float32] | None = None,
    mode: SearchMode = SearchMode.HYBRID,
    limit: int = 10,
    scope: SearchScope = EVERYWHERE,
) -> list[Hit]:
    return list(store.query(text=text, embedding=embedding, mode=mode, limit=limit, scope=scope))


def found(store: VectorStore, text: str, mode: SearchMode = SearchMode.WORDS) -> list[int]:
    return [hit.id for hit in ask(store, text, mode=mode)]


def everything(store: VectorStore) -> list[tuple[int, bool]]:
    return [entry for batch in store.ids() for entry in batch]


def test_new_store_is_empty_and_answers_nothing(store: VectorStore) -> None:
    assert store.count() == 0
    assert everything(store) == []
    for mode in SearchMode:
        assert ask(store, "fox", FOX, mode) == []


def test_same_index_is_the_same_store(stores: VectorStores, store: VectorStore) -> None:
    assert stores.open(WORKSPACE, INDEX, DIMENSION) is store


def test_two_indexes_do_not_mix(stores: VectorStores, store: VectorStore) -> None:
    other = stores.open(WORKSPACE, IndexId(903), DIMENSION)
    try:
        other.upsert([point(1, "fox")])
        assert store.count() == 0
    finally:
        stores.remove(WORKSPACE, IndexId(903))


def test_words_are_found_before_the_embedding_arrives(store: VectorStore) -> None:
    store.upsert([point(1, "The quick brown fox"), point(2, "A blue whale")])
    assert found(store, "foxes") == [1]
    assert found(store, "foxes", SearchMode.HYBRID) == [1]
    assert store.count(embedded_only=True) == 0


def test_embedding_arrives_with_a_later_upsert(store: VectorStore) -> None:
    store.upsert([point(1, "fox")])
    store.upsert([point(1, "fox", FOX)])
    assert (store.count(), store.count(embedded_only=True)) == (1, 1)
    assert [hit.id for hit in ask(store, embedding=FOX, mode=SearchMode.MEANING)] == [1]


def test_repeated_upsert_changes_nothing(store: VectorStore) -> None:
    points = [point(1, "fox", FOX), point(2, "whale", WHALE)]
    store.upsert(points)
    before = ask(store, "fox", FOX)
    store.upsert(points)
    assert store.count() == 2
    assert ask(store, "fox", FOX) == before


def test_upsert_replaces_words_embedding_and_place(store: VectorStore) -> None:
    store.upsert([point(1, "fox", FOX, document=1)])
    store.upsert([point(1, "whale", document=2)])
    assert found(store, "fox") == []
    assert found(store, "whale") == [1]
    assert store.count(embedded_only=True) == 0
    scope = SearchScope(document_ids=frozenset({DocumentId(2)}))
    assert [hit.id for hit in ask(store, "whale", mode=SearchMode.WORDS, scope=scope)] == [1]


def test_more_points_than_a_batch_are_all_written(
    store: VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("readingroom.vectors.edge.UPSERT_BATCH", 7)
    monkeypatch.setattr("readingroom.vectors.client.UPSERT_BATCH", 7)
    store.upsert([point(n, f"word{n}") for n in range(1, 31)])
    assert store.count() == 30
    assert found(store, "word29") == [29]


def test_deleted_points_are_not_found(store: VectorStore) -> None:
    store.upsert([point(1, "fox", FOX), point(2, "fox", FOX)])
    store.delete([ChunkId(1)])
    assert store.count() == 1
    assert [hit.id for hit in ask(store, "fox", FOX)] == [2]


def test_deleting_unknown_ids_or_nothing_is_harmless(store: VectorStore) -> None:
    store.upsert([point(1, "fox")])
    store.delete([ChunkId(77)])
    store.delete([])
    store.upsert([])
    assert store.count() == 1


def test_ids_come_ascending_in_batches_with_what_is_embedded(
    store: VectorStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("readingroom.vectors.edge.SCROLL_BATCH", 4)
    monkeypatch.setattr("readingroom.vectors.client.SCROLL_BATCH", 4)
    numbers = [3, 1, 9, 14, 5, 7, 20, 11, 2]
    store.upsert([point(n, f"w{n}", FOX if n % 2 else None) for n in numbers])
    assert [len(batch) for batch in store.ids()] == [4, 4, 1]
    assert everything(store) == [(n, n % 2 == 1) for n in sorted(numbers)]


def test_meaning_scores_are_cosine_similarities(store: VectorStore) -> None:
    store.upsert([point(1, "fox", FOX), point(2, "whale", WHALE * 5)])
    hits = ask(store, embedding=BETWEEN, mode=SearchMode.MEANING)
    assert [hit.id for hit in hits] == [1, 2]
    assert [hit.score for hit in hits] == pytest.approx([0.8, 0.6], abs=1e-5)
    assert [hit.similarity for hit in hits] == [hit.score for hit in hits]


@pytest.mark.parametrize("precision", Precision)
def test_embeddings_kept_less_exactly_are_found_all_the_same(
    stores: VectorStores, precision: Precision
) -> None:
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(300, 64)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    store = stores.open(WORKSPACE, INDEX, 64, precision)
    store.upsert([point(number, f"fox{number}", row) for number, row in enumerate(rows)])
    for asked in rows[:20]:
        near = np.argsort(-(rows @ asked))[:5]
        hits = ask(store, embedding=asked, mode=SearchMode.MEANING, limit=5)
        assert hits[0].id == near[0]
        assert len({int(hit.id) for hit in hits} & set(near.tolist())) >= 4
        assert hits[0].score == pytest.approx(1.0, abs=0.01)
        assert ask(store, "fox7", asked)[0].id in {7, near[0]}


def test_an_index_kept_in_another_form_is_refused(stores: VectorStores, store: VectorStore) -> None:
    with pytest.raises(VectorStoreUnavailable, match="another embedding model"):
        stores.open(WORKSPACE, INDEX, DIMENSION, Precision.BYTE)


@pytest.mark.parametrize("version", ["1.15.0", "1.19.0"])
@pytest.mark.parametrize("precision", Precision)
def test_an_index_of_any_form_is_known_again(precision: Precision, version: str) -> None:
    """At the next start of the program, also by a server that keeps no notes of ours with a collection."""
    other = Precision.FULL if precision is not Precision.FULL else Precision.HALF
    with FakeQdrant(version=version, api_key="secret") as server:
        for wanted in (precision, precision, other):
            stores = ClientVectorStores(server.address, api_key="secret")
            if wanted is precision:
                stores.open(WORKSPACE, INDEX, DIMENSION, wanted)
            else:
                with pytest.raises(VectorStoreUnavailable, match="another embedding model"):
                    stores.open(WORKSPACE, INDEX, DIMENSION, wanted)
            stores.close()


def test_words_mode_knows_no_similarity(store: VectorStore) -> None:
    store.upsert([point(1, "fox", FOX)])
    (hit,) = ask(store, "fox", FOX, SearchMode.WORDS)
    assert hit.similarity is None
    assert hit.score > 0


def test_rare_words_weigh_more_than_common_ones(store: VectorStore) -> None:
    store.upsert([point(n, "report on the harbour") for n in range(1, 9)])
    store.upsert([point(9, "report on the lighthouse")])
    assert found(store, "harbour lighthouse")[0] == 9


def test_hybrid_puts_first_what_both_branches_find(store: VectorStore) -> None:
    store.upsert(
        [
            point(1, "fox den in the wood", BETWEEN),
            point(2, "fox tail on a hat", WHALE),
            point(3, "vulpine habitat", FOX),
            point(4, "tax return", WHALE),
        ]
    )
    hits = ask(store, "fox den", FOX)
    assert hits[0].id == 1
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert {hit.id: hit.similarity for hit in hits}[ChunkId(1)] == pytest.approx(0.8, abs=1e-5)


def test_fusion_weighs_how_near_a_point_is_and_not_its_rank_alone(store: VectorStore) -> None:
    far, near = np.array([0.3, 0.95, 0, 0], np.float32), np.array([0.9, 0.43, 0, 0], np.float32)
    scores = []
    for second in (far, near):
        store.upsert([point(1, "fox", FOX), point(2, "fox fox", second), point(3, "fox fox fox", WHALE)])
        scores.append({hit.id: hit.score for hit in ask(store, "fox", FOX)}[ChunkId(2)])
    assert scores[0] < scores[1], "fusion by rank gives both the same"


def test_meaning_has_the_weight_it_is_given(store: VectorStore) -> None:
    store.upsert([point(n, f"fox {'den ' * n}", WHALE) for n in range(1, 5)])
    store.upsert([point(n, "harbour", BETWEEN * n) for n in range(5, 9)])
    store.upsert([point(9, "harbour", FOX)])

    def first(weight: float) -> int:
        blend = Blend(weight)
        return store.query(text="fox", embedding=FOX, mode=SearchMode.HYBRID, limit=1, blend=blend)[0].id

    assert first(0.0) == found(store, "fox")[0]
    assert first(1.0) == 9


def test_what_is_like_the_best_rises_over_its_equals(store: VectorStore) -> None:
    alone = np.array([0, 0, 1, 0], np.float32)
    store.upsert([point(n, "fox fox fox in a den", FOX) for n in range(1, 11)])
    store.upsert([point(n, "fox with a hat", FOX if n == 30 else alone) for n in range(11, 31)])

    def score_of(number: int, kin: float) -> float:
        blend = Blend(0.5, kin)
        hits = store.query(text="fox", embedding=BETWEEN, mode=SearchMode.HYBRID, limit=99, blend=blend)
        return {hit.id: hit.score for hit in hits}[ChunkId(number)]

    assert score_of(30, 0.5) > score_of(30, 0.0)
    assert score_of(29, 0.5) <= score_of(29, 0.0) + 1e-6


def test_hybrid_without_an_embedding_is_words_alone(store: VectorStore) -> None:
    store.upsert([point(1, "fox", FOX), point(2, "fox and whale", WHALE), point(3, "tax", FOX)])
    assert ask(store, "fox") == ask(store, "fox", mode=SearchMode.WORDS)


def test_hybrid_finds_points_not_yet_embedded(store: VectorStore) -> None:
    store.upsert([point(1, "fox", FOX), point(2, "whale")])
    by_id = {hit.id: hit.similarity for hit in ask(store, "whale", FOX)}
    assert by_id == {1: pytest.approx(1.0, abs=1e-5), 2: None}


def test_limit_is_kept_even_above_the_candidates(store: VectorStore) -> None:
    store.upsert([point(n, "fox", FOX) for n in range(1, 13)])
    for mode in SearchMode:
        assert len(ask(store, "fox", FOX, mode, limit=5)) == 5
    hits = store.query(text="fox", embedding=FOX, mode=SearchMode.HYBRID, limit=9, candidates=3)
    assert len(hits) == 9


@pytest.mark.parametrize("mode", list(SearchMode))
def test_scope_narrows_every_mode(store: VectorStore, mode: SearchMode) -> None:
    store.upsert(
        [
            point(1, "fox", FOX, document=1, source=1),
            point(2, "fox", FOX, document=2, source=1),
            point(3, "fox", FOX, document=3, source=2),
        ]
    )

    def within(documents: Collection[int] = (), sources: Collection[int] = ()) -> set[int]:
        scope = SearchScope(
            frozenset(DocumentId(d) for d in documents), frozenset(SourceId(s) for s in sources)
        )
        return {hit.id for hit in ask(store, "fox", FOX, mode, scope=scope)}

    assert within() == {1, 2, 3}
    assert within({2, 3}) == {2, 3}
    assert within(sources={1}) == {1, 2}
    assert within({1}, {2}) == {1, 3}, "a document and a folder chosen together are both searched"
    assert within({99}) == set()


def test_text_without_words_is_found_by_meaning_only(store: VectorStore) -> None:
    store.upsert([point(1, "  \n", FOX), point(2, "...", None), point(3, "fox", WHALE)])
    assert store.count() == 3
    assert [hit.id for hit in ask(store, embedding=FOX, mode=SearchMode.MEANING)] == [1, 3]
    assert everything(store) == [(1, True), (2, False), (3, True)]


def test_question_without_words_is_answered_by_meaning(store: VectorStore) -> None:
    store.upsert([point(1, "fox", FOX)])
    assert ask(store, " ?", mode=SearchMode.WORDS) == []
    (hit,) = ask(store, " ?", FOX)
    assert hit.similarity == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Die Häuser am Flußufer sind größer.", "Häuser"),
        ("Die Häuser am Flußufer sind größer.", "hauser"),
        ("Die Ha\u0308user am Ufer", "Häuser"),
        ("Le café est fermé", "cafe"),
        ("东京是日本的首都，人口很多。", "首都"),
        ("日本語の文章を検索する方法", "検索"),
        ("日本語の文章を検索する方法", "文章"),
        ("東京", "京"),
        ("ภาษาไทยเป็นภาษาที่สวยงาม", "สวยงาม"),
        ("한국어 문장을 검색합니다", "한국어"),
        ("Документы лежат в библиотеке", "документы"),
        ("الكتاب في المكتبة", "المكتبة"),
        ("the of\ufb01ce hours", "office"),
        ("hyphen\u00adation matters", "hyphenation"),
        ("Invoice 4711-B from ACME", "4711"),
        ("We saw The Who on Friday", "The Who"),
        ("Panthers 黑豹队 won", "黑豹队 panthers"),
    ],
)
def test_words_are_found_in_any_script(store: VectorStore, text: str, question: str) -> None:
    store.upsert([point(1, text), point(2, "something else entirely"), point(3, "完全不同的内容")])
    assert found(store, question)[0] == 1


def test_other_dimension_is_refused(stores: VectorStores, store: VectorStore) -> None:
    with pytest.raises(VectorStoreUnavailable, match="another embedding model"):
        stores.open(WORKSPACE, INDEX, DIMENSION * 2)


def test_embedding_of_a_wrong_length_is_refused_and_leaves_the_store_well(store: VectorStore) -> None:
    with pytest.raises(VectorStoreUnavailable):
        store.upsert([point(1, "fox", np.ones(7, np.float32))])
    store.upsert([point(2, "fox", FOX)])
    assert [hit.id for hit in ask(store, "fox", FOX)] == [2]


def test_removed_index_is_gone_and_can_be_made_anew(stores: VectorStores, store: VectorStore) -> None:
    store.upsert([point(1, "fox")])
    stores.remove(WORKSPACE, INDEX)
    stores.remove(WORKSPACE, INDEX)
    assert stores.open(WORKSPACE, INDEX, DIMENSION * 2).count() == 0


def test_closed_store_says_so(stores: VectorStores, store: VectorStore) -> None:
    stores.close()
    with pytest.raises(VectorStoreUnavailable, match="closed"):
        store.count()


def test_page_and_text_are_not_needed_to_write(store: VectorStore) -> None:
    store.upsert([point(1, "fox", page=12), point(2, "", page=None)])
    store.flush()
    assert layout.payload(point(1, "fox", page=12)) == {"document_id": 1, "source_id": 1, "page": 12}
    assert store.count() == 2
