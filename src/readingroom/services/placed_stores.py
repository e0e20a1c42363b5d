"""The vector stores of all workspaces: most on this computer, some on a server."""

import threading
from collections.abc import Callable

from readingroom.core.embedding_forms import Precision
from readingroom.core.errors import VectorStoreUnavailable
from readingroom.core.ids import IndexId, WorkspaceId
from readingroom.core.ports import VectorStore, VectorStores
from readingroom.core.remote import Server, placed_on_server
from readingroom.services.preferences import PreferenceService


class PlacedVectorStores:
    """Implements `VectorStores`: each workspace's in its place. The server is not asked before something on it is."""

    def __init__(
        self,
        local: VectorStores,
        connect: Callable[[Server], VectorStores],
        preferences: PreferenceService,
        api_key: Callable[[], str],
    ) -> None:
        """`api_key` is asked for when it is needed first: looking it up may ask the person."""
        self.local = local
        self._connect = connect
        self._preferences = preferences
        self._api_key = api_key
        self._lock = threading.Lock()
        self._server: VectorStores | None = None

    @property
    def server(self) -> VectorStores:
        """The stores on the server. Raises `VectorStoreUnavailable` where none is set."""
        settings = self._preferences.settings
        if not settings.qdrant_url:
            raise VectorStoreUnavailable(
                "This workspace is kept on a server, and no server is set.",
                hint="Enter its address in Settings, under Server.",
            )
        with self._lock:
            if self._server is None:
                self._server = self._connect(
                    Server(settings.qdrant_url, self._api_key(), settings.qdrant_ca_file)
                )
            return self._server

    def reconnect(self) -> None:
        """Address or key changed: connect anew when the server is needed next."""
        with self._lock:
            former, self._server = self._server, None
        if former is not None:
            former.close()

    def is_on_server(self, workspace_id: WorkspaceId) -> bool:
        """Where a workspace's passages are."""
        return workspace_id in placed_on_server(self._preferences.settings.qdrant_workspaces)

    def open(
        self,
        workspace_id: WorkspaceId,
        index_id: IndexId,
        dimension: int,
        precision: Precision = Precision.FULL,
    ) -> VectorStore:
        """See `VectorStores`."""
        return self._stores_of(workspace_id).open(workspace_id, index_id, dimension, precision)

    def remove(self, workspace_id: WorkspaceId, index_id: IndexId) -> None:
        """See `VectorStores`."""
        self._stores_of(workspace_id).remove(workspace_id, index_id)

    def close(self) -> None:
        """Close both."""
        self.reconnect()
        self.local.close()

    def _stores_of(self, workspace_id: WorkspaceId) -> VectorStores:
        return self.server if self.is_on_server(workspace_id) else self.local
