"""Documents inside documents: the messages of a mailbox, the attachments of a message."""

import os
from pathlib import Path

import pytest

from helpers.room import Room
from readingroom.core.errors import DocumentCorrupt
from readingroom.core.extraction import Member
from readingroom.core.models import DocumentState, SearchMode, Workspace


def member(locator: str, name: str) -> Member:
    """The stand-in for the reader takes a member's locator for its text and its hash."""
    return Member(locator, name, len(locator), locator)


@pytest.fixture
def mailbox(docs: Path) -> Path:
    path = docs / "mail.mbox"
    path.write_text("The box itself.", encoding="utf-8")
    return path


def paths(room: Room, workspace: Workspace, mailbox: Path) -> dict[str, str]:
    """Text by path below the mailbox."""
    return {
        str(document.path.relative_to(mailbox)): "".join(p.text for p in room.catalog.pages(document.id))
        for document in room.catalog.documents(workspace.id)
        if mailbox in document.path.parents
    }


def edited(room: Room, mailbox: Path, *members: Member) -> None:
    room.reader.members[mailbox.name] = members
    mailbox.write_text(mailbox.read_text(encoding="utf-8") + ".", encoding="utf-8")
    (source,) = room.catalog.sources()
    room.sources.reconcile(source.id)
    room.settle()


@pytest.fixture
def workspace(room: Room, mailbox: Path) -> Workspace:
    room.reader.members[mailbox.name] = (member("budget", "1 a.eml"), member("lease", "2 b.eml"))
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [mailbox.parent])
    room.ingest.start()
    room.settle()
    return workspace


def test_each_member_is_a_document_of_its_own(room: Room, mailbox: Path, workspace: Workspace) -> None:
    assert paths(room, workspace, mailbox) == {"1 a.eml": "budget", "2 b.eml": "lease"}
    (passage,) = room.retrieve.search(workspace.id, "lease", mode=SearchMode.WORDS, limit=1)
    assert passage.path == mailbox / "2 b.eml"
    found = room.catalog.find_document(workspace.id, passage.path)
    assert found is not None
    assert (found.file.path, found.file.locator) == (mailbox, "lease")
    container = room.catalog.find_document(workspace.id, mailbox)
    assert container is not None
    assert found.container_id == container.id
    assert not room.difference().any


def test_a_changed_container_costs_only_the_members_that_changed(
    room: Room, mailbox: Path, workspace: Workspace
) -> None:
    room.reader.read_locators.clear()
    edited(room, mailbox, member("new", "1 c.eml"), member("budget", "2 a.eml"))
    assert room.reader.read_locators == ["", "new"]
    assert paths(room, workspace, mailbox) == {"1 c.eml": "new", "2 a.eml": "budget"}
    assert not room.retrieve.search(workspace.id, "lease", mode=SearchMode.WORDS)
    assert not room.difference().any


def test_members_may_change_places(room: Room, mailbox: Path, workspace: Workspace) -> None:
    room.reader.read_locators.clear()
    edited(room, mailbox, member("lease", "1 a.eml"), member("budget", "2 b.eml"))
    assert room.reader.read_locators == [""]
    assert paths(room, workspace, mailbox) == {"1 a.eml": "lease", "2 b.eml": "budget"}


def test_members_move_with_their_container_unread(room: Room, mailbox: Path, workspace: Workspace) -> None:
    room.reader.read_paths.clear()
    moved = mailbox.with_name("archive.mbox")
    mailbox.rename(moved)
    (source,) = room.catalog.sources()
    room.sources.reconcile(source.id)
    room.settle()
    assert paths(room, workspace, moved) == {"1 a.eml": "budget", "2 b.eml": "lease"}
    assert room.reader.read_paths == []


def test_members_go_with_their_container(room: Room, mailbox: Path, workspace: Workspace) -> None:
    mailbox.unlink()
    (source,) = room.catalog.sources()
    room.sources.reconcile(source.id)
    room.settle()
    assert paths(room, workspace, mailbox) == {}
    assert not room.retrieve.search(workspace.id, "budget", mode=SearchMode.WORDS)
    assert not room.difference().any


def test_a_container_that_cannot_be_read_any_more_loses_its_members(
    room: Room, mailbox: Path, workspace: Workspace
) -> None:
    room.reader.faults[mailbox.name] = [DocumentCorrupt("The file is damaged.")]
    edited(room, mailbox)
    assert paths(room, workspace, mailbox) == {}
    assert not room.difference().any


def test_a_reconcile_does_not_take_members_for_deleted_files(
    room: Room, mailbox: Path, workspace: Workspace
) -> None:
    (source,) = room.catalog.sources()
    counts = room.sources.reconcile(source.id)
    assert (counts.removed, counts.moved) == (0, 0)
    assert len(paths(room, workspace, mailbox)) == 2


def test_a_member_that_was_touched_only_is_not_read_again(
    room: Room, mailbox: Path, workspace: Workspace
) -> None:
    room.reader.read_locators.clear()
    os.utime(mailbox, ns=(1, 1))
    (source,) = room.catalog.sources()
    room.sources.reconcile(source.id)
    room.settle()
    assert room.reader.read_locators == [""]
    states = {document.state for document in room.catalog.documents(workspace.id)}
    assert states == {DocumentState.READY, DocumentState.NO_TEXT}
