"""Titles of threads, made without a model."""

import pytest

from readingroom.core.thread_titles import MOST_CHARS, key_phrase, title_of


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is the notice period for part-timers?", "Notice period for part-timers"),
        ("Could you please tell me about the indemnity clause?", "Indemnity clause"),
        ("According to my documents, who is the landlord of Mill Lane 4?", "Landlord of Mill Lane 4"),
        ("When does unused leave carry over?", "When does unused leave carry over?"),
        ("Was ist die Kündigungsfrist im Mietvertrag?", "Kündigungsfrist im Mietvertrag"),
        ("I found two versions of the lease. Which is the valid one?", "Valid one"),
        ("有給休暇は翌年に繰り越せますか？", "有給休暇は翌年に繰り越せますか？"),
        ("What did the president say about the right to choose?", "Right to choose"),
        ("What does the tenant pay?", "What does the tenant pay?"),
        ("What sources does it name?", "Sources does it name"),
        ("Why?", "Why?"),
        ("???", "???"),
    ],
)
def test_a_title_is_what_the_question_is_about(question: str, title: str) -> None:
    assert title_of(question) == title


def test_a_question_that_only_points_is_named_by_its_answer() -> None:
    answer = (
        "The **annual leave policy** covers all staff [1]. The annual leave policy lapses on 31 March [2]."
    )
    assert title_of("Summarise this", answer) == "Summarise this: annual leave policy"


def test_a_long_question_is_cut_between_words() -> None:
    title = title_of(
        "What are the obligations of the tenant with regard to repairs of windows, doors and heating?"
    )
    assert len(title) <= MOST_CHARS
    assert title == "Obligations of the tenant with regard to repairs of…"


def test_a_text_of_idle_words_has_no_key_phrase() -> None:
    assert key_phrase("It is what it is.") == ""
