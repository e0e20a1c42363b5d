"""The marks of an answer, in whatever style a model writes them."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.markers import MarkerWriter, find_markers, normalised

STYLES = [
    ("[1]", "[1]"),
    ("[1,2]", "[1][2]"),
    ("[1; 3]", "[1][3]"),
    ("[1 and 2]", "[1][2]"),
    ("[1-3]", "[1][2][3]"),
    ("[1–3]", "[1][2][3]"),
    ("[1][2]", "[1][2]"),
    ("[[1], [2]]", "[1][2]"),
    ("([1], [2])", "[1][2]"),
    ("(source 1)", "[1]"),
    ("(Source: 2)", "[2]"),
    ("(see sources 1 and 3)", "[1][3]"),
    ("(Quelle 2)", "[2]"),
    ("（来源1）", "[1]"),
    ("【1】", "[1]"),
    ("【1†source】", "[1]"),
    ("【3:0†handbook.pdf】", "[3]"),
    ("[^1]", "[1]"),
    ("^[1]", "[1]"),
    (r"\[1\]", "[1]"),
    ("[#2]", "[2]"),
    ("[**2**]", "[2]"),
    ("[Passage 2]", "[2]"),
    ("[passage_2]", "[2]"),
    ("[1, Passage 3]", "[1][3]"),
    ("[Source: 1, Source: 2]", "[1][2]"),
    ("[doc 3]", "[3]"),
    ("[2, p. 14]", "[2]"),
    ("[Source 2: handbook.pdf, page 3]", "[2]"),
    ("［１］", "[1]"),
    ("[１]", "[1]"),
    ("<sup>[1]</sup>", "[1]"),
]


@pytest.mark.parametrize(("written", "wanted"), STYLES)
def test_every_style_becomes_plain_numbers(written: str, wanted: str) -> None:
    assert (
        normalised(f"Unused days carry over {written}. More.", 3) == f"Unused days carry over {wanted}. More."
    )


@pytest.mark.parametrize(
    ("written", "wanted"), [("days¹ lapse", "days[1] lapse"), ("lapse.² Then", "lapse.[2] Then")]
)
def test_a_raised_number_after_a_word_or_a_sentence_is_a_marker(written: str, wanted: str) -> None:
    assert normalised(written, 2) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "in [2019] and [1999-2001]",
        "the interval [0, 1] and ages [1-100]",
        "an area of 12 m², 10³ of them, x² and sin² x, 3 metres²",
        "(1) first, (2) second",
        "- [ ] open\n- [x] done",
        "`a[1]` and ``b[9]``",
        "```\na[9] = b[1]\n```\n",
        "~~~\na[9]\n~~~",
        "[the text (source 1)](http://host/a[9]) and ![1](http://host/p.png) and [1](http://host)",
        "<http://host/[9]>",
        "a [note], an unclosed [1 and (source 1",
        "(document of 12 pages) (see below)",
    ],
)
def test_what_only_looks_like_a_marker_is_left_as_it_is(text: str) -> None:
    assert normalised(text, 2) == text


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("Days lapse [9].", "Days lapse."),
        ("Days lapse [9] in March (source 12).", "Days lapse in March."),
        ("Days lapse [1, 9].", "Days lapse [1]."),
        ("Days lapse [1][9].", "Days lapse [1]."),
    ],
)
def test_numbers_with_which_no_passage_came_are_dropped(written: str, wanted: str) -> None:
    assert normalised(written, 2) == wanted


def test_markers_in_code_are_no_citations() -> None:
    assert [marker.numbers for marker in find_markers("`a[1]` and\n```\nb[2]\n```\nbut [3]")] == [(3,)]


def written(pieces: Iterable[str], count: int = 3) -> list[str]:
    writer = MarkerWriter(count)
    return [*map(writer.take, pieces), writer.rest()]


def test_what_can_be_no_marker_is_not_held_back() -> None:
    assert written(["Ten days (", "as agreed", " upon"]) == ["Ten days", " (as agreed", " upon", ""]


def test_a_long_block_of_code_comes_line_by_line() -> None:
    assert written(["```\na = 1\n", "b = 2\n", "c"]) == ["```\na = 1\n", "b = 2\n", "", "c"]


def test_what_is_held_back_comes_out_when_the_model_dies() -> None:
    assert written(["They lapse (source 1"]) == ["They lapse", " (source 1"]


FRAGMENTS = st.sampled_from(
    [written for written, _ in STYLES]
    + list("[]()`~<>^\\¹²,-. \n#*:†12") + ["word", "source ", "see ", "```", "~~~", "\n```\n", "](", "<sup>", "</sup>", "http://a"]
)  # fmt: skip
TEXTS = st.lists(FRAGMENTS, max_size=14).map("".join)


@given(TEXTS, st.lists(st.integers(1, 7), min_size=1, max_size=6))
def test_in_whatever_pieces_an_answer_comes_the_result_is_that_of_the_whole(
    text: str, steps: list[int]
) -> None:
    pieces, at, turn = [], 0, 0
    while at < len(text):
        pieces.append(text[at : at + steps[turn % len(steps)]])
        at += len(pieces[-1])
        turn += 1
    assert "".join(written(pieces)) == normalised(text, 3)


@given(
    st.lists(
        st.sampled_from([written for written, _ in STYLES] + ["word. ", " and ", ", ", "Ten days "]),
        max_size=12,
    )
)
def test_an_answer_that_was_brought_to_the_form_once_stays_so(parts: list[str]) -> None:
    once = normalised(" ".join(parts), 3)
    assert normalised(once, 3) == once
    assert all(len(marker.numbers) == 1 for marker in find_markers(once))
