"""Services on a real catalog and a real Edge shard, with stand-ins for the worker children."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from fakes import FakeEmbedder, FakeEmbeddingModels, FakeLanguageModel, FakeReader
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import EventsUnavailable, VectorStoreUnavailable
from readingroom.core.models import Document, Workspace
from readingroom.core.recognition import PageRecogniser
from readingroom.services.chat import ChatService
from readingroom.services.consistency import Difference, compare
from readingroom.services.ingest import IngestService
from readingroom.services.models import ModelService
from readingroom.services.pausing import PausingService
from readingroom.services.portability import PortabilityService
from readingroom.services.preferences import PreferenceService
from readingroom.services.retrieve import RetrieveService
from readingroom.services.sources import SourceService
from readingroom.services.threads import ThreadService
from readingroom.services.verify import VerifyService
from readingroom.services.workspaces import WorkspaceService
from readingroom.services.yielding import RightOfWay
from readingroom.storage.catalog import SqliteCatalog
from readingroom.storage.embedding_cache import SqliteEmbeddingCache
from readingroom.vectors.edge import EdgeVectorStores


class DeafWatcher:
    """Hears nothing; tests say where to look."""

    def __init__(self) -> None:
        self.callbacks: dict[Path, Callable[[Iterable[Path]], None]] = {}
        self.lost: dict[Path, Callable[[str], None]] = {}
        self.silent: dict[Path, str] = {}
        """Folders that do not announce their changes, and why."""

    def watch(
        self,
        path: Path,
        *,
        recursive: bool,
        on_changed: Callable[[Iterable[Path]], None],
        on_lost: Callable[[str], None] | None = None,
    ) -> None:
        if reason := self.silent.get(path):
            raise EventsUnavailable(reason)
        self.callbacks[path] = on_changed
        if on_lost is not None:
            self.lost[path] = on_lost

    def unwatch(self, path: Path) -> None:
        self.callbacks.pop(path, None)

    def close(self) -> None:
        self.callbacks.clear()


@dataclass
class FakeDisk:
    """The room left, as a test wants it."""

    free: int = 10**12


@dataclass
class Room:
    """One run of the program on a data folder."""

    catalog: SqliteCatalog
    cache: SqliteEmbeddingCache
    stores: EdgeVectorStores
    reader: FakeReader
    embedder: FakeEmbedder
    language_model: FakeLanguageModel
    watcher: DeafWatcher
    preferences: PreferenceService
    workspaces: WorkspaceService
    sources: SourceService
    ingest: IngestService
    retrieve: RetrieveService
    chat: ChatService
    models: ModelService
    disk: FakeDisk
    pausing: PausingService
    portability: PortabilityService
    threads: ThreadService

    def settle(self) -> None:
        """Wait until everything is current."""
        self.ingest.wait_until_idle(None, cancel=CancelToken(), tick=lambda: None, tick_s=0.02)

    def documents(self, workspace: Workspace) -> dict[str, Document]:
        return {document.path.name: document for document in self.catalog.documents(workspace.id)}

    def difference(self) -> Difference:
        """Catalog against index, all indexes together."""
        found = [compare(self.catalog, self.stores, index) for index in self.catalog.indexes()]
        return Difference(
            *(sum(getattr(d, name) for d in found) for name in ("points", "missing", "surplus"))
        )

    def difference_or_none(self) -> Difference | None:
        """None while an index cannot be opened."""
        try:
            return self.difference()
        except VectorStoreUnavailable:
            return None

    def close(self) -> None:
        self.sources.stop()
        self.ingest.stop()
        self.stores.close()
        self.cache.close()
        self.catalog.close()


def open_room(
    data: Path,
    reader: FakeReader | None = None,
    embedder: FakeEmbedder | None = None,
    recogniser: PageRecogniser | None = None,
) -> Room:
    data.mkdir(exist_ok=True)
    catalog = SqliteCatalog(data / "catalog.sqlite", data / "backups")
    cache = SqliteEmbeddingCache(data / "embeddings.sqlite")
    stores = EdgeVectorStores(data / "vectors")
    reader, embedder = reader or FakeReader(), embedder or FakeEmbedder()
    preferences, embedding_models = PreferenceService(catalog), FakeEmbeddingModels()
    language_model, watcher = FakeLanguageModel(), DeafWatcher()
    disk = FakeDisk()
    right_of_way = RightOfWay()
    pausing = PausingService(preferences, read_power=lambda: None, wake=lambda: ingest.wake())
    ingest = IngestService(
        catalog, cache, stores, reader, embedder, preferences,
        free_bytes=lambda: disk.free, recogniser=recogniser, resting=pausing.resting, right_of_way=right_of_way,
    )  # fmt: skip
    retrieve = RetrieveService(catalog, stores, embedder, right_of_way)
    retrieve.found_by_words.subscribe(ingest.embed_first)
    return Room(
        catalog, cache, stores, reader, embedder, language_model, watcher, preferences,
        WorkspaceService(catalog, embedding_models, preferences),
        SourceService(catalog, watcher, preferences, queued=ingest.wake),
        ingest, retrieve,
        ChatService(catalog, retrieve, language_model, preferences, VerifyService(catalog, embedder)),
        ModelService(
            catalog, language_model, embedding_models, preferences, index_added=ingest.wake,
        ),
        disk, pausing,
        PortabilityService(
            catalog, cache, embedding_models, unlocated=data / "unlocated",
            free_bytes=lambda: disk.free, imported=ingest.wake,
        ),
        ThreadService(catalog),
    )  # fmt: skip
