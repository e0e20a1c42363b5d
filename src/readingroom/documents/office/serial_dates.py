"""Shows a workbook's serial numbers as dates, times of day and lapses of time."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

DATE_FIELD = re.compile(r"\[?[ymdhs]|am/pm|a/p", re.IGNORECASE)
"""Begins the code of a field that makes a number format one for dates."""

_DAY_MS = 24 * 60 * 60 * 1000
_LAST_DAY = 2_958_465
"""31 December 9999; a larger number is no date."""
_FALSE_LEAP_DAY = 60
"""29 February 1900, which a well-known workbook program of old counted."""
_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


class Field(NamedTuple):
    """A piece of a number format: `kind` is `date` for a field, anything else is written as it stands."""

    kind: str
    text: str


def show_date(serial: float, fields: Sequence[tuple[str, str]], *, since_1904: bool) -> str:
    """Show a serial number (days) by the fields of its format. Raises `ValueError` for what is no date."""
    if not 0 <= serial <= _LAST_DAY:
        raise ValueError
    parts = [Field(*field) for field in fields]
    decimals = _decimals(parts)
    step = 1000 // 10 ** min(decimals, 3)
    milliseconds = round(serial * _DAY_MS / step) * step
    moment = _moment(milliseconds, since_1904=since_1904)
    halves = any(part.kind == "date" and part.text.lower() in {"am/pm", "a/p"} for part in parts)
    minutes = _minutes(parts)
    shown: list[str] = []
    fraction_due = 0
    for place, part in enumerate(parts):
        text = part.text.lower()
        if fraction_due:
            fraction_due -= 1
            continue
        if part.kind != "date":
            if part == ("mark", ".") and decimals and _after_seconds(parts, place):
                shown.append("." + f"{milliseconds % 1000:03d}"[:decimals])
                fraction_due = decimals
            else:
                shown.append(part.text)
        elif text.startswith("["):
            shown.append(_lapse(text, milliseconds))
        elif place in minutes:
            shown.append(f"{moment.minute:0{min(len(text), 2)}d}")
        else:
            shown.append(_field(text, moment, halves=halves))
    return " ".join("".join(shown).split())


def _moment(milliseconds: int, *, since_1904: bool) -> datetime:
    days, rest = divmod(milliseconds, _DAY_MS)
    if not since_1904:
        days -= 1462 if days >= _FALSE_LEAP_DAY else 1461
    # A workbook knows no time zones.
    return datetime(1904, 1, 1) + timedelta(days=days, milliseconds=rest)  # noqa: DTZ001


def _decimals(parts: Sequence[Field]) -> int:
    """How many places of a second are shown: `.000` after the seconds."""
    for place, part in enumerate(parts):
        if part == ("mark", ".") and _after_seconds(parts, place):
            count = 0
            while parts[place + 1 + count : place + 2 + count] and parts[place + 1 + count].kind == "digit":
                count += 1
            return min(count, 3)
    return 0


def _after_seconds(parts: Sequence[Field], place: int) -> bool:
    return place > 0 and parts[place - 1].kind == "date" and "s" in parts[place - 1].text.lower()


def _minutes(parts: Sequence[Field]) -> set[int]:
    """Places of the `m` that means minutes: it stands after hours or before seconds."""
    fields = [
        (place, part.text.lower().strip("[]"))
        for place, part in enumerate(parts)
        if part.kind == "date" and not part.text.lower().startswith("a")
    ]
    found: set[int] = set()
    for index, (place, text) in enumerate(fields):
        if text in {"m", "mm"}:
            before = fields[index - 1][1] if index else ""
            after = fields[index + 1][1] if index + 1 < len(fields) else ""
            if before.startswith("h") or after.startswith("s"):
                found.add(place)
    return found


def _lapse(text: str, milliseconds: int) -> str:
    unit = {"h": 3_600_000, "m": 60_000, "s": 1000}[text[1]]
    return f"{milliseconds // unit:0{len(text) - 2}d}"


def _field(text: str, moment: datetime, *, halves: bool) -> str:
    if text in {"am/pm", "a/p"}:
        word = "AM" if moment.hour < 12 else "PM"
        return word if text == "am/pm" else word[0]
    letter, length = text[0], len(text)
    if letter in "ye":
        return f"{moment.year % 100:02d}" if letter == "y" and length <= 2 else str(moment.year)
    if letter == "m":
        name = _MONTHS[moment.month - 1]
        return {1: str(moment.month), 2: f"{moment.month:02d}", 3: name[:3], 5: name[0]}.get(length, name)
    if letter == "d":
        name = _DAYS[moment.weekday()]
        return {1: str(moment.day), 2: f"{moment.day:02d}", 3: name[:3]}.get(length, name)
    if letter == "h":
        hour = (moment.hour % 12 or 12) if halves else moment.hour
        return f"{hour:0{min(length, 2)}d}"
    if letter == "s":
        return f"{moment.second:0{min(length, 2)}d}"
    return ""
