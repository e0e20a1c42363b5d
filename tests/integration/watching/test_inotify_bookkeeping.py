"""watchdog's own account of watches, where folders take each other's places."""

import sys

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("inotify is Linux's", allow_module_level=True)

from watchdog.observers.inotify import InotifyWatchGroup
from watchdog.observers.inotify_c import InotifyFD, WatchDescriptor

from readingroom.watching.inotify_bookkeeping import mend_bookkeeping


def test_two_watches_of_one_path_can_both_be_removed(tmp_path: object) -> None:
    """They stand for one path when a folder is renamed and another takes its name before both are told of."""
    mend_bookkeeping()
    descriptor = InotifyFD()
    group = InotifyWatchGroup(descriptor, str(tmp_path).encode())
    try:
        old, new = WatchDescriptor(1001), WatchDescriptor(1002)
        group._active_callbacks_by_watch |= {old: b"/docs", new: b"/docs"}
        group._active_callbacks_by_path[b"/docs"] = new
        group.on_watch_deleted(new)
        group.on_watch_deleted(old)
        assert b"/docs" not in group._active_callbacks_by_path
        assert not {old, new} & group._active_callbacks_by_watch.keys()
    finally:
        group.deactivate()
        descriptor.close()
