"""Documents of old formats are read through LibreOffice, and named where it is missing."""

import http.server
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from helpers.office_files import DATA, read
from readingroom.core.errors import (
    Cancelled,
    DocumentCorrupt,
    DocumentTooLarge,
    DocumentUnsupported,
    ReadFailure,
)
from readingroom.core.extraction import ReadLimits
from readingroom.documents.docx import read_docx
from readingroom.documents.office import legacy, libreoffice
from readingroom.documents.office.libreoffice import converted, find_libreoffice

needs_libreoffice = pytest.mark.skipif(find_libreoffice() is None, reason="LibreOffice is not installed")
needs_posix = pytest.mark.skipif(os.name != "posix", reason="the stand-in is a shell script")


def quiet(_done: int, _total: int | None) -> None:
    pass


@pytest.fixture
def no_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy, "find_libreoffice", lambda: None)


@pytest.mark.usefixtures("no_libreoffice")
@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("testWORD6.doc", r"Old Word documents \(\.doc\)"),
        ("NEWSSLID.DOC", r"Old Word documents \(\.doc\)"),
        ("testWordPerfect_42.doc", r"Old Word documents \(\.doc\)"),
        ("testPPT.ppt", r"Old PowerPoint presentations \(\.ppt\)"),
    ],
)
def test_without_libreoffice_the_person_is_told_what_to_install(name: str, called: str) -> None:
    with pytest.raises(DocumentUnsupported, match=rf"^{called} are read when LibreOffice is installed\.$"):
        read(DATA / name)


@pytest.mark.usefixtures("no_libreoffice")
def test_word_perfect_is_called_by_its_name_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / "letter.doc"
    path.write_bytes(b"\xffWPC" + bytes(100))
    with pytest.raises(
        DocumentUnsupported, match=r"^WordPerfect documents are read when LibreOffice is installed"
    ):
        read(path)


@pytest.mark.usefixtures("no_libreoffice")
def test_plain_text_under_the_name_of_a_word_document_is_read(tmp_path: Path) -> None:
    path = tmp_path / "readme.doc"
    path.write_text("Only words, äöü.\n", encoding="utf-8")
    document = read(path)
    assert (document.format, document.text) == ("text", "Only words, äöü.\n")


def test_libreoffice_is_looked_for_on_the_path_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name != "posix":
        pytest.skip("programs have other names there")
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_libreoffice() == program


@needs_libreoffice
@pytest.mark.parametrize(
    ("name", "format_name", "phrase"),
    [
        ("testWORD6.doc", "doc", "The quick brown fox jumps over the lazy dog"),
        ("NEWSSLID.DOC", "doc", "commercial postings allowed"),
        ("testWordPerfect_42.doc", "doc", "Sluwe Sjaantje sloeg de slome slager."),
        ("testPPT.ppt", "ppt", "# Sample Powerpoint Slide"),
    ],
)
def test_old_documents_are_read(name: str, format_name: str, phrase: str) -> None:
    document = read(DATA / name)
    assert document.format == format_name
    assert phrase in document.text
    assert document.paginated == (format_name == "ppt")


@needs_libreoffice
def test_noise_is_not_taken_for_a_document(tmp_path: Path) -> None:
    path = tmp_path / "noise.doc"
    path.write_bytes(bytes((n * n * 31 + n * 7) % 251 + 1 for n in range(4000)))
    with pytest.raises(DocumentCorrupt, match="damaged"):
        read(path)


@needs_libreoffice
def test_old_document_whose_directory_is_cut_off_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes((DATA / "testWORD6.doc").read_bytes()[:600])
    with pytest.raises(DocumentCorrupt, match="LibreOffice could not open the file: it is damaged"):
        read(path)


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this computer, and what was asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815

        def log_message(self, *_arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", asked
        running.shutdown()
        thread.join()


def linking(address: str, secret: Path) -> str:
    names = {
        name: f"urn:oasis:names:tc:opendocument:xmlns:{uri}:1.0"
        for name, uri in {
            "office": "office",
            "text": "text",
            "draw": "drawing",
            "svg": "svg-compatible",
        }.items()
    }
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in names.items())
    return (
        f'<?xml version="1.0"?><office:document {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2" '
        'office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p>Hello</text:p>'
        f'<text:p><draw:frame svg:width="3cm" svg:height="3cm"><draw:image xlink:href="{address}/a.png"/></draw:frame>'
        f'</text:p><text:section text:name="S"><text:section-source xlink:href="{address}/b.odt"/><text:p>old</text:p>'
        f'</text:section><text:section text:name="T"><text:section-source xlink:href="{secret.as_uri()}" '
        'text:filter-name="Text"/><text:p>older</text:p></text:section></office:text></office:body></office:document>'
    )


