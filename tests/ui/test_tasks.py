"""Work off the GUI thread: outcomes in order, on the right thread, and nothing lost or left running."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from readingroom.core.cancellation import CancelToken
from readingroom.services.listeners import Listeners
from readingroom.ui.bridge import Gathered
from readingroom.ui.stalls import StallMonitor
from readingroom.ui.tasks import TaskRunner


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


def test_results_arrive_in_order_on_the_gui_thread(qtbot: QtBot, runner: TaskRunner) -> None:
    seen: list[object] = []
    threads: set[int] = set()

    def work(_token: CancelToken) -> Iterator[object]:
        yield from range(5)

    def note(value: object) -> None:
        seen.append(value)
        threads.add(threading.get_ident())

    runner.start(
        work, on_progress=note, on_success=lambda: note("success"), on_finished=lambda: note("finished")
    )
    qtbot.waitUntil(lambda: "finished" in seen)
    assert seen == [0, 1, 2, 3, 4, "success", "finished"]
    assert threads == {threading.get_ident()}


def test_cancelling_ends_the_work_and_is_no_failure(qtbot: QtBot, runner: TaskRunner) -> None:
    outcomes: list[str] = []

    def work(token: CancelToken) -> Iterator[object]:
        yield "begun"
        token.wait(10)
        token.raise_if_cancelled()
        yield "never"

    task = runner.start(
        work,
        on_progress=lambda value: outcomes.append(str(value)),
        on_cancelled=lambda: outcomes.append("cancelled"),
        on_failure=lambda _error: outcomes.append("failed"),
    )
    qtbot.waitUntil(lambda: outcomes == ["begun"])
    task.cancel()
    qtbot.waitUntil(lambda: outcomes == ["begun", "cancelled"])
    qtbot.waitUntil(lambda: runner.running == 0)


def test_a_failure_nobody_answers_is_told_by_the_runner(qtbot: QtBot, runner: TaskRunner) -> None:
    def fail() -> None:
        raise ValueError("broken")

    with qtbot.waitSignal(runner.failed) as failed:
        runner.call(fail)
    assert str(failed.args[0]) == "broken"


def test_a_result_for_a_widget_that_is_gone_is_dropped(qtbot: QtBot, runner: TaskRunner) -> None:
    class Receiver(QObject):
        def take(self, _value: object) -> None:
            raise AssertionError("called after its end")

    import shiboken6

    receiver = Receiver()
    go = threading.Event()
    finished: list[bool] = []

    def work(_token: CancelToken) -> Iterator[object]:
        go.wait(10)
        yield 1

    runner.start(work, on_progress=receiver.take, on_finished=lambda: finished.append(True))
    shiboken6.delete(receiver)
    go.set()
    qtbot.waitUntil(lambda: bool(finished))


def test_closing_cancels_and_joins_everything(qtbot: QtBot) -> None:
    runner = TaskRunner()
    ended = threading.Event()

    def work(token: CancelToken) -> Iterator[object]:
        token.wait(10)
        ended.set()
        yield None

    runner.start(work)
    runner.close()
    assert ended.is_set() or runner.running == 0


def test_a_burst_of_facts_from_another_thread_is_one_update_a_value(qtbot: QtBot) -> None:
    listeners = Listeners[object]()
    gathered = Gathered(listeners, interval_ms=30)
    seen: list[object] = []
    gathered.arrived.connect(seen.append)

    def publish_many() -> None:
        for number in range(1000):
            listeners.publish(number % 2)

    burst = threading.Thread(target=publish_many)
    burst.start()
    burst.join()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert sorted(seen) == [0, 1]  # type: ignore[type-var]
    gathered.close()
    listeners.publish(7)
    assert seen == [0, 1] or seen == [1, 0]


def test_a_stall_is_written_down_with_the_function_that_held_the_loop(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "stalls.jsonl"
    monitor = StallMonitor(path)

    def hold_the_loop() -> None:
        until = time.perf_counter() + 0.2
        while time.perf_counter() < until:
            pass

    QTimer.singleShot(50, hold_the_loop)
    qtbot.waitUntil(lambda: bool(path.read_text()))
    monitor.close()
    line = json.loads(path.read_text().splitlines()[0])
    assert line["ms"] > 100
    assert any("hold_the_loop" in frame for frame in line["stack"])
    assert line["cpu_ms"] + line["unserved_ms"] > 0.5 * line["ms"], "it was not waiting for anything else"


def test_a_stall_that_waits_for_something_used_no_processor(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "stalls.jsonl"
    monitor = StallMonitor(path)
    QTimer.singleShot(50, lambda: threading.Event().wait(0.3))
    qtbot.waitUntil(lambda: bool(path.read_text()))
    monitor.close()
    line = json.loads(path.read_text().splitlines()[0])
    assert line["ms"] > 200
    assert line["cpu_ms"] < 0.7 * line["ms"]
