"""Tells whether a shard's files are still what they were when it was closed.

The engine reads its files as memory maps and checks little: vectors that were overwritten on the disk are searched as
if they were right. So a shard that is closed in order is sealed with the length and checksum of every file, and the
seal is broken when it is opened. One that was not closed in order has none and is taken as it is.
"""

import json
import zlib
from contextlib import suppress
from pathlib import Path

from readingroom.config.lasting import put_in_place

SEAL = "closed.json"
_PIECE_BYTES = 1 << 20


def seal(folder: Path) -> None:
    """Seal a closed shard. Raises `OSError`; it is then unsealed."""
    partial = folder / f"{SEAL}.partial"
    partial.write_text(json.dumps(_sums(folder)), "utf-8")
    put_in_place(partial, folder / SEAL)


def is_unbroken(folder: Path) -> bool:
    """Whether every file is as it was; also true where there is no seal."""
    try:
        sealed = json.loads((folder / SEAL).read_text("utf-8"))
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    try:
        return bool(sealed == _sums(folder))
    except OSError:  # a part of the disk that cannot be read
        return False


def break_seal(folder: Path) -> None:
    """The shard is about to change."""
    with suppress(FileNotFoundError):
        (folder / SEAL).unlink()


def _sums(folder: Path) -> dict[str, list[int]]:
    return {
        path.relative_to(folder).as_posix(): [path.stat().st_size, _sum(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(SEAL)
    }


def _sum(path: Path) -> int:
    # For chance, not malice: whoever can write here can write the seal as well.
    total = 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            total = zlib.crc32(piece, total)
    return total
