"""How far a source is, counted from the states of its documents."""

import random
from pathlib import Path

import pytest

from readingroom.core.ids import SourceId, WorkspaceId
from readingroom.core.models import DocumentState, Source, SourceState
from readingroom.services.ingest_state import IngestState
from readingroom.services.pace import eased

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


def test_time_left_is_what_is_left_over_the_measured_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("readingroom.services.ingest_state.time.monotonic", lambda: now[0])
    state = IngestState()
    assert state.source_progress(source(SourceState.WATCHING), COUNTS).seconds_left is None
    for _ in range(11):
        state.embedded(20)
        now[0] += 2
    counts = {DocumentState.WORDS: (4, 1_000)}
    assert state.source_progress(source(SourceState.WATCHING), counts).seconds_left == pytest.approx(110, 0.1)
    assert state.source_progress(source(SourceState.WATCHING), {}).seconds_left is None


def test_a_pause_does_not_count_as_slowness(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("readingroom.services.ingest_state.time.monotonic", lambda: now[0])
    state = IngestState()
    for pause_s in (0, 0, 40, 0, 0):
        now[0] += pause_s
        for _ in range(3):
            state.embedded(20)
            now[0] += 2
    counts = {DocumentState.WORDS: (4, 1_000)}
    assert state.source_progress(source(SourceState.WATCHING), counts).passages_per_s == pytest.approx(9, 0.1)


def test_said_time_left_is_steady_under_a_fluttering_rate() -> None:
    """Half of the measured values lie a third too high or too low; what is said never rises by more than a second or two."""
    chance = random.Random(4)
    said, true = 600.0, 600.0
    rises = []
    for _ in range(1_000):
        true -= 0.5
        before, said = said, eased(said, 0.5, true * chance.choice([0.67, 1.0, 1.0, 1.33]))
        rises.append(said - before)
        assert said == pytest.approx(true, rel=0.25, abs=3)
    assert max(rises) < 7


def test_said_time_left_follows_a_lasting_change_within_a_minute() -> None:
    said = 60.0
    for _ in range(60):
        said = eased(said, 1.0, 600.0)
    assert said > 570
