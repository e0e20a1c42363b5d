"""Writes one text of some hundred pages in several formats, for benchmarks of editing."""

import html
import textwrap
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf

PARAGRAPHS_PER_PAGE = 5
_COLUMNS, _LINES = 92, 54
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Paragraphs = Sequence[str]
"""Of them those that begin with `# ` or `## ` are headings."""


def _title(paragraph: str) -> tuple[int, str]:
    marks = len(paragraph) - len(paragraph.lstrip("#"))
    return marks, paragraph.lstrip("# ")


def write_markdown(path: Path, paragraphs: Paragraphs) -> None:
    """With headings."""
    path.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")


def write_text(path: Path, paragraphs: Paragraphs) -> None:
    """Without headings, a paragraph a line."""
    path.write_text("\n\n".join(p for p in paragraphs if not _title(p)[0]) + "\n", encoding="utf-8")


def write_lines(path: Path, paragraphs: Paragraphs) -> None:
    """Without headings or blank lines: one paragraph of a megabyte, in lines of 80 characters."""
    lines = (line for p in paragraphs if not _title(p)[0] for line in textwrap.wrap(p, 80))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_html(path: Path, paragraphs: Paragraphs) -> None:
    """With headings."""
    body = []
    for paragraph in paragraphs:
        level, title = _title(paragraph)
        tag = f"h{level}" if level else "p"
        body.append(f"<{tag}>{html.escape(title)}</{tag}>")
    path.write_text("<!doctype html><title>Long</title>\n" + "\n".join(body), encoding="utf-8")


def write_docx(path: Path, paragraphs: Paragraphs) -> None:
    """With headings, by outline level."""
    body = []
    for paragraph in paragraphs:
        level, title = _title(paragraph)
        style = f'<w:pPr><w:outlineLvl w:val="{level - 1}"/></w:pPr>' if level else ""
        body.append(
            f'<w:p>{style}<w:r><w:t xml:space="preserve">{html.escape(title, quote=False)}</w:t></w:r></w:p>'
        )
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{"".join(body)}</w:body></w:document>'
    target = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        package.writestr("_rels/.rels", f'<Relationships xmlns="{_RELATIONS}">{target}</Relationships>')
        package.writestr("word/document.xml", document)


def write_reflowing_pdf(path: Path, paragraphs: Paragraphs) -> None:
    """Lines run on from page to page, as a word processor prints them."""
    lines = [line for paragraph in paragraphs for line in [*_wrapped(paragraph), ""]]
    _write_pdf(path, [lines[first : first + _LINES] for first in range(0, len(lines), _LINES)])


def write_paged_pdf(path: Path, pages: Sequence[Paragraphs]) -> None:
    """Each page by itself, as of a report of which a page was exchanged."""
    _write_pdf(path, [[line for p in page for line in [*_wrapped(p), ""]] for page in pages])


def _wrapped(paragraph: str) -> list[str]:
    return textwrap.wrap(_title(paragraph)[1].encode("latin-1", "replace").decode("latin-1"), _COLUMNS)


def _write_pdf(path: Path, pages: Sequence[Sequence[str]]) -> None:
    with pymupdf.open() as pdf:
        for lines in pages:
            page = pdf.new_page()
            page.insert_text((50, 50), list(lines)[: _LINES + 20], fontsize=9, lineheight=1.2)
        pdf.save(path)


WRITERS: dict[str, tuple[str, Callable[[Path, Paragraphs], None]]] = {
    "markdown": (".md", write_markdown),
    "text": (".txt", write_text),
    "lines": (".txt", write_lines),
    "html": (".html", write_html),
    "docx": (".docx", write_docx),
    "pdf_paged": (
        ".pdf",
        lambda path, paragraphs: write_paged_pdf(path, _pages(paragraphs)),
    ),
    "pdf_reflowing": (".pdf", write_reflowing_pdf),
}


def _pages(paragraphs: Paragraphs) -> list[list[str]]:
    """A page ends before a paragraph marked by a form feed, and only there."""
    pages: list[list[str]] = [[]]
    for paragraph in paragraphs:
        if paragraph.endswith("\f") and pages[-1]:
            pages.append([])
        pages[-1].append(paragraph.rstrip("\f"))
    return pages
