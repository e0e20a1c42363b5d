"""Copies of the catalog: what one is, which are kept, and what is told of a restore."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from readingroom.core.cancellation import CancelToken
from readingroom.core.counting import count_words

KEEP_DAYS = 7
KEEP_REPLACED = 3
INDEXES_DOUBTED = "indexes_doubted"
"""The setting that has every index made anew at the next start: it may know points of another time."""
_DAY = timedelta(days=1)


def local_now() -> datetime:
    """Now, as the clock on the wall says it."""
    return datetime.now(UTC).astimezone()


class CopyKind(StrEnum):
    """Why a copy was made."""

    DAILY = "daily"
    MIGRATION = "migration"
    REPLACED = "replaced"
    """The catalog that stood in the place of a copy before that was restored: the way back."""


@dataclass(frozen=True, slots=True)
class CatalogCopy:
    """A copy of the catalog in `backups/`."""

    path: Path
    kind: CopyKind
    made_at: datetime
    """Local time, as its name says."""
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Restoration:
    """What was done to a catalog at the start of the program."""

    copy_made_at: datetime | None
    """Of the copy that took its place; None where it was begun anew."""
    kept: Path | None
    """Where the former catalog lies now; None where there was none."""
    asked: bool
    """Whether the person asked for it; otherwise the catalog could not be used."""
    rescued: int = 0
    """How many things the person made since that copy could be taken over from the damaged catalog."""

    @property
    def told(self) -> str:
        """Say what was done, in plain words."""
        if self.copy_made_at is None:
            return (
                "The catalog could not be used and there was no copy of it, so a new one was begun."
                f"{self._where()} Link your folders again; the files themselves were never touched."
            )
        day = f"{self.copy_made_at:%d %B %Y, %H:%M}".lstrip("0")
        if self.asked:
            return f"The catalog is as it was on {day}.{self._where()} Documents that changed since are read again."
        said = f"The catalog was damaged; the copy of {day} was put in its place."
        if self.rescued:
            things = count_words(self.rescued, "thing")
            said += f" {things} you made since then could be saved from the damaged one."
        return f"{said}{self._where()} Documents that changed since are read again."

    def _where(self) -> str:
        return f" The former one is kept as {self.kept.name}." if self.kept is not None else ""


class CatalogCopies(Protocol):
    """The copies of one catalog. Methods block and may be called from any thread."""

    def list(self) -> Sequence[CatalogCopy]:
        """Newest first."""
        ...

    def make(self, cancel: CancelToken) -> CatalogCopy:
        """Copy the catalog while it is in use, verify the copy, then let older ones go.

        Raises `Cancelled`, `DiskFull`, and `CatalogDamaged` where the catalog itself is the reason.
        """
        ...

    def is_sound(self) -> bool:
        """Whether the catalog's pages are in order; takes a second for each gigabyte."""
        ...

    def suspect(self) -> None:
        """Have the next start look at every page, and restore a copy where one is wrong."""
        ...

    def request_restore(self, copy: CatalogCopy) -> None:
        """Have the next start put this copy in the catalog's place."""
        ...


def is_due(copies: Sequence[CatalogCopy], now: datetime) -> bool:
    """Whether a day has passed since the last daily copy; one from the future (the clock was set back) does not count."""
    return not any(copy.kind is CopyKind.DAILY and now - _DAY < copy.made_at <= now for copy in copies)


def no_longer_kept(copies: Sequence[CatalogCopy]) -> list[CatalogCopy]:
    """All but the newest daily copy of each of the last seven days on which any was made, and three replaced ones."""
    kept_days: set[object] = set()
    replaced = 0
    dropped = []
    for copy in sorted(copies, key=lambda copy: copy.made_at, reverse=True):
        if copy.kind is CopyKind.REPLACED:
            replaced += 1
            if replaced > KEEP_REPLACED:
                dropped.append(copy)
        if copy.kind is not CopyKind.DAILY:
            continue
        day = copy.made_at.date()
        if day in kept_days or len(kept_days) >= KEEP_DAYS:
            dropped.append(copy)
        else:
            kept_days.add(day)
    return dropped
