"""The mark of a running program in its data folder: what kind it is, and whether the last one ended in order."""

import json
import os
from contextlib import suppress
from pathlib import Path

WINDOW, COMMAND = "window", "command"


class RunningMark:
    """Written once the folder is taken, removed when it is given back. Left behind by a crash."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._path = _place(folder)
        self.ended_suddenly = self._path.exists()
        # Without it (a full disk) the program runs just as well.
        with suppress(OSError):
            self._path.write_text(json.dumps({"kind": kind, "pid": os.getpid()}), "utf-8")

    def remove(self) -> None:
        """The program ends in order."""
        with suppress(OSError):
            self._path.unlink()


def kind_running(folder: Path) -> str:
    """What was started last on a folder; empty when nobody knows."""
    try:
        return str(json.loads(_place(folder).read_text("utf-8"))["kind"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _place(folder: Path) -> Path:
    return folder / "running"
