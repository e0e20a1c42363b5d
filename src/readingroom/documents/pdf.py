"""Reads PDF files page by page."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from readingroom.core.errors import DocumentCorrupt
from readingroom.core.extraction import ExtractedDocument, Heading, Page, ReadLimits
from readingroom.documents.hidden import hidden_note
from readingroom.documents.mupdf import MUPDF_ERRORS, forget, opened, page_count, without_surrogates
from readingroom.documents.page_words import locate_title
from readingroom.documents.pdf_attachments import Attachments
from readingroom.documents.pdf_text import PageContent, page_content

log = logging.getLogger(__name__)

_FIRST_PART_PAGES = 50
"""After so many what there is goes on to be indexed, so that a long file is soon searchable. By pages, not by the
clock: chunks end with a part, and a file that is read again should be cut where it was."""
_PART_PAGES = 500
_FIRST_PART_S = 4.0
"""For pages that are slow to read: a part ends after this time at the latest."""
_PART_S = 15.0
_MAX_OUTLINE = 20_000
_MAX_TITLE = 300
_NOTED_PAGES = 20
"""So many broken pages are named one by one."""
_NAMED_LAYERS = 5
_LOADED_PAGES = 100
_KEPT_PAGES = 200
"""After so many MuPDF forgets fonts and pictures of the pages read; left alone it keeps 256 MB of them."""


def read_pdf(
    path: Path,
    limits: ReadLimits,
    on_progress: Callable[[int, int | None], None],
    passwords: Sequence[str] = (),
) -> Iterator[ExtractedDocument]:
    """Read page by page, a part of some pages after the other; a broken page costs that page and leaves a note."""
    with opened(path, passwords) as pdf:
        count = page_count(pdf)
        wanted = min(count, limits.max_pages)
        pages: list[Page] = []
        remarks = _Remarks(count)
        headings = _Outline(pdf)
        attachments = Attachments(pdf)
        offset = 0
        part_ends, part_pages = time.monotonic() + _FIRST_PART_S, _FIRST_PART_PAGES
        on_progress(0, count)
        for index, page in _loaded(pdf, wanted):
            content = _content(page, index)
            remarks.add(index + 1, content)
            attachments.add_pinned(content.pinned if content else ())
            text = content.text.text if content else ""
            if offset + len(text) > limits.max_chars:
                remarks.stopped(index, f"the limit of {limits.max_chars:,} characters was reached")
                break
            pages.append(Page(index + 1, offset, text, pictured=content is not None and content.pictured))
            offset += len(text)
            on_progress(index + 1, count)
            full = len(pages) >= part_pages or time.monotonic() >= part_ends
            if index + 1 < wanted and full:
                yield ExtractedDocument("pdf", tuple(pages), headings.of(pages))
                pages = []
                part_ends, part_pages = time.monotonic() + _PART_S, _PART_PAGES
        remarks.check()
        if wanted < count:
            remarks.stopped(wanted, "that is the limit")
        members, attached = attachments.members(limits)
        yield ExtractedDocument(
            "pdf",
            tuple(pages),
            headings.of(pages),
            _title(pdf),
            (*remarks.notes(), *_notes_on_file(pdf), *attached),
            members=members,
        )


def _loaded(pdf: Any, count: int) -> Iterator[tuple[int, Any]]:
    """Pages by their index, None for a broken one.

    Loaded some at a time, since reading changes a page, and after a change MuPDF counts all pages of the file anew
    before it loads the next: 4 ms a page where there are 20,000.
    """
    for first in range(0, count, _LOADED_PAGES):
        batch = [_load(pdf, index) for index in range(first, min(first + _LOADED_PAGES, count))]
        batch.reverse()
        for index in range(first, first + len(batch)):
            yield index, batch.pop()


def _load(pdf: Any, index: int) -> Any:
    try:
        return pdf.load_page(index)
    except MUPDF_ERRORS as error:
        log.info("Page %d could not be loaded: %s", index + 1, type(error).__name__)
        return None


def _content(page: Any, index: int) -> PageContent | None:
    """What is on a page; None when that cannot be told."""
    content = None
    if page is not None:
        try:
            content = page_content(page)
        except MUPDF_ERRORS as error:
            log.info("Page %d could not be read: %s", index + 1, type(error).__name__)
    if index % _KEPT_PAGES == _KEPT_PAGES - 1:
        forget()
    return content


class _Remarks:
    """What the person should know about the pages."""

    def __init__(self, page_count: int) -> None:
        self._page_count = page_count
        self._broken: list[int] = []
        self._hidden: dict[int, tuple[str, ...]] = {}
        self._undrawn: dict[int, tuple[str, ...]] = {}
        self._stopped = ""

    def add(self, number: int, content: PageContent | None) -> None:
        if content is None:
            self._broken.append(number)
            return
        if content.hidden:
            self._hidden[number] = content.hidden
        if content.undrawn:
            self._undrawn[number] = content.undrawn

    def stopped(self, pages: int, reason: str) -> None:
        """Only the first pages were read."""
        self._stopped = f"Only the first {pages:,} of {self._page_count:,} pages were read: {reason}."

    def check(self) -> None:
        """Raise `DocumentCorrupt` when there was no page that could be read."""
        if self._page_count and len(self._broken) == self._page_count:
            raise DocumentCorrupt("The PDF file is damaged: none of its pages could be read.")

    def notes(self) -> Iterator[str]:
        """In plain sentences."""
        for number in self._broken[:_NOTED_PAGES]:
            yield f"Page {number:,} could not be read."
        if len(self._broken) > _NOTED_PAGES:
            yield f"{len(self._broken) - _NOTED_PAGES:,} more pages could not be read."
        if self._stopped:
            yield self._stopped
        for by_page, is_kept in ((self._hidden, False), (self._undrawn, True)):
            pieces = [piece for found in by_page.values() for piece in found]
            note = hidden_note(pieces, _where(list(by_page)), is_kept=is_kept)
            if note:
                yield note


def _where(pages: Sequence[int]) -> str:
    match pages:
        case []:
            return ""
        case [one]:
            return f"on page {one:,}"
        case [one, other]:
            return f"on pages {one:,} and {other:,}"
    return f"on {len(pages):,} pages, the first of them page {pages[0]:,}"


class _Outline:
    """The file's own table of contents, found again on its pages a part at a time."""

    def __init__(self, pdf: Any) -> None:
        self._entries: dict[int, list[tuple[int, str]]] = {}
        try:
            outline = pdf.get_toc(simple=True)[:_MAX_OUTLINE]
        except MUPDF_ERRORS:
            return
        for level, raw_title, number in outline:
            title = " ".join(without_surrogates(raw_title).split())[:_MAX_TITLE]
            if title:
                self._entries.setdefault(number, []).append((max(int(level), 1), title))

    def of(self, pages: Sequence[Page]) -> tuple[Heading, ...]:
        """The headings that stand on these pages, in reading order."""
        headings: list[Heading] = []
        for page in pages:
            reached = 0
            for level, title in self._entries.get(page.number or 0, ()):
                found = locate_title(title, page.text, reached)
                if found is not None:
                    reached = found + 1
                headings.append(Heading(level, title, page.start + (found or 0), page.number))
        headings.sort(key=lambda heading: heading.start)
        return tuple(headings)


