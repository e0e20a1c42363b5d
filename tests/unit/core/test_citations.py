"""Citations of passages, and of the words in them that are looked for."""

from dataclasses import replace
from pathlib import Path

import pytest

from readingroom.core.citations import cite_pages, cite_passage, cite_words, with_kept
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


def over_pages(*texts: str, place: str = "page 4") -> Passage:
    starts = [sum(map(len, texts[:n])) for n in range(len(texts))]
    spans = tuple(
        PageSpan(page, start, start + len(text))
        for page, (start, text) in enumerate(zip(starts, texts, strict=True), start=4)
    )
    whole = "".join(texts)
    return Passage(
        2, 1.0, None, DocumentId(7), Path("/d/a.pdf"), 4, 0, len(whole), whole, spans, (), place=place
    )


PARAGRAPH = "What stands on this page is long enough to be looked for there.\n"


def test_a_passage_on_one_page_is_cited_as_a_whole() -> None:
    assert cite_pages(2, over_pages(PARAGRAPH)) == (cite_passage(2, over_pages(PARAGRAPH)),)


def test_each_page_of_a_passage_has_a_citation_of_its_own_words() -> None:
    parts = cite_pages(2, over_pages(PARAGRAPH, PARAGRAPH, PARAGRAPH))
    assert [(part.n, part.page, part.place) for part in parts] == [
        (2, 4, "page 4"),
        (2, 5, "page 5"),
        (2, 6, "page 6"),
    ]
    assert {part.quote for part in parts} == {PARAGRAPH.strip()}


@pytest.mark.parametrize(
    ("texts", "page"), [((PARAGRAPH, "and so on.\n"), 4), (("and so on.\n", PARAGRAPH), 5)]
)
def test_a_scrap_of_another_page_stays_with_its_neighbour(texts: tuple[str, ...], page: int) -> None:
    """The last words of a sentence are no reason to open a page, nor to leave them out."""
    (part,) = cite_pages(2, over_pages(*texts))
    assert (part.page, part.quote.strip()) == (page, "".join(texts).strip())


def test_what_names_pages_otherwise_than_by_number_is_left_to_the_catalog() -> None:
    assert [part.place for part in cite_pages(2, over_pages(PARAGRAPH, PARAGRAPH, place="sheet Sales"))] == [
        "",
        "",
    ]
