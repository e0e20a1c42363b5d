"""In which order many new files are read: so that most of them can be searched soon."""

from collections.abc import Iterable

from readingroom.core.ignore_rules import kind_of
from readingroom.core.sync_plan import FoundFile

CONVERTED_KINDS = frozenset({".doc", ".dot", ".ppt", ".pot", ".pps", ".wpd", ".wp", ".wp5", ".wps"})
"""Another program has to open them first: seconds each, where most files take some milliseconds."""
LARGE_BYTES = 16 * 1024 * 1024


def in_reading_order(files: Iterable[FoundFile]) -> tuple[FoundFile, ...]:
    """What is quick before what is slow, and of the same sort what was changed last before the rest."""
    return tuple(sorted(files, key=_place))


def _place(file: FoundFile) -> tuple[bool, bool, int]:
    slow = kind_of(file.path) in CONVERTED_KINDS
    return slow, file.stamp.size_bytes > LARGE_BYTES, -file.stamp.modified_at_ns
