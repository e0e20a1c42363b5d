"""Rules of cutting that need no tokenizer."""

from helpers.documents import paged, unpaged
from readingroom.core.chunking import (
    LONGEST_PARAGRAPH,
    Boundary,
    HeadingIndex,
    blocks,
    chunker_name,
    locations,
    trimmed,
)
from readingroom.core.extraction import Heading
from readingroom.core.models import PageSpan


def test_trimming_keeps_offsets_exact() -> None:
    assert trimmed("ab  cd \n ef", 2, 9) == (4, 6)
    assert trimmed("a   b", 1, 4) == (4, 4)


def test_paragraphs_end_at_blank_lines_pages_and_headings() -> None:
    first, second = "Intro.\n \nMore.\n## Part\nBody", "Next page"
    document = paged(first, second, headings=(Heading(2, "Part", first.index("Part")),))
    text = document.text
    found = [(text[piece.start : piece.end], piece.before) for piece in blocks(document, text)]
    assert found == [
        ("Intro.", Boundary.SECTION),
        ("More.", Boundary.PARAGRAPH),
        ("## Part\nBody", Boundary.SECTION),
        ("Next page", Boundary.PAGE),
    ]


def test_an_empty_page_between_passes_its_boundary_on() -> None:
    document = paged("one", "  ", "two")
    assert [piece.before for piece in blocks(document, document.text)] == [Boundary.SECTION, Boundary.PAGE]


def test_a_paragraph_of_unheard_of_length_is_sliced_at_sentences() -> None:
    document = unpaged("A sentence of six words stands. " * 5_000)
    text = document.text
    slices = [text[piece.start : piece.end] for piece in blocks(document, text)]
    assert " ".join(slices) == text.strip()
    assert max(map(len, slices)) <= LONGEST_PARAGRAPH
    assert all(part.endswith("stands.") for part in slices)
    assert sum(map(len, blocks_of("x" * 100_000))) == 100_000


def blocks_of(text: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in blocks(unpaged(text), text)]


def test_locations_name_each_page_a_span_touches() -> None:
    document = paged("abcde", "", "fghij")
    assert locations(3, 7, document.pages) == (PageSpan(1, 3, 5), PageSpan(3, 5, 7))
    assert locations(5, 6, document.pages) == (PageSpan(3, 5, 6),)
    assert locations(0, 2, unpaged("abc").pages) == (PageSpan(None, 0, 2),)
    assert locations(2, 2, document.pages) == ()


def test_heading_paths_follow_the_levels() -> None:
    index = HeadingIndex(
        [Heading(1, "A", 10), Heading(3, "Deep", 20), Heading(2, "B", 30), Heading(1, "C", 40)]
    )
    assert index.path_at(5) == ()
    assert index.path_at(25) == ("A", "Deep")
    assert index.path_at(35) == ("A", "B")
    assert index.path_at(99) == ("C",)


def test_the_name_tells_the_window() -> None:
    assert chunker_name(256) == "local3-254"
