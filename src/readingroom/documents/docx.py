"""Reads Word documents (DOCX) as light Markdown, part by part and paragraph by paragraph."""

import errno
import posixpath
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from lxml import etree

from readingroom.core.errors import DocumentCorrupt
from readingroom.core.models import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, Kind, row_blocks, write_blocks
from readingroom.documents.packages import check_unpacked_size, open_part
from readingroom.documents.text import single_page

_MAIN_PART = "word/document.xml"
_PROGRESS_EVERY = 500
_HEADING_NAME = re.compile(r"heading\s*([1-9])$", re.IGNORECASE)
_NOT_SHOWN = frozenset({"del", "moveFrom", "instrText", "delText", "delInstrText", "rt"})
"""Deleted or moved-away text, field codes, the reading printed over a ruby base."""
_MARKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_FORMULA_MARKS = {"den": "/", "sup": "^", "sub": "_"}
_CONTAINERS = frozenset(
    {"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "body", "txbxContent"}
)


@dataclass(slots=True)
class _Style:
    name: str = ""
    based_on: str = ""
    outline: int | None = None
    listed: bool = False


@dataclass(slots=True)
class _Word:
    """What a paragraph refers to."""

    styles: dict[str, _Style] = field(default_factory=dict)
    notes: dict[tuple[str, str], list[Block]] = field(default_factory=dict)


def read_docx(
    path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Read body, text boxes, tables, notes, comments, headers and footers.

    Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`.
    """
    try:
        with ZipFile(path) as package:
            check_unpacked_size(package, limits)
            return _read_package(package, limits, on_progress)
    except OSError as error:
        # zipfile seeks where a broken directory sends it; any other is the disk's.
        if error.errno != errno.EINVAL:
            raise
        raise DocumentCorrupt("The Word document is damaged and cannot be opened.") from error
    except (BadZipFile, zlib.error, EOFError, KeyError, ValueError, NotImplementedError) as error:
        raise DocumentCorrupt("The Word document is damaged and cannot be opened.") from error
    except etree.XMLSyntaxError as error:
        raise DocumentCorrupt("The Word document is damaged: its text cannot be read.") from error


def _read_package(
    package: ZipFile, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    main = next(_targets(package, "", "officeDocument"), _MAIN_PART)
    if main not in package.namelist():
        main = _MAIN_PART
    word = _read_references(package, main)
    blocks: list[Block] = []
    for count, element in enumerate(_top_level(package, main)):
        blocks.extend(_blocks_of(element, word))
        if count % _PROGRESS_EVERY == 0:
            on_progress(0, None)
    blocks.extend(_headers_and_footers(package, main, word))
    text, headings = write_blocks(blocks, limits)
    title = _core_title(package) or next((h.title for h in headings if h.level == 1), "")
    return replace(single_page("docx", text), headings=headings, title=title)


def _read_references(package: ZipFile, main: str) -> _Word:
    word = _Word()
    for part in _targets(package, main, "styles"):
        word.styles.update(_read_styles(package, part))
    for kind in ("footnotes", "endnotes", "comments"):
        for part in _targets(package, main, kind):
            word.notes.update(_read_notes(package, part, kind, word))
    return word


def _headers_and_footers(package: ZipFile, main: str, word: _Word) -> Iterator[Block]:
    """Each once: the same header stands in many sections."""
    seen: set[str] = set()
    for part in (*_targets(package, main, "header"), *_targets(package, main, "footer")):
        for element in _top_level(package, part):
            for block in _blocks_of(element, word):
                if block.text not in seen:
                    seen.add(block.text)
                    yield block


def _targets(package: ZipFile, source: str, kind: str) -> Iterator[str]:
    """Parts to which `source` ("" is the package) is related; strict and transitional types end alike."""
    folder, name = posixpath.split(source)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations not in package.namelist():
        return
    for _, relation in _parse(package, relations):
        if _local(relation) == "Relationship" and relation.get("TargetMode") != "External":
            target = relation.get("Target") or ""
            target = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            target = posixpath.normpath(target)
            if (relation.get("Type") or "").endswith(f"/{kind}") and target in package.namelist():
                yield target


def _parse(package: ZipFile, part: str) -> Iterator[tuple[str, etree._Element]]:
    """Elements as they end. Entities stay unexpanded, nothing is fetched, depth and text nodes are bounded."""
    with open_part(package, part) as stream:
        yield from etree.iterparse(
            stream,
            events=("end",),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )


def _top_level(package: ZipFile, part: str) -> Iterator[etree._Element]:
    """Paragraphs and tables of a part, each forgotten when the next is asked for."""
    roots = {"body", "hdr", "ftr"}
    for _, element in _parse(package, part):
        parent = element.getparent()
        if parent is not None and _local(parent) in roots:
            yield element
            element.clear()
            while element.getprevious() is not None:
                del parent[0]


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _value(element: etree._Element | None, name: str = "val") -> str:
    """An attribute by its local name: strict and transitional documents differ in namespace only."""
    if element is None:
        return ""
    return next((str(value) for key, value in element.items() if str(key).rpartition("}")[2] == name), "")


def _child(element: etree._Element | None, *names: str) -> etree._Element | None:
    for name in names:
        element = (
            next((child for child in element if _local(child) == name), None) if element is not None else None
        )
    return element


def _read_styles(package: ZipFile, part: str) -> Iterator[tuple[str, _Style]]:
    for _, element in _parse(package, part):
        if _local(element) == "style":
            properties = _child(element, "pPr")
            yield (
                _value(element, "styleId"),
                _Style(
                    _value(_child(element, "name")),
                    _value(_child(element, "basedOn")),
                    _number(_value(_child(properties, "outlineLvl"))),
                    _child(properties, "numPr") is not None,
                ),
            )


def _read_notes(
    package: ZipFile, part: str, kind: str, word: _Word
) -> Iterator[tuple[tuple[str, str], list[Block]]]:
    for _, element in _parse(package, part):
        if _local(element) in {"footnote", "endnote", "comment"}:
            blocks = [block for child in element for block in _blocks_of(child, word)]
            yield (kind, _value(element, "id")), blocks


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _blocks_of(element: etree._Element, word: _Word) -> list[Block]:
    name = _local(element)
    if name == "p":
        return _paragraph(element, word)
    if name == "tbl":
        return [block for row in _descend(element, "tr") for block in _row(row, word)]
    if name in _CONTAINERS:
        return [block for child in element for block in _blocks_of(child, word)]
    return []


def _descend(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Children of that name, also inside content controls and tracked changes."""
    for child in element:
        local = _local(child)
        if local == name:
            yield child
        elif local in _CONTAINERS:
            yield from _descend(child, name)


def _row(row: etree._Element, word: _Word) -> list[Block]:
    cells = [[block for child in cell for block in _blocks_of(child, word)] for cell in _descend(row, "tc")]
    return row_blocks(cells)


def _paragraph(element: etree._Element, word: _Word) -> list[Block]:
    beside: list[Block] = []
    text = "".join(_inline(element, word, beside)).strip()
    properties = _child(element, "pPr")
    style = _value(_child(properties, "pStyle"))
    level = _heading_level(properties, style, word)
    if level is not None:
        return [Block(Kind.HEADING, text, level), *beside]
    numbering = _child(properties, "numPr")
    listed = _value(_child(numbering, "numId")) != "0" if numbering is not None else _is_listed(style, word)
    if listed:
        depth = (_number(_value(_child(numbering, "ilvl"))) or 0) + 1
        return [Block(Kind.ITEM, text.replace("\n", " "), min(depth, 9)), *beside]
    return [Block(Kind.PARAGRAPH, text), *beside]


def _inline(element: etree._Element, word: _Word, beside: list[Block]) -> Iterator[str]:
    """The words of a paragraph; text boxes, notes and comments it holds go to `beside`."""
    for child in element:
        name = _local(child)
        if name == "t":
            yield child.text or ""
        elif name in _MARKS:
            # A tab in a paragraph's properties is a tab stop, and those are never walked.
            yield _MARKS[name]
        elif name == "AlternateContent":
            yield from _alternative(child, word, beside)
        elif name == "txbxContent":
            beside.extend(_blocks_of(child, word))
        elif name in {"footnoteReference", "endnoteReference", "commentReference"}:
            kind = name.removesuffix("Reference") + "s"
            beside.extend(word.notes.get((kind, _value(child, "id")), ()))
        elif name not in _NOT_SHOWN and not name.endswith("Pr"):
            yield _FORMULA_MARKS.get(name, "")
            yield from _inline(child, word, beside)


def _alternative(element: etree._Element, word: _Word, beside: list[Block]) -> Iterator[str]:
    """The same thing drawn twice, for new and old programs: the first that has words."""
    for choice in element:
        aside: list[Block] = []
        words = list(_inline(choice, word, aside))
        if any(words) or any(block.text for block in aside):
            beside.extend(aside)
            yield from words
            return


def _heading_level(properties: etree._Element | None, style: str, word: _Word) -> int | None:
    direct = _number(_value(_child(properties, "outlineLvl")))
    if direct is not None:
        return direct + 1 if direct < 9 else None
    for step in _lineage(style, word):
        if step.outline is not None:
            return step.outline + 1 if step.outline < 9 else None
        named = _HEADING_NAME.match(step.name)
        if named:
            return int(named[1])
        if step.name.lower() == "title":
            return 1
    return None


def _is_listed(style: str, word: _Word) -> bool:
    return any(step.listed for step in _lineage(style, word))


def _lineage(style: str, word: _Word) -> Iterator[_Style]:
    """A style and what it is based on; a circle of styles ends."""
    visited: set[str] = set()
    while style in word.styles and style not in visited:
        visited.add(style)
        yield word.styles[style]
        style = word.styles[style].based_on


def _core_title(package: ZipFile) -> str:
    for part in _targets(package, "", "core-properties"):
        for _, element in _parse(package, part):
            if _local(element) == "title":
                return " ".join((element.text or "").split())[:300]
    return ""
