"""What the doctor says of the limits to watching."""

import pytest

from readingroom.core.polling import WatchLimits
from readingroom.services.doctor import watcher_check


@pytest.mark.parametrize(
    ("limits", "hint"),
    [
        (WatchLimits(1_200, 500_000, 5, 128), ""),
        (WatchLimits(480_000, 500_000, 5, 128), "Raise fs.inotify.max_user_watches to 1000000 or more"),
        (WatchLimits(10, 8_192, 5, 128), "Raise fs.inotify.max_user_watches to 65536 or more"),
        (WatchLimits(10, 500_000, 127, 128), "Raise fs.inotify.max_user_instances"),
    ],
)
def test_a_limit_that_is_low_or_nearly_reached_is_named_with_the_setting(
    limits: WatchLimits, hint: str
) -> None:
    check = watcher_check(limits)
    assert check.ok is not bool(hint)
    assert check.hint.startswith(hint)
    assert f"{limits.watches_used:,} of {limits.watches_allowed:,} folders watched" in check.detail


def test_a_system_without_limits_is_well() -> None:
    assert watcher_check(None).ok
