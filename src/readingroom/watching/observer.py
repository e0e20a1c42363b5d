"""Watches folders with watchdog and tells where something settled."""

import errno
import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from watchdog.events import (
    EVENT_TYPE_DELETED,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)

from readingroom.core.errors import EventsUnavailable
from readingroom.watching.file_systems import silence_of
from readingroom.watching.settling import SettlingPaths

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver, ObservedWatch

# WORKAROUND watchdog 7.1: a folder that is made while its parent is being walked is found twice, by the event and by
# the walk. It goes on with the same callback, but its warning would write paths over the terminal.
warnings.filterwarnings(
    "ignore", message="Callback with id .* already exists for watch", category=RuntimeWarning
)
if sys.platform.startswith("linux"):
    from readingroom.watching.inotify_bookkeeping import mend_bookkeeping

    mend_bookkeeping()

log = logging.getLogger(__name__)

# Without opened and closed-unwritten: reading a file is no change. A change of rights may make one readable.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]
MOST_PATHS = 2_000
LONGEST_MS = 5_000
"""A file that is written to without a rest is told of this often."""
ROOT_CHECK_MS = 2_000

Identity = tuple[int, int]
T = TypeVar("T")
_USED_UP = (errno.ENOSPC, errno.ENOMEM, errno.EMFILE)


@dataclass(slots=True, eq=False)
class _Watch:
    path: Path
    """What was asked for; events name paths below it."""
    folder: Path
    """What is observed: the same, or the folder of a single file."""
    real_folder: Path
    """The same with links resolved, as the observer knows it."""
    recursive: bool
    on_changed: Callable[[Iterable[Path]], None]
    on_lost: Callable[[str], None] | None
    settling: SettlingPaths
    identity: Identity | None = None
    """Device and number of the folder observed; None while it is away."""
    observed: "ObservedWatch | None" = None
    """What the observer knows it by; another watch that leads to the same folder by a link has an equal one."""
    handler: "_Handler | None" = None
    active: bool = True


