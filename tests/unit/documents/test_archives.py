"""Archives and iWork documents are not read, but it is said what they are, and what is wrong with them."""

import zipfile
from pathlib import Path

import pytest

from helpers.reading import DATA, read, read_named
from readingroom.core.errors import DocumentCorrupt, DocumentEncrypted, DocumentUnsupported


@pytest.mark.parametrize(
    ("name", "kind"),
    [("testZipEncrypted.zip", r"archives \(ZIP\)"), ("pages_password_protected.pages", "iWork documents")],
)
def test_locked_ones_are_encrypted_and_named(name: str, kind: str) -> None:
    with pytest.raises(
        DocumentEncrypted, match=rf"needs a password, and Reading Room does not read {kind} yet"
    ):
        read_named(name)


def test_newer_iwork_document_with_a_password_is_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "letter.pages"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("Index.zip", b"noise")
        package.writestr(".iwpv2", b"hash")
    with pytest.raises(DocumentEncrypted, match="iWork"):
        read(path)


def test_archive_that_lies_about_its_size_is_corrupt() -> None:
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read_named("testZIP_corrupted_oom.zip")


def test_archive_whose_entries_lie_beyond_its_end_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "files.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.txt", b"words")
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 20 : entry + 24] = (1 << 30).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read(path)


def test_whole_archive_is_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "files.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.write(DATA / "simple.mbox", "simple.mbox")
    with pytest.raises(DocumentUnsupported, match=r"archives \(ZIP\)"):
        read(path)
