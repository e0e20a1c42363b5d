"""Has the folders of sources watched, with what lies behind links in them, and passes on where something happened."""

import logging
import os
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from readingroom.core.catalog import Catalog
from readingroom.core.ids import SourceId
from readingroom.core.models import Source, SourceState
from readingroom.core.ports import Watcher
from readingroom.services.rules import GIT_IGNORE

log = logging.getLogger(__name__)

Ask = Callable[[Source, Sequence[str] | None], None]
"""Has a source looked at, at some places or (None) everywhere."""


class SourceFollower:
    """Does nothing until `start`. Its methods may be called from any thread."""

    def __init__(
        self,
        catalog: Catalog,
        watcher: Watcher,
        ask: Ask,
        set_state: Callable[[Source, SourceState, str], None],
    ) -> None:
        """`set_state` takes the reason as well, for a source that is looked through instead of being watched."""
        self._catalog = catalog
        self._watcher = watcher
        self._ask = ask
        self._set_state = set_state
        self._lock = threading.RLock()
        self._links: dict[SourceId, frozenset[str]] = {}
        """Of each source that is watched, the links to folders that are watched for it."""
        self.active = False

    def start(self) -> None:
        """Watch what is asked for from now on."""
        self.active = True

    def close(self) -> None:
        """Hear of nothing any more."""
        self._watcher.close()
        self.active = False

    def watch(self, source: Source, *, again: bool = True) -> None:
        """Follow a source by events, else by looking through it; `again` where it is watched already."""
        if not source.followed or not self.active or not source.path.exists():
            return
        with self._lock:
            if not again and source.id in self._links and source.state is not SourceState.POLLING:
                return
            try:
                self._watch(source, source.path)
            except OSError as error:
                if source.state is not SourceState.POLLING:
                    log.warning("%s is looked through instead of being watched: %s", source.path, error)
                self._set_state(source, SourceState.POLLING, str(error))
            else:
                self._links.setdefault(source.id, frozenset())
                if source.state is SourceState.POLLING:
                    self._set_state(source, SourceState.WATCHING, "")

    def watch_links(self, source: Source, links: Collection[str]) -> None:
        """Follow the folders that links lead to: events of the source's own folder do not tell of them."""
        with self._lock:
            if not self.active or source.id not in self._links:
                return
            for gone in self._links[source.id] - set(links):
                self._watcher.unwatch(Path(gone))
            for link in sorted(set(links) - self._links[source.id]):
                try:
                    self._watch(source, Path(link))
                except OSError as error:
                    log.warning("%s is compared every few minutes only: %s", link, error)
                else:
                    # Between the look that found it and this, something may have changed behind it.
                    self._ask(source, [link])
            self._links[source.id] = frozenset(links)

    def unwatch(self, source: Source) -> None:
        """No longer follow it, unless another workspace does."""
        with self._lock:
            links = self._links.pop(source.id, frozenset())
            if not self._followed(source.path):
                for path in (source.path, *map(Path, links)):
                    self._watcher.unwatch(path)

    def _watch(self, source: Source, path: Path) -> None:
        self._watcher.watch(
            path,
            recursive=source.is_folder,
            on_changed=lambda paths: self._heard(source.path, paths),
            on_lost=lambda reason: self._lost(source.path, reason),
        )

    def _heard(self, path: Path, changed: Iterable[Path]) -> None:
        # The watcher knows a path once, whatever number of workspaces has it.
        places = [str(place) for place in changed]
        for source in self._followed(path):
            whole = str(path) in places or (source.rules.git_ignore and _names_git_ignore(places))
            self._ask(source, None if whole else places)

    def _lost(self, path: Path, reason: str) -> None:
        """Events ended for good: look through it from now on, and at once for what was not told."""
        for source in self._followed(path):
            self._set_state(source, SourceState.POLLING, reason)
            self._ask(source, None)

    def _followed(self, path: Path) -> Sequence[Source]:
        return [source for source in self._catalog.sources() if source.path == path and source.followed]


def _names_git_ignore(places: Iterable[str]) -> bool:
    """Whether rules may have changed with what changed."""
    return any(place.endswith(os.sep + GIT_IGNORE) for place in places)
