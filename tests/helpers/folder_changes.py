"""What people and programs do to files: single changes of linked folders, chosen by two numbers."""

import os
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

from helpers.expected_files import is_ignored_file, is_ignored_folder

MOST_FILES = 36
"""From 50 documents on a disappearance of many is asked about."""
_DEEPEST = 5
_NAMES = [
    "alpha.txt",
    "Alpha.txt",
    "beta.md",
    unicodedata.normalize("NFC", "übung.txt"),
    unicodedata.normalize("NFD", "übung.txt"),
    "with spaces, and more.txt",
    os.fsdecode(b"caf\xe9.txt"),  # no valid UTF-8
    "note.txt",
    "ÜBUNG.TXT",
    ".hidden.txt",
    "draft.tmp",
    "zeta.txt",
]
_FOLDER_NAMES = ["one", "One", "two words", "deep", ".cache", "three", "été"]
_SAVED = "of what was saved here"


class Folders:
    """The folders that changes are made in, and a place beside them that links may lead to."""

    def __init__(self, roots: Sequence[str], outside: Path) -> None:
        self.roots = [Path(root) for root in roots]
        self.away: frozenset[str] = frozenset()
        self._words = 0
        self.outside = outside
        (outside / "far").mkdir(parents=True)
        for number, place in enumerate((outside, outside / "far")):
            (place / f"outside{number}.txt").write_text(f"outside {self.next_word()}\n")

    def next_word(self) -> str:
        """A word that stands nowhere yet."""
        self._words += 1
        return "zu" + "".join("bcdfghjklm"[int(digit)] for digit in f"{self._words:06}") + "ok"

    def text(self) -> str:
        return f"{self.next_word()} {_SAVED}\n"

    def folders(self) -> list[Path]:
        """Linked folders and those below, links not followed."""
        found = {path for root in self._there() for path in (root, *_below(root))}
        return sorted(path for path in found if path.is_dir() and not path.is_symlink())

    def movable(self) -> list[Path]:
        return [path for path in self.folders() if path not in self.roots]

    def files(self) -> list[Path]:
        """Real files but the anchors."""
        found = {path for root in self._there() for path in _below(root)}
        return sorted(
            path for path in found if path.is_file() and not path.is_symlink() and path.name != "anchor.txt"
        )

    def editable(self) -> list[Path]:
        """Files that may be written in place: not through an ignored name where they have another."""
        return [path for path in self.files() if path.stat().st_nlink == 1 or not self.is_ignored(path)]

    def links(self) -> list[Path]:
        return sorted({path for root in self._there() for path in _below(root) if path.is_symlink()})

    def free_place(self, a: int, b: int, names: Sequence[str] = tuple(_NAMES)) -> Path | None:
        """A name that is not taken, in some folder that is not too deep."""
        folders = [
            path for path in self.folders() if len(path.relative_to(self._root_of(path)).parts) < _DEEPEST
        ]
        if not folders:
            return None
        folder = folders[a % len(folders)]
        free = [name for name in names if not os.path.lexists(folder / name)]
        return folder / free[b % len(free)] if free else None

    def _there(self) -> list[Path]:
        return [root for root in self.roots if str(root) not in self.away]

    def is_ignored(self, path: Path) -> bool:
        """Whether it has an ignored name, or lies in a folder of one."""
        *parts, name = ("", *path.relative_to(self._root_of(path)).parts)
        if path.is_dir():
            parts.append(name)
        elif is_ignored_file(name):
            return True
        return any(is_ignored_folder(part) for part in parts)

    def _root_of(self, path: Path) -> Path:
        return next(root for root in self.roots if path.is_relative_to(root))


Change = Callable[[Folders, int, int], str | None]
CHANGES: dict[str, Change] = {}
"""Name -> what it does; it answers what was done, or None where it could do nothing."""


def _change(function: Change) -> Change:
    CHANGES[function.__name__] = function
    return function


def _below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for path, folders, files in os.walk(folder):
        found += [Path(path, name) for name in (*folders, *files)]
    return found


def _pick(paths: Sequence[Path], number: int) -> Path | None:
    return paths[number % len(paths)] if paths else None


@_change
def create(folders: Folders, a: int, b: int) -> str | None:
    if len(folders.files()) >= MOST_FILES:
        return delete(folders, a, b)
    place = folders.free_place(a, b)
    if place is None:
        return None
    place.write_text(folders.text() if b % 13 else "")
    return f"create {place}"


