"""Numbers and states as the words a person reads: sizes, counts, times left, what became of a document."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from readingroom.core.counting import count_words
from readingroom.core.models import SEARCHABLE_STATES, Document, DocumentState, SourceState


@dataclass(frozen=True, slots=True)
class StateWords:
    """How a state is shown: never by colour alone."""

    word: str
    explanation: str
    icon: str
    """Its name in `resources/icons`."""
    role: str
    """Name of the palette colour."""
    rank: int
    """Order when the list is sorted by state; what needs the person comes first."""


STATE_WORDS = {
    DocumentState.FAILED: StateWords("Failed", "It could not be read.", "circle-alert", "error", 0),
    DocumentState.QUARANTINED: StateWords(
        "Set aside",
        "Reading it failed three times. It is tried again when it changes.",
        "circle-alert",
        "error",
        1,
    ),
    DocumentState.ENCRYPTED: StateWords("Locked", "It needs a password.", "lock", "warning", 2),
    DocumentState.UNSUPPORTED: StateWords(
        "Skipped", "This kind of file cannot be read yet.", "minus", "soft", 3
    ),
    DocumentState.NO_TEXT: StateWords("No text", "There is no text in it to search.", "minus", "soft", 4),
    DocumentState.OFFLINE: StateWords(
        "Offline", "Its drive or folder is not connected.", "unplug", "warning", 5
    ),
    DocumentState.INDEXING: StateWords("Reading", "It is being read now.", "loader", "accent", 6),
    DocumentState.QUEUED: StateWords("Waiting", "It will be read soon.", "clock", "soft", 7),
    DocumentState.WORDS: StateWords(
        "By words", "It is found by its words; its meaning is still being worked out.", "type", "accent", 8
    ),
    DocumentState.READY: StateWords(
        "Ready", "It is found by its words and by its meaning.", "check", "accent", 9
    ),
}

SOURCE_STATE_WORDS = {
    SourceState.WATCHING: "watching",
    SourceState.POLLING: "polling",
    SourceState.PAUSED: "paused",
    SourceState.OFFLINE: "offline",
    SourceState.ONCE: "added once",
    SourceState.ASKING: "asking",
}

SOURCE_STATE_EXPLANATIONS = {
    SourceState.WATCHING: "Changes are read within seconds.",
    SourceState.POLLING: "This folder cannot report changes, so it is looked through every few minutes.",
    SourceState.PAUSED: "Changes are not read until you resume it.",
    SourceState.OFFLINE: "The drive or folder is not connected. What was read stays searchable.",
    SourceState.ONCE: "Read once when you added it; changes are not followed.",
    SourceState.ASKING: "Many files are gone at once. They stay searchable until you say what became of them.",
}

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
_NOT_SHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_KEEPS_CHUNKS = frozenset({DocumentState.OFFLINE, DocumentState.QUEUED, DocumentState.INDEXING})


def searchable(document: Document) -> bool:
    """Whether a question can find it now, be it by what was read before the drive went away."""
    return document.state in SEARCHABLE_STATES or (document.state in _KEEPS_CHUNKS and document.chunks > 0)


def reason_of(document: Document) -> str:
    """Give the document's own reason, else what its state means."""
    return document.reason or STATE_WORDS[document.state].explanation


def size_words(size_bytes: int) -> str:
    """`0 B`, `812 KB`, `1.4 MB`; decimal units as file managers show them."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    size = float(size_bytes)
    for unit in ("KB", "MB", "GB", "TB"):
        size /= 1000
        if size < 999.5 or unit == "TB":
            return f"{size:.1f} {unit}" if size < 9.95 and unit != "KB" else f"{size:,.0f} {unit}"
    raise AssertionError


def time_left_words(seconds: float) -> str:
    """Say `a few seconds left`, `3 min left`, `2 h 10 min left`; no more exact than the estimate is."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 55:
        return f"{round(seconds / 10) * 10} s left"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"{minutes} min left"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min left" if rest and hours < 10 else f"{hours} h left"


def about_words(seconds: float) -> str:
    """Estimate a duration: `less than a minute`, `about 2 minutes`, `about 3 hours`."""
    if seconds < 50:
        return "less than a minute"
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return f"about {count_words(minutes, 'minute')}"
    return f"about {count_words(round(minutes / 60), 'hour')}"


def duration_words(seconds: float) -> str:
    """How long something took: `under 0.1 s`, `2.4 s`, `48 s`, `3 min 20 s`, `1 h 5 min`."""
    if seconds < 0.095:
        return "under 0.1 s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def day_words(at: float, now: float) -> str:
    """When, in as few words as tell it, by the local clock: `09:14`, `yesterday`, `3 May`, `3 May 2024`."""
    when, today = _local(at), _local(now)
    if when is None or today is None:
        return ""
    days = (today.date() - when.date()).days
    if days == 0:
        return f"{when:%H:%M}"
    if days == 1:
        return "yesterday"
    return _date(when) if when.year != today.year else _date(when)[:-5]


def moment_words(at: float, now: float) -> str:
    """When, to the minute: `today, 09:14`, `yesterday, 18:02`, `3 May 2024, 09:14`."""
    when, today = _local(at), _local(now)
    if when is None or today is None:
        return ""
    days = (today.date() - when.date()).days
    day = {0: "today", 1: "yesterday"}.get(days) or _date(when)
    return f"{day}, {when:%H:%M}"


def ago_words(at: float, now: float) -> str:
    """How long since, no more exact than matters: `just now`, `3 min ago`, `2 h ago`, else the day."""
    minutes = round((now - at) / 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{round(minutes / 60)} h ago" if minutes < 12 * 60 else day_words(at, now)


def _date(when: datetime) -> str:
    # Not by `strftime`: the window is in English, whatever the system's language.
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year:04}"


def _local(at: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(at).astimezone()
    except (OverflowError, OSError, ValueError):  # a file's time may be any number
        return None


def showable(name: str) -> str:
    """A name as it can be shown on one line, replacement characters for what cannot.

    That is bytes that are no text, control characters, and marks that turn the direction of writing around, by which
    a name that ends in `fdp.exe` passes for one that ends in `exe.pdf`.
    """
    return _NOT_SHOWABLE.sub("\N{REPLACEMENT CHARACTER}", name)


def folder_words(folder: Path, home: Path | None = None) -> str:
    """Write the folder with `~` for the person's own."""
    home = home if home is not None else _home()
    if home is not None and folder.is_relative_to(home):
        inside = folder.relative_to(home)
        return "~" if inside == Path() else showable(str(Path("~") / inside))
    return showable(str(folder))


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # no home can be told: an account without an entry
        return None
