"""Documents inside documents are copied out privately for as long as they are needed."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from helpers.reading import bytes_inside, inside, read
from readingroom.core.errors import DocumentChanged
from readingroom.core.extraction import FileRef, ReadLimits
from readingroom.documents import members
from readingroom.documents.members import opened
from readingroom.documents.mupdf import pymupdf

LETTER = "From: ann@example.org\nSubject: Budget\n\nThe words of the letter\n"


def folder(path: Path, letter: str = LETTER) -> Path:
    """Write a PDF file with a letter and a table attached."""
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "See the attachments")
        document.embfile_add("letter.eml", letter.encode(), filename="letter.eml")
        document.embfile_add("table.csv", b"name,amount\nAnn,12\nBob,30\n", filename="table.csv")
        document.save(path)
    return path


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return folder(tmp_path / "folder.pdf")


def test_attachments_of_a_pdf_are_read_by_the_suffix_of_their_name(pdf: Path) -> None:
    documents = {member.name: inside(pdf, member) for member in read(pdf).members}
    assert {name: document.format for name, document in documents.items()} == {
        "letter.eml": "eml",
        "table.csv": "csv",
    }
    assert "The words of the letter" in documents["letter.eml"].text


def test_attachment_that_was_exchanged_is_a_changed_document(pdf: Path) -> None:
    letter = min(read(pdf).members, key=lambda member: member.name)
    folder(pdf, LETTER.replace("words", "other words"))
    with pytest.raises(DocumentChanged):
        bytes_inside(pdf, letter)


def test_copies_left_by_a_process_that_was_killed_are_removed(
    pdf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    abandoned, foreign = tmp_path / "readingroom-inside-999999999-abc", tmp_path / "readingroom-inside-notes"
    for folder in (abandoned, foreign):
        folder.mkdir()
        (folder / "0.eml").write_text(LETTER, encoding="utf-8")
    members._sweep.cache_clear()
    bytes_inside(pdf, read(pdf).members[0])
    assert not abandoned.exists()
    assert foreign.exists()


def test_copy_is_gone_after_a_failure(pdf: Path) -> None:
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(RuntimeError))
        copy = stack.enter_context(opened(FileRef(pdf, read(pdf).members[0].locator), ReadLimits()))
        assert copy.exists()
        raise RuntimeError
    assert not copy.parent.exists()
