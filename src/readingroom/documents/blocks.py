"""Blocks of a formatted document, written as light Markdown without inline markup or escapes."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from readingroom.core.errors import DocumentTooLarge
from readingroom.core.extraction import Heading, ReadLimits

MAX_LEVEL = 6
_MAX_CELL = 1000
"""A table with longer cells arranges a page; its cells are read as ordinary text."""


class Kind(Enum):
    """What a block is."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    ROW = "row"
    CODE = "code"


class Block(NamedTuple):
    """One block; `level` is a heading's level or an item's depth (both from 1)."""

    kind: Kind
    text: str
    level: int = 0
    marker: str = "-"
    """Before an item: a dash or its number."""


def row_blocks(cells: Sequence[Sequence[Block]]) -> list[Block]:
    """A table's row as one block, or as its cells' own blocks where the table only arranges the page."""
    filled = [cell for cell in cells if any(block.text.strip() for block in cell)]
    if not filled:
        return []
    arranged = any(
        block.kind in {Kind.HEADING, Kind.ROW} or len(block.text) > _MAX_CELL
        for cell in filled
        for block in cell
    )
    if len(cells) == 1 or arranged:
        return [block for cell in filled for block in cell]
    texts = (" ".join(" ".join(block.text for block in cell).split()) for cell in cells)
    return [Block(Kind.ROW, f"| {' | '.join(texts)} |")]


def write_blocks(blocks: Iterable[Block], limits: ReadLimits) -> tuple[str, tuple[Heading, ...]]:
    """The text, and the headings with the offset of their line. Text of any kind ends with a newline."""
    pieces: list[str] = []
    headings: list[Heading] = []
    offset = 0
    previous: Kind | None = None
    for block in blocks:
        text = block.text.strip("\n") if block.kind is Kind.CODE else block.text.strip()
        if not text.strip():
            continue
        if block.kind is Kind.HEADING:
            text = " ".join(text.split())
        if previous is not None:
            together = block.kind is previous and block.kind in {Kind.ITEM, Kind.ROW}
            pieces.append("\n" if together else "\n\n")
            offset += len(pieces[-1])
        previous = block.kind
        if block.kind is Kind.HEADING:
            level = min(max(block.level, 1), MAX_LEVEL)
            headings.append(Heading(level, text, offset))
            text = f"{'#' * level} {text}"
        elif block.kind is Kind.ITEM:
            text = f"{'  ' * (block.level - 1)}{block.marker} {text}"
        pieces.append(text)
        offset += len(text)
        if offset > limits.max_chars:
            raise DocumentTooLarge(f"The file holds more than {limits.max_chars:,} characters of text.")
    if pieces:
        pieces.append("\n")
    return "".join(pieces), tuple(headings)
