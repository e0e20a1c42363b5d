"""What two parts of the program do at the same moment, and what a sudden end leaves, must come out right."""

import os
import sqlite3
from pathlib import Path

import pytest

from fakes import paragraphs
from helpers.room import Room
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import DocumentChanged, UserFixableError, WorkerCrashed
from readingroom.core.models import DocumentState, SearchMode, SourceState
from readingroom.services import ingest as ingest_module
from readingroom.services.words_pump import words_point


def test_a_file_read_while_the_new_index_takes_over_is_in_the_new_one(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    _work(room)
    building = room.models.change_embedding_model(workspace.id, "other")
    for document in room.documents(workspace).values():
        room.catalog.store_cut(document.id, building.id, (), content_hash=document.content_hash)
    (docs / "rent.txt").write_text("The rent is due on the second.")
    room.sources.reconcile(source.id)

    def take_over(_: Path) -> None:
        room.catalog.activate_index(building.id)

    room.reader.while_reading = take_over
    assert room.ingest._read.step()
    room.reader.while_reading = lambda _: None
    _work(room)
    document = room.documents(workspace)["rent.txt"]
    assert (document.state, document.reason, document.chunks) == (DocumentState.READY, "", 1)
    assert room.ingest.counts().failed == 0
    assert not room.catalog.has_pending_work()


def test_an_index_does_not_take_over_while_a_document_is_not_in_it(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    room.ingest.stop()
    building = room.models.change_embedding_model(workspace.id, "other")
    assert room.catalog.activate_index(building.id) is False
    active = room.catalog.active_index(workspace.id)
    assert active is not None
    assert active.id != building.id


def test_a_document_read_anew_is_not_cut_by_its_former_text(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    room.ingest.stop()
    building = room.models.change_embedding_model(workspace.id, "other")
    rent = room.documents(workspace)["rent.txt"]
    former = room.catalog.extracted(rent.id)
    (docs / "rent.txt").write_text("Nothing is due.")
    room.sources.reconcile(source.id)
    assert room.ingest._read.step()
    room.catalog.store_cut(rent.id, building.id, paragraphs(former.text), content_hash=rent.content_hash)
    assert room.catalog.chunks_of(building.id, rent.id) == []
    assert rent.id in room.catalog.documents_to_cut(building.id, 10)


def test_an_index_given_up_leaves_nothing_on_the_disk(room: Room, docs: Path, tmp_path: Path) -> None:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    given_up = room.models.change_embedding_model(workspace.id, "other")
    room.stores.open(workspace.id, given_up.id, given_up.dimension)
    room.models.change_embedding_model(workspace.id, "other")
    room.ingest.start()
    room.settle()
    room.ingest.stop()
    while room.ingest._words.step():
        pass
    kept = {str(index.id) for index in room.catalog.indexes()}
    assert {folder.name for folder in (tmp_path / "data" / "vectors" / str(workspace.id)).iterdir()} == kept


def test_a_workspace_forgotten_for_good_leaves_no_vectors(
    room: Room, docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    room.ingest.stop()
    room.workspaces.remove(workspace.id)
    monkeypatch.setattr("readingroom.services.workspaces.KEEP_REMOVED_S", -1.0)
    room.workspaces.purge()
    while room.ingest._words.step():
        pass
    assert not (tmp_path / "data" / "vectors" / str(workspace.id)).exists()


def test_a_source_brought_back_after_the_index_changed_is_found_again(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    room.sources.remove(source.id)
    room.models.change_embedding_model(workspace.id, "other")
    room.settle()
    room.sources.restore(source.id)
    room.settle()
    assert room.documents(workspace)["leave.txt"].state is DocumentState.READY
    assert room.retrieve.search(workspace.id, "lapses", mode=SearchMode.WORDS)
    assert not room.difference().any


def test_embeddings_that_arrive_after_undo_are_not_lost(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    while room.ingest._read.step() or room.ingest._words.step():
        pass
    waiting = room.catalog.chunks_to_embed(32)
    assert waiting is not None
    index, chunks = waiting
    room.sources.remove(source.id)
    room.sources.restore(source.id)
    room.catalog.chunks_embedded(index.id, [stored.id for stored in chunks])
    while room.ingest._words.step() or room.ingest._embed.step():
        pass
    assert room.stores.open(workspace.id, index.id, index.dimension).count(embedded_only=True) == len(chunks)
    assert not room.difference().any


def test_points_that_arrive_after_their_source_went_are_deleted(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    while room.ingest._read.step() or room.ingest._words.step():
        pass
    waiting = room.catalog.chunks_to_embed(32)
    assert waiting is not None
    index, chunks = waiting
    room.sources.remove(source.id)
    while room.ingest._words.step():
        pass
    store = room.stores.open(workspace.id, index.id, index.dimension)
    store.upsert([words_point(stored) for stored in chunks])
    room.catalog.chunks_embedded(index.id, [stored.id for stored in chunks])
    while room.ingest._words.step():
        pass
    assert store.count() == 0


def test_an_embedding_child_that_dies_each_time_is_said_instead_of_waited_for(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_module, "_GIVE_UP_S", 0.0)
    monkeypatch.setattr(ingest_module, "_AFTER_TROUBLE_S", 0.05)
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.embedder.faults = [WorkerCrashed("it was ended from outside") for _ in range(9)]
    room.ingest.start()
    with pytest.raises(UserFixableError, match="ended from outside"):
        room.settle()
    monkeypatch.setattr(ingest_module, "_GIVE_UP_S", 60.0)
    room.settle()
    assert room.ingest.problem is None


def test_one_folder_in_two_workspaces_is_followed_in_both(room: Room, docs: Path) -> None:
    first, second = room.workspaces.create("Law"), room.workspaces.create("Home")
    settled: list[int] = []
    room.sources.settled.subscribe(lambda counts: settled.append(counts.found + counts.removed))
    room.sources.start()
    (one,) = room.sources.link(first.id, [docs])
    (two,) = room.sources.link(second.id, [docs])
    room.watcher.callbacks[docs]([docs / "rent.txt"])
    _until(lambda: len(settled) >= 2)
    assert {d.source_id for w in (first, second) for d in room.catalog.documents(w.id)} == {one.id, two.id}
    room.sources.remove(two.id)
    assert docs in room.watcher.callbacks
    room.sources.pause(one.id)
    assert docs not in room.watcher.callbacks


def test_a_source_paused_while_it_is_compared_stays_paused(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.link(workspace.id, [docs])
    apply_plan = room.catalog.apply_plan

    def paused_meanwhile(*arguments: object, **more: object) -> None:
        room.sources.pause(source.id)
        apply_plan(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(room.catalog, "apply_plan", paused_meanwhile)
    room.sources.reconcile(source.id)
    (now,) = room.sources.sources(workspace.id)
    assert now.state is SourceState.PAUSED


@pytest.mark.parametrize("by_event", [False, True])
def test_documents_in_a_folder_that_cannot_be_listed_are_not_taken_for_deleted(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch, by_event: bool
) -> None:
    inner = docs / "share"
    inner.mkdir()
    (inner / "deed.txt").write_text("The deed is signed.")
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    scandir = os.scandir

    def failing(path: os.PathLike[str] | str) -> object:
        if Path(path) == inner:
            raise OSError(5, "Input/output error")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)
    (docs / "rent.txt").unlink()
    named = frozenset({str(inner), str(docs / "rent.txt")}) if by_event else None
    counts = room.sources._sync(source.id, named)
    assert counts.removed == 1
    assert "deed.txt" in room.documents(workspace)


def test_a_file_that_vanished_and_came_back_unchanged_shows_no_old_reason(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    room.reader.faults["rent.txt"] = [DocumentChanged("The file vanished.") for _ in range(3)]
    (docs / "rent.txt").touch()
    room.sources.reconcile(source.id)
    room.settle()
    room.reader.faults.clear()
    assert room.documents(workspace)["rent.txt"].state is DocumentState.FAILED
    room.sources.reconcile(source.id)
    room.settle()
    document = room.documents(workspace)["rent.txt"]
    assert (document.state, document.reason) == (DocumentState.READY, "")
    assert document.indexed_at is not None


def test_a_document_that_went_can_be_asked_for_again_without_harm(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    gone = room.documents(workspace)["rent.txt"].id
    (docs / "rent.txt").unlink()
    room.sources.reconcile(source.id)
    room.ingest.retry([gone])
    assert gone not in {document.id for document in room.documents(workspace).values()}


def test_a_workspace_is_never_there_without_an_index(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object, **__: object) -> object:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(room.catalog, "create_index", no_room)
    workspace = room.workspaces.create("Law")
    assert room.catalog.active_index(workspace.id) is not None


def test_names_and_questions_that_are_not_valid_unicode_do_no_harm(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law \udcff")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    assert room.retrieve.search(workspace.id, "lapses \udcff")
    assert room.workspaces.get("Law \udcff").id == workspace.id


def test_a_path_that_begins_with_a_tilde_may_be_a_name(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "~nobody-of-that-name").mkdir()
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.link(workspace.id, [Path("~nobody-of-that-name")])
    assert source.path == tmp_path / "~nobody-of-that-name"


def test_work_is_not_said_to_be_done_before_it_is_counted(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    _work(room)
    (docs / "rent.txt").touch()
    room.sources.reconcile(source.id)
    count, seen = room.ingest._state.count, []

    def counted(**more: int) -> None:
        seen.append(room.ingest._is_current(workspace.id))
        count(**more)

    monkeypatch.setattr(room.ingest._state, "count", counted)
    room.ingest._read.step()
    assert seen == [False]
    assert room.ingest._is_current(workspace.id)


def test_work_is_not_said_to_be_done_before_the_index_was_compared(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    _work(room)
    check, seen = room.ingest._check_indexes, []

    def compared() -> None:
        seen.append(room.ingest._is_current(workspace.id))
        check()

    monkeypatch.setattr(room.ingest, "_check_indexes", compared)
    room.ingest.start()
    room.settle()
    assert seen == [False]


def test_a_file_renamed_while_it_is_read_is_read_under_its_new_name(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    _work(room)
    (docs / "rent.txt").touch()
    room.sources.reconcile(source.id)

    def renamed(path: Path) -> None:
        if path.name == "rent.txt":
            path.rename(docs / "lease.txt")
            room.sources.reconcile(source.id)
            raise DocumentChanged("The file vanished while it was being read.")

    room.reader.while_reading = renamed
    _work(room)
    document = room.documents(workspace)["lease.txt"]
    assert (document.state, document.reason) == (DocumentState.READY, "")


def _work(room: Room) -> None:
    """Do all there is to do, on this thread."""
    while room.ingest._read.step() or room.ingest._words.step() or room.ingest._embed.step():
        pass


def _until(true: object) -> None:
    assert callable(true)
    for _ in range(500):
        if true():
            return
        CancelToken().wait(0.01)
    raise AssertionError("It did not come to pass.")
