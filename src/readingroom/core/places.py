"""Names a place in a document as a person would: `page 12`, `slide 3`, `sheet Sales, row 214`."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from readingroom.core.extraction import ExtractedDocument, Table

_SHEETS = frozenset({"xlsx", "xls", "xlsb", "ods"})
_NOUNS = {
    **dict.fromkeys(("pptx", "ppt", "odp"), "slide"),
    **dict.fromkeys((*_SHEETS, "xml"), "sheet"),
    **dict.fromkeys(("epub", "fb2"), "chapter"),
}
GRIDS = _SHEETS | {"csv", "jsonl", "xml"}
"""Formats whose rows bear numbers a person can find again."""
TIMED = frozenset({"subtitles"})
"""Formats whose lines begin with the time at which they are said: `[00:01:23] text`."""
LINED = frozenset({"text", "code", "markdown", "latex", "rst", "org", "asciidoc"})
"""Formats whose text is the file's own, line for line."""
_TIME = re.compile(r"^\[(\d{2,3}:\d{2}:\d{2})\]", re.MULTILINE)
TIME_CHARS = 16
TIME_WITHIN = 2000
"""Characters after and before the beginning of a passage in which the time of its line is looked for."""
_NUMBERED = re.compile(r"(page|slide) \d+")
_LONGEST_LABEL = 60
_SHORT_LABEL = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span stands."""

    words: str = ""
    """`sheet Sales, row 214`; empty where the format has nothing to go by."""
    container: str = ""
    """Where the document itself is, when it is part of another: `letter.eml in archive.mbox`."""


class Placed(Protocol):
    """What passages and citations have in common."""

    @property
    def path(self) -> Path: ...
    @property
    def page(self) -> int | None: ...
    @property
    def place(self) -> str: ...
    @property
    def container(self) -> str: ...


def noun(format_name: str) -> str:
    """What the format's pages are called: `page`, `slide`, `sheet`, `chapter`."""
    return _NOUNS.get(format_name, "page")


def section_words(format_name: str, number: int, label: str = "") -> str:
    """A page by number and label: `page 12`, `slide 3`, `sheet Sales`, `chapter 5, The Fox`."""
    name, label = noun(format_name), clipped(label, _LONGEST_LABEL)
    if name == "sheet":
        return f"sheet {label or number}"
    if name == "chapter" and label:
        # `chapter 5, Chapter 3` would only confuse.
        return label if label.casefold().startswith("chapter ") else f"chapter {number}, {label}"
    return f"{name} {number}"


def row_noun(format_name: str, *, paginated: bool) -> str:
    """What its numbered lines are called: `row`, `record`; empty where they bear no numbers."""
    if format_name not in GRIDS or (format_name == "xml" and not paginated):
        return ""
    return "record" if format_name == "jsonl" else "row"


def time_words(before: str, after: str) -> str:
    """The time of the line on which a passage begins, from what stands before and after that: `at 00:01:23`."""
    own = _TIME.match(after)
    times = [own[1]] if own is not None else _TIME.findall(before)
    return f"at {times[-1]}" if times else ""


def joined_words(*parts: str) -> str:
    """The parts that are there, from the larger to the smaller: `sheet Sales, row 214`."""
    return ", ".join(part for part in parts if part)


def short(words: str) -> str:
    """A place in as few characters as will do, for a chip: `p. 12`, `ch. 5`, `Sales, row 214`."""
    if words.startswith("page "):
        return f"p. {words.removeprefix('page ')}"
    if words.startswith("chapter "):
        return f"ch. {words.removeprefix('chapter ').partition(',')[0]}"
    if words.startswith("at "):
        return words.removeprefix("at ")
    if words.startswith("sheet "):
        sheet, comma, row = words.removeprefix("sheet ").rpartition(", row")
        if not comma:
            return clipped(words.removeprefix("sheet "), _SHORT_LABEL)
        return f"{clipped(sheet, _SHORT_LABEL)}, row{row}"
    return clipped(words, 2 * _SHORT_LABEL)


def words_of(placed: Placed) -> str:
    """A passage's or citation's place, also of one kept before places had words."""
    if placed.place:
        return placed.place
    return "" if placed.page is None else f"page {placed.page}"


def on_page(words: str, page: int) -> str:
    """The place that the words of another in the same document are for a page; empty where a number does not name it."""
    if not words:
        return f"page {page}"
    numbered = _NUMBERED.fullmatch(words)
    return f"{numbered[1]} {page}" if numbered else ""


