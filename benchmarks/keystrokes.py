"""Types searches into Ctrl+K of the real window, and takes the time from each keystroke to its passages.

    python benchmarks/keystrokes.py DATA [--searches 12] [--interval-ms 90]

DATA is a data folder with an indexed workspace, as `switching.py --data` leaves one behind (in `data` below it).
Searches are four neighbouring words from its documents, typed letter by letter at the speed of a quick typist, with a pause
at the end of each for the meaning. Prints a JSON object: keystrokes, those that were answered before the next came,
milliseconds from keystroke to passages by words and from the last keystroke to those by meaning (the pause of a
quarter of a second included), and stalls of the event loop over 50 ms once the window stands.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from readingroom.app import collect_seldom
from readingroom.composition import open_runtime
from readingroom.config.paths import data_paths
from readingroom.services.find import LEAST_TYPED
from readingroom.ui.main_window import MainWindow
from readingroom.ui.stalls import StallMonitor
from readingroom.ui.theme import apply_theme

_SETTLE_MS, _PAUSE_MS = 4000, 2000


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--searches", type=int, default=12)
    parser.add_argument("--interval-ms", type=int, default=90)
    arguments = parser.parse_args()
    sys.setswitchinterval(0.001)  # as the program does
    application = QApplication(sys.argv[:1])
    apply_theme(application, "light")
    with tempfile.TemporaryDirectory() as scratch, open_runtime(data_paths(arguments.data)) as room:
        log = Path(scratch) / "stalls.jsonl"
        workspace = max(room.services.workspaces.list(), key=lambda known: known.chunks)
        searches = list(_searches(room.services, workspace.id, arguments.searches))
        room.services.retrieve.warm(workspace.id)
        window = MainWindow(
            room.services, QSettings(str(Path(scratch) / "w.ini"), QSettings.Format.IniFormat)
        )
        window.show()
        _wait(_SETTLE_MS)
        collect_seldom()
        monitor = StallMonitor(log)
        times = _Times(window)
        for search in searches:
            window.open_palette()
            for letter in search:
                times.typed(window.palette_box.input.text() + letter)
                QTest.keyClick(window.palette_box.input, letter)
                _wait(arguments.interval_ms)
            _wait(_PAUSE_MS)
            QTest.keyClick(window.palette_box.input, Qt.Key.Key_Escape)
        monitor.close()
        window.close()
        found = [json.loads(line) for line in log.read_text().splitlines()]
    for stall in sorted(found, key=lambda stall: -stall["ms"])[:5]:
        print(json.dumps(stall), file=sys.stderr)
    stalls = [stall["ms"] for stall in found]
    print(json.dumps({"passages": workspace.chunks} | times.report() | _stalls(stalls)))
    return 0


def _searches(services: Any, workspace_id: Any, count: int) -> Iterator[str]:
    chosen = random.Random(7)
    for document in chosen.sample(list(services.documents.list(workspace_id)), count):
        words = "".join(page.text for page in services.documents.pages(document.id)).split()
        start = chosen.randrange(max(1, len(words) - 4))
        yield " ".join(words[start : start + 4]).lower()


class _Times:
    """When each text was typed, and when its passages were shown."""

    def __init__(self, window: MainWindow) -> None:
        self._at: dict[str, float] = {}
        self._words: dict[str, float] = {}
        self._meaning: dict[str, float] = {}
        self._window = window
        search = window._search  # noqa: SLF001
        self._wrap(search, "_show_words", self._words)
        self._wrap(search, "_show_meaning", self._meaning)

    def typed(self, text: str) -> None:
        if len(text.strip()) >= LEAST_TYPED:
            self._at[text] = time.perf_counter()

    def report(self) -> dict[str, Any]:
        return {
            "keystrokes": len(self._at),
            "answered_by_words": len(self._words),
            "words_ms": _spread(list(self._words.values())),
            "meaning_ms": _spread(list(self._meaning.values())),
        }

    def _wrap(self, search: Any, name: str, times: dict[str, float]) -> None:
        shown: Callable[..., None] = getattr(search, name)

        def show(*values: object) -> None:
            shown(*values)
            text = self._window.palette_box.input.text()
            if text in self._at:
                times[text] = 1000 * (time.perf_counter() - self._at[text])

        setattr(search, name, show)


def _spread(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times) or [0.0]
    return {
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
        "max": round(ordered[-1], 1),
    }


def _stalls(stalls: Sequence[float]) -> dict[str, float]:
    return {"stalls": len(stalls), "worst_stall_ms": max(stalls, default=0.0)}


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
