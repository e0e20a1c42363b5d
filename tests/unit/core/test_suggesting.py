"""Questions worth asking, from headings and key phrases."""

from readingroom.core.extraction import Heading
from readingroom.core.key_phrases import KeyPhrase
from readingroom.core.suggesting import Looked, questions, telling_title


def _looked(name: str, *titles: str, words: int = 100, phrases: tuple[KeyPhrase, ...] = ()) -> Looked:
    return Looked(name, words, tuple(Heading(1, title, n) for n, title in enumerate(titles)), phrases)


def test_three_questions_of_three_kinds_about_three_documents() -> None:
    asked = questions(
        [
            _looked("handbook.pdf", "Handbook", "4.2 Annual leave"),
            _looked("lease.pdf", phrases=(KeyPhrase("deposit", 9), KeyPhrase("notice period", 4))),
            _looked("report.pdf", words=30_000),
        ]
    )
    assert asked == (
        "What does handbook.pdf say about “Annual leave”?",
        "Which documents mention “notice period”?",
        "Summarise report.pdf",
    )


def test_one_document_gives_as_many_questions_as_it_can() -> None:
    asked = questions([_looked("a.pdf", "A", "Rent", "Notice of termination", words=5000)])
    assert asked == ("What does a.pdf say about “Notice of termination”?", "Summarise a.pdf")


def test_a_heading_that_asks_is_asked_itself() -> None:
    assert questions([_looked("faq.md", "FAQ", "How is leave granted?")]) == ("How is leave granted?",)


def test_headings_that_say_nothing_are_left_out() -> None:
    assert [telling_title(title) for title in ("1. Introduction", "Contents", "3.2.1", "x", "PART I - DEFINITION OF RENT")] == [
        "", "", "", "", "Definition of rent",
    ]  # fmt: skip


def test_without_anything_to_go_by_nothing_is_asked() -> None:
    assert questions([_looked("a.pdf")]) == ()
