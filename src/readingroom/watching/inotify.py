"""Linux's own announcements, with what watchdog keeps to itself: refused watches and a queue that overflowed."""

import ctypes
import errno
import os
import select
from collections.abc import Callable
from pathlib import Path

from watchdog.observers.api import DEFAULT_OBSERVER_TIMEOUT, BaseObserver
from watchdog.observers.inotify import InotifyEmitter
from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
    inotify_add_watch,
    inotify_init,
)

from readingroom.core.polling import WatchLimits

_LIMITS = Path("/proc/sys/fs/inotify")
_PROCESSES = Path("/proc")
_SHARE = 0.75
"""Of the watches that the system allows a person. The rest is left to editors, file managers and sync clients, which
fail in worse ways than by looking every half minute."""
_PROBE_MS = 500
"""An event is there before the call that caused it returns; this is for file systems that only pretend to be local."""

Refused = Callable[[Path], None]


class InotifyObserver(BaseObserver):
    """watchdog's observer, which also tells what got lost.

    `refused` takes the root of a watch for which a folder found no room, `overflowed` is called when the system
    dropped events. Both come on the thread that reads events, or on the one that schedules a watch.
    """

    def __init__(self, refused: Refused, overflowed: Callable[[], None]) -> None:
        """Raise `OSError` where the system has no observer left."""
        self._descriptor = _TellingFD(refused, overflowed)
        self._descriptor.start()
        super().__init__(InotifyEmitter, timeout=DEFAULT_OBSERVER_TIMEOUT, inotify_fd=self._descriptor)

    def on_thread_stop(self) -> None:
        super().on_thread_stop()
        self._descriptor.stop()
        self._descriptor.join()


class _TellingFD(InotifyFD):
    # WORKAROUND watchdog 7.1: subfolders it gets no watch for are left out, and dropped events cost a line in the log;
    # neither is told to those who listen.

    def __init__(self, refused: Refused, overflowed: Callable[[], None]) -> None:
        super().__init__()
        self._refused = refused
        self._overflowed = overflowed
        allowed = _number("max_user_watches")
        self._most = None if allowed is None else int(allowed * _SHARE)

    def add_callback(
        self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
    ) -> WatchDescriptor:
        root = Path(os.fsdecode(getattr(callback, "path", path)))
        if self._most is not None and len(self._watch_for_wd) >= self._most:
            self._refused(root)
            raise OSError(errno.ENOSPC, "our share of inotify watches is used up")
        try:
            return super().add_callback(path, mask, callback, id_)
        except OSError as error:
            # A subfolder that vanished or may not be read is no loss.
            if error.errno in (errno.ENOSPC, errno.ENOMEM):
                self._refused(root)
            raise

    def handle_event(self, event: InotifyEvent) -> None:
        # First watchdog watches anew what was made meanwhile: who looks before that sees less than all.
        super().handle_event(event)
        if event.is_queue_overflow:
            self._overflowed()


def announces(folder: Path) -> bool:
    """Whether the folder tells of what is done in it, tried by opening it, which changes nothing.

    Where that cannot be tried (no observer left, no right to read) it is taken for granted.
    """
    descriptor = inotify_init()
    if descriptor == -1:
        return True
    try:
        mask = InotifyConstants.IN_OPEN | InotifyConstants.IN_ONLYDIR
        if inotify_add_watch(descriptor, os.fsencode(folder), mask) == -1:
            # Some file systems refuse; used-up watches are told of by the real thing.
            return ctypes.get_errno() in (errno.ENOSPC, errno.ENOMEM, errno.EACCES)
        os.close(os.open(folder, os.O_RDONLY | os.O_DIRECTORY))
        return bool(select.select([descriptor], [], [], _PROBE_MS / 1000)[0])
    except OSError:
        return True
    finally:
        os.close(descriptor)


def used_up(*, instances: bool = False) -> str:
    """Say that the system allows no more, and what to do."""
    if instances:
        allowed = _number("max_user_instances")
        return (
            f"Linux allows your programs {_count(allowed)} observers of folders, and they are used up; it is looked through "
            "every now and then instead. Close other programs, or raise fs.inotify.max_user_instances."
        )
    allowed = _number("max_user_watches")
    return (
        f"Linux allows your programs {_count(allowed)} watched folders, and they are used up; it is looked through every now "
        "and then instead. Unlink large folders, or raise fs.inotify.max_user_watches."
    )


def read_limits() -> WatchLimits | None:
    """What is allowed and used by all programs of this person that we may look at; None where there is no such limit."""
    watches, instances = _number("max_user_watches"), _number("max_user_instances")
    if watches is None or instances is None:
        return None
    counts = [
        count for process in _PROCESSES.glob("[0-9]*") if _is_ours(process) for count in _watches(process)
    ]
    return WatchLimits(sum(counts), watches, len(counts), instances)


def _is_ours(process: Path) -> bool:
    try:
        return process.stat().st_uid == os.getuid()
    except OSError:  # it has ended
        return False


def _watches(process: Path) -> list[int]:
    """How many folders each observer of a process watches."""
    counts = []
    try:
        for descriptor in (process / "fd").iterdir():
            if os.readlink(descriptor) == "anon_inode:inotify":  # noqa: PTH115  (it is no path)
                about = (process / "fdinfo" / descriptor.name).read_text()
                counts.append(sum(line.startswith("inotify ") for line in about.splitlines()))
    except OSError:
        return counts
    return counts


def _number(name: str) -> int | None:
    try:
        return int((_LIMITS / name).read_text())
    except (OSError, ValueError):
        return None


def _count(number: int | None) -> str:
    return "only so many" if number is None else f"{number:,}"
