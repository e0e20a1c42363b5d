"""Answers checked against their passages: what is marked, what is not found there, what is offered."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from readingroom.core.catalog import Catalog
from readingroom.core.conversation import Citation, Support
from readingroom.core.errors import WorkerCrashed
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import PageSpan, Passage
from readingroom.core.nearness import BUNDLED, UNTOLD, Nearness, Scale
from readingroom.core.places import Place
from readingroom.core.ports import QueryEmbedder
from readingroom.services.verify import VerifyService

TEXT = (
    "Employees accrue 1.75 days of leave a month. Unused leave of up to ten days carries over into the next "
    "calendar year. Days beyond that number are forfeited, as Anna Weber decided."
)
OTHER = "Part-time staff are paid by the hour. Their holidays are set by the manager in Oslo each spring."
SENTENCE = "Unused leave of up to ten days carries over into the next calendar year."
ALIKE = {
    "vacation": "leave",
    "surplus": "unused",
    "moves": "carries",
    "following": "next",
    "twelvemonth": "year",
}


class WordsForMeaning:
    """Embeds a text as the sum of its words, some of which mean the same."""

    def __init__(self) -> None:
        self.calls: list[Sequence[str]] = []
        self.known = 1.0
        self.broken = False
        self.near = BUNDLED
        self.common = 0.0
        """What all texts have in common: the more, the higher all cosines."""

    def embed_sentences(self, model: str, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.broken:
            raise WorkerCrashed("It died.")
        self.calls.append(texts)
        rows = np.zeros((len(texts), 512), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"[a-z]{3,}", text.casefold()):
                row[sum(ord(c) * 31**n for n, c in enumerate(ALIKE.get(word, word))) % 512] += 1
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        rows += self.common / np.sqrt(rows.shape[1])
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)

    def known_share(self, model: str, text: str) -> float:
        return self.known

    def nearness(self, model: str, dimension: int | None = None) -> Nearness:
        return self.near


class Documents:
    """What the service asks of the catalog."""

    def __init__(self) -> None:
        self.hashes: dict[int, str | None] = {7: "first", 8: "other"}

    def active_index(self, workspace_id: WorkspaceId) -> object:
        return SimpleNamespace(embedding_model="words")

    def places(self, spans: Sequence[tuple[DocumentId, int, int]]) -> Sequence[Place]:
        return [Place(f"at {start}") for _, start, _ in spans]

    def document(self, document_id: DocumentId) -> object:
        known = self.hashes
        return SimpleNamespace(content_hash=known[document_id]) if document_id in known else None


def passage(text: str = TEXT, start: int = 1000, document: int = 7) -> Passage:
    end = start + len(text)
    half = start + len(text) // 2
    return Passage(
        1, 1.0, 0.8, DocumentId(document), Path("/d/handbook.pdf"), 12, start, end, text,
        (PageSpan(12, start, half), PageSpan(13, half, end)), (),
    )  # fmt: skip


PASSAGES = (passage(), passage(OTHER, 5000, 8))


@pytest.fixture
def embedder() -> WordsForMeaning:
    return WordsForMeaning()


@pytest.fixture
def documents() -> Documents:
    return Documents()


@pytest.fixture
def service(embedder: WordsForMeaning, documents: Documents) -> VerifyService:
    return VerifyService(cast("Catalog", documents), cast("QueryEmbedder", embedder))


def check(
    service: VerifyService, answer: str, passages: Sequence[Passage] = PASSAGES, **more: Any
) -> tuple[Citation, ...]:
    return service.verify(WorkspaceId(1), answer, passages, **more)


def named(citations: Sequence[Citation]) -> list[Citation]:
    return [citation for citation in citations if not citation.offered]


def test_the_very_words_are_found_though_the_answer_breaks_them_otherwise(service: VerifyService) -> None:
    (citation,) = check(
        service, "**Unused leave** of up to ten days carries  over into the next calendar year [1]."
    )
    assert (citation.support, citation.quote) == (Support.EXACT, SENTENCE)
    assert TEXT[citation.start - 1000 : citation.end - 1000] == SENTENCE


def test_a_sentence_in_other_words_is_found_by_those_it_keeps(
    service: VerifyService, embedder: WordsForMeaning
) -> None:
    (citation,) = check(service, "Up to ten unused leave days carry over to the next year [1].")
    assert (citation.support, citation.quote) == (Support.CLOSE, SENTENCE)
    assert embedder.calls == []


def test_a_sentence_in_quite_other_words_is_found_by_meaning(service: VerifyService) -> None:
    (citation,) = check(service, "Surplus vacation moves to the following twelvemonth [1].")
    assert (citation.support, citation.quote) == (Support.MEANING, SENTENCE)


def test_a_model_whose_cosines_are_all_high_does_not_bear_out_everything(
    service: VerifyService, embedder: WordsForMeaning
) -> None:
    """By multilingual-e5-small no two sentences have less than 0.7."""
    embedder.common = 1.7
    embedder.near = Nearness(Scale(0.76, 0.86), Scale(0.76, 0.93))
    (citation,) = check(service, "Giraffes sleep standing among acacias [1].")
    assert citation.support is Support.NONE
    (citation,) = check(service, "Surplus vacation moves to the following twelvemonth [1].")
    assert citation.support is Support.MEANING
    embedder.near = UNTOLD
    (citation,) = check(service, "Surplus vacation moves to the following twelvemonth [1].")
    assert citation.support is Support.PASSAGE, "nothing can be said of it"


def test_what_is_open_is_embedded_in_one_call(service: VerifyService, embedder: WordsForMeaning) -> None:
    check(service, "Surplus vacation moves on [1]. Wages come at the end of each shift for those part [2].")
    assert len(embedder.calls) == 1


def test_one_passage_opens_at_another_place_for_each_sentence(service: VerifyService) -> None:
    first, second = check(
        service, "Employees accrue 1.75 days of leave a month [1]. Days beyond that are forfeited [1]."
    )
    assert (first.n, second.n) == (1, 1)
    assert first.start < second.start
    assert first.claim_end <= second.claim_start
    assert (first.page, second.page) == (12, 13)
    assert (first.place, first.content_hash) == (f"at {first.start}", "first")


def test_what_the_passage_does_not_say_is_said_not_to_stand_there(service: VerifyService) -> None:
    (citation,) = check(service, "Giraffes sleep standing for twenty minutes [1].")
    assert citation.support is Support.NONE
    assert not citation.located
    assert citation.quote == ""


@pytest.mark.parametrize(
    "answer",
    [
        "Unused leave of up to twelve days carries over into the next calendar year [1].",
        "Employees accrue 2.25 days of leave a month [1].",
        "Days beyond that number are forfeited, as Maria Lopez decided [1].",
    ],
)
def test_another_number_or_name_is_not_borne_out(service: VerifyService, answer: str) -> None:
    (citation,) = named(check(service, answer))
    assert citation.support is Support.NONE


@pytest.mark.parametrize(
    ("answer", "support"),
    [
        ("Unused leave of up to ten days does not carry over into the next calendar year [1].", Support.NONE),
        ("Part-time staff are never paid by the hour [2].", Support.NONE),
        ("Days beyond that number are not kept, but forfeited, as Anna Weber decided [1].", Support.CLOSE),
    ],
)
def test_the_same_words_with_a_not_say_the_opposite(
    service: VerifyService, answer: str, support: Support
) -> None:
    assert named(check(service, answer))[0].support is support


def test_a_number_may_stand_in_either_of_two_passages_that_are_named(service: VerifyService) -> None:
    twelve = replace(passage("Managers carry over twelve days.", 9000), rank=3)
    citations = check(
        service,
        "Ten or twelve days of unused leave carry over into the next year [1][3].",
        (*PASSAGES, twelve),
    )
    assert citations[0].support is Support.CLOSE


def test_a_name_that_the_question_says_may_be_the_company_of_the_passage(service: VerifyService) -> None:
    text = "The Company closed two plants in the spring of that year, Chief Officer Weber said."
    answer = "In that spring, Acme closed two plants, Chief Officer Weber said [1]."
    assert (
        check(service, answer, (passage(text),), question="What did Acme close?")[0].support is Support.CLOSE
    )


def test_an_invented_quotation_is_not_shown_as_one(service: VerifyService) -> None:
    (citation,) = check(service, 'It says "managers may extend the date by a month" [1].')
    assert (citation.support, citation.located, citation.quote) == (Support.NONE, False, "")
    assert (citation.start, citation.end) == (1000, 1000 + len(TEXT))


def test_a_quotation_is_marked_word_for_word(service: VerifyService) -> None:
    (citation,) = check(service, 'It says "ten days carries  over into the next calendar" [1].')
    assert citation.quote == "ten days carries over into the next calendar"
    assert citation.support is Support.EXACT


def test_a_quotation_with_a_slip_is_found_all_the_same(service: VerifyService) -> None:
    (citation,) = check(
        service, 'It says "Unused leave of up to ten day carry over into the next calender year" [1].'
    )
    assert (citation.support, citation.quote) == (Support.CLOSE, SENTENCE)


def test_what_is_said_of_silence_is_neither_borne_out_nor_not(service: VerifyService) -> None:
    (citation,) = check(service, "The handbook does not mention bonuses [1].")
    assert citation.support is Support.PASSAGE


def test_in_a_language_the_model_does_not_know_meaning_decides_nothing(
    service: VerifyService, embedder: WordsForMeaning
) -> None:
    embedder.known = 0.2
    (citation,) = check(service, "Nicht genommener Urlaub wird auf das folgende Jahr übertragen [1].")
    assert citation.support is Support.PASSAGE
    assert citation.quote == TEXT


def test_without_the_embedder_words_decide_and_the_rest_is_left_open(
    service: VerifyService, embedder: WordsForMeaning
) -> None:
    embedder.broken = True
    first, second = check(
        service, "Up to ten unused leave days carry over to the next year [1]. Surplus vacation moves [1]."
    )
    assert (first.support, second.support) == (Support.CLOSE, Support.PASSAGE)


def test_a_sentence_without_a_source_is_offered_the_one_that_says_it(service: VerifyService) -> None:
    answer = (
        "Part-time staff are paid by the hour. Nothing else about giraffes is known to anybody here at all."
    )
    (citation,) = check(service, answer)
    assert (citation.n, citation.offered, citation.support) == (2, True, Support.CLOSE)
    assert answer[citation.claim_start : citation.claim_end] == "Part-time staff are paid by the hour."


def test_nothing_is_offered_for_a_sentence_with_another_number(service: VerifyService) -> None:
    assert check(service, "Unused leave of up to twelve days carries over into the next calendar year.") == ()


def test_numbers_without_a_passage_give_no_citation(service: VerifyService) -> None:
    assert check(service, "Certainly so [4].") == ()


TABLE = "Month | Town | Revenue\nMarch | Rome | 214\nApril | Oslo | 480\nMay | Rome | 120\n"


def test_of_a_table_the_row_is_marked_and_not_its_header(service: VerifyService) -> None:
    """A header shares the claim's words and says nothing."""
    (citation,) = check(service, "The revenue in Oslo in the month of April was 480 [1].", (passage(TABLE),))
    assert citation.quote == "April | Oslo | 480"


