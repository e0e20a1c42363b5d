"""Looking at, and harming, real child processes."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable

import psutil


def wait_until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Wait for something another process does, of which no event tells us."""
    waiting = threading.Event()
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("It did not come about in time.")
        waiting.wait(0.01)


def is_gone(pid: int) -> bool:
    """Whether no such process runs; a zombie counts as one that is still there only to its parent."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def is_reaped(pid: int) -> bool:
    """Whether nothing is left of it, not even a zombie."""
    return not psutil.pid_exists(pid)


def kill(pid: int) -> None:
    """End it as the system would."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def freeze(pid: int) -> None:
    """Make it hang."""
    os.kill(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    """Let it go on."""
    os.kill(pid, signal.SIGCONT)
