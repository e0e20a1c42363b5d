"""Builds the adapters and hands them to the services; what window and command line have in common."""

import errno
import logging
import shutil
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from filelock import FileLock, Timeout

from readingroom.config.keyring import SystemKeyring
from readingroom.config.memory import available_bytes
from readingroom.config.paths import DataPaths
from readingroom.config.power import read_power
from readingroom.config.running import COMMAND, RunningMark
from readingroom.core.errors import CatalogLost, DataFolderInUse, DiskFull, UserFixableError
from readingroom.core.model_server import ServerKind
from readingroom.core.polling import WatchLimits
from readingroom.core.ports import VectorStores, Watcher
from readingroom.core.remote import Server
from readingroom.services.answering import AnsweringService
from readingroom.services.backups import BackupService
from readingroom.services.bundle import Services
from readingroom.services.chat import ChatService
from readingroom.services.doctor import DoctorService
from readingroom.services.documents import DocumentService
from readingroom.services.embedding_forms import FormService
from readingroom.services.embedding_speed import EmbeddingSpeeds
from readingroom.services.exhaustive import Lookup, TallyService
from readingroom.services.exporting import ExportingService
from readingroom.services.find import FindService
from readingroom.services.first_minutes import CommonWords, FirstMinutesService
from readingroom.services.ignoring import IgnoreService
from readingroom.services.ingest import RESERVE_BYTES, IngestService
from readingroom.services.model_server import ModelServerService, ServerKeys, resolver
from readingroom.services.models import ModelService
from readingroom.services.passwords import PasswordService
from readingroom.services.pausing import PausingService
from readingroom.services.placed_stores import PlacedVectorStores
from readingroom.services.portability import PortabilityService
from readingroom.services.preferences import PreferenceService
from readingroom.services.recognise import RecogniseService
from readingroom.services.retrieve import RetrieveService
from readingroom.services.server import ServerKey, ServerService
from readingroom.services.source_cards import SourceCardService
from readingroom.services.source_rules import RuleService
from readingroom.services.sources import SourceService
from readingroom.services.summaries import SummaryService
from readingroom.services.threads import ThreadService
from readingroom.services.verify import VerifyService
from readingroom.services.whole import WholeService
from readingroom.services.workspaces import WorkspaceService
from readingroom.services.yielding import RightOfWay
from readingroom.storage.backups import SqliteBackups
from readingroom.storage.catalog import SqliteCatalog
from readingroom.storage.embedding_cache import SqliteEmbeddingCache
from readingroom.storage.restoring import (
    begin_anew,
    forget_restoration,
    last_restoration,
    open_catalog,
    restore_newest,
)

if TYPE_CHECKING:
    from readingroom.llm.chosen import ChosenLanguageModel
    from readingroom.worker.bulk import EmbedWorker
    from readingroom.worker.querying import QueryWorker
    from readingroom.worker.reading import ReadWorker
    from readingroom.worker.recognising import RecogniseWorker
    from readingroom.worker.rendering import RenderWorker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Runtime:
    """A data folder in use: services, and what has to be ended in order. Close it."""

    paths: DataPaths
    services: Services
    doctor: DoctorService
    catalog: SqliteCatalog
    cache: SqliteEmbeddingCache
    stores: PlacedVectorStores
    reader: "ReadWorker"
    recogniser: "RecogniseWorker"
    embedder: "EmbedWorker"
    queries: "QueryWorker"
    renderer: "RenderWorker"
    language_model: "ChosenLanguageModel"
    lock: FileLock
    running: RunningMark
    mended: str
    """What was just done to a catalog that could not be used, or as the person asked; empty otherwise."""

    def start_indexing(self) -> None:
        """Work off what is queued, in the background; first see whether an older version cut the text."""
        self.services.models.renew_indexes()
        # Asks the server, which may be silent.
        threading.Thread(target=self.services.server.clean_up, name="clean-up", daemon=True).start()
        self.services.ingest.start()

    def start_keeping_copies(self) -> None:
        """Copy the catalog each day, in the background."""
        self.services.backups.start()

    def start_following(self) -> None:
        """Follow the disk, in the background."""
        self.services.sources.start()

    def close(self) -> None:
        """Stop the observer, then the pumps, end the children, close the stores; in that order."""
        self.services.backups.stop()
        self.services.sources.stop()
        self.services.ingest.stop()
        self.services.model_server.close()
        for part in (
            self.reader,
            self.recogniser,
            self.embedder,
            self.queries,
            self.renderer,
            self.stores,
            self.language_model,
        ):
            part.close()
        self.cache.close()
        self.catalog.close()
        self.running.remove()
        self.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def open_runtime(paths: DataPaths, kind: str = COMMAND, *, watcher: Watcher | None = None) -> Runtime:
    """Take the data folder and build everything on it; no child is started and no model loaded yet.

    A catalog that cannot be used is put right first, see `storage.restoring`. `watcher` stands in for the usual one, as
    one with less patience. Raises `DataFolderInUse`, `CatalogLost`, `CatalogTooNew`, `DiskFull`, `UserFixableError`
    (the folder cannot be written).
    """
    lock = take_folder(paths)
    running = RunningMark(paths.root, kind)
    try:
        return _build(paths, lock, running, watcher)
    except BaseException:
        running.remove()
        lock.release()
        raise


