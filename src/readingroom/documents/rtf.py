"""Reads Rich Text documents as light Markdown: headings, lists, tables, notes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from readingroom.core.errors import DocumentCorrupt
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, Kind, row_blocks, write_blocks
from readingroom.documents.hidden import hidden_note
from readingroom.documents.rtf_walk import Group, RtfWalk
from readingroom.documents.text import single_page

_HEADING_STYLE = re.compile(r"heading\s*([1-9])$", re.IGNORECASE)
_NUMBERED = re.compile(r"\(?(?:\d{1,4}|[a-zA-Z]|[ivxlcdmIVXLCDM]{1,8})[.)]|\d{1,3}(?:\.\d{1,3})+\.?")
_ASIDE = frozenset({"footnote", "annotation", "shptxt", "dptxbxtext"})
_MARGINS = frozenset({"header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"})
_MARKERS = frozenset({"listtext", "pntext"})
_WHITE = (255, 255, 255)
_UNREADABLE_HALF_POINTS = 2
_MAX_LIST_DEPTH = 9


@dataclass(slots=True)
class _Flow:
    """Text that runs on by itself: the body, a note, a header."""

    inline: list[str]
    blocks: list[Block]
    beside: list[Block]
    """Of notes and boxes in the paragraph, to follow it."""
    cell: list[Block]
    row: list[list[Block]]
    marker: str = ""


@dataclass(slots=True)
class _Look:
    """What a group sets; undone where it ends."""

    flow: _Flow
    hidden: bool = False
    deleted: bool = False
    colour: int = 0
    highlighted: bool = False
    shaded: bool = False
    """The paragraph, as `row_shaded` is some cell of the row."""
    row_shaded: bool = False
    half_points: int = 24
    style: int = 0
    outline: int = 9
    listed: bool = False
    list_level: int = 0
    in_table: bool = False

    def copy(self) -> "_Look":
        """For a group inside; with `copy.copy` a file of many groups takes half again as long."""
        return _Look(
            self.flow,
            self.hidden,
            self.deleted,
            self.colour,
            self.highlighted,
            self.shaded,
            self.row_shaded,
            self.half_points,
            self.style,
            self.outline,
            self.listed,
            self.list_level,
            self.in_table,
        )


def read_rtf(
    path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Read the text as it is printed. Raises `DocumentCorrupt`, `DocumentTooLarge`."""
    data = path.read_bytes()
    on_progress(0, None)
    return rtf_document(data, limits)


