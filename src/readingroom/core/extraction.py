"""What readers make of files: text with its places. All immutable; offsets count characters."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

Rectangle = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points of the unrotated page, y downwards."""


@dataclass(frozen=True, slots=True)
class FileRef:
    """Where a document's bytes are: a file, or a part of one (a message of a mailbox, an attachment)."""

    path: Path
    """The file on the disk."""
    locator: str = ""
    """Which part of it, in the words of the reader that found the part (`Member.locator`); empty for all of it."""


class PlacedWord(NamedTuple):
    """A word's span in its page's text, and its box."""

    start: int
    end: int
    box: Rectangle
    line: int
    """Words of one line bear one number, so that a mark is one rectangle a line."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of extracted text, or a sheet, a slide, a chapter.

    The texts of all pages, joined with nothing, are the document's text.
    """

    number: int | None
    """1-based; None where the format has no pages (then the document is a single `Page`, or a few that follow
    each other only because the text is long).
    """
    start: int
    """Offset in characters of this page's first character in the document's text."""
    text: str
    label: str = ""
    """What the file itself calls it: a sheet's name, a slide's or a chapter's title; may be empty."""
    words: tuple[PlacedWord, ...] = ()
    """Where the words stand, for text recognised in a picture; elsewhere the file itself tells."""
    pictured: bool = False
    """Most of it is a picture whose text, if there is any, is not in `text`."""

    @property
    def end(self) -> int:
        """Offset just past the last character."""
        return self.start + len(self.text)

    @property
    def blank(self) -> bool:
        """Whether there is nothing to read on it."""
        return not self.text or self.text.isspace()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading found by a reader; `start` is an offset in the document's text."""

    level: int
    """1 is the outermost."""
    title: str
    start: int
    page: int | None = field(default=None, compare=False)
    """The number of the page it stands on, where the reader knows: pages without text yet all begin at one offset."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a table in the document's text: one row a line, cells joined by ` | `.

    A bar of the cell's own is written `¦`. Blank rows may be left out.
    """

    start: int
    """Offset of the first line, the header's where there is one."""
    end: int
    """Just past the last line."""
    header: str = ""
    """The header's line, repeated for each chunk further down; empty where the table has none."""
    rows: tuple[tuple[int, int], ...] = ()
    """(offset of a line, its row number in the file, from 1): where numbering begins, and wherever it jumps."""


@dataclass(frozen=True, slots=True)
class Member:
    """A document inside a document: a message of a mailbox, an attachment."""

    locator: str
    """Opaque to all but the reader that wrote it; finds the bytes again without reading all of the container."""
    name: str
    """A file name with its suffix (`0001 Budget.eml`, `report.pdf`), unique within the container, without `/`."""
    size_bytes: int
    content_hash: str
    """blake2b-256 of its bytes, hexadecimal: the same member is not read again."""


@dataclass(frozen=True, slots=True)
class ExtractedDocument:
    """What a reader makes of a file."""

    format: str
    """Short lower-case name, as `pdf`, `markdown`, `text`, `html`, `docx`, `csv`, `code`."""
    pages: tuple[Page, ...]
    headings: tuple[Heading, ...] = ()
    title: str = ""
    notes: tuple[str, ...] = ()
    """What the person should know, in plain sentences (`Page 7 could not be read.`)."""
    tables: tuple[Table, ...] = ()
    members: tuple[Member, ...] = ()
    """Documents inside, each to be read as a document of its own."""

    @property
    def text(self) -> str:
        """The whole text; offsets everywhere refer to it."""
        return "".join(page.text for page in self.pages)

    @property
    def paginated(self) -> bool:
        """Whether the format has pages a person can turn."""
        return bool(self.pages) and self.pages[0].number is not None


def joined(parts: Iterable[ExtractedDocument]) -> ExtractedDocument:
    """Put the parts of one document together; format and title are the last part's that has them."""
    format_name, title = "", ""
    pages: list[Page] = []
    headings: list[Heading] = []
    notes: list[str] = []
    tables: list[Table] = []
    members: list[Member] = []
    for part in parts:
        format_name = part.format or format_name
        title = part.title or title
        pages += part.pages
        headings += part.headings
        notes += part.notes
        tables += part.tables
        members += part.members
    return ExtractedDocument(
        format_name,
        tuple(pages),
        tuple(headings),
        title,
        tuple(dict.fromkeys(notes)),
        tuple(tables),
        tuple(members),
    )


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds on reading one file; reaching one is a state with a reason, never a hang."""

    max_bytes: int = 512 * 1024 * 1024
    """For formats that must be read whole; text and PDF are read in parts and bounded by the next two."""
    max_pages: int = 20_000
    max_chars: int = 50_000_000
    max_unpacked_bytes: int = 1024 * 1024 * 1024
    timeout_s: float = 300.0
    """For the whole file."""
    stall_s: float = 60.0
    """Without a sign of life (a page, a batch of chunks)."""
    memory_bytes: int = 3 * 1024 * 1024 * 1024
