"""The catalog: one SQLite file, the truth about everything but the vectors."""

from pathlib import Path

from readingroom.storage.documents import DocumentStore
from readingroom.storage.indexes import IndexStore
from readingroom.storage.lane import Lane
from readingroom.storage.migrations import migrate
from readingroom.storage.recognition import RecognitionStore
from readingroom.storage.rules import RuleStore
from readingroom.storage.sources import SourceStore
from readingroom.storage.syncing import SyncStore
from readingroom.storage.workspaces import WorkspaceStore


class SqliteCatalog(
    WorkspaceStore, SourceStore, SyncStore, DocumentStore, IndexStore, RecognitionStore, RuleStore
):
    """All parts of the catalog on one lane. See `core.catalog.Catalog`."""

    def __init__(self, path: Path, backups: Path) -> None:
        """Open or create it, migrating where needed. Raises `CatalogDamaged`, `DiskFull`."""
        super().__init__(Lane(path, lambda connection: migrate(connection, path, backups)))

    def close(self) -> None:
        """Write everything through and close."""
        self._lane.close()
