"""Reads e-books (EPUB 2 and 3): a page a chapter, as the table of contents divides the book."""

from collections.abc import Callable, Iterator
from pathlib import Path

from readingroom.core.errors import DocumentEncrypted, DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block
from readingroom.documents.books.chapters import Chapters
from readingroom.documents.books.epub_package import Book, Entry, read_book
from readingroom.documents.decoding import NotText
from readingroom.documents.hidden import hidden_note
from readingroom.documents.html import HtmlText, decode_html, parse_html
from readingroom.documents.office.xml_parts import PART_ERRORS, Package, opened

_NAMED = 5


def read_epub(
    path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Read the parts in the order of the spine.

    Raises `DocumentCorrupt`, `DocumentEncrypted` (sold with a lock), `DocumentTooLarge`.
    """
    with opened(path, limits, "e-book") as package:
        book = read_book(package)
        if book.locked.intersection(book.parts):
            raise DocumentEncrypted("The e-book is locked by its seller (DRM) and cannot be read.")
        reading = _Reading(package, book, limits)
        for count, part in enumerate(book.parts, start=1):
            reading.read(part)
            on_progress(count, len(book.parts))
            if reading.chapters.full:
                break
        return reading.finished()


class _Reading:
    """Cuts parts into chapters: one may span several parts, and a part hold several."""

    def __init__(self, package: Package, book: Book, limits: ReadLimits) -> None:
        self._package = package
        self._book = book
        self.chapters = Chapters(limits)
        self._openings: dict[str, list[Entry]] = {}
        for entry in _openings(book):
            self._openings.setdefault(entry.part, []).append(entry)
        self._label = ""
        self._blocks: list[Block] = []
        self._hidden: list[str] = []
        self._unread: list[str] = []

    def read(self, part: str) -> None:
        entries = self._openings.get(part, [])
        page = self._page(part, frozenset(entry.fragment for entry in entries if entry.fragment))
        self._hidden += page.hidden
        starts: dict[int, str] = {}
        for entry in entries:
            # Where two lines lead to the same place, as a part of a book and its first chapter, the inner one.
            starts[page.places.get(entry.fragment, 0)] = entry.label
        if not self._openings:
            starts[0] = ""
        done = 0
        for start, label in sorted(starts.items()):
            self._blocks += page.blocks[done:start]
            self._end_chapter()
            self._label, done = label, start
        self._blocks += page.blocks[done:]

    def finished(self) -> ExtractedDocument:
        self._end_chapter()
        notes = self.chapters.notes
        if self._unread:
            more = f" and {len(self._unread) - _NAMED:,} more" if len(self._unread) > _NAMED else ""
            notes.append(
                f"These parts of the book could not be read: {', '.join(self._unread[:_NAMED])}{more}."
            )
        if note := hidden_note(self._hidden):
            notes.append(note)
        return self.chapters.document("epub", self._book.title)

    def _end_chapter(self) -> None:
        if self._blocks:
            self.chapters.add(self._label, self._blocks)
        self._blocks = []

    def _page(self, part: str, ids: frozenset[str]) -> HtmlText:
        try:
            return parse_html(decode_html(self._package.read(part)), ids)
        except (*PART_ERRORS, NotText, DocumentTooLarge):
            self._unread.append(part.rpartition("/")[2])
            return HtmlText()


def _openings(book: Book) -> Iterator[Entry]:
    """Lines of the contents at which a chapter begins: the outermost, and those inside them that have a part of their own.

    Deeper lines that lead into the middle of a part are its headings.
    """
    parts = set(book.parts)
    linked_above: dict[int, bool] = {}
    for entry in book.contents:
        leads = bool(entry.part)
        below_linked = any(linked for depth, linked in linked_above.items() if depth < entry.depth)
        linked_above = {depth: linked for depth, linked in linked_above.items() if depth < entry.depth}
        linked_above[entry.depth] = leads
        if leads and entry.part in parts and (not below_linked or not entry.fragment):
            yield entry
