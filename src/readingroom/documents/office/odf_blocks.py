"""Text of OpenDocument files as blocks: headings, lists, tables, and what stands beside a paragraph."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from readingroom.documents.blocks import Block, Kind, row_blocks
from readingroom.documents.office.opendocument import OpenDocument, Styles
from readingroom.documents.office.xml_parts import (
    PART_ERRORS,
    attribute,
    child,
    descendants,
    local_name,
    number,
)

_LEFT_OUT = frozenset(
    {
        "tracked-changes",
        "deletion",
        "page-number",
        "page-count",
        "ruby-text",
        "sheet-name",
        "bibliography-source",
        "table-of-content-source",
        "script",
        "forms",
        "variable-decls",
        "sequence-decls",
        "user-field-decls",
        "event-listeners",
        "glue-point",
        "title",
        "desc",
    }
)
"""What is not shown, or is a number that the program fills in, or names a picture."""
_MARKS = {"tab": "\t", "line-break": "\n", "soft-page-break": ""}
_NAMED_HEADING = re.compile(r"heading\s*([1-9])$", re.IGNORECASE)
_MAX_SPACES = 1000
_MAX_REPEATED = 200
_COVERED = frozenset({"table-cell", "covered-table-cell"})


@dataclass(slots=True)
class Flow:
    """What a walk through text carries along: styles, counters, hidden text found."""

    document: OpenDocument
    styles: Styles
    hidden: list[str] = field(default_factory=list)
    on_ground: bool = False
    """Inside something that may have a colour of its own: white letters may well be seen."""
    embedded: int = 0
    """Formulas read, so that a file cannot ask for the same one without end."""


def blocks_of(element: etree._Element, flow: Flow) -> list[Block]:
    """A paragraph, list, table or anything that holds them, as blocks."""
    name = local_name(element)
    if name in {"p", "h"}:
        return _paragraph(element, flow)
    if name == "list":
        return list(_list(element, flow, 1, ""))
    if name == "table":
        return _table(element, flow)
    if name in _LEFT_OUT:
        return []
    if _is_section_hidden(element):
        flow.hidden.append(_plain(element))
        return []
    return [block for step in element for block in blocks_of(step, flow)]


def _is_section_hidden(element: etree._Element) -> bool:
    if local_name(element) != "section":
        return False
    return attribute(element, "display") == "none" or attribute(element, "is-hidden") == "true"


def _paragraph(element: etree._Element, flow: Flow) -> list[Block]:
    name = attribute(element, "style-name")
    beside: list[Block] = []
    white = flow.styles.white("paragraph", name) is True and not flow.on_ground
    unseen = white or flow.styles.unseen("paragraph", name)
    text = "".join(_inline(element, flow, beside, unseen=unseen)).strip()
    level = _level(element, name, flow.styles)
    if level is not None:
        return [Block(Kind.HEADING, text, level), *beside]
    return [Block(Kind.PARAGRAPH, text), *beside]


def _level(element: etree._Element, style_name: str, styles: Styles) -> int | None:
    if local_name(element) == "h":
        return number(attribute(element, "outline-level")) or 1
    for style in styles.lineage("paragraph", style_name):
        if style.name.lower() == "title":
            return 1
        if named := _NAMED_HEADING.match(style.name.replace("_20_", " ")):
            return int(named[1])
    return None


def _inline(element: etree._Element, flow: Flow, beside: list[Block], *, unseen: bool) -> Iterator[str]:
    """The words of a paragraph; notes, comments and text boxes go to `beside`."""
    yield from _seen(element.text, flow, unseen=unseen)
    for step in element:
        name = local_name(step)
        if name in _MARKS:
            yield _MARKS[name]
        elif name == "s":
            yield " " * min(number(attribute(step, "c")) or 1, _MAX_SPACES)
        elif name == "note":
            body = child(step, "note-body")
            beside += blocks_of(body, flow) if body is not None else []
        elif name == "annotation":
            beside += _comment(step, flow)
        elif name == "object":
            yield _formula(step, flow)
        elif name in {"text-box", "custom-shape", "rect", "ellipse", "table"}:
            beside += _boxed(step, flow)
        elif name in {"hidden-text", "hidden-paragraph"} and attribute(step, "is-hidden") == "true":
            flow.hidden.append(_plain(step) or attribute(step, "string-value"))
        elif name == "span":
            yield from _inline(step, flow, beside, unseen=_span_unseen(step, flow, unseen=unseen))
        elif name not in _LEFT_OUT:
            yield from _inline(step, flow, beside, unseen=unseen)
        yield from _seen(step.tail, flow, unseen=unseen)


def _seen(text: str | None, flow: Flow, *, unseen: bool) -> Iterator[str]:
    if text and unseen and text.strip():
        flow.hidden.append(text)
    elif text:
        # White space is the writer's own; what counts has elements of its own.
        yield re.sub(r"\s+", " ", text)


def _span_unseen(span: etree._Element, flow: Flow, *, unseen: bool) -> bool:
    name = attribute(span, "style-name")
    if flow.styles.value("text", name, "display") == "true":
        return False
    white = flow.styles.white("text", name)
    if white is not None:
        unseen = white and not flow.on_ground
    return unseen or flow.styles.unseen("text", name)


def _comment(annotation: etree._Element, flow: Flow) -> list[Block]:
    return [
        block
        for step in annotation
        if local_name(step) in {"p", "h", "list"}
        for block in blocks_of(step, flow)
    ]


def _boxed(element: etree._Element, flow: Flow) -> list[Block]:
    before, flow.on_ground = flow.on_ground, True
    try:
        if local_name(element) == "table":
            return _table(element, flow)
        return [block for step in element for block in blocks_of(step, flow)]
    finally:
        flow.on_ground = before


def _formula(element: etree._Element, flow: Flow) -> str:
    """An embedded formula's own way of writing it; other objects have no words in the line."""
    part = attribute(element, "href").removeprefix("./").rstrip("/") + "/content.xml"
    package = flow.document.package
    flow.embedded += 1
    if package is None or not package.has(part) or flow.embedded > _MAX_SPACES:
        return ""
    try:
        root = package.tree(part)
    except PART_ERRORS:
        return ""
    if local_name(root) != "math":
        return ""
    source = next(descendants(root, "annotation"), None)
    return " ".join((source.text or "").split()) if source is not None else _plain(root)


