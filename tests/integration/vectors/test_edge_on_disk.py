"""What the embedded store owes to the disk: nothing acknowledged is lost, nothing half made is used."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from readingroom.core.embedding_forms import Precision
from readingroom.core.errors import VectorStoreDamaged, VectorStoreUnavailable
from readingroom.core.ids import ChunkId, DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import SearchMode
from readingroom.core.ports import Point
from readingroom.vectors import edge, rewriting
from readingroom.vectors.edge import EdgeVectorStore, EdgeVectorStores
from readingroom.vectors.generations import MARK
from readingroom.vectors.seal import SEAL

WORKSPACE = WorkspaceId(1)
INDEX = IndexId(7)

WRITER = """
import sys
from pathlib import Path
import numpy as np
from readingroom.core.embedding_forms import Precision
from readingroom.core.ports import Point
from readingroom.vectors.edge import EdgeVectorStores
store = EdgeVectorStores(Path(sys.argv[1])).open(1, 7, 4, Precision(sys.argv[2]))
for first in range(1, 1_000_000, 50):
    vector = np.array([1, 0, 0, 0], np.float32)
    numbers = range(first, first + 50)
    store.upsert([Point(n, 1, 1, None, f"fox word{n}", vector if n % 2 else None) for n in numbers])
    sys.stdout.write(f"{first + 49}\\n")
    sys.stdout.flush()
