"""Cuts an answer into what it claims: each sentence, or each part of one that has a source of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readingroom.core.markers import Marker, find_markers
from readingroom.core.text_spans import Span, sentences, words

_CODE_LINE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_RULE = re.compile(r"[\s|:+=*_-]*")
_LEAD = re.compile(r"[ \t>]*(?:[-*+•]|\d{1,3}[.)])?[ \t]+|[ \t>]+")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\)")
_EMPHASIS = re.compile(r"(?<!\\)[*`~]+|(?<![\w\\])_+|_+(?!\w)")
_LEAST_WORDS = 4
"""A part of a sentence with fewer says nothing by itself, and the whole sentence is taken."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, or the part of it before a marker."""

    start: int
    end: int
    """Offsets in the answer; markers directly after it are not part of it."""
    text: str
    """As it is read: without markers and marks of Markdown."""
    numbers: tuple[int, ...]
    """The passages it names as its source."""
    sentence: str
    """The whole sentence, where the claim is a part of it."""


def claims_of(answer: str) -> list[Claim]:
    """All claims in order, those without a source too; code and headings claim nothing."""
    markers = find_markers(answer)
    claims: list[Claim] = []
    for line in _lines(answer):
        within = [marker for marker in markers if line.start <= marker.start < line.end]
        claims += _claims_in(answer, line, within)
    return claims


def _lines(answer: str) -> Iterator[Span]:
    """The lines that claim something, without what makes them items or quotations."""
    fence = ""
    at = 0
    for line in answer.splitlines(keepends=True):
        start, at = at, at + len(line)
        opening = _CODE_LINE.match(line)
        if opening is not None and (not fence or opening.group(1).startswith(fence)):
            fence = "" if fence else opening.group(1)
            continue
        if fence or line.lstrip().startswith("#") or _RULE.fullmatch(line):
            continue
        lead = _LEAD.match(line)
        yield Span(start + (lead.end() if lead else 0), at)


def _claims_in(answer: str, line: Span, markers: Sequence[Marker]) -> Iterator[Claim]:
    hidden = list(answer[line.start : line.end])
    for marker in markers:
        hidden[marker.start - line.start : marker.end - line.start] = " " * (marker.end - marker.start)
    blanked = "".join(hidden)
    if "|" in blanked and blanked.lstrip().startswith("|"):
        spans = [Span(0, len(blanked.rstrip()))] if blanked.strip() else []
    else:
        spans = sentences(blanked)
    for place, span in enumerate(spans):
        # A marker after the full stop belongs to the sentence before; at the beginning of a line, to the one after.
        first = 0 if place == 0 else span.start
        last = spans[place + 1].start if place + 1 < len(spans) else len(blanked)
        own = [m for m in markers if first <= m.start - line.start < last]
        yield from _parts(answer, Span(span.start + line.start, span.end + line.start), own)


def _parts(answer: str, sentence: Span, markers: Sequence[Marker]) -> Iterator[Claim]:
    whole = _read(answer, sentence, markers)
    groups = _groups(answer, sentence, markers)
    if len(groups) < 2:
        numbers = groups[0].numbers if groups else ()
        yield Claim(sentence.start, sentence.end, whole, numbers, whole)
        return
    begin = sentence.start
    for place, group in enumerate(groups):
        until = sentence.end if place == len(groups) - 1 else group.start
        text = _read(answer, Span(begin, until), markers)
        yield Claim(begin, until, text if len(words(text)) >= _LEAST_WORDS else whole, group.numbers, whole)
        begin = group.end
        begin += len(answer[begin : sentence.end]) - len(answer[begin : sentence.end].lstrip(" ,;"))


def _groups(answer: str, sentence: Span, markers: Sequence[Marker]) -> list[Marker]:
    """Markers with no word between them taken together; one before the first word goes with what follows."""
    groups: list[Marker] = []
    at = sentence.start
    for marker in markers:
        bare = not words(answer[at : marker.start])
        leads = groups and groups[-1].start < sentence.start
        if groups and (bare or leads):
            before = groups.pop()
            numbers = tuple(dict.fromkeys((*before.numbers, *marker.numbers)))
            marker = Marker(before.start if bare else marker.start, marker.end, numbers)  # noqa: PLW2901
        elif bare:
            marker = Marker(sentence.start - 1, marker.end, marker.numbers)  # noqa: PLW2901
        groups.append(marker)
        at = max(at, marker.end)
    return groups


def _read(answer: str, span: Span, markers: Sequence[Marker]) -> str:
    parts = []
    at = span.start
    for marker in markers:
        if span.start <= marker.start < span.end:
            parts.append(answer[at : marker.start])
            at = max(at, marker.end)
    parts.append(answer[at : span.end])
    return plain(" ".join(part for part in parts if part))


def plain(markdown: str) -> str:
    """A line of Markdown as it is read."""
    text = _EMPHASIS.sub("", _LINK.sub(r"\1", markdown)).replace("|", " | ")
    return re.sub(r"\s+([.,;:!?])", r"\1", " ".join(text.split())).strip(" |,;")
