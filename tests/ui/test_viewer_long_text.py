"""A text in pieces is the same as in one, its lines are counted, and finding does not look at it all at once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled
from readingroom.core.extraction import Page
from readingroom.ui.panes import viewer_long_text
from readingroom.ui.panes.viewer_long_text import SLICE_CHARS, LineIndex, PagedText, slices, text_of
from readingroom.ui.panes.viewer_search import find_matches
from readingroom.ui.panes.viewer_text_form import Kind, TextForm


def pages_of(*texts: str) -> list[Page]:
    pages: list[Page] = []
    for text in texts:
        pages.append(Page(None, pages[-1].end if pages else 0, text))
    return pages


@given(st.lists(st.text(max_size=9), min_size=1, max_size=6), st.integers(-3, 60), st.integers(-3, 60))
def test_a_slice_across_pages_is_that_of_the_joined_text(texts: list[str], start: int, end: int) -> None:
    paged, whole = PagedText(pages_of(*texts)), "".join(texts)
    assert len(paged) == len(whole)
    assert paged[start:end] == whole[start:end]


def test_only_a_long_text_is_left_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    assert text_of(pages_of("one ", "two")) == "one two"
    assert text_of([]) == ""
    monkeypatch.setattr(viewer_long_text, "_JOINED_CHARS", 5)
    assert isinstance(text_of(pages_of("one ", "two")), PagedText)
    assert isinstance(text_of(pages_of("one two three")), str), "nothing is to be joined"


@given(st.lists(st.sampled_from(["\n", "a", "bc\n", "\n\n"]), max_size=20), st.integers(0, 60))
def test_lines_are_numbered_from_one(pieces: list[str], offset: int) -> None:
    text = "".join(pieces)
    index, offset = LineIndex(text), min(offset, len(text))
    assert index.line_at(offset) == text.count("\n", 0, offset) + 1
    assert index.count == max(1, len(text.splitlines()))
    line = min(index.line_at(offset), index.count)
    assert index.start_of(line) == sum(len(line) for line in text.splitlines(keepends=True)[: line - 1])


def test_lines_are_found_far_down_a_long_text() -> None:
    text = "".join(f"{n}\n" for n in range(1, 40_001))
    assert len(text) > 3 * SLICE_CHARS
    index = LineIndex(text)
    for line in (1, 2, 12_345, 39_999, 40_000):
        start = index.start_of(line)
        assert text[start : start + 6].split("\n")[0] == str(line)
        assert index.line_at(start) == line
    assert index.start_of(99_999) == index.start_of(40_000)


def test_words_are_found_where_two_slices_meet() -> None:
    filler = "x" * (SLICE_CHARS - 4)
    for shift in range(9):
        text = filler[shift:] + "leave\n is" + filler
        (found,) = find_matches(pages_of(text[:100], text[100:]), "LEAVE is")
        assert text[found.start : found.end] == "leave\n is"


def test_no_match_is_found_twice_or_overlapping_across_slices() -> None:
    text = "ab" * SLICE_CHARS
    found = find_matches(pages_of(text), "abab")
    assert [match.start for match in found[:3]] == [0, 4, 8]
    assert all(one.end <= two.start for one, two in pairwise(found))


def test_a_search_that_is_no_longer_wanted_ends() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        find_matches(pages_of("leave"), "leave", token)


def test_code_is_told_apart_across_slices() -> None:
    """A fence that begins just where two slices meet must not be missed, or all after it would be taken for code."""
    for shift in range(8):
        text = "y" * (SLICE_CHARS - shift) + "\n```\n# code\n```\n# Heading\n"
        kinds = {
            line.text: line.kind
            for line in TextForm(text, "markdown").lines(SLICE_CHARS + 1 - shift, len(text))
        }
        assert kinds["# code"] is Kind.FIXED
        assert kinds["# Heading"] is Kind.HEADING
    assert next(TextForm("```\nx", "markdown").lines(0, 5)).kind is Kind.FIXED


def test_slices_follow_each_other() -> None:
    text = "z" * (2 * SLICE_CHARS + 5)
    assert [(at, len(piece)) for at, piece in slices(text)] == [
        (0, SLICE_CHARS), (SLICE_CHARS, SLICE_CHARS), (2 * SLICE_CHARS, 5),
    ]  # fmt: skip
