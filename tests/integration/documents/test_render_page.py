"""Pages drawn by MuPDF, and whether the marks cover the ink of the words."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentEncrypted
from readingroom.core.extraction import PlacedWord, ReadLimits, joined
from readingroom.core.models import RenderedPage
from readingroom.documents.mupdf import pymupdf
from readingroom.documents.pdf import read_pdf
from readingroom.documents.rendering import page_image, render_page
from readingroom.documents.rendering_limits import MAX_PIXELS, MAX_SIDE_PX

DATA = Path(__file__).parents[2] / "data" / "documents"


def page_text(path: Path, page: int) -> str:
    return joined(read_pdf(path, ReadLimits(), lambda _done, _total: None)).pages[page - 1].text


def pixels(picture: RenderedPage) -> NDArray[np.uint8]:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)


def ink_outside(picture: RenderedPage) -> int:
    """Dark pixels that no mark covers."""
    dark = pixels(picture).min(axis=2) < 128
    for x0, y0, x1, y1 in picture.marks:
        dark[int(y0) : int(y1) + 2, int(x0) : int(x1) + 2] = False
    return int(dark.sum())


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("rotated-page-90.pdf", 1),
        ("habibi-rotated.pdf", 1),
        ("habibi-rotated.pdf", 2),
        ("habibi-rotated.pdf", 4),
    ],
)
def test_marks_over_all_words_cover_all_ink_of_a_turned_page(name: str, page: int) -> None:
    text = page_text(DATA / name, page)
    picture = render_page(DATA / name, page, 800, 0, len(text))
    assert (pixels(picture).min(axis=2) < 128).any()
    assert ink_outside(picture) == 0


def test_marks_cover_the_words_asked_for_and_no_others(tmp_path: Path) -> None:
    path = tmp_path / "words.pdf"
    with pymupdf.open() as pdf:
        sheet = pdf.new_page(width=400, height=200)
        sheet.insert_text((40, 60), "alpha beta gamma")
        sheet.insert_text((40, 120), "delta")
        pdf.save(path)
    text = page_text(path, 1)
    start = text.index("beta")
    picture = render_page(path, 1, 400, start, start + 4)
    (mark,) = picture.marks
    with pymupdf.open(path) as pdf:
        expected = next(word[:4] for word in pdf[0].get_text("words") if word[4] == "beta")
    assert mark == pytest.approx(expected, abs=0.5)


def test_span_over_two_lines_gives_a_mark_for_each(tmp_path: Path) -> None:
    path = tmp_path / "lines.pdf"
    with pymupdf.open() as pdf:
        pdf.new_page().insert_text((40, 60), "first line\nsecond line\nthird line")
        pdf.save(path)
    text = page_text(path, 1)
    picture = render_page(path, 1, 600, text.index("line"), text.index("second") + 3)
    assert len(picture.marks) == 2


def test_page_cropped_and_turned_is_marked_where_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "cropped.pdf"
    with pymupdf.open() as pdf:
        sheet = pdf.new_page(width=600, height=600)
        sheet.insert_text((300, 330), "shown")
        sheet.set_cropbox(pymupdf.Rect(200, 250, 500, 450))
        sheet.set_rotation(270)
        pdf.save(path)
    picture = render_page(path, 1, 500, 0, 5)
    assert len(picture.marks) == 1
    assert (pixels(picture).min(axis=2) < 128).any()
    assert ink_outside(picture) == 0


def test_picture_is_as_wide_as_asked_on_white_paper() -> None:
    picture = render_page(DATA / "fake-bold-sample.pdf", 1, 700, 0, 0)
    assert picture.width == pytest.approx(700, abs=1)
    assert len(picture.rgb) == picture.width * picture.height * 3
    assert pixels(picture)[0, 0].tolist() == [255, 255, 255]
    assert picture.marks == ()


def test_huge_width_is_bounded() -> None:
    picture = render_page(DATA / "rotated-page-90.pdf", 1, 10_000_000, 0, 0)
    assert max(picture.width, picture.height) <= MAX_SIDE_PX + 1


def test_page_that_is_gone_is_a_changed_document() -> None:
    with pytest.raises(DocumentChanged, match="no page 9"):
        render_page(DATA / "fake-bold-sample.pdf", 9, 400, 0, 0)


def test_file_that_is_gone_is_a_changed_document(tmp_path: Path) -> None:
    with pytest.raises(DocumentChanged):
        render_page(tmp_path / "gone.pdf", 1, 400, 0, 0)


def test_locked_file_is_not_drawn() -> None:
    with pytest.raises(DocumentEncrypted):
        render_page(DATA / "password.pdf", 1, 400, 0, 0)


def test_file_that_is_no_pdf_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "no.pdf"
    path.write_bytes(b"%PDF-1.7 and nothing else")
    with pytest.raises(DocumentCorrupt):
        render_page(path, 1, 400, 0, 0)


def test_part_of_a_word_is_marked_exactly(tmp_path: Path) -> None:
    path = tmp_path / "narrow.pdf"
    with pymupdf.open() as pdf:
        pdf.new_page(width=400, height=200).insert_text((40, 60), "iiiiiWWWWW", fontsize=20)
        pdf.save(path)
    (mark,) = render_page(path, 1, 400, 0, 5).marks
    (whole,) = render_page(path, 1, 400, 0, 10).marks
    assert mark[0] == pytest.approx(whole[0])
    assert mark[2] - mark[0] < 0.3 * (whole[2] - whole[0]), (
        "five thin letters are far less than half the word"
    )


def test_offsets_agree_where_text_was_left_out(tmp_path: Path) -> None:
    path = tmp_path / "hidden.pdf"
    with pymupdf.open() as pdf:
        sheet = pdf.new_page(width=400, height=200)
        sheet.insert_text((40, 40), "Some orders that nobody sees", color=(1, 1, 1))
        sheet.insert_text((40, 80), "alpha beta")
        sheet.insert_text((-900, 20), "beside the page")
        pdf.save(path)
    text = page_text(path, 1)
    assert text.split() == ["alpha", "beta"]
    start = text.index("beta")
    (mark,) = render_page(path, 1, 400, start, start + 4).marks
    with pymupdf.open(path) as pdf:
        expected = next(word[:4] for word in pdf[0].get_text("words") if word[4] == "beta")
    assert mark == pytest.approx(expected, abs=0.5)


def test_comment_is_marked_where_it_is_pinned(tmp_path: Path) -> None:
    path = tmp_path / "comment.pdf"
    with pymupdf.open() as pdf:
        sheet = pdf.new_page(width=400, height=200)
        sheet.insert_text((40, 40), "A page")
        sheet.add_text_annot((300, 100), "Look here")
        pdf.save(path)
    text = page_text(path, 1)
    start = text.index("Look")
    (mark,) = render_page(path, 1, 400, start, start + 4).marks
    assert mark[0] == pytest.approx(300, abs=2)
    assert mark[1] == pytest.approx(100, abs=2)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_recognised_words_are_marked_where_they_were_seen(tmp_path: Path, rotation: int) -> None:
    """A black square, as a recogniser would find it in the image of the page, comes back as the mark over it."""
    path = tmp_path / "scan.pdf"
    with pymupdf.open() as pdf:
        sheet = pdf.new_page(width=300, height=200)
        sheet.draw_rect((50, 120, 90, 150), fill=(0, 0, 0))
        sheet.set_rotation(rotation)
        pdf.save(path)
    image = page_image(path, 1, 150)
    dark = np.argwhere(
        np.frombuffer(image.rgb, np.uint8).reshape(image.height, image.width, 3).max(axis=2) < 50
    )
    (y0, x0), (y1, x1) = dark.min(axis=0), dark.max(axis=0) + 1
    box = image.in_points((float(x0), float(y0), float(x1), float(y1)))
    assert box == pytest.approx((50, 120, 90, 150), abs=1)
    picture = render_page(path, 1, 600, 0, 5, [PlacedWord(0, 5, box, 0)])
    assert len(picture.marks) == 1
    ink = int((pixels(picture).min(axis=2) < 128).sum())
    assert ink_outside(picture) < 0.02 * ink, "all but the edge, which pixels cut"


def test_recognised_words_take_the_place_of_the_files_own(tmp_path: Path) -> None:
    path = tmp_path / "stamp.pdf"
    with pymupdf.open() as pdf:
        pdf.new_page(width=300, height=200).insert_text((40, 40), "stamp")
        pdf.save(path)
    (mark,) = render_page(path, 1, 300, 0, 3, [PlacedWord(0, 5, (100, 100, 150, 120), 0)]).marks
    assert mark == pytest.approx((100, 100, 150, 120), abs=0.5)


@pytest.mark.parametrize("side", [14_400, 1_000_000])
def test_giant_page_is_drawn_within_bounds(tmp_path: Path, side: int) -> None:
    path = tmp_path / "giant.pdf"
    with pymupdf.open() as pdf:
        pdf.new_page(width=side, height=side / 2)
        pdf.save(path)
    image = page_image(path, 1, 300)
    assert image.width * image.height <= MAX_PIXELS * 1.01
    assert max(image.width, image.height) <= MAX_SIDE_PX + 1
    assert image.in_points((0, 0, image.width, image.height)) == pytest.approx(
        (0, 0, side, side / 2), rel=0.01
    )


def test_locked_file_is_drawn_with_its_password() -> None:
    picture = render_page(DATA / "password.pdf", 1, 300, 0, 0, passwords=["wrong", "password"])
    assert picture.width == pytest.approx(300, abs=1)
