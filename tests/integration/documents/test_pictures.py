"""Pictures: pages that await recognition, drawn upright, bounded, and marked in their own pixels."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, PngImagePlugin

from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentTooLarge, DocumentUnsupported
from readingroom.core.extraction import ExtractedDocument, PlacedWord, ReadLimits
from readingroom.core.models import RenderedPage
from readingroom.core.page_images import PageImage
from readingroom.documents.pictures import read_picture
from readingroom.documents.registry import read_document
from readingroom.documents.rendering import page_image, render_page
from readingroom.documents.rendering_limits import MAX_PIXELS, MAX_SIDE_PX

DATA = Path(__file__).parents[2] / "data" / "documents"
SPOT = (60, 20, 90, 35)
"""Where the dark spot of `spotted` is."""


def spotted(mode: str = "RGB", size: tuple[int, int] = (200, 100)) -> Image.Image:
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((SPOT[0], SPOT[1], SPOT[2] - 1, SPOT[3] - 1), fill="black")
    return picture.convert(mode)


def read(path: Path, limits: ReadLimits | None = None) -> ExtractedDocument:
    return read_document(path, limits or ReadLimits(), lambda _done, _total: None)


def pixels(picture: PageImage | RenderedPage) -> NDArray[np.uint8]:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)


def dark_box(picture: PageImage | RenderedPage) -> tuple[float, float, float, float]:
    dark = np.argwhere(pixels(picture).max(axis=2) < 110)
    (y0, x0), (y1, x1) = dark.min(axis=0), dark.max(axis=0) + 1
    return float(x0), float(y0), float(x1), float(y1)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "gif", "bmp", "heic", "avif", "jp2", "pgm"])
def test_picture_is_a_page_without_text(tmp_path: Path, suffix: str) -> None:
    read_picture_once = tmp_path / f"picture.{suffix}"
    if suffix == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener()
    spotted("L" if suffix == "pgm" else "RGB").save(read_picture_once)
    document = read(read_picture_once)
    assert document.format == "image"
    assert [(page.number, page.text, page.pictured) for page in document.pages] == [(1, "", True)]
    assert document.notes == ()
    image = page_image(read_picture_once, 1, 300)
    assert image.in_points(dark_box(image)) == pytest.approx(SPOT, abs=2)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "I", "F"])
def test_all_kinds_of_pixels_are_shown(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "picture.tif"
    if mode in {"I;16", "I", "F"}:
        values = np.asarray(spotted("L"), np.float32) * 200
        kind = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
        Image.fromarray(values.astype(kind)).save(path)
    else:
        spotted(mode).save(path)
    image = page_image(path, 1, 300)
    assert dark_box(image) == pytest.approx(SPOT, abs=1)
    assert pixels(image)[0, 0].min() > 245


def test_transparent_paper_is_white(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    picture = spotted("RGBA")
    picture.putalpha(Image.eval(spotted("L"), lambda value: 255 - value))
    picture.save(path)
    assert pixels(page_image(path, 1, 300))[0, 0].tolist() == [255, 255, 255]
    assert dark_box(page_image(path, 1, 300)) == pytest.approx(SPOT, abs=1)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_shown_as_the_camera_was_held(tmp_path: Path, orientation: int, suffix: str) -> None:
    path = tmp_path / f"photo.{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    spotted().save(path, exif=exif)
    image = page_image(path, 1, 300)
    turned = {5, 6, 7, 8}
    assert (image.width, image.height) == ((100, 200) if orientation in turned else (200, 100))
    x0, y0, x1, y1 = SPOT
    expected = {
        1: SPOT,
        2: (200 - x1, y0, 200 - x0, y1),
        3: (200 - x1, 100 - y1, 200 - x0, 100 - y0),
        4: (x0, 100 - y1, x1, 100 - y0),
        5: (y0, x0, y1, x1),
        6: (100 - y1, x0, 100 - y0, x1),
        7: (100 - y1, 200 - x1, 100 - y0, 200 - x0),
        8: (y0, 200 - x1, y1, 200 - x0),
    }[orientation]
    box = image.in_points(dark_box(image))
    assert box == pytest.approx(expected, abs=1.5)
    picture = render_page(path, 1, 2 * image.width, 0, 4, [PlacedWord(0, 4, box, 0)])
    assert picture.marks[0] == pytest.approx(dark_box(picture), abs=3)


def test_pages_of_a_fax_are_its_frames_with_square_pixels(tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    first, second = spotted("1"), Image.new("1", (200, 100), 0)
    first.save(path, save_all=True, append_images=[second], dpi=(204, 98), compression="group4")
    document = read(path)
    assert [page.number for page in document.pages] == [1, 2]
    image = page_image(path, 1, 600)
    assert (image.width, image.page_count) == (200, 2)
    assert image.height == pytest.approx(100 * 204 / 98, abs=1)
    assert pixels(page_image(path, 2, 600)).max() == 0
    assert [page.number for page in read(path, ReadLimits(max_pages=1)).pages] == [1]
    with pytest.raises(DocumentChanged, match="no page 3"):
        page_image(path, 3, 300)


def test_smaller_copies_in_a_tiff_are_no_pages(tmp_path: Path) -> None:
    path = tmp_path / "pyramid.tif"
    copy = spotted(size=(100, 50))
    copy.encoderinfo = {"tiffinfo": {254: 1}}
    spotted().save(path, save_all=True, append_images=[copy])
    assert len(read(path).pages) == 1


def test_scan_finer_than_needed_comes_smaller(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    spotted(size=(1200, 600)).save(path, dpi=(600, 600))
    image = page_image(path, 1, 300)
    assert image.width == 600
    assert image.in_points(dark_box(image)) == pytest.approx(SPOT, abs=2)


def test_marks_follow_the_size_the_picture_is_drawn_at(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    spotted().save(path)
    words = [PlacedWord(0, 4, SPOT, 0), PlacedWord(5, 9, (0, 90, 40, 99), 1)]
    picture = render_page(path, 1, 400, 0, 4, words)
    assert (picture.width, picture.height, picture.page_count) == (400, 200, 1)
    (mark,) = picture.marks
    assert mark == pytest.approx((120, 40, 180, 70))
    assert render_page(path, 1, 400, 2, 2, words).marks == ()
    assert max(render_page(path, 1, 10**7, 0, 0).width, 1) <= MAX_SIDE_PX


def test_title_is_the_pictures_own(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    about = PngImagePlugin.PngInfo()
    about.add_text("Title", "Floor plan\n of 1912")
    spotted().save(path, pnginfo=about)
    assert read(path).title == "Floor plan of 1912"
    assert read(DATA / "testOCR.jpg").title == ""


def png_promising(width: int, height: int) -> bytes:
    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", pixels) + part(b"IEND", b"")


def test_picture_that_would_fill_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_promising(60_000, 60_000))
    with pytest.raises(DocumentTooLarge, match="60,000 × 60,000 pixels"):
        read(path)
    with pytest.raises(DocumentTooLarge, match="60,000 × 60,000 pixels"):
        page_image(path, 1, 300)


def test_large_photograph_comes_within_bounds(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    Image.new("L", (9000, 7000), 255).save(path)
    assert read(path).pages[0].pictured
    image = page_image(path, 1, 300)
    assert image.width * image.height <= MAX_PIXELS * 1.01
    assert image.in_points((0, 0, image.width, image.height)) == pytest.approx((0, 0, 9000, 7000), rel=0.001)


def test_half_a_photograph_is_shown_with_a_note(tmp_path: Path) -> None:
    whole = (DATA / "testOCR.jpg").read_bytes()
    path = tmp_path / "half.jpg"
    path.write_bytes(whole[: len(whole) * 3 // 4])
    document = read(path)
    assert document.pages[0].pictured
    assert document.notes == ("The picture is damaged; what could be recovered is shown.",)
    assert pixels(page_image(path, 1, 300)).min() < 100


@pytest.mark.parametrize(
    "name", ["empty.png", "letters.png", "head.jpg", "head.tif", "head.webp", "head.heic"]
)
def test_what_is_no_picture_is_corrupt(tmp_path: Path, name: str) -> None:
    heads = {
        "letters.png": b"These are letters.",
        "head.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
        "head.tif": b"II*\x00\x08\x00\x00\x00",
        "head.webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
        "head.heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
    }
    path = tmp_path / name
    path.write_bytes(heads.get(name, b""))
    if name == "empty.png":
        assert read(path).pages[0].text == ""
        return
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read_picture(path, ReadLimits(), lambda _done, _total: None)
    with pytest.raises(DocumentCorrupt):
        render_page(path, 1, 100, 0, 0)


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("shot.dng", b"II*\x00\x08\x00\x00\x00", "camera raw pictures"),
        ("shot.cr3", b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01", "camera raw pictures"),
        ("layers.psd", b"8BPS\x00\x01", "pictures"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "pictures"),
    ],
)
def test_pictures_that_are_not_read_are_named(tmp_path: Path, name: str, head: bytes, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(head + bytes(64))
    with pytest.raises(DocumentUnsupported, match=kind):
        read(path)
