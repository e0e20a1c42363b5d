"""The text of a PDF page: what a person sees of it, then comments and form values that are not drawn as text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from readingroom.core.extraction import Rectangle
from readingroom.documents.mupdf import pymupdf
from readingroom.documents.page_words import PageText, TextLine, clean, lay_out, union
from readingroom.documents.pdf_annotations import annotation_lines, kinds_of_annotations
from readingroom.documents.pdf_hidden import Sight, SpanKey, unseen
from readingroom.documents.pdf_sheet import SHAPE_BLOCK, TEXT_BLOCK, Sheet, area, contains, intersection

_Blocks = Sequence[Mapping[str, Any]]
_Character = tuple[str, Rectangle]

_UNDRAWN_FROM, _UNDRAWN_TO = "[Not visible on the page: ", "]\n"
# Lam-alef is one glyph of two letters; turned round with its line, the alef comes first.
_TURNED = re.compile("[اأإآٱ]ل")
_TURN = 0.01
_LINE_DISTANCE = 1.4
"""Of a line's size: MuPDF's own bound, or near it (of 1019 pages with shapes left in, 947 are cut as without)."""
_FEW_WORDS = 40
_MOSTLY = 0.6
"""Of a page's area: so much picture beside so few words is a scan with a stamp or a running head."""
_NOTEWORTHY = 0.02
"""Of a page's area: the smallest picture on a page without text that may hold some."""
_MANY_SHAPES = 30
"""Letters may be drawn as shapes."""
_UNKNOWN = "\ufffd"


@dataclass(frozen=True, slots=True)
class PageContent:
    """What is on a page."""

    text: PageText
    hidden: tuple[str, ...] = ()
    """Left out of the text: nobody sees it."""
    undrawn: tuple[str, ...] = ()
    """Kept in the text within brackets that say so: text without ink, as if recognised in a picture that is not there."""
    pictured: bool = False
    """See `Page.pictured`."""
    pinned: tuple[int, ...] = ()
    """Numbers of the annotations that hold an attachment."""


def page_content(page: Any, *, placed: bool = False) -> PageContent:
    """Read a page of MuPDF's, with the places of its characters if wanted; the page is changed by it."""
    sheet = Sheet(page)
    text_page, blocks = sheet.text_and_shapes()
    unseen_spans = unseen(sheet, blocks)
    numbers = _paragraphs(blocks)
    reading = _Reading(sheet, unseen_spans, placed=placed)
    text = lay_out(reading.lines(blocks, numbers) if unseen_spans else _plain_lines(blocks, numbers))
    if placed or _runs_off(blocks, sheet.box) or _may_be_turned(text.text):
        reading = _Reading(sheet, unseen_spans, placed=placed)
        text = lay_out(reading.lines(text_page.extractRAWDICT()["blocks"], numbers))
    if reading.undrawn_lines:
        other = lay_out(reading.undrawn_lines)
        other = PageText(other.text.rstrip("\n"), other.places)
        text = text.followed_by(f"\n{_UNDRAWN_FROM}" if text.text else _UNDRAWN_FROM, other, _UNDRAWN_TO)
    pictured = _is_pictured(sheet, blocks, text.text)
    kinds = kinds_of_annotations(page)
    comments = annotation_lines(page, set(kinds.values()), text.text, sheet.unshifted, placed=placed)
    if comments:
        text = text.followed_by("\n" if text.text else "", lay_out(comments), "")
    return PageContent(
        text,
        tuple(reading.hidden),
        tuple(line.text for line in reading.undrawn_lines),
        pictured,
        tuple(number for number, kind in kinds.items() if kind == pymupdf.PDF_ANNOT_FILE_ATTACHMENT),
    )


def _paragraphs(blocks: _Blocks) -> list[int]:
    """A number for each block: the same for the parts of a paragraph that a shape cuts in two."""
    numbers: list[int] = []
    above: Mapping[str, Any] | None = None
    cut = False
    number = 0
    for block in blocks:
        if block["type"] != TEXT_BLOCK or not block["lines"]:
            cut |= block["type"] == SHAPE_BLOCK
        else:
            if not (cut and above and _goes_on(above, block["lines"][0])):
                number += 1
            above, cut = block["lines"][-1], False
        numbers.append(number)
    return numbers


def _goes_on(above: Mapping[str, Any], below: Mapping[str, Any]) -> bool:
    if above["wmode"] != below["wmode"] or not above["spans"] or not below["spans"]:
        return False
    (across, down), (other_across, other_down) = above["dir"], below["dir"]
    if abs(across - other_across) > _TURN or abs(down - other_down) > _TURN:
        return False
    one, other = above["spans"][-1]["origin"], below["spans"][0]["origin"]
    distance = abs((other[1] - one[1]) * across - (other[0] - one[0]) * down)
    return bool(distance <= _LINE_DISTANCE * below["spans"][0]["size"])


