"""Reads and draws pictures: each frame a page without text, until somebody recognises it.

A picture's page is measured in its own pixels, upright as its EXIF orientation wants it: one pixel is one point, y
downwards. Faxes with oblong pixels are stretched along the coarser side first.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, Page, PlacedWord, ReadLimits
from readingroom.core.models import RenderedPage
from readingroom.core.page_images import PageImage
from readingroom.documents.page_words import marks
from readingroom.documents.picture_decoding import (
    FORMATS,
    PICTURE_ERRORS,
    check_size,
    draft,
    forgiving,
    frames_of,
    opened_picture,
    resolution_of,
    size_of,
    upright,
)
from readingroom.documents.rendering_limits import on_picture

_GLANCE_PX = 500
"""A picture is decoded so small, where the format allows, to see whether it can be."""
_NOTED_FRAMES = 20
_MAX_TITLE = 300
_DOCUMENT_NAME, _XP_TITLE = 269, 0x9C9B


def read_picture(
    path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Read the frames of a TIFF, the first picture of any other file; raises `ReadFailure`."""
    with opened_picture(path) as picture:
        frames = frames_of(picture)
        wanted = frames[: limits.max_pages]
        pages: list[Page] = []
        notes: list[str] = []
        reason = ""
        on_progress(0, len(frames))
        for number, frame in enumerate(wanted, 1):
            shown, reason = _glance(picture, frame)
            if reason and len(notes) < _NOTED_FRAMES:
                notes.append(f"Page {number:,}: {reason}" if len(frames) > 1 else reason)
            pages.append(Page(number, 0, "", pictured=shown))
            on_progress(number, len(frames))
        if not any(page.pictured for page in pages):
            check_size(picture)
            raise DocumentCorrupt(reason)
        if len(wanted) < len(frames):
            notes.append(
                f"Only the first {len(wanted):,} of {len(frames):,} pages were read: that is the limit."
            )
        return ExtractedDocument("image", tuple(pages), title=_title(picture), notes=tuple(notes))


def draw_picture(
    path: Path,
    page: int,
    width_px: int,
    start: int,
    end: int,
    words: Sequence[PlacedWord] = (),
) -> RenderedPage:
    """See `rendering.render_page`."""
    with _page(path, page) as (picture, count):
        width, _ = size_of(picture)
        shown, factors = upright(picture, width_px / width)
        boxes = [
            (x0 * factors[0], y0 * factors[1], x1 * factors[0], y1 * factors[1])
            for x0, y0, x1, y1 in marks(words, start, end)
        ]
        placed = on_picture(boxes, shown.width, shown.height) if start < end else ()
        return RenderedPage(page, count, shown.width, shown.height, shown.tobytes(), placed)


def picture_image(path: Path, page: int, dpi: float) -> PageImage:
    """See `rendering.page_image`; never larger than the picture is, smaller if it says it has more than `dpi`."""
    with _page(path, page) as (picture, count):
        resolution = max(resolution_of(picture))
        shown, factors = upright(picture, min(1.0, dpi / resolution) if resolution > 0 else 1.0)
        to_points = (1 / factors[0], 0.0, 0.0, 1 / factors[1], 0.0, 0.0)
        return PageImage(page, count, shown.width, shown.height, shown.tobytes(), to_points)


@contextmanager
def _page(path: Path, page: int) -> Iterator[tuple[Any, int]]:
    with opened_picture(path) as picture:
        frames = frames_of(picture)
        if not 1 <= page <= len(frames):
            raise DocumentChanged(f"The file has {len(frames):,} pages now; there is no page {page:,}.")
        try:
            picture.seek(frames[page - 1])
            check_size(picture)
            with forgiving():
                yield picture, len(frames)
        except PICTURE_ERRORS as error:
            raise DocumentCorrupt(f"Page {page:,} could not be drawn.") from error


def _glance(picture: Any, frame: int) -> tuple[bool, str]:
    """Whether a frame can be shown, and what is wrong with it."""
    try:
        picture.seek(frame)
        check_size(picture)
        draft(picture, _GLANCE_PX)
        picture.load()
    except DocumentTooLarge as error:
        return False, str(error)
    except PICTURE_ERRORS:
        if picture.format != "TIFF" and _is_partly_there(picture.filename):
            return True, "The picture is damaged; what could be recovered is shown."
        return False, "The picture is damaged: nothing of it can be shown."
    return True, ""


def _is_partly_there(path: str) -> bool:
    try:
        with forgiving(), Image.open(path, formats=FORMATS) as again:
            draft(again, _GLANCE_PX)
            again.load()
            # What is missing is filled with one colour.
            least, most = again.convert("L").getextrema()
            return bool(least != most)
    except PICTURE_ERRORS:
        return False


def _title(picture: Any) -> str:
    try:
        exif = picture.getexif()
        found = (picture.info.get("Title"), exif.get(_DOCUMENT_NAME), exif.get(_XP_TITLE))
        titles = (
            title.decode("utf-16-le", "ignore") if isinstance(title, bytes) else title for title in found
        )
        texts = (title.replace("\x00", "") for title in titles if isinstance(title, str))
        words = (text.encode("utf-8", "ignore").decode().split() for text in texts)
        return " ".join(next(filter(None, words), ()))[:_MAX_TITLE]
    except PICTURE_ERRORS:
        return ""
