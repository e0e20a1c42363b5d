"""Loads MuPDF and opens PDF files with it; the modules `pdf*.py` get at it through here."""

import itertools
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentEncrypted
from readingroom.core.extraction import Rectangle


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
    # MuPDF's own boxes of characters, not ones computed anew: a fifth less time for the same places.
    module.TOOLS.unset_quad_corrections(True)
    return module


pymupdf = _load_pymupdf()

MUPDF_ERRORS = (
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


_CLOSED_BETWEEN = 16
_closed = itertools.count(1)


@contextmanager
def opened(path: Path, passwords: Sequence[str] = ()) -> Iterator[Any]:
    """Open a PDF file, with the first of `passwords` that fits where one is needed; raises `ReadFailure`."""
    try:
        pdf = pymupdf.open(path, filetype="pdf")
    except pymupdf.FileNotFoundError as error:
        raise DocumentChanged("The file is no longer there.") from error
    except MUPDF_ERRORS as error:
        raise DocumentCorrupt("The PDF file is damaged and cannot be opened.") from error
    try:
        _unlock(pdf, passwords)
        yield pdf
    finally:
        pdf.close()
        if next(_closed) % _CLOSED_BETWEEN == 0:
            forget()


def forget() -> None:
    """Have MuPDF drop fonts, character maps and pictures it keeps, up to 256 MB of them.

    Not after each file: reading a small one takes 5 ms longer when the common character maps are gone.
    """
    pymupdf.TOOLS.store_shrink(100)


def _unlock(pdf: Any, passwords: Sequence[str]) -> None:
    # An empty user password has been tried by MuPDF itself.
    if not pdf.needs_pass:
        return
    for password in passwords:
        try:
            if pdf.authenticate(password):
                return
        except MUPDF_ERRORS:
            continue
    if passwords:
        raise DocumentEncrypted("The PDF file needs a password, and not one of those that were given.")
    raise DocumentEncrypted("The PDF file needs a password.")


def page_count(pdf: Any) -> int:
    """The number of pages; raises `DocumentCorrupt` where the file does not tell."""
    try:
        return int(pdf.page_count)
    except MUPDF_ERRORS as error:
        raise DocumentCorrupt("The PDF file is damaged: its pages cannot be found.") from error


def drawn(page: Any, zoom: float, box: Rectangle | None = None, *, in_part: bool = False) -> Any:
    """A page, or the part of it in `box`, as an RGB pixmap on white paper, `zoom` pixels a point.

    With `in_part` a page that breaks off is shown as far as it goes, if anything is to be seen of it.

    Not through a display list, as PyMuPDF does it: MuPDF 1.28 frees memory twice on some damaged pages when it makes one.
    """
    mupdf = pymupdf.mupdf
    matrix = mupdf.FzMatrix(zoom, 0, 0, zoom, 0, 0)
    area = mupdf.FzRect(*box) if box else page.this.fz_bound_page()
    pixmap = mupdf.FzPixmap(
        mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB),
        area.fz_transform_rect(matrix).fz_round_rect(),
        mupdf.FzSeparations(),
        0,
    )
    pixmap.fz_clear_pixmap_with_value(255)
    picture = pymupdf.Pixmap("raw", pixmap)
    device = mupdf.fz_new_draw_device(matrix, pixmap)
    try:
        page.this.fz_run_page(device, mupdf.FzMatrix(), mupdf.FzCookie())
        device.fz_close_device()
    except MUPDF_ERRORS:
        if not in_part or picture.is_unicolor:
            raise
    return picture


def without_surrogates(text: str) -> str:
    """Text as it may be stored: halves of surrogate pairs and zero characters dropped."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\x00", "")
