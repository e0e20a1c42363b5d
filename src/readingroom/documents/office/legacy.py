"""Reads documents of old binary formats through LibreOffice, where it is installed."""

import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from readingroom.core.errors import DocumentCorrupt, DocumentUnsupported
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.decoding import NotText, decode
from readingroom.documents.docx import read_docx
from readingroom.documents.office.libreoffice import converted, find_libreoffice
from readingroom.documents.office.slides import read_pptx
from readingroom.documents.readers import OnProgress, ReadFile
from readingroom.documents.text import single_page


class _Kind(NamedTuple):
    called: str
    suffix: str
    target: str
    read: ReadFile


def _read_word(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Programs of that time show struck-out words of tracked changes in their place, and say so."""
    return read_docx(path, limits, on_progress, with_deleted=True)


_KINDS = {
    "doc": _Kind("Old Word documents (.doc)", ".doc", "docx", _read_word),
    "ppt": _Kind("Old PowerPoint presentations (.ppt)", ".ppt", "pptx", read_pptx),
    "wpd": _Kind("WordPerfect documents", ".wpd", "docx", read_docx),
    "wps": _Kind("Works documents", ".wps", "docx", read_docx),
}
SIGNATURES = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # a compound file: Word, PowerPoint, Works
    b"\xffWPC",  # WordPerfect from 5.0
    b"\xdb\xa5",  # Word 2
    b"\xdc\xa5",  # Word 6 and 95 without a container
    b"\x9b\xa5",  # Word 1
    b"\x31\xbe\x00\x00",  # Word for DOS, Write
    b"\x32\xbe\x00\x00",
    b"\xfe\x37\x00",  # Word for Mac 4 and 5
    b"<?xml",
)
"""What old documents begin with; WordPerfect 4 begins with nothing of the kind."""
_HEAD = 16
_ODD = frozenset({"Cc", "Cn", "Co", "Cs"})
_MAX_ODD = 0.01
"""Share of characters that no language writes; noise taken for text has a quarter of them."""
_MIN_WORDS = 0.65
"""Share of letters, digits and space: text has nine tenths, noise taken for a Western encoding half."""
_SAMPLE = 20_000
_TEXT_BYTES = 16 * 1024 * 1024


def reader_of(format_name: str) -> ReadFile:
    """The reader of an old format: `doc`, `ppt`, `wpd` or `wps`."""

    def read(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
        """Read it as LibreOffice understands it. Raises `DocumentUnsupported` where that is not installed."""
        return _read(format_name, path, limits, on_progress)

    return read


def _read(format_name: str, path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    kind = _KINDS[format_name]
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    known = head.startswith(SIGNATURES)
    if not known and (text := _as_text(path)) is not None:
        return text
    program = find_libreoffice()
    if program is None:
        raise DocumentUnsupported(f"{kind.called} are read when LibreOffice is installed.")
    with converted(program, path, kind.suffix, kind.target, limits, on_progress) as result:
        document = kind.read(result, limits, on_progress)
    if not known and _is_noise(document.text):
        raise DocumentCorrupt("The file is damaged, or of a kind that LibreOffice does not know either.")
    return replace(document, format=format_name)


def _as_text(path: Path) -> ExtractedDocument | None:
    """Plain text under the name of a document of old; None for what is none."""
    if path.stat().st_size > _TEXT_BYTES:
        return None
    try:
        decoded = decode(path.read_bytes())
    except NotText:
        return None
    # An eight-bit encoding makes text of almost anything.
    if decoded.encoding not in {"ascii", "utf-8"} and not decoded.encoding.startswith("utf-16"):
        return None
    return single_page("text", decoded.text)


def _is_noise(text: str) -> bool:
    sample = text[:_SAMPLE]
    odd = sum(unicodedata.category(character) in _ODD and not character.isspace() for character in sample)
    words = sum(character.isalnum() or character.isspace() for character in sample)
    return odd > _MAX_ODD * len(sample) or words < _MIN_WORDS * len(sample)
