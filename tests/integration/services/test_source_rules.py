"""Rules of a folder take documents away and bring them back, and what they leave out is listed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.children import wait_until
from helpers.room import Room
from readingroom.core.models import Source, Workspace
from readingroom.core.source_rules import LeftOutFile, SourceRules
from readingroom.services.source_rules import RuleService


@pytest.fixture
def rules(room: Room) -> RuleService:
    return RuleService(room.catalog, room.sources)


@pytest.fixture
def tree(docs: Path) -> Path:
    (docs / "old").mkdir()
    (docs / "old" / "first.txt").write_text("The first draft of the lease.")
    (docs / "log.txt").write_text("The lease was printed.")
    (docs / ".hidden").mkdir()
    (docs / ".hidden" / "notes.txt").write_text("Hidden notes about the lease.")
    (docs / "~$lease.docx").write_bytes(b"lock")
    return docs


@pytest.fixture
def workspace(room: Room, tree: Path) -> Workspace:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [tree])
    room.ingest.start()
    room.settle()
    return workspace


@pytest.fixture
def source(room: Room, workspace: Workspace) -> Callable[[], Source]:
    return lambda: room.sources.sources(workspace.id)[0]


def names(room: Room, workspace: Workspace) -> set[str]:
    return set(room.documents(workspace))


HERE = {"leave.txt", "rent.txt", "empty.txt", "first.txt", "log.txt"}


def test_what_is_left_out_is_listed_with_its_rule_a_folder_once(
    room: Room, workspace: Workspace, rules: RuleService, source: Callable[[], Source]
) -> None:
    assert rules.left_out(source().id) == [
        LeftOutFile(".hidden", "hidden", is_folder=True),
        LeftOutFile("~$lease.docx", "office lock file", size_bytes=4),
    ]
    assert source().left_out == 2


def test_documents_newly_left_out_go_and_undo_brings_them_back_unread(
    room: Room, workspace: Workspace, rules: RuleService, source: Callable[[], Source]
) -> None:
    assert rules.preview(source().id, SourceRules("old/\nlog.*")).gone == 2
    change = rules.change(source().id, SourceRules("old/\nlog.*"))
    room.settle()
    assert change.removed == 2
    assert names(room, workspace) == HERE - {"first.txt", "log.txt"}
    assert {entry.rule for entry in rules.left_out(source().id)} >= {"pattern old/", "pattern log.*"}
    assert not room.difference().any
    read = list(room.reader.read_paths)
    rules.undo(change)
    room.settle()
    assert names(room, workspace) == HERE
    assert room.reader.read_paths == read, "known text came back without reading"
    assert not room.difference().any


def test_a_limit_of_size_leaves_out_larger_files(
    room: Room, workspace: Workspace, tree: Path, rules: RuleService, source: Callable[[], Source]
) -> None:
    (tree / "large.txt").write_bytes(b"word " * 300_000)
    room.sources.reconcile(source().id)
    assert "large.txt" in names(room, workspace)
    rules.change(source().id, SourceRules(max_file_mb=1))
    assert names(room, workspace) == HERE
    assert LeftOutFile("large.txt", "over 1 MB", size_bytes=1_500_000) in rules.left_out(source().id)


def test_something_left_out_is_read_after_all_by_its_name(
    room: Room, workspace: Workspace, rules: RuleService, source: Callable[[], Source]
) -> None:
    hidden = rules.left_out(source().id)[0]
    rules.read_after_all(source().id, hidden)
    room.settle()
    assert names(room, workspace) == HERE | {"notes.txt"}
    assert source().rules.patterns == "!/.hidden/"


def test_rules_hold_for_what_events_tell_of(
    room: Room, workspace: Workspace, tree: Path, rules: RuleService, source: Callable[[], Source]
) -> None:
    rules.change(source().id, SourceRules("old/\n*.log"))
    room.sources.start()
    wait_until(lambda: tree in room.watcher.callbacks)
    (tree / "old" / "second.txt").write_text("Second.")
    (tree / "new.log").write_text("New.")
    (tree / "new.txt").write_text("New.")
    room.watcher.callbacks[tree](
        [tree / "old", tree / "old" / "second.txt", tree / "new.log", tree / "new.txt"]
    )
    wait_until(lambda: "new.txt" in names(room, workspace))
    assert names(room, workspace) == HERE - {"first.txt"} | {"new.txt"}


def test_a_checkout_leaves_out_what_git_leaves_out_from_the_start(room: Room, tmp_path: Path) -> None:
    """A person who links a checkout means what they wrote, not what the build made of it."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / ".git").mkdir()
    (checkout / ".gitignore").write_text("out/\n")
    (checkout / "out").mkdir()
    (checkout / "out" / "made.txt").write_text("Made.")
    (checkout / "written.txt").write_text("Written.")
    workspace = room.workspaces.create("Code")
    (linked,) = room.sources.add(workspace.id, [checkout])
    assert linked.rules.git_ignore
    assert names(room, workspace) == {"written.txt"}


def test_a_changed_git_ignore_holds_at_once(
    room: Room, workspace: Workspace, tree: Path, rules: RuleService, source: Callable[[], Source]
) -> None:
    rules.change(source().id, SourceRules(git_ignore=True))
    room.sources.start()
    wait_until(lambda: tree in room.watcher.callbacks)
    (tree / ".gitignore").write_text("log.txt\n")
    room.watcher.callbacks[tree]([tree / ".gitignore"])
    wait_until(lambda: names(room, workspace) == HERE - {"log.txt"})
    (tree / ".gitignore").unlink()
    room.watcher.callbacks[tree]([tree / ".gitignore"])
    wait_until(lambda: names(room, workspace) == HERE)
