"""A long thread in the real window: how soon it is there, and whether the loop stands still while an answer streams.

    python benchmarks/conversation.py [--messages 200] [--chars 100000] [--tokens-per-second 60] [--seconds 20]

Makes a data folder with a few documents, a short thread and a long one (questions and answers with Markdown, citations and
passages), opens the window on it (offscreen unless QT_QPA_PLATFORM says otherwise) and goes from the short thread to the long
one several times. Then asks in the long one, of a server in a process of its own that speaks Ollama's protocol and sends so
many tokens a second, scrolls up through the thread to its first message, and looks for a word in 200 such threads. Prints a
JSON object: milliseconds until the last message is painted and until the first screen is full (a few messages more than are
seen), stalls of the event loop over 50 ms of each part, the longest one, and the most processor time the window took between two
of a hundred looks a second (what a stall would be on a machine that does nothing else), and the share of a core the window takes
while the answer streams.
"""

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from readingroom.app import collect_seldom
from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import data_paths
from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import Citation, Role, Searched, Thread
from readingroom.core.model_server import ServerKind, ServerSetup
from readingroom.core.models import Document, Passage
from readingroom.ui.main_window import MainWindow
from readingroom.ui.theme import apply_theme

_OPENINGS = 5
_SETTLE_MS = 4000
_BEAT_MS, _STALL_MS = 10, 50
_SEARCHED_THREADS, _SEARCHED_MESSAGES = 200, 100
_SENTENCE = (
    "Unused leave of up to **ten days** carries over into the next calendar year [1], unless the *line manager* "
    "agrees otherwise [2]; what is not taken by 31 March lapses."
)
_ANSWER = (
    f"{_SENTENCE}\n\n- one condition holds for part-timers [3]\n- another for those who join during the year\n\n"
    "| Group | Days |\n|---|---|\n| full time | 10 |\n| part time | in proportion |\n\n"
    "```\nleave = months * 1.75\n```\n\n"
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--chars", type=int, default=100_000)
    parser.add_argument("--tokens-per-second", type=float, default=60)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    sys.setswitchinterval(0.001)  # as the program does
    application = QApplication(sys.argv[:1])
    apply_theme(application, "light")
    tokens = int(arguments.tokens_per_second * arguments.seconds)
    with (
        tempfile.TemporaryDirectory(prefix="readingroom-conversation-") as scratch,
        _model_server(tokens, arguments.tokens_per_second) as address,
        open_runtime(data_paths(Path(scratch) / "data")) as room,
    ):
        room.services.model_server.use(ServerSetup(ServerKind.OLLAMA, address))
        short, long = _threads(room, Path(scratch) / "documents", arguments.messages, arguments.chars)
        window = MainWindow(
            room.services, QSettings(str(Path(scratch) / "w.ini"), QSettings.Format.IniFormat)
        )
        window.resize(1280, 800)
        window.show()
        window.show_thread(short)
        _wait(_SETTLE_MS)
        collect_seldom()
        found = {"messages": arguments.messages, "chars": arguments.chars}
        found |= _opening(window, short, long)
        found |= _streaming(window, arguments.tokens_per_second)
        found |= _scrolling(window, short, long)
        found |= _searching(room, short)
        window.close()
    print(json.dumps(found))
    return 0


def _threads(room: Runtime, folder: Path, messages: int, chars: int) -> tuple[Thread, Thread]:
    folder.mkdir()
    for number in range(6):
        (folder / f"handbook {number}.txt").write_text(f"Chapter {number}\n\n{_SENTENCE}\n\n" * 12)
    services = room.services
    workspace = services.workspaces.create("Law")
    services.sources.add(workspace.id, [folder])
    services.ingest.start()
    services.ingest.wait_until_idle(None, cancel=CancelToken(), tick=lambda: None)
    document = services.documents.list(workspace.id)[0]
    made = []
    for title, count in (("Short", 2), ("Long", messages)):
        thread = services.workspaces.create_thread(workspace.id, title)
        _fill(room, thread, document, count, chars // messages)
        made.append(thread)
    return made[0], made[1]


def _fill(room: Runtime, thread: Thread, document: Document, messages: int, each: int) -> None:
    text = "".join(page.text for page in room.services.documents.pages(document.id))
    passages = tuple(
        Passage(n, 1.0, 0.7, document.id, document.path, None, 0, 900, text[:900], (), ("Leave",))
        for n in range(1, 7)
    )
    citations = tuple(
        Citation(n, document.id, document.path, None, 10, 100, text[10:100], located=True) for n in (1, 2, 3)
    )
    question = "What becomes of leave that is not taken by the end of March, and who says so?"
    answer = (_ANSWER * (2 * each // len(_ANSWER) + 1))[: 2 * each - len(question)]
    for number in range(messages):
        if number % 2 == 0:
            room.catalog.add_message(thread.id, Role.USER, question)
        else:
            room.catalog.add_message(
                thread.id,
                Role.ASSISTANT,
                answer,
                model="qwen3:4b-instruct",
                citations=citations,
                searched=Searched(6, 72, 6),
                passages=passages,
            )


class _Beats(QObject):
    """A hundred beats a second in the event loop, each late by the time and the processor time that lay between."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part
        self._late_ms: list[float] = []
        self._busy_ms: list[float] = []
        self._at, self._busy = time.perf_counter(), time.thread_time()
        self._timer = QTimer(self, interval=_BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def report(self) -> dict[str, Any]:
        self._timer.stop()
        stalls = [late for late in self._late_ms if late > _STALL_MS]
        return {
            f"{self._part}_stalls": len(stalls),
            f"{self._part}_longest_ms": round(max(self._late_ms, default=0), 1),
            f"{self._part}_stalls_of_cpu": sum(busy > _STALL_MS for busy in self._busy_ms),
            f"{self._part}_longest_cpu_ms": round(max(self._busy_ms, default=0), 1),
        }

    def _beat(self) -> None:
        now, busy = time.perf_counter(), time.thread_time()
        self._late_ms.append((now - self._at) * 1000 - _BEAT_MS)
        self._busy_ms.append((busy - self._busy) * 1000)
        self._at, self._busy = now, busy


class _Painted(QObject):
    """Notes when something inside the conversation was first painted with all of its last message there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._conversation = window.chat.conversation
        self.at: float | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (as Qt calls it)
        if event.type() == QEvent.Type.Paint and self.at is None and self._conversation.answers:
            self.at = time.perf_counter()
        return super().eventFilter(watched, event)


def _opening(window: MainWindow, short: Thread, long: Thread) -> dict[str, Any]:
    painted_ms, full_ms = [], []
    beats = _Beats("opening")
    for _ in range(_OPENINGS):
        window.show_thread(short)
        _until(lambda: window.chat.conversation.shown == 2)
        _wait(500)
        painted = _Painted(window)
        window.chat.conversation.viewport().installEventFilter(painted)
        begun = time.perf_counter()
        window.show_thread(long)
        _until(lambda: window.chat.conversation.filled and window.chat.conversation.shown > 2)
        full_ms.append(1000 * (time.perf_counter() - begun))
        _until(lambda: painted.at is not None)  # noqa: B023  (called at once)
        painted_ms.append(1000 * ((painted.at or 0) - begun))
        _wait(500)
    return {
        "opening_painted_ms": round(statistics.median(painted_ms)),
        "opening_painted_worst_ms": round(max(painted_ms)),
        "opening_full_ms": round(statistics.median(full_ms)),
        "opening_full_worst_ms": round(max(full_ms)),
        **beats.report(),
    }


def _streaming(window: MainWindow, rate: float) -> dict[str, Any]:
    beats = _Beats("streaming")
    _until(lambda: window.model.status.models != ())
    busy, begun = time.process_time(), time.perf_counter()
    window.chat.ask("What becomes of unused leave?")
    _until(lambda: window.chat.writing)
    _until(lambda: not window.chat.writing, limit_s=300)
    seconds = time.perf_counter() - begun
    share = (time.process_time() - busy) / seconds
    answer = window.chat.conversation.answers[-1].kept
    return {
        "tokens_per_second": rate,
        "streaming_seconds": round(seconds, 1),
        "streamed_chars": 0 if answer is None else len(answer.text),
        "streaming_share_of_a_core": round(share, 2),
        **beats.report(),
    }


def _scrolling(window: MainWindow, short: Thread, long: Thread) -> dict[str, Any]:
    beats = _Beats("scrolling")
    window.show_thread(short)
    _until(lambda: window.chat.conversation.shown == 2)
    window.show_thread(long)
    _until(lambda: window.chat.conversation.filled and window.chat.conversation.shown > 2)
    bar = window.chat.conversation.verticalScrollBar()
    begun = time.perf_counter()
    while (bar.value() > 0 or not window.chat.conversation.complete) and time.perf_counter() - begun < 120:
        bar.setValue(bar.value() - 300)
        _wait(16)
    return {"scrolling_seconds": round(time.perf_counter() - begun, 1), **beats.report()}


def _searching(room: Runtime, like: Thread) -> dict[str, Any]:
    rows = [
        (Role.USER.value if number % 2 == 0 else Role.ASSISTANT.value, f"{_SENTENCE * 5} {number}")
        for number in range(_SEARCHED_MESSAGES)
    ]
    for number in range(_SEARCHED_THREADS):
        thread = room.services.workspaces.create_thread(like.workspace_id, f"Thread {number}")
        # A transaction each, as in life, would write through 20,000 times.
        room.catalog._lane.write(  # noqa: SLF001
            lambda db, at=thread.id: db.executemany(  # type: ignore[misc]
                "INSERT INTO messages (thread_id, role, text, created_at) VALUES (?, ?, ?, 0)",
                [(at, role, text) for role, text in rows],
            )
        )
    times: dict[str, float] = {}
    for name, words in (("common", "line manager"), ("rare", "photosynthesis"), ("not_ascii", "Kündigung")):
        taken = []
        for _ in range(_OPENINGS):
            begun = time.perf_counter()
            room.services.threads.find(words)
            taken.append(1000 * (time.perf_counter() - begun))
        times[f"find_{name}_ms"] = round(statistics.median(taken))
    return times


def _unlike(tokens: int) -> str:
    """An answer of so many words that never says the same twice: a model that does is stopped."""
    chosen = random.Random(7)
    vocabulary = ["".join(chosen.choices("aeioulnrstmd", k=chosen.randint(2, 9))) for _ in range(4000)]
    words: list[str] = []
    while len(words) < tokens:
        first, *others = chosen.choices(vocabulary, k=chosen.randint(8, 24))
        sentence = [first.capitalize(), *others, f"**{chosen.choice(vocabulary)}** [{chosen.randint(1, 3)}]."]
        opening = chosen.choice(("", "", "", "\n\n", "\n- ", "\n\n### "))
        words += [opening + sentence[0], *sentence[1:]]
    return " ".join(words[:tokens])


@contextmanager
def _model_server(tokens: int, rate: float) -> Iterator[str]:
    words = _unlike(tokens)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    helper = Path(__file__).parents[1] / "tests" / "helpers" / "fake_ollama.py"
    server = subprocess.Popen(
        [
            sys.executable, str(helper), "--port", str(port), "--delay-ms", str(1000 / rate),
            "--answer", words,
        ],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        server.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _until(there: Callable[[], bool], limit_s: float = 60) -> None:
    end = time.perf_counter() + limit_s
    while not there():
        if time.perf_counter() > end:
            raise TimeoutError
        # The beats wake it; with a limit of time it would spin.
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
