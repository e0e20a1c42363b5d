"""Takes documents off the queue, one at a time, and has the ingest worker read and cut them."""

import logging
import time
from collections.abc import Callable, Sequence

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog
from readingroom.core.errors import (
    Cancelled,
    DocumentChanged,
    DocumentEncrypted,
    DocumentUnsupported,
    ReadFailure,
    UserFixableError,
    WorkerFailure,
    WorkerOutOfMemory,
    WorkerTimedOut,
)
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Chunk, Document, DocumentState, Index
from readingroom.core.ports import IngestWorker, ReadResult
from readingroom.core.sync_plan import UNREAD_SIZE, is_settled
from readingroom.services.ingest_state import IngestState
from readingroom.services.preferences import PreferenceService

log = logging.getLogger(__name__)

STRIKES = 3
"""So often may the worker die on a file before it is set aside."""
_MB = 1024 * 1024


class ReadPump:
    """Queue to text and chunks."""

    def __init__(
        self,
        catalog: Catalog,
        reader: IngestWorker,
        preferences: PreferenceService,
        state: IngestState,
        moved: Callable[[WorkspaceId], None],
        cancel: CancelToken,
        passwords: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """`passwords` gives those the person has entered."""
        self._catalog = catalog
        self._reader = reader
        self._passwords = passwords
        self._preferences = preferences
        self._state = state
        self._moved = moved
        self._cancel = cancel
        self._claim_left = False

    def step(self) -> bool:
        """Read one document; False when none waits."""
        if self._claim_left:
            # A full disk refuses to let go of a claim as well; left so, the document would wait for the next start.
            self._catalog.release_claims()
            self._claim_left = False
        document = self._catalog.claim_next()
        if document is None:
            return False
        self._claim_left = True
        index = self._catalog.active_index(document.workspace_id)
        if index is None:
            log.error("Workspace %s has no index", document.workspace_id)
            return False
        self._state.reading(document.source_id, document.path.name)
        self._moved(document.workspace_id)
        try:
            self._read(document, index)
        except (Cancelled, UserFixableError):
            self._catalog.release_claims()
            self._claim_left = False
            raise
        except Exception:
            log.exception("Reading failed for a reason of our own")
            self._fail(
                document, DocumentState.FAILED, "Reading Room made a mistake on this file; see the log."
            )
        finally:
            self._state.reading(document.source_id, "")
            self._moved(document.workspace_id)
        self._claim_left = False
        return True

    def _read(self, document: Document, index: Index) -> None:
        parts = _Parts(self._catalog, document, index, self._moved)
        began, began_ns = time.monotonic(), time.time_ns()
        try:
            result = self._reader.read(
                document.file,
                embedding_model=index.embedding_model,
                limits=self._limits(),
                known_hash=document.content_hash,
                known_chunks=self._catalog.chunk_hashes(index.id, document.id),
                passwords=self._passwords(),
                on_part=parts.keep,
                cancel=self._cancel,
            )
        except DocumentChanged as error:
            self._try_again(document, error)
        except DocumentEncrypted as error:
            self._fail(document, DocumentState.ENCRYPTED, str(error))
        except DocumentUnsupported as error:
            self._fail(document, DocumentState.UNSUPPORTED, str(error))
        except (WorkerTimedOut, WorkerOutOfMemory) as error:
            if parts.kept:
                self._keep_part(document, index, parts, error)
            else:
                self._strike(document, error)
        except ReadFailure as error:
            self._fail(document, DocumentState.FAILED, str(error))
        except WorkerFailure as error:
            self._strike(document, error)
        except _NotWanted:
            log.info("A document went, or another index took over, while it was being read")
        else:
            self._keep(document, index, result, parts, time.monotonic() - began)
            if not document.locator and not is_settled(result.modified_at_ns, began_ns):
                self._catalog.look_again(document.id)

    def _keep(
        self, document: Document, index: Index, result: ReadResult, parts: "_Parts", read_seconds: float
    ) -> None:
        if result.unchanged:
            self._catalog.store_unchanged(
                document.id, size_bytes=result.size_bytes, modified_at_ns=result.modified_at_ns
            )
            self._state.count(unchanged=1)
            return
        kept = self._catalog.store_read(
            document.id,
            index.id,
            extracted=result.document,
            chunks=result.chunks,
            content_hash=result.content_hash,
            size_bytes=result.size_bytes,
            modified_at_ns=result.modified_at_ns,
            read_seconds=read_seconds,
            continued=bool(parts.kept),
        )
        if kept:
            chunks = parts.chunks + len(result.chunks)
            self._count(chunks, inside=bool(result.document.members))
            if not chunks:
                self._state.skipped(document.id)

    def _keep_part(
        self, document: Document, index: Index, parts: "_Parts", error: WorkerTimedOut | WorkerOutOfMemory
    ) -> None:
        """A limit was reached on the way: what was read until then is the document."""
        stamp = _stamp(document)
        note = f"Only a part of it was read{f' (up to page {parts.last_page:,})' if parts.last_page else ''}: {error}"
        self._catalog.store_read(
            document.id,
            index.id,
            extracted=ExtractedDocument(parts.format, (), notes=(note,)),
            chunks=(),
            # Of no file: whenever it is looked at again it is read again.
            content_hash="",
            size_bytes=document.size_bytes if stamp[0] is None else stamp[0],
            modified_at_ns=document.modified_at_ns if stamp[1] is None else stamp[1],
            continued=True,
        )
        self._count(parts.chunks)

    def _count(self, chunks: int, *, inside: bool = False) -> None:
        self._state.read(chunks)
        if chunks:
            self._state.count(indexed=1, chunks=chunks)
        else:
            self._state.count(**{"indexed" if inside else "skipped": 1})

    def _strike(self, document: Document, error: WorkerFailure) -> None:
        strikes = self._catalog.add_strike(document.id)
        log.warning("The ingest worker ended on a file, strike %s: %s", strikes, error)
        if strikes >= STRIKES:
            reason = (
                f"{error} It was tried {strikes} times and is set aside until it changes or you try again."
            )
            self._fail(document, DocumentState.QUARANTINED, reason)
        else:
            self._catalog.requeue([document.id], forget_strikes=False)

    def _try_again(self, document: Document, error: DocumentChanged) -> None:
        if document.file.path.exists() and self._catalog.add_strike(document.id) < STRIKES:
            self._catalog.requeue([document.id], forget_strikes=False)
            return
        self._catalog.store_failure(
            document.id, DocumentState.FAILED, str(error), size_bytes=UNREAD_SIZE, keep_text=True
        )
        self._state.count(failed=1)

    def _fail(
        self, document: Document, state: DocumentState, reason: str, *, keep_text: bool = False
    ) -> None:
        stamp = _stamp(document)
        self._catalog.store_failure(
            document.id, state, reason, size_bytes=stamp[0], modified_at_ns=stamp[1], keep_text=keep_text
        )
        skipped = state in (DocumentState.ENCRYPTED, DocumentState.UNSUPPORTED)
        self._state.count(**{"skipped" if skipped else "failed": 1})

    def _limits(self) -> ReadLimits:
        settings = self._preferences.settings
        return ReadLimits(
            max_bytes=settings.max_file_mb * _MB,
            max_pages=settings.max_pages,
            max_chars=settings.max_million_characters * 1_000_000,
            timeout_s=float(settings.file_timeout_s),
            memory_bytes=settings.file_memory_mb * _MB,
        )


class _NotWanted(Exception):
    """The document is gone, or is to be read for another index."""


class _Parts:
    """Keeps the parts of a long document as they are read."""

    def __init__(
        self, catalog: Catalog, document: Document, index: Index, moved: Callable[[WorkspaceId], None]
    ) -> None:
        self._catalog = catalog
        self._document = document
        self._index = index
        self._moved = moved
        self.kept = 0
        self.chunks = 0
        self.format = ""
        self.last_page: int | None = None

    def keep(self, part: ExtractedDocument, chunks: Sequence[Chunk]) -> None:
        """Write one part. Raises `_NotWanted`."""
        if not self._catalog.store_part(self._document.id, self._index.id, part, chunks, first=not self.kept):
            raise _NotWanted
        self.kept += 1
        self.chunks += len(chunks)
        self.format = part.format
        self.last_page = part.pages[-1].number if part.pages else self.last_page
        self._moved(self._document.workspace_id)


def _stamp(document: Document) -> tuple[int | None, int | None]:
    """The file's stamp now, so that it is not read again until it changes."""
    if document.locator:
        # Its container's stamp is what is compared.
        return None, None
    try:
        status = document.path.stat()
    except OSError:
        return None, None
    return status.st_size, status.st_mtime_ns
