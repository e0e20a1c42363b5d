"""Reads HTML as light Markdown: what a person sees, without scripts, styles and addresses."""

import re
from dataclasses import dataclass, field, replace

from lxml import etree

from readingroom.core.errors import DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, Kind, row_blocks, write_blocks
from readingroom.documents.decoding import decode
from readingroom.documents.hidden import hidden_note
from readingroom.documents.html_styles import Look, Styles
from readingroom.documents.text import single_page

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_HEAD_BYTES = 4096
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNSEEN = frozenset(
    {
        *("script", "style", "template", "noframes", "iframe", "object", "embed", "audio", "video", "canvas"),
        *("svg", "rt", "rp", "datalist", "input", "button", "select"),
    }
)
_BLOCKS = frozenset(
    {
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "caption",
            "center",
            "dd",
            "details",
            "dialog",
        ),
        *("dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup"),
        *("hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul", *_HEADINGS),
    }
)
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_BREAK = "\x0b"
"""Stands for <br> until white space has been collapsed; decoding lets no such character into a paragraph."""


@dataclass(slots=True)
class HtmlText:
    """What a page says."""

    blocks: list[Block] = field(default_factory=list)
    """In reading order."""
    title: str = ""
    hidden: list[str] = field(default_factory=list)
    """Pieces of text that cannot be seen, left out of the blocks."""
    places: dict[str, int] = field(default_factory=dict)
    """Of the ids asked for: before which block each stands."""


def read_html(data: bytes, limits: ReadLimits) -> ExtractedDocument:
    """Decode (a declaration is a hint only) and read. Raises `NotText`, `DocumentTooLarge`."""
    page = parse_html(decode_html(data))
    written, headings = write_blocks(page.blocks, limits)
    note = hidden_note(page.hidden)
    return replace(
        single_page("html", written), headings=headings, title=page.title, notes=(note,) if note else ()
    )


def decode_html(data: bytes, charset: str | None = None) -> str:
    """The characters of a page; `charset` is what a message says of it. Raises `NotText`."""
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    return decode(data, declared=declared[1].decode("ascii", "ignore") if declared else charset).text


def parse_html(source: str, ids: frozenset[str] = frozenset()) -> HtmlText:
    """Read a page that is decoded, and find the elements with these ids. Raises `DocumentTooLarge`."""
    # Handed over as UTF-8: lxml refuses characters that carry an encoding declaration of their own.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    if not source.strip():
        return HtmlText()
    root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise DocumentTooLarge("The page nests its parts too deeply to be read.")
    if root is None:
        return HtmlText()
    walk = _Walk(root, ids)
    walk.through(root)
    return walk.page


class _Walk:
    """Goes through the tree once, without recursion: pages nest as deep as they please."""

    def __init__(self, root: etree._Element, ids: frozenset[str]) -> None:
        self.page = HtmlText()
        self._ids = ids
        self._styles = Styles(root)
        self._look = self._styles.outermost
        self._blocks = self.page.blocks
        self._inline: list[str] = []
        self._outer: list[list[Block]] = []
        self._rows: list[list[list[Block]]] = []
        self._lists: list[int | None] = []
        self._markers: list[str | None] = []
        self._code_depth = 0

    def through(self, root: etree._Element) -> None:
        looks: list[Look] = []
        events = etree.iterwalk(root, events=("start", "end"))
        for event, element in events:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if tag in _UNSEEN or not tag:
                    events.skip_subtree()
                    continue
                looks.append(self._look)
                self._look = self._styles.look(element, tag, self._look)
                if not self._look.gone:
                    self._enter(element, tag)
                    if self._ids:
                        self._mark(element)
                self._add(element.text)
            else:
                if tag not in _UNSEEN and tag:
                    if not self._look.gone:
                        self._leave(tag)
                    self._look = looks.pop()
                self._add(element.tail)
        self._flush(Kind.PARAGRAPH)

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if self._look.seen:
            self._inline.append(text if self._code_depth else text.replace(_BREAK, " "))
        elif not text.isspace():
            self.page.hidden.append(text)

    def _mark(self, element: etree._Element) -> None:
        for name in (element.get("id"), element.get("name")):
            if name in self._ids:
                top = self._outer[0] if self._outer else self._blocks
                self.page.places.setdefault(name, len(top))

    def _enter(self, element: etree._Element, tag: str) -> None:
        if tag == "br":
            self._inline.append("\n" if self._code_depth else _BREAK)
        if tag not in _BLOCKS:
            return
        self._flush(Kind.PARAGRAPH)
        if tag == "pre":
            self._code_depth += 1
        elif tag in _LISTS:
            self._lists.append(_first_number(element) if tag == "ol" else None)
        elif tag == "li":
            self._markers.append(self._next_marker())
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._outer.append(self._blocks)
            self._blocks = []

    def _leave(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        if tag == "title":
            self.page.title = self.page.title or " ".join("".join(self._inline).split())[:300]
            self._inline.clear()
        elif tag in _HEADINGS:
            self._flush(Kind.HEADING, _HEADINGS[tag])
        elif tag == "pre":
            self._flush(Kind.PARAGRAPH)
            self._code_depth -= 1
        else:
            self._flush(Kind.PARAGRAPH)
        if tag in _LISTS:
            self._lists.pop()
        elif tag == "li":
            self._markers.pop()
        elif tag in {"td", "th"} and self._outer:
            cell, self._blocks = self._blocks, self._outer.pop()
            if self._rows:
                self._rows[-1].append(cell)
            else:
                self._blocks.extend(cell)
        elif tag == "tr":
            self._blocks.extend(row_blocks(self._rows.pop()))

    def _flush(self, kind: Kind, level: int = 0) -> None:
        raw = "".join(self._inline)
        self._inline.clear()
        if self._code_depth:
            if raw.strip():
                self._blocks.append(Block(Kind.CODE, raw.expandtabs(4)))
            return
        lines = (" ".join(line.split()) for line in raw.split(_BREAK))
        text = "\n".join(line for line in lines if line)
        if not text:
            return
        marker = self._markers[-1] if self._markers else None
        if marker is not None and kind is Kind.PARAGRAPH:
            # Only an item's first words carry its marker.
            self._markers[-1] = None
            self._blocks.append(Block(Kind.ITEM, text.replace("\n", " "), max(len(self._lists), 1), marker))
        else:
            self._blocks.append(Block(kind, text, level))

    def _next_marker(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "-"
        self._lists[-1] = number + 1
        return f"{number}."


def _first_number(element: etree._Element) -> int:
    start = (element.get("start") or "").strip()
    return int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1