def rtf_document(data: bytes, limits: ReadLimits) -> ExtractedDocument:
    """Read Rich Text that is at hand. Raises `DocumentCorrupt`, `DocumentTooLarge`."""
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t\x00").startswith(b"{\\rtf"):
        raise DocumentCorrupt("The file is damaged: it does not begin as Rich Text does.")
    reader = _Reader()
    reader.run(data)
    text, headings = write_blocks(reader.finished(), limits)
    note = hidden_note(reader.unseen)
    title = reader.title or next((heading.title for heading in headings if heading.level == 1), "")
    return replace(
        single_page("rtf", text), headings=headings, title=title[:300], notes=(note,) if note else ()
    )


def _new_flow() -> _Flow:
    return _Flow([], [], [], [], [])


class _Reader(RtfWalk):
    """Makes blocks of what it is told."""

    known_destinations = frozenset(
        {*_ASIDE, *_MARKERS, "shpinst", "shpgrp", "moMath", "moMathPara", "title", "stylesheet", "colortbl"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.unseen: list[str] = []
        self._body = _new_flow()
        self._look = _Look(self._body)
        self._looks: list[_Look] = []
        self._margins: list[Block] = []
        self._colours: list[tuple[int, int, int] | None] = []
        self._colour = [0, 0, 0]
        self._colour_told = False
        self._levels: dict[int, int] = {}
        """Level of headings by style."""
        self._style = 0
        self._style_name = ""
        self._marker: list[str] = []

    def finished(self) -> list[Block]:
        """All blocks, headers and footers last and once."""
        self._end_paragraph(self._body)
        self._end_row(self._body)
        return [*self._body.blocks, *dict.fromkeys(self._margins)]

    def open_group(self) -> None:
        self._looks.append(self._look)
        self._look = self._look.copy()

    def close_group(self, closed: Group, outer: Group) -> None:
        inner, self._look = self._look, self._looks.pop()
        if closed.destination == "stylesheet" and outer.destination == "stylesheet":
            self._keep_style()
        if closed.destination in _MARKERS and outer.destination not in _MARKERS:
            self._look.flow.marker = "".join(self._marker).strip() or "-"
            self._marker.clear()
        flow = inner.flow
        if flow is self._look.flow:
            return
        self._end_paragraph(flow)
        self._end_row(flow)
        if closed.destination in _MARGINS:
            self._margins += flow.blocks
        else:
            self._look.flow.beside += flow.blocks

    def text(self, text: str) -> None:
        match self.group.destination:
            case "title":
                self.title += text
            case "colortbl":
                for _ in range(text.count(";")):
                    self._keep_colour()
            case "stylesheet":
                self._style_name += text
            case "listtext" | "pntext":
                self._marker.append(text)
            case _ if self._look.deleted:
                return
            case _ if self._is_unseen():
                if not text.isspace():
                    self.unseen.append(text)
            case _:
                self._look.flow.inline.append(text)

    def word(self, word: str, number: int | None) -> None:
        destination = self.group.destination
        if destination == "colortbl":
            if word in {"red", "green", "blue"}:
                self._colour[("red", "green", "blue").index(word)] = (number or 0) & 255
                self._colour_told = True
        elif destination == "stylesheet":
            if word == "s":
                self._style = number or 0
            elif word == "outlinelevel":
                self._levels[self._style] = (number or 0) + 1
        elif destination == "info" and word == "title":
            self.group.destination = "title"
        elif self.group.ignored:
            return
        elif word in _ASIDE or word in _MARGINS:
            self._begin_flow(word)
        elif word in _MARKERS:
            self.group.destination = word
        elif destination not in _MARKERS:
            self._format(word, number)

    def _format(self, word: str, number: int | None) -> None:
        look = self._look
        match word:
            case "par" | "sect" | "page" | "column":
                self._end_paragraph(look.flow)
            case "line" | "lbr" | "softline":
                look.flow.inline.append("\n")
            case "cell":
                self._end_cell(look.flow)
            case "nestcell" | "nestrow":
                self._end_paragraph(look.flow, in_cell=True)
            case "row":
                self._end_row(look.flow)
            case "pard":
                look.style, look.outline, look.listed, look.list_level = 0, 9, False, 0
                look.in_table, look.shaded = False, False
            case "intbl":
                look.in_table = True
            case "s":
                look.style = number or 0
            case "outlinelevel":
                look.outline = 9 if number is None else number
            case "ls":
                look.listed = bool(number)
            case "ilvl":
                look.list_level = min(max(number or 0, 0), _MAX_LIST_DEPTH - 1)
            case _:
                self._format_characters(word, number)

    def _format_characters(self, word: str, number: int | None) -> None:
        look = self._look
        match word:
            case "v":
                look.hidden = number != 0
            case "deleted":
                look.deleted = number != 0
            case "cf":
                look.colour = number or 0
            case "cb" | "chcbpat" | "highlight" | "chshdng":
                look.highlighted = look.highlighted or bool(number)
            case "cbpat" | "shading":
                look.shaded = look.shaded or bool(number)
            case "clcbpat" | "clcfpat" | "clshdng":
                look.row_shaded = look.row_shaded or bool(number)
            case "trowd":
                look.row_shaded = False
            case "fs":
                look.half_points = 24 if number is None else number
            case "plain":
                look.hidden = look.deleted = look.highlighted = False
                look.colour, look.half_points = 0, 24

    def _is_unseen(self) -> bool:
        look = self._look
        if look.hidden or look.half_points <= _UNREADABLE_HALF_POINTS:
            return True
        if look.highlighted or look.shaded or look.row_shaded or look.flow is not self._body:
            return False
        return look.colour < len(self._colours) and self._colours[look.colour] == _WHITE

    def _begin_flow(self, word: str) -> None:
        self.group.destination = word
        self._look.flow = _new_flow()
        self._look.in_table = self._look.listed = False
        self._look.outline, self._look.style = 9, 0

    def _keep_colour(self) -> None:
        self._colours.append(
            (self._colour[0], self._colour[1], self._colour[2]) if self._colour_told else None
        )
        self._colour, self._colour_told = [0, 0, 0], False

    def _keep_style(self) -> None:
        named = _HEADING_STYLE.match(self._style_name.strip().rstrip(";").strip())
        if named:
            self._levels[self._style] = int(named[1])
        elif self._style_name.strip().rstrip(";").lower() == "title":
            self._levels[self._style] = 1
        self._style, self._style_name = 0, ""

    def _end_paragraph(self, flow: _Flow, *, in_cell: bool = False) -> None:
        look = self._look
        text = "".join(flow.inline).strip()
        flow.inline.clear()
        marker, flow.marker = flow.marker, ""
        blocks: list[Block] = []
        level = look.outline + 1 if look.outline < 9 else self._levels.get(look.style, 10)
        if text and level <= 9:
            blocks.append(Block(Kind.HEADING, text, level))
        elif text and (marker or look.listed):
            shown = marker if _NUMBERED.fullmatch(marker) else "-"
            blocks.append(Block(Kind.ITEM, text.replace("\n", " "), look.list_level + 1, shown))
        elif text:
            blocks.append(Block(Kind.PARAGRAPH, text))
        blocks += flow.beside
        flow.beside.clear()
        if in_cell or (look.in_table and look.flow is flow):
            flow.cell += blocks
        else:
            if blocks or flow.row:
                self._end_row(flow)
            flow.blocks += blocks

    def _end_cell(self, flow: _Flow) -> None:
        self._end_paragraph(flow, in_cell=True)
        flow.row.append(flow.cell)
        flow.cell = []

    def _end_row(self, flow: _Flow) -> None:
        if flow.cell:
            flow.row.append(flow.cell)
            flow.cell = []
        if flow.row:
            flow.blocks += row_blocks(flow.row)
            flow.row = []
