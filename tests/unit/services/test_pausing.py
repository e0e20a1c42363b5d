"""When indexing rests."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from readingroom.config.power import Power
from readingroom.services.pausing import Pause, PausingService, Rest, pause_by
from readingroom.services.preferences import PreferenceService

PLUGGED, FULL, LOW = Power(False, 10), Power(True, 90), Power(True, 39)


@pytest.mark.parametrize(
    ("power", "on_battery", "by_person", "despite", "rest"),
    [
        (None, "pause", False, False, Rest.NONE),
        (None, "pause", True, False, Rest.PERSON),
        (PLUGGED, "pause", False, False, Rest.NONE),
        (FULL, "pause", False, False, Rest.BATTERY),
        (FULL, "low", False, False, Rest.NONE),
        (LOW, "low", False, False, Rest.BATTERY),
        (LOW, "go_on", False, False, Rest.NONE),
        (LOW, "low", False, True, Rest.NONE),
        (LOW, "low", True, True, Rest.PERSON),
        (LOW, "no such setting", False, False, Rest.NONE),
    ],
)
def test_rest_by_power_setting_and_person(
    power: Power | None, on_battery: str, by_person: bool, despite: bool, rest: Rest
) -> None:
    pause = pause_by(power, by_person=by_person, on_battery=on_battery, despite_battery=despite)
    assert pause.rest is rest
    assert bool(pause.words) is pause.resting


@dataclass
class Laptop:
    """Its battery, its catalog of settings, and what the service told."""

    power: Power | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    told: list[Pause] = field(default_factory=list)

    def setting_values(self) -> dict[str, Any]:
        return self.kept

    def set_setting(self, name: str, value: Any) -> None:
        self.kept[name] = value

    def start(self, monkeypatch: pytest.MonkeyPatch) -> PausingService:
        monkeypatch.setattr("readingroom.services.pausing._POWER_CHECK_S", 0)
        preferences = PreferenceService(self)  # type: ignore[arg-type]
        service = PausingService(preferences, read_power=lambda: self.power, wake=lambda: None)
        service.changed.subscribe(self.told.append)
        service.follow()
        return service


def test_the_persons_pause_survives_a_restart_and_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Laptop()
    laptop.start(monkeypatch).pause()
    assert [pause.rest for pause in laptop.told] == [Rest.PERSON]
    again = laptop.start(monkeypatch)
    assert again.resting()
    again.resume()
    assert not again.resting()
    assert not laptop.start(monkeypatch).resting()


def test_resuming_on_battery_holds_until_the_plug_is_pulled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Laptop(LOW)
    service = laptop.start(monkeypatch)
    assert service.current.rest is Rest.BATTERY
    service.resume()
    assert not service.resting()
    laptop.power = PLUGGED
    assert not service.resting()
    laptop.power = LOW
    assert service.resting()


def test_the_plug_lets_it_go_on_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Laptop(LOW)
    service = laptop.start(monkeypatch)
    laptop.power = PLUGGED
    service.look()
    assert [pause.rest for pause in laptop.told] == [Rest.BATTERY, Rest.NONE]


def test_a_command_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    laptop = Laptop(LOW, {"indexing_paused": True})
    monkeypatch.setattr(PausingService, "follow", lambda _: None)
    assert not laptop.start(monkeypatch).resting()
