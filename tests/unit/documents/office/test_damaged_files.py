"""Real files cut off anywhere, with bytes exchanged, outside or in the parts: each ends in text or a reason."""

import io
import random
import zipfile
from pathlib import Path

import pytest

from helpers.office_files import DATA, read
from readingroom.core.errors import ReadFailure

FILES = (
    "fruit.xlsb",
    "xlsx_comments.xlsx",
    "testEXCEL.strict.xlsx",
    "testEXCEL_5.xls",
    "looks.xls",
    "test-columnar.ods",
    "text_document_03.odt",
    "testMasterFooter.odp",
    "testPPT_diagramData.pptx",
    "docx_comments.docx",
    "blowfish.odt",
    "csv-semicolon.csv",
)
ROUNDS = 12


def damaged_part(data: bytes, chance: random.Random) -> bytes:
    """The package with one of its parts damaged, and sound otherwise."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        names = [name for name in old.namelist() if name.endswith((".xml", ".rels", ".bin"))]
        chosen = chance.choice(names)
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, damaged(part, chance) if name == chosen else part)
    return written.getvalue()


def damaged(data: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.4:
        return data[: chance.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("name", FILES)
def test_damaged_file_ends_in_text_or_a_reason(tmp_path: Path, name: str) -> None:
    data = (DATA / name).read_bytes()
    chance = random.Random(name)
    path = tmp_path / f"damaged{Path(name).suffix}"
    reasons: list[str] = []
    for round_number in range(ROUNDS):
        inside = round_number % 2 and data.startswith(b"PK")
        path.write_bytes(damaged_part(data, chance) if inside else damaged(data, chance))
        try:
            document = read(path)
        except ReadFailure as error:
            reasons.append(str(error))
        else:
            start = 0
            for page in document.pages:
                assert page.start == start
                start = page.end
    assert all(reason.endswith(".") for reason in reasons)
