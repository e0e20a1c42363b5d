"""Which questions ask for counts, lists, files or summaries, and which only look like it."""

from datetime import date

import pytest

from readingroom.core.asking_all import Files, Mentions, Summary, SummaryOf, asking_all
from readingroom.core.file_filter import Order

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("question", "term", "counting"),
    [
        ("How many contracts mention indemnity?", "indemnity", True),
        ("how many documents contain the word “force majeure”?", "force majeure", True),
        ("How often is force majeure mentioned in my documents?", "force majeure", True),
        ("In how many documents does Müller appear?", "Müller", True),
        ("Which documents mention X-ray", "X-ray", False),
        ("Where is carry over mentioned?", "carry over", False),
        ("list all suppliers", "suppliers", False),
        ("show me all invoices", "invoices", False),
        ("Wie viele Verträge erwähnen die Haftung?", "Haftung", True),
        ("In wie vielen Dokumenten kommt Haftung vor?", "Haftung", True),
        ("Wie oft wird Kündigung erwähnt?", "Kündigung", True),
        ("Liste alle Lieferanten auf", "Lieferanten", False),
        ("Combien de documents mentionnent la garantie ?", "garantie", True),
        ("Combien de contrats parlent d’indemnité ?", "indemnité", True),
        ("¿Cuántos documentos mencionan garantía?", "garantía", True),
    ],
)
def test_a_count_or_a_list_is_known_by_its_words(question: str, term: str, counting: bool) -> None:
    asked = asking_all(question, TODAY)
    assert isinstance(asked, Mentions)
    assert (asked.term, asked.counting) == (term, counting)


@pytest.mark.parametrize(
    "question",
    [
        "How many employees does the company have?",
        "How many days of leave carry over?",
        "List all reasons for leaving",
        "list all the steps to install it",
        "What is the latest document about?",
        "Who is the supplier?",
        "What is in the file?",
        "What documents are needed for a visa?",
        "How many documents do I need to file?",
        "Which contracts end in 2021 and why?",
        "What did the letters from 2021 say about the roof?",
        "Is there a summary of the findings in the report?",
        "Wie viele Tage Urlaub habe ich?",
        "Welche Dokumente brauche ich für ein Visum?",
        "Tell me all about the merger",
        "How many documents mention indemnity?\nAnd what do they say of it?",
        "documents",
        "",
        "What does the memo say about the meeting?",
        "What do the contracts say about notice?",
        "What did the last report mention as a risk?",
    ],
)
def test_an_ordinary_question_stays_one(question: str) -> None:
    assert asking_all(question, TODAY) is None


def test_a_list_of_a_bare_noun_is_not_sure_to_be_meant_by_the_word() -> None:
    """Where the word stands nowhere, the question is an ordinary one."""
    bare, named = (
        asking_all("list all suppliers", TODAY),
        asking_all("which documents mention suppliers", TODAY),
    )
    assert isinstance(bare, Mentions)
    assert isinstance(named, Mentions)
    assert (bare.sure, named.sure) == (False, True)


def test_documents_may_be_bounded_before_they_are_looked_through() -> None:
    asked = asking_all("How many contracts from 2021 mention indemnity?", TODAY)
    assert isinstance(asked, Mentions)
    assert asked.noun == "contracts"
    assert asked.files is not None
    assert (asked.files.since, asked.files.before) == (date(2021, 1, 1), date(2022, 1, 1))


@pytest.mark.parametrize(
    ("question", "since", "before"),
    [
        ("Which files are from 2021?", date(2021, 1, 1), date(2022, 1, 1)),
        ("documents from December 2020", date(2020, 12, 1), date(2021, 1, 1)),
        ("files since March 2023", date(2023, 3, 1), None),
        ("files between 2019 and 2021", date(2019, 1, 1), date(2022, 1, 1)),
        ("which documents were changed last week", date(2026, 11, 16), date(2026, 11, 23)),
        ("which files were added in the last 7 days", date(2026, 11, 21), None),
        ("Welche Dateien sind aus 2021?", date(2021, 1, 1), date(2022, 1, 1)),
    ],
)
def test_a_period_is_read_to_the_day(question: str, since: date, before: date | None) -> None:
    asked = asking_all(question, TODAY)
    assert isinstance(asked, Files)
    assert (asked.filter.since, asked.filter.before) == (since, before)


def test_kind_size_order_and_number_of_files_are_read() -> None:
    large = asking_all("PDFs larger than 1.5 MB", TODAY)
    assert isinstance(large, Files)
    assert (large.filter.formats, large.filter.least_bytes) == (frozenset({"pdf"}), 1_500_000)
    newest = asking_all("the five newest PDFs", TODAY)
    assert isinstance(newest, Files)
    assert (newest.filter.order, newest.filter.most) == (Order.NEWEST, 5)
    assert isinstance(count := asking_all("how many PDFs do I have?", TODAY), Files)
    assert count.counting
    unread = asking_all("which files could not be read?", TODAY)
    assert isinstance(unread, Files)
    assert unread.filter.unread


@pytest.mark.parametrize(
    ("question", "of", "name"),
    [
        ("Summarise this document", SummaryOf.THIS, ""),
        ("What is this document about?", SummaryOf.THIS, ""),
        ("please summarize lease.pdf", SummaryOf.NAMED, "lease.pdf"),
        ("Give me a short summary of “Annual report”", SummaryOf.NAMED, "Annual report"),
        ("summarise this folder", SummaryOf.FOLDER, ""),
        ("Summary of the folder Contracts", SummaryOf.FOLDER, "Contracts"),
        ("summarise everything", SummaryOf.EVERYTHING, ""),
        ("Fasse alle Dokumente zusammen", SummaryOf.EVERYTHING, ""),
        ("Fasse bitte dieses Dokument zusammen", SummaryOf.THIS, ""),
        ("Résume ce document", SummaryOf.THIS, ""),
    ],
)
def test_a_summary_says_of_what(question: str, of: SummaryOf, name: str) -> None:
    assert asking_all(question, TODAY) == Summary(of, name)
