"""A web page saved whole is the page, without its pictures and styles."""

from pathlib import Path

from helpers.reading import headings, read, read_named

HEAD = "From: <Saved by a browser>\nSubject: Kept title\nMIME-Version: 1.0\n"


def test_real_saved_page() -> None:
    document = read_named("testMHTMLFirefox.mhtml")
    assert (document.format, document.title) == ("mhtml", "Aperture Framework")
    assert "metadata from various information systems (e.g. file systems" in document.text
    assert (1, "Aperture", "# Aperture") in list(headings(document))
    assert not document.members


def test_frames_follow_the_page(tmp_path: Path) -> None:
    path = tmp_path / "page.mht"
    parts = "".join(
        f"--x\nContent-Type: text/html\n\n<p>{words}\n" for words in ("outer page", "inner frame")
    )
    path.write_text(f"{HEAD}Content-Type: multipart/related; boundary=x\n\n{parts}--x--\n", encoding="utf-8")
    assert read(path).text == "outer page\n\ninner frame\n"


def test_of_an_empty_page_the_title_is_left(tmp_path: Path) -> None:
    path = tmp_path / "page.mhtml"
    path.write_text(f"{HEAD}Content-Type: text/html\n\n", encoding="utf-8")
    assert read(path).text == "# Kept title\n"


def test_saved_page_is_known_by_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "page"
    path.write_text(f"{HEAD}Content-Type: text/html\n\n<p>words", encoding="utf-8")
    assert read(path).format == "mhtml"
