"""Which models are suggested for how much memory."""

import pytest

from readingroom.core.suggested_models import KNOWN_MODELS, QUICK_MODEL, suggest

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("memory_gb", "names", "best"),
    [
        (21, ["gpt-oss:20b", "phi4:14b", "gemma3:12b", QUICK_MODEL], "gpt-oss:20b"),
        (6, ["gemma3:4b", QUICK_MODEL, "llama3.2:3b", "llama3.2:1b"], "gemma3:4b"),
        (2.2, ["gemma3:1b"], "gemma3:1b"),
    ],
)
def test_suggestions_leave_room_for_everything_else_and_hold_a_quick_one(
    memory_gb: float, names: list[str], best: str
) -> None:
    found = suggest(int(memory_gb * GB), ())
    assert [s.model.name for s in found] == names
    assert [s.model.name for s in found if s.best] == [best]
    assert all(s.model.memory_mb <= 0.75 * memory_gb * 1000 for s in found)


def test_with_too_little_memory_the_smallest_is_named_as_not_fitting() -> None:
    (only,) = suggest(GB, ())
    assert (only.model.name, only.fits) == ("gemma3:1b", False)
    (tight,) = suggest(int(1.6 * GB), ())
    assert (tight.model.name, tight.fits, tight.best) == ("gemma3:1b", True, False)


def test_what_is_there_already_is_not_suggested() -> None:
    found = suggest(21 * GB, {QUICK_MODEL, "gpt-oss:20b"})
    assert [s.model.name for s in found] == ["phi4:14b", "gemma3:12b", "llama3.1:8b", "gemma3:4b"]


def test_of_a_computer_whose_memory_is_not_known_middling_ones_are_suggested() -> None:
    assert len(suggest(None, ())) == 4


def test_the_table_rises_in_memory() -> None:
    needs = [model.memory_mb for model in KNOWN_MODELS]
    assert needs == sorted(needs)
    assert all(model.memory_mb > model.size_mb for model in KNOWN_MODELS)
