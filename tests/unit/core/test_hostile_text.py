"""Documents that speak to the model: all of it is data, whatever it says."""

import json
import re
from pathlib import Path

import pytest

from readingroom.core.budget import Window
from readingroom.core.conversation import AnswerMode
from readingroom.core.extraction import ReadLimits
from readingroom.core.hostile_text import harmless, orders_in
from readingroom.core.ids import DocumentId
from readingroom.core.models import Passage
from readingroom.core.prompts import Material, compose
from readingroom.core.text_spans import locate
from readingroom.documents.registry import read_document

SET = Path(__file__).parents[2] / "data" / "injection"
DOCUMENTS = [
    (each["name"], each["text"])
    for each in map(json.loads, (SET / "documents.jsonl").read_text("utf-8").splitlines())
]
SIGNS = re.compile(
    r"<[|｜]|\[/?INST\]|<</?SYS>>|</?think>|<(?:start|end)_of_turn>|</?tool_call>|\[TOOL_CALLS\]"
    r"|^(?:system|assistant|user|human):",
    re.IGNORECASE | re.MULTILINE,
)
HIDDEN = [(name, text) for name, text in DOCUMENTS if name.startswith("hidden-")]
PLAIN_DATA = {"fake-citations.txt", "close-passage.txt", "script.html", "close-think.txt", "tool-call.txt"}


def text_of(tmp_path: Path, name: str, text: str) -> str:
    """As the real reader gives it."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_document(path, ReadLimits(), lambda *_: None).text


@pytest.mark.parametrize(("name", "text"), DOCUMENTS, ids=[name for name, _ in DOCUMENTS])
def test_a_hostile_document_is_sent_as_data_and_shown_as_it_is(tmp_path: Path, name: str, text: str) -> None:
    read = text_of(tmp_path, name, text)
    passage = Passage(1, 1.0, 0.5, DocumentId(1), Path(name), None, 0, len(read), read, (), ())
    prompt = compose(
        "What does it say?", Material(passages=[passage]), [], AnswerMode.DOCUMENTS, Window(8192)
    )
    assert prompt is not None
    sent = prompt.turns[-1].content
    (key,) = set(re.findall(r"^<passage (\w{16})>$", sent, re.MULTILINE))
    inside = sent[sent.index(f"<passage {key}>") + len(key) + 10 : sent.rindex(f"</passage {key}>")]
    assert not SIGNS.search(inside)
    assert f"</passage {key}>" not in inside
    assert sent.count(key) == 2
    assert prompt.passages[0].text == read
    assert [turn.role for turn in prompt.turns] == ["system", "user"]
    assert locate(inside, read.strip()) is not None, "a quotation is still found"


@pytest.mark.parametrize(("name", "text"), HIDDEN, ids=[name for name, _ in HIDDEN])
def test_orders_that_nobody_can_see_are_not_read(tmp_path: Path, name: str, text: str) -> None:
    read = text_of(tmp_path, name, text)
    assert "9 euros" in read
    assert not orders_in(read)


def test_scripts_and_pictures_of_a_web_page_are_no_text(tmp_path: Path) -> None:
    read = text_of(tmp_path, "script.html", dict(DOCUMENTS)["script.html"])
    assert "attacker" not in read


@pytest.mark.parametrize(
    ("name", "text"),
    [each for each in DOCUMENTS if each not in HIDDEN and each[0] not in PLAIN_DATA],
    ids=lambda value: value if len(value) < 25 else "",
)
def test_orders_are_pointed_out(name: str, text: str) -> None:
    assert orders_in(text), name


@pytest.mark.parametrize(
    "text",
    [
        "Passengers must not ignore the instructions of the crew.",
        "You are now leaving the motorway.",
        "The system: a pump, a valve and a pipe.",
        "Do not follow the path to the left.",
        "Der Mieter muss die Anweisungen des Vermieters beachten.",
        "Inform the user of the building of any works.",
        "He forgot the rules of the game.",
        "See https://example.org/a?page=2 for the full text.",
        "x < 3 and y > 4, cf. [1] and [INSTITUTE]",
    ],
)
def test_ordinary_text_is_not_taken_for_orders(text: str) -> None:
    assert not orders_in(text)


def test_ordinary_text_is_sent_as_it_is() -> None:
    text = "x <s and y>, a <b>bold</b> word, [1], |pipe|, “quoted” <- here."
    assert harmless(text) == text
