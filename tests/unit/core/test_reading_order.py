"""Which of many new files are read first."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.reading_order import LARGE_BYTES, in_reading_order
from readingroom.core.sync_plan import FileStamp, FoundFile


def _file(name: str, modified_at_ns: int, size_bytes: int = 5) -> FoundFile:
    return FoundFile(Path("/docs") / name, FileStamp(size_bytes, modified_at_ns))


def test_what_another_program_must_open_and_what_is_large_waits_for_the_rest() -> None:
    files = [
        _file("letter.DOC", 9),
        _file("mail.mbox", 8, LARGE_BYTES + 1),
        _file("old.txt", 1),
        _file("new.pdf", 7),
    ]
    names = [file.path.name for file in in_reading_order(files)]
    assert names == ["new.pdf", "old.txt", "mail.mbox", "letter.DOC"]


@given(
    st.lists(
        st.builds(_file, st.sampled_from(["a.doc", "b.txt", "c.md"]), st.integers(), st.integers(0, 2**40))
    )
)
def test_no_file_is_lost_or_doubled_by_ordering(files: list[FoundFile]) -> None:
    assert sorted(in_reading_order(files)) == sorted(files)
