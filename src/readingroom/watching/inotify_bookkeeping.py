"""Mends how watchdog keeps account of inotify's watches."""

from watchdog.observers.inotify import InotifyWatchGroup
from watchdog.observers.inotify_c import WatchDescriptor


def mend_bookkeeping() -> None:
    """Replace the part that fails; once more does no harm.

    WORKAROUND watchdog 7.1: where a folder is renamed or deleted and another put in its place, two descriptors stand
    for one path for a while. Taking out the second, it raises a `KeyError`: in whichever thread removes a watch, or in
    its own that reads the events of all, which ends that thread, and nothing is heard any more.
    """
    InotifyWatchGroup._remove_watch_internally = _remove_watch  # type: ignore[method-assign, assignment]  # noqa: SLF001


def _remove_watch(group: InotifyWatchGroup, wd: WatchDescriptor) -> None:
    path = group._active_callbacks_by_watch.pop(wd, None)  # noqa: SLF001
    if path is not None and group._active_callbacks_by_path.get(path) == wd:  # noqa: SLF001
        del group._active_callbacks_by_path[path]  # noqa: SLF001
