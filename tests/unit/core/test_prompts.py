"""What is put before the model, and the room it needs."""

from dataclasses import replace
from pathlib import Path

from readingroom.core.conversation import AnswerMode, Message, Role
from readingroom.core.ids import DocumentId, MessageId, ThreadId
from readingroom.core.models import Passage
from readingroom.core.prompts import ANSWER_TOKENS, build_turns, context_size, estimate_tokens, fit_passages


def passage(n: int, chars: int = 900) -> Passage:
    text = f"Passage number {n}. ".ljust(chars, "x")
    return Passage(
        n, 1.0, 0.9, DocumentId(n), Path(f"/d/{n}.pdf"), n, 0, chars, text, (), ("Leave", "Annual")
    )


def message(n: int, role: Role, text: str) -> Message:
    return Message(MessageId(n), ThreadId(1), role, text, 0.0)


def test_passages_are_numbered_with_their_place() -> None:
    turns = build_turns("How many days?", [passage(1), passage(2)], [], AnswerMode.DOCUMENTS)
    assert "[2] (2.pdf, page 2, Leave > Annual)\nPassage number 2." in turns[-1].content
    assert turns[-1].content.endswith("Question: How many days?")
    assert "Use only the passages" in turns[0].content


def test_the_model_is_told_sheet_and_row_and_what_an_attachment_belongs_to() -> None:
    sales = replace(
        passage(1), place="sheet Sales, row 214", container="letter.eml", heading=("2024", "Sales")
    )
    turns = build_turns("How many?", [sales], [], AnswerMode.DOCUMENTS)
    assert "[1] (1.pdf in letter.eml, sheet Sales, row 214, 2024)\n" in turns[-1].content


def test_the_context_holds_prompt_and_answer() -> None:
    turns = build_turns("q", [passage(n) for n in range(1, 7)], [], AnswerMode.DOCUMENTS)
    size = context_size(turns, 32_768)
    assert size >= sum(estimate_tokens(turn.content) for turn in turns) + ANSWER_TOKENS
    assert size < 8192


def test_the_conversation_gives_way_before_the_passages() -> None:
    history = [message(n, Role.USER if n % 2 else Role.ASSISTANT, "talk " * 200) for n in range(1, 5)]
    passages = [passage(n) for n in range(1, 5)]
    turns, used = fit_passages("q", passages, history, AnswerMode.DOCUMENTS, 4096)
    assert used == 4
    assert len(turns) < 2 + len(history)


def test_passages_that_do_not_fit_are_left_out_from_the_last() -> None:
    turns, used = fit_passages("q", [passage(n, 3000) for n in range(1, 9)], [], AnswerMode.DOCUMENTS, 4096)
    assert 1 <= used < 8
    assert f"[{used}]" in turns[-1].content
    assert f"[{used + 1}]" not in turns[-1].content


def test_chinese_counts_a_token_a_character_and_more() -> None:
    assert estimate_tokens("中" * 100) >= 100
