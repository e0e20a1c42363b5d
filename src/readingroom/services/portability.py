"""Carries a workspace to another computer: out to one file, and in from one, without embedding anything again."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from readingroom import __version__
from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog, EmbeddingCache
from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.core.ids import WorkspaceId
from readingroom.core.portable import DocumentRecord, Manifest, WorkspaceFacts, WorkspaceImport
from readingroom.core.ports import EmbeddingModels
from readingroom.core.text_spans import storable
from readingroom.services.portable_file import (
    DOCUMENTS,
    EMBEDDINGS,
    RECOGNISED,
    SOURCES,
    THREADS,
    PortableReader,
    reading,
    writing,
)

log = logging.getLogger(__name__)

T = TypeVar("T")
_AT_ONCE = 256
_CHARS_AT_ONCE = 2_000_000
"""Of text, in one transaction: some 30 ms in which a question waits for the catalog."""
_EVERY_S = 0.1
_UNNAMED = "Imported workspace"
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    path: Path
    name: str
    documents: int
    chunks: int
    embeddings: int
    """Of the chunks' texts, each once; what is missing is embedded where the file is imported."""
    threads: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read."""

    workspace_id: WorkspaceId
    name: str
    documents: int
    chunks: int
    embeddings: int
    threads: int
    embedding_model: str
    model_missing: bool
    """Questions are answered by words alone until the model is fetched."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """How far it is; the last one has the result."""

    done: int
    total: int
    """Documents and batches of embeddings; never 0."""
    result: Exported | Imported | None = None


class PortabilityService:
    """Export and import block, yield `Transfer`s, and end with `Cancelled` where the token is set."""

    def __init__(
        self,
        catalog: Catalog,
        cache: EmbeddingCache,
        embedding_models: EmbeddingModels,
        *,
        unlocated: Path,
        free_bytes: Callable[[], int],
        imported: Callable[[], None],
    ) -> None:
        """`unlocated` is a folder that is never made: below it imported sources are said to be until they are located.

        `free_bytes` tells the room on the disk of the data folder, `imported` is called after an import.
        """
        self._catalog = catalog
        self._cache = cache
        self._embedding_models = embedding_models
        self._unlocated = unlocated
        self._free_bytes = free_bytes
        self._imported = imported
        self._lock = threading.Lock()
        self._under_way: set[WorkspaceId] = set()

    def export(self, workspace_id: WorkspaceId, path: Path, *, cancel: CancelToken) -> Iterator[Transfer]:
        """Write the workspace as it is now to `path`, whole or not at all; what is there is replaced at the end.

        Raises `NoSuchWorkspace`, `DiskFull`, `UserFixableError` (it cannot be written).
        """
        with self._catalog.snapshot(workspace_id) as snapshot, writing(path) as writer:
            facts = snapshot.facts
            pace = _Pace(facts.documents + facts.chunks // _AT_ONCE, cancel)
            with writer.part(SOURCES) as part:
                part.write(snapshot.sources())
            for name, records in (
                (DOCUMENTS, snapshot.documents()),
                (RECOGNISED, snapshot.recognised()),
                (THREADS, snapshot.threads()),
            ):
                with writer.part(name) as part:
                    for batch in batches(records):
                        part.write(batch)
                        yield from pace.went(sum(isinstance(one, DocumentRecord) for one in batch))
            with writer.part(EMBEDDINGS) as part:
                for hashes in batches(snapshot.text_hashes()):
                    known = self._cache.get(facts.embedding_model, hashes)
                    part.write_embeddings(known.items())
                    for embedding in known.values():
                        # Whole, whatever the index keeps of them.
                        facts = replace(facts, dimension=len(embedding))
                        break
                    yield from pace.went(1)
            manifest = writer.manifest(facts, __version__, time.time())
        yield pace.ended(_exported(path, manifest))

    def import_(self, path: Path, *, cancel: CancelToken, name: str = "") -> Iterator[Transfer]:
        """Make a workspace of a file, whole or not at all; its sources are offline until they are located.

        The name is the file's unless given, with a number where it is taken. Raises `PortableFileDamaged`,
        `DiskFull`, `UserFixableError` (it cannot be read).
        """
        with reading(path, free_bytes=self._free_bytes()) as reader:
            facts = _facts(reader.manifest, name)
            pace = _Pace(facts.documents + facts.chunks // _AT_ONCE, cancel)
            made = self._catalog.begin_import(facts, self._unlocated)
            with self._lock:
                self._under_way.add(made.workspace_id)
            whole = False
            try:
                yield from self._read(reader, made, pace)
                shown = made.finish()
                whole = True
            finally:
                if not whole:
                    self._catalog.discard_import(made.workspace_id)
                with self._lock:
                    self._under_way.discard(made.workspace_id)
        self._imported()
        yield pace.ended(self._result(made, shown, reader.manifest))

    def clean_up(self) -> None:
        """Forget imports in the midst of which the program ended; those under way now are left alone."""
        # First what the catalog knows: an import that begins meanwhile is then not among these.
        found = self._catalog.unfinished_imports()
        with self._lock:
            left = [workspace_id for workspace_id in found if workspace_id not in self._under_way]
        for workspace_id in left:
            log.info("An import that did not come to its end is forgotten")
            self._catalog.discard_import(workspace_id)

    def _read(self, reader: PortableReader, made: WorkspaceImport, pace: "_Pace") -> Iterator[Transfer]:
        made.add_sources(list(reader.sources()))
        for batch in batches(reader.documents()):
            made.add_documents(batch)
            yield from pace.went(sum(isinstance(one, DocumentRecord) for one in batch))
        for recognised in batches(reader.recognised()):
            made.add_recognised(recognised)
            yield from pace.went(0)
        for parts in batches(reader.threads()):
            made.add_threads(parts)
            yield from pace.went(0)
        model = reader.manifest.embedding_model
        for embeddings in reader.embeddings():
            # A known one is left as it is: a stranger's file does not change what was embedded here.
            self._cache.put(model, embeddings)
            yield from pace.went(-(-len(embeddings) // _AT_ONCE))

    def _result(self, made: WorkspaceImport, name: str, manifest: Manifest) -> Imported:
        try:
            model = self._embedding_models.describe(manifest.embedding_model)
            missing = not (model.bundled or model.downloaded)
        except EmbeddingModelUnavailable:
            missing = True
        return Imported(
            made.workspace_id, name, manifest.documents, manifest.chunks, manifest.embeddings, manifest.threads,
            manifest.embedding_model, missing,
        )  # fmt: skip


class _Pace:
    """Counts what is done, says so now and then, and hears of the person's Stop."""

    def __init__(self, total: int, cancel: CancelToken) -> None:
        self._total = max(1, total)
        self._cancel = cancel
        self._said = 0.0
        self.done = 0

    def went(self, steps: int) -> Iterator[Transfer]:
        self._cancel.raise_if_cancelled()
        self.done += steps
        if time.monotonic() - self._said > _EVERY_S:
            self._said = time.monotonic()
            yield Transfer(min(self.done, self._total), self._total)

    def ended(self, result: Exported | Imported) -> Transfer:
        return Transfer(self._total, self._total, result)


def batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Some at a time, fewer where they bear much text: however long a document is, a batch is not."""
    batch: list[T] = []
    chars = 0
    for item in items:
        batch.append(item)
        chars += len(getattr(item, "text", ""))
        if len(batch) >= _AT_ONCE or chars >= _CHARS_AT_ONCE:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _facts(manifest: Manifest, name: str) -> WorkspaceFacts:
    cleaned = " ".join(storable(name or manifest.name).split())[:_LONGEST_NAME]
    return WorkspaceFacts(
        name=cleaned or _UNNAMED,
        embedding_model=manifest.embedding_model,
        dimension=manifest.dimension,
        chunker=manifest.chunker,
        documents=manifest.documents,
        chunks=manifest.chunks,
        threads=manifest.threads,
        kept_dimension=manifest.kept_dimension,
        precision=manifest.precision,
    )


def _exported(path: Path, manifest: Manifest) -> Exported:
    return Exported(
        path, manifest.name, manifest.documents, manifest.chunks, manifest.embeddings, manifest.threads,
        path.stat().st_size,
    )  # fmt: skip
