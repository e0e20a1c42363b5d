"""Real notebooks, data, mark-up, source code and subtitles, whole and damaged, read through the registry."""

import random
from pathlib import Path

import pytest

from readingroom.core.errors import ReadFailure
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.registry import read_document

DATA = Path(__file__).parents[2] / "data" / "documents"
FILES = {
    "test_notebook.ipynb": ("notebook", 'print("markitdown', 2),
    "README.rst": ("rst", "The sample docs directory contains the following files", 2),
    "README.org": ("org", "The sample docs directory contains the following files", 2),
    "asciidoc_02.asciidoc": ("asciidoc", "Cell spanning 2 rows and 2 columns", 6),
    "introduction.tex": ("latex", "latter. The fundamental constraint of sequential computation, however", 0),
    "factbook-utf-16.xml": ("xml", "Emmanuel Macron", 0),
    "testTEI.xml": ("xml", "learning software for extracting information from scholarly documents", 1),
    "testEXCEL2003.xml": ("xml", "tika_hyperlink", 0),
    "simple.json": ("json", "my first thought. This is my second thought.", 0),
    "webvtt_example_03.vtt": ("subtitles", "Would be maybe good to create items", 0),
    "textwrap.py": ("code", "Object for wrapping/filling text", 17),
}
DAMAGES = 60


def read(path: Path) -> ExtractedDocument:
    return read_document(path, ReadLimits(), lambda _done, _total: None)


def data_of(name: str) -> bytes:
    """Some are kept under a name that tools for source code leave alone."""
    path = DATA / name
    return (path if path.exists() else path.with_name(f"{name}.txt")).read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_words_and_headings_are_found(tmp_path: Path, name: str) -> None:
    format_name, phrase, headings = FILES[name]
    path = tmp_path / name
    path.write_bytes(data_of(name))
    document = read(path)
    assert document.format == format_name
    assert phrase in " ".join(document.text.split())
    assert len(document.headings) == headings
    assert not document.notes


@pytest.mark.parametrize("name", FILES)
def test_damaged_file_is_read_or_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    data = data_of(name)
    chance = random.Random(name)
    path = tmp_path / name
    for damage in range(DAMAGES):
        damaged = bytearray(data[: chance.randrange(1, len(data))] if damage % 2 else data)
        for _ in range(0 if damage % 2 else chance.choice((1, 20))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            document = read(path)
        except ReadFailure:
            # Anything else that is raised fails the test.
            continue
        starts = [heading.start for heading in document.headings]
        assert starts == sorted(starts)
        assert all(0 <= start < len(document.text) for start in starts)
        assert all(0 <= table.start <= table.end <= len(document.text) for table in document.tables)


def test_xml_without_a_name_that_tells_is_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_text('<?xml version="1.0"?><list><name>Ann</name></list>', encoding="utf-8")
    assert (read(path).format, read(path).text) == ("xml", "name: Ann\n")


def test_xml_under_the_name_of_a_text_stays_a_text(tmp_path: Path) -> None:
    path = tmp_path / "sample.txt"
    path.write_text('<?xml version="1.0"?><a>word</a>', encoding="utf-8")
    assert read(path).text.startswith("<?xml")


def test_binary_under_the_name_of_data_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_bytes(random.Random(1).randbytes(5000))
    with pytest.raises(ReadFailure, match="not text"):
        read(path)


def test_text_over_the_byte_limit_is_read_up_to_the_characters_allowed(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_text("word, " * 1000, encoding="utf-8")
    document = read_document(path, ReadLimits(max_bytes=1000, max_chars=2000), lambda _done, _total: None)
    assert len(document.text) == 2000
    assert document.notes == ("Only the first 2,000 characters were read: that is the limit.",)
