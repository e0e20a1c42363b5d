"""A one-thread lane for what must be used by one caller at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from readingroom.core.errors import VectorStoreUnavailable

T = TypeVar("T")


class Lane:
    """Runs calls one after another on a thread of its own; callers wait and need not know of it."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns. Raises what it raises, and `VectorStoreUnavailable` once closed."""
        try:
            future = self._executor.submit(work)
        except RuntimeError as error:  # "cannot schedule new futures after shutdown"
            raise VectorStoreUnavailable("The search index is closed.") from error
        return future.result()

    def close(self) -> None:
        """Let what was handed in finish, and end the thread."""
        self._executor.shutdown(wait=True)