@needs_libreoffice
def test_conversion_asks_no_server_and_follows_no_link(tmp_path: Path, server: tuple[str, list[str]]) -> None:
    """Left to itself LibreOffice fetches the picture; that was seen with the settings taken away."""
    address, asked = server
    program = find_libreoffice()
    assert program is not None
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    source = tmp_path / "a.fodt"
    source.write_text(linking(address, secret))
    with converted(program, source, ".fodt", "docx", ReadLimits(), quiet) as result:
        text = read_docx(result, ReadLimits(), quiet).text
    assert text == "Hello\n\nold\n\nolder\n"
    assert asked == []


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A program in LibreOffice's place that starts another one and hangs with it."""
    program = tmp_path / "soffice"
    program.write_text(f'#!/bin/sh\nsleep 600 &\necho $! > "{tmp_path}/started"\nwait\n')
    program.chmod(0o755)
    return program


def pid_when_started(folder: Path) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        written = (folder / "started").read_text() if (folder / "started").exists() else ""
        if written.endswith("\n"):
            return int(written)
        threading.Event().wait(0.02)
    pytest.fail("the stand-in did not start")


def gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(10)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


@needs_posix
def test_conversion_that_hangs_is_ended_with_all_it_started(
    tmp_path: Path, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with (
        pytest.raises(ReadFailure, match="took longer than 1 seconds"),
        converted(stand_in, DATA / "testWORD6.doc", ".doc", "docx", ReadLimits(), quiet, timeout_s=1.0),
    ):
        pass
    assert gone(pid_when_started(tmp_path))
    assert list(temporary.iterdir()) == []


@needs_posix
def test_cancelling_ends_the_conversion(tmp_path: Path, stand_in: Path) -> None:
    def cancel(_done: int, _total: int | None) -> None:
        if (tmp_path / "started").exists():
            raise Cancelled

    with (
        pytest.raises(Cancelled),
        converted(stand_in, DATA / "testWORD6.doc", ".doc", "docx", ReadLimits(), cancel),
    ):
        pass
    assert gone(pid_when_started(tmp_path))


@needs_posix
def test_conversion_that_eats_memory_is_ended(
    tmp_path: Path, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "_LOOK_S", 0.1)
    with (
        pytest.raises(DocumentTooLarge, match="LibreOffice needed more than 0 MB"),
        converted(stand_in, DATA / "testWORD6.doc", ".doc", "docx", ReadLimits(memory_bytes=1), quiet),
    ):
        pass
    assert gone(pid_when_started(tmp_path))


@needs_posix
def test_conversion_ends_with_the_process_that_asked_for_it(tmp_path: Path, stand_in: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    script = (
        "from pathlib import Path\nfrom readingroom.core.extraction import ReadLimits\n"
        "from readingroom.documents.office.libreoffice import converted\n"
        f"with converted(Path({str(stand_in)!r}), Path({str(DATA / 'testWORD6.doc')!r}), '.doc', 'docx', ReadLimits(), "
        "lambda done, total: None):\n    pass\n"
    )
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as asking:
        pid = pid_when_started(tmp_path)
        asking.kill()
    assert gone(pid)
    deadline = time.monotonic() + 10
    while list(temporary.iterdir()) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert list(temporary.iterdir()) == []


@needs_posix
def test_conversion_that_gives_nothing_is_a_damaged_file(tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    with (
        pytest.raises(DocumentCorrupt, match="LibreOffice could not open the file"),
        converted(program, DATA / "testWORD6.doc", ".doc", "docx", ReadLimits(), quiet),
    ):
        pass
