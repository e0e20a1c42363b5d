"""An answer cut into what it claims."""

from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.claims import claims_of


def said(answer: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(claim.text, claim.numbers) for claim in claims_of(answer)]


def test_a_marker_belongs_to_its_sentence_on_whichever_side_of_the_full_stop() -> None:
    wanted = [("Ten days carry over.", (1,)), ("The rest lapses.", (2,))]
    assert said("Ten days carry over [1]. The rest lapses [2].") == wanted
    assert said("Ten days carry over. [1] The rest lapses. [2]") == wanted


def test_a_marker_before_a_line_belongs_to_what_follows() -> None:
    assert said("- [1] Ten days carry over.\n- [2] The rest lapses.") == [
        ("Ten days carry over.", (1,)),
        ("The rest lapses.", (2,)),
    ]


def test_each_part_of_a_sentence_has_the_source_that_follows_it() -> None:
    answer = "Up to **ten** days carry over [1], and they lapse by 31 March [2][3]."
    assert said(answer) == [("Up to ten days carry over", (1,)), ("and they lapse by 31 March.", (2, 3))]
    first, second = claims_of(answer)
    assert first.sentence == "Up to ten days carry over, and they lapse by 31 March."
    assert first.end <= second.start


def test_a_part_that_says_nothing_by_itself_stands_for_the_sentence() -> None:
    assert said("Both Rome [1] and Oslo [2] report losses.")[0][0] == "Both Rome and Oslo report losses."


def test_sentences_without_a_source_are_claims_too_and_headings_and_code_are_none() -> None:
    answer = "# Leave [1]\n\nTen days carry over.\n\n```\nx[1] = 2\n```\n\n| Days | Note |\n|---|---|\n| 10 | carry over [1] |"
    assert said(answer) == [("Ten days carry over.", ()), ("Days | Note", ()), ("10 | carry over", (1,))]


def test_a_title_or_an_initial_ends_no_sentence() -> None:
    assert said("Dr. A. Weber approved it [1].") == [("Dr. A. Weber approved it.", (1,))]
    assert said("Er verfällt am 31. März [1].") == [("Er verfällt am 31. März.", (1,))]
    assert said("It rose to 12. The rest fell.") == [("It rose to 12.", ()), ("The rest fell.", ())]


PARTS = ["Ten days.", " ", "\n", "[1]", "[2]", "- ", ", ", "and so on", "`x`", "```", "|", "#", "1. "]


@given(st.lists(st.sampled_from(PARTS), max_size=20))
def test_claims_follow_each_other_and_each_names_a_source_once(parts: list[str]) -> None:
    answer = "".join(parts)
    at = 0
    for claim in claims_of(answer):
        assert at <= claim.start <= claim.end <= len(answer)
        assert len(set(claim.numbers)) == len(claim.numbers)
        at = claim.start + 1
