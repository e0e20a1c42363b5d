"""Tells whether a file is gone because it was deleted, or because the drive it lies on was unplugged."""

import os
from collections.abc import Callable
from pathlib import Path

from readingroom.core.sync_plan import KnownFile

_MOUNTS = Path("/proc/self/mountinfo")


def drive_away(root: str, root_device: int | None) -> Callable[[KnownFile], bool]:
    """A predicate for documents of one source whose file is not there.

    A file that lay on another device than the source's root, where now the root's own device is seen, and whose
    device is mounted nowhere, is on a drive that is not connected. `root_device` is the device of the root when it was
    last seen whole; None (not known) never tells of a drive.
    """
    now: list[int] = []
    mounted: set[int] = set()
    seen: dict[str, int] = {}

    def away(file: KnownFile) -> bool:
        if root_device is None or file.stamp.device in (0, root_device):
            return False
        if not now:
            now.append(os.stat(root).st_dev)
            mounted.update(_mounted_devices())
        nearest = _device_above(os.path.dirname(file.path), root, seen)
        return nearest == now[0] and file.stamp.device not in mounted

    return away


def _device_above(path: str, root: str, seen: dict[str, int]) -> int:
    """The device of the nearest folder above that is there; remembered in `seen`."""
    passed = []
    while path not in seen and path != root:
        passed.append(path)
        try:
            seen[path] = os.stat(path).st_dev
        except OSError:
            path = os.path.dirname(path)
        else:
            break
    device = seen.get(path) or os.stat(root).st_dev
    seen.update(dict.fromkeys(passed, device))
    return device


def _mounted_devices() -> set[int]:
    """Devices in use, where the system tells; elsewhere none."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    pairs = (line.split()[2].split(":") for line in lines if len(line.split()) > 2)
    return {os.makedev(int(major), int(minor)) for major, minor in pairs}
