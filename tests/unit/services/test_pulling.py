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


def when(pulls: Pulls, met: Callable[[Pull | None], bool]) -> Pull | None:
    """Wait for the only pull, None when there is none any more, to be so."""
    changed = threading.Event()
    unsubscribe = pulls.changed.subscribe(lambda _name: changed.set())
    try:
        while True:
            changed.clear()
            pull = next(iter(pulls.list()), None)
            if met(pull):
                return pull
            assert changed.wait(WAIT_S)
    finally:
        unsubscribe()


def held(pull: Pull | None) -> bool:
    return (
        pull is not None
        and pull.state is PullState.RUNNING
        and pull.progress is not None
        and pull.progress.done_bytes == 1_000_000_000
    )


def done(pull: Pull | None) -> bool:
    return pull is None


def ended(state: PullState) -> Callable[[Pull | None], bool]:
    return lambda pull: pull is not None and pull.state is state


def test_a_pull_tells_how_far_it_is_and_that_it_is_done(pulls: Pulls, keeper: HeldKeeper) -> None:
    pulls.start("qwen3:8b")
    pulls.start("qwen3:8b")
    when(pulls, held)
    keeper.gate.set()
    when(pulls, done)
    assert [model.name for model in keeper.served] == ["qwen3:8b"], "begun twice, fetched once"


def test_a_stopped_pull_keeps_its_place_in_the_list_and_can_be_resumed(
    pulls: Pulls, keeper: HeldKeeper
) -> None:
    pulls.start("qwen3:8b")
    when(pulls, held)
    pulls.stop("qwen3:8b")
    stopped = when(pulls, ended(PullState.STOPPED))
    assert stopped is not None
    assert stopped.progress is not None
    assert stopped.progress.done_bytes == 1_000_000_000
    pulls.start("qwen3:8b")
    when(pulls, held)
    keeper.gate.set()
    when(pulls, done)


def test_a_failure_is_kept_with_its_words(pulls: Pulls, keeper: HeldKeeper) -> None:
    keeper.fault = LanguageModelFailed("There is no room.", hint="Make some.")
    pulls.start("qwen3:8b")
    failed = when(pulls, ended(PullState.FAILED))
    assert failed is not None
    assert str(failed.error) == "There is no room."
    keeper.fault = None
    pulls.start("qwen3:8b")
    resumed = when(pulls, held)
    assert resumed is not None
    assert resumed.error is None


def test_closing_stops_what_is_under_way(pulls: Pulls, keeper: HeldKeeper) -> None:
    pulls.start("qwen3:8b")
    when(pulls, held)
    pulls.close()
    assert [pull.state for pull in pulls.list()] == [PullState.STOPPED]
    assert keeper.served == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pull ")]
