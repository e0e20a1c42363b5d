"""Reads JSON: one value as readable lines, or many lines that hold a value each."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.decoding import decode
from readingroom.documents.readers import OnProgress, OpenText
from readingroom.documents.structured.json_text import DataText, LimitReached, one_line, table_columns
from readingroom.documents.text import read_text_parts, single_page

MAX_WHOLE = 32 * 1024 * 1024
"""Bytes of a value taken apart at once: as Python objects they take some ten times that."""
TOO_LONG_NOTE = "The file is too long to be taken apart, so that it was read as plain text."
DAMAGED_NOTE = "The file is damaged or not what its name says: it was read as plain text."
_LONGEST_LINE = 8 * 1024 * 1024
"""Characters; more of one record are not held back for its end."""
_SHORT_RECORD = 200
"""Characters; longer records are set apart by a blank line, so that chunks end between them."""


def parse_json(text: str) -> Any:
    """Parse, numbers as they are written. Raises `ValueError`, also for what is nested without end."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, strict=False)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_json(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    """Read one JSON value; plain text, with a note, where it is too long or damaged. Raises `NotText`."""
    if file.size > MAX_WHOLE:
        yield from noted(read_text_parts(file, "json", limits, on_progress), TOO_LONG_NOTE)
        return
    text = decode(file.stream.read(file.size)).text
    try:
        value = parse_json(text)
    except ValueError:
        file.stream.seek(0)
        if _is_record(text.lstrip().partition("\n")[0]):
            yield from read_json_lines(file, limits, on_progress)
        elif text.strip():
            yield from noted(read_text_parts(file, "json", limits, on_progress), DAMAGED_NOTE)
        else:
            yield single_page("json", "")
        return
    del text
    written = DataText(0, limits.max_chars)
    notes: tuple[str, ...] = ()
    try:
        written.value(value)
    except LimitReached:
        notes = (f"Only the first {limits.max_chars:,} characters were read: that is the limit.",)
    title = value.get("title") if isinstance(value, Mapping) else ""
    yield replace(
        single_page("json", written.text),
        tables=tuple(written.tables),
        title=" ".join(title.split())[:300] if isinstance(title, str) else "",
        notes=notes,
    )


def noted(parts: Iterator[ExtractedDocument], note: str) -> Iterator[ExtractedDocument]:
    """Put a note on the first part."""
    for count, part in enumerate(parts):
        yield part if count else replace(part, notes=(note, *part.notes))


def read_json_lines(
    file: OpenText, limits: ReadLimits, on_progress: OnProgress
) -> Iterator[ExtractedDocument]:
    """Read a record a line, in parts; lines that are no JSON stay as they are. Raises `NotText`."""
    start, row, waiting = 0, 1, ""
    parts = read_text_parts(file, "jsonl", limits, on_progress)
    for part in parts:
        text = waiting + part.pages[0].text
        cut = text.rfind("\n") + 1 if len(text) < _LONGEST_LINE else len(text)
        cut = len(text) if part.notes else cut
        lines, waiting = text[:cut].split("\n"), text[cut:]
        document = _written(lines, start, row, limits)
        # The last is what follows the last line's end: nothing.
        row += len(lines) - 1
        start = document.pages[0].end
        yield replace(document, notes=part.notes)
    if waiting or not start:
        yield _written([waiting], start, row, limits)


def _written(lines: list[str], start: int, first_row: int, limits: ReadLimits) -> ExtractedDocument:
    text = DataText(start, limits.max_chars)
    run: list[Mapping[str, Any]] = []
    run_row = first_row
    try:
        for row, line in enumerate(lines, start=first_row):
            record = _record(line)
            if run and (not isinstance(record, Mapping) or record.keys() != run[0].keys()):
                _write_run(text, run, run_row)
                run = []
            if isinstance(record, Mapping):
                run_row = run_row if run else row
                run.append(record)
            else:
                text.line(line)
        _write_run(text, run, run_row)
    except LimitReached:
        pass
    page = single_page("jsonl", text.text)
    return replace(page, pages=(replace(page.pages[0], start=start),), tables=tuple(text.tables))


def _write_run(text: DataText, run: list[Mapping[str, Any]], row: int) -> None:
    if columns := table_columns(run):
        text.table(run, columns, row)
        return
    for record in run:
        line = one_line(record)
        is_long = len(line) > _SHORT_RECORD
        if is_long:
            text.gap()
        text.line(line)
        if is_long:
            text.gap()


def _record(line: str) -> Any:
    if not line.strip().startswith("{"):
        return None
    try:
        return parse_json(line)
    except ValueError:
        return None


def _is_record(line: str) -> bool:
    return isinstance(_record(line), Mapping)
