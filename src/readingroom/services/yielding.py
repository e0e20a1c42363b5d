"""Questions go before indexing."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from readingroom.core.cancellation import CancelToken

LONGEST_S = 5.0
"""A step of indexing waits so long for questions at most: however many come, it goes on, if slowly."""
_FORGOTTEN_S = 600.0
"""A question that is older does not count: whoever asked it has stopped drawing its answer."""


class RightOfWay:
    """Questions enter, indexing gives way between its steps. Safe for any thread."""

    def __init__(self, *, longest_s: float = LONGEST_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_s = longest_s
        self._clock = clock
        self._changed = threading.Condition()
        self._numbers = count()
        self._asked: dict[int, float] = {}

    @contextmanager
    def question(self) -> Iterator[None]:
        """Hold indexing back for as long as a question is being searched or answered."""
        number = next(self._numbers)
        with self._changed:
            self._asked[number] = self._clock()
        try:
            yield
        finally:
            with self._changed:
                del self._asked[number]
                self._changed.notify_all()

    def give_way(self, cancel: CancelToken) -> None:
        """Wait while there are questions, but not for long. Raises `Cancelled`."""
        until = self._clock() + self._longest_s
        with self._changed:
            while self._busy() and not cancel.cancelled and (left := until - self._clock()) > 0:
                # A moment at a time: cancelling does not wake it.
                self._changed.wait(min(left, 0.2))
        cancel.raise_if_cancelled()

    def _busy(self) -> bool:
        now = self._clock()
        return any(now - asked < _FORGOTTEN_S for asked in self._asked.values())
