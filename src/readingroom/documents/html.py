"""Reads HTML as light Markdown: what a person sees, without scripts, styles and addresses."""

import re
from dataclasses import replace

from lxml import etree

from readingroom.core.errors import DocumentTooLarge
from readingroom.core.models import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, Kind, row_blocks, write_blocks
from readingroom.documents.decoding import decode
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
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BREAK = "\x0b"
"""Stands for <br> until white space has been collapsed; decoding lets no such character into a paragraph."""


def read_html(data: bytes, limits: ReadLimits) -> ExtractedDocument:
    """Decode (a declaration is a hint only) and read. Raises `NotText`, `DocumentTooLarge`."""
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    text = decode(data, declared=declared[1].decode("ascii", "ignore") if declared else None).text
    blocks, title = html_blocks(text)
    written, headings = write_blocks(blocks, limits)
    return replace(single_page("html", written), headings=headings, title=title)


def html_blocks(source: str) -> tuple[list[Block], str]:
    """The blocks of a page in reading order, and its title. Raises `DocumentTooLarge`."""
    # Handed over as UTF-8: lxml refuses characters that carry an encoding declaration of their own.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    if not source.strip():
        return [], ""
    root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise DocumentTooLarge("The page nests its parts too deeply to be read.")
    if root is None:
        return [], ""
    walk = _Walk()
    walk.through(root)
    return walk.blocks, walk.title


class _Walk:
    """Goes through the tree once, without recursion: pages nest as deep as they please."""

    def __init__(self) -> None:
        self.title = ""
        self.blocks: list[Block] = []
        self._inline: list[str] = []
        self._outer: list[list[Block]] = []
        self._rows: list[list[list[Block]]] = []
        self._lists: list[int | None] = []
        self._markers: list[str | None] = []
        self._code_depth = 0

    def through(self, root: etree._Element) -> None:
        events = etree.iterwalk(root, events=("start", "end"))
        for event, element in events:
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                if _is_unseen(element, tag):
                    events.skip_subtree()
                    continue
                self._enter(element, tag)
                self._add(element.text)
            else:
                if not _is_unseen(element, tag):
                    self._leave(tag)
                self._add(element.tail)
        self._flush(Kind.PARAGRAPH)

    def _add(self, text: str | None) -> None:
        if text:
            self._inline.append(text if self._code_depth else text.replace(_BREAK, " "))

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
            self._outer.append(self.blocks)
            self.blocks = []

    def _leave(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        if tag == "title":
            self.title = self.title or " ".join("".join(self._inline).split())[:300]
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
            cell, self.blocks = self.blocks, self._outer.pop()
            if self._rows:
                self._rows[-1].append(cell)
            else:
                self.blocks.extend(cell)
        elif tag == "tr":
            self.blocks.extend(row_blocks(self._rows.pop()))

    def _flush(self, kind: Kind, level: int = 0) -> None:
        raw = "".join(self._inline)
        self._inline.clear()
        if self._code_depth:
            if raw.strip():
                self.blocks.append(Block(Kind.CODE, raw.expandtabs(4)))
            return
        lines = (" ".join(line.split()) for line in raw.split(_BREAK))
        text = "\n".join(line for line in lines if line)
        if not text:
            return
        marker = self._markers[-1] if self._markers else None
        if marker is not None and kind is Kind.PARAGRAPH:
            # Only an item's first words carry its marker.
            self._markers[-1] = None
            self.blocks.append(Block(Kind.ITEM, text.replace("\n", " "), max(len(self._lists), 1), marker))
        else:
            self.blocks.append(Block(kind, text, level))

    def _next_marker(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "-"
        self._lists[-1] = number + 1
        return f"{number}."


def _is_unseen(element: etree._Element, tag: str) -> bool:
    if tag in _UNSEEN or not tag:
        return True
    style = element.get("style")
    return element.get("hidden") is not None or (style is not None and bool(_HIDDEN_STYLE.search(style)))


def _first_number(element: etree._Element) -> int:
    start = (element.get("start") or "").strip()
    return int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1
