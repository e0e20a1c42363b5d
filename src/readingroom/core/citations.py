"""Turns the [n] markers of an answer into citations whose words were found in the document."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from readingroom.core.conversation import Citation
from readingroom.core.models import PageSpan, Passage
from readingroom.core.text_spans import FoldedText, Span, sentences, words

MARKER = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_QUOTATION = re.compile(r"[\"“„«]([^\"”“«»]{8,}?)[\"”“»]")
_ROWS = re.compile(r"^[^\n]*\|[^\n]*$(?:\n[^\n]*\|[^\n]*$)*", re.MULTILINE)
"""Lines of a table: cells stand between bars."""
_LINE = re.compile(r"[^\n]+")
_MIN_OVERLAP = 0.2
"""Share of a claim's words that a sentence must hold to be shown as its source."""

_LEAST_ROW = 0.3
"""Of a row's rarity-weighted words in common with a claim: one that stands in three rows or fewer, or several."""
_CLEARLY = 1.5


@dataclass(frozen=True, slots=True)
class Marker:
    """A place in an answer that points to passages."""

    start: int
    end: int
    numbers: tuple[int, ...]


def find_markers(answer: str) -> list[Marker]:
    """The markers outside code, in order; `[1, 3]` is one marker with two numbers."""
    code = [match.span() for match in _CODE.finditer(answer)]
    return [
        Marker(match.start(), match.end(), tuple(int(n) for n in re.findall(r"\d+", match.group(1))))
        for match in MARKER.finditer(answer)
        if not any(start <= match.start() < end for start, end in code)
    ]


def cite(answer: str, passages: Sequence[Passage]) -> tuple[Citation, ...]:
    """One citation for each passage number the answer shows, in order of number.

    A quotation in the citing sentence is looked up in the passage. Where there is none, the sentence of the passage that shares
    most with the claim is taken; those are the document's own words, so they are located by nature. A quotation
    that is not found gives a citation to the passage, without a quote and not located.
    """
    claims: dict[int, list[str]] = {}
    for marker in find_markers(answer):
        claim = _claim_before(answer, marker)
        for number in marker.numbers:
            if 1 <= number <= len(passages):
                claims.setdefault(number, []).append(claim)
    return tuple(_citation(n, passages[n - 1], claims[n]) for n in sorted(claims))


def cite_passage(n: int, passage: Passage) -> Citation:
    """A citation of the passage as a whole."""
    return _cited(n, passage, Span(passage.start, passage.end), passage.text, located=True)


def cite_words(passage: Passage, words: Sequence[str]) -> Citation:
    """A citation of the sentence that holds most of these words of the passage; of all of it where there are none."""
    span = _best_sentence(passage, " ".join(dict.fromkeys(words))) if words else None
    if span is None:
        return cite_passage(passage.rank, passage)
    return _cited(
        passage.rank,
        passage,
        _shifted(span, passage.start),
        passage.text[span.start : span.end],
        located=True,
    )


def _claim_before(answer: str, marker: Marker) -> str:
    """The sentence that ends with the marker, other markers taken out."""
    line_start = answer.rfind("\n", 0, marker.start) + 1
    before = MARKER.sub(" ", answer[line_start : marker.start]).rstrip()
    spans = sentences(before)
    return before[spans[-1].start : spans[-1].end] if spans else ""


def _citation(n: int, passage: Passage, claims: Sequence[str]) -> Citation:
    quotations = [quote for claim in claims for quote in _QUOTATION.findall(claim)]
    folded = FoldedText(passage.text)
    for quotation in quotations:
        if (span := folded.find(quotation.strip(" .,;:"))) is not None:
            return _cited(n, passage, _shifted(span, passage.start), passage.text[span.start : span.end])
    if quotations:
        return _cited(n, passage, Span(passage.start, passage.end), "", located=False)
    span = _best_sentence(passage, " ".join(claims)) or Span(0, len(passage.text))
    return _cited(n, passage, _shifted(span, passage.start), passage.text[span.start : span.end])


def _best_sentence(passage: Passage, claim: str) -> Span | None:
    """The sentence or row, or two neighbours, that hold the largest share of the claim's words; rarer words count more."""
    text = passage.text
    wanted = set(words(claim))
    spans = _units(text, header_apart=bool(passage.context))
    if not wanted or not spans:
        return None
    bags = [set(words(text[span.start : span.end])) for span in spans]
    frequency = Counter(word for bag in bags for word in bag)
    weight = {word: 1.0 / (1 + frequency[word]) for word in wanted}
    whole = sum(weight.values())

    def share(bag: set[str]) -> float:
        return sum(weight[word] for word in wanted & bag) / whole

    singles = [(share(bag), span) for bag, span in zip(bags, spans, strict=True)]
    best_share, best = max(singles, key=lambda pair: pair[0])
    if best_share < _MIN_OVERLAP:
        return _best_row(text, spans, bags, wanted)
    for (one, first), (other, second) in pairwise(zip(bags, spans, strict=True)):
        # Two sentences are marked only where the second adds a good part of the claim.
        if share(one | other) > best_share + 0.3:
            best_share, best = share(one | other), Span(first.start, second.end)
    return best


def _best_row(text: str, spans: Sequence[Span], bags: Sequence[set[str]], wanted: set[str]) -> Span | None:
    """The row of a table that holds clearly more of the claim's rarer words than any other.

    A claim is a sentence around a few values, so that its share in a row is always small.
    """
    rows = [(span, bag) for span, bag in zip(spans, bags, strict=True) if "|" in text[span.start : span.end]]
    frequency = Counter(word for _, bag in rows for word in bag & wanted)
    scores = sorted(
        ((sum(1.0 / frequency[word] for word in bag & wanted), span.start, span) for span, bag in rows),
        reverse=True,
    )
    if not scores or scores[0][0] < _LEAST_ROW:
        return None
    if len(scores) > 1 and scores[0][0] < _CLEARLY * scores[1][0]:
        return None
    return scores[0][2]


def _units(text: str, *, header_apart: bool) -> list[Span]:
    """What may be cited by itself: sentences, and in tables rows.

    The first of several rows names the columns, unless the header stands apart: claims use its words, yet it is
    never what they rest on.
    """
    units: list[Span] = []
    prose = 0
    for stretch in _ROWS.finditer(text):
        units += [_shifted(span, prose) for span in sentences(text[prose : stretch.start()])]
        rows = [Span(*row.span()) for row in _LINE.finditer(text, *stretch.span())]
        units += rows if header_apart or len(rows) == 1 else rows[1:]
        prose = stretch.end()
    return units + [_shifted(span, prose) for span in sentences(text[prose:])]


def _shifted(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _cited(n: int, passage: Passage, span: Span, quote: str, *, located: bool = True) -> Citation:
    return Citation(
        n=n,
        document_id=passage.document_id,
        path=passage.path,
        page=_page_of(passage.locations, span.start, passage.page),
        start=span.start,
        end=span.end,
        quote=quote,
        located=located,
        place=passage.place,
        container=passage.container,
    )


def _page_of(locations: Sequence[PageSpan], start: int, default: int | None) -> int | None:
    for place in locations:
        if place.start <= start < place.end:
            return place.page
    return default
