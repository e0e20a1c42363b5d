"""Lists the files below a source; reads names and stamps only."""

import errno
import logging
import os
import stat
from collections.abc import Iterable, Iterator, MutableSequence
from pathlib import Path

from readingroom.core.ignore_rules import ignores_file, ignores_folder
from readingroom.core.sync_plan import FileStamp, FoundFile

log = logging.getLogger(__name__)


_GONE = (FileNotFoundError, NotADirectoryError)


def scan(root: Path, unseen: MutableSequence[Path]) -> Iterator[FoundFile]:
    """Files at or below `root`, symbolic links to folders not followed (they may lead in circles).

    What is there and cannot be looked at (a share that does not answer, a folder without rights) is added to
    `unseen`: nothing may be concluded of what is at or below it. Such a folder is found as if it were a file, and
    so are pipes and devices: reading them says why it cannot be done, and so the list of documents does. Raises
    `OSError` where the root itself cannot be read, so that a vanished root is never taken for an empty one.
    """
    if not root.is_dir():
        root.stat()
        yield from _found(root, unseen)
        return
    with os.scandir(root) as entries:
        pending = list(entries)
    while pending:
        entry = pending.pop()
        try:
            if entry.is_dir(follow_symlinks=False):
                if not ignores_folder(entry.name):
                    with os.scandir(entry.path) as entries:
                        pending.extend(entries)
            elif not ignores_file(entry.name):
                yield from _found(Path(entry.path), unseen)
        except _GONE as error:
            log.debug("Passed over %s: %s", entry.path, error.strerror)
        except OSError as error:
            log.warning("Passed over %s: %s", entry.path, error.strerror)
            unseen.append(Path(entry.path))
            yield from _found(Path(entry.path), unseen, folder=True)


def look_at(root: Path, paths: Iterable[Path], unseen: MutableSequence[Path]) -> Iterator[FoundFile]:
    """Files at or below some paths of a source, by the same rules as `scan`."""
    for path in paths:
        inner = path.relative_to(root).parts if path != root else ()
        if any(ignores_folder(part) for part in inner[:-1]):
            continue
        try:
            if path.is_symlink() and path.is_dir():
                continue
            if path.is_dir():
                if not inner or not ignores_folder(path.name):
                    yield from scan(path, unseen)
            elif path == root or not ignores_file(path.name):
                yield from _found(path, unseen)
        except _GONE as error:
            log.debug("Not there any more: %s: %s", path, error.strerror)
        except OSError as error:
            log.warning("Passed over %s: %s", path, error.strerror)
            unseen.append(path)
            yield from _found(path, unseen, folder=True)


def _found(path: Path, unseen: MutableSequence[Path], *, folder: bool = False) -> Iterator[FoundFile]:
    """What is at `path`; nothing for a folder (a link may lead to one), or with `folder` nothing for anything else."""
    try:
        status = path.stat()
    except OSError as error:
        # A link to nowhere or in a circle, or a file that went since it was listed.
        log.debug("Passed over %s: %s", path, error.strerror)
        if not isinstance(error, _GONE) and error.errno != errno.ELOOP:
            unseen.append(path)
        return
    if stat.S_ISDIR(status.st_mode) == folder:
        yield FoundFile(path, FileStamp(status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino))
