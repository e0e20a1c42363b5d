"""Sources: link files and folders, keep them in sync with the disk, unlink them."""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from readingroom.core.catalog import Catalog
from readingroom.core.content_hash import content_hash
from readingroom.core.errors import ReadingRoomError, SourceNotFound
from readingroom.core.ids import SourceId, WorkspaceId
from readingroom.core.ignore_rules import kind_of, kinds_left_out
from readingroom.core.models import IngestCounts, Source, SourceState
from readingroom.core.ports import Watcher
from readingroom.core.relinking import Relinked
from readingroom.core.sync_plan import FoundFile, KnownFile, SyncPlan, plan_sync
from readingroom.services.folder_scan import look_at, scan
from readingroom.services.listeners import Listeners
from readingroom.services.preferences import PreferenceService
from readingroom.services.relinking import relink

log = logging.getLogger(__name__)

_OFFLINE_CHECK_S = 15.0
"""How soon a drive that was plugged in again is noticed."""


class SourceService:
    """Methods block (a scan of a large folder takes seconds): call them from a pool.

    `changed` tells of a workspace in which a source came, went or changed its state; `settled` tells what a
    reconcile or a settled burst of events found.
    """

    def __init__(
        self,
        catalog: Catalog,
        watcher: Watcher,
        preferences: PreferenceService,
        *,
        queued: Callable[[], None],
    ) -> None:
        """`queued` is called after something was queued or made stale."""
        self._catalog = catalog
        self._watcher = watcher
        self._preferences = preferences
        self._queued = queued
        self._requests: queue.SimpleQueue[tuple[SourceId, tuple[Path, ...] | None] | None] = (
            queue.SimpleQueue()
        )
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._pools: list[threading.Thread] = []
        self.changed: Listeners[WorkspaceId] = Listeners()
        self.settled: Listeners[IngestCounts] = Listeners()

    def sources(self, workspace_id: WorkspaceId) -> Sequence[Source]:
        """In the order they were linked."""
        return self._catalog.sources(workspace_id)

    def add(
        self, workspace_id: WorkspaceId, paths: Sequence[Path], *, watch: bool = True
    ) -> Sequence[Source]:
        """Link files and folders (those already linked are returned as they are) and queue what is in them.

        Raises `SourceNotFound` for a path that is not there (nothing is added then).
        """
        added = self.link(workspace_id, paths, watch=watch)
        for source in added:
            self.reconcile(source.id)
        return added

    def link(
        self, workspace_id: WorkspaceId, paths: Sequence[Path], *, watch: bool = True
    ) -> Sequence[Source]:
        """Link without looking into the folders yet."""
        # os.path's own: where `~name` is nobody's home, it is a name like any other.
        absolute = [Path(os.path.abspath(os.path.expanduser(path))) for path in paths]  # noqa: PTH111
        for path in absolute:
            if not path.exists():
                raise SourceNotFound(
                    f"There is nothing at {path}.", hint="Check the path, or plug the drive in."
                )
        added = [
            self._catalog.add_source(workspace_id, path, is_folder=path.is_dir(), watch=watch)
            for path in dict.fromkeys(absolute)
        ]
        for source in added:
            self._watch(source)
        self.changed.publish(workspace_id)
        return added

    def remove(self, source_id: SourceId) -> None:
        """Unlink; its documents are no longer found. Can be undone for 30 days."""
        source = self._catalog.source(source_id)
        if source is not None:
            self._catalog.set_source_removed(source_id, removed=True)
            self._unwatch(source.path)
            self._queued()
            self.changed.publish(source.workspace_id)

    def restore(self, source_id: SourceId) -> None:
        """Undo `remove`."""
        self._catalog.set_source_removed(source_id, removed=False)
        source = self._catalog.source(source_id)
        if source is not None:
            self._watch(source)
            self._queued()
            self._requests.put((source_id, None))
            self.changed.publish(source.workspace_id)

    def relink(self, source_id: SourceId, path: Path, *, confirmed: bool = False) -> Relinked:
        """Point a source whose folder moved at its new place; see `relinking.relink` for what is raised."""
        former = {source.id: source.path for source in self._catalog.sources()}
        with self._lock:
            done = relink(self._catalog, source_id, path, confirmed=confirmed)
        for source in (done.source, *done.also):
            self._unwatch(former.get(source.id, source.path))
            self._watch(source)
            self._requests.put((source.id, None))
            self.changed.publish(source.workspace_id)
        self._queued()
        return done

    def pause(self, source_id: SourceId) -> None:
        """Neither follow nor read it until `resume`; what is indexed stays searchable."""
        source = self._catalog.source(source_id)
        if source is not None:
            self._set_state(source, SourceState.PAUSED)
            self._unwatch(source.path)

    def resume(self, source_id: SourceId) -> None:
        """Follow it again and catch up."""
        source = self._catalog.source(source_id)
        if source is not None:
            self._set_state(source, SourceState.WATCHING if source.watch else SourceState.ONCE)
            self._watch(source)
            self._requests.put((source_id, None))

    def reconcile(self, source_id: SourceId) -> IngestCounts:
        """Compare one source with the disk now and queue the differences."""
        return self._sync(source_id, None)

    def reconcile_all(self, workspace_id: WorkspaceId | None = None) -> IngestCounts:
        """Compare every source that is followed with the disk."""
        total = IngestCounts()
        for source in self._catalog.sources(workspace_id):
            if source.watch:
                total = added_up(total, self._sync(source.id, None))
        return total

    def reconcile_kinds(self, workspace_id: WorkspaceId, kinds: Collection[str]) -> IngestCounts:
        """Compare the files of some kinds with the disk, in all folders of a workspace, those added once included."""
        total = IngestCounts()
        for source in self._catalog.sources(workspace_id):
            if source.is_folder:
                total = added_up(total, self._sync(source.id, None, kinds))
        return total

    def start(self) -> None:
        """Watch everything, reconcile at once and then every ten minutes, on threads of its own."""
        self._pools = [
            threading.Thread(target=self._serve, name="sync", daemon=True),
            threading.Thread(target=self._keep_time, name="sync-timer", daemon=True),
        ]
        for pool in self._pools:
            pool.start()
        for source in self._catalog.sources():
            if source.watch and source.state is not SourceState.PAUSED:
                self._requests.put((source.id, None))

    def stop(self) -> None:
        """End watching; returns when the threads have ended."""
        self._stopped.set()
        self._requests.put(None)
        self._watcher.close()
        for pool in self._pools:
            pool.join()
        self._pools = []

    def _serve(self) -> None:
        for source in self._catalog.sources():
            self._watch(source)
        while (request := self._requests.get()) is not None:
            if self._stopped.is_set():
                return
            source_id, paths = request
            try:
                counts = self._sync(source_id, paths)
            except ReadingRoomError as error:
                log.warning("A source could not be compared with the disk: %s", error)
            except Exception:
                # The next event or the next reconcile tries again; the thread must live for that.
                log.exception("A source could not be compared with the disk")
            else:
                self.settled.publish(counts)

    def _keep_time(self) -> None:
        due = time.monotonic()
        while not self._stopped.wait(_OFFLINE_CHECK_S):
            everything = time.monotonic() - due >= self._preferences.settings.reconcile_minutes * 60
            if everything:
                due = time.monotonic()
            for source in self._catalog.sources():
                returned = source.state is SourceState.OFFLINE and source.path.exists()
                if returned or (everything and source.watch and source.state is not SourceState.PAUSED):
                    self._requests.put((source.id, None))

    def _watch(self, source: Source) -> None:
        if (
            not source.watch
            or source.state is SourceState.PAUSED
            or not self._pools
            or not source.path.exists()
        ):
            return
        try:
            self._watcher.watch(
                source.path,
                recursive=source.is_folder,
                on_changed=lambda paths: self._heard(source.path, tuple(paths)),
            )
        except OSError as error:
            log.warning("%s is compared every few minutes instead of being watched: %s", source.path, error)
            self._set_state(source, SourceState.POLLING, unless_paused=True)
        else:
            if source.state is SourceState.POLLING:
                self._set_state(source, SourceState.WATCHING, unless_paused=True)

    def _unwatch(self, path: Path) -> None:
        """No longer follow it, unless another workspace does."""
        if not self._followed(path):
            self._watcher.unwatch(path)

    def _heard(self, path: Path, changed: tuple[Path, ...]) -> None:
        # The watcher knows a path once, whatever number of workspaces has it.
        for source in self._followed(path):
            self._requests.put((source.id, changed))

    def _followed(self, path: Path) -> Sequence[Source]:
        return [
            source
            for source in self._catalog.sources()
            if source.path == path and source.watch and source.state is not SourceState.PAUSED
        ]

    def _sync(
        self, source_id: SourceId, paths: Iterable[Path] | None, kinds: Collection[str] | None = None
    ) -> IngestCounts:
        with self._lock:
            source = self._catalog.source(source_id)
            if source is None or source.state is SourceState.PAUSED:
                return IngestCounts()
            known = self._catalog.known_files(source_id)
            try:
                known, found = _look(source, known, paths)
            except OSError as error:
                log.info("%s is offline: %s", source.path, error.strerror)
                self._set_state(source, SourceState.OFFLINE, unless_paused=True)
                return IngestCounts(offline=len(known))
            if known and not found and paths is None and source.is_folder:
                # An empty folder where there were documents is most likely where a drive used to be mounted.
                self._set_state(source, SourceState.OFFLINE, unless_paused=True)
                return IngestCounts(offline=len(known))
            if kinds is not None:
                known = [file for file in known if kind_of(file.path) in kinds]
                found = [file for file in found if kind_of(file.path) in kinds]
            found = self._without_kinds_left_out(source, found)
            plan = plan_sync(known, found, _hash_or_none)
            self._catalog.apply_plan(source_id, plan)
            self._back_online(source)
        if not plan.empty:
            self._queued()
            self.changed.publish(source.workspace_id)
        return _counts(plan)

    def _without_kinds_left_out(self, source: Source, found: list[FoundFile]) -> list[FoundFile]:
        """Pass over what the person wants left out; a file that was added by name is read whatever it is."""
        left_out = kinds_left_out(self._preferences.settings.ignored_kinds, source.workspace_id)
        if not left_out or not source.is_folder:
            return found
        return [file for file in found if kind_of(file.path) not in left_out]

    def _back_online(self, source: Source) -> None:
        if source.state is SourceState.OFFLINE:
            state = SourceState.WATCHING if source.watch else SourceState.ONCE
            self._set_state(source, state, unless_paused=True)
            self._watch(source)
            self._queued()
        else:
            self._catalog.set_source_state(
                source.id, source.state, checked_at=time.time(), unless_paused=True
            )

    def _set_state(self, source: Source, state: SourceState, *, unless_paused: bool = False) -> None:
        self._catalog.set_source_state(source.id, state, checked_at=time.time(), unless_paused=unless_paused)
        self.changed.publish(source.workspace_id)


