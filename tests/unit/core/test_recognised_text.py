"""Recognised text takes the place of pictures, and everything else moves along."""

from helpers.scans import PICTURE, scanned, seen_text
from readingroom.core.extraction import Heading, Page, PlacedWord, Table
from readingroom.core.recognised_text import combined, recognition_notes, with_recognised
from readingroom.core.recognition import RecognisedPage


def test_pages_headings_and_tables_after_a_picture_move_by_the_length_of_its_text() -> None:
    document = scanned(["First page.\n", PICTURE, "Name | Age\nAnna | 7\n"])
    start = document.pages[2].start
    table = Table(start, start + 19, "Name | Age", ((start + 11, 2),))
    heading = Heading(1, "Anna", start + 11, 3)
    document = type(document)("pdf", document.pages, (heading,), title="T", notes=("Note.",), tables=(table,))
    merged = with_recognised(document, {2: ("", seen_text("Seen here.\n"))})
    assert merged.text == "First page.\nSeen here.\nName | Age\nAnna | 7\n"
    assert [page.start for page in merged.pages] == [0, 12, 23]
    assert (merged.pages[1].words[1].start, merged.pages[1].pictured) == (5, False)
    assert merged.text[merged.headings[0].start :].startswith("Anna")
    assert merged.text[merged.tables[0].start : merged.tables[0].end] == "Name | Age\nAnna | 7"
    assert merged.tables[0].rows == ((34, 2),)
    assert (merged.title, merged.notes) == ("T", ("Note.",))


def test_headings_of_an_outline_find_their_words_once_the_pages_have_text() -> None:
    """Pages without text all begin at one offset; the heading's own page number tells them apart."""
    document = scanned([f"# Rent\n{PICTURE}", f"# Notice\n{PICTURE}", f"# Lost\n{PICTURE}"])
    fresh = {
        1: ("", seen_text("Contents: rent, notice\n")),
        2: ("", seen_text("1\nNOTICE of termination\n")),
        3: ("", seen_text("Something else\n")),
    }
    merged = with_recognised(document, fresh)
    places = [merged.text[heading.start :].split("\n")[0] for heading in merged.headings]
    assert places == ["rent, notice", "NOTICE of termination", "Something else"]


def test_a_page_recognised_a_second_time_keeps_what_stands_on_the_others() -> None:
    document = scanned([PICTURE, PICTURE, "End.\n"])
    once = with_recognised(document, {1: ("", seen_text("One.\n")), 2: ("", seen_text("Two.\n"))})
    again = with_recognised(once, {1: ("", seen_text("First of all.\n"))})
    assert again.text == "First of all.\nTwo.\nEnd.\n"
    assert [page.start for page in again.pages] == [0, 14, 19]
    assert again.pages[1].words == once.pages[1].words


def test_a_picture_with_nothing_to_read_stays_one() -> None:
    merged = with_recognised(scanned([f"{PICTURE}Stamp\n"]), {1: ("Stamp\n", RecognisedPage(""))})
    assert merged.pages == (Page(1, 0, "Stamp\n", pictured=True),)


def test_lines_of_the_pages_own_that_the_picture_does_not_show_are_kept() -> None:
    own = "CONFIDENTIAL\nComment by Anna: too late\n"
    text, words = combined(own, seen_text("Confidential\nThe rent is due.\n"))
    assert text == "Confidential\nThe rent is due.\n\nComment by Anna: too late\n"
    assert words[0] == PlacedWord(0, 12, (0.0, 0.0, 9.0, 8.0), 0)


def test_a_table_on_a_page_that_was_replaced_is_forgotten() -> None:
    document = scanned([f"{PICTURE}a | b\n"])
    document = type(document)("pdf", document.pages, tables=(Table(0, 5),))
    assert with_recognised(document, {1: ("a | b\n", seen_text("Other.\n"))}).tables == ()


def test_notes_say_what_was_recognised_and_what_was_not() -> None:
    read, blank = seen_text("Words."), RecognisedPage("", engine="built-in")
    unknown = RecognisedPage("", engine="built-in", unread_share=0.9)
    failed = RecognisedPage("", failure="It took longer than 60 seconds.")
    assert recognition_notes({1: read}) == ("The text of 1 page was recognised from a picture.",)
    assert recognition_notes({1: read, 2: read, 3: blank, 4: unknown, 5: failed}) == (
        "The text of 2 pages was recognised from pictures.",
        "On page 4 there is writing that could not be read; Tesseract, once it is installed with the page's "  # noqa: ISC004
        "language, may read it.",
        "On page 3 no text was recognised.",
        "Page 5 could not be recognised: It took longer than 60 seconds.",
    )
    assert (
        recognition_notes(dict.fromkeys(range(1, 6), failed))[-1] == "2 more pages could not be recognised."
    )
    assert recognition_notes({}) == ()
