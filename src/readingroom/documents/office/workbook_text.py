"""Sheets of a workbook as pages of text, whatever format they were read from."""

from collections.abc import Iterable

from readingroom.core.extraction import ExtractedDocument, Heading, Page, ReadLimits, Table
from readingroom.documents.hidden import hidden_note
from readingroom.documents.office.table_text import Row, TableText, cell_text
from readingroom.documents.readers import OnProgress

_PROGRESS_EVERY = 2000
_HIDDEN_KEPT = 1_000_000
"""Characters of hidden text that are counted a sheet."""


class LimitReached(Exception):
    """No more is wanted; the note that says so is written."""


class EnoughHidden(Exception):
    """More of this hidden sheet need not be counted."""


class WorkbookText:
    """Takes sheets one after the other, rows from top to bottom; hidden things are only counted."""

    def __init__(
        self, format_name: str, limits: ReadLimits, on_progress: OnProgress, title: str = ""
    ) -> None:
        """`title` is the workbook's own; it heads the first sheet."""
        self._format = format_name
        self._title = title
        self._limits = limits
        self._on_progress = on_progress
        self._pages: list[Page] = []
        self._headings: list[Heading] = []
        self._tables: list[Table] = []
        self._notes: list[str] = []
        self._offset = 0
        self._number = 0
        self._name = ""
        self._hidden_sheet = False
        self._head = ""
        self._rows: TableText | None = None
        self._lines: list[str] = []
        self._lines_length = 0
        self._hidden: list[str] = []
        self._hidden_length = 0
        self._seen = 0

    def begin(self, number: int, name: str, *, hidden: bool = False) -> None:
        """Begin a sheet, the `number`th of all from 1. Raises `LimitReached`."""
        self.end()
        if number > self._limits.max_pages:
            self.note(f"Only the first {self._limits.max_pages:,} sheets were read: that is the limit.")
            raise LimitReached
        self._number, self._name, self._hidden_sheet = number, " ".join(name.split()), hidden
        mark = "##" if self._title else "#"
        self._head = f"{mark} {self._name}\n\n" if self._name else ""
        if self._title and not self._pages:
            self._head = f"# {self._title}\n\n{self._head}"
        self._rows = TableText(self._offset + len(self._head))
        self._on_progress(number - 1, None)

    def row(self, number: int, cells: Iterable[tuple[int, str]], *, hidden: bool = False) -> None:
        """Take a row's cells as (column from 0, shown text), in order. Raises `LimitReached`, `EnoughHidden`."""
        self._seen += 1
        if self._seen % _PROGRESS_EVERY == 0:
            self._on_progress(self._number - 1, None)
        filled = [(column, text) for column, words in cells if (text := cell_text(words))]
        if hidden or self._hidden_sheet:
            for _, text in filled:
                self.hide(text)
            if self._hidden_sheet and self._hidden_length >= _HIDDEN_KEPT:
                raise EnoughHidden
            return
        if self._rows is None or not filled:
            return
        row = Row(number, filled)
        if self._rows.end_with(row) > self._limits.max_chars:
            self._over_limit(f"row {number:,} of ")
        self._rows.add(row)

    def line(self, text: str) -> None:
        """Take a line that stands in no cell: a comment, a text box, a footer. Raises `LimitReached`."""
        text = " ".join(text.split())
        if self._hidden_sheet:
            self.hide(text)
        elif text:
            self._lines_length += len(text) + 1
            if self._rows is not None and self._rows.end + self._lines_length > self._limits.max_chars:
                self._over_limit("")
            self._lines.append(text)

    def hide(self, text: str) -> None:
        """Take note of text that cannot be seen."""
        if text and self._hidden_length < _HIDDEN_KEPT:
            self._hidden.append(text)
            self._hidden_length += len(text)

    def note(self, text: str) -> None:
        """Say something about the whole workbook, once."""
        if text and text not in self._notes:
            self._notes.append(text)

    def end(self) -> None:
        """End the sheet under way; one without text gives no page."""
        if self._rows is None:
            return
        text, tables = self._rows.finish()
        self._rows = None
        if self._lines:
            text += ("\n" if text else "") + "\n".join(self._lines) + "\n"
        if text:
            self._add_headings()
            text = self._head + text
            self._pages.append(Page(self._number, self._offset, text, self._name))
            self._tables.extend(tables)
            self._offset += len(text)
        kind = "hidden sheet" if self._hidden_sheet else "sheet"
        self.note(hidden_note(self._hidden, f"in {kind} {self._name}"))
        self._lines, self._lines_length = [], 0
        self._hidden, self._hidden_length = [], 0

    def document(self) -> ExtractedDocument:
        """Give what was taken."""
        self.end()
        return ExtractedDocument(
            self._format,
            tuple(self._pages),
            tuple(self._headings),
            self._title,
            tuple(self._notes),
            tuple(self._tables),
        )

    def _add_headings(self) -> None:
        start = self._offset
        if self._title and not self._pages:
            self._headings.append(Heading(1, self._title, start))
            start += len(f"# {self._title}\n\n")
        if self._name:
            self._headings.append(Heading(2 if self._title else 1, self._name, start))

    def _over_limit(self, place: str) -> None:
        limit = f"{self._limits.max_chars:,}"
        self.note(
            f"Only the first {limit} characters were read, up to {place}sheet {self._name}: that is the limit."
        )
        raise LimitReached
