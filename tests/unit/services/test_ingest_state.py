"""How far a source is, counted from the states of its documents."""

from pathlib import Path

from readingroom.core.ids import SourceId, WorkspaceId
from readingroom.core.models import DocumentState, Source, SourceState
from readingroom.services.ingest_state import IngestState

COUNTS = {
    DocumentState.READY: (10, 90),
    DocumentState.WORDS: (2, 8),
    DocumentState.QUEUED: (3, 0),
    DocumentState.FAILED: (4, 0),
    DocumentState.QUARANTINED: (1, 0),
    DocumentState.ENCRYPTED: (2, 0),
    DocumentState.UNSUPPORTED: (6, 0),
    DocumentState.NO_TEXT: (7, 0),
}


def source(state: SourceState) -> Source:
    return Source(SourceId(1), WorkspaceId(1), Path("/docs"), True, True, state)


def test_every_document_is_counted_under_what_became_of_it() -> None:
    progress = IngestState().source_progress(source(SourceState.WATCHING), COUNTS)
    assert (progress.total, progress.done, progress.phase) == (35, 30, "reading")
    assert (progress.failed, progress.locked, progress.skipped, progress.no_text) == (5, 2, 6, 7)
    assert progress.offline == 0


def test_of_a_drive_that_is_away_what_was_read_counts_as_offline() -> None:
    progress = IngestState().source_progress(source(SourceState.OFFLINE), COUNTS)
    assert progress.offline == 12
