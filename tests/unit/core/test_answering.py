"""What a workspace has of its own for its answers, and how instructions are filled in."""

import math

import pytest

from readingroom.core.answering import (
    LONGEST_INSTRUCTIONS,
    Answering,
    answering_from,
    answering_values,
    filled,
    unknown_variables,
)


def test_what_was_set_comes_back_and_defaults_are_not_stored() -> None:
    answering = Answering("qwen3:8b", 0.2, "Be brief.", 12, 0.4)
    assert answering_from(answering_values(answering)) == answering
    assert answering_values(Answering()) == {}
    assert answering_values(Answering(temperature=0.0)) == {"temperature": 0.0}, "none is not zero"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"temperature": 9}, Answering(temperature=2.0)),
        ({"temperature": "hot", "passages": True, "threshold": math.nan}, Answering()),
        ({"passages": 0, "threshold": -1}, Answering(passages=1, threshold=0.0)),
        ({"passages": 10_000}, Answering(passages=30)),
        ({"model": 7, "instructions": ["x"], "more": 1}, Answering()),
        ({"instructions": "x" * 20_000}, Answering(instructions="x" * LONGEST_INSTRUCTIONS)),
    ],
)
def test_nonsense_that_was_stored_is_left_out_or_cut(values: dict[str, object], expected: Answering) -> None:
    assert answering_from(values) == expected


def test_variables_are_replaced_once_and_nothing_else_is() -> None:
    values = {"workspace": "Law {date}", "date": "2026-03-09"}
    text = "{workspace} on {date}; {other}, { date }, {date.year}, {0}, {{date}}, lone { and }"
    assert filled(text, values) == (
        "Law {date} on 2026-03-09; {other}, { date }, {date.year}, {0}, {2026-03-09}, lone { and }"
    )


def test_a_typing_error_in_a_variable_is_found() -> None:
    assert unknown_variables("{workspce}, {date}, {workspce}, {Date}") == ["workspce"]
