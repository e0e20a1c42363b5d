"""Picks the reader for a file, by content first and name second, and reads it."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from readingroom.core.errors import (
    DocumentChanged,
    DocumentCorrupt,
    DocumentEncrypted,
    DocumentTooLarge,
    DocumentUnsupported,
    ReadFailure,
)
from readingroom.core.extraction import ExtractedDocument, ReadLimits, joined
from readingroom.documents.csv_table import read_csv
from readingroom.documents.decoding import NotText
from readingroom.documents.formats import BY_SUFFIX, NAME_NOT_READ, describe_format, readable_suffixes
from readingroom.documents.markdown import read_markdown
from readingroom.documents.office.decryption import LOCKABLE, decrypted, is_encrypted
from readingroom.documents.readers import UNBOUNDED_READERS, WHOLE_FILE_READERS, OnProgress, OpenText
from readingroom.documents.sniffing import HEAD_BYTES, Sniff, Sniffed, sniff
from readingroom.documents.structured import reading as structured
from readingroom.documents.text import single_page

__all__ = ["describe_format", "read_document", "read_parts", "readable_suffixes"]

_BYTES_A_CHARACTER = 4
"""At most, in every encoding we read."""
_CODE_NAMES = frozenset({"makefile", "dockerfile", "rakefile", "gemfile", "cmakelists.txt", "jenkinsfile"})
_SPECIAL_FILES = (
    (stat.S_ISDIR, "folders"),
    (stat.S_ISFIFO, "pipes"),
    (stat.S_ISSOCK, "sockets"),
    (stat.S_ISCHR, "devices"),
    (stat.S_ISBLK, "devices"),
)


def read_document(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Read any file whole: the parts of `read_parts` put together."""
    return joined(read_parts(path, limits, on_progress))


def read_parts(
    path: Path, limits: ReadLimits, on_progress: OnProgress, passwords: Sequence[str] = ()
) -> Iterator[ExtractedDocument]:
    """Read any file, a part after the other; call `on_progress(pages done, pages in all or None)` on the way.

    `passwords` are tried on a file that is encrypted. Raises `ReadFailure` (its subclasses) with a reason in plain
    words and nothing else. An empty file is a document without text.
    """
    try:
        with _open_regular(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            head = stream.read(HEAD_BYTES)
            sniffed = sniff(path, head, stream)
            stream.seek(0)
            yield from _read(path, stream, size, sniffed, limits, on_progress, passwords)
    except FileNotFoundError as error:
        raise DocumentChanged("The file is no longer there.") from error
    except PermissionError as error:
        raise ReadFailure("Reading Room is not allowed to open this file.") from error
    except NotADirectoryError as error:
        raise DocumentChanged("The file is no longer there.") from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise ReadFailure(f"The file could not be read from the disk ({reason}).") from error


def _open_regular(path: Path) -> BinaryIO:
    """Open without waiting: a pipe without a writer would block for ever."""
    _refuse_special(path.stat().st_mode)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise DocumentUnsupported("Reading Room does not read devices.") from error
        raise
    stream = os.fdopen(descriptor, "rb")
    try:
        # It may have been exchanged since.
        _refuse_special(os.fstat(descriptor).st_mode)
    except ReadFailure:
        stream.close()
        raise
    return stream


def _refuse_special(mode: int) -> None:
    for is_kind, name in _SPECIAL_FILES:
        if is_kind(mode):
            raise DocumentUnsupported(f"Reading Room does not read {name}.")


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        megabytes = 1024 * 1024
        raise DocumentTooLarge(
            f"The file has {-(-size // megabytes):,} MB; the limit is {max(limit // megabytes, 1):,} MB."
        )


def _read(
    path: Path,
    stream: BinaryIO,
    size: int,
    sniffed: Sniffed,
    limits: ReadLimits,
    on_progress: OnProgress,
    passwords: Sequence[str],
) -> Iterator[ExtractedDocument]:
    suffix = path.suffix.lower()
    format_name = _format_of(path, sniffed)
    if size == 0:
        yield single_page(format_name or "text", "")
        return
    if sniffed.kind is Sniff.ENCRYPTED or (format_name in LOCKABLE and is_encrypted(path)):
        _check_size(size, limits.max_bytes)
        with decrypted(path, passwords) as plain:
            yield from read_parts(plain, limits, on_progress)
        return
    match sniffed.kind:
        case Sniff.NAMED:
            raise _not_read(sniffed.name)
        case Sniff.DAMAGED_ZIP:
            raise DocumentCorrupt("The file is damaged: it is cut off or not a whole document.")
        case Sniff.LOCKED:
            raise DocumentEncrypted(
                f"It needs a password, and Reading Room does not read {sniffed.name} yet."
            )
        case Sniff.TEXT_OR_UNKNOWN if suffix in NAME_NOT_READ:
            raise _not_read(f"{NAME_NOT_READ[suffix]} ({suffix})")
    if format_name == "pdf":
        # Loaded on demand: it takes most of a second.
        from readingroom.documents.pdf import read_pdf

        yield from read_pdf(path, limits, on_progress, passwords)
        return
    if format_name in structured.NAMES or not format_name:
        try:
            yield from structured.reader_of(format_name)(OpenText(stream, size, suffix), limits, on_progress)
        except NotText as error:
            raise _not_text() from error
        return
    if format_name in UNBOUNDED_READERS:
        on_progress(0, None)
        yield UNBOUNDED_READERS[format_name]()(path, limits, on_progress)
        return
    _check_size(size, limits.max_bytes)
    if format_name in WHOLE_FILE_READERS:
        on_progress(0, None)
        document = WHOLE_FILE_READERS[format_name]()(path, limits, on_progress)
    else:
        document = _read_characters(stream, size, format_name, suffix, limits, on_progress)
    yield document


def _read_characters(
    stream: BinaryIO, size: int, format_name: str, suffix: str, limits: ReadLimits, on_progress: OnProgress
) -> ExtractedDocument:
    if size > limits.max_chars * _BYTES_A_CHARACTER:
        raise DocumentTooLarge(f"The file holds more than {limits.max_chars:,} characters of text.")
    on_progress(0, None)
    data = stream.read(size)
    try:
        if format_name == "html":
            from readingroom.documents.html import read_html

            document = read_html(data, limits)
        elif format_name == "markdown":
            document = read_markdown(data)
        else:
            document = read_csv(data, tabs=suffix in {".tsv", ".tab"}, limits=limits)
    except NotText as error:
        raise _not_text() from error
    if sum(len(page.text) for page in document.pages) > limits.max_chars:
        raise DocumentTooLarge(f"The file holds more than {limits.max_chars:,} characters of text.")
    return document


def _format_of(path: Path, sniffed: Sniffed) -> str:
    """The format to read it as; "" where neither content nor name tells."""
    by_name = "code" if path.name.lower() in _CODE_NAMES else BY_SUFFIX.get(path.suffix.lower(), "")
    if sniffed.kind is Sniff.FORMAT:
        return sniffed.name
    if sniffed.kind is Sniff.HTML:
        # Text that shows HTML stays text; a page saved under a foreign or no name is a page.
        return by_name if by_name == "markdown" or by_name in structured.NAMES - {"xml"} else "html"
    return by_name


def _not_text() -> DocumentUnsupported:
    return DocumentUnsupported("Reading Room does not read this kind of file: it is not text.")


def _not_read(name: str) -> DocumentUnsupported:
    return DocumentUnsupported(f"Reading Room does not read {name} yet.")
