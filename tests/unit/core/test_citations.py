"""Citations of passages, and of the words in them that are looked for."""

from dataclasses import replace
from pathlib import Path

from readingroom.core.citations import cite_passage, cite_words, with_kept
from readingroom.core.claims import claims_of
from readingroom.core.ids import DocumentId
from readingroom.core.models import PageSpan, Passage

TEXT = "The first page ends here. The second page tells of forfeited days."


def two_pages() -> Passage:
    places = (PageSpan(12, 1000, 1026), PageSpan(13, 1026, 1000 + len(TEXT)))
    return Passage(
        3, 1.0, None, DocumentId(7), Path("/d/a.pdf"), 12, 1000, 1000 + len(TEXT), TEXT, places, ()
    )


def test_the_page_of_words_is_the_one_on_which_they_stand() -> None:
    citation = cite_words(two_pages(), ["forfeited", "days"])
    assert (citation.page, citation.quote) == (13, "The second page tells of forfeited days.")
    assert citation.start == 1026


def test_words_that_stand_nowhere_cite_the_passage_as_a_whole() -> None:
    assert cite_words(two_pages(), ["giraffe"]) == cite_passage(3, two_pages())


def test_a_source_that_is_kept_stands_before_the_full_stop_and_moves_what_follows() -> None:
    answer = "Ten days carry over. They lapse [1]. The rest too."
    claims = claims_of(answer)
    first, second, third = (
        replace(cite_passage(n, two_pages()), claim_start=claim.start, claim_end=claim.end, offered=n == 3)
        for n, claim in zip((3, 1, 3), claims, strict=True)
    )
    text, citations = with_kept(answer, (second, first, third), first)
    assert text == "Ten days carry over [3]. They lapse [1]. The rest too."
    found = {text[c.claim_start : c.claim_end]: (c.n, c.offered) for c in citations}
    assert found == {
        "Ten days carry over [3].": (3, False),
        "They lapse [1].": (1, False),
        "The rest too.": (3, True),
    }
