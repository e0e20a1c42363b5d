"""A child process that serves one role: started when first needed, bounded, ended with its parent."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, WorkerCrashed, WorkerOutOfMemory, WorkerTimedOut
from readingroom.worker.exits import in_plain_words
from readingroom.worker.protocol import Frame, raised_error
from readingroom.worker.running import RunningChild

log = logging.getLogger(__name__)

_POLL_S = 0.1
"""How often a waiting caller looks at cancellation; memory at every second look."""

_SHORT_S = 0.05
"""A wait that is not worth asking the system about."""
_MEMORY_POLL_S = 0.2

PATIENCE = 4.0
"""Bounds on time leave out the time in which the system had no processor for the child, but are stretched at most so far.

Among others that want all processors, a child of low priority was seen to get one for 14 s of 510: a novel that
takes 6 s then went over its limit of 60. Its file is not at fault, yet the next one must not wait for ever.
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a request may take; None is no bound."""

    timeout_s: float | None = None
    """For the whole answer; see `PATIENCE`."""
    stall_s: float | None = 120.0
    """Without a frame; see `PATIENCE`."""
    memory_bytes: int | None = None
    """Resident size of the child; None leaves the child's own limit."""


class ChildProcess:
    """Holds at most one live child and gives it one request at a time, from any thread.

    A child that dies, hangs or eats memory costs the request under way; the next one starts a new child.
    """

    def __init__(
        self,
        role: str,
        data_dir: Path,
        *,
        memory_limit_bytes: int | None = None,
        online: bool = False,
        arguments: Sequence[str] = (),
    ) -> None:
        """Start nothing yet. `online` lets the child use the network; `arguments` are its own."""
        self._role = role
        self.data_dir = data_dir
        self._memory_limit_bytes = memory_limit_bytes
        self._online = online
        self._arguments = tuple(arguments)
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._running: RunningChild | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The live child's process id."""
        running = self._running
        return running.pid if running is not None and running.alive else None

    def call(
        self, request: Iterable[Frame], *, bounds: Bounds = Bounds(), cancel: CancelToken | None = None
    ) -> Frame:
        """Send a request and return the last frame of the answer. Raises as `stream`."""
        last = Frame({})
        for frame in self.stream(request, bounds=bounds, cancel=cancel):
            last = frame
        return last

    def stream(
        self, request: Iterable[Frame], *, bounds: Bounds = Bounds(), cancel: CancelToken | None = None
    ) -> Iterator[Frame]:
        """Send a request and yield the answer's frames; leaving early ends the child. Waits for its turn.

        Raises `WorkerCrashed`, `WorkerTimedOut`, `WorkerOutOfMemory`, `Cancelled` (also when `close` is called
        meanwhile) and what the child reports.
        """
        with self._turn:
            if cancel is not None:
                cancel.raise_if_cancelled()
            running = self._start_if_needed()
            answered = False
            try:
                running.send(list(request))
                for frame in self._frames(running, bounds, cancel):
                    answered = "done" in frame.header or "error" in frame.header
                    if "error" in frame.header:
                        error = raised_error(frame.header)
                        # After running out of memory what is left is too little for the next file.
                        answered = not isinstance(error, WorkerOutOfMemory)
                        raise error
                    yield frame
            finally:
                if not answered:
                    running.kill()

    def close(self, grace_s: float = 5.0) -> None:
        """End the child: at once when a request is under way, else after letting it finish up."""
        with self._state:
            self._closed = True
            running = self._running
        if running is None:
            return
        if self._turn.acquire(blocking=False):
            try:
                running.end(grace_s)
            finally:
                self._turn.release()
        else:
            running.kill()
            running.wait(grace_s)

    def _start_if_needed(self) -> RunningChild:
        with self._state:
            if self._closed:
                raise Cancelled
            if self._running is None or not self._running.alive:
                self._running = RunningChild(
                    self._role,
                    self.data_dir,
                    online=self._online,
                    memory_limit_bytes=self._memory_limit_bytes,
                    arguments=self._arguments,
                )
            return self._running

    def _frames(self, running: RunningChild, bounds: Bounds, cancel: CancelToken | None) -> Iterator[Frame]:
        """Yield frames up to the last one, minding the bounds. The caller's own time does not count."""
        waited = _Wait(running.pid)
        silent: _Wait | None = None
        memory_looked_at = time.monotonic()
        while True:
            asked = time.monotonic()
            frame = running.receive(_POLL_S)
            now = time.monotonic()
            waited.add(now - asked)
            if frame is not None:
                silent = None
            else:
                silent = silent or _Wait(running.pid)
                silent.add(now - asked)
            if cancel is not None:
                cancel.raise_if_cancelled()
            if frame is not None:
                yield frame
                if "done" in frame.header:
                    return
            elif self._closed:
                raise Cancelled
            elif running.ended:
                raise WorkerCrashed(self._crash_report(running))
            if bounds.stall_s is not None and silent is not None and silent.is_over(bounds.stall_s):
                raise WorkerTimedOut(f"Nothing moved for {bounds.stall_s:g} seconds.")
            if bounds.timeout_s is not None and waited.is_over(bounds.timeout_s):
                raise WorkerTimedOut(f"It took longer than {bounds.timeout_s:g} seconds.")
            if now - memory_looked_at >= _MEMORY_POLL_S:
                memory_looked_at = now
                self._check_memory(running, bounds.memory_bytes or self._memory_limit_bytes)

    def _check_memory(self, running: RunningChild, limit: int | None) -> None:
        if limit is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # ended just now: seen elsewhere
            if psutil.Process(running.pid).memory_info().rss > limit:
                raise WorkerOutOfMemory(f"It needed more than {limit // (1024 * 1024):,} MB of memory.")

    def _crash_report(self, running: RunningChild) -> str:
        if running.broken:
            return f"The {self._role} process was ended: {running.broken}"
        words = in_plain_words(running.returncode)
        log.warning("The %s process ended: %s\n%s", self._role, words, running.last_words())
        return f"The {self._role} process crashed: {words}."


@dataclass(slots=True)
class _Wait:
    """Time that was waited for a child."""

    pid: int
    seconds: float = 0.0
    _unserved_before_s: float | None = None

    def add(self, seconds: float) -> None:
        """Wait on. To ask the system costs a third of a millisecond, which a short wait is not worth."""
        self.seconds += seconds
        if self._unserved_before_s is None and self.seconds > _SHORT_S:
            self._unserved_before_s = unserved_s(self.pid)

    def is_over(self, bound_s: float) -> bool:
        """Whether the child had its time, or waiting for it has been enough."""
        if self.seconds <= bound_s:
            return False
        before = self._unserved_before_s
        unserved = 0.0 if before is None else unserved_s(self.pid) - before
        return self.seconds - unserved > bound_s or self.seconds > PATIENCE * bound_s


def unserved_s(pid: int) -> float:
    """Seconds for which a process's first thread was ready and got no processor; 0 where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    return 0.0
