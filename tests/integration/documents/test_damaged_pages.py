"""PDF files and pictures cut off anywhere or with bytes changed at random end in a state, never in an error of ours."""

import random
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from readingroom.core.errors import ReadFailure
from readingroom.core.extraction import ReadLimits
from readingroom.documents.registry import read_document
from readingroom.documents.rendering import page_image, render_page

DATA = Path(__file__).parents[2] / "data" / "documents"
NAMES = ["rotated-page-90.pdf", "right_to_left_01.pdf", "invisible_text_layer.pdf", "testOCR.jpg"]


def picture(kind: str) -> bytes:
    stream = BytesIO()
    noise = Image.effect_noise((64, 48), 60)
    noise.save(stream, kind, **({"save_all": True, "append_images": [noise]} if kind == "TIFF" else {}))
    return stream.getvalue()


def damaged(data: bytes, dice: random.Random) -> bytes:
    if dice.random() < 0.5:
        return data[: dice.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(dice.choice((1, 4, 40))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def endured(path: Path) -> str:
    """Read it and draw its first page; the reason where that cannot be."""
    try:
        document = read_document(path, ReadLimits(), lambda _done, _total: None)
        for page in document.pages:
            assert document.text[page.start : page.end] == page.text
        length = len(document.pages[0].text) if document.pages else 0
        drawn = render_page(path, 1, 120, 0, length)
        assert len(drawn.rgb) == drawn.width * drawn.height * 3
        image = page_image(path, 1, 40)
        assert len(image.rgb) == image.width * image.height * 3
    except ReadFailure as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_end_in_a_state(tmp_path: Path, name: str) -> None:
    data = (DATA / name).read_bytes()
    path = tmp_path / f"damaged{Path(name).suffix}"
    dice = random.Random(name)
    for _ in range(16):
        path.write_bytes(damaged(data, dice))
        assert endured(path)[-1:] in {"", "."}


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "GIF", "BMP", "AVIF", "JPEG2000"])
def test_damaged_pictures_end_in_a_state(tmp_path: Path, kind: str) -> None:
    data = picture(kind)
    path = tmp_path / "damaged.png"
    dice = random.Random(kind)
    for _ in range(30):
        path.write_bytes(damaged(data, dice))
        assert endured(path)[-1:] in {"", "."}
