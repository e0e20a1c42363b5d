"""Invitations and other calendar entries inside messages, as lines of text."""

import re
from collections.abc import Iterator

_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(
    r"(?P<name>[A-Za-z-]+)(?P<parameters>(?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(?P<value>.*)"
)
_COMMON_NAME = re.compile(r";CN=(?:\"([^\"]*)\"|([^;:]*))", re.IGNORECASE)
_ZONE = re.compile(r";TZID=\"?([^\";:]*)", re.IGNORECASE)
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
_ESCAPE = re.compile(r"\\([nN,;\\:])")
_ENTRIES = {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"}
_SHOWN = {
    "SUMMARY": "Event",
    "DTSTART": "Start",
    "DTEND": "End",
    "DUE": "Due",
    "LOCATION": "Location",
    "ORGANIZER": "Organizer",
    "ATTENDEE": "Attendees",
    "STATUS": "Status",
    "RRULE": "Repeats",
    "DESCRIPTION": "",
    "COMMENT": "",
}
_MAX_ATTENDEES = 100


def calendar_text(source: str) -> str:
    """The entries of an iCalendar object (RFC 5545) for a person: `Start: 2024-05-03 14:00`."""
    return "\n\n".join(entry for entry in _entries(_FOLD.sub("", source)) if entry)


def _entries(source: str) -> Iterator[str]:
    fields: dict[str, list[str]] | None = None
    inner = 0
    for line in source.splitlines():
        match = _PROPERTY.match(line)
        if match is None:
            continue
        name, value = match["name"].upper(), match["value"].strip()
        if name == "BEGIN":
            if fields is not None:
                # An alarm within the entry.
                inner += 1
            elif value.upper() in _ENTRIES:
                fields = {}
        elif name == "END" and fields is not None:
            if inner:
                inner -= 1
                continue
            yield _written(fields)
            fields = None
        elif fields is not None and not inner and name in _SHOWN:
            fields.setdefault(name, []).append(_value(name, match["parameters"], value))
    if fields:
        yield _written(fields)


def _written(fields: dict[str, list[str]]) -> str:
    lines = []
    for name, label in _SHOWN.items():
        values = list(dict.fromkeys(value for value in fields.get(name, []) if value))[:_MAX_ATTENDEES]
        if values:
            text = ", ".join(values)
            lines.append(f"{label}: {text}" if label else f"\n{text}")
    return "\n".join(lines).strip()


def _value(name: str, parameters: str, value: str) -> str:
    if name in {"DTSTART", "DTEND", "DUE"}:
        return _time(parameters, value)
    if name in {"ORGANIZER", "ATTENDEE"}:
        address = re.sub(r"(?i)^mailto:", "", value)
        named = _COMMON_NAME.search(parameters)
        common = ((named[1] or named[2] or "") if named else "").strip()
        return f"{common} <{address}>" if common and common != address else address
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def _time(parameters: str, value: str) -> str:
    match = _TIME.match(value)
    if match is None:
        return value
    year, month, day, hour, minute, _, universal = match.groups()
    text = f"{year}-{month}-{day}"
    if hour:
        zone = _ZONE.search(parameters)
        text += f" {hour}:{minute}" + (" UTC" if universal else f" ({zone[1]})" if zone else "")
    return text
