"""Numbers and states as the words a person reads: sizes, counts, times left, what became of a document."""

from dataclasses import dataclass
from pathlib import Path

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
        "Not read", "This kind of file cannot be read yet.", "minus", "soft", 3
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
}

SOURCE_STATE_EXPLANATIONS = {
    SourceState.WATCHING: "Changes are read within seconds.",
    SourceState.POLLING: "This folder cannot report changes, so it is looked through every few minutes.",
    SourceState.PAUSED: "Changes are not read until you resume it.",
    SourceState.OFFLINE: "The drive or folder is not connected. What was read stays searchable.",
    SourceState.ONCE: "Read once when you added it; changes are not followed.",
}

_KEEPS_CHUNKS = frozenset({DocumentState.OFFLINE, DocumentState.QUEUED, DocumentState.INDEXING})


def searchable(document: Document) -> bool:
    """Whether a question can find it now, be it by what was read before the drive went away."""
    return document.state in SEARCHABLE_STATES or (document.state in _KEEPS_CHUNKS and document.chunks > 0)


def reason_of(document: Document) -> str:
    """Give the document's own reason, else what its state means."""
    return document.reason or STATE_WORDS[document.state].explanation


def count_words(count: int, noun: str) -> str:
    """`1 document`, `1,204 documents`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


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


def folder_words(folder: Path, home: Path | None = None) -> str:
    """Write the folder with `~` for the person's own."""
    home = home if home is not None else _home()
    if home is not None and folder.is_relative_to(home):
        inside = folder.relative_to(home)
        return "~" if inside == Path() else str(Path("~") / inside)
    return str(folder)


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # no home can be told: an account without an entry
        return None
