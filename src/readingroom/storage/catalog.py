"""The catalog: one SQLite file, the truth about everything but the vectors."""

import sqlite3
from pathlib import Path

from readingroom.storage.beginnings import BeginningStore
from readingroom.storage.documents import DocumentStore
from readingroom.storage.indexes import IndexStore
from readingroom.storage.lane import Lane
from readingroom.storage.looking_over import look_over
from readingroom.storage.migrations import migrate
from readingroom.storage.overview import OverviewStore
from readingroom.storage.owed import OwedStore
from readingroom.storage.pins import PinStore
from readingroom.storage.portable_export import PortableExportStore
from readingroom.storage.portable_import import PortableImportStore
from readingroom.storage.recognition import RecognitionStore
from readingroom.storage.relinking import RelinkingStore
from readingroom.storage.rules import RuleStore
from readingroom.storage.sources import SourceStore
from readingroom.storage.summaries import SummaryStore
from readingroom.storage.switching import SwitchingStore
from readingroom.storage.syncing import SyncStore
from readingroom.storage.tallies import TallyStore
from readingroom.storage.threads import ThreadStore
from readingroom.storage.workspaces import WorkspaceStore


class SqliteCatalog(
    WorkspaceStore,
    ThreadStore,
    SourceStore,
    SyncStore,
    DocumentStore,
    PinStore,
    IndexStore,
    OwedStore,
    RecognitionStore,
    RuleStore,
    PortableExportStore,
    PortableImportStore,
    RelinkingStore,
    BeginningStore,
    SwitchingStore,
    TallyStore,
    SummaryStore,
    OverviewStore,
):
    """All parts of the catalog on one lane. See `core.catalog.Catalog`."""

    def __init__(self, path: Path, backups: Path) -> None:
        """Open or create it, migrating where needed. Raises `CatalogDamaged`, `DiskFull`."""

        def prepare(connection: sqlite3.Connection) -> None:
            # Before anything is changed in it.
            look_over(connection, path)
            migrate(connection, path, backups)

        super().__init__(Lane(path, prepare))

    def close(self) -> None:
        """Write everything through and close."""
        self._lane.close()
