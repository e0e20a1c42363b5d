"""An asyncio event loop on a thread of its own, so that a request can be ended while it waits."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled

T = TypeVar("T")


class EventLoopThread:
    """Starts with the first coroutine; hand coroutines over from any thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run the coroutine; cancelling the future cancels it where it waits."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._serve, args=(self._loop,), name=self._name, daemon=True
                )
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stream(
        self, work: "Callable[[SimpleQueue[T | None]], Coroutine[Any, Any, None]]", cancel: CancelToken
    ) -> Iterator[T]:
        """Yield what the coroutine puts into its queue, as it comes, then raise what it raised.

        Drawing the first value starts it; leaving the iterator ends it. Cancelling, or `close`, raises `Cancelled`.
        """
        cancel.raise_if_cancelled()
        arrived: SimpleQueue[T | None] = SimpleQueue()
        request = self.submit(work(arrived))
        request.add_done_callback(lambda _: arrived.put(None))
        cancel.when_cancelled(lambda: _abandon(request))
        try:
            while (value := arrived.get()) is not None:
                cancel.raise_if_cancelled()
                yield value
            cancel.raise_if_cancelled()
            try:
                request.result()
            except concurrent.futures.CancelledError as error:  # by `close`
                raise Cancelled from error
        finally:
            request.cancel()

    def close(self) -> None:
        """Cancel what is under way and end the thread; a later `submit` starts a new one."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()

    @staticmethod
    def _serve(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()


def _abandon(request: "Future[None]") -> None:
    request.cancel()