class FolderWatcher:
    """A `Watcher`. Callbacks come on one thread, one after another; they may call `watch` and `unwatch`.

    Folders that vanish (deleted, renamed, unmounted) are told of as the watched path itself, and once more when
    they are back; in between they stay watched. When the system drops events, the watched path itself is told. A folder
    in which a new subfolder finds no watch left is given up whole: half heard it would pass for watched, and its
    watches are wanted elsewhere.
    """

    def __init__(
        self,
        debounce_ms: int = 500,
        *,
        longest_ms: int = LONGEST_MS,
        root_check_ms: int = ROOT_CHECK_MS,
        silence: Callable[[Path], str] = silence_of,
    ) -> None:
        """`silence` tells why changes in a folder are not announced; empty where they are."""
        self._debounce_s = debounce_ms / 1000
        self._longest_s = longest_ms / 1000
        self._root_check_s = root_check_ms / 1000
        self._silence = silence
        # Held while talking to the observer, which calls back under a lock of its own: never taken in a handler.
        self._registry = threading.Lock()
        self._watches: dict[Path, _Watch] = {}
        self._observer: BaseObserver | None = None
        self._delivery: threading.Thread | None = None
        self._changed = threading.Condition()
        self._refused: set[Path] = set()
        """Real folders in which a subfolder got no watch."""
        self._closed = False

    def watch(
        self,
        path: Path,
        *,
        recursive: bool,
        on_changed: Callable[[Iterable[Path]], None],
        on_lost: Callable[[str], None] | None = None,
    ) -> None:
        """See `Watcher`. Another watch of the same path is replaced."""
        self.unwatch(path)
        with self._registry:
            is_folder = path.is_dir()
            folder = path if is_folder else path.parent
            settling = SettlingPaths(
                path, rest_s=self._debounce_s, longest_s=self._longest_s, most=MOST_PATHS
            )
            watch = _Watch(path, folder, folder, recursive and is_folder, on_changed, on_lost, settling)
            if not path.exists():
                raise FileNotFoundError(f"{path} is not there")
            self._observe(watch)
            with self._changed:
                self._watches[path] = watch
                self._changed.notify()

    def unwatch(self, path: Path) -> None:
        with self._registry:
            with self._changed:
                watch = self._watches.pop(path, None)
            if watch is not None:
                watch.active = False
                self._disregard(watch)

    def close(self) -> None:
        """See `Watcher`. Not from a callback."""
        with self._changed:
            self._closed = True
            self._watches.clear()
            self._changed.notify()
        with self._registry:
            observer, self._observer = self._observer, None
            delivery, self._delivery = self._delivery, None
        if observer is not None:
            observer.stop()
            observer.join()
        if delivery is not None:
            delivery.join()

    def _observe(self, watch: _Watch) -> None:
        """Start hearing of it; registry held. Raises `OSError`, mostly `EventsUnavailable`."""
        if self._closed:
            raise OSError("The watcher is closed")
        watch.identity = _identity(watch.folder)
        # inotify does not follow a link that is the watched path itself.
        watch.real_folder = Path(os.path.realpath(watch.folder))
        if reason := self._silence(watch.real_folder):
            raise EventsUnavailable(reason)
        watch.handler = _Handler(lambda event: self._hear(watch, event))
        self._forget_refusal(watch)
        try:
            watch.observed = self._running_observer().schedule(
                watch.handler, str(watch.real_folder), recursive=watch.recursive, event_filter=_EVENTS
            )
        except OSError as error:
            if error.errno in _USED_UP:
                self._forget_refusal(watch)
                raise EventsUnavailable(_used_up(error.errno)) from error
            raise
        if self._forget_refusal(watch):
            self._disregard(watch)
            raise EventsUnavailable(_used_up(errno.ENOSPC))

    def _disregard(self, watch: _Watch, *, dead: bool = False) -> None:
        """Hear no more of it; registry held. Others that are observed with it stay, unless it is dead for all."""
        observed, watch.observed = watch.observed, None
        if observed is None or self._observer is None:
            return
        with self._changed:
            sharing = [other for other in self._watches.values() if other.observed == observed]
        if sharing and not dead and watch.handler is not None:
            self._observer.remove_handler_for_watch(watch.handler, observed)
            return
        self._observer.unschedule(observed)
        for other in sharing:
            other.observed = other.identity = None  # observed anew at the next check

    def _running_observer(self) -> "BaseObserver":
        if self._observer is None:
            observer = _make_observer(self._refuse, self._overflow)
            observer.start()
            self._observer = observer
            self._delivery = threading.Thread(target=self._deliver, name="folder-changes", daemon=True)
            self._delivery.start()
        return self._observer

    def _refuse(self, real_folder: Path) -> None:
        with self._changed:
            self._refused.add(real_folder)
            self._changed.notify()

    def _forget_refusal(self, watch: _Watch) -> bool:
        with self._changed:
            refused = watch.real_folder in self._refused
            self._refused.discard(watch.real_folder)
        return refused

    def _overflow(self) -> None:
        """Nobody knows what was lost: each folder is told of whole."""
        now_s = time.monotonic()
        with self._changed:
            for watch in self._watches.values():
                watch.settling.hear(watch.path, now_s)
            self._changed.notify()

    def _hear(self, watch: _Watch, event: FileSystemEvent) -> None:
        now_s = time.monotonic()
        with self._changed:
            for written in (event.src_path, event.dest_path):
                path = _below(watch, os.fsdecode(written)) if written else None
                if path is not None:
                    watch.settling.hear(path, now_s)
            if event.event_type == EVENT_TYPE_DELETED and event.src_path == str(watch.real_folder):
                # A folder made anew in its place may get the same number; this watch is dead all the same.
                watch.identity = None
            self._changed.notify()

    def _deliver(self) -> None:
        check_at_s = time.monotonic() + self._root_check_s
        while True:
            with self._changed:
                while not (
                    self._closed
                    or (given_up := self._take_refused())
                    or (due := self._take_due())
                    or time.monotonic() >= check_at_s
                ):
                    self._changed.wait(self._pause_s(check_at_s))
                if self._closed:
                    return
                due = [] if given_up else due
            for watch in given_up:
                self._lose(watch, _used_up(errno.ENOSPC))
            for watch, paths in due:
                _call(watch, paths)
            if time.monotonic() >= check_at_s:
                try:
                    self._check_roots()
                except Exception:
                    # Checked again soon; without this thread nobody would hear of anything.
                    log.exception("The watched folders could not be checked")
                check_at_s = time.monotonic() + self._root_check_s

    def _take_refused(self) -> list[_Watch]:
        # Others stay: a folder that is being watched just now is not in the list yet.
        watches = [watch for watch in self._watches.values() if watch.real_folder in self._refused]
        self._refused.difference_update(watch.real_folder for watch in watches)
        return watches

    def _lose(self, watch: _Watch, reason: str) -> None:
        """Give up a folder, unless it was unwatched or watched anew meanwhile."""
        with self._registry:
            with self._changed:
                if self._closed or self._watches.get(watch.path) is not watch:
                    return
                del self._watches[watch.path]
            watch.active = False
            self._disregard(watch)
        log.warning("%s is not watched any more: %s", watch.path, reason)
        if watch.on_lost is not None:
            _guarded(watch.on_lost, reason)

    def _take_due(self) -> list[tuple[_Watch, list[Path]]]:
        now_s = time.monotonic()
        taken = [(watch, watch.settling.take_due(now_s)) for watch in self._watches.values()]
        return [(watch, paths) for watch, paths in taken if paths]

    def _pause_s(self, check_at_s: float) -> float:
        times = [watch.settling.next_due_s() for watch in self._watches.values()]
        # Gathers what falls due close together into one call.
        soonest = min(
            (due_s + self._debounce_s / 10 for due_s in times if due_s is not None), default=check_at_s
        )
        return max(0.0, min(soonest, check_at_s) - time.monotonic())

    def _check_roots(self) -> None:
        """Compare each folder with the one observed: inotify is silent when it is renamed or unmounted."""
        with self._changed:
            watches = list(self._watches.values())
        for watch in watches:
            identity = _identity(watch.folder)
            if identity == watch.identity:
                continue
            with self._registry:
                if not watch.active or self._closed:
                    continue
                self._disregard(watch, dead=True)
                watch.identity = None
                lost = self._observe_again(watch) if identity is not None else ""
            if lost:
                self._lose(watch, lost)
            with self._changed:
                watch.settling.hear(watch.path, time.monotonic() - self._debounce_s)

    def _observe_again(self, watch: _Watch) -> str:
        """Watch a folder that came back; registry held. Why it no longer tells of its changes, if so."""
        try:
            self._observe(watch)
        except EventsUnavailable as error:
            return str(error)
        except OSError as error:
            watch.identity = None  # tried again at the next check
            log.warning("A folder that came back cannot be watched: %s", error)
        return ""


