"""The one bridge from the GUI thread to work that blocks."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled

log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[CancelToken], Iterator[object]]
_POOL_THREADS = 8


class Task(QObject):
    """One piece of work on the pool. Create it on the GUI thread, connect, then start it."""

    progressed = Signal(object)
    """Each value the work yields."""
    succeeded = Signal()
    cancelled = Signal()
    failed = Signal(object)  # Exception
    finished = Signal()
    """Always last, whatever the outcome."""

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self.token = CancelToken()

    def cancel(self) -> None:
        """Ask the work to end; may be called from any thread."""
        self.token.cancel()

    def run(self) -> None:
        """Run on a pool thread: no widgets, and nothing may escape."""
        try:
            for value in self._work(self.token):
                self.progressed.emit(value)
        except Cancelled:
            self.cancelled.emit()
        except Exception as error:
            log.exception("Task failed")
            self.failed.emit(error)
        else:
            self.succeeded.emit()
        finally:
            self.finished.emit()


class TaskRunner(QObject):
    """Owns the pool and holds each task until it is finished."""

    failed = Signal(object)  # Exception
    """A task failed for which nobody gave an `on_failure`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(_POOL_THREADS, thread_name_prefix="task")
        self._tasks: set[Task] = set()
        self._closed = False

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
        task = Task(work, self)
        task.progressed.connect(lambda value: _call(on_progress, value))
        task.succeeded.connect(lambda: _call(on_success))
        task.cancelled.connect(lambda: _call(on_cancelled))
        task.failed.connect(lambda error: _call(on_failure or self.failed.emit, error))
        task.finished.connect(lambda: _call(on_finished))
        task.finished.connect(lambda: self._let_go(task))
        if self._closed:
            task.cancel()
            return task
        self._tasks.add(task)
        self._pool.submit(task.run)
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
        for task in tuple(self._tasks):
            task.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._tasks.clear()

    def _let_go(self, task: Task) -> None:
        self._tasks.discard(task)
        task.deleteLater()


def _call(callback: Callable[..., None] | None, *values: object) -> None:
    if callback is None:
        return
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, QObject) and not isValid(owner):
        return
    callback(*values)
