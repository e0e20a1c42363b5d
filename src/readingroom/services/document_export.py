"""The list of documents as CSV, for a spreadsheet program."""

import csv
import io
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from readingroom.config.lasting import put_in_place
from readingroom.core.errors import UserFixableError
from readingroom.core.models import Document

COLUMNS = (
    "path",
    "state",
    "reason",
    "pages",
    "pages_without_text",
    "words",
    "size_bytes",
    "modified_at",
    "indexed_at",
    "read_seconds",
    "format",
    "title",
)
_BOM = b"\xef\xbb\xbf"
"""By it Excel tells UTF-8 from the code page of the system."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula, or may be taken for one: names of files must not become one."""


def write_csv(documents: Iterable[Document], out: BinaryIO) -> int:
    r"""Write a heading and a row a document, in UTF-8; how many documents. Times are UTC, ISO 8601.

    A text that would be a formula gets an apostrophe before it; bytes of a name that are no text are written
    as `\xff`.
    """
    text = io.TextIOWrapper(out, encoding="utf-8", errors="backslashreplace", newline="", write_through=True)
    out.write(_BOM)
    writer = csv.writer(text)
    count = 0
    try:
        writer.writerow(COLUMNS)
        for document in documents:
            writer.writerow(_cells(document))
            count += 1
    finally:
        text.detach()  # else it would close what is not ours
    return count


def save_csv(documents: Iterable[Document], path: Path) -> int:
    """Write the file whole or not at all; how many documents. Raises `UserFixableError`."""
    # What is no file (a pipe, a device) must not be put aside for one.
    special = path.exists() and not path.is_file()
    target = path if special else path.with_name(f".readingroom-{secrets.token_hex(6)}.csv")
    try:
        with target.open("wb") as file:
            count = write_csv(documents, file)
        if not special:
            put_in_place(target, path)
    except OSError as error:
        raise UserFixableError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Choose another place, or close the program that has it open.",
        ) from error
    finally:
        if not special:
            with suppress(OSError):
                target.unlink(missing_ok=True)
    return count


def _cells(document: Document) -> Iterator[object]:
    yield _safe(_readable(document.path))
    yield document.state.value
    yield _safe(document.reason)
    yield document.pages
    yield document.pages_without_text
    yield document.words
    yield document.size_bytes if document.size_bytes >= 0 else None
    yield _moment(document.modified_at_ns / 1e9)
    yield _moment(document.indexed_at)
    yield None if document.read_seconds is None else round(document.read_seconds, 3)
    yield _safe(document.format)
    yield _safe(document.title)


def _readable(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _safe(text: str) -> str:
    # A program may trim spaces before it looks.
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, OSError, ValueError):  # no calendar reaches that far
        return None
