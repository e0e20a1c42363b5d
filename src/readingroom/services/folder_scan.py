"""Lists the files below a source; reads names and stamps only."""

import errno
import logging
import os
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from readingroom.core.source_rules import LeftOutFile
from readingroom.core.sync_plan import FileStamp
from readingroom.services.rules import Rules

log = logging.getLogger(__name__)

_GONE = (FileNotFoundError, NotADirectoryError)

MOST_LISTED = 10_000
"""Of what is left out of a source; beyond that it is counted."""

STORABLE = (1 << 63) - 1
"""SQLite's integers; some file systems number their files with 64 bits."""

Identity = tuple[int, int]
"""Device and inode."""


@dataclass(slots=True)
class Look:
    """What a look at a source found; paths are text, since there may be 40,000."""

    files: dict[str, FileStamp] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)
    """What is there and cannot be looked at (a share that does not answer, a folder without rights): nothing may be
    concluded of what is at or below it. Such a folder is among the files, and so are pipes and devices: reading them
    says why it cannot be done, and so the list of documents does."""
    links: list[str] = field(default_factory=list)
    """Symbolic links to folders that were followed."""
    file_links: list[str] = field(default_factory=list)
    """And those to files."""
    left_out: list[LeftOutFile] = field(default_factory=list)
    """What the rules left out, as much as is worth listing; a folder once, whatever is in it."""
    left_out_total: int = 0
    shared: set[str] = field(default_factory=set)
    """Files that have other names as well (hard links)."""
    unread_names: dict[str, FileStamp] = field(default_factory=dict)
    """Such files under a name that the rules leave out: read by another one perhaps."""

    def leave_out(self, entry: LeftOutFile) -> None:
        """Note what is not to be read."""
        self.left_out_total += 1
        if self.left_out_total <= MOST_LISTED:
            self.left_out.append(entry)

    def add(self, path: str, status: os.stat_result) -> None:
        """A file that is to be read."""
        self.files[path] = _stamp_of(status)
        if status.st_nlink > 1:
            self.shared.add(path)

    def pass_by(self, path: str, status: os.stat_result) -> None:
        """A file that is not to be read under this name."""
        if status.st_nlink > 1 and stat.S_ISREG(status.st_mode):
            self.unread_names[path] = _stamp_of(status)


class FolderScan:
    """Looks at one source by its rules.

    A symbolic link is followed where it leads to what is not read otherwise: not to a file or folder of the source
    itself nor to one above it, nor into another source, and of several links to the same place one. So a file is
    found once, and circles end.
    """

    def __init__(self, root: str, elsewhere: Collection[str] = (), rules: Rules | None = None) -> None:
        """`elsewhere`: roots of the workspace's other sources. What lies in those below this one is theirs."""
        self._root = root
        self._below = len(root.rstrip(os.sep)) + 1
        self._rules = Rules(root) if rules is None else rules
        self._inner = frozenset(path for path in elsewhere if path != root and is_below(path, root))
        self._others = [path for path in elsewhere if not is_below(root, path)]
        self._outer = [path for path in elsewhere if path != root and is_below(root, path)]

    def everything(self) -> Look:
        """All files of the source. Raises `OSError` where the root itself cannot be read, lest it be taken for empty."""
        look = Look()
        if not stat.S_ISDIR(os.stat(self._root).st_mode):
            _add(look, self._root)
            return look
        os.scandir(self._root).close()
        folders, links = self._walk(look, self._root)
        if links:
            self._follow(look, links, {found for path in folders if (found := _identity(path))})
        return look

    def at(self, paths: Iterable[str]) -> Look | None:
        """Files at or below some paths of the source; None where only a look at everything can tell.

        That is so with symbolic links, since what they lead to may be found elsewhere.
        """
        look = Look()
        real: set[str] = set()
        for path in paths:
            if self._leaves_out(path):
                _pass_by(look, path)
                continue
            if self._is_behind_link(path, real):
                return None
            try:
                if stat.S_ISDIR(os.lstat(path).st_mode):
                    _, links = self._walk(look, path)
                    if links:
                        return None
                else:
                    self._add(look, path)
            except _GONE as error:
                log.debug("Not there any more: %s: %s", path, error.strerror)
            except OSError as error:
                _pass_over(look, path, error)
        _drop_other_spellings(look.files)
        return look

    def is_others(self, path: str) -> bool:
        """Whether it lies in another source that is linked within this one."""
        return any(is_below(path, inner) for inner in self._inner)

    def _leaves_out(self, path: str) -> bool:
        if path == self._root:
            return False
        if self.is_others(path):
            return True
        above = [path[:end] for end in range(self._below, len(path)) if path[end] == os.sep]
        if os.path.isdir(path):
            above.append(path)
        return any(self._rule(folder) is not None for folder in above)

    def _rule(self, path: str, size_bytes: int | None = None, *, folder: bool = True) -> str | None:
        relative = path[self._below :].replace(os.sep, "/")
        name = relative.rpartition("/")[2]
        if folder:
            return self._rules.folder(relative, name)
        return self._rules.file(relative, name, size_bytes)

    def _reads(self, look: Look, path: str, size_bytes: int | None = None, *, folder: bool = False) -> bool:
        """Whether the rules let it through; noted otherwise."""
        rule = self._rule(path, size_bytes, folder=folder)
        if rule is not None:
            relative = path[self._below :].replace(os.sep, "/")
            look.leave_out(LeftOutFile(relative, rule, folder, size_bytes))
        return rule is None

    def _is_behind_link(self, path: str, real: set[str]) -> bool:
        """Whether it is a link or lies behind one, seen from the root; `real` holds what is known to be none."""
        while len(path) > len(self._root) and path not in real:
            if os.path.islink(path):
                return True
            real.add(path)
            path = os.path.dirname(path)
        return False

    def _walk(self, look: Look, start: str, seen: set[Identity] | None = None) -> tuple[list[str], list[str]]:
        """Add the files below a folder; the folders gone through, and the links found.

        With `seen`, folders that are in it are passed over, and added to it otherwise.
        """
        folders: list[str] = []
        links: list[str] = []
        pending = [start]
        while pending:
            path = pending.pop()
            try:
                with os.scandir(path) as entries:
                    if seen is not None and not _first_time(path, seen):
                        continue
                    folders.append(path)
                    for entry in entries:
                        self._take(look, entry, pending, links)
            except _GONE as error:
                log.debug("Passed over %s: %s", path, error.strerror)
            except OSError as error:
                _pass_over(look, path, error)
        return folders, links

    def _take(self, look: Look, entry: "os.DirEntry[str]", pending: list[str], links: list[str]) -> None:
        path = entry.path
        try:
            if entry.is_symlink():
                links.append(path)
            elif entry.is_dir(follow_symlinks=False):
                if path not in self._inner and self._reads(look, path, folder=True):
                    pending.append(path)
            elif path not in self._inner:
                status = entry.stat(follow_symlinks=False)
                if self._reads(look, path, status.st_size):
                    look.add(path, status)
                else:
                    look.pass_by(path, status)
        except _GONE as error:
            log.debug("Passed over %s: %s", path, error.strerror)
        except OSError as error:
            _pass_over(look, path, error)

    def _follow(self, look: Look, links: list[str], folders: set[Identity]) -> None:
        """Follow links, and those found behind them: to folders first, then to files that are in none of these."""
        root = os.path.realpath(self._root)
        others = [os.path.realpath(path) for path in (*self._others, *self._inner)]
        outer = [os.path.realpath(path) for path in self._outer]

        def is_read_elsewhere(target: str) -> bool:
            around = () if is_below(target, root) else outer
            return any(is_below(target, other) for other in (*others, *around))

        to_files: list[str] = []
        while links:
            # By name, lest another of two links be followed tomorrow.
            links.sort(reverse=True)
            path = links.pop()
            target, found = os.path.realpath(path), _identity(path)
            if found is None or is_below(root, target) or is_read_elsewhere(target):
                continue
            if not os.path.isdir(path):
                to_files.append(path)
            elif found not in folders and self._reads(look, path, folder=True):
                look.links.append(path)
                links += self._walk(look, path, folders)[1]
        files = {(stamp.device, stamp.inode) for stamp in look.files.values()}
        for path in sorted(to_files):
            found = _identity(path)
            if found not in files and path not in self._inner:
                self._add(look, path)
                if path in look.files:
                    files.add(found or (0, 0))
                    look.file_links.append(path)

    def _add(self, look: Look, path: str) -> None:
        """Add a file by the rules; the source itself, where that is a file, whatever it is."""
        named = path == self._root
        _add(look, path, lambda size_bytes: named or self._reads(look, path, size_bytes))


