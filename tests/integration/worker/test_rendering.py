"""Pages drawn in the child."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from readingroom.core.errors import DocumentChanged, ReadFailure
from readingroom.core.extraction import FileRef
from readingroom.worker.rendering import RenderWorker

PDF = b"""%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>> endobj
4 0 obj <</Length 42>> stream
BT /F 18 Tf 20 40 Td (Hello reading) Tj ET
endstream endobj
5 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj
trailer <</Root 1 0 R/Size 6>>
"""


@pytest.fixture
def renderer(tmp_path: Path) -> Iterator[RenderWorker]:
    worker = RenderWorker(tmp_path / "data")
    yield worker
    worker.close()


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "small.pdf"
    path.write_bytes(PDF)
    return path


def test_a_page_is_drawn_at_the_width_asked_for_with_the_span_marked(
    renderer: RenderWorker, pdf: Path
) -> None:
    drawn = renderer.render(FileRef(pdf), 1, width_px=400, start=0, end=5)
    assert (drawn.page, drawn.page_count, drawn.width, drawn.height) == (1, 1, 400, 200)
    assert len(drawn.rgb) == 400 * 200 * 3
    assert set(drawn.rgb) != {255}
    assert len(drawn.marks) == 1
    x0, y0, x1, y1 = drawn.marks[0]
    assert 30 < x0 < x1 < 200
    assert 60 < y0 < y1 < 200
    assert renderer.render(FileRef(pdf), 1, width_px=400).marks == ()


def test_what_cannot_be_drawn_is_said_plainly(renderer: RenderWorker, pdf: Path, tmp_path: Path) -> None:
    with pytest.raises(DocumentChanged):
        renderer.render(FileRef(pdf), 2, width_px=100)
    with pytest.raises(ReadFailure):
        renderer.render(FileRef(tmp_path / "nothing.pdf"), 1, width_px=100)
