"""Documents read in parts: searchable early, whole in the end, kept as far as they go."""

from pathlib import Path

import pytest

from fakes import FakeEmbedder, FakeReader
from helpers.room import Room, open_room
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import DocumentCorrupt, ReadingRoomError, WorkerOutOfMemory, WorkerTimedOut
from readingroom.core.extraction import joined
from readingroom.core.models import DocumentState, SearchMode
from readingroom.services.read_pump import STRIKES

TEXT = "\n\n".join(f"Paragraph {word}." for word in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta"))


@pytest.fixture
def book(docs: Path) -> Path:
    path = docs / "book.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_document_read_in_parts_is_the_same_as_one_read_whole(room: Room, book: Path) -> None:
    room.reader.parts[book.name] = 3
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [book])
    room.ingest.start()
    room.settle()
    document = room.documents(workspace)[book.name]
    assert (document.state, document.pages, document.chunks) == (DocumentState.READY, 3, 6)
    assert document.words == 12
    assert "".join(page.text for page in room.catalog.pages(document.id)) == TEXT
    for word in ("alpha", "delta", "zeta"):
        (passage,) = room.retrieve.search(workspace.id, word, mode=SearchMode.WORDS)
        assert TEXT[passage.start : passage.end] == passage.text == f"Paragraph {word}."
    index = room.catalog.active_index(workspace.id)
    assert index is not None
    chunks = [stored.chunk for stored in room.catalog.chunks_of(index.id, document.id)]
    assert [chunk.ordinal for chunk in chunks] == list(range(6))
    assert not room.difference().any


def test_the_first_part_is_found_while_the_rest_is_still_being_read(room: Room, book: Path) -> None:
    """The reader waits before its last part until a search found something of the first."""
    found: list[str] = []
    workspace = room.workspaces.create("Law")

    class Waiting(dict[str, ReadingRoomError]):
        def pop(self, *_: object) -> None:  # type: ignore[override]
            while not (hits := room.retrieve.search(workspace.id, "alpha", mode=SearchMode.WORDS)):
                CancelToken().wait(0.01)
            found.extend(hit.text for hit in hits)

    room.reader.parts[book.name] = 2
    room.reader.fault_after_parts = Waiting()
    room.sources.add(workspace.id, [book])
    room.ingest.start()
    room.settle()
    assert found == ["Paragraph alpha."]
    assert room.documents(workspace)[book.name].chunks == 6
    assert not room.difference().any


@pytest.mark.parametrize(
    "error", [WorkerTimedOut("Reading took over 300 s."), WorkerOutOfMemory("Too large.")]
)
def test_what_was_read_until_a_limit_is_kept_and_said(
    room: Room, book: Path, error: ReadingRoomError
) -> None:
    room.reader.parts[book.name] = 3
    room.reader.fault_after_parts[book.name] = error
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [book])
    room.ingest.start()
    room.settle()
    document = room.documents(workspace)[book.name]
    assert (document.state, document.pages, document.chunks) == (DocumentState.READY, 2, 4)
    assert document.reason == f"Only a part of it was read (up to page 2): {error}"
    assert room.retrieve.search(workspace.id, "delta", mode=SearchMode.WORDS)
    assert not room.retrieve.search(workspace.id, "zeta", mode=SearchMode.WORDS)
    assert not room.difference().any
    assert room.reader.read_paths.count(book) == 1 < STRIKES


def test_a_file_that_turns_out_broken_in_the_middle_leaves_nothing_behind(room: Room, book: Path) -> None:
    room.reader.parts[book.name] = 3
    room.reader.fault_after_parts[book.name] = DocumentCorrupt("The file is damaged.")
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [book])
    room.ingest.start()
    room.settle()
    document = room.documents(workspace)[book.name]
    assert (document.state, document.chunks) == (DocumentState.FAILED, 0)
    assert not room.retrieve.search(workspace.id, "alpha", mode=SearchMode.WORDS)
    assert room.difference().points == 0


def test_a_stop_between_two_parts_is_made_good_by_the_next_start(tmp_path: Path, book: Path) -> None:
    data = tmp_path / "data"
    first = open_room(data, FakeReader(), FakeEmbedder())
    first.reader.parts[book.name] = 3
    workspace = first.workspaces.create("Law")
    first.sources.add(workspace.id, [book])
    claimed = first.catalog.claim_next()
    index = first.catalog.active_index(workspace.id)
    assert claimed is not None
    assert index is not None
    parts = []
    first.reader.read(
        claimed.file,
        embedding_model="",
        limits=None,  # type: ignore[arg-type]
        on_part=lambda part, chunks: parts.append((part, chunks)),
    )
    assert first.catalog.store_part(claimed.id, index.id, *parts[0], first=True)
    first.close()  # as if it were killed here

    second = open_room(data)
    second.ingest.start()
    second.settle()
    document = second.documents(workspace)[book.name]
    assert (document.state, document.chunks) == (DocumentState.READY, 6)
    assert joined([second.catalog.extracted(document.id)]).text == TEXT
    assert not second.difference().any
    second.close()
