"""What a model thinks aloud is not its answer."""

import pytest

from readingroom.core.language_model import Thought
from readingroom.llm.thinking import ThinkingSplitter

CASES = [
    ("Plain answer.", "", "Plain answer."),
    ("<think>\nHm.\n</think>\n\nThe answer.", "Hm.", "The answer."),
    ("\n<think></think>Yes [1].", "", "Yes [1]."),
    ("<think>cut off in the middle", "cut off in the middle", ""),
    ("<think>cut off in the </thi", "cut off in the </thi", ""),
    ("<thinking>a < b or [c]</thinking> Less.", "a < b or [c]", "Less."),
    ("[THINK]Hm.[/THINK]Yes.", "Hm.", "Yes."),
    ("<thoughtful> is a word", "", "<thoughtful> is a word"),
    ("< 3 apples", "", "< 3 apples"),
    ("<", "", "<"),
    ("In HTML, <think> is no tag.", "", "In HTML, <think> is no tag."),
    ("<think>a</think>Use <think>b</think> so.", "a", "Use <think>b</think> so."),
    ("", "", ""),
    ("  indented", "", "  indented"),
]


@pytest.mark.parametrize(("said", "thought", "answer"), CASES)
@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_leading_thoughts_are_told_apart_however_the_text_is_cut(
    said: str, thought: str, answer: str, size: int
) -> None:
    splitter = ThinkingSplitter()
    pieces = [piece for i in range(0, len(said), size) for piece in splitter.feed(said[i : i + size])]
    pieces += splitter.end()
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == answer
    thoughts = "".join(piece.piece for piece in pieces if isinstance(piece, Thought))
    assert thoughts.strip() == thought


def test_neither_is_held_back() -> None:
    splitter = ThinkingSplitter()
    assert list(splitter.feed("<think>First")) == [Thought("First")]
    assert list(splitter.feed(" then")) == [Thought(" then")]
    assert list(splitter.feed("</think>The")) == ["The"]
    assert list(splitter.feed(" answer")) == [" answer"]
