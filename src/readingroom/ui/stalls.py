"""Records every time the event loop stood still for longer than it may, with the stack that held it."""

import json
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QObject, Qt, QTimer

STALL_MS = 50
_BEAT_MS = 10
_LOOK_S = 0.02
_DEEPEST = 40


class StallMonitor(QObject):
    """A heartbeat in the event loop, and a thread that looks at the loop's stack when a beat is late.

    Each stall over `STALL_MS` becomes a JSON line `{"at", "ms", "stack"}` in the file: when it began (Unix
    seconds), its length, and the innermost frames seen while it lasted. A hundred beats a second and fifty
    looks cost under one per cent of a core.
    """

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = path.open("a", encoding="utf-8")
        self._main = threading.get_ident()
        self._beat_at = time.perf_counter()
        self._seen: list[tuple[str, ...]] = []
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
        self._file.close()

    def _beat(self) -> None:
        now = time.perf_counter()
        # The timer itself asks for an interval; what goes beyond it is the delay.
        late_ms = (now - self._beat_at) * 1000 - _BEAT_MS
        self._beat_at = now
        if late_ms > STALL_MS:
            # The middle one: the last look may have come just after what held the loop.
            stack = self._seen[len(self._seen) // 2] if self._seen else ()
            line = {"at": round(time.time() - late_ms / 1000, 3), "ms": round(late_ms, 1), "stack": stack}
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        self._seen = []

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_S):
            if (time.perf_counter() - self._beat_at) * 1000 > STALL_MS / 2:
                frame = sys._current_frames().get(self._main)  # noqa: SLF001  (the only way to see another stack)
                if frame is not None:
                    self._seen.append(_describe(frame))


def _describe(frame: FrameType) -> tuple[str, ...]:
    # Without the source lines: reading them would touch the disk during the very stall.
    summary = traceback.StackSummary.extract(traceback.walk_stack(frame), limit=_DEEPEST, lookup_lines=False)
    return tuple(f"{entry.filename}:{entry.lineno} {entry.name}" for entry in summary)
