"""What a linked folder holds by the rules of the program, told anew and without its code."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

_FOLDERS = ("node_modules", "__pycache__")
_ENDINGS = ("~", ".tmp")


def expected_files(root: str, roots: Sequence[str]) -> dict[str, bytes]:
    """Path -> content of every file of one linked folder among all; the folder must be there.

    A file belongs to the innermost linked folder. A link is followed where it leads to what is not read otherwise, of
    several to the same place the first by name.
    """
    others = [os.path.realpath(other) for other in roots if other != root]
    files: dict[str, bytes] = {}
    seen: set[str] = set()
    links: list[str] = []
    for path in _walk(root, roots, links):
        files[path] = Path(path).read_bytes()
        seen.add(os.path.realpath(path))
    while links:
        links.sort(reverse=True)
        link = links.pop()
        target = os.path.realpath(link)
        if not Path(link).exists() or any(_within(target, other) for other in others):
            continue
        if _within(os.path.realpath(root), target):
            continue
        if Path(link).is_dir():
            if _within(target, os.path.realpath(root)) and not _hidden(target, root):
                continue
            if target in seen or is_ignored_folder(Path(link).name):
                continue
            seen.add(target)
            found = list(_walk(link, roots, links))
        elif is_ignored_file(Path(link).name) or any(Path(link).samefile(path) for path in files):
            found = []  # also where the same file has another name
        else:
            found = [link]
        for path in found:
            if os.path.realpath(path) not in seen:
                seen.add(os.path.realpath(path))
                files[path] = Path(path).read_bytes()
    return files


def _walk(folder: str, roots: Sequence[str], links: list[str]) -> Iterator[str]:
    for entry in os.scandir(folder):
        if entry.is_symlink():
            links.append(entry.path)
        elif entry.is_dir():
            if not is_ignored_folder(entry.name) and entry.path not in roots:
                yield from _walk(entry.path, roots, links)
        elif not is_ignored_file(entry.name):
            yield entry.path


def _hidden(target: str, root: str) -> bool:
    return any(
        is_ignored_folder(part) for part in Path(os.path.relpath(target, os.path.realpath(root))).parts
    )


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def is_ignored_folder(name: str) -> bool:
    """Hidden, or a cache."""
    return name.startswith(".") or name.casefold() in _FOLDERS


def is_ignored_file(name: str) -> bool:
    """Hidden, a lock, a backup or one still being written."""
    return name.startswith((".", "~$")) or name.casefold().endswith(_ENDINGS)
