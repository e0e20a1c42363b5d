"""Compares a source with the disk and writes the differences into the catalog."""

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from readingroom.core.catalog import Catalog
from readingroom.core.content_hash import content_hash
from readingroom.core.ids import SourceId
from readingroom.core.ignore_rules import kind_of, kinds_left_out
from readingroom.core.models import IngestCounts, Source, SourceState
from readingroom.core.reading_order import in_reading_order
from readingroom.core.sync_plan import (
    Absence,
    FileStamp,
    FoundFile,
    KnownFile,
    SyncPlan,
    differences,
    held_back,
    plan_sync,
)
from readingroom.services.drives import drive_away
from readingroom.services.folder_scan import STORABLE, FolderScan, Look, is_below
from readingroom.services.look_queue import Places
from readingroom.services.preferences import PreferenceService
from readingroom.services.rules import Rules

log = logging.getLogger(__name__)

_LATELY_S = 600.0
"""Removals within this time count as one disappearance: a large folder is not deleted in an instant."""
_NOT_THERE = "It is not where it was: the drive is not connected, or the folder was moved or deleted."
_EMPTY = "The folder is there but empty, as the place of a drive is that is not connected."


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconcile found and did."""

    counts: IngestCounts
    offline: str | None = None
    """Why the source counts as not connected; None where it is there."""
    whole: bool = False
    """All of the source was looked at."""
    links: tuple[str, ...] = ()
    """Links to folders that were followed, where all was looked at."""
    plan_empty: bool = True
    left_out_changed: bool = False
    """What the rules leave out is not what it was."""
    twins: tuple[tuple[SourceId, Path], ...] = ()
    """Documents of files that have another name, at which something happened: nothing is told at theirs."""


class Reconciler:
    """Looks without holding anything up; comparing and writing is done for one source at a time."""

    def __init__(self, catalog: Catalog, preferences: PreferenceService) -> None:
        self._catalog = catalog
        self._preferences = preferences
        self._writing = threading.Lock()
        # An older look must not be written after a newer one.
        self._looking: defaultdict[SourceId, threading.Lock] = defaultdict(threading.Lock)
        self._linked: dict[SourceId, frozenset[str]] = {}
        """Links that were followed, with the folders above them: without one, another link may be followed instead."""

    def resting(self, source_id: SourceId) -> AbstractContextManager[object]:
        """While it is held, that source is not compared with anything."""
        return self._looking[source_id]

    def reconcile(
        self, source: Source, places: Places, *, kinds: Collection[str] | None = None, ask: bool = True
    ) -> Reconciled:
        """Compare a source with the disk, at some places or everywhere, and queue the differences.

        With `kinds`, only files of these. With `ask`, a large share that is gone is kept until the person answers.
        """
        with self._looking[source.id]:
            others = self._catalog.sources(source.workspace_id)
            scan = FolderScan(
                str(source.path),
                [str(other.path) for other in others if other.id != source.id],
                self._rules(source),
            )
            try:
                status = source.path.stat()
                root = (status.st_dev & STORABLE, status.st_ino & STORABLE)
                if places is not None and self._needs_all(source, root, places):
                    places = None
                look, places = _look(scan, source, places)
            except OSError as error:
                log.info("%s is offline: %s", source.path, error.strerror)
                return self._away(source, _NOT_THERE)
            with self._writing:
                if places is None and not look.files and source.is_folder and self._was_another(source, root):
                    return self._away(source, _EMPTY)
                whole = places is None
                if whole:
                    self._linked[source.id] = _with_folders(look)
                self._catalog.source_seen(source.id, time.time(), root if whole else None)
                plan, before = self._plan(source, scan, look, places, kinds, ask=ask)
                self._catalog.apply_plan(source.id, plan, meant=not ask)
                listed = whole and self._catalog.set_left_out(source.id, look.left_out, look.left_out_total)
        found = (*plan.added, *(file for _, file in (*plan.changed, *plan.moved)))
        # By the number it had as well: one that was written to and then replaced has another by now.
        stamps = [(file.path, file.stamp) for file in found if str(file.path) in look.shared]
        stamps += [(file.path, file.stamp) for file in before if not file.absent]
        if not whole:
            stamps += [(Path(path), stamp) for path, stamp in look.unread_names.items()]
        return Reconciled(
            _counts(plan),
            whole=whole,
            links=tuple(look.links) if whole else (),
            plan_empty=plan.empty,
            left_out_changed=listed,
            twins=tuple(
                (id_, path)
                for id_, path in self._catalog.other_names(stamps)
                if id_ != source.id or not whole
            ),
        )

    def _away(self, source: Source, reason: str) -> Reconciled:
        return Reconciled(IngestCounts(offline=self._catalog.document_count(source.id)), offline=reason)

    def _needs_all(self, source: Source, root: tuple[int, int], places: Collection[str]) -> bool:
        """Whether a look at some places would not do: links are among them, or the folder is not the one it was."""
        return (
            not self._linked.get(source.id, frozenset()).isdisjoint(places)
            or source.state is SourceState.OFFLINE
            or self._catalog.source_identity(source.id) not in (None, root)
        )

    def _was_another(self, source: Source, root: tuple[int, int]) -> bool:
        """Whether documents are known of a folder that was another one: what is seen now lies beneath a mount."""
        return (
            self._catalog.source_identity(source.id) != root and self._catalog.document_count(source.id) > 0
        )

    def _plan(
        self,
        source: Source,
        scan: FolderScan,
        look: Look,
        places: Places,
        kinds: Collection[str] | None,
        *,
        ask: bool,
    ) -> tuple[SyncPlan, Sequence[KnownFile]]:
        """The plan, and what was known of the documents that are not as they were."""
        known = dict(self._catalog.known_files(source.id, places))
        for path in [path for path in known if _not_told(path, look, scan)]:
            del known[path]
        found: Mapping[str, FileStamp] = look.files
        if kinds is not None:
            known = {path: row for path, row in known.items() if kind_of(Path(path)) in kinds}
            found = {path: stamp for path, stamp in found.items() if kind_of(Path(path)) in kinds}
        unchanged, still, fresh = differences(known, found)
        device = self._catalog.source_identity(source.id)
        plan = plan_sync(
            still,
            fresh,
            _hash_or_none,
            elsewhere=self._elsewhere(source, fresh, known.keys()),
            drive_away=drive_away(str(source.path), device[0] if device else None),
        )
        plan = replace(plan, added=in_reading_order(plan.added), unchanged=plan.unchanged + unchanged)
        return (self._held_back(source, plan, still) if ask and plan.removed else plan), still

    def _held_back(self, source: Source, plan: SyncPlan, still: Iterable[KnownFile]) -> SyncPlan:
        """The plan, asking about what vanished; what is there and left out by a rule goes without a question."""
        paths = {file.document_id: file.path for file in still}
        gone = tuple(id_ for id_ in plan.removed if not os.path.lexists(paths[id_]))
        lately = self._catalog.removed_paths(self._catalog.removed_lately(source.id, time.time() - _LATELY_S))
        held = held_back(
            replace(plan, removed=gone),
            self._catalog.document_count(source.id),
            [id_ for id_, path in lately.items() if not os.path.lexists(path)],
            source.vanished,
        )
        left_out = set(plan.removed) - set(gone)
        return replace(held, removed=(*held.removed, *sorted(left_out)))

    def _elsewhere(
        self, source: Source, fresh: Iterable[FoundFile], known: Collection[str]
    ) -> list[KnownFile]:
        """Documents that new files may go on as: of other sources, if their file went or is this source's now; removed ones."""
        new = {str(file.path): file for file in fresh if str(file.path) not in known}
        if not new:
            return []
        sizes = {file.stamp.size_bytes for file in new.values()}
        away = [
            str(other.path)
            for other in self._catalog.sources(source.workspace_id)
            if other.id != source.id and other.is_folder and not self._is_there(other)
        ]

        def is_gone(path: str) -> bool:
            # What lies on a drive that is not connected is there still.
            return not os.path.lexists(path) and not any(is_below(path, root) for root in away)

        return [
            file
            for file in self._catalog.lost_files(source.workspace_id, source.id, sizes)
            if file.absent == "removed"
            or str(file.path) in new
            or (file.absent != Absence.DRIVE and is_gone(str(file.path)))
        ]

    def _is_there(self, source: Source) -> bool:
        """Whether a folder is the one its documents were found in, not where its drive was mounted."""
        try:
            status = source.path.stat()
        except OSError:
            return False
        known = self._catalog.source_identity(source.id)
        return known is None or known == (status.st_dev & STORABLE, status.st_ino & STORABLE)

    def _rules(self, source: Source) -> Rules:
        kinds = kinds_left_out(self._preferences.settings.ignored_kinds, source.workspace_id)
        return Rules(str(source.path), source.rules, kinds)


