"""Two scripted models: they write sentences of the passages, lightly reworded, with markers of many styles.

One knows no better than the embedder and takes those nearest the question; the other takes those that answer it, as a
good model does.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from readingroom.core.cited_units import units
from readingroom.core.models import Passage
from readingroom.core.text_spans import Span

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
_STYLES = ("[{}]", "[{}]", " (source {})", "【{}】", " [Passage {}]", "[^{}]", " (Source: {})", " [{}, p. 1]")
_WORDS = {
    "however": "but", "because": "since", "large": "big", "began": "started", "also": "too", "approximately": "about",
    "increase": "rise", "increased": "rose", "decrease": "fall", "decreased": "fell", "show": "indicate", "shows": "indicates",
    "showed": "indicated", "company": "firm", "children": "kids", "help": "assist", "used": "employed", "use": "employ",
    "need": "require", "many": "numerous", "important": "significant", "people": "persons", "provide": "offer",
    "provides": "offers", "provided": "offered", "during": "in the course of", "before": "prior to", "including": "among them",
    "method": "approach", "found": "discovered", "different": "various", "study": "investigation", "results": "findings",
    "total": "overall", "released": "issued", "written": "authored", "cost": "expense", "costs": "expenses", "jobs": "posts",
    "job": "post", "made": "produced", "said": "stated", "start": "begin", "end": "close", "main": "principal",
    "often": "frequently",
}  # fmt: skip
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|will|can|has|have|had|would|should|may|does|did)\b")
_LEAST_CHARS = 40


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence of the model's, and where it took it from."""

    text: str
    place: int
    """Of the passage."""
    span: Span
    """Of the sentence, offsets in the passage."""


def write(question: str, passages: Sequence[Passage], embed: Embed, *, most: int) -> list[Written]:
    """The sentences nearest the question in the order of the passages, reworded."""
    return _written(passages, _nearest(question, passages, _long_ones(passages), embed, most=most))


def write_knowing(
    question: str,
    passages: Sequence[Passage],
    embed: Embed,
    answers: Callable[[Passage, Span], bool],
    *,
    most: int,
) -> list[Written]:
    """Those that answer the question, the nearest of them where they are many; where there is none, the nearest."""
    found = [
        (place, span)
        for place, passage in enumerate(passages)
        for span in units(passage.text, header_apart=bool(passage.context))
        if answers(passage, span)
    ]
    if found:
        return _written(passages, _nearest(question, passages, found, embed, most=most))
    return write(question, passages, embed, most=1)


def _long_ones(passages: Sequence[Passage]) -> list[tuple[int, Span]]:
    return [
        (place, span)
        for place, passage in enumerate(passages)
        for span in units(passage.text, header_apart=bool(passage.context))
        if span.end - span.start >= _LEAST_CHARS
    ]


def _nearest(
    question: str, passages: Sequence[Passage], found: Sequence[tuple[int, Span]], embed: Embed, *, most: int
) -> list[tuple[int, Span]]:
    if len(found) <= most:
        return list(found)
    vectors = embed([question, *(passages[place].text[span.start : span.end] for place, span in found)])
    order = np.argsort(-(vectors[1:] @ vectors[0]), kind="stable")[:most]
    return [found[at] for at in sorted(order)]


def _written(passages: Sequence[Passage], found: Sequence[tuple[int, Span]]) -> list[Written]:
    return [
        Written(reworded(passages[place].text[span.start : span.end]), place, span) for place, span in found
    ]


def reworded(sentence: str) -> str:
    """Other words here and there, brackets left out, the halves of a sentence in the other order; figures stay."""
    text = re.sub(r"\s*\([^()]{1,60}\)", "", " ".join(sentence.split()))
    # A capital within a sentence is part of a name, which no model puts in other words.
    text = re.sub(r"\A[A-Za-z]+|\b[a-z]+\b", lambda word: _other(word.group()), text)
    halves = text.rstrip(".").split(", ")
    if len(halves) == 2 and min(map(len, halves)) > 15 and not re.search(r"\d$", halves[0]):
        text = f"{halves[1]}, {halves[0]}"
    text = re.sub(r"[.!?]+(?=\s)", ";", text).replace("|", ",").rstrip(".;:!? ")
    return text.replace('"', "").replace("[", "(").replace("]", ")").lstrip("#*->+ ") + "."


def _other(word: str) -> str:
    other = _WORDS.get(word.casefold())
    if other is None:
        return word
    return other.capitalize() if word[0].isupper() else other


def marked(sentences: Sequence[Written]) -> str:
    """The answer: a paragraph, each sentence with a marker to the passage it was taken from, in a style of its own."""
    return " ".join(
        f"{written.text[:-1]}{_STYLES[turn % len(_STYLES)].format(written.place + 1)}."
        for turn, written in enumerate(sentences)
    )


def altered(sentence: str, names: Sequence[str]) -> tuple[str, str]:
    """The sentence with its first figure or else a name another, and which it was; an empty word where it has neither."""
    number = re.search(r"\b\d[\d,.]*\d\b|\b\d\b", sentence)
    if number is not None:
        digits = re.sub(r"\d", lambda digit: str((int(digit.group()) + 3) % 10 or 7), number.group())
        return sentence[: number.start()] + digits + sentence[number.end() :], "number"
    name = re.search(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b", sentence)
    other = next((other for other in names if other not in sentence), "") if name is not None else ""
    if name is None or not other:
        return sentence, ""
    return sentence[: name.start()] + other + sentence[name.end() :], "name"


def denied(sentence: str) -> str:
    """The sentence with a `not` after its first auxiliary; empty where it has none or denies something already."""
    if re.search(r"\b(?:not|no|never|without|nor|neither)\b|n['’]t\b", sentence, re.IGNORECASE):
        return ""
    other, count = _AUXILIARY.subn(r"\g<0> not", sentence, count=1)
    return other if count else ""
