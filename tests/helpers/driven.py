"""Starts, asks and kills the program that `sync_driver.py` runs."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from helpers.program import environment

_SCRIPT = Path(__file__).with_name("sync_driver.py")
_ANSWER_S = 240.0


class DrivenProgram:
    """The program on a data folder; its log goes to a file beside it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._log = data.with_name("driver.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._unread = b""
        self._ready = False

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Begin to start it; the first `ask` waits until it is there."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(_SCRIPT), str(self._data)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment(),
                bufsize=0,
            )
        self._unread = b""
        self._ready = False

    def ask(self, what: str, **more: object) -> dict[str, Any]:
        """Request and answer. Raises `AssertionError` when none comes."""
        assert self._process is not None
        assert self._process.stdin is not None
        if not self._ready:
            self._answer()
            self._ready = True
        self._process.stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")
        return self._answer()

    def kill(self) -> None:
        """End it and all its children as the system would, at whatever it is doing."""
        assert self._process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self._process.pid)
            for process in (parent, *parent.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        self._end()

    def quit(self) -> None:
        """End it as a person would."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        code = self._process.wait(_ANSWER_S)
        self._end()
        assert code == 0, f"It ended with {code}; see {self._log}"

    def _end(self) -> None:
        process, self._process = self._process, None
        assert process is not None
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        deadline = time.monotonic() + _ANSWER_S
        while b"\n" not in self._unread:
            readable, _, _ = select.select(
                [self._process.stdout], [], [], max(0.0, deadline - time.monotonic())
            )
            assert readable, f"No answer for {_ANSWER_S:g} s; see {self._log}"
            piece = os.read(self._process.stdout.fileno(), 1 << 20)
            assert piece, f"The program ended by itself; see {self._log}"
            self._unread += piece
        line, self._unread = self._unread.split(b"\n", 1)
        answer: dict[str, Any] = json.loads(line)
        return answer
