"""How fast work goes, and what is said of the time it takes yet."""

import math
import time
from collections import deque

_WINDOW_S = 60.0
"""Long enough for some twenty batches: by 20 s the estimate doubled and halved with the length of the texts."""
_STOOD_STILL_S = 30.0
"""Longer than any batch takes: it was paused, or had nothing to do, and that is no measure of the rate."""
_KNOWN_AFTER_S = 8.0
"""The first batches hold texts of like length and what was embedded before; by two of them the estimate is a guess."""
_EASE_S = 15.0
"""How soon what is said follows a change of the rate."""


class Pace:
    """What was done in the last minute of work. Whoever shares one between threads guards it."""

    def __init__(self) -> None:
        self._done: deque[tuple[float, int]] = deque()

    def note(self, count: int) -> None:
        """Tell how much was done just now."""
        now = time.monotonic()
        if self._done and now - self._done[-1][0] > _STOOD_STILL_S:
            self._done.clear()
        self._done.append((now, count))
        while self._done and now - self._done[0][0] > _WINDOW_S:
            self._done.popleft()

    @property
    def rate(self) -> float:
        """A second; 0 where nothing can be said."""
        now = time.monotonic()
        recent = [(at, count) for at, count in self._done if now - at <= _WINDOW_S]
        if len(recent) < 2:
            return 0.0
        return sum(count for _, count in recent[1:]) / max(now - recent[0][0], 0.1)

    @property
    def known(self) -> bool:
        """Whether the rate says when the work will be done."""
        return self.rate > 0 and time.monotonic() - self._done[0][0] >= _KNOWN_AFTER_S


class TimeLeft:
    """Remembers what was said of it, to bend instead of jumping."""

    def __init__(self) -> None:
        self._said: tuple[float, float] | None = None
        """Seconds, and when."""

    def say(self, left: float, pace: Pace) -> float | None:
        """Seconds for what is left to do; None until the pace is known."""
        if not pace.known:
            self._said = None
            return None
        now, measured_s = time.monotonic(), left / pace.rate
        if self._said is not None:
            measured_s = eased(self._said[0], now - self._said[1], measured_s)
        self._said = measured_s, now
        return measured_s


def eased(said_s: float, passed_s: float, measured_s: float) -> float:
    """Seconds left to say now: what was said counted down, drawn towards what is measured.

    So it runs like a clock while the rate holds, and bends instead of jumping when it changes.
    """
    counted_s = max(said_s - passed_s, 0.0)
    return measured_s + (counted_s - measured_s) * math.exp(-passed_s / _EASE_S)
