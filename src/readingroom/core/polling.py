"""How often a folder is looked through that does not tell of its changes, and what watching may take."""

from dataclasses import dataclass

LEAST_S = 30.0
SHARE = 20
"""Looking takes a twentieth of the time at most: a share with 100,000 files, which takes a minute, is looked through
every twenty minutes, one that takes a second every thirty seconds."""


def polling_interval_s(last_look_s: float, reconcile_minutes: float) -> float:
    """Seconds from the end of one look to the next, by how long the last one took.

    Never more than `reconcile_minutes`, at which folders are looked through that do tell.
    """
    return min(max(LEAST_S, SHARE * last_look_s), reconcile_minutes * 60)


@dataclass(frozen=True, slots=True)
class WatchLimits:
    """What the system allows one person's programs to watch, and what of it is in use; in folders and observers."""

    watches_used: int
    watches_allowed: int
    instances_used: int
    instances_allowed: int
