"""Places to cut that stay where they are when the text before them changes."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from readingroom.core.seams import ends_sentence, sentence_starts, steady_cut


def prose(seed: int, lines: int) -> str:
    chance = random.Random(seed)
    return "\n".join("".join(chance.choices("abcdefgh ", k=70)) for _ in range(lines))


def test_a_cut_stays_at_its_words_when_something_is_inserted_before_it() -> None:
    moved = 0
    for seed in range(60):
        text = prose(seed, 400)
        longer = "A sentence that was not there before.\n" + text
        before = text[steady_cut(text, 10_000, 20_000) :][:100]
        moved += longer[steady_cut(longer, 10_000, 20_000) :][:100] != before
    assert moved <= 3


def test_a_blank_line_is_preferred_to_a_line_and_a_line_to_a_sentence() -> None:
    text = "One. Two.\nThree. Four.\n\nFive. Six.\nSeven."
    assert text[steady_cut(text, 0, len(text)) :].startswith("Five")
    assert text[steady_cut(text, 0, 20) :].startswith("Three")
    assert text[steady_cut(text, 10, 20) :].startswith("Four")


def test_text_without_a_seam_is_cut_at_the_end_of_the_window() -> None:
    assert steady_cut("x" * 100, 20, 40) == 40


def test_a_full_stop_within_quotation_marks_ends_a_sentence() -> None:
    assert ends_sentence("He said: “Stay.”", 16)
    assert not ends_sentence("A title alone", 13)


@settings(max_examples=200, deadline=None)
@given(text=st.text("ab. \n。，", max_size=400), most_chars=st.integers(2, 50))
def test_sentences_begin_at_the_start_and_go_forwards_within_the_limit(text: str, most_chars: int) -> None:
    starts = list(sentence_starts(text, 0, len(text), most_chars))
    assert starts == sorted(set(starts))
    assert starts[:1] == ([0] if text else [])
    assert all(b - a <= most_chars for a, b in zip(starts, [*starts[1:], len(text)], strict=False))
