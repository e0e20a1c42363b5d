"""The pumps stop and go on."""

import threading
from pathlib import Path

from helpers.room import Room, open_room
from readingroom.core.models import DocumentState

WAIT_S = 20


def read_once(room: Room) -> threading.Event:
    """Set when the first file is being read."""
    began = threading.Event()
    room.reader.while_reading = lambda _: began.set()
    return began


def test_paused_indexing_reads_nothing_and_goes_on_when_resumed(room: Room, docs: Path) -> None:
    room.pausing.follow()
    room.pausing.pause()
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    began = read_once(room)
    room.ingest.start()
    assert not began.wait(0.5)
    assert {document.state for document in room.documents(workspace).values()} == {DocumentState.QUEUED}
    room.pausing.resume()
    room.settle()
    assert room.documents(workspace)["leave.txt"].state is DocumentState.READY


def test_pausing_lets_the_file_under_way_finish_and_takes_up_no_other(room: Room, docs: Path) -> None:
    room.pausing.follow()
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.reader.while_reading = lambda _: room.pausing.pause()
    read = threading.Event()
    room.ingest.progressed.subscribe(lambda _: read.set() if room.reader.read_paths else None)
    room.ingest.start()
    assert read.wait(WAIT_S)
    room.ingest.stop()
    assert len(room.reader.read_paths) == 1
    states = [document.state for document in room.documents(workspace).values()]
    assert states.count(DocumentState.QUEUED) == 2


def test_the_pause_holds_in_the_next_run(tmp_path: Path, docs: Path) -> None:
    first = open_room(tmp_path / "data")
    first.pausing.follow()
    first.pausing.pause()
    workspace = first.workspaces.create("Law")
    first.sources.add(workspace.id, [docs])
    first.close()
    second = open_room(tmp_path / "data")
    second.pausing.follow()
    began = read_once(second)
    second.ingest.start()
    assert not began.wait(0.5)
    second.pausing.resume()
    second.settle()
    assert second.documents(workspace)["rent.txt"].state is DocumentState.READY
    second.close()


def test_indexing_steps_back_while_a_question_is_searched(room: Room, docs: Path) -> None:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    began = read_once(room)
    with room.retrieve.right_of_way.question():
        room.ingest.start()
        assert not began.wait(0.5)
    room.settle()
    assert began.is_set()
