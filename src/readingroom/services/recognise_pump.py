"""Recognises text in pictures, a page at a time, once everything else is read, and puts it into its document."""

import logging
import time
from collections.abc import Callable, Sequence

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog
from readingroom.core.errors import (
    DocumentChanged,
    DocumentEncrypted,
    ReadFailure,
    RecognitionUnavailable,
    WorkerCrashed,
    WorkerFailure,
)
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import Document
from readingroom.core.ports import IngestWorker
from readingroom.core.recognised_text import recognition_notes, with_recognised
from readingroom.core.recognition import PageRecogniser, RecognisedPage, RecognitionStatus
from readingroom.services.ingest_state import IngestState
from readingroom.services.listeners import Listeners
from readingroom.services.preferences import PreferenceService

log = logging.getLogger(__name__)

FIRST_SECONDS_PER_PAGE = 3.0
"""Until this computer's own rate is known: a full page takes 4 s of one core, a nearly empty one 1 s."""
_RATE_SETTING = "recognition_seconds_per_page"
_RATE_WEIGHT = 0.1
_RATE_KEPT_AFTER = 20
"""Pages."""

_MERGE_PAGES = 20
_MERGE_S = 30.0
_MERGE_SHARE = 10.0
"""A long document becomes searchable so often on the way, and no oftener than that this takes a tenth of the time."""