def span_of(words: Sequence[str]) -> str:
    """The places of a passage's parts as one: `pages 3–4`."""
    first, last = words[0], words[-1]
    if first == last:
        return first
    numbered = _NUMBERED.fullmatch(first)
    if numbered is None or _NUMBERED.fullmatch(last) is None:
        return f"{first} – {last}"
    return f"{numbered[1]}s {first.split()[-1]}–{last.split()[-1]}"


def name_of(placed: Placed) -> str:
    """The document's name and what it is part of: `report.pdf in letter.eml`."""
    return f"{placed.path.name} in {placed.container}" if placed.container else placed.path.name


def headings_beside(words: str, heading: Sequence[str]) -> tuple[str, ...]:
    """The headings that the place does not name already: a sheet's or a chapter's own is in both."""
    return tuple(title for title in heading if f" {clipped(title, _LONGEST_LABEL)}," not in f"{words},")


def container_of(path: Path, locator: str) -> str:
    """Names of the documents that one is part of, innermost first: `letter.eml in archive.mbox`."""
    steps = locator.count("/") + 1 if locator else 0
    return " in ".join(parent.name for parent in path.parents[:steps])


def titled(words: str) -> str:
    """With a capital, as where it stands by itself: `Sheet Sales, row 214`."""
    return words[:1].upper() + words[1:]


def clipped(text: str, longest: int) -> str:
    """On one line, with an ellipsis where it is longer."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


class RowIndex:
    """Finds the row numbers of lines in a document's tables."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._tables = sorted((table for table in tables if table.rows), key=lambda table: table.start)
        self._starts = [table.start for table in self._tables]

    def table_at(self, offset: int) -> Table | None:
        """The table whose text holds the character at `offset`."""
        place = bisect_right(self._starts, offset) - 1
        return self._tables[place] if place >= 0 and offset < self._tables[place].end else None

    def number_at(self, offset: int, count_lines: Callable[[int, int], int]) -> int | None:
        """Row of the line that holds `offset`, of a header without a number the first below; None outside tables.

        `count_lines(a, b)` gives how many line ends stand in [a, b); it is asked for one stretch at most.
        """
        table = self.table_at(offset)
        if table is None:
            return None
        place = bisect_right(table.rows, offset, key=lambda entry: entry[0]) - 1
        start, number = table.rows[max(place, 0)]
        return number + count_lines(start, max(start, offset))

    def span_words(
        self, start: int, end: int, count_lines: Callable[[int, int], int], row: str = "row"
    ) -> str:
        """`rows 214–220`, of what of [start, end) stands in tables; empty where nothing does."""
        first = max(0, bisect_right(self._starts, start) - 1)
        if first < len(self._tables) and self._tables[first].end <= start:
            first += 1
        last = bisect_left(self._starts, end) - 1
        if first > last:
            return ""
        top, bottom = self._tables[first], self._tables[last]
        # The last character may be the line end of the row before.
        first_row = self.number_at(max(start, top.start), count_lines)
        last_row = self.number_at(max(min(end, bottom.end) - 1, bottom.start), count_lines)
        if first_row is None or last_row is None:
            return ""
        return f"{row} {first_row}" if first_row >= last_row else f"{row}s {first_row}–{last_row}"


def place_in(document: ExtractedDocument, start: int, end: int) -> str:
    """Name the place of the characters [start, end) of a document that is at hand."""
    pages = document.pages
    if not pages:
        return ""
    at = max(0, bisect_right(pages, start, key=lambda page: page.start) - 1)
    page = pages[at]

    def count_lines(first: int, last: int) -> int:
        total, near = 0, max(0, bisect_right(pages, first, key=lambda page: page.start) - 1)
        while near < len(pages) and pages[near].start < last:
            here = pages[near]
            total += here.text.count("\n", max(0, first - here.start), max(0, last - here.start))
            near += 1
        return total

    section = "" if page.number is None else section_words(document.format, page.number, page.label)
    detail = ""
    if row := row_noun(document.format, paginated=page.number is not None):
        detail = RowIndex(document.tables).span_words(start, end, count_lines, row)
    elif document.format in TIMED:
        at = start - page.start
        detail = time_words(page.text[max(0, at - TIME_WITHIN) : at], page.text[at : at + TIME_CHARS])
    elif document.format in LINED and page.number is None:
        detail = f"line {1 + count_lines(0, start)}"
    return joined_words(section, detail)
