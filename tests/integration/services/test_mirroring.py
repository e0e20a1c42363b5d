"""A linked folder and its documents: what moves, what goes, what is only away, and what comes back."""

import os
import shutil
import threading
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.room import Room, open_room
from readingroom.core.ids import SourceId, WorkspaceId
from readingroom.core.ignore_rules import with_kinds
from readingroom.core.models import DocumentState, SearchMode, SourceState, Workspace
from readingroom.core.sync_plan import is_settled
from readingroom.services import drives, read_pump, sources
from readingroom.services.reconcile import Reconciler

MANY = 60


@pytest.fixture
def law(room: Room, docs: Path) -> Iterator[Workspace]:
    """The folder of three documents, indexed."""
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    yield workspace
    assert room.difference().missing == 0
    assert room.difference().surplus == 0


def reconcile(room: Room, workspace: Workspace) -> None:
    for source in room.sources.sources(workspace.id):
        room.sources.reconcile(source.id)
    room.settle()


def names(room: Room, workspace: Workspace) -> list[str]:
    return sorted(room.documents(workspace))


def finds(room: Room, workspace_id: WorkspaceId, word: str) -> list[str]:
    return [
        passage.path.name
        for passage in room.retrieve.search(workspace_id, word, limit=5, mode=SearchMode.WORDS)
    ]


def states(room: Room, workspace: Workspace) -> list[SourceState]:
    return [source.state for source in room.sources.sources(workspace.id)]


def fill(folder: Path, count: int = MANY) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"note {number}.txt").write_text(f"Note number{number}.")


def embedded(room: Room) -> int:
    return room.ingest.counts().embedded