def added_up(one: IngestCounts, other: IngestCounts) -> IngestCounts:
    """Both together."""
    return IngestCounts(
        *(
            getattr(one, name) + getattr(other, name) for name in IngestCounts.__dataclass_fields__
        )  # fields in order
    )


def _look(
    source: Source, known: Sequence[KnownFile], paths: Iterable[Path] | None
) -> tuple[Sequence[KnownFile], list[FoundFile]]:
    """What is known and what is there, at the paths that events named, or everywhere. Raises `OSError` without a root."""
    source.path.stat()
    unseen: list[Path] = []
    places = [path for path in paths or () if path == source.path or source.path in path.parents]
    if paths is None or source.path in places:
        found = list(scan(source.path, unseen))
    else:
        known = _at_or_below(known, places)
        found = list({file.path: file for file in look_at(source.path, places, unseen)}.values())
    kept = {file.document_id for file in _at_or_below(known, unseen)} if unseen else set()
    seen = {file.path for file in found}
    return [file for file in known if file.document_id not in kept or file.path in seen], found


def _at_or_below(known: Sequence[KnownFile], places: Sequence[Path]) -> Sequence[KnownFile]:
    named = set(places)
    return [file for file in known if file.path in named or not named.isdisjoint(file.path.parents)]


def _counts(plan: SyncPlan) -> IngestCounts:
    return IngestCounts(
        found=len(plan.added) + len(plan.changed) + len(plan.moved) + plan.unchanged,
        unchanged=plan.unchanged,
        removed=len(plan.removed),
        moved=len(plan.moved),
    )


def _hash_or_none(path: Path) -> str | None:
    try:
        return content_hash(path)
    except OSError:
        return None
