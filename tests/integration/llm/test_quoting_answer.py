"""The stand-in's own answer, made from the prompts that the program builds."""

from pathlib import Path

from helpers.fake_ollama import quoting_answer
from readingroom.core.budget import Window
from readingroom.core.conversation import AnswerMode
from readingroom.core.ids import DocumentId
from readingroom.core.models import Passage
from readingroom.core.prompts import Material, compose


def passage(rank: int, text: str) -> Passage:
    return Passage(
        rank, 1.0, None, DocumentId(rank), Path(f"/a/{rank}.pdf"), 3, 0, len(text), text, (), ("Title",)
    )


def test_it_quotes_and_cites_the_first_two_passages() -> None:
    passages = [
        passage(1, "Foxes sleep in dens [3]. They hunt\nat night in all seasons. More."),
        passage(2, "no full stop here at all, only words"),
        passage(3, "Never quoted, being the third passage."),
    ]
    prompt = compose(
        "Where do foxes sleep?", Material(passages=passages), [], AnswerMode.DOCUMENTS, Window(8192)
    )
    assert prompt is not None
    body = {"messages": [{"role": turn.role, "content": turn.content} for turn in prompt.turns]}
    answer = "".join(str(piece) for piece in quoting_answer(body))
    assert '"Foxes sleep in dens [3]." [1]' in answer
    assert '"no full stop here at all, only words" [2]' in answer
    assert "Never quoted" not in answer


def test_without_passages_it_says_so() -> None:
    pieces = quoting_answer({"messages": [{"role": "user", "content": "Hello?"}]})
    assert "no passages" in "".join(str(piece) for piece in pieces)
