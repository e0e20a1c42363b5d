"""A page's text, and boxes at home on the unrotated page."""

from readingroom.recognition.page_text import compose
from readingroom.recognition.seen import SeenLine, SeenPage, SeenWord


def word(text: str, x: float, y: float, *, joined: bool = False) -> SeenWord:
    return SeenWord(text, ((x, y), (x + 20, y), (x + 20, y + 10), (x, y + 10)), joined)


PAGE = SeenPage(
    (
        (SeenLine((word("One", 0, 0), word("two", 30, 0)), 0.9), SeenLine((word("three", 0, 20),), 1.0)),
        (SeenLine((word("\u4eba", 0, 60), word("\u4eba", 20, 60, joined=True)), 0.8),),
    ),
    "built-in",
    0.25,
)


def test_words_lines_and_paragraphs_are_joined_as_in_pdf_files() -> None:
    page = compose(PAGE, (1, 0, 0, 1, 0, 0))
    assert page.text == "One two\nthree\n\n\u4eba\u4eba\n"
    assert [page.text[w.start : w.end] for w in page.words] == ["One", "two", "three", "\u4eba", "\u4eba"]
    assert [w.line for w in page.words] == [0, 0, 1, 2, 2]
    assert (page.engine, page.unread_share, round(page.confidence, 2)) == ("built-in", 0.25, 0.92)


def test_boxes_are_turned_and_scaled_with_the_page() -> None:
    # The picture shows a page of 100 points' width turned by a quarter: its x runs up the page.
    page = compose(PAGE, (0, -0.5, 0.5, 0, 0, 100))
    assert page.words[0].box == (0.0, 90.0, 5.0, 100.0)
    assert page.words[2].box == (10.0, 90.0, 15.0, 100.0)


def test_an_empty_page_is_sure_of_it() -> None:
    page = compose(SeenPage((), "built-in"), (1, 0, 0, 1, 0, 0))
    assert (page.text, page.words, page.confidence) == ("", (), 1.0)
