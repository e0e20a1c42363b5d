"""Draws PDF pages: for the viewer, and for recognising text in them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from readingroom.core.errors import DocumentChanged, DocumentCorrupt
from readingroom.core.extraction import PlacedWord, Rectangle
from readingroom.core.models import RenderedPage
from readingroom.core.page_images import PageImage
from readingroom.documents import page_words
from readingroom.documents.mupdf import MUPDF_ERRORS, drawn, opened, page_count, pymupdf
from readingroom.documents.pdf_text import page_content
from readingroom.documents.rendering_limits import bounded_zoom, on_picture

_POINTS_PER_INCH = 72


def draw_pdf_page(
    path: Path,
    page: int,
    width_px: int,
    start: int,
    end: int,
    words: Sequence[PlacedWord] = (),
    passwords: Sequence[str] = (),
) -> RenderedPage:
    """See `rendering.render_page`. Links, scripts and actions stay what they are: ink."""
    with _page(path, page, passwords) as (sheet, count):
        zoom = bounded_zoom(sheet.rect.width, sheet.rect.height, width_px / max(sheet.rect.width, 1.0))
        # Words are given on the unrotated page; the picture shows the page as it is turned.
        to_picture = sheet.rotation_matrix * pymupdf.Matrix(zoom, zoom)
        picture = drawn(sheet, zoom, in_part=True)
        boxes: list[Rectangle] = []
        if start < end:
            places = words or page_content(sheet, placed=True).text.places
            boxes = [
                tuple((pymupdf.Rect(box) * to_picture).normalize())
                for box in page_words.marks(places, start, end)
            ]
        marks = on_picture(boxes, picture.width, picture.height)
        return RenderedPage(page, count, picture.width, picture.height, bytes(picture.samples), marks)


def pdf_page_image(path: Path, page: int, dpi: float, passwords: Sequence[str] = ()) -> PageImage:
    """See `rendering.page_image`."""
    with _page(path, page, passwords) as (sheet, count):
        zoom = bounded_zoom(sheet.rect.width, sheet.rect.height, dpi / _POINTS_PER_INCH)
        to_picture = sheet.rotation_matrix * pymupdf.Matrix(zoom, zoom)
        picture = drawn(sheet, zoom, in_part=True)
        return PageImage(
            page, count, picture.width, picture.height, bytes(picture.samples), tuple(~to_picture)
        )


@contextmanager
def _page(path: Path, page: int, passwords: Sequence[str]) -> Iterator[tuple[Any, int]]:
    with opened(path, passwords) as pdf:
        count = page_count(pdf)
        if not 1 <= page <= count:
            raise DocumentChanged(f"The file has {count:,} pages now; there is no page {page:,}.")
        try:
            yield pdf.load_page(page - 1), count
        except MUPDF_ERRORS as error:
            raise DocumentCorrupt(f"Page {page:,} could not be drawn.") from error
