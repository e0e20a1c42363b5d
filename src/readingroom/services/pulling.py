"""Models on their way to the server, in the background: a window may close meanwhile and come back."""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, LanguageModelFailed, UserFixableError
from readingroom.core.model_server import ModelKeeper, PullProgress
from readingroom.services.listeners import Listeners

log = logging.getLogger(__name__)

_TELL_S = 0.1
"""No oftener; a server on a quick network tells hundreds of times a second."""
_RATE_S = 10.0


class PullState(StrEnum):
    """How a pull stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Pull:
    """A model that is being fetched, or was until it stopped."""

    name: str
    state: PullState = PullState.RUNNING
    progress: PullProgress | None = None
    """None until the server tells something."""
    bytes_per_s: float = 0.0
    """Over the last ten seconds; 0 where it is not known."""
    error: UserFixableError | None = None
    """Why it failed."""

    @property
    def seconds_left(self) -> float | None:
        """None where nothing can be said."""
        if self.progress is None or not self.bytes_per_s:
            return None
        left = self.progress.total_bytes - self.progress.done_bytes
        return left / self.bytes_per_s if left > 0 else None


class Pulls:
    """Any thread may call. `changed` carries the name, on the pull's own thread."""

    def __init__(self, keeper: ModelKeeper) -> None:
        self._keeper = keeper
        self._lock = threading.Lock()
        self._pulls: dict[str, Pull] = {}
        self._running: dict[str, tuple[threading.Thread, CancelToken]] = {}
        self.changed: Listeners[str] = Listeners()

    def list(self) -> Sequence[Pull]:
        """In the order they were begun; one that is done is no longer among them."""
        with self._lock:
            return tuple(self._pulls.values())

    def start(self, name: str) -> None:
        """Fetch it, or go on from where it was stopped; one that is under way goes on."""
        with self._lock:
            if name in self._running:
                return
            token = CancelToken()
            former = self._pulls.get(name, Pull(name))
            self._pulls[name] = replace(former, state=PullState.RUNNING, bytes_per_s=0.0, error=None)
            thread = threading.Thread(target=self._run, args=(name, token), name=f"pull {name}", daemon=True)
            self._running[name] = thread, token
        thread.start()
        self.changed.publish(name)

    def stop(self, name: str) -> None:
        """Stop it; what was fetched stays with the server."""
        with self._lock:
            running = self._running.get(name)
        if running is not None:
            running[1].cancel()

    def forget(self, name: str) -> None:
        """Take it off the list, unless it is under way."""
        with self._lock:
            if name not in self._running:
                self._pulls.pop(name, None)
        self.changed.publish(name)

    def close(self) -> None:
        """Stop all and wait for them."""
        with self._lock:
            running = tuple(self._running.values())
        for _, token in running:
            token.cancel()
        for thread, _ in running:
            thread.join()

    def _run(self, name: str, token: CancelToken) -> None:
        state: PullState | None = None
        error: UserFixableError | None = None
        try:
            self._follow(name, token)
        except Cancelled:
            state = PullState.STOPPED
        except UserFixableError as failure:
            state, error = PullState.FAILED, failure
        except Exception:
            log.exception("A pull failed")
            state = PullState.FAILED
            error = LanguageModelFailed(
                "Something went wrong while fetching it.", hint="The log has the details."
            )
        with self._lock:
            self._running.pop(name, None)
            former = self._pulls.pop(name)
            if state is not None:
                self._pulls[name] = replace(former, state=state, error=error, bytes_per_s=0.0)
        self.changed.publish(name)

    def _follow(self, name: str, token: CancelToken) -> None:
        seen: deque[tuple[float, int]] = deque()
        told = 0.0
        for progress in self._keeper.pull(name, cancel=token):
            now = time.monotonic()
            if progress.total_bytes:
                seen.append((now, progress.done_bytes))
            while len(seen) > 2 and now - seen[0][0] > _RATE_S:
                seen.popleft()
            with self._lock:
                self._pulls[name] = replace(self._pulls[name], progress=progress, bytes_per_s=_rate(seen))
            if now - told >= _TELL_S:
                told = now
                self.changed.publish(name)


def _rate(seen: "deque[tuple[float, int]]") -> float:
    if len(seen) < 2 or (took := seen[-1][0] - seen[0][0]) < 1.0:
        return 0.0
    return max(0.0, (seen[-1][1] - seen[0][1]) / took)
