"""What a model thinks aloud is not its answer."""

import pytest

from readingroom.llm.thinking import ThinkingFilter

CASES = [
    ("Plain answer.", "Plain answer."),
    ("<think>\nHm.\n</think>\n\nThe answer.", "The answer."),
    ("\n<think></think>Yes [1].", "Yes [1]."),
    ("<think>cut off in the middle", ""),
    ("<thinking> is a word", "<thinking> is a word"),
    ("< 3 apples", "< 3 apples"),
    ("<", "<"),
    ("In HTML, <think> is no tag.", "In HTML, <think> is no tag."),
    ("<think>a</think>Use <think>b</think> so.", "Use <think>b</think> so."),
    ("", ""),
    ("  indented", "  indented"),
]


@pytest.mark.parametrize(("said", "answer"), CASES)
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_leading_thoughts_are_dropped_however_the_text_is_cut(said: str, answer: str, size: int) -> None:
    thinking = ThinkingFilter()
    pieces = [thinking.feed(said[i : i + size]) for i in range(0, len(said), size)]
    assert "".join([*pieces, thinking.end()]) == answer


def test_answer_without_thoughts_is_not_held_back() -> None:
    thinking = ThinkingFilter()
    assert thinking.feed("The") == "The"
    assert thinking.feed(" answer") == " answer"