@_change
def create_in_new_folder(folders: Folders, a: int, b: int) -> str | None:
    folder = folders.free_place(a, b, _FOLDER_NAMES)
    if folder is None or len(folders.files()) >= MOST_FILES:
        return None
    folder.mkdir()
    (folder / _NAMES[b % len(_NAMES)]).write_text(folders.text())
    return f"create in {folder}"


@_change
def append(folders: Folders, a: int, _b: int) -> str | None:
    path = _pick(folders.editable(), a)
    if path is None or path.stat().st_size > 1000:
        return None
    with path.open("a") as file:
        file.write(folders.text())
    return f"append {path}"


@_change
def rewrite(folders: Folders, a: int, b: int) -> str | None:
    path = _pick(folders.editable(), a)
    if path is None:
        return None
    path.write_text(folders.text() if b % 9 else "")
    return f"rewrite {path}"


@_change
def edit_in_place(folders: Folders, a: int, _b: int) -> str | None:
    """Of the same length."""
    path = _pick(folders.editable(), a)
    if path is None or path.stat().st_size < len(folders.text()):
        return None
    with path.open("r+") as file:
        file.write(folders.text())
    return f"edit {path}"


@_change
def save_atomically(folders: Folders, a: int, b: int) -> str | None:
    path = _pick(folders.files(), a)
    if path is None:
        return None
    beside = path.with_name(("." if b % 2 else "") + f"saving{b % 5}.tmp")
    beside.write_text(folders.text())
    beside.replace(path)
    return f"save {path}"


@_change
def save_with_backup(folders: Folders, a: int, b: int) -> str | None:
    """As editors do that keep the old text under another name: for a moment, or for good."""
    path = _pick(folders.files(), a)
    if path is None or len(folders.files()) >= MOST_FILES:
        return None
    backup = path.with_name(path.name + ("~" if b % 2 else ".bak.txt"))
    path.replace(backup)
    path.write_text(folders.text())
    if b % 3:
        backup.unlink()
    return f"save {path}, backup {backup.name}"


@_change
def rename(folders: Folders, a: int, b: int) -> str | None:
    path = _pick(folders.files(), a)
    if path is None:
        return None
    target = path.with_name(_NAMES[b % len(_NAMES)])
    if os.path.lexists(target):
        return None
    path.rename(target)
    return f"rename {path} to {target.name}"


@_change
def change_case(folders: Folders, a: int, _b: int) -> str | None:
    path = _pick(folders.files(), a)
    if path is None:
        return None
    target = path.with_name(path.name.swapcase())
    if os.path.lexists(target):
        return None
    path.rename(target)
    return f"rename {path} to {target.name}"


@_change
def move(folders: Folders, a: int, b: int) -> str | None:
    """Also between linked folders, and to another drive."""
    path, folder = _pick(folders.files(), a), _pick(folders.folders(), b)
    if path is None or folder is None or os.path.lexists(folder / path.name):
        return None
    shutil.move(path, folder / path.name)
    return f"move {path} to {folder}"


@_change
def move_over(folders: Folders, a: int, b: int) -> str | None:
    path, target = _pick(folders.files(), a), _pick(folders.files(), b)
    if path is None or target is None or path.samefile(target):
        return None
    shutil.move(path, target)
    return f"move {path} over {target}"


@_change
def exchange(folders: Folders, a: int, b: int) -> str | None:
    one, other = _pick(folders.files(), a), _pick(folders.files(), b)
    if one is None or other is None or one.samefile(other):
        return None
    between = one.with_name(".between")
    shutil.move(one, between)
    shutil.move(other, one)
    shutil.move(between, other)
    return f"exchange {one} and {other}"


@_change
def rename_folder(folders: Folders, a: int, b: int) -> str | None:
    path = _pick(folders.movable(), a)
    if path is None:
        return None
    target = path.with_name(_FOLDER_NAMES[b % len(_FOLDER_NAMES)])
    if os.path.lexists(target):
        return None
    path.rename(target)
    return f"rename {path} to {target.name}"


