"""A page's text and the places of its words agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readingroom.documents.page_words import WordBox, lay_out, locate_title


def line(words: str, *, y: float = 0, block: int = 0, number: int = 0) -> list[WordBox]:
    boxes: list[WordBox] = []
    x = 0.0
    for index, word in enumerate(words.split(" ")):
        boxes.append((x, y, x + 10 * len(word), y + 10, word, block, number, index))
        x += 10 * len(word) + 10
    return boxes


def test_words_lines_and_blocks_are_joined() -> None:
    page = lay_out([*line("one two"), *line("three", y=20, number=1), *line("four", y=50, block=1)])
    assert page.text == "one two\nthree\n\nfour\n"


def test_page_without_words_has_no_text() -> None:
    assert lay_out([]).text == ""


def test_line_drawn_twice_is_read_once() -> None:
    assert lay_out([*line("Bold title"), *line("Bold title", y=0.5, number=1)]).text == "Bold title\n"


def test_same_words_elsewhere_are_kept() -> None:
    assert lay_out([*line("Total"), *line("Total", y=30, number=1)]).text == "Total\nTotal\n"


def test_soft_hyphen_joins_a_word_over_two_lines() -> None:
    page = lay_out([*line("an infor\u00ad"), *line("mation desk", y=20, number=1)])
    assert page.text == "an information desk\n"
    start = page.text.index("information")
    assert page.marks(start, start + 11) == [(30, 0, 90, 10), (0, 20, 60, 30)]


def test_ligatures_and_presentation_forms_become_letters() -> None:
    assert lay_out(line("ﬁne ﻻ")).text == "fine لا\n"


def test_what_no_text_may_hold_is_dropped() -> None:
    assert lay_out(line("a\x00b\ud800c")).text == "abc\n"


def test_part_of_a_word_is_marked_by_its_share() -> None:
    assert lay_out(line("무배당보험")).marks(1, 3) == [(10, 0, 30, 10)]


def test_part_of_a_right_to_left_word_is_marked_from_the_right() -> None:
    assert lay_out(line("שלום")).marks(0, 1) == [(30, 0, 40, 10)]


def test_marks_join_the_words_of_a_line() -> None:
    assert lay_out(line("one two three")).marks(0, 7) == [(0, 0, 70, 10)]


WORDS = st.text(st.characters(categories=["L", "N", "Lo"]), min_size=1, max_size=8)
PAGES = st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=1, max_size=8)


@given(PAGES, st.data())
def test_marks_lie_on_the_page_and_cover_the_words_of_the_span(
    lines: list[list[str]], data: st.DataObject
) -> None:
    boxes = [
        box
        for n, words in enumerate(lines)
        for box in line(" ".join(words), y=20.0 * n, block=n // 3, number=n % 3)
    ]
    page = lay_out(boxes)
    start = data.draw(st.integers(0, len(page.text)))
    end = data.draw(st.integers(start, len(page.text)))
    marks = page.marks(start, end)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    for x0, y0, x1, y1 in marks:
        assert 0 <= x0 <= x1 <= right
        assert 0 <= y0 <= y1 <= bottom
    for word in page.words:
        if start <= word.start and word.end <= end:
            x0, y0, x1, y1 = word.box
            assert any(m[0] <= x0 and m[1] <= y0 and x1 <= m[2] and y1 <= m[3] for m in marks)


@pytest.mark.parametrize(
    ("title", "start"),
    [("Scope and Aims", 12), ("2 Scope and aims", 12), ("Missing", None), ("", None), ("a.*b(", None)],
)
def test_title_of_the_outline_is_found_in_the_text(title: str, start: int | None) -> None:
    assert locate_title(title, "The report.\nScope and\nAims of it\n", 0) == start


def test_title_at_a_line_start_is_preferred() -> None:
    text = "See Methods below.\nMethods\n"
    assert locate_title("Methods", text, 0) == text.rindex("Methods")
