"""What is said of the time left."""

from itertools import pairwise

import pytest

from readingroom.core.catalog import Building
from readingroom.core.ids import IndexId, WorkspaceId
from readingroom.core.models import Index
from readingroom.services.pace import Pace, TimeLeft

INDEX = Index(IndexId(2), WorkspaceId(1), "all-MiniLM-L6-v2", 384, "rule-220", active=False)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [1000.0]
    monkeypatch.setattr("readingroom.services.pace.time.monotonic", lambda: clock[0])
    return clock


def test_nothing_is_said_until_the_rate_is_known_and_then_it_does_not_jump(now: list[float]) -> None:
    """The first batches come from what was embedded before, a hundred times as fast as the rest."""
    pace, time_left = Pace(), TimeLeft()
    left, said = 1_000, []
    for batch in (100, 100, *[20] * 30):
        now[0] += 2.0
        left -= batch
        pace.note(batch)
        said.append((now[0], left / 10, time_left.say(left, pace)))
    assert [seconds for at, _, seconds in said if at < 1008] == [None] * 3
    told = [(at, true, seconds) for at, true, seconds in said if seconds is not None]
    assert len(told) > 25
    jumps = [abs(b[2] - a[2]) for a, b in pairwise(told)]
    assert max(jumps) < 10


def test_after_a_rest_the_time_left_is_unknown_again(now: list[float]) -> None:
    pace, time_left = Pace(), TimeLeft()
    for _ in range(10):
        now[0] += 2.0
        pace.note(20)
    assert time_left.say(100, pace) is not None
    now[0] += 600.0
    assert time_left.say(100, pace) is None
    pace.note(20)
    assert time_left.say(80, pace) is None


@pytest.mark.parametrize(
    ("chunks", "former_cut", "former_uncut", "expected"),
    [(0, 0, 500, 500), (1, 1, 499, 500), (400, 400, 100, 500), (200, 400, 100, 250), (3, 0, 0, 3)],
    ids=["nothing is cut", "the shortest is cut", "the longest is cut", "half as many", "all of it"],
)
def test_what_is_expected_goes_by_the_passages_there_were_not_by_documents(
    chunks: int, former_cut: int, former_uncut: int, expected: int
) -> None:
    building = Building(INDEX, 10, 1, chunks, 0, former_cut, former_uncut)
    assert building.expected == expected
