"""The built-in engine on pictures of pages, with its real networks."""

import math
import shutil
import socket
from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from helpers.scans import drawn_page, picture_of, scan_of
from readingroom.core.errors import RecognitionUnavailable
from readingroom.core.extraction import Rectangle
from readingroom.core.page_images import PageImage
from readingroom.core.recognition import RecognisedPage
from readingroom.recognition.built_in import BuiltInEngine
from readingroom.recognition.networks import models_folder
from readingroom.recognition.page_text import compose

LETTER = (
    "<p>Dear Ms Müller, the rent of <b>1,250.00 EUR</b> is due on every second Monday. "
    "Überweisen Sie bitte pünktlich.</p><p>Yours, your landlord</p>"
)


@pytest.fixture(scope="module")
def engine() -> Iterator[BuiltInEngine]:
    made = BuiltInEngine()
    yield made
    made.close()


def read(engine: BuiltInEngine, image: PageImage) -> RecognisedPage:
    return compose(engine.read(image), image.to_points)


def turned(image: PageImage, degrees: float, *, dpi: float = 200.0) -> PageImage:
    """The picture turned against the clock, and what takes its pixels back to the page as it was."""
    picture = Image.frombytes("RGB", (image.width, image.height), image.rgb)
    made = picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    cos, sin, scale = math.cos(math.radians(degrees)), math.sin(math.radians(degrees)), 72 / dpi
    (x0, y0), (x1, y1) = (picture.width / 2, picture.height / 2), (made.width / 2, made.height / 2)
    matrix = (
        scale * cos, scale * sin, -scale * sin, scale * cos,
        scale * (x0 - cos * x1 + sin * y1), scale * (y0 - sin * x1 - cos * y1),
    )  # fmt: skip
    return PageImage(1, 1, made.width, made.height, made.tobytes(), matrix)


def shared(one: Rectangle, other: Rectangle) -> float:
    """How much of both boxes together both have."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    both = max(across, 0) * max(down, 0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / (areas - both)


@pytest.mark.parametrize("degrees", [0.0, 90.0, 180.0, 270.0, 3.0])
def test_a_page_is_read_however_it_lies_and_its_words_are_where_they_stand(
    engine: BuiltInEngine, degrees: float
) -> None:
    page: Any = drawn_page(LETTER)
    image = scan_of(page, 200.0)
    recognised = read(engine, turned(image, degrees) if degrees else image)
    expected = (
        "Dear Ms Müller, the rent of 1,250.00 EUR is due on every second Monday. "
        "Überweisen Sie bitte pünktlich. Yours, your landlord"
    )
    got = " ".join(recognised.text.split())
    # A letter or a full stop is lost now and then on a page that was turned.
    assert SequenceMatcher(None, got, expected).ratio() > 0.98
    assert recognised.text.endswith("\n\nYours, your landlord\n")
    assert recognised.confidence > 0.95
    boxes = {recognised.text[w.start : w.end]: w.box for w in recognised.words}
    placed = [entry for entry in page.get_text("words") if entry[4] in boxes]
    assert len(placed) > 15
    for x0, y0, x1, y1, word, *_ in placed:
        # A page that lies askew has larger boxes: they stand upright.
        assert shared(boxes[word], (x0, y0, x1, y1)) > (0.5 if degrees != 3.0 else 0.3), word


def test_columns_are_read_one_after_the_other(engine: BuiltInEngine) -> None:
    left = "<p>The first column tells of the tenant and what he owes to the landlord each month.</p>"
    right = "<p>The second column tells of the garden, who waters it and who mows the lawn.</p>"
    page: Any = drawn_page("<h3 style='text-align:center'>About the house and its garden as a whole</h3>")
    page.insert_htmlbox((20, 60, 200, 280), left)
    page.insert_htmlbox((220, 64, 400, 280), right)
    text = " ".join(read(engine, scan_of(page, 200.0)).text.split())
    assert text == (
        "About the house and its garden as a whole "
        "The first column tells of the tenant and what he owes to the landlord each month. "
        "The second column tells of the garden, who waters it and who mows the lawn."
    )


def test_a_small_picture_is_read(engine: BuiltInEngine) -> None:
    picture = Image.open(Path(__file__).parents[2] / "data" / "documents" / "testOCR.jpg").convert("RGB")
    seen = read(engine, PageImage(1, 1, *picture.size, picture.tobytes(), (1, 0, 0, 1, 0, 0)))
    assert "Apache Tika" in seen.text


def test_a_blank_page_and_a_speck_hold_no_text(engine: BuiltInEngine) -> None:
    for width, height in ((800, 600), (1, 1), (3000, 2), (11, 11)):
        blank = PageImage(1, 1, width, height, b"\xfe" * (width * height * 3), (1, 0, 0, 1, 0, 0))
        assert read(engine, blank).text == ""
    black = PageImage(1, 1, 11, 11, b"\x00" * 180 + b"\xff" * 183, (1, 0, 0, 1, 0, 0))
    assert read(engine, black).text == ""


def test_writing_it_does_not_know_is_told_and_not_made_up(engine: BuiltInEngine) -> None:
    seen = read(
        engine, picture_of("<p>Все люди рождаются свободными и равными в своём достоинстве и правах.</p>")
    )
    assert seen.unread_share > 0.3
    assert len(seen.text) < 10


def test_it_tells_how_far_it_is(engine: BuiltInEngine) -> None:
    told: list[tuple[int, int]] = []
    engine.read(picture_of(LETTER), lambda done, of: told.append((done, of)))
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] >= 3


def test_networks_are_loaded_without_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("It wants to go online.")

    monkeypatch.setattr(socket, "socket", refuse)
    BuiltInEngine(threads=1).close()


def test_networks_that_are_missing_or_damaged_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(RecognitionUnavailable, match="missing"):
        BuiltInEngine(tmp_path)
    for file in models_folder().glob("PP-OCRv6*.onnx"):
        shutil.copy(file, tmp_path)
    damaged = tmp_path / "PP-OCRv6_det_small.onnx"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\x00")
    with pytest.raises(RecognitionUnavailable, match="damaged"):
        BuiltInEngine(tmp_path)
