"""Scanned documents become searchable once all else is read; every page is kept as soon as it is recognised."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes import FakeEmbedder
from helpers.room import Room, open_room
from helpers.scans import PICTURE, FakeRecogniser, ScanReader, seen_text, write_scan
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import (
    DocumentCorrupt,
    DocumentEncrypted,
    RecognitionUnavailable,
    WorkerCrashed,
    WorkerTimedOut,
)
from readingroom.core.models import Document, DocumentState, SearchMode, Workspace
from readingroom.core.recognition import RecognisedPage, RecognitionStatus
from readingroom.services.recognise import RecogniseService
from readingroom.services.recognise_pump import FIRST_SECONDS_PER_PAGE, RecognisePump


@pytest.fixture
def recogniser() -> FakeRecogniser:
    return FakeRecogniser()


@pytest.fixture
def room(tmp_path: Path, recogniser: FakeRecogniser) -> Iterator[Room]:
    opened = open_room(tmp_path / "data", ScanReader(), recogniser=recogniser)
    yield opened
    recogniser.gate.set()
    opened.close()


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    return folder


def service(room: Room) -> RecogniseService:
    return RecogniseService(room.catalog, pump(room), room.preferences, wake=room.ingest.wake)


def pump(room: Room) -> RecognisePump:
    assert room.ingest.recognition is not None
    return room.ingest.recognition


def linked(room: Room, folder: Path, name: str = "Law") -> Workspace:
    workspace = room.workspaces.create(name)
    room.sources.add(workspace.id, [folder])
    return workspace


def run(room: Room, folder: Path) -> Workspace:
    """Link the folder and work until all is current."""
    workspace = linked(room, folder)
    room.ingest.start()
    room.settle()
    return workspace


def found(room: Room, workspace: Workspace, word: str) -> list[str]:
    return [hit.text for hit in room.retrieve.search(workspace.id, word, mode=SearchMode.WORDS)]


def only(room: Room, workspace: Workspace) -> Document:
    (document,) = room.documents(workspace).values()
    return document


def text_of(room: Room, document: Document) -> str:
    return "".join(page.text for page in room.catalog.pages(document.id))


def test_a_scanned_document_becomes_searchable_with_its_places(room: Room, scans: Path) -> None:
    write_scan(scans / "lease.scan", PICTURE, PICTURE)
    workspace = run(room, scans)
    document = only(room, workspace)
    assert (document.state, document.pages, document.pages_without_text) == (DocumentState.READY, 2, 0)
    assert document.reason == "The text of 2 pages was recognised from pictures."
    assert (document.words, document.chunks) == (12, 2)
    (passage,) = room.retrieve.search(workspace.id, "page 2", mode=SearchMode.WORDS, joining=False)[:1]
    assert (passage.text, passage.locations[0].page) == ("Seen on page 2 of lease.", 2)
    pages = room.catalog.pages(document.id)
    assert [pages[1].text[w.start : w.end] for w in pages[1].words][:2] == ["Seen", "on"]
    assert pages[1].start == len(pages[0].text)
    assert not room.difference().any
    counts = room.ingest.counts()
    assert (counts.indexed, counts.skipped, counts.chunks) == (1, 0, 2)


def test_pages_with_text_of_their_own_are_left_alone(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(
        scans / "mixed.scan", "Typed page.\n\n", PICTURE, f"{PICTURE}Received in March\n", "The end.\n"
    )
    workspace = run(room, scans)
    assert recogniser.asked == [("mixed.scan", 2), ("mixed.scan", 3)]
    document = only(room, workspace)
    assert text_of(room, document) == (
        "Typed page.\n\nSeen on page 2 of mixed.\n\nSeen on page 3 of mixed.\n\n\nReceived in March\nThe end.\n"
    )
    assert document.reason == "The text of 2 pages was recognised from pictures."
    assert found(room, workspace, "March")
    assert found(room, workspace, "Typed")


def test_it_begins_when_everything_is_read_and_says_what_it_will_take(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    for name in ("a", "b"):
        write_scan(scans / f"{name}.scan", PICTURE, f"{PICTURE}Stamp {name}")
    for n in range(5):
        (scans / f"plain{n}.txt").write_text(f"Plain text {n}.")
    read_before: list[int] = []
    ahead: list[RecognitionStatus] = []
    reader = room.reader
    recogniser.while_recognising = lambda _page: read_before.append(len(reader.read_paths))
    pump(room).beginning.subscribe(ahead.append)
    run(room, scans)
    assert read_before == [7] * 4
    assert [(status.documents, status.pages_left) for status in ahead] == [(2, 4)]
    assert ahead[0].seconds_left == 4 * FIRST_SECONDS_PER_PAGE
    assert service(room).status() == RecognitionStatus(0, 0, 0, 0.0, paused=False)


def test_the_rate_of_this_computer_is_remembered(tmp_path: Path, room: Room, scans: Path) -> None:
    write_scan(scans / "long.scan", *[PICTURE] * 25)
    run(room, scans)
    kept = room.catalog.setting_values()["recognition_seconds_per_page"]
    assert 0 < kept < FIRST_SECONDS_PER_PAGE / 2


def test_the_same_file_costs_nothing_again(
    room: Room, recogniser: FakeRecogniser, scans: Path, tmp_path: Path
) -> None:
    """In another workspace, under another name, or read once more."""
    path = write_scan(scans / "lease.scan", PICTURE, PICTURE)
    workspace = run(room, scans)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(path, other / "copy.scan")
    second = linked(room, other, "Second")
    room.ingest.wake()
    room.settle()
    room.catalog.requeue([only(room, workspace).id])
    room.ingest.wake()
    room.settle()
    assert len(recogniser.asked) == 2
    for one in (workspace, second):
        document = only(room, one)
        assert (document.state, document.chunks) == (DocumentState.READY, 2)
        assert text_of(room, document) == "Seen on page 1 of lease.\n\nSeen on page 2 of lease.\n\n"
        assert document.reason == "The text of 2 pages was recognised from pictures."
    assert not room.difference().any


def test_pausing_stops_after_the_page_and_lasts_over_restarts(
    tmp_path: Path, room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "lease.scan", *[PICTURE] * 4)
    first = service(room)

    def pause_at_the_second(page: int) -> None:
        if page == 2:
            first.pause()

    recogniser.while_recognising = pause_at_the_second
    workspace = run(room, scans)
    assert len(recogniser.asked) == 2
    status = first.status()
    assert (status.paused, status.documents, status.pages, status.pages_done) == (True, 1, 4, 2)
    # What is there can be found.
    assert found(room, workspace, "page 2")
    document = only(room, workspace)
    assert (document.state, document.pages_without_text) == (DocumentState.READY, 2)
    room.close()

    again = open_room(tmp_path / "data", ScanReader(), recogniser=recogniser)
    try:
        again.ingest.start()
        again.settle()
        assert len(recogniser.asked) == 2
        told: list[RecognitionStatus] = []
        second = service(again)
        second.changed.subscribe(told.append)
        second.resume()
        assert [one.paused for one in told] == [False]
        again.settle()
        assert [page for _, page in recogniser.asked] == [1, 2, 3, 4]
        document = only(again, workspace)
        assert (document.pages_without_text, document.chunks) == (0, 4)
        assert document.reason == "The text of 4 pages was recognised from pictures."
        assert not again.difference().any
    finally:
        again.close()


def test_a_stop_loses_at_most_the_page_under_way(
    tmp_path: Path, room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "lease.scan", *[PICTURE] * 3)
    reached = threading.Event()

    def hold_at_the_third(page: int) -> None:
        if page == 2:
            recogniser.gate.clear()
            reached.set()

    recogniser.while_recognising = hold_at_the_third
    workspace = linked(room, scans)
    room.ingest.start()
    assert reached.wait(20)
    room.close()
    recogniser.gate.set()
    recogniser.while_recognising = lambda _page: None
    again = open_room(tmp_path / "data", ScanReader(), recogniser=recogniser)
    try:
        again.ingest.start()
        again.settle()
        assert [page for _, page in recogniser.asked if page < 3] == [1, 2]
        assert only(again, workspace).chunks == 3
        assert not again.difference().any
    finally:
        again.close()


def test_a_page_that_kills_the_child_twice_is_passed_over_with_its_reason(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "lease.scan", *[PICTURE] * 3)
    crash = "The recognise process crashed: it touched memory that is not its own (SIGSEGV)."
    recogniser.faults = {2: [WorkerCrashed(crash), WorkerCrashed(crash)]}
    workspace = run(room, scans)
    assert [page for _, page in recogniser.asked] == [1, 2, 2, 3]
    document = only(room, workspace)
    assert (document.state, document.pages_without_text, document.chunks) == (DocumentState.READY, 1, 2)
    assert (
        document.reason
        == f"The text of 2 pages was recognised from pictures. Page 2 could not be recognised: {crash}"
    )
    assert not pump(room).has_work(None)
    # Tried once more when the person asks for it.
    room.ingest.retry([document.id])
    room.settle()
    assert [page for _, page in recogniser.asked] == [1, 2, 2, 3, 2]
    document = only(room, workspace)
    assert (document.pages_without_text, document.reason) == (
        0,
        "The text of 3 pages was recognised from pictures.",
    )


def test_a_child_that_was_ended_once_gets_the_page_again(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "lease.scan", PICTURE)
    recogniser.faults = {1: [WorkerCrashed("The recognise process crashed: it was ended from outside.")]}
    assert only(room, run(room, scans)).state is DocumentState.READY


@pytest.mark.parametrize(
    "error", [WorkerTimedOut("Nothing moved for 300 seconds."), DocumentCorrupt("Page 1 could not be drawn.")]
)
def test_a_document_of_which_nothing_can_be_recognised_says_why(
    room: Room, recogniser: FakeRecogniser, scans: Path, error: WorkerTimedOut | DocumentCorrupt
) -> None:
    write_scan(scans / "lease.scan", PICTURE)
    recogniser.faults = {1: [error]}
    document = only(room, run(room, scans))
    assert (document.state, document.pages_without_text) == (DocumentState.NO_TEXT, 1)
    assert document.reason == (
        "No text was found on its pages; they are pictures, as scans are. "
        f"Page 1 could not be recognised: {error}"
    )
    assert room.ingest.counts().skipped == 1


def test_what_waits_to_be_recognised_says_so(room: Room, scans: Path) -> None:
    write_scan(scans / "lease.scan", PICTURE)
    service(room).set_automatic(automatic=False)
    document = only(room, run(room, scans))
    assert (document.state, document.pages_without_text) == (DocumentState.NO_TEXT, 1)
    assert document.reason == "Its pages are pictures, as scans are; their text is still to be recognised."
    service(room).set_automatic(automatic=True)
    room.settle()
    assert only(room, next(iter(room.catalog.workspaces()))).state is DocumentState.READY


def test_what_was_held_for_another_run_is_done_there(
    tmp_path: Path, room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "lease.scan", PICTURE)
    service(room).hold()
    workspace = run(room, scans)
    assert recogniser.asked == []
    room.close()
    again = open_room(tmp_path / "data", ScanReader(), recogniser=recogniser)
    try:
        again.ingest.start()
        again.settle()
        assert only(again, workspace).state is DocumentState.READY
    finally:
        again.close()


def test_a_long_document_is_searchable_on_the_way(
    room: Room, recogniser: FakeRecogniser, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("readingroom.services.recognise_pump._MERGE_SHARE", 0.0)
    write_scan(scans / "book.scan", *[PICTURE] * 45)
    workspace = linked(room, scans)
    hits: list[int] = []

    def look(page: int) -> None:
        if page in (19, 44):
            while page == 44 and not found(room, workspace, "page 20"):
                CancelToken().wait(0.01)
            hits.append(len(found(room, workspace, "page")))

    recogniser.while_recognising = look
    room.ingest.start()
    room.settle()
    assert hits[0] == 0
    assert hits[1] > 0
    assert only(room, workspace).chunks == 45
    assert not room.difference().any


def test_headings_of_the_outline_stand_over_the_recognised_passages(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "book.scan", f"# Rent\n{PICTURE}", f"# Garden\n{PICTURE}")
    recogniser.texts = {1: "Rent and water\n\n", 2: "2\n\nGarden and lawn\n\n"}
    document = only(room, run(room, scans))
    extracted = room.catalog.extracted(document.id)
    assert [(h.title, extracted.text[h.start :][:6]) for h in extracted.headings] == [
        ("Rent", "Rent a"),
        ("Garden", "Garden"),
    ]


def test_a_file_that_changed_is_read_again_and_nothing_is_mistaken(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    path = write_scan(scans / "lease.scan", PICTURE, PICTURE)

    def change(page: int) -> None:
        if page == 2 and len(recogniser.asked) == 2:
            write_scan(path, "Typed now.", PICTURE, PICTURE)

    recogniser.while_recognising = change
    workspace = run(room, scans)
    document = only(room, workspace)
    assert text_of(room, document) == "Typed now.Seen on page 2 of lease.\n\nSeen on page 3 of lease.\n\n"
    assert (document.state, document.pages, document.chunks) == (DocumentState.READY, 3, 2)
    assert not room.difference().any


def test_a_password_that_is_no_longer_known_leaves_the_document_for_later(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "lease.scan", PICTURE)
    recogniser.faults = {1: [DocumentEncrypted("It needs a password.")]}
    workspace = run(room, scans)
    document = only(room, workspace)
    assert document.state is DocumentState.NO_TEXT
    assert service(room).status().pages_left == 1
    room.ingest.retry([document.id])
    room.settle()
    assert only(room, workspace).state is DocumentState.READY


def test_without_its_networks_everything_else_goes_on(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "lease.scan", PICTURE)
    (scans / "plain.txt").write_text("Plain text.")
    recogniser.faults = {1: [RecognitionUnavailable("The networks are missing.", hint="Install it again.")]}
    workspace = run(room, scans)
    assert found(room, workspace, "Plain")
    status = service(room).status()
    assert (status.problem, status.pages_left) == ("The networks are missing. Install it again.", 1)


def test_other_languages_have_what_was_read_badly_read_again(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "mixed.scan", PICTURE, PICTURE)
    badly = RecognisedPage("", engine="built-in", confidence=1.0, unread_share=0.9)
    good = seen_text("English words.\n\n")
    answers = {1: [good], 2: [badly, seen_text("Русские слова.\n\n")]}
    monkey = recogniser.recognise
    recogniser.recognise = lambda *a, **k: (monkey(*a, **k), answers[a[1]].pop(0))[1]  # type: ignore[method-assign]
    workspace = run(room, scans)
    assert "On page 2 there is writing that could not be read" in only(room, workspace).reason
    assert only(room, workspace).pages_without_text == 1
    service(room).set_languages(["ru", "en"])
    room.settle()
    assert [page for _, page in recogniser.asked] == [1, 2, 2]
    assert recogniser.languages == [(), (), ("ru", "en")]
    document = only(room, workspace)
    assert text_of(room, document) == "English words.\n\nРусские слова.\n\n"
    assert document.reason == "The text of 2 pages was recognised from pictures."
    assert service(room).languages == ["ru", "en"]


def test_a_new_index_holds_the_recognised_text(room: Room, recogniser: FakeRecogniser, scans: Path) -> None:
    """Pages recognised while it is built wait until it is complete."""
    write_scan(scans / "lease.scan", PICTURE, PICTURE)
    (scans / "plain.txt").write_text("Plain text.")
    workspace = run(room, scans)
    building = room.catalog.create_index(workspace.id, "another", 8, "test", active=False)
    write_scan(scans / "later.scan", PICTURE)
    room.sources.reconcile_all(workspace.id)
    room.ingest.wake()
    room.settle()
    index = room.catalog.active_index(workspace.id)
    assert index is not None
    assert index.id == building.id
    for word in ("lease", "later", "Plain"):
        assert found(room, workspace, word), word
    assert not room.difference().any


def test_a_source_that_is_paused_is_not_recognised(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "lease.scan", PICTURE)
    service(room).hold()
    workspace = run(room, scans)
    (source,) = room.catalog.sources(workspace.id)
    room.sources.pause(source.id)
    service(room).resume()
    room.settle()
    assert recogniser.asked == []
    room.sources.resume(source.id)
    room.ingest.wake()
    room.settle()
    assert only(room, workspace).state is DocumentState.READY


def test_what_nobody_holds_any_more_is_forgotten(
    tmp_path: Path, room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    """The recognised text goes with the document, once that cannot be brought back any more."""
    path = write_scan(scans / "lease.scan", PICTURE)
    (scans / "plain.txt").write_text("Plain text.")
    workspace = run(room, scans)
    path.unlink()
    room.sources.reconcile_all(workspace.id)
    room.settle()
    room.close()
    again = open_room(tmp_path / "data", ScanReader(), embedder=FakeEmbedder(), recogniser=recogniser)
    try:
        again.catalog.purge_removed(time.time())
        again.ingest.start()
        again.settle()
        pump(again).step()
        rows = again.catalog._lane.read(
            lambda db: db.execute("SELECT count(*) FROM recognised_pages").fetchone()
        )
        assert rows[0] == 0
    finally:
        again.close()


def test_the_page_under_way_is_shown_with_its_source(
    room: Room, recogniser: FakeRecogniser, scans: Path
) -> None:
    write_scan(scans / "lease.scan", PICTURE)
    workspace = linked(room, scans)
    shown: list[tuple[str, str]] = []

    def look(_page: int) -> None:
        (progress,) = room.ingest.progress(workspace.id)
        shown.append((progress.phase, progress.current))
        shown.append(("status", service(room).status(workspace.id).current))

    recogniser.while_recognising = look
    room.ingest.start()
    room.settle()
    assert shown == [("recognising", "lease.scan, page 1"), ("status", "lease.scan, page 1")]
