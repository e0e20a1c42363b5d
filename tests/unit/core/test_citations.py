"""Citations of passages, and of the words in them that are looked for."""

from pathlib import Path

from readingroom.core.citations import cite_nearest, cite_passage, cite_words
from readingroom.core.ids import DocumentId
from readingroom.core.models import PageSpan, Passage

TEXT = "The first page ends here. The second page tells of forfeited days."


def two_pages() -> Passage:
    places = (PageSpan(12, 1000, 1026), PageSpan(13, 1026, 1000 + len(TEXT)))
    return Passage(3, 1.0, None, DocumentId(7), Path("/d/a.pdf"), 12, 1000, 1000 + len(TEXT), TEXT, places, ())


def test_the_page_of_words_is_the_one_on_which_they_stand() -> None:
    citation = cite_words(two_pages(), ["forfeited", "days"])
    assert (citation.page, citation.quote) == (13, "The second page tells of forfeited days.")
    assert citation.start == 1026


def test_words_that_stand_nowhere_cite_the_passage_as_a_whole() -> None:
    assert cite_words(two_pages(), ["giraffe"]) == cite_passage(3, two_pages())


def test_a_passage_as_answer_is_opened_where_it_speaks_of_the_question() -> None:
    citation = cite_nearest(3, two_pages(), "What of forfeited days?")
    assert (citation.page, citation.quote) == (13, TEXT)
