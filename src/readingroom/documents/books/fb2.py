"""Reads FictionBook e-books: a page a chapter, notes at the end."""

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from lxml import etree

from readingroom.core.errors import DocumentCorrupt, DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, Kind, row_blocks
from readingroom.documents.books.chapters import Chapters
from readingroom.documents.decoding import NotText, decode
from readingroom.documents.office.xml_parts import local_name
from readingroom.documents.packages import check_unpacked_size, open_part

_MAX_BYTES = 64 * 1024 * 1024
"""A tree takes some ten times that, the pictures in the file included."""
_DAMAGED = "The e-book is damaged and cannot be read."
_PARAGRAPHS = frozenset({"p", "v", "subtitle", "text-author", "date"})
_MAX_DEPTH = 100


def read_fb2(
    path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Read the text, zipped or not. Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`."""
    root = _root(_bytes_of(path, limits))
    on_progress(0, None)
    chapters = Chapters(limits)
    description = _first(root, "description")
    title = _words(_first(description, "title-info", "book-title"))
    annotation = _first(description, "title-info", "annotation")
    if annotation is not None:
        chapters.add(title, list(_inside(annotation, 1)))
    bodies = [child for child in root if local_name(child) == "body"]
    if not bodies:
        raise DocumentCorrupt("The e-book is damaged: it ends before its text begins.")
    for body in bodies:
        for label, blocks in _chapters(body):
            chapters.add(label, blocks)
            on_progress(0, None)
    return chapters.document("fb2", title[:300])


def _bytes_of(path: Path, limits: ReadLimits) -> bytes:
    try:
        with path.open("rb") as stream:
            if stream.read(2) != b"PK":
                stream.seek(0)
                return _bounded(stream.read(_MAX_BYTES + 1))
        with ZipFile(path) as archive:
            check_unpacked_size(archive, limits)
            name = next(name for name in archive.namelist() if name.lower().endswith(".fb2"))
            with open_part(archive, name) as part:
                return _bounded(part.read(_MAX_BYTES + 1))
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        ValueError,
        NotImplementedError,
        StopIteration,
    ) as error:
        raise DocumentCorrupt(_DAMAGED) from error


def _bounded(data: bytes) -> bytes:
    if len(data) > _MAX_BYTES:
        raise DocumentTooLarge(f"The e-book has more than {_MAX_BYTES // (1024 * 1024)} MB.")
    return data


def _root(data: bytes) -> etree._Element:
    """Parse, making the best of what is not well formed: hand-made books often are not."""
    try:
        root = etree.fromstring(data, _parser(data))
    except (etree.XMLSyntaxError, ValueError):
        try:
            text = decode(data).text
        except NotText as error:
            raise DocumentCorrupt(_DAMAGED) from error
        source = text[max(text.find("<"), 0) :].encode("utf-8", "replace")
        root = etree.fromstring(source, _parser(source, encoding="utf-8"))
    if root is None or local_name(root) != "FictionBook":
        raise DocumentCorrupt(_DAMAGED)
    return root


def _parser(data: bytes, encoding: str | None = None) -> etree.XMLParser:
    """One that mends what it can where the encoding is given."""
    return etree.XMLParser(
        encoding=encoding,
        recover=encoding is not None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        # Pictures in the file are long texts. With entities of its own, though, a file could grow without bounds.
        huge_tree=b"<!ENTITY" not in data.replace(b"\x00", b""),
        remove_comments=True,
        remove_pis=True,
    )


def _chapters(body: etree._Element) -> Iterator[tuple[str, list[Block]]]:
    """(label, blocks): what stands before the sections of a body, then a section each."""
    before = [child for child in body if local_name(child) != "section"]
    sections = [child for child in body if local_name(child) == "section"]
    name = body.get("name") or ""
    opening = [block for child in before for block in _blocks(child, 1)]
    label = _title(body) or name
    if name or not sections:
        # Notes: short sections without a place of their own in the book.
        yield label, opening + [block for section in sections for block in _inside(section, 2)]
        return
    if opening:
        yield label, opening
    for section in sections:
        parts = [child for child in section if local_name(child) == "section"]
        if parts and all(_title(part) for part in parts) and _title(section):
            # A part of the book, whose sections are its chapters.
            own = [child for child in section if local_name(child) != "section"]
            yield _title(section), [block for child in own for block in _blocks(child, 1)]
            for part in parts:
                yield _title(part), list(_inside(part, 2))
        else:
            yield _title(section), list(_inside(section, 1))


def _inside(element: etree._Element, level: int) -> Iterator[Block]:
    for child in element:
        yield from _blocks(child, level)


def _blocks(element: etree._Element, level: int) -> Iterator[Block]:
    name = local_name(element)
    if level > _MAX_DEPTH:
        return
    if name == "title":
        yield Block(Kind.HEADING, _words(element), level)
    elif name in _PARAGRAPHS:
        yield Block(Kind.PARAGRAPH, _words(element))
    elif name == "stanza":
        lines = [_words(child) for child in element]
        yield Block(Kind.PARAGRAPH, "\n".join(line for line in lines if line))
    elif name == "tr":
        yield from row_blocks([[Block(Kind.PARAGRAPH, _words(cell))] for cell in element])
    elif name not in {"image", "binary", "empty-line"}:
        for child in element:
            yield from _blocks(child, level + 1)


def _title(element: etree._Element) -> str:
    return _words(_first(element, "title"))


def _first(element: etree._Element | None, *names: str) -> etree._Element | None:
    for name in names:
        element = (
            next((child for child in element if local_name(child) == name), None)
            if element is not None
            else None
        )
    return element


def _words(element: etree._Element | None) -> str:
    if element is None:
        return ""
    paragraphs = [child for child in element if local_name(child) == "p"] or [element]
    texts = ("".join(str(piece) for piece in paragraph.itertext()) for paragraph in paragraphs)
    return " ".join(" ".join(texts).split())
