"""Draws a page of any file that has pages to look at: PDF and pictures."""

from collections.abc import Sequence
from pathlib import Path

from readingroom.core.errors import DocumentChanged, ReadFailure
from readingroom.core.extraction import PlacedWord
from readingroom.core.models import RenderedPage
from readingroom.core.page_images import PageImage

_HEAD_BYTES = 1024


def render_page(
    path: Path,
    page: int,
    width_px: int,
    start: int,
    end: int,
    words: Sequence[PlacedWord] = (),
    passwords: Sequence[str] = (),
) -> RenderedPage:
    """Draw a page (1-based) `width_px` wide, at most 6000 pixels a side; the paper is white.

    `start` and `end` are offsets in that page's text as the reader gave it; an empty span marks nothing. Text that
    was recognised is marked by its `words` (boxes in points of the unrotated page; of a picture, in its own pixels,
    upright), the file's own text by where it stands. Raises `ReadFailure`.
    """
    if _is_pdf(path):
        from readingroom.documents.pdf_drawing import draw_pdf_page

        return draw_pdf_page(path, page, width_px, start, end, words, passwords)
    from readingroom.documents.pictures import draw_picture

    return draw_picture(path, page, width_px, start, end, words)


def page_image(path: Path, page: int, dpi: float, passwords: Sequence[str] = ()) -> PageImage:
    """The pixels of a page (1-based) to recognise text in, upright as a person sees it.

    A PDF page has `dpi` pixels an inch; a picture comes as large as it is, or smaller if it says it has more than
    `dpi`. Giant pages come smaller: at most 6000 pixels a side and 30 million in all. Raises `ReadFailure`.
    """
    if _is_pdf(path):
        from readingroom.documents.pdf_drawing import pdf_page_image

        return pdf_page_image(path, page, dpi, passwords)
    from readingroom.documents.pictures import picture_image

    return picture_image(path, page, dpi)


def _is_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return b"%PDF-" in stream.read(_HEAD_BYTES) or path.suffix.lower() == ".pdf"
    except FileNotFoundError as error:
        raise DocumentChanged("The file is no longer there.") from error
    except OSError as error:
        raise ReadFailure("The file could not be read from the disk.") from error