def _title(pdf: Any) -> str:
    try:
        title = (pdf.metadata or {}).get("title") or ""
    except MUPDF_ERRORS:
        return ""
    return " ".join(without_surrogates(title).split())[:_MAX_TITLE]


def _notes_on_file(pdf: Any) -> Iterator[str]:
    if pdf.is_repaired:
        yield "The file is damaged; what could be recovered was read."
    if _keeps_its_form_elsewhere(pdf):
        yield "The form in this file keeps its contents in a way (XFA) that Reading Room does not read."
    layers = _layers_off(pdf)
    if layers:
        more = f" and {len(layers) - _NAMED_LAYERS:,} more" if len(layers) > _NAMED_LAYERS else ""
        yield f"Layers that are turned off were left out: {', '.join(layers[:_NAMED_LAYERS])}{more}."


def _keeps_its_form_elsewhere(pdf: Any) -> bool:
    """Whether the pages only ask the person to wait for another program."""
    try:
        return bool(pdf.xref_get_key(pdf.pdf_catalog(), "NeedsRendering")[1] == "true")
    except MUPDF_ERRORS:
        return False


def _layers_off(pdf: Any) -> list[str]:
    try:
        layers = [layer["name"] for layer in pdf.get_ocgs().values() if not layer["on"]]
    except MUPDF_ERRORS:
        return []
    names = (" ".join(without_surrogates(name).split())[:60] for name in layers)
    return list(dict.fromkeys(name for name in names if name))
