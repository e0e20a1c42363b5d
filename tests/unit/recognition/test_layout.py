"""Lines found on a page come in the order in which a person reads them."""

import math
from itertools import chain

import pytest

from readingroom.recognition.layout import in_reading_order
from readingroom.recognition.seen import SeenLine, SeenWord

HEIGHT = 20.0
STEP = 30.0
WIDTH = 10.0
"""Of a character."""


def line(text: str, x: float, y: float, *, height: float = HEIGHT, confidence: float = 0.99) -> SeenLine:
    """A line of words that begins at x, its middle at y."""
    words = []
    at = x
    for word in text.split(" "):
        end = at + len(word) * WIDTH
        top, bottom = y - height / 2, y + height / 2
        words.append(SeenWord(word, ((at, top), (end, top), (end, bottom), (at, bottom))))
        at = end + WIDTH
    return SeenLine(tuple(words), confidence)


def turned(one: SeenLine, degrees: float) -> SeenLine:
    """The line on a page that lies askew."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return SeenLine(
        tuple(
            SeenWord(w.text, tuple((x * cos - y * sin, x * sin + y * cos) for x, y in w.corners))
            for w in one.words
        ),
        one.confidence,
    )


def column(name: str, x: float, y: float, count: int) -> list[SeenLine]:
    return [line(f"{name}{n} lies in the column", x, y + n * STEP) for n in range(count)]


def first_words(paragraphs: tuple[tuple[SeenLine, ...], ...]) -> list[str]:
    return [one.words[0].text for one in chain.from_iterable(paragraphs)]


@pytest.mark.parametrize("shift", [0.0, 11.0])
def test_columns_are_read_one_after_the_other_below_their_title(shift: float) -> None:
    """Whether the lines of both stand on one height or not."""
    lines = [line("Title that runs across both of the columns here", 100, 50)]
    lines += column("l", 0, 100, 6) + column("r", 320, 100 + shift, 5)
    lines += [line("17", 280, 400)]
    expected = ["Title", *(f"l{n}" for n in range(6)), *(f"r{n}" for n in range(5)), "17"]
    assert first_words(in_reading_order(lines, 0.0)) == expected
    assert first_words(in_reading_order(lines[::-1], 0.0)) == expected


def test_columns_that_were_found_as_one_line_are_parted() -> None:
    lines = column("l", 0, 100, 5) + column("r", 320, 100, 5)
    bridging = SeenLine(lines[2].words + lines[7].words, 0.99)
    joined = [one for one in lines if one not in (lines[2], lines[7])] + [bridging]
    expected = [*(f"l{n}" for n in range(5)), *(f"r{n}" for n in range(5))]
    assert first_words(in_reading_order(joined, 0.0)) == expected


def test_blocks_of_columns_that_follow_each_other_are_each_read_to_their_end() -> None:
    lines = column("a", 0, 100, 4) + column("b", 320, 100, 4)
    lines += [line("between", 0, 260)]
    lines += [line("One line that runs across both of the columns here", 0, 310)]
    lines += column("c", 0, 340, 4) + column("d", 320, 340, 4)
    words = first_words(in_reading_order(lines, 0.0))
    assert sorted(words) == sorted(one.words[0].text for one in lines)
    assert words.index("One") < words.index("c0") < words.index("c3") < words.index("d0")
    assert words.index("a3") < words.index("b0") < words.index("One")


def test_a_table_is_read_row_by_row() -> None:
    rows = [
        ("Rent", "900", "due"),
        ("Water", "40", "paid"),
        ("Heating", "120", "due"),
        ("Garage", "60", "paid"),
    ]
    lines = [
        line(cell, x, 100 + n * STEP)
        for n, row in enumerate(rows)
        for cell, x in zip(row, (0, 300, 500), strict=True)
    ]
    paragraphs = in_reading_order(lines, 0.0)
    assert [one.text for one in chain.from_iterable(paragraphs)] == [" ".join(row) for row in rows]


def test_lists_keep_their_marks_and_lose_bullets_that_were_misread() -> None:
    lines = [
        line("1.", 0, 100), line("The tenant pays the rent", 40, 100),
        line("on the first of the month", 40, 130),
        line("2.", 0, 160), line("The landlord pays the rest", 40, 160),
        line("0", 0, 190, confidence=0.6), line("Nobody else pays anything", 40, 190),
    ]  # fmt: skip
    texts = [[one.text for one in paragraph] for paragraph in in_reading_order(lines, 0.0)]
    assert texts == [
        ["1. The tenant pays the rent", "on the first of the month"],
        ["2. The landlord pays the rest"],
        ["Nobody else pays anything"],
    ]


def test_paragraphs_are_parted_by_distance_by_an_indent_and_by_the_size_of_letters() -> None:
    lines = [
        line("Heading", 0, 50, height=40),
        line("one of the lines", 0, 100), line("two of the lines", 0, 130), line("three of them", 0, 160),
        line("four is far below", 0, 220), line("five of the lines", 0, 250),
        line("six is indented", 40, 280), line("seven of the lines", 0, 310),
    ]  # fmt: skip
    paragraphs = in_reading_order(lines, 0.0)
    assert [[one.words[0].text for one in paragraph] for paragraph in paragraphs] == [
        ["Heading"], ["one", "two", "three"], ["four", "five"], ["six", "seven"],
    ]  # fmt: skip


@pytest.mark.parametrize("degrees", [-7.0, 3.0, 90.0, 180.0, 271.5])
def test_the_order_is_that_of_the_page_turned_upright(degrees: float) -> None:
    lines = [line("Title that runs across both of the columns here", 100, 50)]
    lines += column("l", 0, 100, 5) + column("r", 320, 107, 5)
    askew = [turned(one, degrees) for one in lines]
    expected = ["Title", *(f"l{n}" for n in range(5)), *(f"r{n}" for n in range(5))]
    assert first_words(in_reading_order(askew[::-1], math.radians(degrees))) == expected


def test_a_note_in_the_margin_that_runs_down_comes_last() -> None:
    margin = turned(line("received in March", 0, 0), 90)
    assert first_words(in_reading_order([margin, line("Text of the page", 100, 50)], 0.0)) == [
        "Text",
        "received",
    ]


def test_nothing_gives_nothing() -> None:
    assert in_reading_order([], 0.0) == ()
