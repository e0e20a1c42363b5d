"""Reads plain text: short files whole, long ones in parts with little in memory at a time."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from readingroom.core.extraction import ExtractedDocument, Page, ReadLimits
from readingroom.core.seams import steady_cut
from readingroom.documents.decoding import NotText, decode
from readingroom.documents.readers import OnProgress, OpenText

FIRST_PART_CHARS = 256 * 1024
"""Soon read, cut and embedded, so that a long text is soon found in."""
_PART_CHARS = 2 * 1024 * 1024
_BLOCK = 1024 * 1024
_SEAM_WITHIN = 0.8
"""A part ends at a blank line, line or word beyond this share of its length, mostly the same one after an edit."""
_BYTE_ORDER_MARK = "\ufeff"


def read_text(data: bytes, format_name: str) -> ExtractedDocument:
    r"""The characters as they stand, newlines as \n; `format_name` is `text` or `code`. Raises `NotText`."""
    return single_page(format_name, decode(data).text)


def single_page(format_name: str, text: str) -> ExtractedDocument:
    """A document of a format without pages."""
    return ExtractedDocument(format_name, (Page(None, 0, text),))


def read_text_parts(
    file: OpenText, format_name: str, limits: ReadLimits, on_progress: OnProgress
) -> Iterator[ExtractedDocument]:
    """Read a text of any length, a part of some megabytes after the other.

    The encoding is told by the first part, or the first that is more than ASCII; bytes further on that do not fit
    it are replaced. Ends with a note at `limits.max_chars`. Raises `NotText`.
    """
    start, waiting = 0, ""
    note = f"Only the first {limits.max_chars:,} characters were read: that is the limit."
    wanted = FIRST_PART_CHARS
    for piece in _characters(file.stream, file.size):
        on_progress(0, None)
        waiting += piece
        if start + len(waiting) > limits.max_chars:
            text = waiting[: limits.max_chars - start]
            yield ExtractedDocument(format_name, (Page(None, start, text),), notes=(note,))
            return
        while len(waiting) > wanted:
            cut = steady_cut(waiting, int(wanted * _SEAM_WITHIN), wanted)
            yield ExtractedDocument(format_name, (Page(None, start, waiting[:cut]),))
            start += cut
            waiting = waiting[cut:]
            wanted = _PART_CHARS
    if waiting or not start:
        yield ExtractedDocument(format_name, (Page(None, start, waiting),))


def read_plain(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    """Read plain text of any length in parts, as `read_text_parts`. Raises `NotText`."""
    return read_text_parts(file, "text", limits, on_progress)


def _characters(stream: BinaryIO, size: int) -> Iterator[str]:
    r"""Text with newlines as \n and without NULs, some megabytes at a time."""
    left = size
    head = stream.read(min(FIRST_PART_CHARS, left))
    left -= len(head)
    if not left:
        yield decode(head).text
        return
    encoding = decode(_without_cut_character(head)).encoding
    decoder: codecs.IncrementalDecoder | None = None
    if not (head.isascii() and encoding == "utf-8"):
        decoder = codecs.getincrementaldecoder(encoding)("replace")
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    block, is_first = head, True
    while block:
        if decoder is None and not (block.isascii() and b"\x1b$" not in block):
            decoder = codecs.getincrementaldecoder(_encoding_of(block))("replace")
        text = block.decode("ascii") if decoder is None else decoder.decode(block)
        text = newlines.decode(text).replace("\x00", "")
        yield text.removeprefix(_BYTE_ORDER_MARK) if is_first else text
        is_first = False
        block = stream.read(min(_BLOCK, left))
        left -= len(block)
    rest = decoder.decode(b"", final=True) if decoder is not None else ""
    yield newlines.decode(rest, final=True).replace("\x00", "")


def _encoding_of(block: bytes) -> str:
    try:
        return decode(_without_cut_character(block)).encoding
    except NotText:
        return "utf-8"


def _without_cut_character(block: bytes) -> bytes:
    """End it where no character of several bytes is cut in two, which would pass for another encoding."""
    if b"\x00" in block:
        # Two or four bytes a character.
        return block[: len(block) // 4 * 4]
    line = block.rfind(b"\n", len(block) // 2)
    if line >= 0:
        return block[: line + 1]
    end = len(block)
    while end > len(block) - 64 and block[end - 1] >= 0x80:
        end -= 1
    return block[:end]
