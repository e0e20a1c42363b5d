"""Folders that do not tell of their changes."""

import threading
from pathlib import Path

import pytest

from helpers.room import Room
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Source, SourceState
from readingroom.services import sources as sources_module

WAIT_S = 20
REASON = "It lies on a network drive (nfs4)."


def follow(room: Room, docs: Path) -> WorkspaceId:
    """Link the folder, start following, and wait for the first look."""
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    settled = threading.Event()
    room.sources.settled.subscribe(lambda _: settled.set())
    room.sources.start()
    assert settled.wait(WAIT_S)
    return workspace.id


def only(room: Room, workspace_id: WorkspaceId) -> Source:
    (source,) = room.sources.sources(workspace_id)
    return source


def test_a_silent_folder_is_polling_and_says_why(room: Room, docs: Path) -> None:
    room.watcher.silent[docs] = REASON
    source = only(room, follow(room, docs))
    assert (source.state, source.reason) == (SourceState.POLLING, REASON)


def test_a_folder_that_falls_silent_is_looked_through_at_once(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace_id = follow(room, docs)
    assert only(room, workspace_id).state is SourceState.WATCHING
    (docs / "untold.txt").write_text("Nobody told of this.")
    room.watcher.silent[docs] = REASON
    looked = threading.Event()
    room.sources.settled.subscribe(lambda _: looked.set())
    room.watcher.lost[docs](REASON)
    assert looked.wait(WAIT_S)
    source = only(room, workspace_id)
    assert (source.state, source.reason) == (SourceState.POLLING, REASON)
    assert docs / "untold.txt" in {document.path for document in room.catalog.documents(workspace_id)}


def test_a_silent_folder_is_looked_through_again_by_itself(
    room: Room, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources_module, "_CHECK_S", 0.05)
    monkeypatch.setattr(sources_module, "polling_interval_s", lambda *_: 0.1)
    room.watcher.silent[docs] = REASON
    workspace_id = follow(room, docs)
    (docs / "later.txt").write_text("From another computer.")
    found = threading.Event()
    room.sources.settled.subscribe(lambda counts: found.set() if counts.found > counts.unchanged else None)
    assert found.wait(WAIT_S)
    assert docs / "later.txt" in {document.path for document in room.catalog.documents(workspace_id)}
