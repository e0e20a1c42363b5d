"""Workspaces whose index cannot be reached just now: the others' work goes on meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from readingroom.core.errors import VectorStoreDamaged, VectorStoreUnavailable
from readingroom.core.ids import WorkspaceId

_TRY_AGAIN_S = 15.0


class SetAside:
    """Shared by the pumps. Nothing is lost: what a workspace waits for stands in the catalog."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._troubles: dict[WorkspaceId, tuple[float, VectorStoreUnavailable]] = {}

    def now(self) -> frozenset[WorkspaceId]:
        """Those not to be tried now."""
        with self._lock:
            return frozenset(id_ for id_, (until, _) in self._troubles.items() if self._clock() < until)

    @property
    def trouble(self) -> VectorStoreUnavailable | None:
        """What keeps the first of them waiting, until it is reached again."""
        with self._lock:
            return next((error for _, error in self._troubles.values()), None)

    def holds(self, error: Exception) -> bool:
        """Whether that is why a workspace was set aside."""
        with self._lock:
            return any(error is known for _, known in self._troubles.values())

    @contextmanager
    def minding(self, workspace_id: WorkspaceId) -> Iterator[None]:
        """Work on its index. What cannot be reached sets the workspace aside for a while; the error goes on."""
        try:
            yield
        except VectorStoreDamaged:
            raise  # it can be made anew at once
        except VectorStoreUnavailable as error:
            with self._lock:
                self._troubles[workspace_id] = self._clock() + _TRY_AGAIN_S, error
            raise
        with self._lock:
            self._troubles.pop(workspace_id, None)
