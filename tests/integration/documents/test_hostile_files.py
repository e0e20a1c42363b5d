"""Files that are broken, disguised or meant to harm: each ends in a reason, soon."""

import os
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from readingroom.core.errors import (
    DocumentChanged,
    DocumentCorrupt,
    DocumentTooLarge,
    DocumentUnsupported,
    ReadFailure,
)
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.mupdf import pymupdf
from readingroom.documents.registry import read_document

DATA = Path(__file__).parents[2] / "data" / "documents"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
needs_posix = pytest.mark.skipif(os.name != "posix", reason="special files of POSIX systems")


def read(path: Path, limits: ReadLimits | None = None) -> ExtractedDocument:
    return read_document(path, limits or ReadLimits(), lambda _done, _total: None)


@pytest.fixture
def docx(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Word document around the given XML of its body."""

    def write(body: str, *, doctype: str = "", parts: dict[str, bytes] | None = None) -> Path:
        path = tmp_path / "made.docx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("[Content_Types].xml", "<Types/>")
            package.writestr(
                "word/document.xml",
                f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
            )
            for name, content in (parts or {}).items():
                package.writestr(name, content)
        return path

    return write


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_pdf_named_as_text_is_read_as_pdf(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes((DATA / "fake-bold-sample.pdf").read_bytes())
    assert read(path).format == "pdf"


def test_word_document_without_a_suffix_is_read(tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_bytes((DATA / "footnotes.docx").read_bytes())
    assert read(path).format == "docx"


def test_text_without_a_known_suffix_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "notes.zzz"
    path.write_text("Grüße aus Köln\n", encoding="utf-8")
    document = read(path)
    assert (document.format, document.text) == ("text", "Grüße aus Köln\n")


def test_source_code_is_called_code(tmp_path: Path) -> None:
    path = tmp_path / "sum.py"
    path.write_text("def add(a, b):\n    return a + b\n", encoding="utf-8")
    assert read(path).format == "code"


def test_bytes_that_are_no_text_are_unsupported(tmp_path: Path) -> None:
    path = tmp_path / "noise.txt"
    path.write_bytes(bytes(range(256)) * 64)
    with pytest.raises(DocumentUnsupported, match="not text"):
        read(path)


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.html", "a.csv", "a.md", "a"])
def test_empty_file_is_a_document_without_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    assert read(path).text == ""


def test_folder_is_unsupported(tmp_path: Path) -> None:
    with pytest.raises(DocumentUnsupported, match="folders"):
        read(tmp_path)


@needs_posix
@pytest.mark.timeout(10)
def test_pipe_is_refused_without_waiting_for_its_other_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe.txt"
    os.mkfifo(path)
    with pytest.raises(DocumentUnsupported, match="pipes"):
        read(path)


@needs_posix
def test_device_is_unsupported() -> None:
    with pytest.raises(DocumentUnsupported, match="devices"):
        read(Path("/dev/zero"))


@needs_posix
def test_socket_is_unsupported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the address of a socket is bounded to some 100 characters
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.txt")
        with pytest.raises(DocumentUnsupported, match="sockets"):
            read(tmp_path / "s.txt")


def test_vanished_file_is_a_changed_document(tmp_path: Path) -> None:
    with pytest.raises(DocumentChanged, match="no longer there"):
        read(tmp_path / "gone.pdf")


@needs_posix
def test_file_without_permission_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("words", encoding="utf-8")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the superuser may read everything")
    with pytest.raises(ReadFailure, match="not allowed"):
        read(path)


def test_file_over_the_size_limit_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "big.html"
    path.write_bytes(b"x" * 2000)
    with pytest.raises(DocumentTooLarge):
        read(path, ReadLimits(max_bytes=1000))


@pytest.mark.parametrize("name", ["a.html", "a.md"])
def test_text_over_the_character_limit_is_too_large(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("word, " * 1000, encoding="utf-8")
    with pytest.raises(DocumentTooLarge, match="characters"):
        read(path, ReadLimits(max_chars=2000))


def test_pdf_over_the_page_limit_is_read_up_to_it() -> None:
    document = read(DATA / "bookmark_sample.pdf", ReadLimits(max_pages=2))
    assert [page.number for page in document.pages] == [1, 2]
    assert "Only the first 2 of" in document.notes[0]


def test_zip_bomb_is_refused_before_it_is_unpacked(docx: Callable[..., Path]) -> None:
    path = docx(paragraph("word"), parts={"word/media/bomb.bin": bytes(80 * 1024 * 1024)})
    with pytest.raises(DocumentTooLarge, match="unpacks"):
        read(path)


def test_package_over_the_unpacked_limit_is_refused(docx: Callable[..., Path]) -> None:
    path = docx(paragraph("word"), parts={"word/media/image.bin": bytes(2_000_000)})
    with pytest.raises(DocumentTooLarge, match="Unpacked"):
        read(path, ReadLimits(max_unpacked_bytes=1_000_000))


@pytest.mark.timeout(20)
def test_entities_are_not_expanded(docx: Callable[..., Path]) -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    path = docx(paragraph("before &a11; after"), doctype=f'<!DOCTYPE x [<!ENTITY a0 "lol">{levels}]>')
    try:
        text = read(path).text
    except DocumentCorrupt:
        return
    assert "lol" not in text


def test_external_entity_is_not_read(docx: Callable[..., Path], tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2", encoding="utf-8")
    path = docx(paragraph("a &leak; b"), doctype=f'<!DOCTYPE x [<!ENTITY leak SYSTEM "{secret.as_uri()}">]>')
    try:
        text = read(path).text
    except DocumentCorrupt:
        return
    assert "hunter2" not in text


def test_word_document_nested_without_end_is_corrupt(docx: Callable[..., Path]) -> None:
    deep = "<w:sdt><w:sdtContent>" * 5000 + paragraph("word") + "</w:sdtContent></w:sdt>" * 5000
    with pytest.raises(DocumentCorrupt):
        read(docx(deep))


def test_word_document_with_broken_xml_is_corrupt(docx: Callable[..., Path]) -> None:
    with pytest.raises(DocumentCorrupt):
        read(docx("<w:p><w:r>"))


@pytest.mark.timeout(30)
def test_deeply_nested_web_page_is_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.html"
    path.write_text("<html>" + "<div>" * 2000 + "bottom" + "</div>" * 2000 + "end", encoding="utf-8")
    assert read(path).text == "bottom\n\nend\n"
    path.write_text("<html>" + "<div>" * 20_000 + "bottom" + "</div>" * 20_000 + "end", encoding="utf-8")
    with pytest.raises(DocumentTooLarge, match="deeply"):
        read(path)


def test_truncated_pdf_gives_what_is_left_or_is_corrupt(tmp_path: Path) -> None:
    data = (DATA / "bookmark_sample.pdf").read_bytes()
    path = tmp_path / "cut.pdf"
    path.write_bytes(data[: len(data) // 2])
    try:
        document = read(path)
    except DocumentCorrupt:
        return
    assert any("damaged" in note for note in document.notes)


def test_one_broken_page_costs_that_page(tmp_path: Path) -> None:
    path = tmp_path / "three.pdf"
    with pymupdf.open() as pdf:
        for word in ("first", "second", "third"):
            pdf.new_page().insert_text((72, 72), word)
        first, third = pdf.page_xref(0), pdf.page_xref(2)
        tree = int(pdf.xref_get_key(first, "Parent")[1].split()[0])
        pdf.xref_set_key(tree, "Kids", f"[{first} 0 R null {third} 0 R]")
        pdf.save(path)
    document = read(path)
    assert [page.text for page in document.pages] == ["first\n", "", "third\n"]
    assert document.notes == ("Page 2 could not be read.",)


def test_pdf_progress_counts_pages() -> None:
    calls: list[tuple[int, int | None]] = []
    read_document(DATA / "bookmark_sample.pdf", ReadLimits(), lambda done, total: calls.append((done, total)))
    assert calls == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_mupdf_keeps_quiet_about_broken_files(tmp_path: Path) -> None:
    """In a process of its own: pymupdf holds on to the streams it found when it was loaded. 1.x is talkative."""
    path = tmp_path / "broken.pdf"
    path.write_bytes((DATA / "bookmark_sample.pdf").read_bytes()[:3000])
    script = f"""
from pathlib import Path
from readingroom.core.extraction import ReadLimits
from readingroom.documents.registry import read_document
print(read_document(Path({str(path)!r}), ReadLimits(), lambda done, total: None).notes)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "('The file is damaged; what could be recovered was read.',)\n"
    assert done.stderr == ""
