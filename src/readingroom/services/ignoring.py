"""Kinds of files that a workspace leaves out: neither listed nor read until they are taken back."""

import threading
from collections.abc import Collection
from dataclasses import dataclass

from readingroom.core.ids import SourceId, WorkspaceId
from readingroom.core.ignore_rules import kind_of, kinds_left_out, with_kinds
from readingroom.services.preferences import PreferenceService
from readingroom.services.sources import SourceService


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What `ignore` did, so that it can be undone."""

    workspace_id: WorkspaceId
    kinds: frozenset[str]
    """Those not left out before."""
    documents: int
    """How many left the list. Those of folders that are paused or offline follow when these are compared again."""
    unlinked: tuple[SourceId, ...] = ()
    """Files of these kinds that had been added by name."""


class IgnoreService:
    """Methods block, since folders are compared with the disk: call them from a pool."""

    def __init__(self, preferences: PreferenceService, sources: SourceService) -> None:
        self._preferences = preferences
        self._sources = sources
        self._lock = threading.Lock()

    def kinds(self, workspace_id: WorkspaceId) -> tuple[str, ...]:
        """Suffixes with their dot, in lower case, sorted."""
        return tuple(sorted(kinds_left_out(self._preferences.settings.ignored_kinds, workspace_id)))

    def ignore(self, workspace_id: WorkspaceId, kinds: Collection[str]) -> LeftOut:
        """Leave files of these kinds out from now on, and drop those that were read."""
        with self._lock:
            before = set(self.kinds(workspace_id))
            added = frozenset(kinds) - before - {""}
            self._keep(workspace_id, before | added)
        named = [
            source
            for source in self._sources.sources(workspace_id)
            if not source.is_folder and kind_of(source.path) in added
        ]
        for source in named:
            self._sources.remove(source.id)
        removed = self._sources.reconcile_kinds(workspace_id, added).removed
        return LeftOut(workspace_id, added, removed + len(named), tuple(source.id for source in named))

    def undo(self, left_out: LeftOut) -> None:
        """Have everything as it was before `ignore`."""
        for source_id in left_out.unlinked:
            self._sources.restore(source_id)
        self.take_back(left_out.workspace_id, left_out.kinds)

    def take_back(self, workspace_id: WorkspaceId, kinds: Collection[str]) -> None:
        """Read files of these kinds again."""
        with self._lock:
            self._keep(workspace_id, set(self.kinds(workspace_id)) - set(kinds))
        self._sources.reconcile_kinds(workspace_id, kinds)

    def _keep(self, workspace_id: WorkspaceId, kinds: Collection[str]) -> None:
        setting = self._preferences.settings.ignored_kinds
        self._preferences.update(ignored_kinds=with_kinds(setting, workspace_id, kinds))
