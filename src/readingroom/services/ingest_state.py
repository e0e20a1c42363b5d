"""What the pumps are doing now and how fast, shared between them and whoever shows it."""

import threading
import time
from collections import deque
from dataclasses import replace

from readingroom.core.errors import UserFixableError
from readingroom.core.ids import SourceId
from readingroom.core.models import (
    ATTENTION_STATES,
    PENDING_STATES,
    DocumentState,
    IngestCounts,
    Source,
    SourceProgress,
)

_RATE_WINDOW_S = 20.0
_EMBEDDING_STATES = (DocumentState.INDEXING, DocumentState.WORDS)


class IngestState:
    """Guarded by its own lock; nothing here outlives the program."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = IngestCounts()
        self._started = time.monotonic()
        self._reading: dict[SourceId, str] = {}
        self._embedded: deque[tuple[float, int]] = deque()
        self._chunks_of_document = 1.0
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

    def read(self, chunks: int) -> None:
        """Tell how many chunks a document gave, for the estimate of what the queue holds."""
        with self._lock:
            self._chunks_of_document += 0.05 * (chunks - self._chunks_of_document)

    def embedded(self, chunks: int) -> None:
        """Tell how many chunks became searchable by meaning just now."""
        now = time.monotonic()
        with self._lock:
            self._embedded.append((now, chunks))
            while self._embedded and now - self._embedded[0][0] > _RATE_WINDOW_S:
                self._embedded.popleft()

    def source_progress(self, source: Source, counts: dict[DocumentState, tuple[int, int]]) -> SourceProgress:
        """How far a source is, from its documents and their chunks by state."""
        documents = {state: number for state, (number, _) in counts.items()}
        total = sum(documents.values())
        queued = documents.get(DocumentState.QUEUED, 0)
        waiting = sum(documents.get(state, 0) for state in PENDING_STATES)
        # A document that is half embedded counts whole: an estimate is all that is wanted.
        chunks_left = sum(counts[state][1] for state in _EMBEDDING_STATES if state in counts)
        with self._lock:
            current = self._reading.get(source.id, "")
            rate = self._rate()
            left = (chunks_left + queued * self._chunks_of_document) / rate if waiting and rate else None
        return SourceProgress(
            source_id=source.id,
            phase=_phase(current, queued, waiting),
            total=total,
            done=total - waiting,
            words=documents.get(DocumentState.WORDS, 0),
            failed=sum(documents.get(state, 0) for state in ATTENTION_STATES),
            current=current,
            passages_per_s=rate if waiting else 0.0,
            seconds_left=left,
        )

    def _rate(self) -> float:
        now = time.monotonic()
        recent = [(at, chunks) for at, chunks in self._embedded if now - at <= _RATE_WINDOW_S]
        if len(recent) < 2:
            return 0.0
        return sum(chunks for _, chunks in recent[1:]) / max(now - recent[0][0], 0.1)


def _phase(current: str, queued: int, waiting: int) -> str:
    if current or queued:
        return "reading"
    return "embedding" if waiting else "idle"
