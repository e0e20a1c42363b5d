"""Files attached to a PDF file: the list of them, and the bytes of each."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readingroom.core.counting import count_words
from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentTooLarge
from readingroom.core.extraction import Member, ReadLimits
from readingroom.documents.member_names import written_locator
from readingroom.documents.mupdf import MUPDF_ERRORS, opened, pymupdf, without_surrogates

_PREFIX = "embed"
_MAX_ATTACHMENTS = 1000
_NAMED = 10
"""So many are named in the note."""
_MAX_NAME = 150
_FIRST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Attachment:
    number: int
    """Of the object that holds the bytes."""
    name: str


class Attachments:
    """Gathers what is attached to the file and, as pages are read, to its pages."""

    def __init__(self, pdf: Any) -> None:
        self._pdf = pdf
        self._names: dict[int, str] = {}
        for number, name in _of_file(pdf):
            self._add(number, name)

    def add_pinned(self, annotations: Iterable[int]) -> None:
        """Gather what is pinned to a page, by the numbers of its annotations."""
        for number in annotations:
            try:
                note = pymupdf.mupdf.pdf_new_indirect(_document(self._pdf), number, 0)
                found = _file_of(note.pdf_dict_gets("FS"))
            except MUPDF_ERRORS:
                continue
            if found:
                self._add(*found)

    def _add(self, number: int, name: str) -> None:
        if len(self._names) < _MAX_ATTACHMENTS:
            self._names.setdefault(number, name)

    def members(self, limits: ReadLimits) -> tuple[tuple[Member, ...], tuple[str, ...]]:
        """The attachments as documents to be read, and notes about them and about those that cannot be."""
        members: list[Member] = []
        unread: list[str] = []
        left = limits.max_unpacked_bytes
        for attachment in _distinct(self._names.items()):
            try:
                data = _bytes_of(self._pdf, attachment.number, min(limits.max_bytes, left))
            except (DocumentTooLarge, DocumentCorrupt) as error:
                unread.append(f"The attachment {attachment.name} could not be read: {error}")
                continue
            left -= len(data)
            digest = hashlib.blake2b(data, digest_size=32).hexdigest()
            locator = written_locator(_PREFIX, str(attachment.number), digest, attachment.name)
            members.append(Member(locator, attachment.name, len(data), digest))
        names = [attachment.name for attachment in _distinct(self._names.items())]
        return tuple(members), (*_note(names), *unread[:_NAMED])


def embedded_file(path: Path, locator: str, limits: ReadLimits, passwords: Sequence[str] = ()) -> bytes:
    """The bytes of the attachment that `Member.locator` names; raises `ReadFailure`."""
    digits = locator.removeprefix(_PREFIX).partition("~")[0]
    if not locator.startswith(_PREFIX) or not (digits.isascii() and digits.isdigit()):
        raise DocumentChanged("The attachment is no longer there.")
    with opened(path, passwords) as pdf:
        return _bytes_of(pdf, int(digits), limits.max_bytes)


def _document(pdf: Any) -> Any:
    return pymupdf.mupdf.pdf_document_from_fz_document(pdf.this)


def _of_file(pdf: Any) -> Iterator[tuple[int, str]]:
    mupdf = pymupdf.mupdf
    try:
        tree = mupdf.pdf_load_name_tree(_document(pdf), pymupdf.PDF_NAME("EmbeddedFiles"))
        for index in range(mupdf.pdf_dict_len(tree)):
            found = _file_of(mupdf.pdf_dict_get_val(tree, index))
            if found:
                yield found
    except MUPDF_ERRORS:
        return


def _file_of(specification: Any) -> tuple[int, str] | None:
    """The object with the bytes of a file specification, and the file's name."""
    mupdf = pymupdf.mupdf
    for key in ("UF", "F"):
        stream = mupdf.pdf_dict_gets(mupdf.pdf_dict_gets(specification, "EF"), key)
        if mupdf.pdf_is_stream(stream):
            break
    else:
        return None
    for key in ("UF", "F", "Unix", "DOS"):
        text = mupdf.pdf_dict_gets(specification, key)
        name = mupdf.pdf_to_text_string(text) if mupdf.pdf_is_string(text) else ""
        if name:
            return int(mupdf.pdf_to_num(stream)), name
    return int(mupdf.pdf_to_num(stream)), ""


def _bytes_of(pdf: Any, number: int, limit: int) -> bytes:
    mupdf = pymupdf.mupdf
    try:
        if not 0 < number < pdf.xref_length() or not pdf.xref_is_stream(number):
            raise DocumentChanged("The attachment is no longer there.")
        stream = mupdf.pdf_open_stream_number(_document(pdf), number)
        # MuPDF stops somewhere beyond the larger of this limit and 100 MB.
        buffer, is_cut = mupdf.fz_read_best(stream, _FIRST_BYTES, limit)
        if buffer.m_internal.len > limit:
            raise DocumentTooLarge(f"it is larger than the limit of {limit:,} bytes.")
        if is_cut:
            raise DocumentCorrupt("its contents are damaged.")
        return bytes(buffer.fz_buffer_extract())
    except MUPDF_ERRORS as error:
        raise DocumentCorrupt("its contents are damaged.") from error


def _distinct(names: Iterable[tuple[int, str]]) -> Iterator[_Attachment]:
    taken: set[str] = set()
    for number, raw in names:
        name = plain = _plain(raw) or f"attachment {number}"
        count = 1
        while name.casefold() in taken:
            count += 1
            stem, dot, suffix = plain.rpartition(".")
            name = f"{stem} ({count}).{suffix}" if dot and stem else f"{plain} ({count})"
        taken.add(name.casefold())
        yield _Attachment(number, name)


def _plain(name: str) -> str:
    last = without_surrogates(name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    plain = " ".join("".join(character if character.isprintable() else " " for character in last).split())
    if not plain.strip("."):
        return ""
    if len(plain) <= _MAX_NAME:
        return plain
    stem, dot, suffix = plain.rpartition(".")
    return f"{stem[: _MAX_NAME - 20]}.{suffix[:19]}" if dot else plain[:_MAX_NAME]


def _note(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    amount = count_words(len(names), "attachment")
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return (f"{amount}: {', '.join(names[:_NAMED])}{more}.",)
