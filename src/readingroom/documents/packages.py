"""Opens zipped documents within bounds: nothing is unpacked before it is known how much it will be."""

from typing import IO
from zipfile import ZipFile

from readingroom.core.errors import DocumentEncrypted, DocumentTooLarge
from readingroom.core.extraction import ReadLimits

_MAX_RATIO = 300
"""Real office documents stay below 100 or so; deflate itself ends at 1032."""
_RATIO_MATTERS = 64 * 1024 * 1024
"""Bytes; small parts may be as repetitive as they like."""
_MAX_PARTS = 100_000
_ENCRYPTED = 0x1


def check_unpacked_size(package: ZipFile, limits: ReadLimits) -> None:
    """Refuse bombs by what the directory declares; zipfile never gives more than declared."""
    parts = package.infolist()
    total = sum(part.file_size for part in parts)
    if total > limits.max_unpacked_bytes or len(parts) > _MAX_PARTS:
        limit_mb = limits.max_unpacked_bytes // (1024 * 1024)
        raise DocumentTooLarge(f"Unpacked, the file would take more than {limit_mb:,} MB.")
    for part in parts:
        if part.file_size > _RATIO_MATTERS and part.file_size > _MAX_RATIO * max(part.compress_size, 1):
            raise DocumentTooLarge("The file unpacks to hundreds of times its size and was left alone.")


def open_part(package: ZipFile, name: str) -> IO[bytes]:
    """A part to read from. Raises `DocumentEncrypted` when it is locked."""
    if package.getinfo(name).flag_bits & _ENCRYPTED:
        raise DocumentEncrypted("The file needs a password.")
    return package.open(name)
