"""The rows of a sheet as its text holds them: where each line stands, its number in the file, its cells."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from readingroom.core.extraction import ExtractedDocument, Table
from readingroom.core.places import row_noun
from readingroom.ui.panes.viewer_long_text import Text, slices

SEPARATOR = " | "
_MOST_COLUMNS = 2000
"""More cells of a row are shown as one: nobody reads that far to the right."""
_LEAST_TABLE = 0.2
"""Of the text: records that are mostly prose are no grid, a sheet with long remarks still is."""
_LOOSE = -1
_LINE_END, _BAR = ord("\n"), ord("|")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's span in the document's text, and what stands in it."""

    start: int
    end: int
    text: str


class SheetRows:
    """The lines of one sheet, from 0. Made off the GUI thread: it looks through the sheet's text once.

    Blank lines and headings (the sheet's own name) are left out: they are no rows. A line outside every table (a
    remark, a text box) is a row without a number, with one cell.
    """

    def __init__(
        self,
        name: str,
        text: Text,
        start: int,
        end: int,
        tables: Sequence[Table],
        headings: Iterable[int] = (),
    ) -> None:
        """It is the characters [start, end) of `text`; `headings` are the offsets at which some begin."""
        self.name = name
        self.columns = 1
        self._text = text
        self._starts: NDArray[np.int64]
        self._ends: NDArray[np.int64]
        self._tables = sorted(tables, key=lambda table: table.start)
        self._take_lines(start, end, headings)
        self._firsts = [self._first_from(table.start) for table in self._tables]
        self._numbered = sorted(self._numbering())
        self.cells = lru_cache(maxsize=4096)(self._cells)

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def start(self) -> int:
        """Offset of the first row."""
        return int(self._starts[0]) if len(self._starts) else 0

    def span(self, line: int) -> tuple[int, int]:
        """Offsets of a row's characters, without its line end."""
        return int(self._starts[line]), int(self._ends[line])

    def line_at(self, offset: int) -> int:
        """The row that holds a character, else the last before it."""
        return max(0, int(np.searchsorted(self._starts, offset, side="right")) - 1)

    def lines_in(self, start: int, end: int) -> range:
        """The rows of which something stands in [start, end)."""
        return range(int(np.searchsorted(self._ends, start, side="right")), self._first_from(end))

    def number(self, line: int) -> int | None:
        """The row's number in the file; None for a line that is no row there."""
        place = bisect_right(self._numbered, (line, 1 << 62)) - 1
        if place < 0 or self._numbered[place][1] == _LOOSE:
            return None
        first, number = self._numbered[place]
        return number + line - first

    def line_of(self, number: int) -> int:
        """The row of that number, else the next one that is there."""
        low, high = 0, len(self._starts)
        # Numbers grow downwards; a line without one counts as the row above it.
        while low < high:
            middle = (low + high) // 2
            if self.number_or_above(middle) < number:
                low = middle + 1
            else:
                high = middle
        return min(low, max(0, len(self._starts) - 1))

    def last_number(self) -> int:
        """The greatest row number."""
        return self.number_or_above(len(self._starts) - 1) if len(self._starts) else 0

    def header_of(self, line: int) -> int | None:
        """The row that names the columns of a row's table; None where none does."""
        place = bisect_right(self._firsts, line) - 1
        if place < 0 or not self._tables[place].header or self._starts[line] >= self._tables[place].end:
            return None
        return self._firsts[place]

    @property
    def named(self) -> bool:
        """Whether any of its tables has names for its columns."""
        return any(table.header for table in self._tables)

    def loose(self, line: int) -> bool:
        """Whether the line is no row of a table."""
        place = bisect_right(self._firsts, line) - 1
        return place < 0 or bool(self._starts[line] >= self._tables[place].end)

    def _first_from(self, offset: int) -> int:
        return int(np.searchsorted(self._starts, offset))

    def _cells(self, line: int) -> tuple[Cell, ...]:
        """A row's cells; remembered, since a view asks for them one at a time and again."""
        start, end = self.span(line)
        text = self._text[start:end]
        if self.loose(line):
            return (Cell(start, end, text),)
        cells = []
        for words in text.split(SEPARATOR, _MOST_COLUMNS):
            cells.append(Cell(start, start + len(words), words))
            start += len(words) + len(SEPARATOR)
        return tuple(cells)

    def number_or_above(self, line: int) -> int:
        """The row's number, of a line without one that of the row above it."""
        place = bisect_right(self._numbered, (line, 1 << 62)) - 1
        while place >= 0 and self._numbered[place][1] == _LOOSE:
            place -= 1
            line = self._numbered[place + 1][0] - 1
        return self._numbered[place][1] + line - self._numbered[place][0] if place >= 0 else 0

    def _take_lines(self, start: int, end: int, headings: Iterable[int]) -> None:
        """Find the lines in the characters [start, end) of the text, and the most cells one has."""
        ends, widest = _line_ends(self._text, start, end)
        starts = np.concatenate(([start], ends[:-1] + 1)) if len(ends) else ends
        shown = np.zeros(len(starts), dtype=bool)
        for table in self._tables:
            shown[np.searchsorted(starts, table.start) : np.searchsorted(starts, table.end)] = True
        known = frozenset(headings)
        for line in np.flatnonzero(~shown).tolist():
            first = int(starts[line])
            shown[line] = first not in known and bool(self._text[first : int(ends[line])].strip())
        self._starts, self._ends = starts[shown], ends[shown]
        self.columns = min(widest, _MOST_COLUMNS) + 1

    def _numbering(self) -> Iterator[tuple[int, int]]:
        """(line, number) where numbering begins or jumps, and (line, `_LOOSE`) where there is none."""
        yield 0, _LOOSE
        for place, table in enumerate(self._tables):
            lines = np.searchsorted(self._starts, [offset for offset, _ in table.rows]).tolist()
            yield from zip(lines, (number for _, number in table.rows), strict=True)
            after = self._first_from(table.end)
            if place + 1 == len(self._tables) or self._firsts[place + 1] > after:
                yield after, _LOOSE


