"""How often a silent folder is looked through."""

import pytest

from readingroom.core.polling import polling_interval_s


@pytest.mark.parametrize(
    ("last_look_s", "reconcile_minutes", "interval_s"),
    [(0.01, 10, 30), (1.5, 10, 30), (4, 10, 80), (60, 10, 600), (3600, 10, 600), (0.01, 0.25, 15)],
)
def test_looking_takes_a_small_part_of_the_time_and_is_never_rarer_than_for_other_folders(
    last_look_s: float, reconcile_minutes: float, interval_s: float
) -> None:
    assert polling_interval_s(last_look_s, reconcile_minutes) == interval_s
