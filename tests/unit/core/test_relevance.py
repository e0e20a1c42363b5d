"""Whether what was found speaks to the question."""

from pathlib import Path

from readingroom.core.ids import DocumentId
from readingroom.core.models import Passage
from readingroom.core.relevance import relevant


def passage(text: str, similarity: float | None) -> Passage:
    return Passage(1, 1.0, similarity, DocumentId(1), Path("/d/a.txt"), None, 0, len(text), text, (), ())


def test_a_passage_near_in_meaning_is_kept() -> None:
    assert relevant("How many holidays?", [passage("Annual leave is 21 days.", 0.6)])


def test_a_passage_with_the_questions_words_is_kept_before_embeddings_arrive() -> None:
    assert relevant("What is the notice period?", [passage("The notice period is a month.", None)])


def test_a_passage_that_shares_only_idle_words_is_dropped() -> None:
    assert not relevant("What is the boiling point of tungsten?", [passage("What is the point of it?", 0.1)])
