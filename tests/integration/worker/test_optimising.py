"""A large index is made quick in a copy by a child of its own, while the index child answers; ends of all kinds lose nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from helpers.children import freeze, is_reaped, kill, thaw, wait_until
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, ReadingRoomError
from readingroom.core.ids import ChunkId, DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import SearchMode
from readingroom.core.ports import Point
from readingroom.worker.indexing import HostedVectorStore, HostedVectorStores

WORKSPACE, INDEX = WorkspaceId(1), IndexId(2)
POINTS = 400


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[HostedVectorStores]:
    hosted = HostedVectorStores(tmp_path, rewrite_after=100)
    yield hosted
    pids = [hosted.child.pid, hosted.optimiser.child.pid]
    hosted.close()
    assert all(pid is None or is_reaped(pid) for pid in pids)


@pytest.fixture
def store(stores: HostedVectorStores) -> HostedVectorStore:
    store = stores.open(WORKSPACE, INDEX, 8)
    store.upsert([point(number) for number in range(1, POINTS + 1)])
    return store


def point(number: int) -> Point:
    vector = np.random.default_rng(number).standard_normal(8).astype(np.float32)
    return Point(ChunkId(number), DocumentId(1), SourceId(1), None, f"word{number}", vector)


def ids(store: HostedVectorStore) -> list[int]:
    return [number for batch in store.ids() for number, _ in batch]


def answers(store: HostedVectorStore) -> bool:
    hits = store.query(text="word7", embedding=None, mode=SearchMode.WORDS, limit=1)
    return [hit.id for hit in hits] == [7]


def folders(root: Path) -> list[str]:
    return sorted(entry.name for entry in (root / "vectors" / "1").iterdir())


def test_an_index_that_grew_is_rewritten_once(tmp_path: Path, store: HostedVectorStore) -> None:
    assert store.optimise()
    assert folders(tmp_path) == ["2.1"]
    assert not store.optimise()
    assert ids(store) == list(range(1, POINTS + 1))
    assert answers(store)


def test_a_question_is_answered_while_the_copy_is_being_made(
    stores: HostedVectorStores, store: HostedVectorStore
) -> None:
    with ThreadPoolExecutor(1) as pool:
        optimised = pool.submit(store.optimise)
        wait_until(lambda: stores.optimiser.child.pid is not None)
        pid = stores.optimiser.child.pid
        assert pid is not None
        freeze(pid)
        assert answers(store)
        assert not optimised.done()
        thaw(pid)
        assert optimised.result(60)


def test_what_is_written_while_it_is_built_is_there_afterwards(store: HostedVectorStore) -> None:
    with ThreadPoolExecutor(1) as pool:
        optimised = pool.submit(store.optimise)
        number = POINTS
        while not optimised.done():
            number += 1
            store.upsert([point(number)])
            store.delete([ChunkId(number - POINTS)])
        assert optimised.result(60)
    assert ids(store) == list(range(number - POINTS + 1, number + 1))


@pytest.mark.parametrize("victim", ["index", "optimise"])
@pytest.mark.parametrize("moment", ["started", "copying", "taking over"])
def test_a_kill_at_any_moment_loses_nothing(
    tmp_path: Path, stores: HostedVectorStores, store: HostedVectorStore, victim: str, moment: str
) -> None:
    copy = tmp_path / "vectors" / "1" / "2.1"
    reached: dict[str, Callable[[], bool]] = {
        "started": lambda: stores.optimiser.child.pid is not None,
        "copying": copy.exists,
        "taking over": (copy / "readingroom.json").exists,
    }
    with ThreadPoolExecutor(1) as pool:
        optimised = pool.submit(store.optimise)
        wait_until(lambda: reached[moment]() or optimised.done())
        pid = (stores.child if victim == "index" else stores.optimiser.child).pid
        if pid is not None:
            kill(pid)
        assert optimised.exception(60) is None or isinstance(optimised.exception(), ReadingRoomError)
    assert ids(store) == list(range(1, POINTS + 1))
    assert answers(store)
    store.optimise()
    stores.close()
    again = HostedVectorStores(tmp_path, rewrite_after=100)
    try:
        assert ids(again.open(WORKSPACE, INDEX, 8)) == list(range(1, POINTS + 1))
        assert len(folders(tmp_path)) == 1
    finally:
        again.close()


def test_the_end_of_the_program_does_not_wait_for_it(
    stores: HostedVectorStores, store: HostedVectorStore
) -> None:
    token = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        optimised = pool.submit(lambda: store.optimise(cancel=token))
        wait_until(lambda: stores.optimiser.child.pid is not None)
        freeze(stores.optimiser.child.pid or 0)
        token.cancel()
        assert isinstance(optimised.exception(20), Cancelled)
    assert ids(store) == list(range(1, POINTS + 1))


def test_an_index_that_is_removed_meanwhile_leaves_no_folder(
    tmp_path: Path, stores: HostedVectorStores, store: HostedVectorStore
) -> None:
    with ThreadPoolExecutor(1) as pool:
        optimised = pool.submit(store.optimise)
        wait_until(lambda: stores.optimiser.child.pid is not None)
        freeze(stores.optimiser.child.pid or 0)
        stores.remove(WORKSPACE, INDEX)
        assert optimised.result(20) is False
    assert not (tmp_path / "vectors" / "1").exists()