def test_the_first_row_may_be_marked_where_the_header_stands_apart(service: VerifyService) -> None:
    rows = replace(passage(TABLE.partition("\n")[2]), context="Month | Town | Revenue")
    (citation,) = check(service, "In March, Rome brought in 214 [1].", (rows,))
    assert citation.quote == "March | Rome | 214"


LEDGER = "No | Date | Town | Article | Pieces\n" + "".join(
    f"{1200 + n} | 2024-06-{n:02} | {('Oslo', 'Bergen', 'Tromsø')[n % 3]} | {('Desk lamp', 'Wool rug')[n % 2]} | {n}\n"
    for n in range(10, 28)
)


def test_a_row_is_marked_for_a_few_values_in_a_long_sentence(service: VerifyService) -> None:
    claim = "As the ledger of the shop shows, order number 1217 went by ship to a customer whose name is not given [1]."
    (citation,) = check(service, claim, (passage(LEDGER),))
    assert citation.quote.startswith("1217 | 2024-06-17")


def test_a_document_that_changed_or_went_is_told_from_one_that_did_not(
    service: VerifyService, documents: Documents
) -> None:
    first, second = check(
        service, "Employees accrue 1.75 days of leave a month [1]. Part-time staff are paid by the hour [2]."
    )
    assert service.changed((first, second)) == frozenset()
    documents.hashes[7] = "second"
    assert service.changed((first, second)) == {first}
    del documents.hashes[8]
    assert service.changed((first, second)) == {first, second}
    documents.hashes[7] = None  # being read anew
    assert service.changed((first, replace(second, document_id=None))) == {replace(second, document_id=None)}


