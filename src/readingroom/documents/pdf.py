"""Reads and draws PDF files; the only user of pymupdf."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from readingroom.core.errors import (
    DocumentChanged,
    DocumentCorrupt,
    DocumentEncrypted,
    DocumentTooLarge,
)
from readingroom.core.models import ExtractedDocument, Heading, Page, ReadLimits, RenderedPage
from readingroom.documents.page_words import PageText, lay_out, locate_title

log = logging.getLogger(__name__)

MAX_SIDE_PX = 6000
_MAX_OUTLINE = 20_000
_MAX_TITLE = 300
_NOTED_PAGES = 20
"""So many broken pages are named one by one."""


def _load_pymupdf() -> Any:
    """Import pymupdf without its layout analysis, which we do not use.

    Its import brings in onnxruntime, numpy and networkx: 2.0 s of CPU and 215 MB instead of 0.7 s and 143 MB.
    """
    unwanted = [name for name in ("pymupdf4llm", "pymupdf.layout") if name not in sys.modules]
    for name in unwanted:
        sys.modules[name] = None  # type: ignore[assignment]  # the import system's own sign for "not to be had"
    try:
        import pymupdf as loaded
    finally:
        for name in unwanted:
            sys.modules.pop(name, None)
    # Versions before 2.0 write about every oddity of every file to the standard streams.
    module: Any = loaded
    module.TOOLS.mupdf_display_errors(False)
    module.TOOLS.mupdf_display_warnings(False)
    return module


pymupdf = _load_pymupdf()

_MUPDF_ERRORS = (
    pymupdf.mupdf.FzErrorBase,
    RuntimeError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    AssertionError,
    OverflowError,
)
"""What pymupdf raises on broken files: MuPDF's own errors, and Python's where the binding trips over None."""

_TEXT_FLAGS = pymupdf.TEXTFLAGS_WORDS & ~pymupdf.TEXT_PRESERVE_LIGATURES


def read_pdf(
    path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Read page by page; a broken page costs that page and leaves a note."""
    with _opened(path) as pdf:
        count = _page_count(pdf)
        if count > limits.max_pages:
            raise DocumentTooLarge(f"The file has {count:,} pages; the limit is {limits.max_pages:,}.")
        pages: list[Page] = []
        broken: list[int] = []
        offset = 0
        on_progress(0, count)
        for index in range(count):
            try:
                text = _page_text(pdf.load_page(index)).text
            except _MUPDF_ERRORS as error:
                log.info("Page %d could not be read: %s", index + 1, type(error).__name__)
                text = ""
                broken.append(index + 1)
            pages.append(Page(index + 1, offset, text))
            offset += len(text)
            if offset > limits.max_chars:
                raise DocumentTooLarge(f"The file holds more than {limits.max_chars:,} characters of text.")
            on_progress(index + 1, count)
        if count and len(broken) == count:
            raise DocumentCorrupt("The PDF file is damaged: none of its pages could be read.")
        return ExtractedDocument("pdf", tuple(pages), _headings(pdf, pages), _title(pdf), _notes(pdf, broken))


def render_page(path: Path, page: int, width_px: int, start: int, end: int) -> RenderedPage:
    """Draw a page (1-based) `width_px` wide, at most 6000 pixels a side; the paper is white.

    `start` and `end` are offsets in that page's own text as `read_pdf` gave it; an empty span marks nothing.
    Links, scripts and actions stay what they are: ink. Raises `ReadFailure`.
    """
    with _opened(path) as pdf:
        count = _page_count(pdf)
        if not 1 <= page <= count:
            raise DocumentChanged(f"The file has {count:,} pages now; there is no page {page:,}.")
        try:
            return _render(pdf.load_page(page - 1), page, count, width_px, start, end)
        except _MUPDF_ERRORS as error:
            raise DocumentCorrupt(f"Page {page:,} could not be drawn.") from error


def _render(sheet: Any, page: int, count: int, width_px: int, start: int, end: int) -> RenderedPage:
    width, height = max(sheet.rect.width, 1.0), max(sheet.rect.height, 1.0)
    scale = min(max(width_px, 1) / width, MAX_SIDE_PX / width, MAX_SIDE_PX / height)
    zoom = pymupdf.Matrix(scale, scale)
    picture = sheet.get_pixmap(matrix=zoom, colorspace=pymupdf.csRGB, alpha=False)
    marks = []
    if start < end:
        # Words are given on the unrotated page; the picture shows the page as it is turned.
        to_picture = sheet.rotation_matrix * zoom
        for box in _page_text(sheet).marks(start, end):
            x0, y0, x1, y1 = pymupdf.Rect(box).transform(to_picture).normalize()
            mark = (max(x0, 0.0), max(y0, 0.0), min(x1, picture.width), min(y1, picture.height))
            if mark[0] < mark[2] and mark[1] < mark[3]:
                marks.append(mark)
    return RenderedPage(page, count, picture.width, picture.height, bytes(picture.samples), tuple(marks))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        pdf = pymupdf.open(path, filetype="pdf")
    except pymupdf.FileNotFoundError as error:
        raise DocumentChanged("The file is no longer there.") from error
    except _MUPDF_ERRORS as error:
        raise DocumentCorrupt("The PDF file is damaged and cannot be opened.") from error
    try:
        # An empty user password has been tried by MuPDF itself.
        if pdf.needs_pass:
            raise DocumentEncrypted("The PDF file needs a password.")
        yield pdf
    finally:
        pdf.close()
        pymupdf.TOOLS.store_shrink(100)


def _page_count(pdf: Any) -> int:
    try:
        return int(pdf.page_count)
    except _MUPDF_ERRORS as error:
        raise DocumentCorrupt("The PDF file is damaged: its pages cannot be found.") from error


def _page_text(sheet: Any) -> PageText:
    return lay_out(sheet.get_text("words", flags=_TEXT_FLAGS))


def _headings(pdf: Any, pages: list[Page]) -> tuple[Heading, ...]:
    try:
        outline = pdf.get_toc(simple=True)[:_MAX_OUTLINE]
    except _MUPDF_ERRORS:
        return ()
    headings: list[Heading] = []
    reached: dict[int, int] = {}
    for level, raw_title, number in outline:
        title = " ".join(_without_surrogates(raw_title).split())[:_MAX_TITLE]
        if not title or not 1 <= number <= len(pages):
            continue
        page = pages[number - 1]
        found = locate_title(title, page.text, reached.get(number, 0))
        if found is not None:
            reached[number] = found + 1
        headings.append(Heading(max(int(level), 1), title, page.start + (found or 0)))
    headings.sort(key=lambda heading: heading.start)
    return tuple(headings)


def _title(pdf: Any) -> str:
    try:
        title = (pdf.metadata or {}).get("title") or ""
    except _MUPDF_ERRORS:
        return ""
    return " ".join(_without_surrogates(title).split())[:_MAX_TITLE]


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\x00", "")


def _notes(pdf: Any, broken: list[int]) -> tuple[str, ...]:
    notes = [f"Page {number:,} could not be read." for number in broken[:_NOTED_PAGES]]
    if len(broken) > _NOTED_PAGES:
        notes.append(f"{len(broken) - _NOTED_PAGES:,} more pages could not be read.")
    if pdf.is_repaired:
        notes.append("The file is damaged; what could be recovered was read.")
    return tuple(notes)
