"""Rows of a sheet as text, a row a line, with the tables found in it and their headers."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from readingroom.core.extraction import Table

_SAMPLE_ROWS = 100
"""Rows looked at before a header and columns are settled; later ones are written as they come."""
_HEADER_WITHIN = 12
"""Rows from the top of a block in which its header is looked for: titles may stand above it."""
_HEADER_FILLS = 0.5
"""Of the columns in use; titles and remarks fill fewer."""
_TITLE_ROWS = 5
"""A block with no more rows may be titles and a header, with the rows it names below a blank one."""
_LONG_CELL = 200
"""Characters; a heading of a column is shorter."""
_SPARSE = 0.02
"""A wide block with fewer cells filled is a drawing, whose empty cells are not worth writing."""
_WIDE = 50
_NUMBER = re.compile(r"[^\w]*\d[\d\s.,'’%/:()\-]*[^\w]*(?:[A-Za-z]{3})?\s*")
_YEAR = re.compile(r"(?:1[89]|20|21)\d\d(?:[/\-–](?:\d\d|\d{4}))?")


class Row(NamedTuple):
    """Cells that are not empty, as (column from 0, text), in order of columns."""

    number: int
    """From 1, as the file counts."""
    cells: Sequence[tuple[int, str]]


class TableText:
    """Takes rows from top to bottom and writes them, finding blocks, headers and row numbers."""

    def __init__(self, start: int, *, blocks: bool = True) -> None:
        """`start` is the offset of the first line in the document; `blocks` says whether blank rows divide."""
        self._offset = start
        self._blocks = blocks
        self._pieces: list[str] = []
        self._waiting: list[Row] = []
        self._waiting_chars = 0
        self._last_number: int | None = None
        self._columns: list[int] = []
        self._open: _OpenTable | None = None
        self._streaming = False
        self._tables: list[Table] = []

    def end_with(self, row: Row) -> int:
        """About where the text would end with one more row; those not yet written count."""
        return self._offset + self._waiting_chars + _length(row)

    @property
    def end(self) -> int:
        """About where the text ends."""
        return self._offset + self._waiting_chars

    def add(self, row: Row) -> None:
        """Take the next row; one without cells is nothing."""
        if not row.cells:
            return
        gap = self._last_number is not None and row.number > self._last_number + 1
        self._last_number = row.number
        if gap and self._blocks:
            self._settle()
            self._streaming = False
        if self._streaming:
            self._write(row)
            return
        self._waiting.append(row)
        self._waiting_chars += _length(row)
        if len(self._waiting) >= _SAMPLE_ROWS:
            self._settle()
            self._streaming = True

    def finish(self) -> tuple[str, tuple[Table, ...]]:
        """Give the text, which ends with a newline unless it is empty, and its tables."""
        self._settle()
        self._close()
        return "".join(self._pieces), tuple(self._tables)

    def _settle(self) -> None:
        """Write the rows that wait, once it is known what they are."""
        rows, self._waiting, self._waiting_chars = self._waiting, [], 0
        if not rows:
            return
        columns = sorted({column for row in rows for column, _ in row.cells})
        header = _header_place(rows, columns)
        if (
            header is None
            and len(rows) <= _TITLE_ROWS
            and _all_words(rows[-1])
            and not self._continues(columns)
        ):
            header = len(rows) - 1
        if header is None and self._continues(columns):
            # A blank row for the eye, not the end of the table.
            for row in rows:
                self._write(row)
            return
        self._close()
        filled = sum(len(row.cells) for row in rows)
        sparse = len(columns) > _WIDE and filled < _SPARSE * len(columns) * len(rows)
        self._columns = [] if sparse else columns
        for place, row in enumerate(rows):
            if place == header:
                self._close()
                self._open = _OpenTable(self._begin(), self._line(row))
            self._write(row)

    def _continues(self, columns: Sequence[int]) -> bool:
        known = self._columns
        return (
            self._open is not None
            and bool(self._open.header)
            and len(columns) > 1
            and known[0] <= columns[0]
            and columns[-1] <= known[-1]
        )

    def _begin(self) -> int:
        """Offset of a table that begins now; a blank line stands between two."""
        if self._pieces:
            self._pieces.append("\n")
            self._offset += 1
        return self._offset

    def _write(self, row: Row) -> None:
        if self._open is None:
            self._open = _OpenTable(self._begin(), "")
        self._open.mark(self._offset, row.number)
        line = self._line(row) + "\n"
        self._pieces.append(line)
        self._offset += len(line)

    def _line(self, row: Row) -> str:
        if not self._columns:
            return " | ".join(text for _, text in row.cells)
        texts = dict(row.cells)
        if not texts.keys() <= set(self._columns):
            self._columns = sorted({*self._columns, *texts})
        last = row.cells[-1][0]
        return " | ".join(texts.get(column, "") for column in self._columns if column <= last)

    def _close(self) -> None:
        if self._open is not None:
            self._tables.append(self._open.closed(self._offset))
            self._open = None


class _OpenTable:
    """A table that still grows."""

    def __init__(self, start: int, header: str) -> None:
        self.start = start
        self.header = header
        self._rows: list[tuple[int, int]] = []
        self._expected = 0

    def mark(self, offset: int, number: int) -> None:
        if number != self._expected:
            self._rows.append((offset, number))
        self._expected = number + 1

    def closed(self, end: int) -> Table:
        return Table(self.start, end, self.header, tuple(self._rows))


def cell_text(text: str) -> str:
    """Text of a cell on one line, its own bars made to differ from those between cells."""
    return " ".join(text.split()).replace("|", "¦")


def _length(row: Row) -> int:
    return sum(len(text) + len(" | ") for _, text in row.cells)


def _header_place(rows: Sequence[Row], columns: Sequence[int]) -> int | None:
    """Which row names the columns; None where none does."""
    for place, row in enumerate(rows[:_HEADER_WITHIN]):
        if len(row.cells) >= max(2, _HEADER_FILLS * len(columns)):
            return place if _names_columns(row, rows[place + 1 :]) else None
    return None


def _all_words(row: Row) -> bool:
    return len(row.cells) > 1 and all(
        len(text) <= _LONG_CELL and not _is_number(text) for _, text in row.cells
    )


def _names_columns(row: Row, below: Sequence[Row]) -> bool:
    if not below or any(len(text) > _LONG_CELL for _, text in row.cells):
        return False
    words = [text for _, text in row.cells if not _is_number(text)]
    if len(words) == len(row.cells):
        return True
    # Months or numbered columns: the first cell is a word, and numbers of another kind stand below.
    return bool(words) and words[0] == row.cells[0][1] and len(words) * 2 >= len(row.cells)


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and not _YEAR.fullmatch(text)


def dense(cells: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Cells of a row in which each column has one, as `Row` wants them."""
    for column, cell in enumerate(cells):
        text = cell_text(cell)
        if text:
            yield column, text


def column_letters(column: int) -> str:
    """What a sheet calls a column, from 0: 27 is `AB`."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
