"""How a document's text is cut: where chunks may end, what is joined, which page and heading they bear."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from readingroom.core.extraction import ExtractedDocument, Heading, Page, Table
from readingroom.core.models import PageSpan
from readingroom.core.seams import steady_cut

CHUNKER_RULE = "local3"
"""Grows with every change that cuts the same text otherwise: another name means a new index."""

HASH_BYTES = 16
"""Of `text_hash`."""

SPECIAL_TOKENS = 2
"""What a model puts around a text (`[CLS]` and `[SEP]`); none that fastembed lists has more."""

MAX_CHARS_PER_TOKEN = 16
"""English has some 4.5. A run without a space counts as one unknown token to a WordPiece model however long
it is, so characters bound a chunk as well."""

LONGEST_HEADER = 300
"""Characters of a table's header that are repeated for each of its chunks: a third of a chunk at most."""

LONGEST_TOPIC = 200
"""Characters of the headings or the title that are embedded with a chunk."""

LONGEST_TITLED = 16_000
"""Characters of a plain text whose first line is taken for the title of it all: some five pages."""

LONGEST_PARAGRAPH = 32_768
"""Characters. A file may be one line of many megabytes; in slices the work shows progress and stays linear."""

_LINES = re.compile(r"\n")
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


class Boundary(IntEnum):
    """What stands before a piece of text; the stronger, the sooner a chunk ends there."""

    NONE = 0
    """Inside a sentence of a paragraph that is longer than a chunk."""
    SENTENCE = 1
    """Between its sentences, or the rows of a table."""
    PARAGRAPH = 2
    PAGE = 3
    """A page, or a heading of the third level and deeper."""
    SECTION = 4
    """A heading of the first or second level."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A span that stays whole, free of outer white space; `tokens` counted on its own text."""

    start: int
    end: int
    before: Boundary
    tokens: int = 0


def chunker_name(max_tokens: int) -> str:
    """Names the rule and the window for an embedding model that reads `max_tokens` (`local3-254`)."""
    return f"{CHUNKER_RULE}-{capacity(max_tokens)}"


def capacity(max_tokens: int) -> int:
    """How many tokens of text fit a chunk for an embedding model that reads `max_tokens`."""
    return max(max_tokens - SPECIAL_TOKENS, 1)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrow the span by the white space at its ends; empty at `end` when there is nothing else."""
    span = text[start:end]
    start = end - len(span.lstrip())
    return start, max(start, end - (len(span) - len(span.rstrip())))


def blocks(document: ExtractedDocument, text: str) -> Iterator[Piece]:
    """Yield the document's paragraphs in order, none of them empty, nothing but white space between them.

    `text` is the document's text, handed over because joining the pages is not free.
    """
    marks: dict[int, Boundary] = {}

    def mark(position: int, boundary: Boundary) -> None:
        if 0 < position < len(text):
            marks[position] = max(boundary, marks.get(position, Boundary.NONE))

    for match in _BLANK_LINES.finditer(text):
        mark(match.end(), Boundary.PARAGRAPH)
    for table in document.tables:
        # Between any two rows; the header begins the first chunk of its table.
        for match in _LINES.finditer(text, max(table.start, 0), max(table.end, 0)):
            mark(match.end(), Boundary.SENTENCE)
        mark(table.start, Boundary.PARAGRAPH)
        mark(table.end, Boundary.PARAGRAPH)
    for page in document.pages[1:]:
        mark(page.start, Boundary.PAGE)
    for heading in document.headings:
        # A heading may be said to start after its mark-up ("## "), which belongs to it.
        line = text.rfind("\n", 0, max(heading.start, 0)) + 1
        mark(line, Boundary.SECTION if heading.level <= 2 else Boundary.PAGE)

    strongest = Boundary.SECTION
    positions = sorted(marks)
    for start, end in zip([0, *positions], [*positions, len(text)], strict=True):
        strongest = max(strongest, marks.get(start, Boundary.NONE))
        first, last = trimmed(text, start, end)
        if first < last:
            yield from _slices(text, first, last, strongest)
            strongest = Boundary.NONE


def _slices(text: str, start: int, end: int, before: Boundary) -> Iterator[Piece]:
    """Divide a paragraph of unheard-of length at a line's end, a sentence's or a space, as can be had."""
    while end - start > LONGEST_PARAGRAPH:
        cut = steady_cut(text, start + LONGEST_PARAGRAPH // 2, start + LONGEST_PARAGRAPH)
        first, last = trimmed(text, start, cut)
        if first < last:
            yield Piece(first, last, before)
            before = Boundary.NONE
        start = cut
    first, last = trimmed(text, start, end)
    if first < last:
        yield Piece(first, last, before)


def text_hash(text: str) -> str:
    """Compute blake2b-128 of a chunk's words, hexadecimal: the key of the embedding cache.

    White space counts as one blank, as it does to the models: a paragraph whose lines were broken anew is the same.
    """
    words = " ".join(text.split())
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES).hexdigest()


def topic_of(headings: Sequence[str], title: str, words: str) -> str:
    """What a chunk's embedding is told of its subject: the headings above it, without any the title; nothing twice.

    Half a document says little of its subject: with the title cranfield gains 0.007 and scifact 0.008 (ADR 26).
    """
    return "\n".join(name for name in headings or (title,) if name and name not in words)[:LONGEST_TOPIC]


def title_line(text: str) -> str:
    """The first line of a text of some pages, where it stands by itself and is short; else nothing.

    Of a longer text all chunks would have to be embedded anew when its first line is edited.
    """
    if len(text) > LONGEST_TITLED:
        return ""
    line, _, rest = text.partition("\n")
    return line.strip() if len(line) <= LONGEST_TOPIC and rest[:1] in ("\n", "\r") else ""


class PageIndex:
    """Finds pages by offset."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages
        self._starts = [page.start for page in pages]

    def number_at(self, offset: int) -> int | None:
        """Return the number of the page that holds the character at `offset`."""
        place = bisect_right(self._starts, offset) - 1
        return self._pages[place].number if place >= 0 else None

    def spans(self, start: int, end: int) -> tuple[PageSpan, ...]:
        """Divide [start, end) by pages; pages it does not touch are left out."""
        spans = []
        for page in self._pages[max(bisect_right(self._starts, start) - 1, 0) :]:
            if page.start >= end:
                break
            first, last = max(start, page.start), min(end, page.end)
            if first < last:
                spans.append(PageSpan(page.number, first, last))
        return merged(spans)


