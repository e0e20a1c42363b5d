"""Opens office documents that have a password, into a private temporary file that is removed."""

import contextlib
import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from readingroom.core.errors import DocumentCorrupt, DocumentEncrypted
from readingroom.documents.office.opendocument import is_encrypted_file

LOCKABLE = frozenset({"doc", "xls", "ppt", "odt", "ods", "odp"})
"""Formats whose encrypted files look like others from outside; encrypted DOCX, PPTX and XLSX do not."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KNOWN = ("VelvetSweatshop", "/01Hannes Ruescher/01")
"""What Excel and PowerPoint themselves try before they ask: such files open for everybody."""
_DIRECTORY_ENTRY = 128
"""Bytes (MS-CFB 2.6.1)."""
_MAX_INFO_BYTES = 64 * 1024
_DAMAGED = "The file is encrypted and damaged: it cannot be decrypted."


def is_encrypted(path: Path) -> bool:
    """Whether an office document has to be decrypted; False for what cannot be told. Raises `OSError`."""
    with path.open("rb") as stream:
        head = stream.read(len(_OLE))
        if head[:2] == b"PK":
            return is_encrypted_file(path)
        if head != _OLE:
            return False
        import msoffcrypto

        try:
            return bool(msoffcrypto.OfficeFile(stream).is_encrypted())  # type: ignore[no-untyped-call]
        except Exception:  # noqa: BLE001  (a library that lets anything escape on damaged files)
            return False


@contextlib.contextmanager
def decrypted(path: Path, passwords: Sequence[str]) -> Iterator[Path]:
    """A decrypted copy of an encrypted document, readable by this person only, until the block ends.

    Passwords are tried in order. Raises `DocumentEncrypted` when none fits, `DocumentCorrupt`, `DocumentTooLarge`.
    """
    with tempfile.TemporaryDirectory(prefix="readingroom-", ignore_cleanup_errors=True) as folder:
        plain = Path(folder) / f"document{path.suffix}"
        with path.open("rb") as stream:
            zipped = stream.read(2) == b"PK"
            stream.seek(0)
            unlock = _decrypt_opendocument if zipped else _decrypt
            if not unlock(stream, plain, passwords):
                raise DocumentEncrypted(
                    "None of the passwords given opens the file."
                    if passwords
                    else "The file needs a password."
                )
        yield plain


def _decrypt_opendocument(stream: BinaryIO, plain: Path, passwords: Sequence[str]) -> bool:
    from readingroom.documents.office.odf_decryption import decrypt_opendocument

    return decrypt_opendocument(stream, plain, passwords)


def _decrypt(stream: BinaryIO, plain: Path, passwords: Sequence[str]) -> bool:
    import msoffcrypto

    try:
        _check_info(stream)
        locked: Any = msoffcrypto.OfficeFile(stream)  # type: ignore[no-untyped-call]
    except Exception as error:
        raise DocumentCorrupt(_DAMAGED) from error
    tried = 0
    for password in (*_KNOWN, *(word for word in passwords if word)):
        try:
            if locked.format == "ooxml":
                locked.load_key(password=password, verify_password=True)
            else:
                locked.load_key(password=password)
        except Exception:  # noqa: BLE001  (a wrong password, or one too long for its kind, or a damaged file)
            tried += 1
            continue
        content = io.BytesIO()
        try:
            locked.decrypt(content)
        except Exception as error:
            raise DocumentCorrupt(_DAMAGED) from error
        plain.write_bytes(_opened(content.getvalue()))
        return True
    return False


def _opened(data: bytes) -> bytes:
    """Rename the stream by which LibreOffice tells a locked presentation: once decrypted, it is one no more."""
    name = "EncryptedSummary".encode("utf-16-le")
    at = data.find(name)
    while at >= 0:
        if at % _DIRECTORY_ENTRY == 0:
            # As long as before, so that the directory stays in order.
            return data[:at] + "DecryptedSummary".encode("utf-16-le") + data[at + len(name) :]
        at = data.find(name, at + 1)
    return data


def _check_info(stream: BinaryIO) -> None:
    """Refuse a description of the encryption that is made to be expanded without end. Raises `ValueError`."""
    import olefile

    with olefile.OleFileIO(stream) as container:  # type: ignore[no-untyped-call]
        if container.exists("EncryptionInfo"):
            info = container.openstream("EncryptionInfo").read(_MAX_INFO_BYTES + 1)
            if len(info) > _MAX_INFO_BYTES or b"<!" in info:
                raise ValueError
    stream.seek(0)
