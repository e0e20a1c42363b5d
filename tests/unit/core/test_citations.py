"""From markers in an answer to places in documents."""

from dataclasses import replace
from pathlib import Path

from readingroom.core.citations import cite, find_markers
from readingroom.core.ids import DocumentId
from readingroom.core.models import PageSpan, Passage

TEXT = (
    "Employees accrue 1.75 days of leave a month. Unused leave of up to ten days carries over into the next "
    "calendar year. Days beyond that number are forfeited."
)


def passage(text: str = TEXT, start: int = 1000, page: int = 12) -> Passage:
    end = start + len(text)
    return Passage(
        1,
        1.0,
        0.8,
        DocumentId(7),
        Path("/d/handbook.pdf"),
        page,
        start,
        end,
        text,
        (PageSpan(page, start, end),),
        (),
    )


def test_the_sentence_that_supports_the_claim_is_marked() -> None:
    (citation,) = cite("Up to ten unused leave days carry over into the next year [1].", [passage()])
    assert citation.quote == "Unused leave of up to ten days carries over into the next calendar year."
    assert citation.located
    assert TEXT[citation.start - 1000 : citation.end - 1000] == citation.quote
    assert citation.page == 12


def test_a_quotation_is_marked_word_for_word() -> None:
    (citation,) = cite('It says "ten days carries  over into the next calendar" [1].', [passage()])
    assert citation.quote == "ten days carries over into the next calendar"
    assert citation.located


def test_an_invented_quotation_is_not_shown_as_one() -> None:
    (citation,) = cite('It says "managers may extend the date by a month" [1].', [passage()])
    assert not citation.located
    assert citation.quote == ""
    assert (citation.start, citation.end) == (1000, 1000 + len(TEXT))


def test_a_number_without_a_passage_gives_no_citation() -> None:
    assert cite("Certainly [4].", [passage()]) == ()


def test_markers_in_code_are_no_citations() -> None:
    assert find_markers("`a[1]` and\n```\nb[2]\n```\nbut [3]")[0].numbers == (3,)


def test_several_numbers_in_one_pair_of_brackets_all_count() -> None:
    citations = cite("Leave carries over [1, 2].", [passage(), passage(start=5000, page=3)])
    assert [citation.n for citation in citations] == [1, 2]


def test_the_page_is_the_one_on_which_the_quote_starts() -> None:
    text = "First page ends here. Second page tells of forfeited days."
    two_pages = Passage(
        1, 1.0, None, DocumentId(1), Path("/d/a.pdf"), 1, 0, len(text), text,
        (PageSpan(1, 0, 22), PageSpan(2, 22, len(text))), (),
    )  # fmt: skip
    (citation,) = cite("The second page tells of forfeited days [1].", [two_pages])
    assert citation.page == 2


TABLE = "Month | Town | Revenue\nMarch | Rome | 214\nApril | Oslo | 480\nMay | Rome | 120\n"


def test_of_a_table_the_row_is_cited_and_not_its_header() -> None:
    """A header shares the claim's words and says nothing."""
    (citation,) = cite("The revenue in Oslo in the month of April was 480 [1].", [passage(TABLE)])
    assert citation.quote == "April | Oslo | 480"
    assert TABLE[citation.start - 1000 : citation.end - 1000] == citation.quote


def test_the_first_row_may_be_cited_where_the_header_stands_apart() -> None:
    rows = replace(passage(TABLE.partition("\n")[2]), context="Month | Town | Revenue")
    (citation,) = cite("In March, Rome brought in 214 [1].", [rows])
    assert citation.quote == "March | Rome | 214"


def test_prose_beside_a_table_is_cited_as_before() -> None:
    text = f"Mr. Rossi sells most. The figures follow.\n\n{TABLE}\nOslo closes in June. Rome stays."
    (citation,) = cite("Oslo closes in June [1].", [passage(text)])
    assert citation.quote == "Oslo closes in June."


LEDGER = "No | Date | Town | Article | Pieces\n" + "".join(
    f"{1200 + n} | 2024-06-{n:02} | {('Oslo', 'Bergen', 'Tromsø')[n % 3]} | {('Desk lamp', 'Wool rug')[n % 2]} | {n}\n"
    for n in range(10, 28)
)


def test_a_row_is_cited_for_a_few_values_in_a_long_sentence() -> None:
    claim = "As the ledger of the shop shows, order number 1217 went by ship to a customer whose name is not given [1]."
    (citation,) = cite(claim, [passage(LEDGER)])
    assert citation.quote.startswith("1217 | 2024-06-17")


def test_no_row_is_picked_where_several_would_do_as_well() -> None:
    claim = (
        "As the ledger of the shop shows, a wool rug went by ship to a customer whose name is not given [1]."
    )
    (citation,) = cite(claim, [passage(LEDGER)])
    assert citation.quote == LEDGER
    assert citation.located
