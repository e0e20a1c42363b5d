"""Files that are there after a power cut: contents first, then the name."""

import os
from contextlib import suppress
from pathlib import Path


def sync_file(path: Path) -> None:
    """Have the contents of a file written through to the disk."""
    # Windows flushes only what was opened for writing.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder written through; Windows and some network disks do so by themselves, or not at all."""
    with suppress(OSError):
        sync_file(folder)


def sync_tree(folder: Path) -> None:
    """Have every file below a folder and every folder written through."""
    for parent, _, names in os.walk(folder):
        for name in names:
            sync_file(Path(parent) / name)
        sync_folder(Path(parent))


def put_in_place(partial: Path, target: Path) -> None:
    """Give a finished file its name, whole or not at all."""
    sync_file(partial)
    partial.replace(target)
    sync_folder(target.parent)
