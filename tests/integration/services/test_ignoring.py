"""Kinds of files that are left out go from list and index, stay out, and come back when they are taken back."""

from pathlib import Path

import pytest

from helpers.room import Room
from readingroom.core.models import SearchMode, SourceState, Workspace
from readingroom.services.ignoring import IgnoreService


@pytest.fixture
def ignoring(room: Room) -> IgnoreService:
    return IgnoreService(room.preferences, room.sources)


@pytest.fixture
def workspace(room: Room, docs: Path) -> Workspace:
    (docs / "build.LOG").write_text("The lease was printed.")
    (docs / "deep").mkdir()
    (docs / "deep" / "more.log").write_text("Nothing else about the lease.")
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    return workspace


def names(room: Room, workspace: Workspace) -> set[str]:
    return set(room.documents(workspace))


def found(room: Room, workspace: Workspace, query: str) -> set[str]:
    passages = room.retrieve.search(workspace.id, query, mode=SearchMode.WORDS)
    return {passage.path.name for passage in passages}


def test_an_ignored_kind_is_neither_listed_nor_found(
    room: Room, workspace: Workspace, ignoring: IgnoreService
) -> None:
    assert found(room, workspace, "lease") == {"build.LOG", "more.log"}
    left_out = ignoring.ignore(workspace.id, {".log"})
    room.settle()
    assert left_out.documents == 2
    assert names(room, workspace) == {"leave.txt", "rent.txt", "empty.txt"}
    assert found(room, workspace, "lease") == set()
    assert not room.difference().any


def test_it_stays_out_when_folders_are_compared_and_files_change(
    room: Room, workspace: Workspace, docs: Path, ignoring: IgnoreService
) -> None:
    ignoring.ignore(workspace.id, {".log"})
    (docs / "new.log").write_text("New.")
    (docs / "new.txt").write_text("New.")
    room.sources.reconcile_all(workspace.id)
    (docs / "rent.txt").rename(docs / "rent.log")
    room.sources.reconcile_all(workspace.id)
    assert names(room, workspace) == {"leave.txt", "empty.txt", "new.txt"}


def test_undo_brings_everything_back(room: Room, workspace: Workspace, ignoring: IgnoreService) -> None:
    before = names(room, workspace)
    ignoring.undo(ignoring.ignore(workspace.id, {".log", ".txt"}))
    room.settle()
    assert names(room, workspace) == before
    assert ignoring.kinds(workspace.id) == ()
    assert found(room, workspace, "lease") == {"build.LOG", "more.log"}


def test_undo_leaves_what_was_left_out_before(
    room: Room, workspace: Workspace, ignoring: IgnoreService
) -> None:
    ignoring.ignore(workspace.id, {".log"})
    ignoring.undo(ignoring.ignore(workspace.id, {".log", ".txt"}))
    assert ignoring.kinds(workspace.id) == (".log",)
    assert "rent.txt" in names(room, workspace)
    assert "more.log" not in names(room, workspace)


def test_a_folder_whose_files_are_all_of_that_kind_is_not_taken_for_an_unplugged_drive(
    room: Room, workspace: Workspace, ignoring: IgnoreService
) -> None:
    ignoring.ignore(workspace.id, {".log", ".txt"})
    assert names(room, workspace) == set()
    room.sources.reconcile_all(workspace.id)
    (source,) = room.catalog.sources()
    assert source.state is SourceState.WATCHING


def test_another_workspace_keeps_its_files(
    room: Room, workspace: Workspace, docs: Path, ignoring: IgnoreService
) -> None:
    other = room.workspaces.create("Other")
    room.sources.add(other.id, [docs])
    ignoring.ignore(workspace.id, {".log"})
    room.sources.reconcile_all(other.id)
    assert "more.log" in names(room, other)


def test_a_folder_added_once_takes_in_nothing_but_the_kind_taken_back(
    room: Room, docs: Path, ignoring: IgnoreService
) -> None:
    workspace = room.workspaces.create("Once")
    room.sources.add(workspace.id, [docs], watch=False)
    ignoring.ignore(workspace.id, {".txt"})
    assert names(room, workspace) == set()
    (docs / "later.md").write_text("Written after the folder was added.")
    ignoring.take_back(workspace.id, {".txt"})
    assert names(room, workspace) == {"leave.txt", "rent.txt", "empty.txt"}


def test_a_file_added_by_name_is_unlinked_and_linked_again_by_undo(
    room: Room, tmp_path: Path, ignoring: IgnoreService
) -> None:
    single = tmp_path / "single.log"
    single.write_text("A file of its own.")
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [single])
    left_out = ignoring.ignore(workspace.id, {".log"})
    assert room.sources.sources(workspace.id) == []
    assert left_out.documents == 1
    ignoring.undo(left_out)
    assert names(room, workspace) == {"single.log"}


def test_a_file_added_by_name_is_read_whatever_its_kind(
    room: Room, tmp_path: Path, ignoring: IgnoreService
) -> None:
    single = tmp_path / "single.log"
    single.write_text("A file of its own.")
    workspace = room.workspaces.create("Law")
    ignoring.ignore(workspace.id, {".log"})
    room.sources.add(workspace.id, [single])
    room.sources.reconcile_all(workspace.id)
    assert names(room, workspace) == {"single.log"}


def test_a_drive_that_is_away_keeps_its_documents_until_it_is_back(
    room: Room, workspace: Workspace, docs: Path, ignoring: IgnoreService
) -> None:
    docs.rename(docs.with_name("away"))
    assert ignoring.ignore(workspace.id, {".log"}).documents == 0
    assert "more.log" in names(room, workspace)
    docs.with_name("away").rename(docs)
    room.sources.reconcile_all(workspace.id)
    assert "more.log" not in names(room, workspace)
