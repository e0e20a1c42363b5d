"""Catalog against disk."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.ids import DocumentId
from readingroom.core.sync_plan import FileStamp, FoundFile, KnownFile, plan_sync

names = st.sampled_from([Path(f"/s/{name}") for name in "abcdefgh"])
stamps = st.builds(FileStamp, size_bytes=st.integers(0, 3), modified_at_ns=st.integers(0, 3))
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
        assert by_id[document_id].content_hash == content[file.path]
        assert by_id[document_id].path not in {there.path for there in found}


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
