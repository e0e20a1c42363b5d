"""A daily copy is made when it is due, and what stands in its way disturbs nothing else."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from readingroom.core.cancellation import CancelToken
from readingroom.core.copies import CatalogCopy, CopyKind
from readingroom.core.errors import CatalogDamaged, DiskFull
from readingroom.services.backups import BackupService

NOW = datetime(2026, 3, 9, tzinfo=UTC)


class Copies:
    """In memory."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.made: list[CatalogCopy] = []
        self.failure = failure
        self.suspected = False

    def list(self) -> Sequence[CatalogCopy]:
        return self.made

    def make(self, cancel: CancelToken) -> CatalogCopy:
        if self.failure is not None:
            raise self.failure
        self.made.append(CatalogCopy(Path("copy"), CopyKind.DAILY, NOW, 1))
        return self.made[-1]

    def is_sound(self) -> bool:
        return True

    def suspect(self) -> None:
        self.suspected = True

    def request_restore(self, copy: CatalogCopy) -> None:
        raise AssertionError


def service(copies: Copies, *, worth: bool = True) -> BackupService:
    return BackupService(copies, is_worth_it=lambda: worth, now=lambda: NOW)


def test_a_copy_is_made_once_a_day() -> None:
    copies = Copies()
    backups = service(copies)
    backups.back_up_if_due()
    backups.back_up_if_due()
    assert len(copies.made) == 1


def test_an_empty_catalog_is_not_worth_the_copy_of_the_day() -> None:
    copies = Copies()
    service(copies, worth=False).back_up_if_due()
    assert copies.made == []


def test_a_full_disk_is_said_and_raises_nothing() -> None:
    backups = service(Copies(DiskFull("No room.")))
    backups.back_up_if_due()
    assert str(backups.problem) == "No room."
    assert backups.notice == ""


def test_damage_found_while_copying_is_said_and_looked_at_by_the_next_start() -> None:
    copies = Copies(CatalogDamaged("Damaged pages.", hint="Open it again."))
    backups = service(copies)
    with pytest.raises(CatalogDamaged):
        backups.back_up_now()
    assert backups.notice == "Damaged pages. Open it again."
    assert copies.suspected
