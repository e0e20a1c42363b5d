"""Phrases in quotation marks, and documents called by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.asked_for import asks_for_breadth, named_share, phrases_held, quoted_phrases


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ('who said "a rose is a rose"?', ("a rose is a rose",)),
        ("„schöne Aussicht“ und «belle vue»", ("schöne Aussicht", "belle vue")),
        ("“one” and “one”", ("one",)),
        ('a 19" screen', ()),
        ('"" and " ?! "', ()),
        ("what doesn't hold", ()),
    ],
)
def test_only_what_stands_in_a_pair_of_marks_is_a_phrase(question: str, phrases: tuple[str, ...]) -> None:
    assert quoted_phrases(question) == phrases


def test_phrase_is_held_across_lines_case_and_hyphenation() -> None:
    assert phrases_held(("force majeure clause",), "a Force\n majeure cl-\nause applies") == 1
    assert phrases_held(("force majeure",), "the force of a majeure") == 0


@pytest.mark.parametrize(
    ("question", "stem"),
    [
        ("What does Budget-2024.xlsx say on travel?", "budget-2024"),
        ("Foot Locker's 8K of 2022", "FOOTLOCKER_2022_8K"),
    ],
)
def test_file_is_named_in_full(question: str, stem: str) -> None:
    assert named_share(question, stem) == 1.0


def test_numbers_and_letters_alone_name_no_file() -> None:
    assert named_share("5 of 100 patients in v 2", "5") == 0
    assert named_share("5 of 100 patients in v 2", "v2") == 0


@given(st.text(max_size=40), st.text(max_size=20))
def test_named_share_is_a_share(question: str, stem: str) -> None:
    assert 0 <= named_share(question, stem) <= 1


@pytest.mark.parametrize(
    ("question", "broad"),
    [
        ("Compare the notice periods", True),
        ("Which contracts mention indemnity?", True),
        ("Worin unterscheiden sich die Mietverträge?", True),
        ("Quels documents parlent de la garantie ?", True),
        ("What is the notice period?", False),
        ("Who signed the lease?", False),
    ],
)
def test_a_question_for_several_documents_is_told_from_one_for_a_fact(question: str, broad: bool) -> None:
    assert asks_for_breadth(question) is broad