"""


def points(*numbers: int) -> list[Point]:
    return [
        Point(ChunkId(n), DocumentId(1), SourceId(1), None, f"fox{n}", np.ones(4, np.float32))
        for n in numbers
    ]


def start_writer(root: Path, precision: Precision = Precision.FULL) -> "subprocess.Popen[str]":
    source = str(Path(__file__).parents[3] / "src")
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root), precision.value],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": source},
    )


def open_store(root: Path, precision: Precision = Precision.FULL) -> tuple[EdgeVectorStores, EdgeVectorStore]:
    stores = EdgeVectorStores(root)
    return stores, stores.open(WORKSPACE, INDEX, 4, precision)


def test_reopened_store_has_its_points(tmp_path: Path) -> None:
    stores, store = open_store(tmp_path)
    store.upsert(points(1, 2, 3))
    store.delete([ChunkId(2)])
    stores.close()
    stores, store = open_store(tmp_path)
    assert [entry for batch in store.ids() for entry in batch] == [(1, True), (3, True)]
    (hit,) = store.query(text="fox3", embedding=None, mode=SearchMode.WORDS, limit=5)
    assert hit.id == 3
    stores.close()


@pytest.mark.parametrize("precision", Precision)
def test_killed_process_loses_nothing_it_acknowledged(tmp_path: Path, precision: Precision) -> None:
    writer = start_writer(tmp_path, precision)
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(12)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    writer.stdout.close()
    stores, store = open_store(tmp_path, precision)
    last = acknowledged[-1]
    kept = [entry for batch in store.ids() for entry in batch]
    assert kept[:last] == [(n, n % 2 == 1) for n in range(1, last + 1)]
    (near,) = store.query(text="", embedding=np.eye(4, dtype=np.float32)[0], mode=SearchMode.MEANING, limit=1)
    assert near.score == pytest.approx(1.0, abs=0.01)
    (hit,) = store.query(text=f"word{last}", embedding=None, mode=SearchMode.WORDS, limit=1)
    assert hit.id == last
    stores.close()


def test_store_held_by_another_process_is_refused_in_plain_words(tmp_path: Path) -> None:
    writer = start_writer(tmp_path)
    assert writer.stdout is not None
    writer.stdout.readline()
    stores = EdgeVectorStores(tmp_path)
    with pytest.raises(VectorStoreUnavailable, match="Another program is using the search index") as caught:
        stores.open(WORKSPACE, INDEX, 4)
    assert "Close the other Reading Room" in caught.value.hint
    writer.kill()
    writer.wait()
    writer.stdout.close()
    assert stores.open(WORKSPACE, INDEX, 4).count() >= 50
    stores.close()


def test_half_made_folder_is_made_anew(tmp_path: Path) -> None:
    stores, store = open_store(tmp_path)
    store.upsert(points(1))
    stores.close()
    folder = tmp_path / "1" / "7"
    (folder / MARK).unlink()
    (tmp_path / "1" / "7.new" / "segments").mkdir(parents=True)
    stores, store = open_store(tmp_path)
    assert store.count() == 0
    store.upsert(points(5))
    assert store.count() == 1
    assert sorted(entry.name for entry in (tmp_path / "1").iterdir()) == ["7"]
    stores.close()


def test_empty_folder_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "1" / "7").mkdir(parents=True)
    stores, store = open_store(tmp_path)
    assert store.count() == 0
    stores.close()


def test_an_index_from_before_forms_were_noted_is_whole(tmp_path: Path) -> None:
    stores, store = open_store(tmp_path)
    store.upsert(points(1))
    stores.close()
    mark = tmp_path / "1" / "7" / MARK
    mark.with_name(SEAL).unlink()  # which knows the mark, too
    said = json.loads(mark.read_text())
    del said["precision"]
    mark.write_text(json.dumps(said))
    with pytest.raises(VectorStoreUnavailable, match="another version"):
        stores.open(WORKSPACE, INDEX, 4, Precision.HALF)
    stores, store = open_store(tmp_path)
    assert store.count() == 1
    stores.close()


def test_index_made_by_another_rule_for_words_is_refused(tmp_path: Path) -> None:
    stores, _ = open_store(tmp_path)
    stores.close()
    mark = tmp_path / "1" / "7" / MARK
    mark.write_text(json.dumps({"dimension": 4, "words": "words-0"}))
    with pytest.raises(VectorStoreUnavailable, match="another version"):
        stores.open(WORKSPACE, INDEX, 4)
    stores.remove(WORKSPACE, INDEX)
    assert stores.open(WORKSPACE, INDEX, 4).count() == 0
    stores.close()


@pytest.mark.parametrize("damage", ["mark", "segments"])
def test_damaged_index_is_refused_and_can_be_removed(tmp_path: Path, damage: str) -> None:
    stores, store = open_store(tmp_path)
    store.upsert(points(1))
    stores.close()
    folder = tmp_path / "1" / "7"
    if damage == "mark":
        (folder / MARK).write_text("{")
    else:
        for state in folder.glob("segments/*/segment.json"):
            state.write_text("not json")
    with pytest.raises(VectorStoreUnavailable) as caught:
        stores.open(WORKSPACE, INDEX, 4)
    assert caught.value.hint
    stores.remove(WORKSPACE, INDEX)
    assert stores.open(WORKSPACE, INDEX, 4).count() == 0
    stores.close()


def test_what_deleted_points_held_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine keeps it otherwise, on disk and in memory, as long as the index lives."""
    monkeypatch.setattr(edge, "LEAST_DEAD", 500)
    stores, store = open_store(tmp_path)
    store.upsert(points(*range(1, 101)))
    assert not store.tidy()
    store.upsert(points(*range(101, 1001)))
    store.delete([ChunkId(n) for n in range(101, 1001)])
    assert store.tidy()
    assert not store.tidy()
    assert store.count() == 100
    stores.close()
    _, again = open_store(tmp_path)
    (hit,) = again.query(text="fox7", embedding=None, mode=SearchMode.WORDS, limit=5)
    assert hit.id == 7


def test_removing_the_last_index_leaves_no_folder(tmp_path: Path) -> None:
    stores, _ = open_store(tmp_path)
    stores.open(WORKSPACE, IndexId(8), 4)
    stores.remove(WORKSPACE, INDEX)
    assert sorted(entry.name for entry in (tmp_path / "1").iterdir()) == ["8"]
    stores.remove(WORKSPACE, IndexId(8))
    assert list(tmp_path.iterdir()) == []
    stores.close()


