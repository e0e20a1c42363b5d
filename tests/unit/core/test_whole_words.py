"""What an answer about all documents says, in one and in many."""

from collections import Counter

import pytest

from readingroom.core.whole_words import tally_words


@pytest.mark.parametrize(
    ("forms", "said"),
    [
        ({"report": 1}, "“report”, in 1 place."),
        ({"report": 3, "reports": 2}, "“report” or “reports”, in 5 places."),
        (
            {"report": 5, "reports": 4, "reporting": 3, "reported": 2, "reportable": 1},
            "“report”, “reports”, “reporting”, “reported” or “reportable”, in 15 places.",
        ),
        (
            {"report": 6, "reports": 5, "reporting": 4, "reported": 3, "reportable": 2, "reporter": 1},
            "“report”, “reports”, “reporting”, “reported” or one of 2 more forms, in 21 places.",
        ),
    ],
    ids=["one", "two", "five", "six"],
)
def test_the_forms_that_were_counted_are_named_as_far_as_there_is_room(
    forms: dict[str, int], said: str
) -> None:
    words = tally_words("report", Counter(forms), 2, 9, "")
    assert words == f"**2 of 9 documents** hold {said}"
