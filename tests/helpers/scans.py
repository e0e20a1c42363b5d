"""Scanned documents without a scanner: stand-ins for services, pictures of pages for the engines."""

import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from fakes import FakeReader, paragraphs
from readingroom.core.cancellation import CancelToken
from readingroom.core.content_hash import content_hash
from readingroom.core.errors import ReadingRoomError
from readingroom.core.extraction import ExtractedDocument, FileRef, Heading, Page, PlacedWord, ReadLimits
from readingroom.core.page_images import PageImage
from readingroom.core.ports import OnPart, ReadResult
from readingroom.core.recognition import RecognisedPage

PICTURE = "[picture]"


def write_scan(path: Path, *pages: str) -> Path:
    """Write what `ScanReader` takes for a PDF: a page that begins with `PICTURE` is one, beside a few words perhaps."""
    path.write_text("\f".join(pages), encoding="utf-8")
    return path


class ScanReader(FakeReader):
    """Takes `*.scan` for PDF files of such pages; a page's first line is its heading in the outline, where it is `# ...`."""

    def read(
        self,
        file: FileRef,
        *,
        embedding_model: str,
        limits: ReadLimits,
        known_hash: str | None = None,
        known_chunks: Collection[str] = frozenset(),
        passwords: Sequence[str] = (),
        on_part: OnPart | None = None,
        on_progress: Callable[[int, int | None], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> ReadResult:
        if file.path.suffix != ".scan":
            return super().read(
                file, embedding_model=embedding_model, limits=limits, known_hash=known_hash, on_part=on_part
            )
        self.read_paths.append(file.path)
        self.while_reading(file.path)
        digest, status = content_hash(file.path), file.path.stat()
        same = digest == known_hash
        document = ExtractedDocument("", ()) if same else scanned(file.path.read_text("utf-8").split("\f"))
        return ReadResult(
            digest, status.st_size, status.st_mtime_ns, same, document, paragraphs(document.text)
        )


def scanned(texts: Sequence[str]) -> ExtractedDocument:
    """The document `ScanReader` makes of page texts."""
    pages: list[Page] = []
    headings: list[Heading] = []
    start = 0
    for number, raw in enumerate(texts, 1):
        title, text = "", raw
        if raw.startswith("# "):
            title, _, text = raw[2:].partition("\n")
        pictured = text.startswith(PICTURE)
        text = text.removeprefix(PICTURE)
        pages.append(Page(number, start, text, pictured=pictured))
        if title:
            headings.append(Heading(1, title, start, number))
        start += len(text)
    return ExtractedDocument("pdf", tuple(pages), tuple(headings))


def seen_text(text: str) -> RecognisedPage:
    """What was recognised, each word in a box of its own."""
    words, at = [], 0
    for number, word in enumerate(text.split()):
        at = text.index(word, at)
        words.append(PlacedWord(at, at + len(word), (10.0 * number, 0.0, 10.0 * number + 9, 8.0), 0))
        at += len(word)
    return RecognisedPage(text, tuple(words), "built-in", 0.98)


class FakeRecogniser:
    """Sees `Seen on page N of NAME.`, or what `texts` says by page; `faults` come first, by page; `gate` holds it back."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.faults: dict[int, list[ReadingRoomError]] = {}
        self.asked: list[tuple[str, int]] = []
        self.languages: list[tuple[str, ...]] = []
        self.while_recognising: Callable[[int], None] = lambda _page: None
        self.gate = threading.Event()
        self.gate.set()

    def recognise(
        self,
        file: FileRef,
        page: int,
        *,
        languages: Sequence[str] = (),
        passwords: Sequence[str] = (),
        cancel: CancelToken | None = None,
    ) -> RecognisedPage:
        self.asked.append((file.path.name, page))
        self.languages.append(tuple(languages))
        if cancel is not None:
            cancel.when_cancelled(self.gate.set)
        self.gate.wait()
        if cancel is not None:
            cancel.raise_if_cancelled()
        self.while_recognising(page)
        if faults := self.faults.get(page):
            raise faults.pop(0)
        return seen_text(self.texts.get(page, f"Seen on page {page} of {file.path.stem}.\n\n"))

    def close(self) -> None:
        pass


def picture_of(html: str, *, dpi: float = 200.0, width: float = 420.0, height: float = 300.0) -> PageImage:
    """Draw text as a scanner would see it, `width` by `height` points."""
    return scan_of(drawn_page(html, width, height), dpi)


def drawn_page(html: str, width: float = 420.0, height: float = 300.0) -> Any:
    """A PDF page with text on it."""
    page = _mupdf().open().new_page(width=width, height=height)
    page.insert_htmlbox((20, 20, width - 20, height - 20), html)
    return page


def scan_of(page: Any, dpi: float) -> PageImage:
    """A PDF page as pixels."""
    drawn = page.get_pixmap(dpi=int(dpi), alpha=False)
    scale = 72 / dpi
    return PageImage(
        1, 1, drawn.width, drawn.height, bytes(drawn.samples), (scale, 0.0, 0.0, scale, 0.0, 0.0)
    )


def write_scanned_pdf(path: Path, *htmls: str, dpi: int = 150) -> Path:
    """Write a PDF file whose pages are pictures of text."""
    made = _mupdf().open()
    for html in htmls:
        drawn = drawn_page(html).get_pixmap(dpi=dpi, alpha=False)
        page = made.new_page(width=420, height=300)
        page.insert_image(page.rect, stream=drawn.tobytes("png"))
    made.save(path)
    return path


def _mupdf() -> Any:
    import pymupdf

    return pymupdf
