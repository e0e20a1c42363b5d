"""Tokens by the model's own count, and the context that memory allows."""

import pytest

from readingroom.core.budget import (
    LEAST_CONTEXT,
    MOST_CONTEXT_ELSEWHERE,
    TokenRates,
    Window,
    all_that_fit,
    first_that_fit,
    left_out_words,
    rates_from,
    window,
)

ENGLISH = "The unused part of annual leave carries over to the following year. " * 40
CHINESE = "未使用的年假可以结转到下一年。" * 60
GB = 1024**3


def test_before_anything_was_counted_the_estimate_is_high() -> None:
    assert TokenRates().tokens(ENGLISH) > len(ENGLISH) / 3.2
    assert TokenRates().tokens(CHINESE) > len(CHINESE)


def test_a_count_that_is_higher_than_thought_is_believed_at_once() -> None:
    rates = TokenRates().learnt([ENGLISH], round(len(ENGLISH) / 2), 100, 8192)
    assert rates.tokens(ENGLISH) >= len(ENGLISH) / 2


def test_a_count_that_is_lower_is_believed_by_and_by_and_never_undercut() -> None:
    rates = TokenRates()
    counted = round(len(ENGLISH) / 4.4)
    estimates = []
    for _ in range(20):
        rates = rates.learnt([ENGLISH], counted, 100, 8192)
        estimates.append(rates.tokens(ENGLISH))
    assert estimates == sorted(estimates, reverse=True)
    assert counted <= estimates[-1] <= counted * 1.1


def test_what_is_counted_in_one_script_says_little_of_another() -> None:
    rates = TokenRates().learnt([ENGLISH], round(len(ENGLISH) / 4.4), 100, 8192)
    assert rates.wide == TokenRates().wide
    assert rates.latin < TokenRates().latin


@pytest.mark.parametrize("counted", [1, 20, 4096 - 10, 10**6])
def test_a_count_of_part_of_the_prompt_or_beyond_belief_changes_nothing(counted: int) -> None:
    before = TokenRates()
    assert before.learnt([ENGLISH * 5], counted, 100, 4096) == before


def test_a_model_that_writes_long_is_left_more_room() -> None:
    rates = TokenRates().learnt([ENGLISH], 700, 4000, 16_384)
    assert Window(32_768, rates).answer >= 4000
    assert Window(4096, rates).answer == 4096 // 3


def test_what_was_learnt_survives_storing_and_nonsense_does_not() -> None:
    rates = TokenRates(0.25, 0.5, 1.2, 2000)
    stored = {"latin": 0.25, "letters": 0.5, "wide": 1.2, "answer": 2000}
    assert rates_from(stored) == rates
    for odd in (None, 3, {}, stored | {"latin": "x"}, stored | {"wide": -1.0}, stored | {"answer": None}):
        assert rates_from(odd) == TokenRates()


def test_memory_bounds_the_context_of_this_computer_only() -> None:
    rates = TokenRates()
    assert window(131_072, rates, free_bytes=8 * GB, context_bytes=147_456).tokens == 14_336
    assert window(131_072, rates, free_bytes=GB // 4, context_bytes=147_456).tokens == LEAST_CONTEXT
    assert window(131_072, rates, free_bytes=None, context_bytes=147_456).tokens == MOST_CONTEXT_ELSEWHERE
    assert window(2048, rates, free_bytes=64 * GB, context_bytes=None).tokens == 2048


def test_the_context_holds_prompt_and_answer_and_stays_as_it_was_loaded() -> None:
    room = Window(32_768)
    size = room.context_for([ENGLISH])
    assert size % 2048 == 0
    assert size >= room.rates.of_turns([ENGLISH]) + room.answer
    assert room.context_for(["short"], at_least=8192) == 8192
    assert Window(4096).context_for([ENGLISH], at_least=8192) == 4096


def test_whole_things_or_none() -> None:
    assert first_that_fit([3, 4, 9, 1], 10, int) == [3, 4]
    assert all_that_fit([3, 4, 9, 1], 10, int) == [3, 4, 1]


def test_what_did_not_fit_is_said_in_words() -> None:
    counts = {"passage": (2, 6), "earlier message": (1, 1)}
    assert left_out_words(counts, ["a.pdf"], 8192) == (
        "Left out, as the model reads 8,192 tokens at once here: 2 of 6 passages, 1 of 1 earlier message "
        "and “a.pdf” as a whole."
    )
    assert left_out_words({"passage": (0, 6)}, [], 8192) == ""
