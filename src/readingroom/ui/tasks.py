"""The one bridge from the GUI thread to work that blocks."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from itertools import count
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled

log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[CancelToken], Iterator[object]]
_POOL_THREADS = 8
_Callbacks = dict["_Outcome", Callable[..., None] | None]


class Task(QObject):
    """One piece of work on the pool, as `TaskRunner.start` gives it; its signals come on the GUI thread."""

    progressed = Signal(object)
    """Each value the work yields."""
    succeeded = Signal()
    cancelled = Signal()
    failed = Signal(object)  # Exception
    finished = Signal()
    """Always last, whatever the outcome."""

    def __init__(self) -> None:
        super().__init__()
        self.token = CancelToken()

    def cancel(self) -> None:
        """Ask the work to end; may be called from any thread."""
        self.token.cancel()


class _Outcome(Enum):
    PROGRESSED = "progressed"
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"
    FAILED = "failed"
    FINISHED = "finished"


_Post = Callable[[tuple[int, _Outcome, object]], None]


def _run(number: int, work: Work, token: CancelToken, post: _Post) -> None:
    """Run on a pool thread: no widgets, and nothing may escape."""
    try:
        for value in work(token):
            post((number, _Outcome.PROGRESSED, value))
    except Cancelled:
        post((number, _Outcome.CANCELLED, None))
    except Exception as error:
        log.exception("Task failed")
        post((number, _Outcome.FAILED, error))
    else:
        post((number, _Outcome.SUCCEEDED, None))
    finally:
        post((number, _Outcome.FINISHED, None))


class TaskRunner(QObject):
    """Owns the pool and holds each task until it is finished.

    The pool knows tasks by number only, and all its signals go through one slot of the runner's. So no task is
    ever destroyed on a pool thread, or while something is still queued for it; with a receiver a task, PySide
    6.11 crashed when a window closed at the wrong moment.
    """

    failed = Signal(object)  # Exception
    """A task failed for which nobody gave an `on_failure`."""
    _posted = Signal(object)  # number, outcome, value

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(_POOL_THREADS, thread_name_prefix="task")
        self._tasks: dict[int, tuple[Task, _Callbacks]] = {}
        self._numbers = count()
        self._closed = False
        self._posted.connect(self._deliver)

    @property
    def running(self) -> int:
        """How many tasks are not finished."""
        return len(self._tasks)

    def start(
        self,
        work: Work,
        *,
        on_progress: Callable[[object], None] | None = None,
        on_success: Callable[[], None] | None = None,
        on_cancelled: Callable[[], None] | None = None,
        on_failure: Callable[[Exception], None] | None = None,
        on_finished: Callable[[], None] | None = None,
    ) -> Task:
        """Start a generator on the pool. Callbacks run on the GUI thread, not after their QObject is gone."""
        task = Task()
        if self._closed:
            task.cancel()
            return task
        number = next(self._numbers)
        self._tasks[number] = (
            task,
            {
                _Outcome.PROGRESSED: on_progress,
                _Outcome.SUCCEEDED: on_success,
                _Outcome.CANCELLED: on_cancelled,
                _Outcome.FAILED: on_failure or self.failed.emit,
                _Outcome.FINISHED: on_finished,
            },
        )
        self._pool.submit(_run, number, work, task.token, self._posted.emit)
        return task

    def call(
        self,
        function: Callable[[], T],
        on_success: Callable[[T], None] | None = None,
        on_failure: Callable[[Exception], None] | None = None,
    ) -> Task:
        """Run one blocking call and hand its result to `on_success` on the GUI thread."""

        def work(token: CancelToken) -> Iterator[object]:
            token.raise_if_cancelled()
            result = function()
            token.raise_if_cancelled()
            yield result

        return self.start(work, on_progress=on_success, on_failure=on_failure)  # type: ignore[arg-type]

    def close(self) -> None:
        """Cancel everything and wait for the pool; results that come now are dropped."""
        self._closed = True
        for task, _callbacks in tuple(self._tasks.values()):
            task.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._tasks.clear()

    def _deliver(self, posted: tuple[int, _Outcome, object]) -> None:
        number, outcome, value = posted
        if number not in self._tasks:
            return
        task, callbacks = self._tasks[number]
        if outcome is _Outcome.FINISHED:
            del self._tasks[number]
        values = (value,) if outcome in (_Outcome.PROGRESSED, _Outcome.FAILED) else ()
        _call(callbacks[outcome], *values)
        getattr(task, outcome.value).emit(*values)


def _call(callback: Callable[..., None] | None, *values: object) -> None:
    if callback is None:
        return
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, QObject) and not isValid(owner):
        return
    callback(*values)
