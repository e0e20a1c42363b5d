"""A folder that moved is pointed at once: its documents stay as they are, and nothing is embedded again."""

import os
import shutil
from pathlib import Path

import pytest

from helpers.portable import export, import_
from helpers.room import Room
from readingroom.core.errors import FolderDiffers, SourceNotFound, UserFixableError
from readingroom.core.ids import SourceId
from readingroom.core.models import Source, SourceState, Workspace


@pytest.fixture
def workspace(room: Room, docs: Path) -> Workspace:
    (docs / "sub").mkdir()
    (docs / "sub" / "deed.txt").write_text("The deed was signed.")
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    return workspace


def source(room: Room, workspace: Workspace, name: str = "docs") -> Source:
    return next(one for one in room.catalog.sources(workspace.id) if one.path.name == name)


def moved(room: Room, workspace: Workspace, docs: Path, to: Path) -> SourceId:
    """The folder is moved while nobody looks, and its source is found offline."""
    to.parent.mkdir(parents=True, exist_ok=True)
    docs.rename(to)
    source_id = source(room, workspace).id
    room.sources.reconcile(source_id)
    assert source(room, workspace).state is SourceState.OFFLINE
    return source_id


def test_a_moved_folder_costs_nothing(room: Room, workspace: Workspace, docs: Path, tmp_path: Path) -> None:
    before = {d.id: (d.path.name, d.indexed_at) for d in room.catalog.documents(workspace.id)}
    embedded, read = len(room.embedder.texts), len(room.reader.read_paths)
    there = tmp_path / "far" / "papers"
    source_id = moved(room, workspace, docs, there)
    done = room.sources.relink(source_id, there)
    counts = room.sources.reconcile(source_id)
    room.settle()
    assert (done.source.state, done.documents) == (SourceState.WATCHING, 4)
    assert (counts.unchanged, counts.moved, counts.removed) == (4, 0, 0)
    assert {d.id: (d.path.name, d.indexed_at) for d in room.catalog.documents(workspace.id)} == before
    assert all(d.path.is_relative_to(there) for d in room.catalog.documents(workspace.id))
    assert (len(room.embedder.texts), len(room.reader.read_paths)) == (embedded, read)


