"""The catalog on a real SQLite file."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fakes import chunk, extracted
from readingroom.core.conversation import Citation, Role, Searched, Support
from readingroom.core.errors import CatalogDamaged, WorkspaceNameTaken
from readingroom.core.extraction import ExtractedDocument, Heading, Page, PlacedWord, Table
from readingroom.core.ids import ChunkId, DocumentId, ThreadId
from readingroom.core.models import Document, DocumentState, Index, Source, SourceState
from readingroom.core.sync_plan import UNREAD_SIZE, FileStamp, FoundFile, SyncPlan
from readingroom.storage import migrations
from readingroom.storage.catalog import SqliteCatalog
from readingroom.storage.embedding_cache import SqliteEmbeddingCache


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    opened = SqliteCatalog(tmp_path / "catalog.sqlite", tmp_path / "backups")
    yield opened
    opened.close()


@pytest.fixture
def source(catalog: SqliteCatalog) -> Source:
    workspace = catalog.create_workspace("Law")
    catalog.create_index(workspace.id, "m", 8, "c", active=True)
    return catalog.add_source(workspace.id, Path("/docs"), is_folder=True, watch=True)


def found(name: str, size: int = 1, time: int = 1) -> FoundFile:
    return FoundFile(Path("/docs") / name, FileStamp(size, time))


def queue(catalog: SqliteCatalog, source: Source, *names: str) -> list[Document]:
    catalog.apply_plan(source.id, SyncPlan(added=tuple(found(name) for name in names)))
    return [d for d in catalog.documents(source.workspace_id) if d.path.name in names]


def index_of(catalog: SqliteCatalog, source: Source) -> Index:
    index = catalog.active_index(source.workspace_id)
    assert index is not None
    return index


def read(catalog: SqliteCatalog, source: Source, document: Document, *texts: str) -> list[ChunkId]:
    index = index_of(catalog, source)
    catalog.store_read(
        document.id, index.id, extracted=extracted("\n\n".join(texts)), content_hash="h", size_bytes=1,
        modified_at_ns=1, chunks=[chunk(text, n) for n, text in enumerate(texts)],
    )  # fmt: skip
    return [stored.id for stored in catalog.chunks_of(index.id, document.id)]


def state(catalog: SqliteCatalog, document: Document) -> DocumentState:
    now = catalog.document(document.id)
    assert now is not None
    return now.state


def test_a_file_renamed_while_it_was_to_be_read_is_read_under_its_new_name(
    catalog: SqliteCatalog, source: Source
) -> None:
    (document,) = queue(catalog, source, "old.txt")
    assert catalog.claim_next() is not None
    catalog.store_failure(document.id, DocumentState.FAILED, "It vanished.", size_bytes=UNREAD_SIZE)
    # Compared with the disk before the failure was noted.
    catalog.apply_plan(source.id, SyncPlan(moved=((document.id, found("new.txt")),)))
    assert state(catalog, document) is DocumentState.QUEUED
    claimed = catalog.claim_next()
    assert claimed is not None
    assert claimed.path == Path("/docs/new.txt")


def test_a_file_moved_while_it_was_read_anew_is_read_at_its_new_place_though_it_was_gone_in_between(
    catalog: SqliteCatalog, source: Source
) -> None:
    (document,) = queue(catalog, source, "old.txt")
    read(catalog, source, document, "before")
    catalog.apply_plan(source.id, SyncPlan(changed=((document.id, found("old.txt")),)))
    assert catalog.claim_next() is not None
    catalog.apply_plan(source.id, SyncPlan(removed=(document.id,)))
    other = catalog.add_source(source.workspace_id, Path("/other"), is_folder=True, watch=True)
    catalog.apply_plan(other.id, SyncPlan(moved=((document.id, found("new.txt")),)))
    # The reader, which looked for it under its former name, comes last.
    catalog.store_failure(
        document.id, DocumentState.FAILED, "It vanished.", size_bytes=UNREAD_SIZE, keep_text=True
    )
    assert state(catalog, document) is DocumentState.QUEUED
    claimed = catalog.claim_next()
    assert claimed is not None
    assert claimed.path == Path("/docs/new.txt")


def test_a_workspace_counts_the_documents_that_cannot_be_asked_about(
    catalog: SqliteCatalog, source: Source
) -> None:
    empty, kept, locked, _waiting = queue(
        catalog, source, "empty.png", "kept.txt", "locked.pdf", "waiting.txt"
    )
    while catalog.claim_next():
        pass
    read(catalog, source, kept, "What was read before.")
    catalog.store_failure(locked.id, DocumentState.ENCRYPTED, "It has a password.", size_bytes=1)
    catalog.store_failure(empty.id, DocumentState.NO_TEXT, "No text.", size_bytes=1)
    catalog.store_failure(kept.id, DocumentState.FAILED, "It was cut short.", size_bytes=1, keep_text=True)

    def counted() -> tuple[int, int, int]:
        (workspace,) = [known for known in catalog.workspaces() if known.id == source.workspace_id]
        return workspace.documents, workspace.unread, workspace.readable

    assert counted() == (4, 2, 2)
    pictures = "INSERT INTO recognition (document_id, pages, done, owed) VALUES (?, 3, 1, 0)"
    catalog._lane.write(lambda db: db.execute(pictures, (empty.id,)))
    assert counted() == (4, 1, 3), "its text is still to be recognised"


def test_a_document_goes_from_queued_to_ready(catalog: SqliteCatalog, source: Source) -> None:
    (document,) = queue(catalog, source, "a.txt")
    assert document.state is DocumentState.QUEUED
    claimed = catalog.claim_next()
    assert claimed is not None
    assert state(catalog, document) is DocumentState.INDEXING
    ids = read(catalog, source, document, "one", "two")
    assert catalog.next_words_job() is not None
    index = index_of(catalog, source)
    catalog.words_written(index.id, document.id, ids[-1])
    assert state(catalog, document) is DocumentState.WORDS
    waiting = catalog.chunks_to_embed(10)
    assert waiting is not None
    assert [stored.id for stored in waiting[1]] == ids
    assert catalog.chunks_embedded(index.id, ids[:1]) == []
    assert catalog.chunks_embedded(index.id, ids[1:]) == [document.id]
    assert state(catalog, document) is DocumentState.READY
    assert catalog.pending_work() == 0
    assert catalog.chunk_counts(source.workspace_id) == (1, 2)


def test_a_document_that_waits_in_no_queue_is_queued_at_the_start(
    catalog: SqliteCatalog, source: Source
) -> None:
    queue(catalog, source, "a.txt")
    catalog._lane.write(lambda db: db.execute("DELETE FROM queue"))
    assert catalog.claim_next() is None
    catalog.release_claims()
    assert catalog.claim_next() is not None


def test_documents_are_read_in_the_order_they_came(catalog: SqliteCatalog, source: Source) -> None:
    queue(catalog, source, "z.txt")
    queue(catalog, source, "a.txt")
    first, second = catalog.claim_next(), catalog.claim_next()
    assert first is not None
    assert second is not None
    assert [first.path.name, second.path.name] == ["z.txt", "a.txt"]
    assert catalog.claim_next() is None


def test_what_was_being_read_at_a_sudden_end_is_queued_again(catalog: SqliteCatalog, source: Source) -> None:
    (document,) = queue(catalog, source, "a.txt")
    catalog.claim_next()
    assert catalog.claim_next() is None
    assert catalog.release_claims() == 1
    assert state(catalog, document) is DocumentState.QUEUED
    assert catalog.claim_next() is not None


def test_a_file_that_changes_while_it_is_read_is_read_again(catalog: SqliteCatalog, source: Source) -> None:
    (document,) = queue(catalog, source, "a.txt")
    catalog.claim_next()
    catalog.apply_plan(source.id, SyncPlan(changed=((document.id, found("a.txt", 2, 2)),)))
    read(catalog, source, document, "old")
    assert state(catalog, document) is DocumentState.QUEUED
    assert catalog.claim_next() is not None


def test_reading_again_makes_the_former_points_stale_and_never_uses_their_ids_again(
    catalog: SqliteCatalog, source: Source
) -> None:
    (document,) = queue(catalog, source, "a.txt")
    before = read(catalog, source, document, "one", "two")
    after = read(catalog, source, document, "one", "three")
    assert not set(before) & set(after)
    (stale,) = catalog.stale_points(100)
    assert sorted(stale[1]) == before
    catalog.stale_points_deleted(stale[0].id, stale[1])
    assert catalog.stale_points(100) == []


def test_a_point_written_after_its_chunk_went_is_deleted_again(
    catalog: SqliteCatalog, source: Source
) -> None:
    (document,) = queue(catalog, source, "a.txt")
    ids = read(catalog, source, document, "one")
    index = index_of(catalog, source)
    catalog.apply_plan(source.id, SyncPlan(removed=(document.id,)))
    catalog.stale_points_deleted(index.id, ids)
    assert catalog.chunks_embedded(index.id, ids) == []
    assert [list(stale) for _, stale in catalog.stale_points(10)] == [ids]


def test_a_document_without_text_says_so(catalog: SqliteCatalog, source: Source) -> None:
    (document,) = queue(catalog, source, "scan.pdf")
    catalog.claim_next()
    read(catalog, source, document)
    now = catalog.document(document.id)
    assert now is not None
    assert now.state is DocumentState.NO_TEXT
    assert now.reason
    assert catalog.pending_work() == 0


def test_two_files_may_change_places(catalog: SqliteCatalog, source: Source) -> None:
    a, b = queue(catalog, source, "a.txt", "b.txt")
    catalog.apply_plan(source.id, SyncPlan(moved=((a.id, found("b.txt")), (b.id, found("a.txt")))))
    paths = {d.id: d.path.name for d in catalog.documents(source.workspace_id)}
    assert paths == {a.id: "b.txt", b.id: "a.txt"}


def test_a_removed_source_can_be_brought_back_without_reading_it_again(
    catalog: SqliteCatalog, source: Source
) -> None:
    (document,) = queue(catalog, source, "a.txt")
    catalog.claim_next()
    ids = read(catalog, source, document, "one")
    index = index_of(catalog, source)
    catalog.words_written(index.id, document.id, ids[-1])
    catalog.chunks_embedded(index.id, ids)
    catalog.set_source_removed(source.id, removed=True)
    assert catalog.documents(source.workspace_id) == []
    assert catalog.passages(ids) == {}
    assert [list(stale) for _, stale in catalog.stale_points(10)] == [ids]
    catalog.set_source_removed(source.id, removed=False)
    assert catalog.stale_points(10) == []
    job = catalog.next_words_job()
    assert job is not None
    assert job.document_id == document.id
    assert catalog.claim_next() is None


def test_an_offline_source_keeps_its_documents_and_shows_it(catalog: SqliteCatalog, source: Source) -> None:
    (document,) = queue(catalog, source, "a.txt")
    catalog.claim_next()
    ids = read(catalog, source, document, "one")
    index = index_of(catalog, source)
    catalog.words_written(index.id, document.id, ids[-1])
    _, _, revision = catalog.documents_since(source.workspace_id, 0)
    catalog.set_source_state(source.id, SourceState.OFFLINE)
    changed, _, _ = catalog.documents_since(source.workspace_id, revision)
    assert [d.state for d in changed] == [DocumentState.OFFLINE]
    assert set(catalog.passages(ids)) == set(ids)


def test_changes_are_told_by_revision(catalog: SqliteCatalog, source: Source) -> None:
    a, b = queue(catalog, source, "a.txt", "b.txt")
    _, ids, revision = catalog.documents_since(source.workspace_id, 0)
    assert ids == {a.id, b.id}
    catalog.claim_next()
    changed, _, later = catalog.documents_since(source.workspace_id, revision)
    assert [d.id for d in changed] == [a.id]
    assert catalog.documents_since(source.workspace_id, later)[0] == []


def test_a_name_that_is_not_valid_unicode_is_kept_to_the_byte(catalog: SqliteCatalog, source: Source) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (document,) = queue(catalog, source, name)
    assert os.fsencode(document.path) == b"/docs/caf\xe9.txt"
    assert catalog.find_document(source.workspace_id, document.path) == document


def test_names_of_workspaces_differ_by_more_than_case(catalog: SqliteCatalog) -> None:
    first = catalog.create_workspace("Größe")
    with pytest.raises(WorkspaceNameTaken):
        catalog.create_workspace("GRÖSSE")
    catalog.set_workspace_removed(first.id, removed=True)
    catalog.create_workspace("größe")
    catalog.set_workspace_removed(first.id, removed=False)
    assert sorted(w.name for w in catalog.workspaces()) == ["Größe (2)", "größe"]


def test_an_answer_keeps_its_citations_when_the_document_goes(catalog: SqliteCatalog, source: Source) -> None:
    (document,) = queue(catalog, source, "a.txt")
    thread = catalog.create_thread(source.workspace_id, "")
    citation = Citation(1, document.id, document.path, 3, 10, 20, "ten words", True)
    kept = catalog.add_message(
        thread.id, Role.ASSISTANT, "Yes [1].", model="m", citations=[citation], searched=Searched(1, 2, 1)
    )
    assert kept.citations == (citation,)
    catalog.apply_plan(source.id, SyncPlan(removed=(document.id,)))
    (message,) = catalog.messages(thread.id)
    assert message.citations[0].document_id is None
    assert message.citations[0].quote == "ten words"


def test_a_failed_write_leaves_nothing_behind(catalog: SqliteCatalog, source: Source) -> None:
    (document,) = queue(catalog, source, "a.txt")
    read(catalog, source, document, "one")
    broken = [chunk("two"), chunk("\ud800")]  # no database keeps a lone surrogate
    with pytest.raises(UnicodeEncodeError):
        catalog.store_read(
            document.id, index_of(catalog, source).id, extracted=extracted("two"), chunks=broken,
            content_hash="x", size_bytes=1, modified_at_ns=1,
        )  # fmt: skip
    assert "".join(page.text for page in catalog.pages(document.id)) == "one"
    assert len(catalog.chunks_of(index_of(catalog, source).id, document.id)) == 1


def test_a_copy_is_kept_before_a_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, backups = tmp_path / "catalog.sqlite", tmp_path / "backups"
    catalog = SqliteCatalog(path, backups)
    catalog.create_workspace("Law")
    catalog.close()
    monkeypatch.setattr(
        migrations, "MIGRATIONS", (*migrations.MIGRATIONS, "CREATE TABLE later (id INTEGER);")
    )
    SqliteCatalog(path, backups).close()
    (backup,) = backups.iterdir()
    with sqlite3.connect(backup) as copy:
        assert copy.execute("SELECT name FROM workspaces").fetchall() == [("Law",)]
        assert copy.execute("PRAGMA user_version").fetchone() == (len(migrations.MIGRATIONS) - 1,)
    copy.close()


def test_what_an_older_program_read_stays_and_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, backups = tmp_path / "catalog.sqlite", tmp_path / "backups"
    monkeypatch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:2])
    with sqlite3.connect(path) as old:
        migrations.migrate(old, path, backups)
        old.executescript(
            "INSERT INTO workspaces VALUES (1, 'Law', NULL, 0, NULL);"
            "INSERT INTO indexes VALUES (1, 1, 'm', 8, 'c', 1, 0);"
            "INSERT INTO sources VALUES (1, 1, x'2f64', 1, 1, 'watching', NULL, NULL);"
            "INSERT INTO documents (id, source_id, path, state, size_bytes, modified_at_ns, content_hash, revision)"
            " VALUES (1, 1, x'2f642f61', 'ready', 1, 1, 'h', 1), (2, 1, x'2f642f62', 'unsupported', 1, 1, NULL, 2);"
            "INSERT INTO pages VALUES (1, 0, 7, 0, 3, 'one');"
        )
    old.close()
    monkeypatch.undo()
    catalog = SqliteCatalog(path, backups)
    assert catalog.pages(DocumentId(1)) == [Page(7, 0, "one")]
    queued = [catalog.claim_next(), catalog.claim_next()]
    assert [document and (document.id, document.content_hash) for document in queued] == [
        (1, None),
        (2, None),
    ]
    catalog.close()


def test_citations_that_an_older_program_kept_stay_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, backups = tmp_path / "catalog.sqlite", tmp_path / "backups"
    monkeypatch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:13])
    with sqlite3.connect(path) as old:
        migrations.migrate(old, path, backups)
        old.executescript(
            "INSERT INTO workspaces (id, name, created_at) VALUES (1, 'Law', 0);"
            "INSERT INTO threads (id, workspace_id, title, updated_at) VALUES (1, 1, 'T', 0);"
            "INSERT INTO messages (id, thread_id, role, text, created_at, passages) VALUES (1, 1, 'assistant', 'A', 0, '[]');"
            "INSERT INTO citations VALUES"
            " (1, 2, 5, 9, NULL, x'2f642f61', 3, 10, 14, 'said', 1, 'page 3', 'b.zip', 'close', 0, 'h');"
        )
    old.close()
    monkeypatch.undo()
    catalog = SqliteCatalog(path, backups)
    (message,) = catalog.messages(ThreadId(1))
    assert message.citations == (
        Citation(
            2, None, Path("/d/a"), 3, 10, 14, "said", located=True, place="page 3", container="b.zip", claim_start=5,
            claim_end=9, support=Support.CLOSE, content_hash="h",
        ),
    )  # fmt: skip
    catalog.close()


def test_a_page_keeps_its_label_and_where_its_words_stand(catalog: SqliteCatalog, source: Source) -> None:
    (document,) = queue(catalog, source, "a.xlsx")
    word = PlacedWord(0, 3, (1.0, 2.5, 3.0, 4.0), 7)
    table = Table(4, 9, "a | b", ((4, 1), (7, 12)))
    pages = (Page(1, 0, "one\n", "Sales", (word,), pictured=True), Page(2, 4, "a | b\n"))
    extracted = ExtractedDocument("xlsx", pages, (Heading(1, "T", 0),), "Title", ("Note.",), (table,))
    catalog.claim_next()
    catalog.store_read(
        document.id, index_of(catalog, source).id, extracted=extracted, chunks=(), content_hash="h",
        size_bytes=1, modified_at_ns=1, read_seconds=0.5,
    )  # fmt: skip
    assert catalog.extracted(document.id) == extracted
    kept = catalog.document(document.id)
    assert kept is not None
    assert (kept.pages, kept.pages_without_text, kept.words) == (2, 1, 4)
    assert (kept.title, kept.read_seconds) == ("Title", 0.5)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, backups = tmp_path / "catalog.sqlite", tmp_path / "backups"
    SqliteCatalog(path, backups).close()
    broken = "CREATE TABLE half (id INTEGER); SELECT nonsense;"
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))
        with pytest.raises(sqlite3.OperationalError):
            SqliteCatalog(path, backups)
    catalog = SqliteCatalog(path, backups)
    assert catalog.integrity() == "ok"
    catalog.close()


def test_a_catalog_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 999")
    newer.close()
    with pytest.raises(CatalogDamaged, match="newer"):
        SqliteCatalog(path, tmp_path / "backups")


def test_a_file_that_is_no_catalog_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(CatalogDamaged):
        SqliteCatalog(path, tmp_path / "backups")


def test_an_embedding_is_known_by_what_its_model_was_told(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.sqlite"
    named = {"e5": "e5\npassage: "}
    embedding = np.ones(4, dtype=np.float32)
    for known in (False, True):
        told = named if known else {}
        cache = SqliteEmbeddingCache(path, lambda model, told=told: told.get(model, model))  # type: ignore[misc]
        if known:
            assert cache.get("e5", ["h"]) == {}, "that one was made without the words"
        cache.put("e5", [("h", embedding)])
        cache.put("plain", [("h", embedding)])
        assert list(cache.get("e5", ["h"])) == list(cache.get("plain", ["h"])) == ["h"]
        cache.close()


def test_an_embedding_comes_back_to_the_bit_and_a_damaged_cache_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "embeddings.sqlite"
    embedding = np.array([0, 1, 2, 1 / 3], dtype=np.float32)
    cache = SqliteEmbeddingCache(path)
    cache.put("m", [("h", embedding)])
    assert np.array_equal(cache.get("m", ["h", "other"])["h"], embedding)
    assert cache.get("another model", ["h"]) == {}
    cache.close()
    path.write_bytes(b"garbage" * 1000)
    cache = SqliteEmbeddingCache(path)
    assert cache.get("m", ["h"]) == {}
    cache.close()
