"""Reads tables of separated values: a row a line, cells joined by a bar."""

import csv
import io
from collections.abc import Iterator

from readingroom.core.models import ExtractedDocument
from readingroom.documents.decoding import decode
from readingroom.documents.text import single_page

_DELIMITERS = ",;\t|"
_SAMPLE = 64 * 1024
_MAX_FIELD = 131_072
"""Characters; a longer field is a quotation mark that was never closed."""


def read_csv(data: bytes, *, tabs: bool) -> ExtractedDocument:
    """Read with the dialect found in the file; `tabs` says that its name promises tabs. Raises `NotText`."""
    text = decode(data).text
    dialect = _dialect(text[:_SAMPLE], tabs=tabs)
    try:
        rows = "".join(_rows(text, dialect, quoted=True, max_field=_MAX_FIELD))
    except csv.Error:
        rows = "".join(_rows(text, dialect, quoted=False, max_field=len(text) + 1))
    return single_page("csv", rows)


def _dialect(sample: str, *, tabs: bool) -> type[csv.Dialect]:
    if tabs and "\t" in sample:
        return csv.excel_tab
    # The sniffer is led astray by a line cut in two and slows down on very long samples.
    complete = sample.rpartition("\n")[0] or sample
    try:
        return csv.Sniffer().sniff(complete[:8192], delimiters=_DELIMITERS)
    except csv.Error:
        return csv.excel_tab if tabs else csv.excel


def _rows(text: str, dialect: type[csv.Dialect], *, quoted: bool, max_field: int) -> Iterator[str]:
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
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            if any(cells):
                yield " | ".join(cells) + "\n"
    finally:
        csv.field_size_limit(previous_limit)