def sheets_of(document: ExtractedDocument, text: Text) -> tuple[SheetRows, ...]:
    """The sheets of a document whose format has rows; none of any other, nor where most of it is no table."""
    in_tables = sum(table.end - table.start for table in document.tables)
    if not row_noun(document.format, paginated=document.paginated) or in_tables <= _LEAST_TABLE * len(text):
        return ()
    headings = [heading.start for heading in document.headings]
    if not document.paginated:
        return (SheetRows("", text, 0, len(text), document.tables, headings),)
    sheets = []
    for page in document.pages:
        tables = [table for table in document.tables if page.start <= table.start < page.end]
        name = page.label or f"Sheet {page.number}"
        sheets.append(SheetRows(name, text, page.start, page.end, tables, headings))
    return tuple(sheets)


def _line_ends(text: Text, start: int, end: int) -> tuple[NDArray[np.int64], int]:
    """Where the lines in [start, end) end, and the most bars one has: cells' own are written otherwise."""
    ends: list[NDArray[np.int64]] = []
    widest, carried = 0, 0
    for at, piece in slices(text, start):
        codes = np.frombuffer(piece[: end - at].encode("utf-32-le", "surrogatepass"), dtype="<u4")
        breaks = np.flatnonzero(codes == _LINE_END)
        bars = np.searchsorted(np.flatnonzero(codes == _BAR), np.append(breaks, len(codes)))
        counts = np.diff(bars, prepend=0)
        counts[0] += carried
        carried = int(counts[-1])
        widest = max(widest, int(counts.max()))
        ends.append(breaks + at)
        if at + len(codes) >= end:
            break
    found = np.concatenate(ends) if ends else np.zeros(0, dtype=np.int64)
    if start < end and (not len(found) or found[-1] != end - 1):
        found = np.append(found, end)
    return found, widest
