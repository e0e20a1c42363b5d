"""The catalog names the places of passages and citations, and keeps those names with an answer."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from readingroom.core.conversation import Citation, Role
from readingroom.core.extraction import ExtractedDocument, Member, Page, Table
from readingroom.core.ids import DocumentId
from readingroom.core.models import Document, Passage
from readingroom.core.places import Place, place_in
from readingroom.core.sync_plan import FileStamp, FoundFile, SyncPlan
from readingroom.storage import migrations
from readingroom.storage.catalog import SqliteCatalog

LETTER = Path("/docs/letter.eml")
ROWS = "Month | Town\n" + "".join(f"Month {n} | Röme 😀\n" for n in range(2, 3000))


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    opened = SqliteCatalog(tmp_path / "catalog.sqlite", tmp_path / "backups")
    yield opened
    opened.close()


def keep(catalog: SqliteCatalog, path: Path, document: ExtractedDocument) -> Document:
    """Store what was read of a file."""
    workspace = next(iter(catalog.workspaces()), None) or catalog.create_workspace("Law")
    index = catalog.active_index(workspace.id) or catalog.create_index(workspace.id, "m", 8, "c", active=True)
    source = catalog.add_source(workspace.id, Path("/docs"), is_folder=True, watch=True)
    catalog.apply_plan(source.id, SyncPlan(added=(FoundFile(path, FileStamp(1, 1)),)))
    kept = catalog.find_document(workspace.id, path)
    assert kept is not None
    catalog.claim_next()
    catalog.store_read(
        kept.id, index.id, extracted=document, chunks=(), content_hash="h", size_bytes=1, modified_at_ns=1
    )
    return kept


def places(catalog: SqliteCatalog, document: Document, *spans: tuple[int, int]) -> Sequence[Place]:
    return catalog.places([(document.id, start, end) for start, end in spans])


def test_rows_far_down_a_sheet_are_named_as_in_the_file(catalog: SqliteCatalog) -> None:
    head = Page(1, 0, "Nothing.\n", "Notes")
    start = len(head.text)
    sheet = Page(2, start, ROWS, "Sales")
    table = Table(
        start, start + len(ROWS), "Month | Town", ((start, 1), (start + ROWS.index("Month 9 "), 20))
    )
    read = ExtractedDocument("xlsx", (head, sheet), tables=(table,))
    document = keep(catalog, Path("/docs/a.xlsx"), read)
    at = start + ROWS.index("Month 2500 ")
    spans = ((at, at + 4), (at, at + 40), (start, start + 5), (0, 3))
    words = [place.words for place in places(catalog, document, *spans)]
    assert words == [
        "sheet Sales, row 2511",
        "sheet Sales, rows 2511–2512",
        "sheet Sales, row 1",
        "sheet Notes",
    ]
    assert words == [place_in(read, *span) for span in spans], "the viewer names them alike"


def test_lines_of_a_text_in_several_pieces_are_counted_through(catalog: SqliteCatalog) -> None:
    pages = (Page(None, 0, "öne\ntwo\n"), Page(None, 8, "three\nfour\n"))
    document = keep(catalog, Path("/docs/a.py"), ExtractedDocument("code", pages))
    assert places(catalog, document, (14, 18), (4, 5), (0, 1)) == [
        Place("line 4"), Place("line 2"), Place("line 1"),
    ]  # fmt: skip


def test_the_time_of_what_is_said_is_found_without_the_rest(catalog: SqliteCatalog) -> None:
    text = "".join(f"[00:{n // 60:02}:{n % 60:02}] Said {n}.\n" for n in range(600))
    read = ExtractedDocument("subtitles", (Page(None, 0, text),))
    document = keep(catalog, Path("/docs/a.vtt"), read)
    for words in ("Said 431.", "[00:09:59] Said"):
        at = text.index(words)
        (place,) = places(catalog, document, (at, at + 4))
        assert (
            place.words == place_in(read, at, at + 4) == ("at 00:07:11" if "431" in words else "at 00:09:59")
        )


def test_a_member_says_what_it_is_part_of_and_a_container_what_is_in_it(catalog: SqliteCatalog) -> None:
    members = (Member("1", "report.pdf", 5, "x"), Member("2", "photo.png", 5, "y"))
    letter = keep(catalog, LETTER, ExtractedDocument("eml", (Page(None, 0, "Dear all"),), members=members))
    inside = catalog.members(letter.id)
    assert [member.path.name for member in inside] == ["photo.png", "report.pdf"]
    assert catalog.members(inside[0].id) == []
    assert places(catalog, inside[1], (0, 1)) == [Place("", "letter.eml")]
    assert places(catalog, letter, (0, 1)) == [Place()]


def test_a_document_that_is_gone_has_no_place(catalog: SqliteCatalog) -> None:
    document = keep(catalog, Path("/docs/a.py"), ExtractedDocument("code", (Page(None, 0, "one\n"),)))
    asked = [(DocumentId(999), 0, 1), (document.id, 0, 1), (DocumentId(999), 5, 6)]
    assert catalog.places(asked) == [Place(), Place("line 1"), Place()]


def test_an_answer_keeps_the_places_of_its_citations_and_passages(catalog: SqliteCatalog) -> None:
    document = keep(catalog, Path("/docs/a.py"), ExtractedDocument("code", (Page(None, 0, "one\n"),)))
    broken = os.fsdecode(b"letter \xff.eml")
    citation = Citation(
        1,
        document.id,
        document.path,
        None,
        0,
        3,
        "one",
        located=True,
        place="sheet A, row 7",
        container=broken,
    )
    passage = Passage(
        1, 1.0, None, document.id, document.path, None, 0, 3, "one", (), (), "", "row 7", broken
    )
    thread = catalog.create_thread(document.workspace_id, "")
    catalog.add_message(thread.id, Role.ASSISTANT, "One [1].", citations=[citation], passages=[passage])
    (kept,) = catalog.messages(thread.id)
    assert kept.citations == (replace(citation, container="letter ?.eml"),)
    assert kept.passages == (passage,)


def test_an_answer_of_an_older_program_is_still_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, backups = tmp_path / "catalog.sqlite", tmp_path / "backups"
    monkeypatch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:2])
    passage = (
        '[{"rank": 1, "score": 1.0, "similarity": null, "document_id": 1, "path": "/d/a.pdf", "page": 3, "start": 0,'
        ' "end": 3, "text": "one", "locations": [{"page": 3, "start": 0, "end": 3}], "heading": ["T"]}]'
    )
    with sqlite3.connect(path) as old:
        migrations.migrate(old, path, backups)
        old.executescript(
            "INSERT INTO workspaces VALUES (1, 'Law', NULL, 0, NULL);"
            "INSERT INTO threads VALUES (1, 1, 'T', 0, NULL);"
            "INSERT INTO messages (id, thread_id, role, text, created_at, passages)"
            f" VALUES (1, 1, 'assistant', 'One [1].', 0, '{passage}');"
            "INSERT INTO citations VALUES (1, 1, NULL, x'2f642f61', 3, 0, 3, 'one', 1);"
        )
    old.close()
    monkeypatch.undo()
    catalog = SqliteCatalog(path, backups)
    (thread,) = catalog.threads(catalog.workspaces()[0].id)
    (kept,) = catalog.messages(thread.id)
    assert (kept.citations[0].place, kept.citations[0].page) == ("", 3)
    assert (kept.passages[0].place, kept.passages[0].heading) == ("", ("T",))
    catalog.close()
