"""Records every time the event loop stood still for longer than it may, with the stack that held it."""

import contextlib
import faulthandler
import json
import re
import tempfile
import threading
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

STALL_MS = 50
_BEAT_MS = 10
_LOOK_S = 0.02
_DEEPEST = 40
_FRAME = re.compile(r'  File "(.*)", line (\d+) in (.*)')


class StallMonitor(QObject):
    """A heartbeat in the event loop, and a thread that looks at the loop's stack when a beat is late.

    Each stall over `STALL_MS` becomes a JSON line `{"at", "ms", "stack"}` in the file: when it began (Unix
    seconds), its length, and the innermost frames seen while it lasted. Beside them `cpu_ms`, the processor time of
    all threads meanwhile, and on Linux `unserved_ms`, for which the loop's thread was ready and got no processor: what
    neither explains, it waited for a disk or for another thread. A hundred beats a second and fifty looks cost
    under one per cent of a core.
    """

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = path.open("a", encoding="utf-8")
        self._main = threading.get_ident()
        self._native = threading.get_native_id()
        self._beat_at = time.perf_counter()
        self._used = _used(self._native)
        self._seen: list[str] = []
        self._dump = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  (closed in close)
        self._ended = threading.Event()
        self._timer = QTimer(self, interval=_BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self._watchdog = threading.Thread(target=self._watch, name="stalls", daemon=True)
        self._watchdog.start()

    def close(self) -> None:
        """Stop looking and close the file."""
        self._timer.stop()
        self._ended.set()
        self._watchdog.join()
        self._dump.close()
        self._file.close()

    def _beat(self) -> None:
        now = time.perf_counter()
        # The timer itself asks for an interval; what goes beyond it is the delay.
        late_ms = (now - self._beat_at) * 1000 - _BEAT_MS
        self._beat_at = now
        before, self._used = self._used, _used(self._native)
        if late_ms > STALL_MS:
            # The middle one: the last look may have come just after what held the loop.
            stack = _stack_of(self._main, self._seen[len(self._seen) // 2]) if self._seen else ()
            cpu, unserved = (after - former for after, former in zip(self._used, before, strict=True))
            line = {
                "at": round(time.time() - late_ms / 1000, 3),
                "ms": round(late_ms, 1),
                "stack": stack,
                "cpu_ms": round(1000 * cpu, 1),
                "unserved_ms": round(1000 * unserved, 1),
            }
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        self._seen = []

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_S):
            if (time.perf_counter() - self._beat_at) * 1000 > STALL_MS / 2:
                self._seen.append(self._look())

    def _look(self) -> str:
        # Not `sys._current_frames()`: following the frames of a running thread from Python gives the lock away in
        # between, and the window crashed at start when that met the imports of the pool (CPython 3.11, 6 of 6 runs).
        # faulthandler writes every stack in one piece and makes no objects.
        self._dump.seek(0)
        self._dump.truncate()
        faulthandler.dump_traceback(self._dump, all_threads=True)
        self._dump.seek(0)
        return self._dump.read()


def _used(thread: int) -> tuple[float, float]:
    """Seconds of processor time of all threads, and those for which this one was ready and got none (0 if unknown)."""
    unserved = 0.0
    with (
        contextlib.suppress(OSError, ValueError, IndexError),
        Path(f"/proc/self/task/{thread}/schedstat").open("rb") as file,
    ):
        unserved = int(file.read().split()[1]) / 1e9
    return time.process_time(), unserved


def _stack_of(thread: int, dump: str) -> tuple[str, ...]:
    """Pick the innermost frames of a thread out of faulthandler's text, as `file:line function`."""
    frames: list[str] = []
    there = False
    for line in dump.splitlines():
        found = _FRAME.fullmatch(line)
        if found is None:
            there = f"0x{thread:016x}" in line if line else False
        elif there and len(frames) < _DEEPEST:
            frames.append(f"{found[1]}:{found[2]} {found[3]}")
    return tuple(frames)
