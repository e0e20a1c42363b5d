"""Which copies of the catalog are kept, and when one is due."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from readingroom.core.copies import CatalogCopy, CopyKind, is_due, no_longer_kept

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def copy(hours_ago: float, kind: CopyKind = CopyKind.DAILY) -> CatalogCopy:
    return CatalogCopy(Path(f"{hours_ago}-{kind}"), kind, NOW - timedelta(hours=hours_ago), 1)


def test_a_copy_is_due_once_a_day_has_passed_since_the_last() -> None:
    assert is_due([], NOW)
    assert is_due([copy(25)], NOW)
    assert not is_due([copy(25), copy(23)], NOW)


def test_a_copy_of_another_kind_or_from_the_future_does_not_put_the_daily_one_off() -> None:
    assert is_due([copy(1, CopyKind.MIGRATION), copy(1, CopyKind.REPLACED), copy(-5)], NOW)


def test_the_newest_copy_of_each_of_the_last_seven_days_is_kept() -> None:
    copies = [copy(24 * day + hour) for day in range(9) for hour in (0, 1)]
    dropped = no_longer_kept(copies)
    kept = [c for c in copies if c not in dropped]
    assert [c.made_at for c in kept] == [NOW - timedelta(days=day) for day in range(7)]


def test_copies_made_before_an_update_stay_and_three_of_what_was_replaced() -> None:
    before = [copy(24 * day, CopyKind.MIGRATION) for day in range(20)]
    replaced = [copy(day, CopyKind.REPLACED) for day in range(5)]
    assert no_longer_kept([*before, *replaced]) == replaced[3:]
