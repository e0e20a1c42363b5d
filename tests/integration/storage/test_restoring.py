"""A catalog that is damaged, and what takes its place."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import NewIndex
from readingroom.core.conversation import Role
from readingroom.core.copies import INDEXES_DOUBTED, CopyKind
from readingroom.core.embedding_forms import Precision
from readingroom.core.errors import CatalogDamaged, CatalogLost, CatalogTooNew
from readingroom.storage.backups import SqliteBackups
from readingroom.storage.catalog import SqliteCatalog
from readingroom.storage.restoring import (
    begin_anew,
    finish_interrupted,
    forget_restoration,
    last_restoration,
    open_catalog,
)

INDEX = NewIndex("model", 4, "cut")


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    found = DataPaths(tmp_path)
    found.create()
    return found


def make(paths: DataPaths, *names: str) -> None:
    """Workspaces of these names, each with a thread."""
    catalog = SqliteCatalog(paths.catalog, paths.backups)
    for name in names:
        workspace = catalog.create_workspace(name, INDEX)
        thread = catalog.create_thread(workspace.id, f"About {name}")
        catalog.add_message(thread.id, Role.USER, f"What of {name}?")
    catalog.close()


def back_up(paths: DataPaths) -> Path:
    return SqliteBackups(paths.catalog, paths.backups).make(CancelToken()).path


def names(paths: DataPaths) -> list[str]:
    catalog, _ = open_catalog(paths)
    with closing(catalog):
        return [workspace.name for workspace in catalog.workspaces()]


def ruin(path: Path) -> None:
    """Zeros over the header: nothing can be read."""
    with path.open("r+b") as file:
        file.write(bytes(200))


def spoil_documents(paths: DataPaths) -> None:
    """Noise over a page that holds no more than a table of documents, which is empty."""
    with closing(sqlite3.connect(paths.catalog)) as catalog:
        page = catalog.execute("SELECT rootpage FROM sqlite_master WHERE name = 'documents'").fetchone()[0]
        size = catalog.execute("PRAGMA page_size").fetchone()[0]
    with paths.catalog.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\x07" * size)


def test_a_copy_holds_what_was_committed_though_others_go_on_writing(paths: DataPaths) -> None:
    catalog = SqliteCatalog(paths.catalog, paths.backups)
    catalog.create_workspace("One", INDEX)
    copy = back_up(paths)
    catalog.create_workspace("Two", INDEX)
    catalog.close()
    assert [found.path for found in SqliteBackups(paths.catalog, paths.backups).list()] == [copy]
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT name FROM workspaces").fetchall() == [("One",)]
    assert {path.name for path in paths.backups.iterdir()} == {copy.name}


def test_a_damaged_catalog_gives_way_to_its_newest_good_copy_and_is_kept(paths: DataPaths) -> None:
    make(paths, "Law")
    back_up(paths)
    ruin(paths.catalog)
    assert names(paths) == ["Law"]
    told = last_restoration(paths)
    assert told is not None
    assert told.kept is not None
    assert told.kept.read_bytes()[:200] == bytes(200)
    assert "was damaged" in told.told
    forget_restoration(paths)
    assert last_restoration(paths) is None


def test_what_was_made_since_the_copy_is_taken_over_where_it_can_be_read(paths: DataPaths) -> None:
    make(paths, "Law")
    back_up(paths)
    make(paths, "House")
    spoil_documents(paths)
    catalog, replaced = open_catalog(paths)
    with closing(catalog):
        assert replaced
        law, house = catalog.workspaces()
        assert (law.name, house.name, house.embedding_model) == ("Law", "House", "model")
        (thread,) = catalog.threads(house.id)
        assert [message.text for message in catalog.messages(thread.id)] == ["What of House?"]
        assert catalog.integrity() == "ok"


def test_an_index_that_is_kept_in_no_known_form_is_not_taken_over(paths: DataPaths) -> None:
    """A damaged page may hand out nonsense, and every look at the indexes would stumble over it."""
    make(paths, "Law")
    back_up(paths)
    make(paths, "House")
    with closing(sqlite3.connect(paths.catalog)) as database:
        database.execute("UPDATE indexes SET precision = '~' WHERE id = (SELECT max(id) FROM indexes)")
        database.commit()
    spoil_documents(paths)
    catalog, _ = open_catalog(paths)
    with closing(catalog):
        assert [index.precision for index in catalog.indexes()] == [Precision.FULL]
        assert [workspace.name for workspace in catalog.workspaces()] == ["Law", "House"]


def test_numbers_given_after_the_copy_never_come_again(paths: DataPaths) -> None:
    """A point in the index bears its chunk's number: given twice, it would stand for another text."""
    make(paths, "Law")
    back_up(paths)
    make(paths, "House")
    ruin(paths.catalog)
    catalog, _ = open_catalog(paths)
    with closing(catalog):
        assert catalog.create_workspace("Garden", INDEX).id > 2
        assert catalog.setting_values()[INDEXES_DOUBTED] is True
    with closing(sqlite3.connect(paths.catalog)) as database:
        numbers = dict(database.execute("SELECT name, seq FROM sqlite_sequence"))
    assert numbers["chunks"] >= 10_000_000_000


