"""Batteries as Linux lists them."""

from pathlib import Path

import pytest

from readingroom.config.power import Power, from_supplies

BATTERY = {"type": "Battery", "scope": "System", "present": "1", "status": "Discharging", "capacity": "62"}
PLUG = {"type": "Mains", "online": "0"}
MOUSE = {"type": "Battery", "scope": "Device", "status": "Discharging", "capacity": "5"}


@pytest.mark.parametrize(
    ("supplies", "power"),
    [
        ({}, None),
        ({"BAT0": BATTERY, "AC": PLUG}, Power(on_battery=True, percent=62)),
        ({"BAT0": BATTERY, "AC": PLUG | {"online": "1"}}, Power(on_battery=False, percent=62)),
        ({"BAT0": BATTERY | {"status": "Full"}}, Power(on_battery=False, percent=62)),
        ({"BAT0": BATTERY, "BAT1": BATTERY | {"capacity": "20", "status": "Unknown"}}, Power(True, 41)),
        ({"BAT0": BATTERY | {"present": "0"}, "AC": PLUG}, None),
        ({"hidpp_battery_0": MOUSE}, None),
        ({"BAT0": {"type": "Battery", "status": "Discharging"}}, None),
    ],
)
def test_only_the_computers_own_battery_counts(
    tmp_path: Path, supplies: dict[str, dict[str, str]], power: Power | None
) -> None:
    for name, values in supplies.items():
        (tmp_path / name).mkdir()
        for key, value in values.items():
            (tmp_path / name / key).write_text(f"{value}\n")
    assert from_supplies(tmp_path) == power


def test_a_system_without_such_a_list_has_no_battery(tmp_path: Path) -> None:
    assert from_supplies(tmp_path / "none") is None
