"""Reads files and the documents inside them, as the program does."""

from collections.abc import Iterator
from pathlib import Path

from readingroom.core.extraction import ExtractedDocument, FileRef, Member, ReadLimits
from readingroom.documents.members import opened
from readingroom.documents.registry import read_document

DATA = Path(__file__).parents[1] / "data" / "documents"


def read(path: Path, limits: ReadLimits | None = None) -> ExtractedDocument:
    """Read a file by whatever reader it needs."""
    return read_document(path, limits or ReadLimits(), lambda _done, _total: None)


def read_named(name: str) -> ExtractedDocument:
    """Read a file of the tests' own."""
    return read(DATA / name)


def inside(path: Path, *members: Member, limits: ReadLimits | None = None) -> ExtractedDocument:
    """Read a member, or a member of a member."""
    locator = "/".join(member.locator for member in members)
    with opened(FileRef(path, locator), limits or ReadLimits()) as copy:
        return read(copy, limits)


def bytes_inside(path: Path, *members: Member) -> bytes:
    """The bytes of a member."""
    locator = "/".join(member.locator for member in members)
    with opened(FileRef(path, locator), ReadLimits()) as copy:
        return copy.read_bytes()


def headings(document: ExtractedDocument) -> Iterator[tuple[int, str, str]]:
    """(level, title, the line at its offset)."""
    text = document.text
    for heading in document.headings:
        yield heading.level, heading.title, text[heading.start :].partition("\n")[0]
