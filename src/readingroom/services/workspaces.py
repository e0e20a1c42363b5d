"""Workspaces and their threads: list, make, rename, remove and bring back."""

import time
from collections.abc import Sequence

from readingroom.core.catalog import Catalog, NewIndex
from readingroom.core.chunking import chunker_name
from readingroom.core.conversation import Message, Thread
from readingroom.core.errors import NoSuchWorkspace, UserFixableError
from readingroom.core.ids import ThreadId, WorkspaceId
from readingroom.core.models import Workspace
from readingroom.core.ports import EmbeddingModels
from readingroom.core.text_spans import storable
from readingroom.services.preferences import PreferenceService

KEEP_REMOVED_S = 30 * 24 * 3600.0
"""How long what was removed can be brought back."""


class WorkspaceService:
    """Every method blocks briefly and may be called from any thread. Removal can be undone for 30 days."""

    def __init__(
        self,
        catalog: Catalog,
        embedding_models: EmbeddingModels,
        preferences: PreferenceService,
    ) -> None:
        self._catalog = catalog
        self._embedding_models = embedding_models
        self._preferences = preferences

    def list(self) -> Sequence[Workspace]:
        """In the order they were made."""
        return self._catalog.workspaces()

    def get(self, name: str) -> Workspace:
        """By name, case aside. Raises `NoSuchWorkspace`."""
        found = self.list()
        for workspace in found:
            if workspace.name.casefold() == storable(name).strip().casefold():
                return workspace
        names = ", ".join(f"“{workspace.name}”" for workspace in found)
        hint = f"There are: {names}." if names else "Make one with `readingroom workspace create NAME`."
        raise NoSuchWorkspace(f"There is no workspace named “{name}”.", hint=hint)

    def create(self, name: str) -> Workspace:
        """Raises `WorkspaceNameTaken`; a blank name is a `UserFixableError`."""
        model = self._embedding_models.describe(self._preferences.settings.embedding_model)
        index = NewIndex(model.name, model.dimension, chunker_name(model.max_tokens))
        return self._catalog.create_workspace(_cleaned(name), index)

    def get_or_create(self, name: str) -> Workspace:
        """By name, made where it does not exist."""
        try:
            return self.get(name)
        except NoSuchWorkspace:
            return self.create(name)

    def rename(self, workspace_id: WorkspaceId, name: str) -> Workspace:
        """Raises `WorkspaceNameTaken`."""
        self._catalog.rename_workspace(workspace_id, _cleaned(name))
        return next(known for known in self._catalog.workspaces() if known.id == workspace_id)

    def remove(self, workspace_id: WorkspaceId) -> None:
        """Hide it with all it holds; the files on disk are never touched."""
        self._catalog.set_workspace_removed(workspace_id, removed=True)

    def restore(self, workspace_id: WorkspaceId) -> None:
        """Undo `remove`."""
        self._catalog.set_workspace_removed(workspace_id, removed=False)

    def purge(self) -> None:
        """Forget for good what was removed more than 30 days ago."""
        self._catalog.purge_workspaces(time.time() - KEEP_REMOVED_S)

    def threads(self, workspace_id: WorkspaceId) -> Sequence[Thread]:
        """Latest first."""
        return self._catalog.threads(workspace_id)

    def create_thread(self, workspace_id: WorkspaceId, title: str = "") -> Thread:
        """An empty title is filled from the first question."""
        return self._catalog.create_thread(workspace_id, title.strip())

    def rename_thread(self, thread_id: ThreadId, title: str) -> None:
        """Raises `UserFixableError` for a blank title."""
        self._catalog.rename_thread(thread_id, _cleaned(title))

    def remove_thread(self, thread_id: ThreadId) -> None:
        """Hide it with its messages."""
        self._catalog.set_thread_removed(thread_id, removed=True)

    def restore_thread(self, thread_id: ThreadId) -> None:
        """Undo `remove_thread`."""
        self._catalog.set_thread_removed(thread_id, removed=False)

    def messages(self, thread_id: ThreadId) -> Sequence[Message]:
        """In order, with citations."""
        return self._catalog.messages(thread_id)


def _cleaned(name: str) -> str:
    cleaned = " ".join(storable(name).split())
    if not cleaned:
        raise UserFixableError("A name is needed.", hint="Type a name with at least one letter.")
    return cleaned[:200]
