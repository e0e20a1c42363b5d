"""Reads tables of separated values: a row a line, cells joined by a bar."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.decoding import decode
from readingroom.documents.office.table_text import Row, TableText, dense
from readingroom.documents.text import single_page

_DELIMITERS = ",;\t|"
_SAMPLE = 64 * 1024
_MAX_FIELD = 131_072
"""Characters; a longer field is a quotation mark that was never closed."""
_DEFAULT_LIMITS = ReadLimits()


def read_csv(data: bytes, *, tabs: bool, limits: ReadLimits = _DEFAULT_LIMITS) -> ExtractedDocument:
    """Read with the dialect found in the file; `tabs` says that its name promises tabs. Raises `NotText`.

    Past `limits.max_chars` the rest is left out, and a note says so.
    """
    text = decode(data).text
    dialect = _dialect(text[:_SAMPLE], tabs=tabs)
    try:
        return _read(text, dialect, limits, quoted=True, max_field=_MAX_FIELD)
    except csv.Error:
        return _read(text, dialect, limits, quoted=False, max_field=len(text) + 1)


def _read(
    text: str, dialect: type[csv.Dialect], limits: ReadLimits, *, quoted: bool, max_field: int
) -> ExtractedDocument:
    table = TableText(0, blocks=False)
    notes: tuple[str, ...] = ()
    for row in _rows(text, dialect, quoted=quoted, max_field=max_field):
        if table.end_with(row) > limits.max_chars:
            notes = (
                f"Only the first {row.number - 1:,} rows were read: the limit is {limits.max_chars:,} characters.",
            )
            break
        table.add(row)
    written, tables = table.finish()
    return replace(single_page("csv", written), tables=tables, notes=notes)


def _dialect(sample: str, *, tabs: bool) -> type[csv.Dialect]:
    if tabs and "\t" in sample:
        return csv.excel_tab
    # The sniffer is led astray by a line cut in two and slows down on very long samples.
    complete = sample.rpartition("\n")[0] or sample
    try:
        return csv.Sniffer().sniff(complete[:8192], delimiters=_DELIMITERS)
    except csv.Error:
        return csv.excel_tab if tabs else csv.excel


def _rows(text: str, dialect: type[csv.Dialect], *, quoted: bool, max_field: int) -> Iterator[Row]:
    previous_limit = csv.field_size_limit(max_field)
    try:
        # Doubled quotation marks are the standard's own; the sniffer misses them in a small sample.
        reader = csv.reader(
            io.StringIO(text, newline=""),
            delimiter=dialect.delimiter,
            quotechar=dialect.quotechar or '"',
            doublequote=True,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            skipinitialspace=True,
        )
        for number, cells in enumerate(reader, start=1):
            yield Row(number, tuple(dense(cells)))
    finally:
        csv.field_size_limit(previous_limit)
