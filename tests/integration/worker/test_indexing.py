"""Vector stores that live in a child, over the real engine."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from helpers.children import is_reaped, kill
from readingroom.core.embedding_forms import Precision
from readingroom.core.errors import VectorStoreUnavailable
from readingroom.core.ids import ChunkId, DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import SearchMode, SearchScope
from readingroom.core.ports import Point, VectorStore
from readingroom.worker.indexing import HostedVectorStores, scratch_stores

WORKSPACE, INDEX = WorkspaceId(1), IndexId(2)
DIMENSION = 8


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[HostedVectorStores]:
    hosted = HostedVectorStores(tmp_path)
    yield hosted
    pid = hosted.child.pid
    hosted.close()
    assert pid is None or is_reaped(pid)


@pytest.fixture
def store(stores: HostedVectorStores) -> VectorStore:
    return stores.open(WORKSPACE, INDEX, DIMENSION)


def embedding(number: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    vector = np.random.default_rng(number).standard_normal(DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


def point(number: int, text: str = "", *, embedded: bool = True) -> Point:
    return Point(
        ChunkId(number),
        DocumentId(number // 10),
        SourceId(1),
        number if number % 2 else None,
        text or f"passage number{number}",
        embedding(number) if embedded else None,
    )


def all_ids(store: VectorStore) -> list[tuple[ChunkId, bool]]:
    return [entry for batch in store.ids() for entry in batch]


def test_points_are_found_by_words_by_meaning_and_by_both(store: VectorStore) -> None:
    store.upsert([point(i, embedded=i != 3) for i in range(1, 30)])
    assert store.count() == 29
    assert store.count(embedded_only=True) == 28
    words = store.query(text="number3", embedding=None, mode=SearchMode.WORDS, limit=5)
    assert [hit.id for hit in words] == [3]
    assert words[0].similarity is None
    meaning = store.query(text="", embedding=embedding(7), mode=SearchMode.MEANING, limit=2)
    assert meaning[0].id == 7
    assert meaning[0].similarity == pytest.approx(1, abs=1e-5)
    both = store.query(text="number9", embedding=embedding(9), mode=SearchMode.HYBRID, limit=3)
    assert both[0].id == 9
    scope = SearchScope(frozenset({DocumentId(2)}))
    scoped = store.query(text="", embedding=embedding(7), mode=SearchMode.MEANING, limit=50, scope=scope)
    assert {hit.id for hit in scoped} == set(range(20, 30))


def test_ids_tell_which_points_have_embeddings_also_while_the_store_is_used(store: VectorStore) -> None:
    store.upsert([point(i, embedded=i % 3 == 0) for i in range(2_500)])
    seen: list[tuple[ChunkId, bool]] = []
    for batch in store.ids():
        seen += batch
        store.count()
    assert seen == [(i, i % 3 == 0) for i in range(2_500)]
    store.delete([ChunkId(i) for i in range(2_500) if i != 6])
    assert all_ids(store) == [(6, True)]


def test_texts_longer_than_a_frame_are_indexed(store: VectorStore) -> None:
    store.upsert([point(i, f"needle{i} " + "straw " * 20_000) for i in range(1, 6)])
    found = store.query(text="needle4", embedding=None, mode=SearchMode.WORDS, limit=5)
    assert [hit.id for hit in found] == [4]


def test_a_child_that_dies_is_replaced_and_what_was_acknowledged_is_there(
    stores: HostedVectorStores, store: VectorStore
) -> None:
    store.upsert([point(i) for i in range(1, 50)])
    pid = stores.child.pid
    assert pid is not None
    kill(pid)
    assert store.count() == 49
    assert stores.child.pid != pid
    store.upsert([point(i) for i in range(40, 60)])
    assert [number for number, _ in all_ids(store)] == list(range(1, 60))


def test_calls_from_several_threads_outlive_the_child(stores: HostedVectorStores, store: VectorStore) -> None:
    def write(number: int) -> None:
        store.upsert([point(number)])
        if number == 20 and (pid := stores.child.pid) is not None:
            kill(pid)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(1, 41)))
    assert store.count() == 40


def test_what_was_closed_opens_again_with_its_points(tmp_path: Path) -> None:
    first = HostedVectorStores(tmp_path)
    first.open(WORKSPACE, INDEX, DIMENSION).upsert([point(1)])
    first.close()
    second = HostedVectorStores(tmp_path)
    try:
        assert second.open(WORKSPACE, INDEX, DIMENSION).count() == 1
    finally:
        second.close()


def test_the_same_index_is_the_same_store_until_it_is_removed(
    stores: HostedVectorStores, store: VectorStore, tmp_path: Path
) -> None:
    assert stores.open(WORKSPACE, INDEX, DIMENSION) is store
    store.upsert([point(1)])
    stores.remove(WORKSPACE, INDEX)
    stores.remove(WORKSPACE, INDEX)
    assert stores.open(WORKSPACE, INDEX, DIMENSION).count() == 0


def test_another_dimension_is_refused(tmp_path: Path, stores: HostedVectorStores, store: VectorStore) -> None:
    with pytest.raises(VectorStoreUnavailable) as caught:
        stores.open(WORKSPACE, INDEX, DIMENSION + 1)
    assert caught.value.hint


def test_a_folder_held_by_another_process_is_waited_for_and_then_refused(
    tmp_path: Path, stores: HostedVectorStores, store: VectorStore
) -> None:
    second = HostedVectorStores(tmp_path)
    try:
        with pytest.raises(VectorStoreUnavailable, match="Another program"):
            second.open(WORKSPACE, INDEX, DIMENSION)
        with ThreadPoolExecutor(1) as pool:
            second.close()
            third = HostedVectorStores(tmp_path)
            waiting = pool.submit(third.open, WORKSPACE, INDEX, DIMENSION)
            stores.close()
            assert waiting.result(10).count() == 0
            third.close()
    finally:
        second.close()


def test_stores_for_trying_things_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch_stores() as stores:
        store = stores.open(WORKSPACE, INDEX, DIMENSION, Precision.BYTE)
        store.upsert([point(1), point(2)])
        assert store.query(text="", embedding=embedding(1), mode=SearchMode.MEANING, limit=1)[0].id == 1
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())
