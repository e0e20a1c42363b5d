"""Decrypts OpenDocument packages (ODF 1.2, part 3, 3.4) into packages without a password."""

import base64
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from lxml import etree

from readingroom.core.errors import DocumentCorrupt, DocumentEncrypted, DocumentTooLarge
from readingroom.core.extraction import ReadLimits
from readingroom.documents.office.xml_parts import (
    PART_ERRORS,
    attribute,
    child,
    descendants,
    parse_bounded,
)
from readingroom.documents.packages import check_unpacked_size

_MANIFEST = "META-INF/manifest.xml"
_MAX_ITERATIONS = 10_000_000
_CHECKED_BYTES = 1024
_LIMITS = ReadLimits()


class _Unknown(ValueError):
    """A way of encrypting that we do not know."""


@dataclass(frozen=True, slots=True)
class _Lock:
    """How a part was encrypted."""

    part: str
    size: int
    cipher: str
    vector: bytes
    salt: bytes
    iterations: int
    key_bytes: int
    start_hash: str
    check_hash: str
    check: bytes


def decrypt_opendocument(stream: BinaryIO, plain: Path, passwords: Sequence[str]) -> bool:
    """Write a decrypted copy of the XML parts to `plain`; False when no password fits.

    Raises `DocumentCorrupt`, `DocumentTooLarge`, and `DocumentEncrypted` for encryption of an unknown kind.
    """
    try:
        with ZipFile(stream) as package:
            check_unpacked_size(package, _LIMITS)
            manifest = parse_bounded(package.read(_MANIFEST))
            locks = _known_locks(manifest, package)
            for password in passwords:
                if password and _unlock(package, locks[0], password) is not None:
                    _write(package, locks, password, plain)
                    return True
            return False
    except _Unknown as error:
        raise DocumentEncrypted(
            "The file has a password of a kind that Reading Room cannot open yet; save it without one to read it."
        ) from error
    except PART_ERRORS as error:
        raise DocumentCorrupt("The file is encrypted and damaged: it cannot be decrypted.") from error


def _known_locks(manifest: etree._Element, package: ZipFile) -> list[_Lock]:
    locks = [lock for lock in _locks(manifest) if lock.part in package.namelist()]
    if not locks:
        raise _Unknown
    return locks


def _locks(manifest: etree._Element) -> Iterator[_Lock]:
    for entry in descendants(manifest, "file-entry"):
        data = child(entry, "encryption-data")
        part = attribute(entry, "full-path")
        if data is None or not part.endswith(".xml"):
            continue
        cipher, key, start = (
            child(data, "algorithm"),
            child(data, "key-derivation"),
            child(data, "start-key-generation"),
        )
        if attribute(key, "key-derivation-name").rpartition("#")[2].upper() != "PBKDF2":
            raise _Unknown
        iterations = int(attribute(key, "iteration-count") or 0)
        if not 0 < iterations <= _MAX_ITERATIONS:
            raise ValueError
        yield _Lock(
            part,
            int(attribute(entry, "size") or 0),
            _cipher(attribute(cipher, "algorithm-name")),
            base64.b64decode(attribute(cipher, "initialisation-vector")),
            base64.b64decode(attribute(key, "salt")),
            iterations,
            int(attribute(key, "key-size") or 16),
            _hash(attribute(start, "start-key-generation-name") or "sha1"),
            _hash(attribute(data, "checksum-type") or "sha1"),
            base64.b64decode(attribute(data, "checksum")),
        )


def _cipher(name: str) -> str:
    for known in ("aes256-cbc", "aes192-cbc", "aes128-cbc", "blowfish"):
        if known in name.lower():
            return known
    raise _Unknown


def _hash(name: str) -> str:
    if "sha256" in name.lower():
        return "sha256"
    if "sha1" in name.lower():
        return "sha1"
    raise _Unknown


def _unlock(package: ZipFile, lock: _Lock, password: str) -> bytes | None:
    """The deflated bytes of a part; None when the password does not fit."""
    start = hashlib.new(lock.start_hash, password.encode("utf-8")).digest()
    key = hashlib.pbkdf2_hmac("sha1", start, lock.salt, lock.iterations, lock.key_bytes)
    data = package.read(lock.part)
    if lock.cipher == "blowfish":
        deflated = _blowfish(key, lock.vector, data)
    else:
        decryptor = Cipher(AES(key), CBC(lock.vector)).decryptor()
        deflated = decryptor.update(data[: len(data) // 16 * 16]) + decryptor.finalize()
        # Padding as XML encryption has it: the last byte says how much.
        deflated = deflated[: -deflated[-1]] if deflated and 0 < deflated[-1] <= 16 else deflated
    check = hashlib.new(lock.check_hash, deflated[:_CHECKED_BYTES]).digest()
    return deflated if check == lock.check else None


def _blowfish(key: bytes, vector: bytes, data: bytes) -> bytes:
    """Cipher feedback by whole blocks of eight bytes, on the block cipher alone."""
    block = Cipher(Blowfish(key), ECB()).encryptor()  # noqa: S305  (the feedback is done here)
    plain = bytearray()
    feedback = vector
    for at in range(0, len(data), 8):
        piece = data[at : at + 8]
        plain += bytes(a ^ b for a, b in zip(piece, block.update(feedback), strict=False))
        feedback = piece
    return bytes(plain)


def _write(package: ZipFile, locks: Sequence[_Lock], password: str, plain: Path) -> None:
    left = _LIMITS.max_unpacked_bytes
    with ZipFile(plain, "w", ZIP_DEFLATED) as out:
        if "mimetype" in package.namelist():
            out.writestr("mimetype", package.read("mimetype"))
        for lock in locks:
            deflated = _unlock(package, lock, password)
            if deflated is None:
                continue
            inflater = zlib.decompressobj(-15)
            content = inflater.decompress(deflated, left)
            if inflater.unconsumed_tail:
                raise DocumentTooLarge("Decrypted, the file would unpack to more than the limit.")
            left -= len(content)
            out.writestr(lock.part, content)
