"""Has large indexes made quick in the background."""

import logging
import time
from collections.abc import Callable

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog
from readingroom.core.errors import DiskFull, VectorStoreUnavailable, WorkerFailure
from readingroom.core.ids import IndexId
from readingroom.core.ports import VectorStores

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 60.0
"""An index grows into the need of it over many minutes."""
_AFTER_FAILURE_S = 3600.0
"""What is lacking (room on the disk, memory) seldom comes back sooner, and each attempt costs as much as the first."""


class OptimisePump:
    """Asks each index now and then whether it wants to be optimised; a pump of its own, since that takes minutes."""

    def __init__(
        self,
        catalog: Catalog,
        stores: VectorStores,
        cancel: CancelToken,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog = catalog
        self._stores = stores
        self._cancel = cancel
        self._clock = clock
        self._due: dict[IndexId, float] = {}

    def step(self) -> bool:
        """Look at the indexes that are due; whether one was optimised. Never fails: without it all works, only slower."""
        for index in self._catalog.indexes():
            now = self._clock()
            if self._due.get(index.id, now) > now:
                continue
            self._due[index.id] = now + _LOOK_EVERY_S
            try:
                store = self._stores.open(index.workspace_id, index.id, index.dimension, index.precision)
                if store.optimise(cancel=self._cancel):
                    log.info("An index is quicker now: it took %.0f s", self._clock() - now)
                    return True
            except (DiskFull, VectorStoreUnavailable, WorkerFailure) as error:
                log.warning("An index was not optimised: %s", error)
                self._due[index.id] = self._clock() + _AFTER_FAILURE_S
        return False
