"""What the pumps are doing now and how fast, shared between them and whoever shows it."""

import threading
import time
from collections import defaultdict
from dataclasses import replace

from readingroom.core.errors import UserFixableError
from readingroom.core.ids import DocumentId, SourceId
from readingroom.core.models import (
    PENDING_STATES,
    SEARCHABLE_STATES,
    DocumentState,
    IngestCounts,
    Source,
    SourceProgress,
    SourceState,
)
from readingroom.services.pace import Pace, TimeLeft

_EMBEDDING_STATES = (DocumentState.INDEXING, DocumentState.WORDS)


class IngestState:
    """Guarded by its own lock; nothing here outlives the program."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = IngestCounts()
        self._started = time.monotonic()
        self._reading: dict[SourceId, str] = {}
        self._recognising: dict[SourceId, str] = {}
        self._skipped: set[DocumentId] = set()
        self._pace = Pace()
        self._chunks_of_document = 1.0
        self._left: defaultdict[SourceId, TimeLeft] = defaultdict(TimeLeft)
        self.problems: dict[str, UserFixableError] = {}
        """What holds a pump up, by its name, until it passes."""

    def count(self, **more: int) -> None:
        """Add to fields of `IngestCounts`."""
        with self._lock:
            self._counts = replace(
                self._counts, **{name: getattr(self._counts, name) + value for name, value in more.items()}
            )

    def counts(self) -> IngestCounts:
        """So far."""
        with self._lock:
            return replace(self._counts, seconds=time.monotonic() - self._started)

    def reading(self, source_id: SourceId, name: str) -> None:
        """Name the file being read; empty when none is."""
        with self._lock:
            if name:
                self._reading[source_id] = name
            else:
                self._reading.pop(source_id, None)

    def sources_read(self) -> frozenset[SourceId]:
        """Those of which a file is being read."""
        with self._lock:
            return frozenset(self._reading)

    def recognising(self, source_id: SourceId, name: str, page: int) -> None:
        """Name the page whose text is being recognised; no name when none is."""
        with self._lock:
            if name:
                self._recognising[source_id] = f"{name}, page {page:,}"
            else:
                self._recognising.pop(source_id, None)

    @property
    def page_recognised(self) -> str:
        """The page whose text is being recognised; empty when none is."""
        with self._lock:
            return next(iter(self._recognising.values()), "")

    def skipped(self, document_id: DocumentId) -> None:
        """Remember that a document was counted as skipped: its text may be recognised yet."""
        with self._lock:
            self._skipped.add(document_id)

    def was_skipped(self, document_id: DocumentId) -> bool:
        """Whether it was counted so in this run; True once."""
        with self._lock:
            known = document_id in self._skipped
            self._skipped.discard(document_id)
            return known

    def read(self, chunks: int) -> None:
        """Tell how many chunks a document gave, for the estimate of what the queue holds."""
        with self._lock:
            self._chunks_of_document += 0.05 * (chunks - self._chunks_of_document)

    def embedded(self, chunks: int) -> None:
        """Tell how many chunks became searchable by meaning just now."""
        with self._lock:
            self._pace.note(chunks)

    def source_progress(self, source: Source, counts: dict[DocumentState, tuple[int, int]]) -> SourceProgress:
        """How far a source is, from its documents and their chunks by state."""
        documents = {state: number for state, (number, _) in counts.items()}
        total = sum(documents.values())
        queued = documents.get(DocumentState.QUEUED, 0)
        waiting = sum(documents.get(state, 0) for state in PENDING_STATES)
        away = source.state is SourceState.OFFLINE
        # A document that is half embedded counts whole: an estimate is all that is wanted.
        chunks_left = sum(counts[state][1] for state in _EMBEDDING_STATES if state in counts)
        with self._lock:
            current = self._reading.get(source.id, "")
            recognised = self._recognising.get(source.id, "")
            rate = self._pace.rate
            left = None
            if waiting:
                left = self._left[source.id].say(chunks_left + queued * self._chunks_of_document, self._pace)
            else:
                self._left.pop(source.id, None)
        return SourceProgress(
            source_id=source.id,
            phase=_phase(current, queued, recognised, waiting),
            total=total,
            done=total - waiting,
            words=documents.get(DocumentState.WORDS, 0),
            failed=documents.get(DocumentState.FAILED, 0) + documents.get(DocumentState.QUARANTINED, 0),
            current=current or recognised,
            passages_per_s=rate if waiting else 0.0,
            seconds_left=left,
            locked=documents.get(DocumentState.ENCRYPTED, 0),
            skipped=documents.get(DocumentState.UNSUPPORTED, 0),
            no_text=documents.get(DocumentState.NO_TEXT, 0),
            offline=sum(documents.get(state, 0) for state in SEARCHABLE_STATES) if away else 0,
        )


def _phase(current: str, queued: int, recognised: str, waiting: int) -> str:
    if current or queued:
        return "reading"
    if recognised:
        return "recognising"
    return "embedding" if waiting else "idle"