def _look(scan: FolderScan, source: Source, places: Places) -> tuple[Look, Places]:
    """What is there, and where was looked: everywhere, where a look at the places cannot tell. Raises `OSError`."""
    if places is not None:
        inside = frozenset(place for place in places if is_below(place, str(source.path)))
        if str(source.path) not in inside and (look := scan.at(inside)) is not None:
            return look, inside
    return scan.everything(), None


def _with_folders(look: Look) -> frozenset[str]:
    links = (*look.links, *look.file_links)
    return frozenset((*links, *(str(folder) for link in links for folder in Path(link).parents)))


def _not_told(path: str, look: Look, scan: FolderScan) -> bool:
    """Whether the look tells nothing of a document: it could not be seen, or another source has it from now on."""
    if path in look.files:
        return False
    if any(is_below(path, unseen) for unseen in look.unseen):
        return True
    return scan.is_others(path) and os.path.lexists(path)


def _counts(plan: SyncPlan) -> IngestCounts:
    return IngestCounts(
        found=len(plan.added) + len(plan.changed) + len(plan.moved) + plan.unchanged,
        unchanged=plan.unchanged,
        removed=len(plan.removed),
        moved=len(plan.moved),
        offline=sum(1 for _, absent in plan.absent if absent),
    )


def _hash_or_none(path: Path) -> str | None:
    try:
        # A pipe would be waited for without end.
        return content_hash(path) if path.is_file() else None
    except OSError:
        return None