@pytest.mark.parametrize("name", ["chunk_0.mmap", "page_0.dat", "mutable_id_tracker.mappings"])
def test_files_overwritten_while_the_index_was_closed_are_noticed(tmp_path: Path, name: str) -> None:
    """The engine itself searches overwritten vectors as if they were right."""
    stores, store = open_store(tmp_path)
    store.upsert(points(1, 2, 3))
    stores.close()
    for path in tmp_path.rglob(name):
        path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(VectorStoreDamaged):
        open_store(tmp_path)


def test_an_index_that_was_closed_in_order_opens_again_and_changes_freely(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        stores, store = open_store(tmp_path)
        store.upsert(points(number))
        assert store.count() == number
        stores.close()


def grown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: Precision = Precision.FULL
) -> tuple[EdgeVectorStores, EdgeVectorStore]:
    """A store with more points than it wants to have without a rewriting."""
    monkeypatch.setattr(rewriting, "REWRITE_AFTER", 100)
    monkeypatch.setattr(rewriting, "BUILD_ABOVE_KB", 1)
    stores, store = open_store(tmp_path, precision)
    store.upsert(points(*range(1, 201)))
    return stores, store


def folders(tmp_path: Path) -> list[str]:
    return sorted(entry.name for entry in (tmp_path / "1").iterdir())


@pytest.mark.parametrize("graph_from", [100, 10**6])
@pytest.mark.parametrize("precision", Precision)
def test_an_optimised_copy_takes_over_with_all_that_was_written_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: Precision, graph_from: int
) -> None:
    monkeypatch.setattr(rewriting, "GRAPH_FROM", graph_from)
    stores, store = grown(tmp_path, monkeypatch, precision)
    assert store.needs_copy()
    store.begin_copy()
    base = tmp_path / "1" / "7"
    rewriting.copy_shard(base)
    rewriting.rewrite_copy(base)
    store.upsert(points(300, 301))
    store.delete([ChunkId(1), ChunkId(301)])
    while store.adopt():
        assert store.query(text="fox9", embedding=None, mode=SearchMode.WORDS, limit=1)[0].id == 9
    rewriting.sweep(base)
    expected = [*range(2, 201), 300]
    assert [number for batch in store.ids() for number, _ in batch] == expected
    assert not store.needs_copy()
    assert folders(tmp_path) == ["7.1"]
    stores.close()
    stores, store = open_store(tmp_path, precision)
    assert [number for batch in store.ids() for number, _ in batch] == expected
    (near,) = store.query(text="", embedding=np.full(4, 0.5, np.float32), mode=SearchMode.MEANING, limit=1)
    assert near.score == pytest.approx(1.0, abs=0.01)
    assert not store.needs_copy()
    stores.close()


def test_a_half_made_copy_is_thrown_away_when_the_index_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores, store = grown(tmp_path, monkeypatch)
    store.begin_copy()
    rewriting.copy_shard(tmp_path / "1" / "7")
    store.upsert(points(300))
    stores.close()
    stores, store = open_store(tmp_path)
    assert folders(tmp_path) == ["7"]
    assert store.count() == 201
    with pytest.raises(VectorStoreUnavailable):
        store.adopt()
    assert store.optimise()
    assert folders(tmp_path) == ["7.1"]
    assert store.count() == 201
    stores.remove(WORKSPACE, INDEX)
    assert list(tmp_path.iterdir()) == []
    stores.close()


def test_deleted_points_of_an_index_that_was_rewritten_are_given_back_in_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "LEAST_DEAD", 50)
    stores, store = grown(tmp_path, monkeypatch)
    assert store.optimise()
    store.delete([ChunkId(n) for n in range(1, 151)])
    assert not store.tidy()
    assert store.optimise()
    assert not store.optimise()
    assert store.count() == 50
    stores.close()