def is_below(path: str, folder: str) -> bool:
    """Whether the path is the folder or lies in it; compared as written."""
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def _first_time(path: str, seen: set[Identity]) -> bool:
    found = _identity(path)
    if found is None or found in seen:
        return False
    seen.add(found)
    return True


def _identity(path: str) -> Identity | None:
    try:
        status = os.stat(path)
    except OSError:  # a link to nowhere or in a circle, or gone since it was listed
        return None
    return status.st_dev & STORABLE, status.st_ino & STORABLE


def _add(look: Look, path: str, reads: Callable[[int], bool] = lambda _: True) -> None:
    try:
        status = os.stat(path)
    except OSError as error:
        # A link to nowhere or in a circle, or a file that went since it was listed.
        log.debug("Passed over %s: %s", path, error.strerror)
        if not isinstance(error, _GONE) and error.errno != errno.ELOOP:
            look.unseen.append(path)
        return
    if stat.S_ISDIR(status.st_mode):
        return
    if reads(status.st_size):
        look.add(path, status)
    else:
        look.pass_by(path, status)


def _pass_by(look: Look, path: str) -> None:
    try:
        look.pass_by(path, os.lstat(path))
    except OSError as error:
        log.debug("Not there any more: %s: %s", path, error.strerror)


def _stamp_of(status: os.stat_result) -> FileStamp:
    return FileStamp(status.st_size, status.st_mtime_ns, status.st_dev & STORABLE, status.st_ino & STORABLE)


def _pass_over(look: Look, path: str, error: OSError) -> None:
    log.warning("Passed over %s: %s", path, error.strerror)
    look.unseen.append(path)
    try:
        status = os.stat(path)
    except OSError:
        return
    if stat.S_ISDIR(status.st_mode):
        look.add(path, status)


def _drop_other_spellings(files: dict[str, FileStamp]) -> None:
    """Of several names that a disk takes for the same (`Report.txt` and `report.txt`), keep the one it lists.

    After a renaming both are told of, and where case or the form of accents does not count both are found.
    """
    by_file: dict[tuple[str, Identity], list[str]] = defaultdict(list)
    for path, stamp in files.items():
        folded = unicodedata.normalize("NFC", path).casefold()
        by_file[folded, (stamp.device, stamp.inode)].append(path)
    for paths in by_file.values():
        if len(paths) < 2:
            continue
        folder = os.path.dirname(paths[0])
        try:
            listed = set(os.listdir(folder))
        except OSError:
            continue
        true = [path for path in paths if os.path.basename(path) in listed]
        for path in paths:
            if path not in true and (true or path != paths[0]):
                del files[path]