class _Handler(FileSystemEventHandler):
    """Hands every event on; one a watch, since watchdog keeps handlers in sets."""

    def __init__(self, hear: Callable[[FileSystemEvent], None]) -> None:
        self._hear = hear

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._hear(event)


def _call(watch: _Watch, paths: list[Path]) -> None:
    if watch.active:
        _guarded(watch.on_changed, paths)


def _guarded(listener: Callable[[T], None], value: T) -> None:
    try:
        listener(value)
    except Exception:
        # A listener's fault must not end the thread that serves all the others.
        log.exception("A listener to folder changes failed")


def _below(watch: _Watch, written: str) -> Path | None:
    """Put the path in the terms of the watched one; None for what stands beside a single file."""
    path = Path(written)
    if not path.is_relative_to(watch.folder) and path.is_relative_to(watch.real_folder):
        path = watch.folder / path.relative_to(watch.real_folder)
    if path == watch.folder:
        return watch.path
    return path if path.is_relative_to(watch.path) else None


def _identity(folder: Path) -> Identity | None:
    try:
        found = folder.stat()
    except OSError:  # gone, its drive gone, or no longer ours to see
        return None
    return found.st_dev, found.st_ino


def _make_observer(refused: Callable[[Path], None], overflowed: Callable[[], None]) -> "BaseObserver":
    if sys.platform.startswith("linux"):
        from readingroom.watching.inotify import InotifyObserver

        return InotifyObserver(refused, overflowed)
    from watchdog.observers import Observer

    return Observer()


def _used_up(number: int | None) -> str:
    if sys.platform.startswith("linux"):
        from readingroom.watching.inotify import used_up

        return used_up(instances=number == errno.EMFILE)
    return "The system watches no more folders; it is looked through every now and then instead."
