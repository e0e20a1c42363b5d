"""Finds a source again whose folder moved: which folder is the one, and where its neighbours went with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from readingroom.core.ids import SourceId
from readingroom.core.models import Source

T = TypeVar("T")

SAMPLE = 200
"""Files looked for in a folder before it is taken: a stat each, two seconds on a slow share."""
_ALIKE_SHARE = 0.1
_PRESENT_SHARE = 0.5
"""Names such as `README.md` lie in many folders, and many files are edited between export and import: a folder is
taken where a tenth is there in the same size, or half at all."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How much of what is known of a source was found in a folder."""

    looked_for: int
    present: int
    """Files at the same place."""
    alike: int
    """Of those, the ones of the same size."""

    @property
    def good(self) -> bool:
        """Whether the folder may be taken without asking."""
        wanted = self.looked_for
        return self.alike >= _ALIKE_SHARE * wanted or self.present >= _PRESENT_SHARE * wanted


@dataclass(frozen=True, slots=True)
class Relinked:
    """What a re-linking did."""

    source: Source
    """As it is now."""
    former: Path
    documents: int
    fit: Fit
    also: tuple[Source, ...] = ()
    """Sources that lay beside it and were found again beside its new place."""


class RelinkingCatalog(Protocol):
    """What the catalog does for it."""

    def relink_source(self, source_id: SourceId, path: Path) -> int:
        """Give a source and its documents another place; how many documents. Raises `UserFixableError` where it is taken."""
        ...


def sampled(items: Sequence[T], most: int = SAMPLE) -> Sequence[T]:
    """Some of them, evenly."""
    if len(items) <= most:
        return items
    return [items[place * len(items) // most] for place in range(most)]


def place_beside(former: Path, found: Path, other: Path) -> Path | None:
    """Where a source at `other` is now, if it moved along when `former` became `found`."""
    if other.is_relative_to(former):
        return found / other.relative_to(former)
    if other.is_relative_to(former.parent) and former.parent != former:
        return found.parent / other.relative_to(former.parent)
    return None