def mend_catalog(paths: DataPaths) -> None:
    """Put the newest good copy in the place of a damaged catalog, or begin anew where there is none.

    Raises `DataFolderInUse`, `DiskFull`.
    """
    with take_folder(paths):
        try:
            restore_newest(paths)
        except CatalogLost:
            begin_anew(paths)


def take_folder(paths: DataPaths) -> FileLock:
    """Hold the data folder, made where there is none. Raises `DataFolderInUse`, `DiskFull`, `UserFixableError`."""
    try:
        paths.create()
        # Held by the operating system: it goes with the process, however that ends.
        lock = FileLock(paths.lock, mode=0o600)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DataFolderInUse(
            f"Another Reading Room is using {paths.root}.",
            hint="Close it first, or give another folder with --data-dir.",
        ) from error
    except OSError as error:
        kind = DiskFull if error.errno == errno.ENOSPC else UserFixableError
        raise kind(
            f"The data folder {paths.root} cannot be written: {error.strerror}.",
            hint="Make room or mend its permissions, or give another folder with --data-dir.",
        ) from error
    return lock


def _build(paths: DataPaths, lock: FileLock, running: RunningMark, watcher: Watcher | None) -> Runtime:
    # Each of these is light: models, Qdrant and MuPDF live in the children.
    from readingroom.embedding.catalogue import BUNDLED
    from readingroom.embedding.model_files import locate
    from readingroom.embedding.prompts import cache_key
    from readingroom.vectors.forms import IndexWordForms
    from readingroom.watching.observer import FolderWatcher
    from readingroom.worker.bulk import EmbedWorker
    from readingroom.worker.fetching import HostedEmbeddingModels
    from readingroom.worker.indexing import HostedVectorStores, scratch_stores
    from readingroom.worker.querying import QueryWorker
    from readingroom.worker.reading import ReadWorker
    from readingroom.worker.recognising import RecogniseWorker
    from readingroom.worker.rendering import RenderWorker

    catalog, restored = open_catalog(paths)
    cache = SqliteEmbeddingCache(paths.embedding_cache, cache_key)
    preferences = PreferenceService(catalog)
    settings = preferences.settings
    secrets = SystemKeyring()
    server_key = ServerKey(secrets)
    stores = PlacedVectorStores(HostedVectorStores(paths.root), _connect, preferences, server_key.get)
    reader = ReadWorker(paths.root, memory_limit_bytes=settings.file_memory_mb * 1024 * 1024)
    recogniser = RecogniseWorker(paths.root)
    embedder = EmbedWorker(paths.root)
    queries, renderer = QueryWorker(paths.root), RenderWorker(paths.root)
    embedding_models = HostedEmbeddingModels(paths.root, [BUNDLED])
    language_model, model_server = _answering_models(preferences, ServerKeys(secrets))
    passwords = PasswordService(secrets, preferences)
    right_of_way = RightOfWay()
    speeds = EmbeddingSpeeds(catalog, lambda: EmbedWorker(paths.root))
    pausing = PausingService(preferences, read_power=read_power, wake=lambda: ingest.wake())  # noqa: PLW0108  (made below)
    ingest = IngestService(
        catalog,
        cache,
        stores,
        reader,
        embedder,
        preferences,
        passwords=passwords.known,
        free_bytes=lambda: shutil.disk_usage(paths.root).free,
        recogniser=recogniser,
        resting=pausing.resting,
        right_of_way=right_of_way,
        speeds=speeds,
    )
    assert ingest.recognition is not None  # noqa: S101  (it was given a recogniser)
    passwords.entered.subscribe(ingest.retry)
    retrieve = RetrieveService(catalog, stores, queries, right_of_way)
    retrieve.found_by_words.subscribe(ingest.embed_first)
    verify = VerifyService(catalog, queries)
    sources = SourceService(catalog, watcher or FolderWatcher(), preferences, queued=ingest.wake)
    summaries = SummaryService(catalog, language_model, verify)
    common_words = CommonWords(catalog)
    services = Services(
        workspaces=WorkspaceService(catalog, embedding_models, preferences),
        sources=sources,
        ingest=ingest,
        documents=DocumentService(catalog, renderer, passwords.known),
        retrieve=retrieve,
        find=FindService(catalog, retrieve),
        chat=ChatService(
            catalog,
            retrieve,
            language_model,
            preferences,
            verify,
            WholeService(catalog, Lookup(catalog, IndexWordForms()), summaries),
        ),
        threads=ThreadService(catalog),
        exporting=ExportingService(catalog),
        tallies=TallyService(catalog),
        first_minutes=FirstMinutesService(catalog, common_words),
        source_cards=SourceCardService(catalog, cache, stores, common_words),
        models=ModelService(
            catalog,
            language_model,
            embedding_models,
            preferences,
            index_added=ingest.wake,
            speeds=speeds,
        ),
        forms=FormService(catalog, cache, embedding_models, scratch_stores),
        model_server=model_server,
        answering=AnsweringService(catalog, preferences),
        preferences=preferences,
        passwords=passwords,
        recognise=RecogniseService(catalog, ingest.recognition, preferences, wake=ingest.wake),
        ignoring=IgnoreService(preferences, sources),
        pausing=pausing,
        rules=RuleService(catalog, sources),
        backups=BackupService(
            SqliteBackups(paths.catalog, paths.backups),
            is_worth_it=lambda: bool(catalog.workspaces()),
            restoration=last_restoration(paths),
            forget_restoration=lambda: forget_restoration(paths),
            ended_suddenly=running.ended_suddenly,
        ),
        portability=PortabilityService(
            catalog,
            cache,
            embedding_models,
            unlocated=paths.unlocated,
            free_bytes=lambda: shutil.disk_usage(paths.root).free - RESERVE_BYTES,
            imported=ingest.wake,
        ),
        verify=verify,
        server=ServerService(catalog, cache, stores, preferences, server_key, _probe, ingest.check_again),
    )
    doctor = DoctorService(
        catalog,
        stores,
        embedding_models,
        language_model,
        paths,
        SqliteBackups(paths.catalog, paths.backups),
        verify_bundled_model=lambda: locate(paths.models, BUNDLED.name),
        watch_limits=_watch_limits,
    )
    return Runtime(
        paths,
        services,
        doctor,
        catalog,
        cache,
        stores,
        reader,
        recogniser,
        embedder,
        queries,
        renderer,
        language_model,
        lock,
        running,
        services.backups.notice if restored else "",
    )