class RecognisePump:
    """Pictures of pages to text in the catalog; what is read of a page is kept at once."""

    def __init__(
        self,
        catalog: Catalog,
        recogniser: PageRecogniser,
        cutter: IngestWorker,
        preferences: PreferenceService,
        state: IngestState,
        moved: Callable[[WorkspaceId], None],
        cancel: CancelToken,
        passwords: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """`passwords` gives those the person has entered."""
        self._catalog = catalog
        self._recogniser = recogniser
        self._cutter = cutter
        self._preferences = preferences
        self._state = state
        self._moved = moved
        self._cancel = cancel
        self._passwords = passwords
        self.beginning: Listeners[RecognitionStatus] = Listeners()
        """Tells what is left whenever it begins after a rest, before the first page."""
        self.held = False
        """Left for another run of the program."""
        self.problem = ""
        """Why no page can be recognised at all, in this run."""
        self._passed_over: frozenset[DocumentId] = frozenset()
        """Cannot be opened in this run: a password is not known any more."""
        self._resting = True
        self._tidied = False
        self._tried: tuple[str | None, int] = ("", 0)
        self._seconds_per_page = _rate(catalog)
        self._pages_since_kept = 0
        self._since_merge = _SinceMerge()

    @property
    def active(self) -> bool:
        """Whether pages are recognised as they come."""
        settings = self._preferences.settings
        return settings.recognise and not settings.recognition_paused and not self.held and not self.problem

    def has_work(self, workspace_id: WorkspaceId | None) -> bool:
        """Whether it will do something of itself. Quick."""
        return self._catalog.has_recognition_left(
            workspace_id, pages=self.active, passed_over=self._passed_over
        )

    def status(self, workspace_id: WorkspaceId | None = None) -> RecognitionStatus:
        """What is left, of one workspace or of all. Quick."""
        counts = self._catalog.recognition_counts(workspace_id)
        return RecognitionStatus(
            documents=counts.documents,
            pages=counts.pages,
            pages_done=counts.pages_done,
            seconds_left=(counts.pages - counts.pages_done) * self._seconds_per_page,
            paused=self._preferences.settings.recognition_paused,
            current=self._state.page_recognised,
            problem=self.problem,
        )

    def retry(self, document_ids: Sequence[DocumentId]) -> None:
        """Forget pages that failed or were read badly, and what stood in the way of these documents."""
        self._passed_over -= frozenset(document_ids)
        self._catalog.forget_doubtful(document_ids)

    def step(self) -> bool:
        """Recognise one page, or put recognised pages into a document's text; False when there is nothing to do."""
        if self._merge_next(partly=not self.active):
            return True
        if not self.active:
            self._resting = True
            return False
        found = self._catalog.next_page_to_recognise(self._passed_over)
        if found is None:
            self._rest()
            return False
        if self._resting:
            self._resting = False
            self.beginning.publish(self.status())
        self._recognise(*found)
        if self._since_merge.due():
            self._merge_next(partly=True)
        return True

    def _rest(self) -> None:
        if not self._resting:
            self._keep_rate()
        self._resting = True
        if not self._tidied and not self._catalog.has_pending_work():
            self._catalog.forget_unused()
            self._tidied = True

    def _recognise(self, document: Document, page: int) -> None:
        if not _is_as_read(document):
            # What would be seen is of another content than what is known.
            self._catalog.requeue([document.id], forget_strikes=False)
            self._moved(document.workspace_id)
            return
        self._state.recognising(document.source_id, document.path.name, page)
        self._moved(document.workspace_id)
        try:
            outcome = self._outcome(document, page)
        finally:
            self._state.recognising(document.source_id, "", 0)
        if outcome is not None and document.content_hash and _is_as_read(document):
            self._catalog.keep_recognised(document.content_hash, page, outcome)
            self._since_merge.pages += 1
        self._moved(document.workspace_id)

    def _outcome(self, document: Document, page: int) -> RecognisedPage | None:
        """What comes of a page; None where it is to be tried again, or never in this run."""
        began = time.monotonic()
        try:
            recognised = self._recogniser.recognise(
                document.file,
                page,
                languages=self._preferences.settings.recognition_languages.split(),
                passwords=self._passwords(),
                cancel=self._cancel,
            )
        except RecognitionUnavailable as error:
            log.warning("Text in pictures cannot be recognised: %s", error)
            self.problem = f"{error} {error.hint}".strip()
        except DocumentEncrypted:
            self._passed_over |= {document.id}
        except DocumentChanged:
            self._catalog.requeue([document.id], forget_strikes=False)
        except ReadFailure as error:
            return RecognisedPage("", failure=str(error))
        except WorkerCrashed as error:
            if self._tried != (document.content_hash, page):
                # Ended from outside, perhaps; a page that does it again is at fault.
                self._tried = (document.content_hash, page)
                return None
            return RecognisedPage("", failure=str(error))
        except WorkerFailure as error:
            return RecognisedPage("", failure=str(error))
        else:
            self._learn_rate(time.monotonic() - began)
            return recognised
        return None

    def _merge_next(self, *, partly: bool) -> bool:
        document_id = self._catalog.next_to_merge(partly=partly, passed_over=self._passed_over)
        if document_id is None:
            return False
        began = time.monotonic()
        self._merge(document_id)
        self._since_merge = _SinceMerge(time.monotonic() - began)
        return True

    def _merge(self, document_id: DocumentId) -> None:
        found = self._catalog.unmerged(document_id)
        index = None if found is None else self._catalog.active_index(found.document.workspace_id)
        if found is None or index is None:
            return
        document = found.document
        merged = with_recognised(found.extracted, found.fresh)
        try:
            chunks = self._cutter.cut(merged, embedding_model=index.embedding_model, cancel=self._cancel)
        except WorkerFailure as error:
            log.warning("The text of a recognised document could not be cut: %s", error)
            self._passed_over |= {document_id}
            return
        kept = self._catalog.store_merged(
            document_id,
            index.id,
            content_hash=document.content_hash or "",
            merged=merged,
            chunks=chunks,
            own_texts={page: own for page, (own, _) in found.fresh.items()},
            notes=recognition_notes(found.outcomes),
        )
        if kept and chunks:
            newly = document.chunks == 0
            self._state.count(indexed=int(newly), chunks=max(len(chunks) - document.chunks, 0))
            if newly and self._state.was_skipped(document_id):
                self._state.count(skipped=-1)
        self._moved(document.workspace_id)

    def _learn_rate(self, seconds: float) -> None:
        self._seconds_per_page += _RATE_WEIGHT * (seconds - self._seconds_per_page)
        self._pages_since_kept += 1
        if self._pages_since_kept >= _RATE_KEPT_AFTER:
            self._keep_rate()

    def _keep_rate(self) -> None:
        if self._pages_since_kept:
            self._catalog.set_setting(_RATE_SETTING, round(self._seconds_per_page, 3))
            self._pages_since_kept = 0


class _SinceMerge:
    """Tells when a document that is being recognised should become searchable as far as it is."""

    def __init__(self, last_s: float = 0.0) -> None:
        """`last_s` is how long the last time took."""
        self._at = time.monotonic()
        self._least_s = last_s * _MERGE_SHARE
        self.pages = 0

    def due(self) -> bool:
        passed_s = time.monotonic() - self._at
        return passed_s >= self._least_s and (self.pages >= _MERGE_PAGES or passed_s >= _MERGE_S)


def _rate(catalog: Catalog) -> float:
    kept = catalog.setting_values().get(_RATE_SETTING)
    return float(kept) if isinstance(kept, int | float) and kept > 0 else FIRST_SECONDS_PER_PAGE


def _is_as_read(document: Document) -> bool:
    """Whether the file bears the stamp it had when it was read; of a member, its container."""
    try:
        status = document.file.path.stat()
    except OSError:
        return False
    same_size = bool(document.locator) or status.st_size == document.size_bytes
    return same_size and status.st_mtime_ns == document.modified_at_ns
