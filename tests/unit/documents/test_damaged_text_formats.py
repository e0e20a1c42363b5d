"""Messages, books and Rich Text cut off anywhere or with bytes exchanged: each ends in text or a reason."""

import contextlib
import gzip
import random
from pathlib import Path

import pytest

from helpers.reading import DATA, inside, read
from readingroom.core.errors import ReadFailure

FILES = (
    "testRFC822_multipart_attachments.eml",
    "mime-multipart-digest.eml",
    "simple.mbox",
    "testMHTMLFirefox.mhtml",
    "testMSG_Appointment.msg",
    "testMSG_att_msg.msg.gz",
    "testEPUB.epub",
    "test.fb2",
    "testRTF-ms932.rtf",
    "testRTFCorruptListOverride.rtf",
    "html_rich_table_cells.html",
    "pages_password_protected.pages",
)
ROUNDS = 25


def damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    kind = chance.choice(("cut", "bytes", "hole"))
    if kind == "cut":
        del changed[chance.randrange(len(changed)) :]
    elif kind == "bytes":
        for _ in range(chance.choice((1, 5, 50))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    else:
        start = chance.randrange(len(changed))
        del changed[start : start + chance.randrange(1, 2000)]
    return bytes(changed)


@pytest.mark.parametrize("name", FILES)
def test_damaged_file_ends_in_text_or_a_reason(name: str, tmp_path: Path) -> None:
    data = (DATA / name).read_bytes()
    if name.endswith(".gz"):
        name, data = name.removesuffix(".gz"), gzip.decompress(data)
    chance = random.Random(name)
    path = tmp_path / name
    for _ in range(ROUNDS):
        path.write_bytes(damaged(data, chance))
        with contextlib.suppress(ReadFailure):
            document = read(path)
            assert all(0 <= heading.start <= len(document.text) for heading in document.headings)
            for member in document.members[:3]:
                with contextlib.suppress(ReadFailure):
                    inside(path, member)
