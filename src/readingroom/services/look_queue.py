"""Which sources are to be looked at, and where in them: gathered by source, so that a burst costs one look."""

import threading
from collections.abc import Callable, Iterable

from readingroom.core.ids import SourceId

EVERYWHERE = None
Places = frozenset[str] | None
"""Paths in a source; `EVERYWHERE` for all of it."""

_JOIN_S = 2.0
"""A look at a network drive that does not answer cannot be ended; the thread is left to the end of the process."""


class LookQueue:
    """Calls `look` on a few threads, never twice at once for a source: one that does not answer holds up no other."""

    def __init__(self, look: Callable[[SourceId, Places], None], *, threads: int = 3) -> None:
        """`look` must not raise."""
        self._look = look
        self._changed = threading.Condition()
        self._waiting: dict[SourceId, Places] = {}
        self._running: set[SourceId] = set()
        self._stopped = False
        self._pool = [
            threading.Thread(target=self._serve, name=f"look-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Begin to work off what is asked."""
        for thread in self._pool:
            thread.start()

    def ask(self, source_id: SourceId, places: Iterable[str] | None = EVERYWHERE) -> None:
        """Have a source looked at, soon."""
        with self._changed:
            asked = EVERYWHERE if places is None else frozenset(places)
            if source_id in self._waiting:
                before = self._waiting[source_id]
                asked = EVERYWHERE if before is EVERYWHERE or asked is EVERYWHERE else before | asked
            self._waiting[source_id] = asked
            self._changed.notify()

    def stop(self) -> None:
        """Drop what waits; returns when what is under way has ended, or soon."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._pool:
            if thread.is_alive():
                thread.join(_JOIN_S)

    def _serve(self) -> None:
        while (taken := self._take()) is not None:
            source_id, places = taken
            try:
                self._look(source_id, places)
            finally:
                with self._changed:
                    self._running.discard(source_id)
                    self._changed.notify_all()

    def _take(self) -> tuple[SourceId, Places] | None:
        with self._changed:
            while not self._stopped:
                source_id = next((id_ for id_ in self._waiting if id_ not in self._running), None)
                if source_id is not None:
                    self._running.add(source_id)
                    return source_id, self._waiting.pop(source_id)
                self._changed.wait()
            return None
