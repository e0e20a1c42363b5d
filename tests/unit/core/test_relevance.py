"""Whether what was found speaks to the question."""

from dataclasses import replace
from pathlib import Path

from readingroom.core.ids import DocumentId
from readingroom.core.models import Passage
from readingroom.core.relevance import SPEAKS, Evidence, bearings, speaks


def bearing(
    question: str, text: str, similarity: float | None, *, known: float = 1.0, name: str = "a"
) -> float:
    """Of a text among many on other things."""
    others = [Evidence(f"Of quite another matter, number {n}.", "b", 0.05) for n in range(30)]
    return bearings(question, [Evidence(text, name, similarity), *others], known=known)[0]


def test_a_passage_near_in_meaning_with_a_word_in_common_is_kept() -> None:
    assert bearing("How many days of holiday?", "Annual leave is 21 days.", 0.5) > SPEAKS


def test_a_passage_with_the_questions_words_is_kept_before_embeddings_arrive() -> None:
    assert bearing("What is the notice period?", "The notice period is a month.", None) > SPEAKS


def test_a_passage_that_shares_only_idle_words_is_dropped() -> None:
    assert (
        bearing("What is the boiling point of tungsten?", "What is it about? Nothing of these.", 0.1) < SPEAKS
    )


def test_a_passage_without_any_word_of_the_question_must_be_very_near() -> None:
    assert bearing("How long may I be ill?", "Sickness absence lasts 13 weeks.", 0.4) < SPEAKS
    assert bearing("How long may I be ill?", "Sickness absence lasts 13 weeks.", 0.65) > SPEAKS


def test_in_a_language_the_embedder_does_not_know_words_decide() -> None:
    question, text = "Когда истекает неиспользованный отпуск?", "Неиспользованный отпуск истекает в марте."
    assert bearing(question, text, 0.0, known=0.0) > SPEAKS
    assert bearing(question, "Курица несёт яйца.", 0.9, known=0.0) < SPEAKS


def test_a_text_in_another_language_that_stands_out_speaks_to_the_question() -> None:
    """By a model for many languages; a cosine between languages is lower, and there are no words in common."""
    question = "When does unused leave expire?"
    others = [Evidence(f"Курица несёт яйца {n}.", "b", 0.1 + 0.002 * n) for n in range(30)]
    near = Evidence("Неиспользованный отпуск истекает в марте.", "a", 0.4)
    alike = Evidence("Отпуск.", "c", 0.2)

    def of(*found: Evidence, across: bool = True) -> list[float]:
        return bearings(question, [*found, *others], across=across)

    assert of(near)[0] > SPEAKS > of(near)[1]
    assert of(alike)[0] < SPEAKS, "as far off as what else was found"
    assert of(near, across=False)[0] < SPEAKS, "a model that knows one language finds it by chance"
    same = [Evidence("Unused leave is not for hens; it does expire.", "d", 0.1), near]
    assert bearings(question, [*same, *others], across=True)[1] < SPEAKS, (
        "its words are there to be judged by"
    )
    few = bearings(question, [near, *others[:5]], across=True)
    assert few[0] < SPEAKS, "among so few nothing stands out"


def test_chinese_is_judged_by_characters() -> None:
    assert bearing("未使用的假期何时到期？", "未使用的假期在三月到期。", 0.0, known=0.2) > SPEAKS


def test_the_name_of_the_document_counts_among_its_words() -> None:
    question = "What did the address say on eggs?"
    assert bearing(question, "Eggs rose.", 0.2, name="address") > bearing(question, "Eggs rose.", 0.2)


def test_a_nearness_set_by_the_person_decides_alone() -> None:
    text = "Annual leave."
    passage = Passage(
        1, 1.0, 0.3, DocumentId(1), Path("/d/a.txt"), None, 0, len(text), text, (), (), bearing=5.0
    )
    assert speaks(passage)
    assert not speaks(passage, threshold=0.4)
    assert speaks(replace(passage, bearing=-9.0), threshold=0.2)
    assert not speaks(replace(passage, bearing=-9.0, similarity=None), threshold=0.2)
