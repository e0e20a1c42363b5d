"""Sources: link files and folders, keep them in sync with the disk, unlink them."""

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from readingroom.core.catalog import Catalog
from readingroom.core.errors import ReadingRoomError, SourceNotFound
from readingroom.core.ids import DocumentId, SourceId, WorkspaceId
from readingroom.core.models import IngestCounts, RemovedItem, Source, SourceState
from readingroom.core.polling import polling_interval_s
from readingroom.core.ports import Watcher
from readingroom.core.relinking import Relinked
from readingroom.services.following import SourceFollower
from readingroom.services.listeners import Listeners
from readingroom.services.look_queue import LookQueue, Places
from readingroom.services.preferences import PreferenceService
from readingroom.services.reconcile import Reconciler
from readingroom.services.relinking import relink
from readingroom.services.workspaces import KEEP_REMOVED_S

log = logging.getLogger(__name__)

_BEING_LOOKED_AT = float("inf")
_CHECK_S = 15.0
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
        self._preferences = preferences
        self._queued = queued
        self._reconciler = Reconciler(catalog, preferences)
        self._looks = LookQueue(self._look)
        self._stopped = threading.Event()
        self._timer = threading.Thread(target=self._keep_time, name="sync-timer", daemon=True)
        self._due: dict[SourceId, float] = {}
        self._follower = SourceFollower(
            catalog,
            watcher,
            self._ask,
            lambda source, state, reason: self._set_state(source, state, reason=reason, unless_paused=True),
        )
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
        """Link without looking into the folders yet. A folder that is linked under another name is not linked again."""
        # os.path's own: where `~name` is nobody's home, it is a name like any other.
        absolute = [Path(os.path.abspath(os.path.expanduser(path))) for path in paths]  # noqa: PTH111
        for path in absolute:
            if not path.exists():
                raise SourceNotFound(
                    f"There is nothing at {path}.", hint="Check the path, or plug the drive in."
                )
        linked = [source.path for source in self._catalog.sources(workspace_id) if source.is_folder]
        added = [
            self._catalog.add_source(
                workspace_id,
                _as_linked(path, linked),
                is_folder=path.is_dir(),
                watch=watch,
                # Of a checkout a person means what was written, not what a build made of it.
                git_ignore=(path / ".git").exists(),
            )
            for path in dict.fromkeys(absolute)
        ]
        for source in added:
            self._follower.watch(source)
        self.changed.publish(workspace_id)
        return added

    def remove(self, source_id: SourceId) -> None:
        """Unlink; its documents are no longer found. Can be undone for 30 days."""
        source = self._catalog.source(source_id)
        if source is not None:
            self._catalog.set_source_removed(source_id, removed=True)
            self._follower.unwatch(source)
            self._queued()
            self._look_around(source)
            self.changed.publish(source.workspace_id)

    def restore(self, source_id: SourceId) -> None:
        """Undo `remove`."""
        self._catalog.set_source_removed(source_id, removed=False)
        source = self._catalog.source(source_id)
        if source is not None:
            self._follower.watch(source)
            self._queued()
            self._ask(source)
            self.changed.publish(source.workspace_id)

    def relink(self, source_id: SourceId, path: Path, *, confirmed: bool = False) -> Relinked:
        """Point a source whose folder moved at its new place; see `relinking.relink` for what is raised."""
        former = {source.id: source for source in self._catalog.sources()}
        with self._reconciler.resting(source_id):
            done = relink(self._catalog, source_id, path, confirmed=confirmed)
        for source in (done.source, *done.also):
            self._follower.unwatch(former.get(source.id, source))
            self._follower.watch(source)
            self._ask(source)
            self.changed.publish(source.workspace_id)
        self._queued()
        return done

    def removed(self, workspace_id: WorkspaceId) -> Sequence[RemovedItem]:
        """What can be brought back: sources and documents removed in the last 30 days, latest first."""
        return [
            item
            for item in self._catalog.removed_items(workspace_id)
            if item.removed_at > time.time() - KEEP_REMOVED_S
        ]

    def restore_documents(self, workspace_id: WorkspaceId, document_ids: Sequence[DocumentId]) -> int:
        """Bring removed documents back with the text that is known; how many came. Their files need not exist."""
        paths = self._catalog.removed_paths(document_ids)
        gone = {document_id for document_id, path in paths.items() if not os.path.lexists(path)}
        restored = self._catalog.restore_documents(document_ids, absent=gone)
        self._queued()
        self.changed.publish(workspace_id)
        return restored

    def purge(self) -> None:
        """Forget for good what was removed more than 30 days ago."""
        self._catalog.purge_removed(time.time() - KEEP_REMOVED_S)

    def confirm_removal(self, source_id: SourceId) -> int:
        """The documents that vanished at once were meant to go; how many went. Can be undone for 30 days."""
        return self._answer(source_id, keep=False)

    def keep_vanished(self, source_id: SourceId) -> int:
        """Keep the documents that vanished at once, searchable, though their files are gone; how many."""
        return self._answer(source_id, keep=True)

    def pause(self, source_id: SourceId) -> None:
        """Neither follow nor read it until `resume`; what is indexed stays searchable."""
        source = self._catalog.source(source_id)
        if source is not None:
            self._set_state(source, SourceState.PAUSED)
            self._follower.unwatch(source)

    def resume(self, source_id: SourceId) -> None:
        """Follow it again and catch up."""
        source = self._catalog.source(source_id)
        if source is not None:
            self._set_state(source, SourceState.WATCHING if source.watch else SourceState.ONCE)
            self._follower.watch(source)
            self._ask(source)
            self._queued()

    def reconcile(self, source_id: SourceId, *, ask: bool = True) -> IngestCounts:
        """Compare one source with the disk now and queue the differences.

        `ask` first where a large share would go; not where that is what the person has just asked for.
        """
        return self._sync(source_id, None, ask=ask)

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
                total = added_up(total, self._sync(source.id, None, kinds=kinds, ask=False))
        return total

    def start(self) -> None:
        """Watch everything, reconcile at once and then every ten minutes, on threads of its own."""
        self._follower.start()
        self._looks.start()
        self._timer.start()
        for source in self._catalog.sources():
            if source.followed:
                self._ask(source)

    def stop(self) -> None:
        """End watching; returns when the threads have ended."""
        self._stopped.set()
        self._follower.close()
        self._looks.stop()
        if self._timer.is_alive():
            self._timer.join()

    def _answer(self, source_id: SourceId, *, keep: bool) -> int:
        source = self._catalog.source(source_id)
        if source is None:
            return 0
        answered = self._catalog.answer_vanished(source_id, keep=keep)
        if not keep:
            self._ask(source)  # a file that came back since the last look has its document again
        self._queued()
        self.changed.publish(source.workspace_id)
        return answered

    def _look(self, source_id: SourceId, places: Places) -> None:
        source = self._catalog.source(source_id)
        if self._stopped.is_set() or source is None:
            return
        try:
            if places is None and source.state is not SourceState.PAUSED:
                # Before it is looked through: what changes meanwhile is told of.
                self._follower.watch(source, again=False)
            counts = self._sync(source_id, places)
        except ReadingRoomError as error:
            log.warning("A source could not be compared with the disk: %s", error)
        except Exception:
            # The next event or the next reconcile tries again; the thread must live for that.
            log.exception("A source could not be compared with the disk")
        else:
            self.settled.publish(counts)
        finally:
            if self._due.get(source_id) == _BEING_LOOKED_AT:
                self._due[source_id] = time.monotonic() + self._pause_s(source, 0.0)

    def _keep_time(self) -> None:
        while not self._stopped.wait(_CHECK_S):
            now = time.monotonic()
            for source in self._catalog.sources():
                due = source.followed and now >= self._due.get(source.id, now)
                if due or (source.state is SourceState.OFFLINE and source.path.exists()):
                    self._ask(source)

    def _ask(self, source: Source, places: Sequence[str] | None = None) -> None:
        """Have it looked at, at some places or everywhere, where sources are followed at all."""
        if not self._follower.active:
            return
        if places is None:
            # Not again until it was looked at.
            self._due[source.id] = _BEING_LOOKED_AT
        self._looks.ask(source.id, places)

    def _look_around(self, source: Source) -> None:
        """A folder around one that was unlinked has its files from now on."""
        for other in self._catalog.sources(source.workspace_id):
            if other.is_folder and other.path in source.path.parents and other.followed:
                self._ask(other)

    def _sync(
        self,
        source_id: SourceId,
        places: Places,
        *,
        kinds: Collection[str] | None = None,
        ask: bool = True,
    ) -> IngestCounts:
        source = self._catalog.source(source_id)
        if source is None or source.state is SourceState.PAUSED:
            return IngestCounts()
        began = time.monotonic()
        result = self._reconciler.reconcile(source, places, kinds=kinds, ask=ask)
        if places is None or result.whole:
            self._due[source_id] = time.monotonic() + self._pause_s(source, time.monotonic() - began)
        if result.offline is not None:
            self._set_state(source, SourceState.OFFLINE, reason=result.offline, unless_paused=True)
            return result.counts
        if source.state is SourceState.OFFLINE:
            state = SourceState.WATCHING if source.watch else SourceState.ONCE
            self._set_state(source, state, unless_paused=True)
            # Not anew where it is watched: what is told meanwhile, and what is about to be told, would be lost.
            self._follower.watch(self._catalog.source(source_id) or source, again=False)
            self._queued()
        if result.whole:
            self._follower.watch_links(source, result.links)
        if self._follower.active:
            for other_id, path in result.twins:
                self._looks.ask(other_id, [str(path)])
        if not result.plan_empty:
            self._queued()
        if not result.plan_empty or result.left_out_changed:
            self.changed.publish(source.workspace_id)
        return result.counts

    def _pause_s(self, source: Source, took_s: float) -> float:
        """How long until a source is looked through again."""
        minutes = self._preferences.settings.reconcile_minutes
        return polling_interval_s(took_s, minutes) if source.state is SourceState.POLLING else minutes * 60.0

    def _set_state(
        self, source: Source, state: SourceState, *, reason: str = "", unless_paused: bool = False
    ) -> None:
        self._catalog.set_source_state(
            source.id, state, reason=reason, checked_at=time.time(), unless_paused=unless_paused
        )
        self.changed.publish(source.workspace_id)


def added_up(one: IngestCounts, other: IngestCounts) -> IngestCounts:
    """Both together."""
    return IngestCounts(
        *(
            getattr(one, name) + getattr(other, name) for name in IngestCounts.__dataclass_fields__
        )  # fields in order
    )


def _as_linked(path: Path, linked: Sequence[Path]) -> Path:
    """The path by which that folder is linked already, else the one given."""
    if path in linked or not path.is_dir():
        return path
    for known in linked:
        try:
            if known.samefile(path):
                return known
        except OSError:  # its drive is away
            continue
    return path