def merged(spans: Iterable[PageSpan]) -> tuple[PageSpan, ...]:
    """Join neighbours on the same page: a long text without pages is kept in pieces."""
    whole: list[PageSpan] = []
    for span in spans:
        if whole and whole[-1].page == span.page and whole[-1].end == span.start:
            whole[-1] = PageSpan(span.page, whole[-1].start, span.end)
        else:
            whole.append(span)
    return tuple(whole)


def locations(start: int, end: int, pages: Sequence[Page]) -> tuple[PageSpan, ...]:
    """Divide the span [start, end) by pages."""
    return PageIndex(pages).spans(start, end)


class HeadingIndex:
    """Finds the path of headings by offset."""

    def __init__(self, headings: Iterable[Heading]) -> None:
        self._starts: list[int] = []
        self._paths: list[tuple[str, ...]] = []
        stack: list[Heading] = []
        for heading in sorted(headings, key=lambda heading: heading.start):
            while stack and stack[-1].level >= heading.level:
                stack.pop()
            stack.append(heading)
            self._starts.append(heading.start)
            self._paths.append(tuple(entry.title for entry in stack))

    def path_at(self, offset: int) -> tuple[str, ...]:
        """Titles from the outermost inwards, of the headings at or before `offset`."""
        place = bisect_right(self._starts, offset) - 1
        return self._paths[place] if place >= 0 else ()


class TableIndex:
    """Finds the header of the table that an offset stands in."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._tables = sorted(tables, key=lambda table: table.start)
        self._starts = [table.start for table in self._tables]

    def table_at(self, offset: int) -> Table | None:
        """Return the table in which the character at `offset` stands."""
        place = bisect_right(self._starts, offset) - 1
        return self._tables[place] if place >= 0 and offset < self._tables[place].end else None

    def header_at(self, offset: int) -> str:
        """Return what a chunk that begins at `offset` must be told; empty outside, and where the header begins it."""
        table = self.table_at(offset)
        return "" if table is None or offset == table.start else table.header[:LONGEST_HEADER]


def rebased(document: ExtractedDocument) -> tuple[ExtractedDocument, int]:
    """Count a part's offsets from its own beginning; also that beginning.

    Headings of earlier parts, which the path of later ones goes on from, then stand before 0.
    """
    base = document.pages[0].start if document.pages else 0
    if not base:
        return document, 0
    return (
        replace(
            document,
            pages=tuple(replace(page, start=page.start - base) for page in document.pages),
            headings=tuple(replace(heading, start=heading.start - base) for heading in document.headings),
            tables=tuple(
                replace(table, start=table.start - base, end=table.end - base) for table in document.tables
            ),
        ),
        base,
    )
