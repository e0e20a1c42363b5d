"""A PDF page laid out for reading: upright, with a margin, so that what is written beside the page is found too."""

from functools import cached_property
from typing import Any

from readingroom.core.extraction import Rectangle
from readingroom.documents.mupdf import drawn, pymupdf

_MARGIN = 5000.0
"""Points on each side. MuPDF gives no text outside the page's box; so far beyond it, nobody is told of it."""

_MEDIA_BOX, _CROP_BOX = pymupdf.PDF_NAME("MediaBox"), pymupdf.PDF_NAME("CropBox")
_TEXT_FLAGS = pymupdf.TEXTFLAGS_WORDS & ~pymupdf.TEXT_PRESERVE_LIGATURES
_SHAPES_TOO = _TEXT_FLAGS | pymupdf.TEXT_COLLECT_VECTORS | pymupdf.TEXT_LAZY_VECTORS
_MAX_POOL_BYTES = 48 * 1024 * 1024
"""Of a page's text and shapes in MuPDF's memory; the same in Python takes some five times as much."""

TEXT_BLOCK, SHAPE_BLOCK = 0, 3


class Sheet:
    """A page turned upright and widened. Boxes within are in points from the widened corner; see `unshifted`."""

    def __init__(self, page: Any) -> None:
        """`page` is changed for good: draw it before, or load it anew."""
        self._page = page
        mupdf = pymupdf.mupdf
        on_file, to_points = mupdf.FzRect(), mupdf.FzMatrix()
        pdf_page = mupdf.pdf_page_from_fz_page(page.this)
        pdf_page.pdf_page_transform(on_file, to_points)
        if to_points.a <= 0:
            page.set_rotation(0)
            pdf_page.pdf_page_transform(on_file, to_points)
        wide = mupdf.FzRect(
            on_file.x0 - _MARGIN, on_file.y0 - _MARGIN, on_file.x1 + _MARGIN, on_file.y1 + _MARGIN
        )
        described = pdf_page.obj()
        described.pdf_dict_put_rect(_MEDIA_BOX, wide)
        described.pdf_dict_put_rect(_CROP_BOX, wide)
        # The file's own unit need not be a point.
        unit = to_points.a
        self._shift = _MARGIN * unit
        self.box: Rectangle = (
            self._shift,
            self._shift,
            self._shift + (on_file.x1 - on_file.x0) * unit,
            self._shift + (on_file.y1 - on_file.y0) * unit,
        )
        """What a person sees of it."""

    def unshifted(self, box: Rectangle) -> Rectangle:
        """The same place in points of the unrotated page as it is."""
        x0, y0, x1, y1 = box
        return (x0 - self._shift, y0 - self._shift, x1 - self._shift, y1 - self._shift)

    def text_and_shapes(self) -> tuple[Any, list[dict[str, Any]]]:
        """A text page to take characters from, and its blocks of text and of shapes in the order drawn.

        A shape within a line comes after it; one between two lines of a paragraph cuts it in two blocks.
        """
        text_page = self._page.get_textpage(flags=_SHAPES_TOO)
        # WORKAROUND PyMuPDF 1.28: TextPage.poolsize() looks for a class that is not there.
        if pymupdf.mupdf.ll_fz_pool_size(text_page.this.m_internal.pool) > _MAX_POOL_BYTES:
            text_page = self._page.get_textpage(flags=_TEXT_FLAGS)
        return text_page, text_page.extractDICT()["blocks"]

    @cached_property
    def images(self) -> list[tuple[Rectangle, int]]:
        """The box of each picture on the page, and how many pixels it has."""
        found = []
        for image in self._page.get_image_info():
            box = intersection(image["bbox"], self.box)
            if area(box):
                found.append((box, int(image["width"]) * int(image["height"])))
        return found

    def image_pixels(self) -> int:
        """How many pixels all pictures together have that the page names, drawn or not."""
        return sum(width * height for _, _, width, height, *_ in self._page.get_images(full=True))

    def pixels(self, box: Rectangle, zoom: float) -> Any:
        """Draw a part of the page, on white paper."""
        return drawn(self._page, zoom, box)


def intersection(one: Rectangle, other: Rectangle) -> Rectangle:
    """What lies in both; without area where nothing does."""
    x0, y0 = max(one[0], other[0]), max(one[1], other[1])
    return (x0, y0, max(x0, min(one[2], other[2])), max(y0, min(one[3], other[3])))


def area(box: Rectangle) -> float:
    """Of a rectangle in square points."""
    return (box[2] - box[0]) * (box[3] - box[1])


def contains(outer: Rectangle, inner: Rectangle, slack: float = 1.0) -> bool:
    """Whether `inner` lies in `outer`, give or take `slack` points."""
    return (
        outer[0] <= inner[0] + slack
        and outer[1] <= inner[1] + slack
        and outer[2] >= inner[2] - slack
        and outer[3] >= inner[3] - slack
    )