PARTS = ["Employees accrue leave", "ten days", " [1]", " [2]", ". ", "\n", '"forfeited days beyond"', "- "]


@given(st.lists(st.sampled_from(PARTS), max_size=12), st.text(max_size=60))
def test_whatever_is_written_what_is_marked_lies_within_its_passage(parts: list[str], other: str) -> None:
    passages = (passage(), passage(other, 5000, 8))
    service = VerifyService(cast("Catalog", Documents()), cast("QueryEmbedder", WordsForMeaning()))
    citations = check(service, "".join(parts), passages)
    assert len({(c.n, c.claim_start) for c in citations}) == len(citations)
    for citation in citations:
        own = passages[citation.n - 1]
        assert own.start <= citation.start <= citation.end <= own.end
        if citation.quote:
            assert own.text[citation.start - own.start : citation.end - own.start] == citation.quote


def test_where_the_wrong_passage_is_named_the_right_one_is_offered(service: VerifyService) -> None:
    wrong, right = sorted(
        check(service, "Part-time staff are paid by the hour [1]."), key=lambda c: c.offered
    )
    assert (wrong.n, wrong.support, wrong.offered) == (1, Support.NONE, False)
    assert (right.n, right.offered, right.quote) == (2, True, "Part-time staff are paid by the hour.")
