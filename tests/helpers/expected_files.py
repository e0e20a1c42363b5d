"""What a linked folder holds by the rules of the program, told anew and without its code."""

import os
from collections.abc import Sequence
from pathlib import Path

_FOLDERS = ("node_modules", "__pycache__")
_ENDINGS = ("~", ".tmp")


def expected_files(root: str, roots: Sequence[str]) -> dict[str, bytes]:
    """Path -> content of every file of one linked folder among all; the folder must be there.

    A file belongs to the innermost linked folder. A link is followed where it leads to what is not read otherwise, of
    several to the same place the first by name.
    """
    own = os.path.realpath(root)
    others = [os.path.realpath(other) for other in roots if other != root]
    files: dict[str, bytes] = {}
    folders: set[str] = set()
    links: list[str] = []
    to_files: list[str] = []
    _walk(root, roots, files, folders, links)
    while links:
        # To folders first, then to files that are in none of these.
        links.sort(reverse=True)
        link = links.pop()
        target = os.path.realpath(link)
        if not Path(link).exists() or _within(own, target):
            continue
        if any(_within(target, other) and not _within(own, other) for other in others):
            continue
        if not _within(target, own) and any(_within(target, other) for other in others):
            continue
        if not Path(link).is_dir():
            to_files.append(link)
        elif target not in folders and not is_ignored_folder(Path(link).name):
            _walk(link, roots, files, folders, links)
    for link in sorted(to_files):
        # Not where the same file has another name.
        if not is_ignored_file(Path(link).name) and not any(Path(link).samefile(path) for path in files):
            files[link] = Path(link).read_bytes()
    return files


def _walk(
    folder: str, roots: Sequence[str], files: dict[str, bytes], folders: set[str], links: list[str]
) -> None:
    real = os.path.realpath(folder)
    if real in folders:
        return
    folders.add(real)
    for entry in os.scandir(folder):
        if entry.is_symlink():
            links.append(entry.path)
        elif entry.is_dir():
            if not is_ignored_folder(entry.name) and entry.path not in roots:
                _walk(entry.path, roots, files, folders, links)
        elif not is_ignored_file(entry.name):
            files[entry.path] = Path(entry.path).read_bytes()


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def is_ignored_folder(name: str) -> bool:
    """Hidden, or a cache."""
    return name.startswith(".") or name.casefold() in _FOLDERS


def is_ignored_file(name: str) -> bool:
    """Hidden, a lock, a backup or one still being written."""
    return name.startswith((".", "~$")) or name.casefold().endswith(_ENDINGS)
