"""A workspace goes to another computer in one file: nothing is lost on the way, nothing embedded again."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes import DIMENSION, FakeEmbedder, FakeReader
from helpers.portable import export, found, import_, seen
from helpers.room import Room, open_room
from helpers.scans import FakeRecogniser, ScanReader, write_scan
from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import NewIndex
from readingroom.core.conversation import Citation, Role, Searched
from readingroom.core.errors import Cancelled, DiskFull, NoSuchWorkspace, UserFixableError
from readingroom.core.extraction import Member
from readingroom.core.models import DocumentState, SearchMode, SourceState, Workspace
from readingroom.core.source_rules import SourceRules


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Room]:
    """Another computer."""
    opened = open_room(tmp_path / "elsewhere")
    opened.ingest.start()
    yield opened
    opened.close()


@pytest.fixture
def workspace(room: Room, docs: Path) -> Workspace:
    (docs / "sub").mkdir()
    (docs / "sub" / "twin.txt").write_text("The rent is due on the first.")
    (docs / "mail.mbox").write_text("The box itself.")
    room.reader.members["mail.mbox"] = (Member("budget", "1 a.eml", 6, "budget"),)
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    talk(room, workspace)
    return workspace


def talk(room: Room, workspace: Workspace) -> None:
    """A thread with an answer that cites whatever is found."""
    passages = room.retrieve.search(workspace.id, "rent due", mode=SearchMode.WORDS)
    thread = room.workspaces.create_thread(workspace.id, "Rent")
    room.catalog.add_message(thread.id, Role.USER, "When is the rent due?")
    room.catalog.add_message(
        thread.id,
        Role.ASSISTANT,
        "On the first [1].",
        model="m1",
        citations=[
            Citation(n, p.document_id, p.path, p.page, p.start, p.end, p.text, located=True)
            for n, p in enumerate(passages[:1], start=1)
        ],
        searched=Searched(4, 4, 1),
        passages=passages,
    )


def test_what_is_imported_is_what_was_exported(
    room: Room, other: Room, workspace: Workspace, tmp_path: Path
) -> None:
    told = export(room, workspace.id, tmp_path / "Law.readingroom")
    imported = import_(other, told.path)
    other.settle()
    assert seen(other, imported.workspace_id) == seen(room, workspace.id)
    for mode in SearchMode:
        assert found(other, imported.workspace_id, "rent due", mode) == found(
            room, workspace.id, "rent due", mode
        )
    assert (told.documents, told.chunks, told.threads) == (
        imported.documents,
        imported.chunks,
        imported.threads,
    )


def test_the_rules_of_its_folders_travel_along(
    room: Room, other: Room, workspace: Workspace, tmp_path: Path
) -> None:
    rules = SourceRules("*.log\n!keep.log", git_ignore=True, max_file_mb=7)
    for source in room.sources.sources(workspace.id):
        room.catalog.set_source_rules(source.id, rules)
    imported = import_(other, export(room, workspace.id, tmp_path / "Law.readingroom").path)
    assert {source.rules for source in other.sources.sources(imported.workspace_id)} == {rules}


def test_nothing_is_embedded_or_read_again(
    room: Room, other: Room, workspace: Workspace, tmp_path: Path
) -> None:
    told = export(room, workspace.id, tmp_path / "Law.readingroom")
    import_(other, told.path)
    other.settle()
    counts = other.ingest.counts()
    assert (counts.embedded, counts.reused) == (0, told.chunks)
    assert not other.embedder.texts
    assert not other.reader.read_paths
    assert other.difference().any is False


def test_its_folders_are_offline_and_searchable_until_they_are_located(
    room: Room, other: Room, workspace: Workspace, tmp_path: Path
) -> None:
    imported = import_(other, export(room, workspace.id, tmp_path / "Law.readingroom").path)
    other.settle()
    (source,) = other.catalog.sources(imported.workspace_id)
    assert source.state is SourceState.OFFLINE
    assert not source.path.exists()
    assert {d.state for d in other.catalog.documents(imported.workspace_id) if d.chunks} == {
        DocumentState.OFFLINE
    }
    assert other.retrieve.search(imported.workspace_id, "rent", mode=SearchMode.WORDS)


def test_the_file_does_not_tell_where_things_lie_on_this_computer(
    room: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    told = export(room, workspace.id, tmp_path / "Law.readingroom")
    shutil.unpack_archive(told.path, tmp_path / "unpacked", "zip")
    for part in (tmp_path / "unpacked").iterdir():
        assert os.fsencode(tmp_path.name) not in part.read_bytes()


def test_other_workspaces_and_what_was_removed_stay_behind(
    room: Room, other: Room, workspace: Workspace, tmp_path: Path
) -> None:
    private = room.workspaces.create("Private")
    (tmp_path / "diary.txt").write_text("A secret.")
    (tmp_path / "notes.txt").write_text("A removed thought.")
    room.sources.add(private.id, [tmp_path / "diary.txt"])
    (removed,) = room.sources.add(workspace.id, [tmp_path / "notes.txt"])
    gone = room.workspaces.create_thread(workspace.id, "A removed thread")
    room.settle()
    room.sources.remove(removed.id)
    room.workspaces.remove_thread(gone.id)
    room.settle()
    told = export(room, workspace.id, tmp_path / "Law.readingroom")
    shutil.unpack_archive(told.path, tmp_path / "unpacked", "zip")
    whole = b"".join(part.read_bytes() for part in (tmp_path / "unpacked").iterdir())
    assert b"secret" not in whole
    assert b"removed" not in whole
    imported = import_(other, told.path)
    assert [w.name for w in other.workspaces.list()] == ["Law"]
    assert [s.path.name for s in other.catalog.sources(imported.workspace_id)] == ["docs"]


def test_a_name_that_is_taken_gets_a_number(room: Room, workspace: Workspace, tmp_path: Path) -> None:
    told = export(room, workspace.id, tmp_path / "Law.readingroom")
    assert import_(room, told.path).name == "Law (2)"
    assert import_(room, told.path, name="  Other\nlaw ").name == "Other law"


def test_what_was_waiting_is_read_once_it_is_there(
    room: Room, other: Room, docs: Path, tmp_path: Path
) -> None:
    """Exported before anything was read."""
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    imported = import_(other, export(room, workspace.id, tmp_path / "Law.readingroom").path)
    other.settle()
    (source,) = other.catalog.sources(imported.workspace_id)
    assert {d.state for d in other.catalog.documents(imported.workspace_id)} == {DocumentState.QUEUED}
    other.sources.relink(source.id, docs)
    other.settle()
    assert other.retrieve.search(imported.workspace_id, "rent", mode=SearchMode.WORDS)


def test_a_citation_of_a_document_that_is_gone_keeps_its_name(
    room: Room, other: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    (thread,) = room.catalog.threads(workspace.id)
    (cited,) = room.catalog.messages(thread.id)[1].citations
    cited.path.unlink()
    (source,) = room.catalog.sources(workspace.id)
    room.sources.reconcile(source.id)
    room.settle()
    imported = import_(other, export(room, workspace.id, tmp_path / "Law.readingroom").path)
    (thread,) = other.catalog.threads(imported.workspace_id)
    (there,) = other.catalog.messages(thread.id)[1].citations
    assert (there.document_id, there.path.name, there.quote) == (None, cited.path.name, cited.quote)


def test_recognised_text_is_not_recognised_again(tmp_path: Path) -> None:
    recogniser, idle = FakeRecogniser(), FakeRecogniser()
    room = open_room(tmp_path / "data", ScanReader(), recogniser=recogniser)
    other = open_room(tmp_path / "elsewhere", ScanReader(), recogniser=idle)
    try:
        docs = tmp_path / "docs"
        docs.mkdir()
        write_scan(docs / "lease.pdf", "", "")
        recogniser.texts = {1: "The lessee pays quarterly.", 2: "Signed in March."}
        workspace = room.workspaces.create("Scans")
        room.sources.add(workspace.id, [docs])
        room.ingest.start()
        room.settle()
        imported = import_(other, export(room, workspace.id, tmp_path / "s.readingroom").path)
        other.ingest.start()
        (source,) = other.catalog.sources(imported.workspace_id)
        other.sources.relink(source.id, docs)
        other.settle()
        assert seen(other, imported.workspace_id)["pages"] == seen(room, workspace.id)["pages"]
        assert not idle.asked
    finally:
        room.close()
        other.close()


def test_without_the_embedding_model_words_still_find(
    room: Room, other: Room, docs: Path, tmp_path: Path
) -> None:
    workspace = room.catalog.create_workspace("Law", NewIndex("absent", DIMENSION, "md1-126"))
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    imported = import_(other, export(room, workspace.id, tmp_path / "Law.readingroom").path)
    other.settle()
    assert imported.model_missing
    assert other.retrieve.search(imported.workspace_id, "rent", mode=SearchMode.WORDS)


def test_stopping_an_export_leaves_no_file(room: Room, workspace: Workspace, tmp_path: Path) -> None:
    target = tmp_path / "out" / "Law.readingroom"
    target.parent.mkdir()
    token = CancelToken()
    work = room.portability.export(workspace.id, target, cancel=token)
    next(work)
    token.cancel()
    with pytest.raises(Cancelled):
        list(work)
    assert not list(target.parent.iterdir())


def test_stopping_an_import_leaves_no_workspace(
    room: Room, other: Room, workspace: Workspace, tmp_path: Path
) -> None:
    told = export(room, workspace.id, tmp_path / "Law.readingroom")
    token = CancelToken()
    work = other.portability.import_(told.path, cancel=token)
    next(work)
    token.cancel()
    with pytest.raises(Cancelled):
        list(work)
    assert not other.workspaces.list()
    assert other.catalog.unfinished_imports() == []
    assert count(other, "documents") == count(other, "chunks") == count(other, "workspaces") == 0


def count(room: Room, table: str) -> int:
    return int(room.catalog._lane.read(lambda db: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]))


def test_an_existing_file_survives_a_failed_export(
    room: Room, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "Law.readingroom"
    target.parent.mkdir()
    target.write_text("Last week's.")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("readingroom.services.portable_file.os.fsync", full)
    with pytest.raises(DiskFull, match="no room"):
        export(room, workspace.id, target)
    assert [(path.name, path.read_text()) for path in target.parent.iterdir()] == [
        ("Law.readingroom", "Last week's.")
    ]


def test_a_place_that_cannot_be_written_is_said(room: Room, workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UserFixableError, match="cannot be written"):
        export(room, workspace.id, tmp_path / "nowhere" / "Law.readingroom")


def test_a_removed_workspace_is_not_exported(room: Room, workspace: Workspace, tmp_path: Path) -> None:
    room.workspaces.remove(workspace.id)
    with pytest.raises(NoSuchWorkspace):
        export(room, workspace.id, tmp_path / "Law.readingroom")


def test_an_import_needs_room_and_says_so(
    room: Room, other: Room, workspace: Workspace, tmp_path: Path
) -> None:
    told = export(room, workspace.id, tmp_path / "Law.readingroom")
    other.disk.free = 1000
    with pytest.raises(DiskFull, match="are free"):
        import_(other, told.path)
    assert not other.workspaces.list()


def test_names_that_are_no_text_survive(room: Room, other: Room, docs: Path, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(docs) + b"/caf\xe9 100%.txt"))
    odd.write_text("An odd name.")
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    imported = import_(other, export(room, workspace.id, tmp_path / "Law.readingroom").path)
    assert odd.name in {d.path.name for d in other.catalog.documents(imported.workspace_id)}


def test_other_workspaces_are_indexed_meanwhile(
    room: Room, other: Room, workspace: Workspace, docs: Path, tmp_path: Path
) -> None:
    """An import begun, then held: whatever else is to be done is done."""
    told = export(room, workspace.id, tmp_path / "Law.readingroom")
    work = other.portability.import_(told.path, cancel=CancelToken())
    next(work)
    mine = other.workspaces.create("Mine")
    other.sources.add(mine.id, [docs])
    other.settle()
    assert other.retrieve.search(mine.id, "rent", mode=SearchMode.WORDS)
    assert [w.name for w in other.workspaces.list()] == ["Mine"]
    list(work)
    other.settle()
    assert {w.name for w in other.workspaces.list()} == {"Mine", "Law"}


NAMES = st.text(
    st.characters(exclude_characters="/\0.~", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8
)
TREES = st.dictionaries(
    st.lists(NAMES, min_size=1, max_size=3).map(tuple),
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40), max_size=4).map(
        "\n\n".join
    ),
    max_size=6,
)


@given(trees=st.lists(TREES, min_size=1, max_size=3))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_workspace_comes_out_as_it_went_in(trees: list[dict[tuple[str, ...], str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        room = open_room(top / "here", FakeReader(), FakeEmbedder())
        other = open_room(top / "there", FakeReader(), FakeEmbedder())
        try:
            workspace = room.workspaces.create("Any")
            for number, tree in enumerate(trees):
                folder = top / "folders" / str(number)
                folder.mkdir(parents=True)
                for names, text in tree.items():
                    path = folder.joinpath(*(f"{part}d" for part in names[:-1]), f"{names[-1]}.txt")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
                room.sources.add(workspace.id, [folder])
            room.ingest.start()
            other.ingest.start()
            room.settle()
            talk(room, workspace)
            imported = import_(other, export(room, workspace.id, top / "any.readingroom").path)
            other.settle()
            assert seen(other, imported.workspace_id) == seen(room, workspace.id)
            assert other.ingest.counts().embedded == 0
            again = export(other, imported.workspace_id, top / "again.readingroom")
            assert again.documents == sum(map(len, trees))
        finally:
            room.close()
            other.close()
