"""Pages drawn by MuPDF, and whether the marks cover the ink of the words."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentEncrypted
from readingroom.core.models import ReadLimits, RenderedPage
from readingroom.documents.pdf import MAX_SIDE_PX, pymupdf, read_pdf, render_page

DATA = Path(__file__).parents[2] / "data" / "documents"


def page_text(path: Path, page: int) -> str:
    return read_pdf(path, ReadLimits(), lambda _done, _total: None).pages[page - 1].text


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