@_change
def move_folder(folders: Folders, a: int, b: int) -> str | None:
    path, folder = _pick(folders.movable(), a), _pick(folders.folders(), b)
    if path is None or folder is None or folder.is_relative_to(path) or os.path.lexists(folder / path.name):
        return None
    if len(folder.parts) > len(folders.roots[0].parts) + _DEEPEST:
        return None
    shutil.move(path, folder / path.name)
    return f"move {path} to {folder}"


@_change
def delete(folders: Folders, a: int, _b: int) -> str | None:
    path = _pick(folders.files(), a)
    if path is None:
        return None
    path.unlink()
    return f"delete {path}"


@_change
def delete_folder(folders: Folders, a: int, b: int) -> str | None:
    path = _pick(folders.movable(), a)
    if path is None or b % 3:  # else little would ever be there
        return None
    shutil.rmtree(path)
    return f"delete {path}"


@_change
def delete_and_make_anew(folders: Folders, a: int, b: int) -> str | None:
    """The inode is often the same."""
    path = _pick(folders.files(), a)
    if path is None:
        return None
    content = path.read_bytes() if b % 2 else folders.text().encode()
    path.unlink()
    path.write_bytes(content)
    return f"delete and make anew {path}"


@_change
def copy(folders: Folders, a: int, b: int) -> str | None:
    path, place = _pick(folders.files(), a), folders.free_place(b, a)
    if path is None or place is None or len(folders.files()) >= MOST_FILES:
        return None
    (shutil.copy2 if a % 2 else shutil.copyfile)(path, place)
    return f"copy {path} to {place}"


@_change
def copy_folder(folders: Folders, a: int, b: int) -> str | None:
    path, place = _pick(folders.movable(), a), folders.free_place(b, a, _FOLDER_NAMES)
    if path is None or place is None or place.is_relative_to(path):
        return None
    if len(folders.files()) + len(_below(path)) > MOST_FILES:
        return None
    shutil.copytree(path, place, symlinks=True)
    return f"copy {path} to {place}"


@_change
def hard_link(folders: Folders, a: int, b: int) -> str | None:
    path, place = _pick(folders.files(), a), folders.free_place(b, a)
    if path is None or place is None or len(folders.files()) >= MOST_FILES:
        return None
    if path.stat().st_dev != place.parent.stat().st_dev:
        return None
    place.hardlink_to(path)
    return f"hard link {path} at {place}"


@_change
def link(folders: Folders, a: int, b: int) -> str | None:
    """A symbolic link to a file, a folder, itself or nothing, in the linked folders or outside."""
    place = folders.free_place(b, a, ["link.txt", "linked", "other link", "l.md"])
    # What a link leads to under an ignored name is not heard of.
    targets = [path for path in (*folders.files(), *folders.folders()) if not folders.is_ignored(path)]
    targets += [folders.outside, folders.outside / "far"]
    targets += [folders.outside / "outside0.txt", folders.outside / "nothing"]
    if place is None or len(folders.links()) > 8:
        return None
    target = place if a % 11 == 0 else targets[(a + b) % len(targets)]
    place.symlink_to(target)
    return f"link {place} to {target}"


@_change
def edit_behind_link(folders: Folders, _a: int, b: int) -> str | None:
    """In a folder outside that links lead to, or not."""
    path = folders.outside / "far" / f"outside{1 + b % 2}.txt"
    path.write_text(f"outside {folders.text()}")
    return f"edit {path}"


@_change
def unlink(folders: Folders, a: int, _b: int) -> str | None:
    path = _pick(folders.links(), a)
    if path is None:
        return None
    path.unlink()
    return f"unlink {path}"


@_change
def change_rights(folders: Folders, a: int, b: int) -> str | None:
    path = _pick([*folders.files(), *folders.movable()], a)
    if path is None:
        return None
    path.chmod((0o755, 0o700)[b % 2] if path.is_dir() else (0o644, 0o600)[b % 2])
    return f"change rights of {path}"


@_change
def set_clock_back(folders: Folders, a: int, b: int) -> str | None:
    """Another text with an older time, of the same length."""
    path = _pick(folders.editable(), a)
    if path is None:
        return None
    path.write_text(folders.text())
    os.utime(path, (1_000_000_000 + b, 1_000_000_000 + b))
    return f"set back {path}"


@_change
def touch(folders: Folders, a: int, _b: int) -> str | None:
    path = _pick(folders.editable(), a)
    if path is None:
        return None
    path.touch()
    return f"touch {path}"
