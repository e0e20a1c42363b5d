"""Where what answers a question stands: judged spans, judged pages, or spans that were put on known pages (typeset.py)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from readingroom.core.citations import page_of
from readingroom.core.conversation import Citation
from readingroom.core.extraction import Page
from readingroom.core.models import Passage
from readingroom.core.text_spans import Span, words

Question = dict[str, Any]
_SAID = 0.9
"""Share of a sentence's words that evidence must have for the sentence to be of it."""


def located(question: Question, pages: Callable[[str], Sequence[Page]]) -> Question:
    """With offsets in the text that the program has of the document; what is not on its page there is left out."""
    if not all("page" in reference for reference in question.get("references", [{}])):
        return question
    texts = {page.number: page for page in pages(question["document"])}
    found = [
        {**reference, "start": span.start, "end": span.end}
        for reference in question["references"]
        if (span := _place(reference["text"], texts[reference["page"]])) is not None
    ]
    return {**question, "references": found, "lost": len(question["references"]) - len(found)}


def _place(text: str, page: Page) -> Span | None:
    """Sign by sign but for white space."""
    signs = [place for place, sign in enumerate(page.text) if not sign.isspace()]
    sought = "".join(text.split())
    at = "".join(page.text.split()).find(sought)
    if at < 0:
        return None
    return Span(page.start + signs[at], page.start + signs[at + len(sought) - 1] + 1)


def spans(question: Question) -> Sequence[tuple[int, int]]:
    """Offsets of what is judged; none where only pages are."""
    return [(reference["start"], reference["end"]) for reference in question.get("references", ())]


def pages(question: Question, passage: Passage) -> set[int]:
    """The judged pages, of spans that the passage holds text of; none where the documents have no pages."""
    if "evidence" in question:
        return {evidence["page"] for evidence in question["evidence"]}
    return {
        reference["page"]
        for reference in question["references"]
        if "page" in reference
        and common(passage.start, passage.end, [(reference["start"], reference["end"])])
    }


def common(start: int, end: int, others: Iterable[tuple[int, int]]) -> int:
    """How many characters of [start, end) are in the others."""
    return sum(max(0, min(end, last) - max(start, first)) for first, last in others)


def holds(question: Question, passage: Passage, least: float = 0.5) -> bool:
    """Whether the passage holds half of a judged span, or text of a judged page."""
    if passage.path.name != question["document"]:
        return False
    if "evidence" in question:
        return bool(pages(question, passage).intersection(place.page or 0 for place in passage.locations))
    return any(
        (held := common(passage.start, passage.end, [span])) > 0 and held >= least * (span[1] - span[0])
        for span in spans(question)
    )


def answers(question: Question, passage: Passage, sentence: Span) -> bool:
    """Whether a sentence of the passage is one of those that were judged to answer; half of it or of what was judged."""
    if passage.path.name != question["document"]:
        return False
    start, end = passage.start + sentence.start, passage.start + sentence.end
    if "evidence" not in question:
        return any(
            common(start, end, [span]) > min(end - start, span[1] - span[0]) / 2 for span in spans(question)
        )
    page = page_of(passage.locations, start, passage.page)
    said = words(passage.text[sentence.start : sentence.end])
    told = {
        word
        for evidence in question["evidence"]
        if evidence["page"] == page
        for word in words(evidence["text"])
    }
    return len(said) > 4 and sum(word in told for word in said) >= _SAID * len(said)


def judged_most(question: Question, passage: Passage, parts: Sequence[Citation]) -> Citation:
    """The part with most of what is judged: of the spans, or else the one that opens a judged page."""
    judged = pages(question, passage)
    return max(parts, key=lambda part: (common(part.start, part.end, spans(question)), part.page in judged))
