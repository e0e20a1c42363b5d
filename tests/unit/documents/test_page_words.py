"""A page's text and the places of its characters agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.extraction import PlacedWord
from readingroom.documents.page_words import PageText, TextLine, clean, lay_out, locate_title, marks


def line(text: str, *, y: float = 0, block: int = 0, placed: bool = True, reverse: bool = False) -> TextLine:
    """Characters ten points wide and high, from the left or from the right."""
    boxes = [(10.0 * n, y, 10.0 * n + 10, y + 10) for n in range(len(text))]
    if reverse:
        boxes.reverse()
    return TextLine(block, (0, y, 10.0 * len(text), y + 10), text, tuple(boxes) if placed else ())


def test_words_lines_and_blocks_are_joined() -> None:
    page = lay_out([line("one  two "), line("three", y=20), line("four", y=50, block=1)])
    assert page.text == "one two\nthree\n\nfour\n"


def test_page_without_words_has_no_text() -> None:
    assert lay_out([line("  ")]).text == ""


def test_line_drawn_twice_is_read_once() -> None:
    assert lay_out([line("Bold title"), line("Bold title", y=0.5)]).text == "Bold title\n"


def test_same_words_elsewhere_are_kept() -> None:
    assert lay_out([line("Total"), line("Total", y=30)]).text == "Total\nTotal\n"


def test_soft_hyphen_joins_a_word_over_two_lines() -> None:
    page = lay_out([line("an infor\u00ad"), line("mation desk", y=20)])
    assert page.text == "an information desk\n"
    start = page.text.index("information")
    assert page.marks(start, start + 11) == [(30, 0, 80, 10), (0, 20, 60, 30)]


def test_ligatures_and_presentation_forms_become_letters() -> None:
    page = lay_out([line("ﬁne ﻻ")])
    assert page.text == "fine لا\n"
    assert page.marks(1, 2) == [(0, 0, 10, 10)], "both letters stand where the ligature is"
    assert page.marks(2, 4) == [(10, 0, 30, 10)]


def test_bullets_of_symbol_fonts_become_bullets() -> None:
    assert clean("\uf0b7\tFirst") == "• First"


def test_what_no_text_may_hold_is_dropped_or_marked_unknown() -> None:
    assert lay_out([line("a\u202eb\ufeffc\x00d")]).text == "abc d\n"
    assert lay_out([line("half \ud800 pair")]).text == "half \ufffd pair\n"


def test_part_of_a_word_is_marked_where_its_letters_are() -> None:
    assert lay_out([line("무배당보험")]).marks(1, 3) == [(10, 0, 30, 10)]


def test_part_of_a_right_to_left_word_is_marked_from_the_right() -> None:
    assert lay_out([line("שלום", reverse=True)]).marks(0, 1) == [(30, 0, 40, 10)]


def test_marks_join_the_words_of_a_line() -> None:
    assert lay_out([line("one two three")]).marks(0, 7) == [(0, 0, 70, 10)]


def test_words_of_recognised_text_are_marked_by_their_lines() -> None:
    words = [PlacedWord(0, 3, (0, 0, 30, 10), 0), PlacedWord(4, 7, (40, 0, 70, 12), 0)]
    words.append(PlacedWord(8, 9, (0, 20, 10, 30), 1))
    assert marks(words, 2, 9) == [(0, 0, 70, 12), (0, 20, 10, 30)]
    assert marks(words, 3, 4) == []


def test_text_that_follows_keeps_its_places() -> None:
    page = lay_out([line("one")]).followed_by("\n[", lay_out([line("two", y=40)]), "]\n")
    assert page.text == "one\n\n[two\n]\n"
    start = page.text.index("two")
    assert page.marks(start, start + 3) == [(0, 40, 30, 50)]
    assert page.marks(0, start + 3) == [(0, 0, 30, 10), (0, 40, 30, 50)]


LINES = st.text(
    st.characters(categories=["L", "N", "P", "M", "Zs"]) | st.sampled_from("ﬁﻻ\u00ad\u202e\x01\uf020"),
    max_size=12,
)


@given(st.lists(LINES, max_size=8))
def test_text_is_the_same_whether_or_not_places_are_wanted(lines: list[str]) -> None:
    placed = lay_out([line(text, y=20.0 * n, block=n // 3) for n, text in enumerate(lines)])
    plain = lay_out([line(text, y=20.0 * n, block=n // 3, placed=False) for n, text in enumerate(lines)])
    assert placed.text == plain.text
    assert plain.places == ()


@given(st.lists(LINES, min_size=1, max_size=8), st.data())
def test_every_character_has_the_place_of_the_one_it_came_from(lines: list[str], data: st.DataObject) -> None:
    page = lay_out([line(text, y=20.0 * n, block=n // 3) for n, text in enumerate(lines)])
    covered: set[int] = set()
    for place in page.places:
        raw = lines[int(place.box[1] / 20)][int(place.box[0] / 10)]
        assert page.text[place.start : place.end] in clean(raw) or raw == "\uf020"
        covered.update(range(place.start, place.end))
    assert {n for n, character in enumerate(page.text) if not character.isspace()} <= covered
    start = data.draw(st.integers(0, len(page.text)))
    end = data.draw(st.integers(start, len(page.text)))
    touched = [place for place in page.places if place.start < end and start < place.end]
    for place in touched:
        assert any(
            m[0] <= place.box[0] and m[1] <= place.box[1] and place.box[2] <= m[2] and place.box[3] <= m[3]
            for m in page.marks(start, end)
        )


def test_empty_page_marks_nothing() -> None:
    assert PageText("").marks(0, 5) == []


@pytest.mark.parametrize(
    ("title", "start"),
    [("Scope and Aims", 12), ("2 Scope and aims", 12), ("Missing", None), ("", None), ("a.*b(", None)],
)
def test_title_of_the_outline_is_found_in_the_text(title: str, start: int | None) -> None:
    assert locate_title(title, "The report.\nScope and\nAims of it\n", 0) == start


def test_title_at_a_line_start_is_preferred() -> None:
    text = "See Methods below.\nMethods\n"
    assert locate_title("Methods", text, 0) == text.rindex("Methods")


def test_title_is_looked_for_from_where_the_last_one_stood() -> None:
    assert locate_title("Notes", "Notes\nNotes\n", 1) == 6
