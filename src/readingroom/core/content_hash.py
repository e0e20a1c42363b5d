"""The hash by which file contents are compared: blake2b with 256 bits."""

import hashlib
from pathlib import Path

_BLOCK_BYTES = 1024 * 1024


def content_hash(path: Path) -> str:
    """Hexadecimal hash of a file's bytes. Raises `OSError`."""
    digest = hashlib.blake2b(digest_size=32)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