def test_a_file_moved_to_another_linked_folder_keeps_its_document_and_embeds_nothing(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    room.sources.add(law.id, [other])
    before, cost = room.documents(law)["rent.txt"].id, embedded(room)
    (docs / "rent.txt").rename(other / "lease.txt")
    reconcile(room, law)
    moved = room.documents(law)["lease.txt"]
    assert (moved.id, moved.path, moved.state) == (before, other / "lease.txt", DocumentState.READY)
    assert embedded(room) == cost
    assert finds(room, law.id, "rent") == ["lease.txt"]


def test_it_does_so_too_when_its_new_place_is_looked_at_first(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (source,) = room.sources.add(law.id, [other])
    before = room.documents(law)["rent.txt"].id
    (docs / "rent.txt").rename(other / "rent.txt")
    room.sources.reconcile(source.id)
    reconcile(room, law)
    assert room.documents(law)["rent.txt"].id == before
    assert room.documents(law)["rent.txt"].source_id == source.id


def test_a_deleted_file_is_found_no_more_and_can_be_brought_back(
    room: Room, law: Workspace, docs: Path
) -> None:
    (docs / "rent.txt").unlink()
    reconcile(room, law)
    assert names(room, law) == ["empty.txt", "leave.txt"]
    assert finds(room, law.id, "rent") == []
    (item,) = room.sources.removed(law.id)
    assert item.path == docs / "rent.txt"
    assert item.document_id is not None
    cost = embedded(room)
    assert room.sources.restore_documents(law.id, [item.document_id]) == 1
    room.settle()
    reconcile(room, law)
    kept = room.documents(law)["rent.txt"]
    assert (kept.state, "you had it kept" in kept.reason) == (DocumentState.OFFLINE, True)
    assert finds(room, law.id, "rent") == ["rent.txt"]
    assert embedded(room) == cost
    assert room.sources.removed(law.id) == []


def test_a_kept_document_is_an_ordinary_one_again_when_its_file_is_back(
    room: Room, law: Workspace, docs: Path
) -> None:
    text = (docs / "rent.txt").read_text()
    (docs / "rent.txt").unlink()
    reconcile(room, law)
    (item,) = room.sources.removed(law.id)
    assert item.document_id is not None
    room.sources.restore_documents(law.id, [item.document_id])
    (docs / "rent.txt").write_text(text)
    reconcile(room, law)
    assert room.documents(law)["rent.txt"].state is DocumentState.READY
    assert room.documents(law)["rent.txt"].id == item.document_id


def test_a_document_brought_back_after_the_embedding_model_changed_is_found_by_the_new_one(
    room: Room, law: Workspace, docs: Path
) -> None:
    (docs / "rent.txt").unlink()
    reconcile(room, law)
    room.models.change_embedding_model(law.id, "other")
    room.settle()
    (item,) = room.sources.removed(law.id)
    assert item.document_id is not None
    room.sources.restore_documents(law.id, [item.document_id])
    room.settle()
    assert finds(room, law.id, "rent") == ["rent.txt"]


def test_a_file_that_comes_back_under_another_name_goes_on_as_its_document(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    before, cost = room.documents(law)["rent.txt"].id, embedded(room)
    shutil.copy(docs / "rent.txt", tmp_path / "copy")
    (docs / "rent.txt").unlink()
    reconcile(room, law)
    shutil.move(tmp_path / "copy", docs / "lease.txt")
    reconcile(room, law)
    assert room.documents(law)["lease.txt"].id == before
    assert embedded(room) == cost


def test_a_word_about_one_file_where_a_drive_is_not_connected_removes_nothing(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    reconcile(room, law)
    docs.rename(tmp_path / "unplugged")
    docs.mkdir()
    (source,) = room.sources.sources(law.id)
    room.sources._sync(source.id, frozenset({str(docs / "leave.txt")}))
    room.sources._sync(source.id, frozenset({str(docs / "rent.txt")}))
    (source,) = room.sources.sources(law.id)
    assert source.state is SourceState.OFFLINE
    assert names(room, law) == ["empty.txt", "leave.txt", "rent.txt"]


def test_an_emptied_folder_is_empty(room: Room, law: Workspace, docs: Path) -> None:
    for file in docs.iterdir():
        file.unlink()
    reconcile(room, law)
    assert names(room, law) == []
    assert states(room, law) == [SourceState.WATCHING]


def test_a_large_share_that_vanishes_stays_searchable_until_the_person_answers(
    room: Room, tmp_path: Path
) -> None:
    folder = tmp_path / "notes"
    fill(folder)
    workspace = room.workspaces.create("Notes")
    (source,) = room.sources.add(workspace.id, [folder])
    room.ingest.start()
    room.settle()
    for number in range(MANY - 5):
        (folder / f"note {number}.txt").unlink()
    reconcile(room, workspace)
    (asking,) = room.sources.sources(workspace.id)
    assert (asking.state, asking.vanished) == (SourceState.ASKING, MANY - 5)
    assert finds(room, workspace.id, "number7") == ["note 7.txt"]
    assert room.documents(workspace)["note 7.txt"].state is DocumentState.OFFLINE
    (hit,) = room.retrieve.search(workspace.id, "number7", mode=SearchMode.WORDS)
    assert hit.offline
    (folder / "note 7.txt").write_text("Note number7.")
    reconcile(room, workspace)
    assert room.documents(workspace)["note 7.txt"].state is DocumentState.READY
    assert room.sources.confirm_removal(source.id) == MANY - 6
    room.settle()
    assert len(names(room, workspace)) == 6
    assert states(room, workspace) == [SourceState.WATCHING]
    (folder / "note 7.txt").unlink()
    reconcile(room, workspace)
    assert len(names(room, workspace)) == 5


def test_a_folder_that_is_deleted_bit_by_bit_is_asked_about_as_a_whole(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    fill(folder, 100)
    workspace = room.workspaces.create("Notes")
    (source,) = room.sources.add(workspace.id, [folder])
    room.ingest.start()
    room.settle()
    for start in range(0, 100, 20):
        for number in range(start, start + 20):
            (folder / f"note {number}.txt").unlink()
        reconcile(room, workspace)
    (asking,) = room.sources.sources(workspace.id)
    assert asking.vanished == 100
    assert room.sources.keep_vanished(source.id) == 100
    room.settle()
    assert states(room, workspace) == [SourceState.WATCHING]
    assert finds(room, workspace.id, "number7") == ["note 7.txt"]
    assert room.difference().missing == 0


def test_a_file_in_a_folder_linked_within_a_linked_folder_is_one_document(
    room: Room, law: Workspace, docs: Path
) -> None:
    inner = docs / "2024"
    inner.mkdir()
    (inner / "deed.txt").write_text("The deed is signed.")
    reconcile(room, law)
    before, cost = room.documents(law)["deed.txt"].id, embedded(room)
    (source,) = room.sources.add(law.id, [inner])
    reconcile(room, law)
    assert len(room.catalog.documents(law.id)) == 4
    assert room.documents(law)["deed.txt"].source_id == source.id
    assert room.documents(law)["deed.txt"].id == before
    assert finds(room, law.id, "deed") == ["deed.txt"]
    room.sources.remove(source.id)
    reconcile(room, law)
    assert room.documents(law)["deed.txt"].id == before
    assert embedded(room) == cost
    room.sources.restore(source.id)
    reconcile(room, law)
    assert room.documents(law)["deed.txt"].source_id == source.id
    assert len(room.catalog.documents(law.id)) == 4


def test_a_folder_linked_under_another_name_is_not_linked_twice(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    alias = tmp_path / "alias"
    alias.symlink_to(docs)
    (source,) = room.sources.add(law.id, [alias])
    assert source.path == docs
    assert len(room.catalog.documents(law.id)) == 3


def test_links_are_followed_once_and_circles_end(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "deed.txt").write_text("The deed is signed.")
    (outside / "round").symlink_to(outside)
    for name in ("a", "b"):
        (docs / name).symlink_to(outside)
    (docs / "self").symlink_to(docs)
    (docs / "up").symlink_to(docs.parent)
    (docs / "rent again.txt").symlink_to(docs / "rent.txt")
    (docs / "nowhere.txt").symlink_to(docs / "not there")
    (docs / "deed again.txt").symlink_to(outside / "deed.txt")
    reconcile(room, law)
    assert len(room.catalog.documents(law.id)) == 4
    assert room.documents(law)["deed.txt"].path == docs / "a" / "deed.txt"


def test_when_the_followed_one_of_two_links_goes_the_other_is_followed(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "deed.txt").write_text("The deed is signed.")
    first = docs / "a"
    first.mkdir()
    (first / "link").symlink_to(outside)
    (docs / "b").symlink_to(outside)
    reconcile(room, law)
    assert room.documents(law)["deed.txt"].path == first / "link" / "deed.txt"
    first.rename(tmp_path / "away")
    (source,) = room.sources.sources(law.id)
    room.sources._sync(source.id, frozenset({str(first)}))
    assert room.documents(law)["deed.txt"].path == docs / "b" / "deed.txt"


def test_what_a_rule_leaves_out_goes_without_a_question(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    fill(folder)
    workspace = room.workspaces.create("Notes")
    (source,) = room.sources.add(workspace.id, [folder])
    kinds = room.preferences.settings.ignored_kinds
    room.preferences.update(ignored_kinds=with_kinds(kinds, workspace.id, [".txt"]))
    room.sources.reconcile(source.id)
    assert names(room, workspace) == []
    assert states(room, workspace) == [SourceState.WATCHING]


def test_a_folder_that_comes_back_is_heard_on_the_watch_it_had(
    room: Room, law: Workspace, docs: Path
) -> None:
    """Watched anew, what its watch was about to tell, and what happens in between, would be lost."""
    looked = threading.Event()
    room.sources.settled.subscribe(lambda _: looked.set())
    room.sources.start()
    assert looked.wait(10)
    before = room.watcher.callbacks[docs]
    docs.rename(docs.with_name("away"))
    reconcile(room, law)
    assert states(room, law) == [SourceState.OFFLINE]
    docs.with_name("away").rename(docs)
    reconcile(room, law)
    assert states(room, law) == [SourceState.WATCHING]
    assert room.watcher.callbacks[docs] is before


def test_what_happens_behind_a_followed_link_is_taken_over(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (docs / "link").symlink_to(outside)
    looked = threading.Event()
    room.sources.settled.subscribe(lambda _: looked.set())
    room.sources.start()
    assert looked.wait(10)
    assert docs / "link" in room.watcher.callbacks
    (outside / "deed.txt").write_text("The deed is signed.")
    (source,) = room.sources.sources(law.id)
    room.sources._sync(source.id, frozenset({str(docs / "link" / "deed.txt")}))
    room.settle()
    assert finds(room, law.id, "deed") == ["deed.txt"]


def test_a_change_at_one_name_of_a_file_reaches_its_other_names(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "lease.txt").hardlink_to(docs / "rent.txt")
    room.sources.add(law.id, [other])
    room.sources.start()
    reconcile(room, law)
    first, second = room.sources.sources(law.id)
    looked = threading.Event()
    sync = room.sources._sync

    def seen(source_id: SourceId, *rest: object, **more: object) -> object:
        counts = sync(source_id, *rest, **more)  # type: ignore[arg-type]
        if source_id == second.id:
            looked.set()
        return counts

    room.sources._sync = seen  # type: ignore[assignment,method-assign]
    (docs / "rent.txt").write_text("The deposit is due as well.")
    sync(first.id, frozenset({str(docs / "rent.txt")}))
    assert looked.wait(10)
    room.settle()
    assert finds(room, law.id, "deposit") == ["rent.txt", "lease.txt"]


def test_a_change_reaches_the_other_names_though_the_first_is_another_file_by_now(
    room: Room, law: Workspace, docs: Path
) -> None:
    (docs / "lease.txt").hardlink_to(docs / "rent.txt")
    reconcile(room, law)
    (source,) = room.sources.sources(law.id)
    (docs / "rent.txt").write_text("The deposit is due as well.")
    (docs / "new").write_text("Nothing is due.")
    (docs / "new").rename(docs / "rent.txt")
    result = room.sources._reconciler.reconcile(source, frozenset({str(docs / "rent.txt")}))
    assert result.twins == ((source.id, docs / "lease.txt"),)
    room.ingest.wake()
    room.settle()


def test_a_change_at_a_name_that_is_new_reaches_the_ones_that_are_known(
    room: Room, law: Workspace, docs: Path
) -> None:
    (docs / "lease.txt").hardlink_to(docs / "rent.txt")
    (docs / "lease.txt").write_text("The deposit is due as well.")
    (source,) = room.sources.sources(law.id)
    result = room.sources._reconciler.reconcile(source, frozenset({str(docs / "lease.txt")}))
    assert result.twins == ((source.id, docs / "rent.txt"),)
    room.ingest.wake()
    room.settle()


@pytest.mark.parametrize("name", [".rent.txt", ".cache/rent.txt"])
def test_a_change_at_a_name_that_is_left_out_reaches_the_ones_that_are_read(
    room: Room, law: Workspace, docs: Path, name: str
) -> None:
    left_out = docs / name
    left_out.parent.mkdir(exist_ok=True)
    left_out.hardlink_to(docs / "rent.txt")
    left_out.write_text("The deposit is due as well.")
    (source,) = room.sources.sources(law.id)
    result = room.sources._reconciler.reconcile(source, frozenset({str(left_out)}))
    assert result.twins == ((source.id, docs / "rent.txt"),)
    room.ingest.wake()
    room.settle()


def test_names_that_differ_in_their_accents_alone_are_two_files(
    room: Room, law: Workspace, docs: Path
) -> None:
    for form in ("NFC", "NFD"):
        (docs / f"{unicodedata.normalize(form, 'Übergabe')}.txt").write_text(f"Handed over in {form}.")
    (docs / "RENT.txt").write_text("Another one.")
    if len(list(docs.iterdir())) < 6:
        pytest.skip("this disk takes them for the same")
    reconcile(room, law)
    assert len(room.catalog.documents(law.id)) == 6


def test_a_renaming_of_case_alone_moves_the_document(room: Room, law: Workspace, docs: Path) -> None:
    before = room.documents(law)["rent.txt"].id
    (docs / "rent.txt").rename(docs / "Rent.txt")
    (source,) = room.sources.sources(law.id)
    room.sources._sync(source.id, frozenset({str(docs / "rent.txt"), str(docs / "Rent.txt")}))
    assert room.documents(law)["Rent.txt"].id == before
    assert "rent.txt" not in room.documents(law)


def test_files_that_change_places_are_told_apart_without_being_opened(
    room: Room, law: Workspace, docs: Path
) -> None:
    (docs / "leave.txt").write_text("Aaaa.")
    (docs / "rent.txt").write_text("Bbbb.")
    for name in ("leave.txt", "rent.txt"):
        os.utime(docs / name, ns=(10**18, 10**18))
    reconcile(room, law)
    (docs / "leave.txt").rename(docs / "x")
    (docs / "rent.txt").rename(docs / "leave.txt")
    (docs / "x").rename(docs / "rent.txt")
    reconcile(room, law)
    assert finds(room, law.id, "Aaaa") == ["rent.txt"]
    assert finds(room, law.id, "Bbbb") == ["leave.txt"]


def test_a_change_in_the_same_step_of_the_clock_is_read_at_the_next_look(
    room: Room, law: Workspace, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on FAT, whose clock goes on in steps of two seconds."""
    monkeypatch.setattr(read_pump, "is_settled", is_settled)
    now_ns = time.time_ns() // 10**9 * 10**9
    (docs / "rent.txt").write_text("The rent is due on the first.  ")
    os.utime(docs / "rent.txt", ns=(now_ns, now_ns))
    reconcile(room, law)
    (docs / "rent.txt").write_text("The rent is due on the second. ")
    os.utime(docs / "rent.txt", ns=(now_ns, now_ns))
    reconcile(room, law)
    assert finds(room, law.id, "second") == ["rent.txt"]


def test_documents_on_a_drive_within_the_folder_are_kept_while_it_is_away(
    room: Room, law: Workspace, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The drive is another device by its number in the catalog; what is mounted is the system's list."""
    drive = docs / "usb"
    drive.mkdir()
    (drive / "deed.txt").write_text("The deed is signed.")
    reconcile(room, law)
    other = 1234567
    room.catalog._lane.write(
        lambda db: db.execute(
            "UPDATE documents SET device = ? WHERE path = ?", (other, os.fsencode(drive / "deed.txt"))
        )
    )
    monkeypatch.setattr(drives, "_mounted_devices", lambda: {docs.stat().st_dev})
    (drive / "deed.txt").unlink()
    reconcile(room, law)
    document = room.documents(law)["deed.txt"]
    assert (document.state, document.reason) == (
        DocumentState.OFFLINE,
        "The drive it lies on is not connected.",
    )
    assert finds(room, law.id, "deed") == ["deed.txt"]
    monkeypatch.setattr(drives, "_mounted_devices", lambda: {other})
    reconcile(room, law)
    assert "deed.txt" not in room.documents(law)


def test_what_was_removed_is_forgotten_after_thirty_days(
    room: Room, law: Workspace, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (docs / "rent.txt").unlink()
    reconcile(room, law)
    monkeypatch.setattr(sources, "KEEP_REMOVED_S", -1.0)
    assert room.sources.removed(law.id) == []
    room.sources.purge()
    monkeypatch.undo()
    assert room.sources.removed(law.id) == []
    rows = room.catalog._lane.read(lambda db: db.execute("SELECT count(*) FROM documents").fetchone())
    assert rows[0] == 2


def test_a_look_that_does_not_answer_holds_up_no_other_source(
    room: Room, law: Workspace, docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a network share does that is gone."""
    share, stuck = tmp_path / "share", threading.Event()
    share.mkdir()
    room.sources.add(law.id, [share])
    reconcile_ = Reconciler.reconcile
    seen = threading.Event()

    def slow(self: Reconciler, source: object, *rest: object, **more: object) -> object:
        if source.path == share:  # type: ignore[attr-defined]
            stuck.wait(20)
        result = reconcile_(self, source, *rest, **more)  # type: ignore[arg-type]
        if source.path == docs:  # type: ignore[attr-defined]
            seen.set()
        return result

    monkeypatch.setattr(Reconciler, "reconcile", slow)
    room.sources.start()
    try:
        assert seen.wait(10)
    finally:
        stuck.set()


def test_documents_of_a_folder_that_is_away_stay_its_own_when_a_copy_appears_elsewhere(
    room: Room, law: Workspace, docs: Path, tmp_path: Path
) -> None:
    """A file of an unplugged drive is not a file that went."""
    other = tmp_path / "other"
    other.mkdir()
    room.sources.add(law.id, [other])
    docs.rename(tmp_path / "away")
    shutil.copyfile(tmp_path / "away" / "rent.txt", other / "copy.txt")
    reconcile(room, law)
    assert names(room, law) == ["copy.txt", "empty.txt", "leave.txt", "rent.txt"]
    assert room.documents(law)["rent.txt"].state is DocumentState.OFFLINE
    (tmp_path / "away").rename(docs)
    reconcile(room, law)
    assert room.documents(law)["rent.txt"].state is DocumentState.READY


def test_a_file_saved_just_before_it_went_is_current_when_it_is_back_under_another_name(
    tmp_path: Path, docs: Path
) -> None:
    """It was waiting to be read again when it was removed."""
    first = open_room(tmp_path / "data")
    workspace = first.workspaces.create("Law")
    (source,) = first.sources.add(workspace.id, [docs])
    first.ingest.start()
    first.settle()
    first.close()
    room = open_room(tmp_path / "data")
    try:
        os.utime(docs / "rent.txt", (1_000_000_000, 1_000_000_000))
        room.sources.reconcile(source.id)
        (docs / "rent.txt").rename(tmp_path / "aside.txt")
        room.sources.reconcile(source.id)
        (tmp_path / "aside.txt").rename(docs / "lease.txt")
        room.sources.reconcile(source.id)
        room.ingest.start()
        room.settle()
        assert room.documents(workspace)["lease.txt"].state is DocumentState.READY
        assert finds(room, workspace.id, "rent") == ["lease.txt"]
    finally:
        room.close()