def test_a_restore_throws_the_index_away(paths: DataPaths) -> None:
    make(paths, "Law")
    back_up(paths)
    (paths.vectors / "1" / "1").mkdir(parents=True)
    ruin(paths.catalog)
    assert names(paths) == ["Law"]
    assert list(paths.vectors.iterdir()) == []


def test_a_copy_that_is_damaged_itself_is_passed_over(paths: DataPaths) -> None:
    make(paths, "Law")
    older = back_up(paths)
    older.rename(older.with_name("catalog-20260101-000000.sqlite"))
    make(paths, "House")
    ruin(back_up(paths))
    ruin(paths.catalog)
    assert names(paths) == ["Law"]


@pytest.mark.parametrize("gone", ["empty", "missing"])
def test_an_emptied_or_missing_catalog_is_not_taken_for_a_new_one(paths: DataPaths, gone: str) -> None:
    make(paths, "Law")
    back_up(paths)
    paths.catalog.write_bytes(b"") if gone == "empty" else paths.catalog.unlink()
    assert names(paths) == ["Law"]


def test_without_a_copy_nothing_is_changed_until_the_person_begins_anew(paths: DataPaths) -> None:
    make(paths, "Law")
    spoil_documents(paths)
    before = paths.catalog.read_bytes()
    with pytest.raises(CatalogLost, match="no good copy"):
        open_catalog(paths)
    assert paths.catalog.read_bytes() == before
    begin_anew(paths)
    # Its documents are gone, what the person made is not.
    assert names(paths) == ["Law"]
    told = last_restoration(paths)
    assert told is not None
    assert told.kept is not None
    assert told.kept.read_bytes() == before


def test_a_catalog_of_a_newer_program_is_left_alone_though_there_are_copies(paths: DataPaths) -> None:
    make(paths, "Law")
    back_up(paths)
    with closing(sqlite3.connect(paths.catalog)) as newer:
        newer.execute("PRAGMA user_version = 999")
    with pytest.raises(CatalogTooNew):
        open_catalog(paths)
    assert last_restoration(paths) is None


def test_a_restore_that_was_asked_for_can_be_taken_back(paths: DataPaths) -> None:
    make(paths, "Law")
    back_up(paths)
    make(paths, "House")
    copies = SqliteBackups(paths.catalog, paths.backups)
    copies.request_restore(copies.list()[0])
    assert names(paths) == ["Law"]
    replaced = next(copy for copy in copies.list() if copy.kind is CopyKind.REPLACED)
    copies.request_restore(replaced)
    assert names(paths) == ["Law", "House"]


def test_a_restore_cut_short_by_a_crash_is_finished_at_the_next_start(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(paths, "Law")
    back_up(paths)
    ruin(paths.catalog)

    def crash(_self: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", crash)
        with pytest.raises(KeyboardInterrupt):
            open_catalog(paths)
    assert finish_interrupted(paths)
    assert names(paths) == ["Law"]


def test_damage_met_in_the_middle_of_the_work_is_looked_at_by_the_next_start(paths: DataPaths) -> None:
    make(paths, "Law")
    back_up(paths)
    catalog = SqliteCatalog(paths.catalog, paths.backups)
    catalog.close()
    spoil_documents(paths)
    with pytest.raises(CatalogDamaged):
        SqliteBackups(paths.catalog, paths.backups).make(CancelToken())
    assert len(SqliteBackups(paths.catalog, paths.backups).list()) == 1
    assert names(paths) == ["Law"]
    assert last_restoration(paths) is not None
