"""Whatever befalls linked folders, and whenever the program ends: once settled, catalog and index equal them."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from helpers.sync_world import WEIGHTS, SyncWorld

_EXAMPLES, _STEPS = 10, 210
"""Few lives, and long ones: each begins with a start of the program and all its children, as long as fifty steps."""
_MOST_UNSETTLED = 20
_WANTED_STEPS = 2_000

_NAMES = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
_total: Counter[str] = Counter()


class SyncMachine(RuleBasedStateMachine):
    """One life of a data folder: steps by weight, settled now and then and at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._world = SyncWorld(Path(tempfile.mkdtemp(prefix="readingroom-machine-")))
        self._world.begin()

    @rule(name=st.sampled_from(_NAMES), a=st.integers(0, 999), b=st.integers(0, 999))
    def step(self, name: str, a: int, b: int) -> None:
        self._world.step(name, a, b)
        if len(self._world.trail) >= _MOST_UNSETTLED:
            self._world.settle()

    def teardown(self) -> None:
        # Also after a failure; then there is nothing to settle any more.
        try:
            if sys.exc_info()[0] is None:
                self._world.settle()
        finally:
            _total.update(self._world.counts)
            self._world.remove()


@pytest.fixture
def total() -> Counter[str]:
    _total.clear()
    return _total


@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="links and unmounts as these need another system")
def test_catalog_and_index_equal_the_folders_after_whatever_befell_them(total: Counter[str]) -> None:
    """Longer runs: `benchmarks/sync_machine.py`. No shrinking, which would run for an hour: the steps are printed."""
    run_state_machine_as_test(
        SyncMachine,
        settings=settings(
            max_examples=_EXAMPLES,
            stateful_step_count=_STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert total["steps"] >= _WANTED_STEPS
    for kind in ("crashes", "restarts", "renamed away"):
        assert total[kind], kind
