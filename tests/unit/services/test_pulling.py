"""Models on their way: progress, stop and resume, failure, and the end of the program."""

import threading
from collections.abc import Callable, Iterator

import pytest

from fakes import FakeKeeper
from readingroom.core.errors import LanguageModelFailed
from readingroom.services.pulling import Pull, Pulls, PullState

WAIT_S = 10


class HeldKeeper(FakeKeeper):
    """Stays at the first gigabyte until it is let go."""

    def gate_after_first(self) -> None:
        self.gate.clear()


@pytest.fixture
def keeper() -> HeldKeeper:
    return HeldKeeper()


@pytest.fixture
def pulls(keeper: HeldKeeper) -> Iterator[Pulls]:
    made = Pulls(keeper)
    yield made
    made.close()


def when(pulls: Pulls, met: Callable[[Pull], bool]) -> Pull:
    """Wait for the only pull to be so."""
    changed = threading.Event()
    unsubscribe = pulls.changed.subscribe(lambda _name: changed.set())
    try:
        while True:
            changed.clear()
            (pull,) = pulls.list()
            if met(pull):
                return pull
            assert changed.wait(WAIT_S)
    finally:
        unsubscribe()


def held(pull: Pull) -> bool:
    return pull.progress is not None and pull.progress.done_bytes == 1_000_000_000


def test_a_pull_tells_how_far_it_is_and_that_it_is_done(pulls: Pulls, keeper: HeldKeeper) -> None:
    pulls.start("qwen3:8b")
    pulls.start("qwen3:8b")
    assert when(pulls, held).state is PullState.RUNNING
    keeper.gate.set()
    assert when(pulls, lambda pull: pull.state is PullState.DONE)
    assert [model.name for model in keeper.served] == ["qwen3:8b"], "begun twice, fetched once"
    pulls.forget("qwen3:8b")
    assert pulls.list() == ()


def test_a_stopped_pull_keeps_its_place_in_the_list_and_can_be_resumed(
    pulls: Pulls, keeper: HeldKeeper
) -> None:
    pulls.start("qwen3:8b")
    when(pulls, held)
    pulls.stop("qwen3:8b")
    stopped = when(pulls, lambda pull: pull.state is PullState.STOPPED)
    assert held(stopped)
    pulls.start("qwen3:8b")
    when(pulls, held)
    keeper.gate.set()
    assert when(pulls, lambda pull: pull.state is PullState.DONE)


def test_a_failure_is_kept_with_its_words(pulls: Pulls, keeper: HeldKeeper) -> None:
    keeper.fault = LanguageModelFailed("There is no room.", hint="Make some.")
    pulls.start("qwen3:8b")
    failed = when(pulls, lambda pull: pull.state is PullState.FAILED)
    assert str(failed.error) == "There is no room."
    keeper.fault = None
    pulls.start("qwen3:8b")
    assert when(pulls, held).error is None


def test_closing_stops_what_is_under_way(pulls: Pulls, keeper: HeldKeeper) -> None:
    pulls.start("qwen3:8b")
    when(pulls, held)
    pulls.close()
    assert [pull.state for pull in pulls.list()] == [PullState.STOPPED]
    assert keeper.served == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pull ")]
