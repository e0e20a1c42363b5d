"""A drive that can be unplugged: a file system of its own, mounted on a folder and taken off again."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path


class Mount:
    """A file system in memory, seen at `point`; beneath it `point` is an empty folder."""

    def __init__(self, point: Path, backing: Path) -> None:
        self._point = point
        self._backing = backing
        backing.mkdir()
        _run("mount", "-t", "tmpfs", "-o", "size=64m", "reading-room-test", str(backing))
        self._there = False
        self.bring_back()

    def take_away(self) -> None:
        """Unplug it, though it may be in use."""
        _run("umount", "--lazy", str(self._point))
        self._there = False

    def bring_back(self) -> None:
        _run("mount", "--bind", str(self._backing), str(self._point))
        self._there = True

    def remove(self) -> None:
        """Take everything off."""
        if self._there:
            self.take_away()
        _run("umount", "--lazy", str(self._backing))


@cache
def can_mount() -> bool:
    """Whether this process may: root in a container without the right to may not."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return False
    tried = subprocess.run(
        # In a name space of its own, which ends with it.
        ["unshare", "--mount", "mount", "-t", "tmpfs", "reading-room-test", "/mnt"],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
