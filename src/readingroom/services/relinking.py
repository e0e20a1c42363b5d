"""Points a source whose folder moved at its new place; its documents keep text and embeddings."""

import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from readingroom.core.catalog import Catalog
from readingroom.core.errors import FolderDiffers, SourceNotFound, UserFixableError
from readingroom.core.ids import SourceId
from readingroom.core.models import Source, SourceState
from readingroom.core.relinking import Fit, Relinked, place_beside, sampled

KnownSize = tuple[Path, int]


def relink(catalog: Catalog, source_id: SourceId, path: Path, *, confirmed: bool = False) -> Relinked:
    """Take the folder at `path`, or the one of the source's name in it, for the source; its neighbours follow.

    What differs is left to the next reconcile, which compares times, then hashes. Raises `SourceNotFound`;
    `FolderDiffers` where hardly anything known is there, unless that was `confirmed`; `UserFixableError`.
    """
    source = catalog.source(source_id)
    if source is None:
        raise SourceNotFound("That folder is no longer in the workspace.", hint="Add it again.")
    path = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH111  (see SourceService.link)
    _check_kind(source, path)
    known = _sample(catalog, source_id)
    found, fit = _best(source, path, known)
    if not fit.good and not confirmed:
        raise FolderDiffers(
            f"Of {fit.looked_for:,} files known from “{source.path.name}”, {fit.present:,} are in {path}.",
            hint="Choose the folder that was moved. Linked to this one, it will show what is in this one.",
        )
    documents = catalog.relink_source(source_id, found)
    now = _online(catalog, source, found)
    return Relinked(now, source.path, documents, fit, _relink_neighbours(catalog, source.path, found))


def _check_kind(source: Source, path: Path) -> None:
    if not path.exists():
        raise SourceNotFound(f"There is nothing at {path}.", hint="Check the path, or plug the drive in.")
    if source.is_folder and not path.is_dir():
        raise UserFixableError(f"{path} is a file.", hint="Choose the folder that was moved.")


def _best(source: Source, path: Path, known: Sequence[KnownSize]) -> tuple[Path, Fit]:
    """The path itself, or what bears the source's name in it, where that is what the person meant."""
    inner = path / source.path.name
    if not source.is_folder and path.is_dir():
        return inner, _fit(source, inner, known)
    fit = _fit(source, path, known)
    if source.is_folder and not fit.good and inner.is_dir():
        inside = _fit(source, inner, known)
        if inside.good:
            return inner, inside
    return path, fit


def _sample(catalog: Catalog, source_id: SourceId) -> Sequence[KnownSize]:
    return [
        (Path(path), stamp.size_bytes)
        for path, (_, stamp, _, _) in sampled(list(catalog.known_files(source_id).items()))
    ]


def _fit(source: Source, path: Path, known: Sequence[KnownSize]) -> Fit:
    present = alike = 0
    for file, size_bytes in known:
        try:
            status = (path / file.relative_to(source.path)).stat()
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(status.st_mode):
            present += 1
            alike += status.st_size == size_bytes
    return Fit(len(known), present, alike)


def _relink_neighbours(catalog: Catalog, former: Path, found: Path) -> tuple[Source, ...]:
    """Sources of any workspace that are gone from beside or below the former place and found beside the new one."""
    also = []
    for other in catalog.sources():
        place = place_beside(former, found, other.path)
        if place is None or place == other.path or other.path.exists():
            continue
        if place.is_dir() if other.is_folder else place.is_file():
            known = _sample(catalog, other.id)
            if known and _fit(other, place, known).good:
                try:
                    catalog.relink_source(other.id, place)
                except UserFixableError:  # linked there already
                    continue
                also.append(_online(catalog, other, place))
    return tuple(also)


def _online(catalog: Catalog, source: Source, path: Path) -> Source:
    state = SourceState.WATCHING if source.watch else SourceState.ONCE
    if source.state is SourceState.PAUSED:
        return replace(source, path=path)
    catalog.set_source_state(source.id, state)
    return replace(source, path=path, state=state)
