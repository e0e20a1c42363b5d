"""Opens pictures of any kind within bounds and brings them upright, as RGB, to the size wanted."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageFile, ImageOps

from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentTooLarge
from readingroom.documents.rendering_limits import bounded_zoom

# Others of Pillow's start a program (EPS), or are no pictures of pages.
FORMATS = ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "HEIF", "AVIF", "JPEG2000", "PPM")
_MAX_DECODED_BYTES = 600 * 1024 * 1024
_MAX_DECODING_BYTES = 1280 * 1024 * 1024
_BYTES_A_PIXEL = {"1": 2, "L": 1, "P": 5, "I;16": 3}
"""As Pillow holds a picture, with the copy it takes to convert it; 4 for all other modes."""
_DECODER_BYTES_A_PIXEL = {"WEBP": 16, "HEIF": 12, "AVIF": 10, "JPEG2000": 19, "TIFF": 8}
"""Measured at the peak, rounded upwards."""
_PROGRESSIVE_BYTES_A_PIXEL = 6
_SCALABLE = frozenset({"JPEG", "MPO"})
_OBLONG = 1.3
_MOST_OBLONG = 5.0
_REDUCED_COPY = 1
_SUBFILE_TYPE, _ORIENTATION = 254, 274

PICTURE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    EOFError,
    RuntimeError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
    struct.error,
    zlib.error,
)
"""What Pillow raises on broken files."""


@cache
def _load_formats() -> None:
    import pillow_heif

    Image.init()
    pillow_heif.register_heif_opener(thumbnails=False)


@contextmanager
def opened_picture(path: Path) -> Iterator[Any]:
    """Open a picture without decoding it, warnings kept quiet; raises `DocumentCorrupt`, `DocumentChanged`."""
    _load_formats()
    # Its own bound is one number for all formats, and half a warning; `check_size` does it.
    Image.MAX_IMAGE_PIXELS = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = Image.open(path, formats=FORMATS)
        except FileNotFoundError as error:
            raise DocumentChanged("The file is no longer there.") from error
        except PermissionError:
            raise
        except PICTURE_ERRORS as error:
            raise DocumentCorrupt("The file is damaged: it is not a whole picture.") from error
        with picture:
            yield picture


@contextmanager
def forgiving() -> Iterator[None]:
    """Let Pillow show what is left of a picture that is cut off."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def frames_of(picture: Any) -> list[int]:
    """The frames that are pages: of a TIFF all but its smaller copies, of moving pictures the first."""
    if picture.format != "TIFF":
        return [0]
    pages = []
    try:
        for frame in range(picture.n_frames):
            picture.seek(frame)
            if not picture.tag_v2.get(_SUBFILE_TYPE, 0) & _REDUCED_COPY:
                pages.append(frame)
    except PICTURE_ERRORS:
        pass
    finally:
        picture.seek(0)
    return pages or [0]


def check_size(picture: Any) -> None:
    """Raise `DocumentTooLarge` where the frame that is open would fill the memory."""
    pixels = picture.width * picture.height
    if picture.format in _SCALABLE:
        # Decoded at a half, a quarter or an eighth where it is large; a progressive one is held whole before.
        decoded, decoding = 0, pixels * _PROGRESSIVE_BYTES_A_PIXEL if picture.info.get("progressive") else 0
    else:
        decoded = pixels * _BYTES_A_PIXEL.get(picture.mode, 4)
        decoding = pixels * _DECODER_BYTES_A_PIXEL.get(picture.format, 0)
        if picture.mode == "1":
            decoding = 0
    if decoded > _MAX_DECODED_BYTES or decoding > _MAX_DECODING_BYTES:
        raise DocumentTooLarge(
            f"The picture has {picture.width:,} × {picture.height:,} pixels; it would take "
            f"{max(decoded, decoding) / 1e9:.1f} GB of memory to show."
        )


def draft(picture: Any, side_px: float) -> None:
    """Have a picture decoded at a fraction of its size, at least `side_px` long, where its format can do that."""
    if picture.format in _SCALABLE:
        factor = side_px / max(picture.size)
        picture.draft(None, (max(int(picture.width * factor), 1), max(int(picture.height * factor), 1)))


def resolution_of(picture: Any) -> tuple[float, float]:
    """Pixels an inch across and down; (0, 0) where it does not say."""
    try:
        x, y = (float(value) for value in picture.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    return (x, y) if 0 < x < 1e5 and 0 < y < 1e5 else (0.0, 0.0)


def _stretch(picture: Any) -> tuple[float, float]:
    x, y = resolution_of(picture)
    if picture.format == "TIFF" and x and _OBLONG < max(x / y, y / x) < _MOST_OBLONG:
        return max(y / x, 1.0), max(x / y, 1.0)
    return 1.0, 1.0


def _is_turned(picture: Any) -> bool:
    """Whether width and height change places once it is upright; Pillow turns TIFF and HEIF itself."""
    return picture.format not in {"TIFF", "HEIF"} and picture.getexif().get(_ORIENTATION, 1) in {5, 6, 7, 8}


def size_of(picture: Any) -> tuple[float, float]:
    """In points, upright."""
    across, down = _stretch(picture)
    width, height = picture.width * across, picture.height * down
    return (height, width) if _is_turned(picture) else (width, height)


def upright(picture: Any, zoom: float) -> tuple[Any, tuple[float, float]]:
    """The frame as RGB near `zoom` times its size, and how many of its pixels make a point across and down."""
    width, height = size_of(picture)
    zoom = bounded_zoom(width, height, zoom)
    target = (max(round(width * zoom), 1), max(round(height * zoom), 1))
    lying = target[::-1] if _is_turned(picture) else target
    draft(picture, max(target))
    picture.load()
    shown = _flattened(_smaller(picture, lying))
    if shown.size != lying:
        shown = shown.resize(lying, Image.Resampling.LANCZOS, reducing_gap=3.0)
    ImageOps.exif_transpose(shown, in_place=True)
    return shown, (target[0] / width, target[1] / height)


def _smaller(picture: Any, target: tuple[int, int]) -> Any:
    """A copy still at least twice as large as needed, since conversions copy all pixels."""
    if picture.mode == "1":
        picture = picture.convert("L")
    factor = min(picture.width // target[0], picture.height // target[1]) // 2
    if factor < 2 or picture.mode in {"P", "PA"} or picture.mode.startswith(("I;", "La", "RGBa")):
        return picture
    reduced = picture.reduce(factor)
    reduced.info = picture.info
    return reduced


def _flattened(picture: Any) -> Any:
    """Opaque RGB on white paper."""
    if picture.mode in {"I", "F"} or picture.mode.startswith("I;"):
        least, most = picture.getextrema()
        spread = 255.0 / max(float(most) - float(least), 1e-9)
        exif = picture.info
        picture = (
            picture.convert("F").point(lambda value: value * spread - float(least) * spread).convert("L")
        )
        picture.info = exif
    if picture.mode in {"LA", "PA", "La", "RGBA", "RGBa"} or "transparency" in picture.info:
        coloured = picture.convert("RGBA")
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(coloured, mask=coloured.getchannel("A"))
        paper.info = picture.info
        return paper
    return picture if picture.mode == "RGB" else picture.convert("RGB")
