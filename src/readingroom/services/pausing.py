"""When indexing rests: because the person says so, or to spare the battery."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from readingroom.config.power import Power
from readingroom.config.settings import LOW_BATTERY_PERCENT
from readingroom.services.listeners import Listeners
from readingroom.services.preferences import PreferenceService

log = logging.getLogger(__name__)

_POWER_CHECK_S = 10.0


class Rest(StrEnum):
    """Why indexing rests."""

    NONE = "none"
    PERSON = "person"
    BATTERY = "battery"


@dataclass(frozen=True, slots=True)
class Pause:
    """How it stands, with the words for it."""

    rest: Rest = Rest.NONE
    words: str = ""
    """Empty while it goes on."""

    @property
    def resting(self) -> bool:
        return self.rest is not Rest.NONE


def pause_by(
    power: Power | None, *, by_person: bool, on_battery: str, despite_battery: bool = False
) -> Pause:
    """Whether indexing rests now.

    `on_battery` is the setting of that name; `despite_battery` that the person resumed since the plug was pulled.
    """
    if by_person:
        return Pause(Rest.PERSON, "Indexing is paused")
    if power is None or not power.on_battery or despite_battery:
        return Pause()
    if on_battery == "pause":
        return Pause(Rest.BATTERY, "Indexing is paused on battery")
    if on_battery == "low" and power.percent < LOW_BATTERY_PERCENT:
        return Pause(Rest.BATTERY, f"Indexing is paused, the battery is below {LOW_BATTERY_PERCENT}%")
    return Pause()


class PausingService:
    """Tells the pumps whether to work. Safe for any thread.

    `changed` carries the new `Pause`, on the thread that noticed. The person's pause survives the end of the program.
    Commands do not call `follow`: who runs one waits for it.
    """

    def __init__(
        self,
        preferences: PreferenceService,
        *,
        read_power: Callable[[], Power | None],
        wake: Callable[[], None],
    ) -> None:
        """`wake` lets the pumps look for work."""
        self._preferences = preferences
        self._read_power = read_power
        self._wake = wake
        self._lock = threading.Lock()
        self._followed = False
        self._power: Power | None = None
        self._power_known_until_s = 0.0
        self._despite_battery = False
        self._pause = Pause()
        self.changed: Listeners[Pause] = Listeners()

    def follow(self) -> None:
        """From now on indexing rests when it should."""
        self._followed = True
        self.look()

    @property
    def current(self) -> Pause:
        """As it was when last looked at."""
        return self._pause

    def resting(self) -> bool:
        """Whether a pump should do nothing now; asked before each step, so it is quick."""
        return self.look().resting

    def pause(self) -> None:
        """Rest until `resume`, also over restarts, once what is under way is done."""
        self._preferences.update(indexing_paused=True)
        self.look()

    def resume(self) -> None:
        """Go on; on battery until it runs low no more, or until the plug is pulled the next time."""
        if self._pause.rest is Rest.BATTERY:
            with self._lock:
                self._despite_battery = True
        self._preferences.update(indexing_paused=False)
        self.look()

    def look(self) -> Pause:
        """Look whether it rests, and tell if that changed."""
        with self._lock:
            before, self._pause = self._pause, self._now()
            pause = self._pause
        if pause != before:
            log.info("Indexing: %s", pause.words or "goes on")
            self.changed.publish(pause)
            self._wake()
        return pause

    def _now(self) -> Pause:
        if not self._followed:
            return Pause()
        settings = self._preferences.settings
        now = time.monotonic()
        if now >= self._power_known_until_s:
            self._power = self._read_power()
            self._power_known_until_s = now + _POWER_CHECK_S
        if self._power is None or not self._power.on_battery:
            self._despite_battery = False
        return pause_by(
            self._power,
            by_person=settings.indexing_paused,
            on_battery=settings.on_battery,
            despite_battery=self._despite_battery,
        )
