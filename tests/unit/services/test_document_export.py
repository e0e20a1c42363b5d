"""The list of documents as CSV opens in a spreadsheet program as what it is, whatever names files bear."""

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from readingroom.core.errors import UserFixableError
from readingroom.core.ids import DocumentId, SourceId, WorkspaceId
from readingroom.core.models import Document, DocumentState
from readingroom.services.document_export import COLUMNS, save_csv, write_csv

LEASE = Document(
    id=DocumentId(1),
    workspace_id=WorkspaceId(1),
    source_id=SourceId(1),
    path=Path("/home/mira/Contracts/Lease, signed.pdf"),
    state=DocumentState.READY,
    reason="",
    format="pdf",
    pages=12,
    chunks=30,
    size_bytes=48_000,
    modified_at_ns=1_700_000_000_500_000_000,
    content_hash="ab",
    indexed_at=1_760_000_000.0,
    revision=1,
    title="Lease",
    words=4_210,
    pages_without_text=2,
    read_seconds=1.23456,
)


def rows(*documents: Document) -> list[dict[str, str]]:
    out = io.BytesIO()
    assert write_csv(documents, out) == len(documents)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))


def test_a_row_has_every_column_in_units_a_spreadsheet_knows() -> None:
    (row,) = rows(LEASE)
    assert tuple(row) == COLUMNS
    assert row == {
        "path": "/home/mira/Contracts/Lease, signed.pdf",
        "state": "ready",
        "reason": "",
        "pages": "12",
        "pages_without_text": "2",
        "words": "4210",
        "size_bytes": "48000",
        "modified_at": "2023-11-14T22:13:20+00:00",
        "indexed_at": "2025-10-09T08:53:20+00:00",
        "read_seconds": "1.235",
        "format": "pdf",
        "title": "Lease",
    }


def test_what_is_not_known_is_empty() -> None:
    unread = replace(LEASE, pages=None, indexed_at=None, read_seconds=None, size_bytes=-1)
    (row,) = rows(unread)
    assert [row[name] for name in ("pages", "indexed_at", "read_seconds", "size_bytes")] == [""] * 4


def test_it_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    out = io.BytesIO()
    write_csv([replace(LEASE, path=Path("/x/Договор – 契約.pdf"))], out)
    assert out.getvalue().startswith(b"\xef\xbb\xbfpath,")
    assert "Договор – 契約.pdf" in out.getvalue().decode("utf-8-sig")


@pytest.mark.parametrize("text", ['=HYPERLINK("x")', "+1", "-1+2", "@SUM(A1)", "\t=1", "  =1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    (row,) = rows(replace(LEASE, path=Path(text), reason=text, title=text, format=text))
    assert {row[name] for name in ("path", "reason", "title", "format")} == {f"'{text}"}


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_no_text_stays_readable() -> None:
    (row,) = rows(replace(LEASE, path=Path(os.fsdecode(b"/x/caf\xe9.txt")), title="a\udcffb"))
    assert row["path"] == "/x/caf\\xe9.txt"
    assert row["title"] == "a\\udcffb"


def test_a_line_end_in_a_name_does_not_begin_a_row() -> None:
    first, second = rows(replace(LEASE, path=Path("/x/a\nb.txt")), LEASE)
    assert (first["path"], second["path"]) == ("/x/a\nb.txt", str(LEASE.path))


def test_a_time_beyond_the_calendar_costs_its_cell_only() -> None:
    (row,) = rows(replace(LEASE, modified_at_ns=10**30))
    assert row["modified_at"] == ""


def test_a_list_that_cannot_be_written_leaves_the_old_file_and_says_why(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    save_csv([LEASE], target)
    before = target.read_bytes()

    def documents() -> Iterator[Document]:
        yield LEASE
        raise OSError(28, "No space left on device")

    with pytest.raises(UserFixableError, match="No space left") as failure:
        save_csv(documents(), target)
    assert failure.value.hint
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(UserFixableError, match="cannot be written"):
        save_csv([LEASE], tmp_path / "none" / "list.csv")


@pytest.mark.skipif(os.name == "nt", reason="there are no named pipes in folders")
def test_a_device_is_written_to_and_not_put_aside(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert save_csv([LEASE], pipe) == 1
        assert os.read(end, 65_536).startswith(b"\xef\xbb\xbfpath")
    finally:
        os.close(end)
    assert pipe.is_fifo()
