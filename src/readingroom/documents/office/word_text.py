"""Paragraphs and tables of a Word document as blocks, with what stands beside them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lxml import etree

from readingroom.documents.blocks import Block, Kind, row_blocks
from readingroom.documents.office.word_numbering import Numbering
from readingroom.documents.office.word_styles import WordStyles, is_shaded, numbering_of
from readingroom.documents.office.xml_parts import attribute, child, descendants, local_name

_NOT_SHOWN = frozenset({"del", "moveFrom", "instrText", "delText", "delInstrText", "rt"})
"""Deleted or moved-away text, field codes, the reading printed over a ruby base."""
_DELETED = frozenset({"del", "delText"})
_MARKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_FORMULA_MARKS = {"den": "/", "sup": "^", "sub": "_"}
_CONTAINERS = frozenset(
    {"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "body", "txbxContent"}
)
_NO_LIST = frozenset({"", "0"})


@dataclass(slots=True)
class Word:
    """What paragraphs refer to, and what was found on the way."""

    styles: WordStyles = field(default_factory=WordStyles)
    numbering: Numbering = field(default_factory=Numbering)
    notes: dict[tuple[str, str], list[Block]] = field(default_factory=dict)
    """Footnotes, endnotes and comments by kind and id."""
    with_deleted: bool = False
    """Whether words that tracked changes have struck out are kept."""
    deleted: bool = False
    """Whether there were any."""
    on_ground: bool = False
    """Inside something that may have a colour of its own: white letters may well be seen."""
    hidden: list[str] = field(default_factory=list)
    """Text that cannot be seen."""

    @contextmanager
    def ground(self, coloured: bool = True) -> Iterator[None]:
        """While the block runs, what is read stands on a ground of its own."""
        before, self.on_ground = self.on_ground, self.on_ground or coloured
        try:
            yield
        finally:
            self.on_ground = before


def blocks_of(element: etree._Element, word: Word) -> list[Block]:
    """A paragraph, a table or what holds them, as blocks."""
    name = local_name(element)
    if name == "p":
        return _paragraph(element, word)
    if name == "tbl":
        properties = child(element, "tblPr")
        coloured = child(properties, "tblStyle") is not None or any(map(is_shaded, _cell_properties(element)))
        with word.ground(coloured or is_shaded(properties)):
            return [block for row in _descend(element, "tr") for block in _row(row, word)]
    if name in _CONTAINERS:
        return [block for step in element for block in blocks_of(step, word)]
    return []


def _cell_properties(table: etree._Element) -> Iterator[etree._Element]:
    return descendants(table, "tcPr")


def _descend(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Children of that name, also inside content controls and tracked changes."""
    for step in element:
        local = local_name(step)
        if local == name:
            yield step
        elif local in _CONTAINERS:
            yield from _descend(step, name)


def _row(row: etree._Element, word: Word) -> list[Block]:
    cells = [[block for step in cell for block in blocks_of(step, word)] for cell in _descend(row, "tc")]
    return row_blocks(cells)


def _paragraph(element: etree._Element, word: Word) -> list[Block]:
    beside: list[Block] = []
    properties = child(element, "pPr")
    style = attribute(child(properties, "pStyle"))
    with word.ground(is_shaded(properties)):
        text = "".join(_inline(element, word, beside, style)).strip()
    direct = child(properties, "numPr")
    listed = numbering_of(direct) if direct is not None else word.styles.numbering(style)
    if direct is not None and listed is not None and not listed[0]:
        # The paragraph moves to another level of its style's list.
        inherited = word.styles.numbering(style)
        listed = (inherited[0], listed[1]) if inherited is not None else listed
    if listed is not None and listed[0] in _NO_LIST:
        listed = None
    # An empty paragraph of a list bears no number and does not count.
    number = word.numbering.next(*listed) if listed is not None and text else ""
    level = word.styles.heading_level(properties, style)
    if level is not None:
        return [Block(Kind.HEADING, f"{number} {text}" if number else text, level), *beside]
    if listed is not None:
        item = Block(Kind.ITEM, text.replace("\n", " "), min(listed[1] + 1, 9), number or "-")
        return [item, *beside]
    return [Block(Kind.PARAGRAPH, text), *beside]


def _inline(element: etree._Element, word: Word, beside: list[Block], style: str) -> Iterator[str]:
    """The words of a paragraph; text boxes, notes and comments it holds go to `beside`."""
    for step in element:
        name = local_name(step)
        if name == "t":
            yield step.text or ""
        elif name in _MARKS:
            # A tab in a paragraph's properties is a tab stop, and those are never walked.
            yield _MARKS[name]
        elif name == "r":
            yield from _run(step, word, beside, style)
        elif name == "AlternateContent":
            yield from _alternative(step, word, beside, style)
        elif name == "txbxContent":
            with word.ground():
                beside.extend(blocks_of(step, word))
        elif name in {"footnoteReference", "endnoteReference", "commentReference"}:
            kind = name.removesuffix("Reference") + "s"
            beside.extend(word.notes.get((kind, attribute(step, "id")), ()))
        elif name in _DELETED and word.with_deleted:
            word.deleted = True
            yield step.text or ""
            yield from _inline(step, word, beside, style)
        elif name not in _NOT_SHOWN and not name.endswith("Pr"):
            yield _FORMULA_MARKS.get(name, "")
            yield from _inline(step, word, beside, style)


def _run(run: etree._Element, word: Word, beside: list[Block], style: str) -> Iterator[str]:
    look = word.styles.run_look(child(run, "rPr"), style)
    words = _inline(run, word, beside, style)
    if not look.unseen(on_ground=word.on_ground):
        yield from words
        return
    text = "".join(words)
    if text.strip():
        word.hidden.append(text)


def _alternative(element: etree._Element, word: Word, beside: list[Block], style: str) -> Iterator[str]:
    """The same thing drawn twice, for new and old programs: the first that has words."""
    for choice in element:
        aside: list[Block] = []
        words = list(_inline(choice, word, aside, style))
        if any(words) or any(block.text for block in aside):
            beside.extend(aside)
            yield from words
            return
