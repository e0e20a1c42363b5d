"""Catalog against disk."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.ids import DocumentId
from readingroom.core.sync_plan import (
    Absence,
    FileStamp,
    FoundFile,
    KnownFile,
    SyncPlan,
    differences,
    held_back,
    is_settled,
    plan_sync,
)

names = st.sampled_from([Path(f"/s/{name}") for name in "abcdefgh"])
stamps = st.builds(FileStamp, st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.integers(0, 3))
known_files = st.dictionaries(
    names, st.tuples(stamps, st.none() | st.sampled_from(["h1", "h2"])), max_size=8
).map(
    lambda files: [KnownFile(DocumentId(n), path, s, h) for n, (path, (s, h)) in enumerate(files.items(), 1)]
)
found_files = st.dictionaries(names, stamps, max_size=8).map(
    lambda files: [FoundFile(p, s) for p, s in files.items()]
)
hashes = st.dictionaries(names, st.none() | st.sampled_from(["h1", "h2", "h3"]))


@given(known_files, found_files, hashes)
def test_after_the_plan_the_catalog_mirrors_the_disk(
    known: list[KnownFile], found: list[FoundFile], content: dict[Path, str | None]
) -> None:
    plan = plan_sync(known, found, content.get)
    paths = {file.document_id: file.path for file in known}
    for document_id in plan.removed:
        del paths[document_id]
    for document_id, file in plan.moved:
        paths[document_id] = file.path
    mirrored = [*paths.values(), *(file.path for file in plan.added)]
    assert sorted(mirrored) == sorted(file.path for file in found)


@given(known_files, found_files, hashes)
def test_a_move_keeps_the_content(
    known: list[KnownFile], found: list[FoundFile], content: dict[Path, str | None]
) -> None:
    plan = plan_sync(known, found, content.get)
    by_id = {file.document_id: file for file in known}
    for document_id, file in plan.moved:
        before = by_id[document_id]
        assert before.stamp.same_file(file.stamp) or before.content_hash == content[file.path]
        assert before.path not in {there.path for there in found}


@given(known_files)
def test_nothing_changed_means_nothing_to_do(known: list[KnownFile]) -> None:
    plan = plan_sync(known, [FoundFile(file.path, file.stamp) for file in known], lambda _: None)
    assert plan.empty
    assert plan.unchanged == len(known)


def test_only_a_file_that_may_have_moved_is_hashed() -> None:
    asked: list[Path] = []

    def content_hash(path: Path) -> str:
        asked.append(path)
        return "h"

    gone = KnownFile(DocumentId(1), Path("/s/old"), FileStamp(5, 1), "h")
    found = [FoundFile(Path("/s/new"), FileStamp(5, 9)), FoundFile(Path("/s/other"), FileStamp(6, 1))]
    plan = plan_sync([gone], found, content_hash)
    assert asked == [Path("/s/new")]
    assert plan.moved == ((DocumentId(1), found[0]),)
    assert plan.added == (found[1],)


@given(known_files, found_files, hashes)
def test_comparing_rows_first_changes_nothing_but_the_work(
    known: list[KnownFile], found: list[FoundFile], content: dict[Path, str | None]
) -> None:
    unchanged, still, fresh = differences(
        {str(file.path): (file.document_id, *file[2:]) for file in known},
        {str(file.path): file.stamp for file in found},
    )
    plan, whole = plan_sync(still, fresh, content.get), plan_sync(known, found, content.get)
    assert unchanged + plan.unchanged == whole.unchanged
    assert set(plan.added) == set(whole.added)
    assert set(plan.changed) == set(whole.changed)
    assert sorted(plan.removed) == sorted(whole.removed)


def test_a_renamed_file_is_known_by_its_id_without_being_opened() -> None:
    stamp = FileStamp(5, 1, 9, 77)
    gone = KnownFile(DocumentId(1), Path("/s/Report.TXT"), stamp, "h")
    found = FoundFile(Path("/s/report.txt"), stamp)
    asked: list[Path] = []
    plan = plan_sync([gone], [found], asked.append)
    assert not asked
    assert plan.moved == ((DocumentId(1), found),)


def test_another_file_put_in_its_place_is_read_though_size_and_time_are_the_same() -> None:
    known = KnownFile(DocumentId(1), Path("/s/a"), FileStamp(5, 1, 9, 77), "h")
    found = FoundFile(Path("/s/a"), FileStamp(5, 1, 9, 78))
    assert plan_sync([known], [found], lambda _: None).changed == ((DocumentId(1), found),)


def test_a_drive_under_another_number_changes_nothing() -> None:
    known = KnownFile(DocumentId(1), Path("/s/a"), FileStamp(5, 1, 9, 77), "h")
    found = FoundFile(Path("/s/a"), FileStamp(5, 1, 10, 78))
    assert plan_sync([known], [found], lambda _: None).empty


@pytest.mark.parametrize("absent", [Absence.KEPT, Absence.VANISHED])
def test_what_waits_or_is_kept_stays_until_its_file_is_back(absent: str) -> None:
    known = KnownFile(DocumentId(1), Path("/s/a"), FileStamp(5, 1), "h", absent)
    assert plan_sync([known], [], lambda _: None).empty
    back = plan_sync([known], [FoundFile(known.path, known.stamp)], lambda _: None)
    assert back.absent == ((DocumentId(1), Absence.NONE),)
    assert not back.changed


def test_a_document_whose_drive_is_away_is_not_removed_until_it_is_deleted() -> None:
    known = KnownFile(DocumentId(1), Path("/s/usb/a"), FileStamp(5, 1, 2, 3), "h")
    away = plan_sync([known], [], lambda _: None, drive_away=lambda _: True)
    assert away.absent == ((DocumentId(1), Absence.DRIVE),)
    still = known._replace(absent=Absence.DRIVE)
    assert plan_sync([still], [], lambda _: None, drive_away=lambda _: True).empty
    assert plan_sync([still], [], lambda _: None).removed == (DocumentId(1),)


def test_the_same_content_elsewhere_takes_no_document_of_a_drive_that_is_away() -> None:
    known = KnownFile(DocumentId(1), Path("/s/usb/a"), FileStamp(5, 1, 2, 3), "h")
    copy = FoundFile(Path("/s/copy"), FileStamp(5, 9, 1, 4))
    plan = plan_sync([known], [copy], lambda _: "h", drive_away=lambda _: True)
    assert plan == SyncPlan(added=(copy,), absent=((DocumentId(1), Absence.DRIVE),))


def test_a_file_of_another_source_moves_with_its_document() -> None:
    other = KnownFile(DocumentId(1), Path("/t/a"), FileStamp(5, 1), "h")
    found = FoundFile(Path("/s/a"), FileStamp(5, 2))
    plan = plan_sync([], [found], lambda _: "h", elsewhere=[other])
    assert plan == SyncPlan(moved=((DocumentId(1), found),))


@pytest.mark.parametrize(
    ("removed", "lately", "documents", "asks"),
    [(49, 0, 60, False), (50, 0, 101, False), (50, 0, 100, True), (1, 60, 20, True), (0, 60, 20, False)],
)
def test_a_large_share_that_goes_at_once_waits_for_an_answer(
    removed: int, lately: int, documents: int, asks: bool
) -> None:
    going = tuple(DocumentId(n) for n in range(removed))
    before = [DocumentId(1000 + n) for n in range(lately)]
    plan = held_back(SyncPlan(removed=going), documents, before)
    if asks:
        assert not plan.removed
        assert plan.absent == tuple((id_, Absence.VANISHED) for id_ in (*going, *before))
    else:
        assert plan == SyncPlan(removed=going)


def test_what_went_lately_and_is_back_under_another_name_is_not_asked_about() -> None:
    going = tuple(DocumentId(n) for n in range(60))
    back = (DocumentId(1000), FoundFile(Path("/s/new name"), FileStamp(5, 1)))
    plan = held_back(SyncPlan(removed=going, moved=(back,)), 60, [DocumentId(1000), DocumentId(1001)])
    assert plan.moved == (back,)
    assert plan.absent == tuple((id_, Absence.VANISHED) for id_ in (*going, DocumentId(1001)))


@pytest.mark.parametrize(
    ("modified_ns", "read_ns", "settled"),
    [
        (5_000_000_123, 5_500_000_000, True),
        (5_000_000_123, 5_010_000_000, False),
        (6_000_000_000, 7_500_000_000, False),
        (6_000_000_000, 8_200_000_000, True),
        (9_000_000_123, 5_000_000_000, True),
    ],
)
def test_what_was_written_as_it_was_read_is_read_again(modified_ns: int, read_ns: int, settled: bool) -> None:
    """Whole seconds are taken for the steps of a coarse clock; a time far ahead is a wrong clock, and is left alone."""
    assert is_settled(modified_ns, read_ns) is settled
