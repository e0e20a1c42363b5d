"""A fact published to whoever listens, on the thread on which it happened."""

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Listeners(Generic[T]):
    """Callbacks for one kind of event. A listener that fails is logged and does not stop the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: tuple[Callable[[T], None], ...] = ()

    def subscribe(self, callback: Callable[[T], None]) -> Callable[[], None]:
        """Add a callback; returns the call that removes it."""
        with self._lock:
            self._callbacks = (*self._callbacks, callback)
        return lambda: self._remove(callback)

    def publish(self, value: T) -> None:
        """Call everyone, in the order they came, on this thread."""
        for callback in self._callbacks:
            try:
                callback(value)
            except Exception:
                log.exception("A listener failed")

    def _remove(self, callback: Callable[[T], None]) -> None:
        with self._lock:
            self._callbacks = tuple(c for c in self._callbacks if c != callback)