def _plain_lines(blocks: _Blocks, numbers: Sequence[int]) -> Iterator[TextLine]:
    """All lines, places as widened: they are only compared with each other."""
    for block, number in zip(blocks, numbers, strict=True):
        if block["type"] == TEXT_BLOCK:
            for line in block["lines"]:
                spans = line["spans"]
                text = spans[0]["text"] if len(spans) == 1 else "".join([span["text"] for span in spans])
                yield TextLine(number, line["bbox"], text)


class _Reading:
    """Goes over the lines of a page, sorting what is seen from what is not."""

    def __init__(self, sheet: Sheet, unseen: Mapping[SpanKey, Sight], *, placed: bool) -> None:
        self._sheet = sheet
        self._unseen = unseen
        self._placed = placed
        self.hidden: list[str] = []
        self.undrawn_lines: list[TextLine] = []

    def lines(self, blocks: _Blocks, numbers: Sequence[int]) -> Iterator[TextLine]:
        """The lines that are seen."""
        for b, block in enumerate(blocks):
            if block["type"] == TEXT_BLOCK:
                for n, line in enumerate(block["lines"]):
                    yield from self._line((b, n), numbers[b], line["spans"])

    def _line(
        self, key: tuple[int, int], number: int, spans: Sequence[Mapping[str, Any]]
    ) -> Iterator[TextLine]:
        seen: list[Mapping[str, Any]] = []
        undrawn: list[Mapping[str, Any]] = []
        for s, span in enumerate(spans):
            sight = self._unseen.get((*key, s))
            if sight is Sight.HIDDEN:
                self._leave_out(_characters_of(span))
            else:
                (undrawn if sight else seen).append(span)
        if seen:
            yield self._text_line(number, seen)
        if undrawn:
            self.undrawn_lines.append(self._text_line(number, undrawn))

    def _text_line(self, number: int, spans: Sequence[Mapping[str, Any]]) -> TextLine:
        box = _box_of(spans)
        if "text" in spans[0]:
            return TextLine(number, box, "".join([span["text"] for span in spans]))
        characters = [(c["c"], c["bbox"]) for span in spans for c in span["chars"]]
        if not contains(self._sheet.box, box, 0.0):
            self._leave_out("".join(c for c, place in characters if not self._on_page(place)))
            characters = [character for character in characters if self._on_page(character[1])]
        characters = _turned_back(characters)
        text = "".join(c for c, _ in characters)
        if not self._placed:
            return TextLine(number, box, text)
        return TextLine(number, box, text, tuple(self._sheet.unshifted(place) for _, place in characters))

    def _on_page(self, place: Rectangle) -> bool:
        x0, y0, x1, y1 = self._sheet.box
        return place[0] < x1 and place[2] > x0 and place[1] < y1 and place[3] > y0

    def _leave_out(self, text: str) -> None:
        cleaned = clean(text)
        if cleaned:
            self.hidden.append(cleaned)


def _characters_of(span: Mapping[str, Any]) -> str:
    return span["text"] if "text" in span else "".join(c["c"] for c in span["chars"])


def _box_of(spans: Sequence[Mapping[str, Any]]) -> Rectangle:
    box: Rectangle = spans[0]["bbox"]
    for span in spans[1:]:
        box = union(box, span["bbox"])
    return box


def _runs_off(blocks: _Blocks, page: Rectangle) -> bool:
    return any(block["type"] == TEXT_BLOCK and not contains(page, block["bbox"], 0.0) for block in blocks)


def _may_be_turned(text: str) -> bool:
    return not text.isascii() and bool(_TURNED.search(text))


def _turned_back(characters: list[_Character]) -> list[_Character]:
    """Put the letters of a right-to-left ligature in order: those without width follow the one that has it."""
    text = "".join(c for c, _ in characters)
    if not _may_be_turned(text) or len(text) != len(characters):
        return characters
    ordered = list(characters)
    for found in _TURNED.finditer(text):
        alef, lam = found.start(), found.start() + 1
        x0, _, x1, _ = characters[alef][1]
        if x1 <= x0:
            ordered[alef], ordered[lam] = characters[lam], characters[alef]
    return ordered


def _is_pictured(sheet: Sheet, drawn: _Blocks, text: str) -> bool:
    if text.count(" ") + text.count("\n") >= _FEW_WORDS:
        return not text.isascii() and text.count(_UNKNOWN) > len(text) / 2
    if any(
        not span["char_flags"]
        for block in drawn
        if block["type"] == TEXT_BLOCK
        for line in block["lines"]
        for span in line["spans"]
    ):
        # Somebody has recognised the text of its pictures already.
        return False
    share = sum(area(intersection(box, sheet.box)) for box, _ in sheet.images) / max(area(sheet.box), 1.0)
    if text.strip():
        return share > _MOSTLY
    return share > _NOTEWORTHY or sum(block["type"] == SHAPE_BLOCK for block in drawn) >= _MANY_SHAPES
