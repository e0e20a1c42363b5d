"""What is said of a source: how it stands, when it was looked through, what is gone, what is left out."""

import time
from collections import Counter
from collections.abc import Iterable

from readingroom.core.counting import count_words
from readingroom.core.models import RemovedItem, Source, SourceState
from readingroom.core.source_rules import LeftOutFile
from readingroom.ui.models.wording import SOURCE_STATE_EXPLANATIONS, ago_words, showable

KEPT_DAYS = 30
"""How long what was removed can be brought back."""
ALARMING_STATES = frozenset({SourceState.OFFLINE, SourceState.ASKING})


def source_name(source: Source) -> str:
    """The folder's own name; the whole path of a drive."""
    return showable(source.path.name or str(source.path))


def explanation_words(source: Source) -> str:
    """The source's own reason, else what its state means."""
    return source.reason or SOURCE_STATE_EXPLANATIONS[source.state]


def checked_words(source: Source, now: float | None = None) -> str:
    """`checked 3 min ago`; nothing of a source that was not looked through yet, or that nobody looks through."""
    if not source.last_checked_at or source.state is SourceState.OFFLINE:
        return ""
    return f"checked {ago_words(source.last_checked_at, time.time() if now is None else now)}"


def vanished_words(source: Source, documents: int, *, named: bool = True) -> str:
    """What the person is asked about; `documents` is how many the source has, `named` says its name."""
    gone = (
        f"{source.vanished:,} of {documents:,} files"
        if documents > source.vanished
        else _all(source.vanished)
    )
    place = f" from “{source_name(source)}”" if named else ""
    return f"{gone} are gone{place} all at once. They stay searchable until you decide."


def _all(count: int) -> str:
    return f"All {count:,} files"


def left_out_words(source: Source) -> str:
    """`1,203 left out`; nothing where nothing is."""
    return f"{source.left_out:,} left out" if source.left_out else ""


def rule_kinds(entries: Iterable[LeftOutFile]) -> list[tuple[str, int]]:
    """The rules with how many each left out, those with the most first."""
    counted = Counter(entry.rule for entry in entries)
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def days_left_words(item: RemovedItem, now: float | None = None) -> str:
    """How long it can still be brought back: `29 days left`, `last day`."""
    passed = ((time.time() if now is None else now) - item.removed_at) / 86_400
    days = max(0, int(KEPT_DAYS - passed))
    return f"{count_words(days, 'day')} left" if days else "last day"