def _answering_models(
    preferences: PreferenceService, keys: ServerKeys
) -> "tuple[ChosenLanguageModel, ModelServerService]":
    from readingroom.llm.address import resolve_address
    from readingroom.llm.base_url import parse_base_url
    from readingroom.llm.chosen import ChosenLanguageModel
    from readingroom.llm.keeping import OllamaKeeper
    from readingroom.llm.ollama import OllamaLanguageModel
    from readingroom.llm.openai_compatible import OpenAiLanguageModel

    settings = preferences.settings
    resolve = resolver(resolve_address, parse_base_url)
    ollama = OllamaLanguageModel(resolve(ServerKind.OLLAMA, settings.ollama_address))
    compatible = OpenAiLanguageModel(
        resolve(ServerKind.OPENAI, settings.openai_address),
        key=keys.get,
        context_tokens=lambda: preferences.settings.openai_context,
    )
    chosen = ChosenLanguageModel(
        {ServerKind.OLLAMA: ollama, ServerKind.OPENAI: compatible}, lambda: preferences.settings.server_kind
    )
    server = ModelServerService(
        chosen,
        OllamaKeeper(lambda: ollama.address),
        preferences,
        keys,
        resolve_address=resolve,
        available_bytes=available_bytes,
    )
    return chosen, server


def _watch_limits() -> WatchLimits | None:
    if not sys.platform.startswith("linux"):
        return None
    from readingroom.watching.inotify import read_limits

    return read_limits()


def _connect(server: Server) -> VectorStores:
    from readingroom.vectors.client import ClientVectorStores

    return ClientVectorStores(server.address, api_key=server.api_key, ca_file=server.ca_file)


def _probe(server: Server) -> str:
    from readingroom.vectors.checking import check_server

    return check_server(server)
