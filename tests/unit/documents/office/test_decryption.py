"""Documents with a password: said to have one, read with it, and nothing of them left behind."""

import tempfile
from pathlib import Path

import pytest

from helpers.office_files import DATA, read, read_locked, zipped
from readingroom.core.errors import DocumentCorrupt, DocumentEncrypted
from readingroom.documents.office.decryption import decrypted, is_encrypted
from readingroom.documents.office.libreoffice import find_libreoffice

LOCKED = {
    "testWORD_protected_passtika.docx": ("tika", "This is an encrypted"),
    "password_protected.xlsx": ("123", ""),
    "password.xls": ("password", ""),
    "testODTEncrypted.odt": ("tika", "This should be encrypted."),
    "blowfish.odt": ("Straße 1", "| Leader | Sarah | Mark | Ryan |"),
}
LEGACY = {
    "testWORD_protected_passtika.doc": ("tika", "encrypted"),
    "testPPT_protected_passtika.ppt": ("tika", "This is an encrypted PowerPoint 2007 slide."),
}
needs_libreoffice = pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice is not installed")


@pytest.mark.parametrize("name", [*LOCKED, *LEGACY])
def test_locked_document_is_said_to_need_a_password(name: str) -> None:
    with pytest.raises(DocumentEncrypted, match=r"^The file needs a password\.$"):
        read(DATA / name)


@pytest.mark.parametrize("name", [*LOCKED, *LEGACY])
def test_password_that_does_not_fit_is_said_to(name: str) -> None:
    with pytest.raises(DocumentEncrypted, match=r"^None of the passwords given opens the file\.$"):
        read_locked(DATA / name, "wrong", "", "x" * 1000)


@pytest.mark.parametrize("name", LOCKED)
def test_locked_document_is_read_with_its_password(name: str) -> None:
    password, expected = LOCKED[name]
    text = read_locked(DATA / name, "wrong", password).text
    assert text.strip()
    assert expected in text


@needs_libreoffice
@pytest.mark.parametrize("name", LEGACY)
def test_locked_legacy_document_is_read_with_its_password(name: str) -> None:
    password, expected = LEGACY[name]
    assert expected in read_locked(DATA / name, password).text


def test_decrypted_copy_is_private_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with decrypted(DATA / "testWORD_protected_passtika.docx", ["tika"]) as plain:
        assert plain.read_bytes().startswith(b"PK")
        assert plain.parent.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_when_no_password_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(DocumentEncrypted), decrypted(DATA / "blowfish.odt", ["wrong"]):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["testEXCEL_5.xls", "testWORD6.doc", "testPPT.ppt", "text_document_03.odt"])
def test_open_documents_are_not_taken_for_locked(name: str) -> None:
    assert not is_encrypted(DATA / name)


def test_locked_document_that_is_cut_off_is_never_more_than_a_failure(tmp_path: Path) -> None:
    data = (DATA / "password_protected.xlsx").read_bytes()
    path = tmp_path / "a.xlsx"
    path.write_bytes(data[:6000])
    with pytest.raises((DocumentCorrupt, DocumentEncrypted)):
        read_locked(path, "123")


ENTRY = (
    '<m:file-entry m:full-path="content.xml" m:size="9"><m:encryption-data m:checksum-type="SHA1/1K" m:checksum="AAAA">'
    '<m:algorithm m:algorithm-name="{cipher}" m:initialisation-vector="AAAA"/>'
    '<m:key-derivation m:key-derivation-name="{key}" m:iteration-count="{count}" m:salt="AAAA"/>'
    "</m:encryption-data></m:file-entry>"
)


def locked(path: Path, cipher: str = "Blowfish CFB", key: str = "PBKDF2", count: str = "1024") -> Path:
    entry = ENTRY.format(cipher=cipher, key=key, count=count)
    return zipped(
        path,
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="urn:m">{entry}</m:manifest>',
            "content.xml": b"not to be read",
        },
    )


@pytest.mark.parametrize(("cipher", "key"), [("aes256-gcm", "PBKDF2"), ("aes256-cbc", "argon2id")])
def test_unknown_kind_of_encryption_is_said(tmp_path: Path, cipher: str, key: str) -> None:
    with pytest.raises(DocumentEncrypted, match="a kind that Reading Room cannot open yet"):
        read_locked(locked(tmp_path / "a.odt", cipher, key), "x")


@pytest.mark.parametrize("count", ["0", "-1", "99999999999", "many"])
def test_key_that_would_take_for_ever_is_refused(tmp_path: Path, count: str) -> None:
    with pytest.raises(DocumentCorrupt, match="encrypted and damaged"):
        read_locked(locked(tmp_path / "a.odt", count=count), "x")
