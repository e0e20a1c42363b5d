"""From a linked folder to a current index, and what may come between."""

import errno
import os
import shutil
import sys
import threading
from pathlib import Path

import pytest

from fakes import FakeEmbedder, FakeReader, embedding_of
from helpers.room import Room, open_room
from readingroom.core.cancellation import CancelToken
from readingroom.core.chunking import CHUNKER_RULE
from readingroom.core.errors import (
    DiskFull,
    DocumentEncrypted,
    DocumentUnsupported,
    ReadFailure,
    VectorStoreUnavailable,
    WorkerCrashed,
)
from readingroom.core.ids import ChunkId, DocumentId, SourceId
from readingroom.core.models import DocumentState, SearchMode, SourceState, Workspace
from readingroom.core.nearness import BUNDLED, UNTOLD, Nearness, Scale
from readingroom.core.ports import Point


def test_a_linked_folder_becomes_searchable(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    states = {name: document.state for name, document in room.documents(workspace).items()}
    assert states == {
        "leave.txt": DocumentState.READY,
        "rent.txt": DocumentState.READY,
        "empty.txt": DocumentState.NO_TEXT,
    }
    (passage,) = room.retrieve.search(workspace.id, "lapses", mode=SearchMode.WORDS)
    assert passage.text == "It lapses in March."
    assert (docs / "leave.txt").read_text()[passage.start : passage.end] == passage.text
    assert room.difference().points == 3
    assert not room.difference().any


def test_words_are_found_before_embeddings_are_there(room: Room, docs: Path) -> None:
    room.embedder.gate.clear()
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    searchable = []
    room.ingest.progressed.subscribe(lambda _: searchable.append(room.catalog.chunk_counts(workspace.id)[1]))
    room.ingest.start()
    while room.catalog.chunk_counts(workspace.id)[1] < 3:
        CancelToken().wait(0.01)
    assert room.documents(workspace)["leave.txt"].state is DocumentState.WORDS
    assert room.retrieve.search(workspace.id, "lapses")[0].text == "It lapses in March."
    room.embedder.gate.set()
    room.settle()
    assert room.documents(workspace)["leave.txt"].state is DocumentState.READY


def test_what_a_question_found_by_words_is_embedded_before_what_waits_longer(room: Room, docs: Path) -> None:
    workspace = _waiting_for_embeddings(room, docs, many=80)
    assert room.retrieve.search(workspace.id, "lapses")[0].similarity is None
    room.ingest._embed.step()
    assert room.embedder.texts == ["It lapses in March."]
    assert room.retrieve.search(workspace.id, "lapses")[0].similarity is not None


def test_how_near_a_passage_is_is_told_in_terms_of_the_bundled_model(room: Room, docs: Path) -> None:
    """A threshold that a person set holds after a change of model."""
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()

    def nearness() -> float:
        cosine = room.retrieve.search(workspace.id, "lapses")[0].similarity
        assert cosine is not None
        return cosine

    plain = nearness()
    room.embedder.near = Nearness(Scale(0.7, 0.9), BUNDLED.sentences)
    assert nearness() == pytest.approx(min(1.0, 0.05 + (plain - 0.7) / 0.2 * 0.41))
    room.embedder.near = UNTOLD
    assert room.retrieve.search(workspace.id, "lapses")[0].similarity is None, "it says nothing"


def test_what_was_read_last_is_embedded_first(room: Room, docs: Path) -> None:
    workspace = _waiting_for_embeddings(room, docs, many=80)
    (source,) = room.catalog.sources(workspace.id)
    (docs / "leave.txt").write_text("Leave lapses in May.")
    room.sources.reconcile(source.id)
    _read_everything(room)
    room.ingest._embed.step()
    assert room.embedder.texts[0] == "Leave lapses in May."


def _waiting_for_embeddings(room: Room, docs: Path, *, many: int) -> Workspace:
    """All is read and found by words; the two documents of `docs` were read before `many` others."""
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    _read_everything(room)
    for number in range(many):
        (docs / f"note {number}.txt").write_text(f"Remark number {number}.")
    room.sources.reconcile_all(workspace.id)
    _read_everything(room)
    return workspace


def _read_everything(room: Room) -> None:
    while room.ingest._read.step() or room.ingest._words.step():
        pass


def test_an_edit_embeds_only_what_is_new(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    room.embedder.texts.clear()
    (docs / "leave.txt").write_text("Unused leave carries over.\n\nIt lapses in April.")
    counts = room.sources.reconcile(source.id)
    room.settle()
    assert (counts.found, counts.unchanged) == (3, 2)
    assert room.embedder.texts == ["It lapses in April."]
    assert not room.retrieve.search(workspace.id, "March", mode=SearchMode.WORDS)
    assert not room.difference().any


def test_a_file_is_read_anew_with_the_chunks_of_the_version_before_at_hand(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs / "leave.txt"])
    room.ingest.start()
    room.settle()
    (document,) = room.documents(workspace).values()
    index = room.catalog.active_index(workspace.id)
    assert index is not None
    hashes = {stored.chunk.text_hash for stored in room.catalog.chunks_of(index.id, document.id)}
    (docs / "leave.txt").write_text("Unused leave carries over.\n\nIt lapses in April.")
    room.sources.reconcile(source.id)
    room.settle()
    assert [set(known) for known in room.reader.known_chunks] == [set(), hashes]
    assert hashes


def test_the_same_text_in_two_workspaces_is_embedded_once(room: Room, docs: Path) -> None:
    for name in ("Law", "House"):
        room.sources.add(room.workspaces.create(name).id, [docs])
    room.ingest.start()
    room.settle()
    assert sorted(room.embedder.texts) == sorted(set(room.embedder.texts))
    assert room.ingest.counts().reused == 3


def test_a_touched_file_is_not_parsed_again(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    (docs / "rent.txt").touch()
    room.sources.reconcile(source.id)
    room.settle()
    assert room.documents(workspace)["rent.txt"].state is DocumentState.READY
    assert room.ingest.counts().unchanged == 1
    assert room.sources.reconcile(source.id).unchanged == 3


def test_a_renamed_file_keeps_its_passages_without_being_read(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    before = room.documents(workspace)["leave.txt"].id
    room.reader.read_paths.clear()
    (docs / "sub").mkdir()
    (docs / "leave.txt").rename(docs / "sub" / "annual leave.txt")
    assert room.sources.reconcile(source.id).moved == 1
    room.settle()
    assert room.reader.read_paths == []
    assert room.documents(workspace)["annual leave.txt"].id == before
    assert room.retrieve.search(workspace.id, "lapses")[0].path == docs / "sub" / "annual leave.txt"


def test_a_deleted_file_is_no_longer_found(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    (docs / "leave.txt").unlink()
    assert room.sources.reconcile(source.id).removed == 1
    room.settle()
    assert not room.retrieve.search(workspace.id, "lapses", mode=SearchMode.WORDS)
    assert room.difference().points == 1


def test_a_missing_root_is_offline_and_stays_searchable(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    docs.rename(docs.with_name("unplugged"))
    assert room.sources.reconcile(source.id).offline == 3
    assert room.sources.sources(workspace.id)[0].state is SourceState.OFFLINE
    assert room.documents(workspace)["leave.txt"].state is DocumentState.OFFLINE
    assert room.retrieve.search(workspace.id, "lapses")
    docs.with_name("unplugged").rename(docs)
    assert room.sources.reconcile(source.id).unchanged == 3
    assert room.documents(workspace)["leave.txt"].state is DocumentState.READY


def test_an_empty_mount_point_is_not_taken_for_deletions(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    docs.rename(docs.with_name("away"))
    docs.mkdir()
    assert room.sources.reconcile(source.id).offline == 3
    assert len(room.documents(workspace)) == 3


def test_one_bad_file_costs_that_file_only(room: Room, docs: Path) -> None:
    room.reader.faults = {
        "leave.txt": [DocumentEncrypted("It needs a password.")],
        "rent.txt": [DocumentUnsupported("Reading Room does not read rent.")],
    }
    (docs / "good.txt").write_text("Good.")
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    documents = room.documents(workspace)
    assert documents["leave.txt"].state is DocumentState.ENCRYPTED
    assert documents["leave.txt"].reason == "It needs a password."
    assert documents["rent.txt"].state is DocumentState.UNSUPPORTED
    assert documents["good.txt"].state is DocumentState.READY


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders")
def test_what_is_no_file_is_listed_and_can_be_told_why(room: Room, docs: Path) -> None:
    """An empty file that went is not sought in a pipe either: that would wait for the pipe's other end."""
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    os.mkfifo(docs / "pipe.txt")
    (docs / "empty.txt").unlink()
    (docs / "round").symlink_to(docs)
    (docs / "nowhere.txt").symlink_to(docs / "nothing.txt")
    room.reader.faults["pipe.txt"] = [DocumentUnsupported("This is a pipe, not a document.")]
    room.sources.reconcile(source.id)
    room.settle()
    assert set(room.documents(workspace)) == {"leave.txt", "rent.txt", "pipe.txt"}
    pipe = room.documents(workspace)["pipe.txt"]
    assert (pipe.state, pipe.reason) == (DocumentState.UNSUPPORTED, "This is a pipe, not a document.")


@pytest.mark.parametrize("by_event", [False, True])
def test_a_folder_that_cannot_be_looked_into_is_listed_until_it_can(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch, by_event: bool
) -> None:
    closed = docs / "closed"
    closed.mkdir()
    (closed / "deed.txt").write_text("The deed is signed.")
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.link(workspace.id, [docs])
    scandir = os.scandir

    def refusing(path: os.PathLike[str] | str) -> object:
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    room.reader.faults["closed"] = [ReadFailure("This folder cannot be looked into: Permission denied.")]
    room.ingest.start()
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refusing)
        room.sources._sync(source.id, frozenset({str(closed)}) if by_event else None)
        room.settle()
    listed = room.documents(workspace)["closed"]
    assert (listed.path, listed.state) == (closed, DocumentState.FAILED)
    assert "cannot be looked into" in listed.reason
    room.sources._sync(source.id, frozenset({str(closed)}) if by_event else None)
    room.settle()
    documents = room.documents(workspace)
    assert "closed" not in documents
    assert documents["deed.txt"].state is DocumentState.READY


def test_a_file_that_kills_the_worker_three_times_is_set_aside_until_asked_for(
    room: Room, docs: Path
) -> None:
    room.reader.faults = {"rent.txt": [WorkerCrashed("The reader died.") for _ in range(3)]}
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    document = room.documents(workspace)["rent.txt"]
    assert document.state is DocumentState.QUARANTINED
    assert "tried 3 times" in document.reason
    assert [path.name for path in room.reader.read_paths].count("rent.txt") == 3
    room.ingest.retry([document.id])
    room.settle()
    assert room.documents(workspace)["rent.txt"].state is DocumentState.READY


def test_a_worker_that_dies_twice_costs_nothing(room: Room, docs: Path) -> None:
    room.reader.faults = {"rent.txt": [WorkerCrashed("died"), WorkerCrashed("died")]}
    room.embedder.faults = [WorkerCrashed("died"), WorkerCrashed("died")]
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    assert room.documents(workspace)["rent.txt"].state is DocumentState.READY


def test_a_stop_in_the_middle_is_taken_up_by_the_next_start(tmp_path: Path, docs: Path) -> None:
    embedder = FakeEmbedder()
    embedder.gate.clear()
    first = open_room(tmp_path / "data", embedder=embedder)
    workspace = first.workspaces.create("Law")
    first.sources.add(workspace.id, [docs])
    first.ingest.start()
    while first.catalog.chunk_counts(workspace.id)[1] < 3:
        CancelToken().wait(0.01)
    first.close()
    second = open_room(tmp_path / "data")
    second.ingest.start()
    second.settle()
    assert second.documents(workspace)["leave.txt"].state is DocumentState.READY
    assert second.reader.read_paths == []
    second.close()


def test_points_lost_or_left_over_are_mended_at_the_start(tmp_path: Path, docs: Path) -> None:
    first = open_room(tmp_path / "data")
    workspace = first.workspaces.create("Law")
    first.sources.add(workspace.id, [docs])
    first.ingest.start()
    first.settle()
    (index,) = first.catalog.indexes()
    store = first.stores.open(workspace.id, index.id, index.dimension)
    ids = [id_ for batch in store.ids() for id_, _ in batch]
    store.delete(ids[:1])
    store.upsert([Point(ChunkId(9999), DocumentId(1), SourceId(1), None, "ghost", embedding_of("ghost"))])
    difference = first.difference()
    assert (difference.missing, difference.surplus) == (1, 1)
    first.close()
    second = open_room(tmp_path / "data")
    second.ingest.start()
    while second.difference().any:
        CancelToken().wait(0.01)
    second.settle()
    assert second.ingest.mended == 2
    assert second.difference().points == 3
    assert not second.retrieve.search(workspace.id, "ghost", mode=SearchMode.WORDS)
    second.close()


def test_an_index_thrown_away_is_rebuilt_without_reading_a_file(tmp_path: Path, docs: Path) -> None:
    first = open_room(tmp_path / "data")
    workspace = first.workspaces.create("Law")
    first.sources.add(workspace.id, [docs])
    first.ingest.start()
    first.settle()
    first.close()
    shutil.rmtree(tmp_path / "data" / "vectors")
    shutil.rmtree(docs)
    second = open_room(tmp_path / "data")
    second.ingest.start()
    while second.difference().points < 3:
        CancelToken().wait(0.01)
    second.settle()
    assert second.retrieve.search(workspace.id, "lapses")
    assert second.embedder.texts == []
    assert second.reader.read_paths == []
    second.close()


def test_a_damaged_index_is_made_anew_from_the_catalog(tmp_path: Path, docs: Path) -> None:
    first = open_room(tmp_path / "data")
    workspace = first.workspaces.create("Law")
    first.sources.add(workspace.id, [docs])
    first.ingest.start()
    first.settle()
    first.close()
    for file in (tmp_path / "data" / "vectors").rglob("*.json"):
        file.write_text("{")
    second = open_room(tmp_path / "data")
    second.ingest.start()
    while second.catalog.has_pending_work() or second.difference_or_none() is None:
        CancelToken().wait(0.01)
    second.settle()
    assert second.difference().points == 3
    assert second.retrieve.search(workspace.id, "lapses")
    assert second.embedder.texts == []
    second.close()


def test_trouble_with_the_store_is_said_and_passes(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = room.workspaces.create("Law")
    real = room.stores.open
    faults = [VectorStoreUnavailable("The index cannot be written.", hint="Make room.")]

    def failing(*arguments: object) -> object:
        if faults:
            raise faults.pop()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(room.stores, "open", failing)
    monkeypatch.setattr("readingroom.services.ingest._AFTER_TROUBLE_S", 0.2)
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    assert room.ingest.problem is None
    assert room.documents(workspace)["leave.txt"].state is DocumentState.READY


def test_indexing_waits_while_the_disk_is_nearly_full_and_goes_on_by_itself(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("readingroom.services.ingest._AFTER_TROUBLE_S", 0.05)
    room.disk.free = 1_000_000
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    while room.ingest.problem is None:
        CancelToken().wait(0.01)
    assert isinstance(room.ingest.problem, DiskFull)
    assert room.reader.read_paths == []
    room.disk.free = 10**12
    room.settle()
    assert room.documents(workspace)["leave.txt"].state is DocumentState.READY


def test_another_embedding_model_takes_over_when_its_index_is_complete(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    room.embedder.gate.clear()
    room.models.change_embedding_model(workspace.id, "other")
    assert room.retrieve.search(workspace.id, "lapses")
    assert room.workspaces.get("Law").embedding_model == "all-MiniLM-L6-v2"
    room.embedder.gate.set()
    room.settle()
    assert room.workspaces.get("Law").embedding_model == "other"
    assert len(room.catalog.indexes()) == 1
    assert room.retrieve.search(workspace.id, "lapses")
    assert not room.difference().any
    assert room.reader.read_paths.count(docs / "leave.txt") == 1


def test_an_index_cut_by_an_older_rule_is_built_anew_at_the_start(
    tmp_path: Path, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one answers meanwhile, a stop in between loses nothing, and no file is read again."""
    data = tmp_path / "older"
    with monkeypatch.context() as older:
        older.setattr("readingroom.core.chunking.CHUNKER_RULE", "older0")
        room = open_room(data)
        workspace = room.workspaces.create("Law")
        room.sources.add(workspace.id, [docs])
        room.ingest.start()
        room.settle()
        room.close()
    room = open_room(data)
    room.embedder.gate.clear()
    assert room.models.renew_indexes() == 1
    room.ingest.start()
    assert room.retrieve.search(workspace.id, "lapses")
    room.embedder.gate.set()
    room.close()
    room = open_room(data)
    assert room.models.renew_indexes() == 0
    room.ingest.start()
    room.settle()
    (index,) = room.catalog.indexes()
    assert index.active
    assert index.chunker.startswith(CHUNKER_RULE)
    assert room.retrieve.search(workspace.id, "lapses")
    assert room.reader.read_paths == []
    assert not room.difference().any
    room.close()


def test_a_source_that_was_removed_comes_back_with_undo(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    room.sources.remove(source.id)
    room.settle()
    assert not room.retrieve.search(workspace.id, "lapses")
    assert room.difference().points == 0
    room.embedder.texts.clear()
    room.sources.restore(source.id)
    room.settle()
    assert room.retrieve.search(workspace.id, "lapses")
    assert room.embedder.texts == []
    assert not room.difference().any


def test_a_file_that_changes_while_it_is_read_ends_up_current(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.add(workspace.id, [docs])
    changes = ["The rent is due on the tenth."]

    def change(path: Path) -> None:
        if path.name == "rent.txt" and changes:
            path.write_text(changes.pop())
            room.sources.reconcile(source.id)

    room.reader.while_reading = change
    room.ingest.start()
    room.settle()
    assert room.retrieve.search(workspace.id, "tenth", mode=SearchMode.WORDS)
    assert not room.difference().any
    assert isinstance(room.reader, FakeReader)


def test_linking_again_what_was_removed_while_paused_reads_it(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    (source,) = room.sources.link(workspace.id, [docs])
    room.sources.pause(source.id)
    room.sources.remove(source.id)
    (again,) = room.sources.add(workspace.id, [docs])
    assert again.state is SourceState.WATCHING
    room.ingest.start()
    room.settle()
    assert room.documents(workspace)["leave.txt"].state is DocumentState.READY


def test_a_claim_that_a_full_disk_would_not_let_go_is_released_once_there_is_room(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document stood claimed until the next start, and a command waited for it without end."""
    monkeypatch.setattr("readingroom.services.ingest._AFTER_TROUBLE_S", 0.05)
    full = threading.Event()
    store_read, release = room.catalog.store_read, room.catalog.release_claims

    def refuse_once(*arguments: object, **more: object) -> object:
        if not full.is_set():
            full.set()
            raise DiskFull("No room.")
        return store_read(*arguments, **more)  # type: ignore[arg-type]

    refused = iter([True])

    def release_once_refused() -> int:
        if full.is_set() and next(refused, False):
            raise DiskFull("No room.")
        return release()

    monkeypatch.setattr(room.catalog, "store_read", refuse_once)
    monkeypatch.setattr(room.catalog, "release_claims", release_once_refused)
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    assert DocumentState.INDEXING not in {d.state for d in room.documents(workspace).values()}
    assert room.documents(workspace)["leave.txt"].state is DocumentState.READY
    assert not room.catalog.has_pending_work()
