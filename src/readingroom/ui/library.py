"""What the window knows of workspaces, threads and sources, kept up to date off the GUI thread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from readingroom.core.conversation import Thread
from readingroom.core.ids import DocumentId, SourceId, ThreadId, WorkspaceId
from readingroom.core.models import ATTENTION_STATES, Source, SourceProgress, SwitchProgress, Workspace
from readingroom.services.bundle import Services
from readingroom.ui.tasks import TaskRunner

FIRST_WORKSPACE = "My documents"
_PROGRESS_MS = 250
_REFRESH_MS = 1000
"""Counts of a large library cost a query; once a second is enough for a number nobody can read faster."""


@dataclass(frozen=True, slots=True)
class _Lists:
    workspaces: Sequence[Workspace]
    threads: Mapping[WorkspaceId, Sequence[Thread]]
    switching: SwitchProgress | None


class _Attention:
    """Counts documents that need the person, reading only what changed since the last time."""

    def __init__(self, services: Services, workspace_id: WorkspaceId) -> None:
        self.workspace_id = workspace_id
        self._services = services
        self._revision = 0
        self._ids: set[DocumentId] = set()

    def count(self) -> int:
        """Bring up to date; runs on the pool, one call at a time."""
        changed, existing, self._revision = self._services.documents.since(self.workspace_id, self._revision)
        for document in changed:
            if document.state in ATTENTION_STATES:
                self._ids.add(document.id)
            else:
                self._ids.discard(document.id)
        self._ids &= existing
        return len(self._ids)


class Library(QObject):
    """Reads and changes through the services; says what is new by signals."""

    lists_loaded = Signal()
    sources_loaded = Signal(object, object)  # Sequence[Source], Sequence[SourceProgress]
    attention_counted = Signal(int)
    removed = Signal(str, object)
    """A sentence, and the call that undoes it."""
    failed = Signal(object)  # Exception

    def __init__(self, services: Services, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._runner = runner
        self.workspaces: Sequence[Workspace] = ()
        self.threads: Mapping[WorkspaceId, Sequence[Thread]] = {}
        self.switching: SwitchProgress | None = None
        """The change of the current workspace's embedding model, while one is under way."""
        self._current: WorkspaceId | None = None
        self._attention: _Attention | None = None
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._progress_timer = QTimer(self, singleShot=True, interval=_PROGRESS_MS)
        self._progress_timer.timeout.connect(self.load_sources)
        self._refresh_timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._refresh_timer.timeout.connect(self.refresh)

    # -- reading

    def find_workspace(self, workspace_id: WorkspaceId | None) -> Workspace | None:
        """Return what is known of a workspace."""
        return next((w for w in self.workspaces if w.id == workspace_id), None)

    def find_thread(self, thread_id: ThreadId) -> Thread | None:
        """Return what is known of a thread."""
        return next((t for threads in self.threads.values() for t in threads if t.id == thread_id), None)

    @property
    def current(self) -> WorkspaceId | None:
        """The workspace that is followed."""
        return self._current

    def set_current(self, workspace_id: WorkspaceId | None) -> None:
        """Follow the sources and documents of that workspace."""
        if workspace_id == self._current:
            return
        self._current = workspace_id
        self._attention = None if workspace_id is None else _Attention(self._services, workspace_id)
        self.load_sources()
        self._count_attention()

    def note_progress(self, workspace_id: object) -> None:
        """Something moved: look again soon."""
        if workspace_id == self._current and not self._progress_timer.isActive():
            self._progress_timer.start()
        if not self._refresh_timer.isActive():
            self._refresh_timer.start()

    def refresh(self) -> None:
        """Read the lists anew."""
        current = self._current

        def load() -> _Lists:
            workspaces = tuple(self._services.workspaces.list())
            threads = {w.id: tuple(self._services.workspaces.threads(w.id)) for w in workspaces}
            switching = None if current is None else self._services.models.switching(current)
            return _Lists(workspaces, threads, switching)

        self._once("lists", load, self._take_lists)
        self._count_attention()

    def load_sources(self) -> None:
        """Read the sources of the current workspace and how far they are."""
        current = self._current
        if current is None:
            self.sources_loaded.emit((), ())
            return

        def load() -> tuple[WorkspaceId, Sequence[Source], Sequence[SourceProgress]]:
            return current, self._services.sources.sources(current), self._services.ingest.progress(current)

        def show(found: tuple[WorkspaceId, Sequence[Source], Sequence[SourceProgress]]) -> None:
            if found[0] == self._current:
                self.sources_loaded.emit(found[1], found[2])

        self._once("sources", load, show)

    def _take_lists(self, lists: _Lists) -> None:
        self.workspaces, self.threads, self.switching = lists.workspaces, lists.threads, lists.switching
        self.lists_loaded.emit()

    def _count_attention(self) -> None:
        attention = self._attention
        if attention is None:
            return

        def show(count: int) -> None:
            if attention is self._attention:
                self.attention_counted.emit(count)

        self._once("attention", attention.count, show)

    def _once(self, what: str, load: Callable[[], object], show: Callable[..., None]) -> None:
        """Run one load of a kind at a time; asked for again meanwhile, it runs once more."""
        if what in self._busy:
            self._again.add(what)
            return
        self._busy.add(what)

        def done() -> None:
            self._busy.discard(what)
            if what in self._again:
                self._again.discard(what)
                {"lists": self.refresh, "sources": self.load_sources, "attention": self._count_attention}[
                    what
                ]()

        def taken(value: object) -> None:
            show(value)
            done()

        def failed(error: Exception) -> None:
            self.failed.emit(error)
            done()

        self._runner.call(load, taken, failed)

    # -- changing

    def create_workspace(self, name: str, then: Callable[[Workspace], None]) -> None:
        """Make a workspace with that name, or the next free one like it."""
        taken = {workspace.name for workspace in self.workspaces}
        free, number = name, 2
        while free in taken:
            free, number = f"{name} {number}", number + 1

        self._runner.call(
            lambda: self._services.workspaces.create(free),
            lambda workspace: self.take_new(workspace, then),
            self.failed.emit,
        )

    def take_new(self, workspace: Workspace, then: Callable[[Workspace], None]) -> None:
        """List a workspace that was just made."""
        self.workspaces = (*(w for w in self.workspaces if w.id != workspace.id), workspace)
        self.lists_loaded.emit()
        then(workspace)
        self.refresh()

    def rename_workspace(self, workspace_id: WorkspaceId, name: str) -> None:
        """Give a workspace another name."""
        self.change(lambda: self._services.workspaces.rename(workspace_id, name))

    def rename_thread(self, thread_id: ThreadId, title: str) -> None:
        """Give a thread another title."""
        self.change(lambda: self._services.workspaces.rename_thread(thread_id, title))

    def pin_thread(self, thread: Thread) -> None:
        """Put a thread before all others, or back among them."""
        self.change(lambda: self._services.threads.pin(thread.id, pinned=not thread.pinned))

    def remove_workspace(self, workspace: Workspace) -> None:
        """Hide a workspace; can be undone."""
        service = self._services.workspaces
        self._remove(
            workspace.name, lambda: service.remove(workspace.id), lambda: service.restore(workspace.id)
        )

    def remove_thread(self, thread: Thread) -> None:
        """Hide a thread; can be undone."""
        service = self._services.workspaces
        self._remove(
            thread.title or "the thread",
            lambda: service.remove_thread(thread.id),
            lambda: service.restore_thread(thread.id),
        )

    def remove_source(self, source: Source) -> None:
        """Unlink a source; can be undone."""
        service = self._services.sources
        self._remove(source.path.name, lambda: service.remove(source.id), lambda: service.restore(source.id))

    def pause(self, source_id: SourceId) -> None:
        """Follow a source no longer."""
        self.change(lambda: self._services.sources.pause(source_id))

    def resume(self, source_id: SourceId) -> None:
        """Follow a source again."""
        self.change(lambda: self._services.sources.resume(source_id))

    def reconcile(self, source_id: SourceId) -> None:
        """Compare a source with the disk now."""
        self.change(lambda: self._services.sources.reconcile(source_id))

    def add(self, workspace_id: WorkspaceId, paths: Sequence[Path], *, watch: bool) -> None:
        """Link files and folders to a workspace."""
        self.change(lambda: self._services.sources.add(workspace_id, paths, watch=watch))

    def _remove(self, name: str, remove: Callable[[], None], restore: Callable[[], None]) -> None:
        def done(_nothing: object) -> None:
            self.removed.emit(f"Removed {name}.", lambda: self.change(restore))
            self._look_again()

        self._runner.call(remove, done, self.failed.emit)

    def change(self, change: Callable[[], object], then: Callable[[], object] = lambda: None) -> None:
        """Have a service change something, then look again."""

        def done(_result: object) -> None:
            then()
            self._look_again()

        self._runner.call(change, done, self._fail_and_look)

    def _fail_and_look(self, error: Exception) -> None:
        self.failed.emit(error)
        self._look_again()

    def _look_again(self) -> None:
        self.refresh()
        self.load_sources()
