"""How many passages a minute this computer embeds with each model: tried once, then learnt from the work itself."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import WorkspaceCatalog
from readingroom.core.ports import BulkEmbedder

SETTING = "embedding_speeds"
_FEW, _MORE = 4, 24
_QUICK_S = 1.0
"""A model that takes longer for a few texts has been measured well enough by them."""
_LEARNT = 0.1
"""Weight of a batch beside all before it."""
_KEEP_S = 120.0
"""Between two writes of what was learnt: each is forced to the disk."""
_LONGEST_S = 60.0
"""A batch that took longer was waiting for something else."""

# Some 170 words, as many tokens as chunks mostly have.
_SAMPLE = (
    "Employees accrue one and three quarter days of paid leave for each completed month of service. Leave is granted"
    " by the line manager with regard to the needs of the department, and unused days carry over into the next"
    " calendar year up to a number that the handbook names for each group of staff. Days beyond that number are"
    " forfeited unless operational reasons prevented their being taken, which the department confirms in writing by"
    " the end of January. Requests for more than five consecutive days are made at least two weeks in advance; where"
    " several colleagues ask for the same days, parents of children of school age come first during the holidays."
    " Illness during leave is credited on presentation of a medical certificate, and special leave is granted on"
    " marriage, on the birth of a child, on the death of a close relative and on a change of residence that the"
    " employer has asked for. Part-time staff take leave in proportion to their contracted days, rounded up."
)


class EmbeddingSpeeds:
    """Safe for any thread."""

    def __init__(self, catalog: WorkspaceCatalog, new_embedder: Callable[[], BulkEmbedder]) -> None:
        """`new_embedder` starts a child for a trial, which indexing has no part in; it is closed afterwards."""
        self._catalog = catalog
        self._new_embedder = new_embedder
        self._lock = threading.Lock()
        self._trial = threading.Lock()
        self._known = _speeds_from(catalog.setting_values().get(SETTING))
        self._kept_at = time.monotonic()

    def of(self, model: str) -> float | None:
        """Passages a minute; None where it was never used or tried here."""
        with self._lock:
            return self._known.get(model)

    def measure(self, model: str, cancel: CancelToken) -> float:
        """Try the model for some seconds, one model at a time, and remember.

        Raises `EmbeddingModelUnavailable`, `WorkerFailure`, `Cancelled`.
        """
        with self._trial:
            cancel.raise_if_cancelled()
            with closing(self._new_embedder()) as embedder:
                embedder.embed(model, [_SAMPLE], cancel=cancel)  # loads it
                for count in (_FEW, _MORE):
                    started = time.monotonic()
                    embedder.embed(model, _samples(count), cancel=cancel)
                    seconds = time.monotonic() - started
                    if seconds > _QUICK_S:
                        break
            with self._lock:
                self._known[model] = 60.0 * count / max(seconds, 1e-3)
            self._keep()
            return self._known[model]

    def learn(self, model: str, passages: int, seconds: float) -> None:
        """Take note of a batch that was embedded."""
        if passages < _FEW or not 0 < seconds < _LONGEST_S:
            return
        with self._lock:
            now = 60.0 * passages / seconds
            known = self._known.get(model)
            self._known[model] = now if known is None else known + _LEARNT * (now - known)
            due = known is None or time.monotonic() - self._kept_at > _KEEP_S
        if due:
            self._keep()

    def _keep(self) -> None:
        with self._lock:
            self._kept_at = time.monotonic()
            known = {model: round(speed, 1) for model, speed in self._known.items()}
        self._catalog.set_setting(SETTING, known)


def _samples(count: int) -> Sequence[str]:
    return [f"{number}. {_SAMPLE}" for number in range(count)]


def _speeds_from(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        return {}
    return {
        str(model): float(speed)
        for model, speed in value.items()
        if isinstance(speed, int | float) and speed > 0
    }