def test_other_times_cost_a_hash_and_no_cutting(
    room: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    there = tmp_path / "copy"
    source_id = moved(room, workspace, docs, there)
    for path in there.rglob("*.txt"):
        os.utime(path, (1, 1))
    embedded, counts = len(room.embedder.texts), room.ingest.counts()
    room.sources.relink(source_id, there)
    room.sources.reconcile(source_id)
    room.settle()
    assert room.ingest.counts().unchanged - counts.unchanged == 4
    assert room.ingest.counts().chunks == counts.chunks
    assert len(room.embedder.texts) == embedded


def test_what_changed_on_the_way_is_read(
    room: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    there = tmp_path / "papers"
    source_id = moved(room, workspace, docs, there)
    (there / "rent.txt").write_text("The rent is due on the last day.")
    (there / "new.txt").write_text("A new lease.")
    (there / "leave.txt").unlink()
    room.sources.relink(source_id, there)
    room.sources.reconcile(source_id)
    room.settle()
    assert room.retrieve.search(workspace.id, "last day")[0].path == there / "rent.txt"
    assert (there / "new.txt") in {d.path for d in room.catalog.documents(workspace.id)}


def test_an_imported_workspace_follows_its_folder_again(
    room: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    imported = import_(room, export(room, workspace.id, tmp_path / "Law.readingroom").path, name="There")
    room.settle()
    (there,) = room.catalog.sources(imported.workspace_id)
    copied = tmp_path / "usb" / "Documents"
    shutil.copytree(docs, copied)
    embedded = len(room.embedder.texts)
    room.sources.relink(there.id, copied)
    room.sources.reconcile(there.id)
    room.settle()
    assert len(room.embedder.texts) == embedded
    assert {d.path.relative_to(copied) for d in room.catalog.documents(imported.workspace_id)} == {
        d.path.relative_to(docs) for d in room.catalog.documents(workspace.id)
    }


def test_pointing_at_the_folder_above_will_do(
    room: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    source_id = moved(room, workspace, docs, tmp_path / "usb" / "docs")
    assert room.sources.relink(source_id, tmp_path / "usb").source.path == tmp_path / "usb" / "docs"


def test_another_folder_is_not_taken_unasked(
    room: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    source_id = moved(room, workspace, docs, tmp_path / "papers")
    wrong = tmp_path / "music"
    wrong.mkdir()
    (wrong / "song.txt").write_text("La la.")
    with pytest.raises(FolderDiffers, match="Of 4 files known from “docs”, 0 are in"):
        room.sources.relink(source_id, wrong)
    assert source(room, workspace).path == docs
    assert room.sources.relink(source_id, wrong, confirmed=True).source.path == wrong


def test_what_is_not_there_is_not_taken(room: Room, workspace: Workspace, docs: Path, tmp_path: Path) -> None:
    source_id = moved(room, workspace, docs, tmp_path / "papers")
    with pytest.raises(SourceNotFound):
        room.sources.relink(source_id, tmp_path / "nothing")
    with pytest.raises(UserFixableError, match="is a file"):
        room.sources.relink(source_id, tmp_path / "papers" / "rent.txt")


def test_a_folder_linked_already_is_not_linked_twice(
    room: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    source_id = moved(room, workspace, docs, tmp_path / "papers")
    room.sources.add(workspace.id, [tmp_path / "papers"])
    with pytest.raises(UserFixableError, match="in this workspace already"):
        room.sources.relink(source_id, tmp_path / "papers")


def test_folders_that_lay_beside_it_are_found_too(room: Room, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for name in ("a", "b", "c", "a/inner"):
        (old / name).mkdir(parents=True, exist_ok=True)
        (old / name / f"{name[-1]}.txt").write_text(f"Text of {name}.")
    one, two = room.workspaces.create("One"), room.workspaces.create("Two")
    room.sources.add(one.id, [old / "a", old / "b"])
    room.sources.add(two.id, [old / "a", old / "c", old / "a" / "inner"])
    room.ingest.start()
    room.settle()
    old.rename(new)
    (new / "c" / "c.txt").unlink()  # nothing tells that this is the one
    done = room.sources.relink(source(room, one, "a").id, new / "a")
    assert sorted(other.path.relative_to(new).as_posix() for other in done.also) == ["a", "a/inner", "b"]
    assert source(room, two, "c").path == old / "c"


def test_neighbours_that_are_where_they_were_stay(
    room: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    beside = tmp_path / "beside"
    shutil.copytree(docs, beside)
    room.sources.add(workspace.id, [beside])
    room.settle()
    there = tmp_path / "far" / "docs"
    source_id = moved(room, workspace, docs, there)
    shutil.copytree(beside, tmp_path / "far" / "beside")
    assert room.sources.relink(source_id, there).also == ()


def test_a_folder_moved_into_itself_keeps_its_documents(
    room: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    """`docs` is now `docs/docs`: each new path may be what another document was called before."""
    docs.rename(tmp_path / "aside")
    docs.mkdir()
    (tmp_path / "aside").rename(docs / "docs")
    source_id = source(room, workspace).id
    room.sources.relink(source_id, docs / "docs")
    counts = room.sources.reconcile(source_id)
    assert counts.unchanged == 4


def test_a_single_file_is_found_by_itself_or_by_its_folder(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "a" / "lease.txt"
    path.parent.mkdir()
    path.write_text("The lease.")
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [path])
    room.ingest.start()
    room.settle()
    path.parent.rename(tmp_path / "b")
    source_id = source(room, workspace, "lease.txt").id
    assert room.sources.relink(source_id, tmp_path / "b").source.path == tmp_path / "b" / "lease.txt"
    assert [d.path for d in room.catalog.documents(workspace.id)] == [tmp_path / "b" / "lease.txt"]


def test_a_paused_source_stays_paused(room: Room, workspace: Workspace, docs: Path, tmp_path: Path) -> None:
    source_id = source(room, workspace).id
    room.sources.pause(source_id)
    docs.rename(tmp_path / "papers")
    assert room.sources.relink(source_id, tmp_path / "papers").source.state is SourceState.PAUSED
    assert source(room, workspace, "papers").state is SourceState.PAUSED
