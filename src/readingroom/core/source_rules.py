"""What a person leaves out of a linked folder, and what was left out by that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from readingroom.core.ids import SourceId


@dataclass(frozen=True, slots=True)
class SourceRules:
    """What a person leaves out of one folder, besides what is left out everywhere."""

    patterns: str = ""
    """Lines in the syntax of `.gitignore`, relative to the folder."""
    git_ignore: bool = False
    """Leave out what `.gitignore` files in the folder name."""
    max_file_mb: int | None = None
    """Larger files are left out; None: no limit."""


@dataclass(frozen=True, slots=True)
class LeftOutFile:
    """A file or a whole folder of a source that its rules leave out."""

    path: str
    """Relative to the source, with forward slashes."""
    rule: str
    """In plain words: `hidden`, `pattern *.log`, `.gitignore: build/`, `over 20 MB`, `kind .iso`."""
    is_folder: bool = False
    size_bytes: int | None = None
    """None for folders and where nobody asked."""


class RuleCatalog(Protocol):
    """The rules of sources, and what they left out."""

    def set_source_rules(self, source_id: SourceId, rules: SourceRules) -> None: ...

    def source_files(self, source_id: SourceId) -> Sequence[tuple[str, int]]:
        """Absolute paths and sizes of its documents; those inside others not among them."""
        ...

    def left_out(self, source_id: SourceId) -> Sequence[LeftOutFile]:
        """By path; at most as many as were kept, see `Source.left_out` for how many there are."""
        ...

    def set_left_out(self, source_id: SourceId, entries: Sequence[LeftOutFile], total: int) -> bool:
        """Replace what is known of it; whether that differs from before."""
        ...
