"""Whether this computer runs on its battery."""

import logging
import sys
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

_SUPPLIES = Path("/sys/class/power_supply")


@dataclass(frozen=True, slots=True)
class Power:
    """What the computer lives on; there is none of this without a battery."""

    on_battery: bool
    percent: float
    """How full the battery is; the mean of several."""


def read_power() -> Power | None:
    """None where there is no battery or it does not tell. Takes a millisecond at most."""
    if sys.platform.startswith("linux"):
        return from_supplies(_SUPPLIES)
    import psutil

    try:
        battery = psutil.sensors_battery()
    except (OSError, RuntimeError) as error:  # drivers of all kinds stand behind it
        log.info("The battery does not tell: %s", error)
        return None
    if battery is None or battery.power_plugged is None:
        return None
    return Power(not battery.power_plugged, float(battery.percent))


def from_supplies(folder: Path) -> Power | None:
    """Read Linux's list of supplies.

    psutil takes the first that calls itself a battery, which on a desk may be the mouse's; those have the scope `Device`.
    """
    levels, discharging, mains = [], False, False
    try:
        supplies = sorted(folder.iterdir())
    except OSError:
        return None
    for supply in supplies:
        kind = _value(supply, "type")
        if kind == "Battery" and _value(supply, "scope") != "Device" and _value(supply, "present") != "0":
            level = _value(supply, "capacity")
            if level.isdecimal():
                levels.append(int(level))
                discharging |= _value(supply, "status") == "Discharging"
        elif kind in ("Mains", "USB"):
            mains |= _value(supply, "online") == "1"
    if not levels:
        return None
    return Power(discharging and not mains, sum(levels) / len(levels))


def _value(supply: Path, name: str) -> str:
    try:
        return (supply / name).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
