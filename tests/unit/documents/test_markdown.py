"""Markdown stays as it is; its headings are found where they stand."""

import pytest

from readingroom.documents.markdown import find_headings, read_markdown


def found(text: str) -> list[tuple[int, str, str]]:
    """Level, title and the line at each heading's offset."""
    return [(h.level, h.title, text[h.start :].split("\n", 1)[0]) for h in find_headings(text)]


def test_both_kinds_of_headings_are_found_at_their_line() -> None:
    text = "Intro\n\n# One\ntext\n\nTwo words\n=========\n\n### Three ###\n\nFour\n---\n"
    assert found(text) == [
        (1, "One", "# One"),
        (1, "Two words", "Two words"),
        (3, "Three", "### Three ###"),
        (2, "Four", "Four"),
    ]


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_comments_in_code_are_no_headings(fence: str) -> None:
    assert found(f"{fence}sh\n# not a heading\n{fence}\n\n    # nor this\n\n# Yes\n") == [(1, "Yes", "# Yes")]


def test_front_matter_is_readable_names_the_document_and_is_no_heading() -> None:
    document = read_markdown(b'---\ntitle: "Notes: one"\ntags: [a]\n# remark\n---\n\n# Real\n')
    assert document.title == "Notes: one"
    assert document.text == '\ntitle: "Notes: one"\ntags: [a]\n# remark\n\n\n# Real\n'
    assert [(h.title, document.text[h.start :]) for h in document.headings] == [("Real", "# Real\n")]


def test_front_matter_of_other_tools() -> None:
    document = read_markdown(b"+++\ntitle = 'Notes'\n+++\n\n# Real\n")
    assert (document.title, document.text) == ("Notes", "\ntitle = 'Notes'\n\n\n# Real\n")


def test_lines_keep_their_numbers_below_front_matter() -> None:
    source = "---\ntitle: Notes\n---\nwords\n"
    lines = read_markdown(source.encode()).text.split("\n")
    assert lines.index("words") == source.split("\n").index("words")


@pytest.mark.parametrize(
    "text", ["---\n\nwords\n\n---\n\n# Real\n", "---\n---\n# Real\n", "---\ntitle: no end\n"]
)
def test_rules_are_no_front_matter(text: str) -> None:
    assert read_markdown(text.encode()).text == text


def test_inline_markup_is_not_part_of_the_title() -> None:
    assert found("# A *very* `short` [link](http://x) &amp; more\n")[0][1] == "A very short link & more"


def test_headings_in_quotations_are_left_out() -> None:
    assert found("> # Quoted\n\n# Own\n") == [(1, "Own", "# Own")]


def test_source_is_kept_with_its_newlines_normalised() -> None:
    document = read_markdown(b"# Title\r\n\r\n* item  \r\n<b>x</b>\r\n")
    assert document.text == "# Title\n\n* item  \n<b>x</b>\n"
    assert document.title == "Title"