def _list(element: etree._Element, flow: Flow, depth: int, style: str) -> Iterator[Block]:
    style = attribute(element, "style-name") or style
    first = flow.styles.first_number(style, depth)
    count = (first or 1) - 1
    for item in element:
        if local_name(item) not in {"list-item", "list-header"}:
            continue
        start = attribute(item, "start-value")
        count = int(start) if start.isdigit() and len(start) < 9 else count + 1
        marker = f"{count}." if first is not None else "-"
        begun = local_name(item) == "list-header"
        for step in item:
            if local_name(step) == "list":
                yield from _list(step, flow, depth + 1, style)
                continue
            for block in blocks_of(step, flow):
                if block.kind is Kind.PARAGRAPH and block.text and not begun:
                    begun = True
                    yield Block(Kind.ITEM, " ".join(block.text.split()), min(depth, 9), marker)
                else:
                    yield block


def _table(table: etree._Element, flow: Flow) -> list[Block]:
    before, flow.on_ground = flow.on_ground, True
    try:
        return [block for row in _rows(table) for block in row_blocks(_row_cells(row, flow))]
    finally:
        flow.on_ground = before


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """Rows of a table, also of its groups and headers, but not of tables inside."""
    for step in table:
        name = local_name(step)
        if name == "table-row":
            yield step
        elif name in {"table-header-rows", "table-rows", "table-row-group"}:
            yield from _rows(step)


def _row_cells(row: etree._Element, flow: Flow) -> list[list[Block]]:
    cells: list[list[Block]] = []
    for cell in row:
        if local_name(cell) in _COVERED:
            blocks = [block for step in cell for block in blocks_of(step, flow)]
            cells.append(blocks)
            repeated = number(attribute(cell, "number-columns-repeated")) or 1
            cells.extend([blocks] * (min(repeated, _MAX_REPEATED) - 1))
    return cells


def _plain(element: etree._Element) -> str:
    return " ".join("".join(str(piece) for piece in element.itertext()).split())
