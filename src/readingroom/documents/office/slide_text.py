"""Words of one shape on a slide as blocks: paragraphs and lists, tables, charts, diagrams."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from readingroom.documents.blocks import Block, Kind, row_blocks
from readingroom.documents.office.drawings import body_text, chart_lines, diagram_texts, paragraph_text
from readingroom.documents.office.reading_order import Box
from readingroom.documents.office.slide_colours import Palette, unseen
from readingroom.documents.office.slide_geometry import frame_box
from readingroom.documents.office.xml_parts import (
    PART_ERRORS,
    Package,
    Relation,
    attribute,
    child,
    descendants,
    local_name,
    number,
    relation_id,
)

TITLES = frozenset({"title", "ctrTitle"})
_BULLETED = frozenset({"", "body", "obj"})
"""Placeholders whose paragraphs are items of a list, unless the layout or the paragraph says otherwise."""


class Holder(NamedTuple):
    """What a layout or a master says of a placeholder."""

    box: Box | None
    bulleted: bool


@dataclass(slots=True)
class Surroundings:
    """What the shapes of a slide refer to, and what was found on the way."""

    package: Package
    relations: Mapping[str, Relation]
    size: tuple[int, int]
    """Of the slide; zero where it is not known."""
    holders: Mapping[tuple[str, str], Holder]
    """By type and index, and by type alone with an empty index."""
    palette: Palette
    ground: str
    """The colour behind the shapes; empty where it is not known."""
    hidden: list[str] = field(default_factory=list)
    """Text that cannot be seen."""
    broken: bool = False
    """A part that a shape refers to could not be read."""


def read_holders(tree: etree._Element) -> dict[tuple[str, str], Holder]:
    """The placeholders of a layout or a master."""
    holders: dict[tuple[str, str], Holder] = {}
    for shape in descendants(tree, "sp"):
        held = child(shape, "nvSpPr", "nvPr", "ph")
        if held is None:
            continue
        kind, index = attribute(held, "type"), attribute(held, "idx")
        plain = child(shape, "txBody", "lstStyle", "lvl1pPr", "buNone") is not None
        holder = Holder(frame_box(child(shape, "spPr", "xfrm")), kind in _BULLETED and not plain)
        holders[kind, index] = holder
        holders.setdefault((kind, ""), holder)
    return holders


def find_holder(held: etree._Element, around: Surroundings) -> Holder | None:
    """What the layout says of a slide's placeholder (`ph`)."""
    kind, index = attribute(held, "type"), attribute(held, "idx")
    same = (around.holders.get((other, index)) for other in (kind, "", "body", "obj"))
    return next((holder for holder in same if holder is not None), around.holders.get((kind, "")))


def text_blocks(
    shape: etree._Element, held: etree._Element | None, around: Surroundings, ground: str
) -> list[Block]:
    """The paragraphs of a shape; `held` is its placeholder, `ground` the colour behind them or empty."""
    body = child(shape, "txBody")
    if body is None:
        return []
    role = attribute(held, "type")
    paragraphs = [paragraph for paragraph in body if local_name(paragraph) == "p"]
    texts = [_seen_text(paragraph, around, ground) for paragraph in paragraphs]
    if role in TITLES:
        return [Block(Kind.HEADING, " ".join(" ".join(texts).split()), 1)]
    bulleted = held is not None and role in _BULLETED
    if bulleted and held is not None and (holder := find_holder(held, around)) is not None:
        bulleted = holder.bulleted
    counts: dict[int, int] = {}
    blocks = [
        _paragraph_block(paragraph, text, counts, bulleted=bulleted)
        for paragraph, text in zip(paragraphs, texts, strict=True)
        if text
    ]
    if len(blocks) == 1 and bulleted:
        # One paragraph is no list.
        return [Block(Kind.PARAGRAPH, blocks[0].text)]
    return blocks


def frame_blocks(frame: etree._Element, around: Surroundings) -> list[Block]:
    """A table, a chart or a SmartArt diagram; what else a frame holds has no words of its own."""
    blocks: list[Block] = []
    for table in descendants(frame, "tbl"):
        blocks += _table_blocks(table, around)
    for data in descendants(frame, "graphicData"):
        for element in data:
            name = local_name(element)
            reference = relation_id(element, "dm" if name == "relIds" else "id")
            relation = around.relations.get(reference)
            if relation is None or name not in {"chart", "relIds"}:
                continue
            try:
                root = around.package.tree(relation.target)
                blocks += _diagram_blocks(root) if name == "relIds" else _chart_blocks(root)
            except PART_ERRORS:
                around.broken = True
    return blocks


def _paragraph_block(
    paragraph: etree._Element, text: str, counts: dict[int, int], *, bulleted: bool
) -> Block:
    properties = child(paragraph, "pPr")
    names = {local_name(step) for step in properties} if properties is not None else set()
    level = (number(attribute(properties, "lvl")) or 0) + 1
    if "buNone" in names or not (bulleted or names & {"buChar", "buAutoNum", "buBlip"}):
        counts.clear()
        return Block(Kind.PARAGRAPH, text)
    for deeper in [known for known in counts if known > level]:
        del counts[deeper]
    marker = "-"
    if "buAutoNum" in names:
        start = number(attribute(child(properties, "buAutoNum"), "startAt")) or 1
        counts[level] = counts.get(level, start - 1) + 1
        marker = f"{counts[level]}."
    return Block(Kind.ITEM, " ".join(text.split()), min(level, 9), marker)


def _seen_text(paragraph: etree._Element, around: Surroundings, ground: str) -> str:
    """A paragraph's words without those that cannot be seen, which are noted."""
    for run in list(descendants(paragraph, "r")):
        parent = run.getparent()
        text = "".join(piece.text or "" for piece in descendants(run, "t"))
        if parent is not None and text.strip() and unseen(child(run, "rPr"), ground, around.palette):
            around.hidden.append(text)
            parent.remove(run)
    return paragraph_text(paragraph)


def _table_blocks(table: etree._Element, around: Surroundings) -> Iterator[Block]:
    for row in table:
        if local_name(row) != "tr":
            continue
        cells: list[list[Block]] = []
        for cell in row:
            if local_name(cell) != "tc":
                continue
            body = child(cell, "txBody")
            merged = attribute(cell, "hMerge") == "1" or attribute(cell, "vMerge") == "1"
            paragraphs = descendants(body, "p") if body is not None and not merged else ()
            texts = [_seen_text(paragraph, around, "") for paragraph in paragraphs]
            cells.append([Block(Kind.PARAGRAPH, text) for text in texts if text])
        yield from row_blocks(cells)


def _chart_blocks(root: etree._Element) -> Iterator[Block]:
    if local_name(root) != "chartSpace" or child(root, "chartData") is not None:
        # Newer kinds of charts (funnels, maps) keep their words elsewhere.
        yield from (Block(Kind.PARAGRAPH, text) for text in body_text(root).splitlines())
        return
    for cells in chart_lines(root):
        if len(cells) == 1:
            yield Block(Kind.PARAGRAPH, cells[0])
        else:
            yield from row_blocks([[Block(Kind.PARAGRAPH, cell)] for cell in cells])


def _diagram_blocks(root: etree._Element) -> Iterator[Block]:
    for depth, text in diagram_texts(root):
        yield Block(Kind.ITEM, text, min(depth, 9))
