"""Markdown tokens to blocks of a QTextDocument; nothing in it is ever loaded, linked or run."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from PySide6.QtGui import (
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTableFormat,
)

from readingroom.ui.theme import ANSWER_PX, FONT_FAMILY, code_font, palette
from readingroom.ui.widgets.content_text import OBJECT_CHARACTER

CODE_BLOCK = QTextFormat.Property.UserProperty.value + 11
"""Set on the blocks of a code block, to its number; the view draws the wash behind them."""
QUOTE_DEPTH = QTextFormat.Property.UserProperty.value + 12
RULE_BLOCK = QTextFormat.Property.UserProperty.value + 13
CODE_PADDING = 10
_LINE_PX = 22.0
_CODE_PX = 12
_CODE_LINE_PX = 18.0
_INDENT = 22
OFFER = "\ue000{}\ue001"
"""Stands in the text given to the writer where a source is offered; of the private-use area, which no answer may bring."""
_MARKER = re.compile(r"\[(\d{1,3})\]|\ue000(\d{1,3})\ue001")
_HEADING_PX = {1: 18, 2: 16, 3: 15}

ChipFor = Callable[[int, int], QTextCharFormat | None]
"""The format of a chip, None where no passage bears the number: by number, and how many of that number came before it.

Of what is offered the number is 0, and the second says which it is.
"""


def markdown_parser() -> MarkdownIt:
    """CommonMark with tables and struck-out text; raw HTML stays text and reference links are not known."""
    # Without `reference`, a later line can never change the meaning of an earlier one, nor make `[1]` a link.
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20})
    return parser.enable(["table", "strikethrough"]).disable(["reference", "html_block", "html_inline"])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: indent in steps, quotes around it, the marker that opens it."""

    indent: int = 0
    quotes: int = 0
    marker: str = ""


class BlockWriter:
    """Writes at the end of a document. `fresh` says that the last block is empty and to be used next."""

    def __init__(self, cursor: QTextCursor, chip_for: ChipFor) -> None:
        self.cursor = cursor
        self.fresh = True
        self._chip_for = chip_for
        self.code_number = 0
        self.seen: dict[int, int] = {}
        """How many markers of each number are written."""

    def write(self, tokens: Sequence[Token], *, marker: str = "") -> None:
        """Write one top-level block, or one item of a top-level list with its marker."""
        node = SyntaxTreeNode(list(tokens))
        if marker:
            self._children(node.children[0], _Place(indent=1, marker=marker))
        else:
            for child in node.children:
                self._block(child, _Place())

    def code_line(self, text: str, *, first: bool, place: _Place | None = None) -> None:
        """Write one line of a code block."""
        place = place or _Place()
        if first:
            self.code_number += 1
        block = self._block_format(place, line_px=_CODE_LINE_PX, below=0)
        block.setLeftMargin(block.leftMargin() + CODE_PADDING + 2)
        block.setRightMargin(CODE_PADDING + 2)
        block.setTopMargin(CODE_PADDING + 8 if first else 0)
        block.setProperty(CODE_BLOCK, self.code_number)
        self._start_block(block)
        self.cursor.insertText(text.replace("\t", "    "), _code_text())

    def end_code(self) -> None:
        """Make room below the code block just written."""
        block = self.cursor.blockFormat()
        block.setBottomMargin(CODE_PADDING + 8)
        self.cursor.setBlockFormat(block)

    def _block(self, node: SyntaxTreeNode, place: _Place) -> None:
        match node.type:
            case "paragraph":
                self._start_block(self._block_format(place, below=4 if place.indent else 8))
                self._marker(place)
                self._inline(node.children[0], _text())
            case "heading":
                self._heading(node, place)
            case "bullet_list" | "ordered_list":
                self._list(node, place)
            case "blockquote":
                self._children(node, replace(place, quotes=place.quotes + 1, marker=""))
            case "fence" | "code_block":
                self._code(node.content, place)
            case "table":
                self._table(node)
            case "hr":
                block = self._block_format(place, line_px=9, below=8)
                block.setProperty(RULE_BLOCK, 1)
                self._start_block(block)
            case _:
                self._start_block(self._block_format(place))
                self._marker(place)
                self.cursor.insertText(node.content, _text())

    def _children(self, node: SyntaxTreeNode, place: _Place) -> None:
        if not node.children:
            self._start_block(self._block_format(place, below=4))
            self._marker(place)
        for child in node.children:
            if place.marker and child.type != "paragraph":
                self._start_block(self._block_format(place, below=4))
                self._marker(place)
                place = replace(place, marker="")
            self._block(child, place)
            place = replace(place, marker="")

    def _list(self, node: SyntaxTreeNode, place: _Place) -> None:
        number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
        for item in node.children:
            marker = list_marker(number, place.indent + 1)
            self._children(item, _Place(place.indent + 1, place.quotes, marker))
            number = None if number is None else number + 1

    def _heading(self, node: SyntaxTreeNode, place: _Place) -> None:
        size = _HEADING_PX.get(int(node.tag[1:]), ANSWER_PX)
        block = self._block_format(place, line_px=size * 1.5, below=4)
        block.setTopMargin(0 if self.cursor.atStart() else 10)
        self._start_block(block)
        self._marker(place)
        fmt = _text(strong=True)
        fmt.setProperty(QTextFormat.Property.FontPixelSize, size)
        self._inline(node.children[0], fmt)

    def _code(self, content: str, place: _Place) -> None:
        if not content:
            return
        lines = content.removesuffix("\n").split("\n")
        for index, line in enumerate(lines):
            self.code_line(line, first=index == 0, place=place)
        self.end_code()

    def _table(self, node: SyntaxTreeNode) -> None:
        rows = [row for part in node.children for row in part.children]
        columns = max(len(row.children) for row in rows)
        if not self.fresh:
            self._start_block(_sliver())
        self.cursor.setBlockFormat(_sliver())
        shape = QTextTableFormat()
        shape.setBorderCollapse(True)
        shape.setBorder(1)
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        shape.setBorderBrush(palette().color("line"))
        shape.setCellPadding(6)
        shape.setCellSpacing(0)
        shape.setTopMargin(2)
        shape.setBottomMargin(10)
        shape.setHeaderRowCount(1)
        if columns > 3:
            shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        table = self.cursor.insertTable(len(rows), columns, shape)
        for row_index, row in enumerate(rows):
            for column, cell_node in enumerate(row.children):
                cell = table.cellAt(row_index, column)
                if row_index == 0:
                    fmt = cell.format()
                    fmt.setBackground(palette().color("selection"))
                    cell.setFormat(fmt)
                self.cursor = cell.firstCursorPosition()
                self._inline(cell_node.children[0], _text(strong=row_index == 0))
        self.cursor = table.lastCursorPosition()
        self.cursor.movePosition(QTextCursor.MoveOperation.End)
        # A table is always followed by a block, above which no margin would be kept: it stays empty.
        after = _sliver()
        after.setBottomMargin(8)
        self.cursor.setBlockFormat(after)
        self.fresh = False

    def _inline(self, node: SyntaxTreeNode, fmt: QTextCharFormat) -> None:
        text = ""
        for child in node.children:
            if child.type == "text":
                text += child.content  # the parser may split at brackets; a marker must be seen whole
                continue
            self._text(text, fmt)
            text = ""
            match child.type:
                case "softbreak":
                    text = " "
                case "hardbreak":
                    self.cursor.insertText("\u2028", fmt)
                case "code_inline":
                    self.cursor.insertText(child.content, _code_text(inline=True))
                case "strong":
                    changed = QTextCharFormat(fmt)
                    changed.setFontWeight(QFont.Weight.DemiBold)
                    self._inline(child, changed)
                case "em":
                    changed = QTextCharFormat(fmt)
                    changed.setFontItalic(True)
                    self._inline(child, changed)
                case "s":
                    changed = QTextCharFormat(fmt)
                    changed.setFontStrikeOut(True)
                    self._inline(child, changed)
                case "image":
                    self._text(child.content, fmt)
                case "link":
                    self._inline(child, fmt)
                    self._address(str(child.attrs.get("href", "")), child, fmt)
                case _:
                    self._text(child.content, fmt)
        self._text(text, fmt)

    def _address(self, address: str, link: SyntaxTreeNode, fmt: QTextCharFormat) -> None:
        """Say where a link leads, unless its own words do: a name may promise another place."""
        said = "".join(child.content for child in link.children)
        if address and said not in (address, address.removeprefix("mailto:")):
            quiet = QTextCharFormat(fmt)
            quiet.setForeground(palette().color("soft"))
            self._plain(f" ({address})", quiet)

    def _text(self, text: str, fmt: QTextCharFormat) -> None:
        at = 0
        for match in _MARKER.finditer(text):
            if match.group(1) is None:
                chip = self._chip_for(0, int(match.group(2)))
            else:
                number = int(match.group(1))
                chip = self._chip_for(number, self.seen.get(number, 0))
                self.seen[number] = self.seen.get(number, 0) + 1
            if chip is None:
                continue
            self._plain(text[at : match.start()], fmt)
            self.cursor.insertText(OBJECT_CHARACTER, chip)
            at = match.end()
        self._plain(text[at:], fmt)

    def _plain(self, text: str, fmt: QTextCharFormat) -> None:
        if text:
            self.cursor.insertText(text.replace(OBJECT_CHARACTER, "\ufffd"), fmt)

    def _marker(self, place: _Place) -> None:
        if place.marker:
            self.cursor.insertText(place.marker + "\t", _text(role="soft"))

    def _start_block(self, block: QTextBlockFormat) -> None:
        if self.fresh:
            self.cursor.setBlockFormat(block)
            self.cursor.setBlockCharFormat(_text())
        else:
            self.cursor.insertBlock(block, _text())
        self.fresh = False

    def _block_format(
        self, place: _Place, *, line_px: float = _LINE_PX, below: float = 8
    ) -> QTextBlockFormat:
        block = QTextBlockFormat()
        block.setLineHeight(line_px, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        block.setBottomMargin(below)
        block.setLeftMargin(place.indent * _INDENT + place.quotes * 14)
        if place.quotes:
            block.setProperty(QUOTE_DEPTH, place.quotes)
        if place.marker:
            block.setTextIndent(-_INDENT + 4)
            block.setTabPositions([QTextOption.Tab(_INDENT - 4, QTextOption.TabType.LeftTab)])
        return block


def list_marker(number: int | None, depth: int) -> str:
    """Return `3.` for the third of a numbered list, else a bullet by depth."""
    if number is not None:
        return f"{number}."
    return "•" if depth % 2 else "◦"


def _text(*, strong: bool = False, role: str = "") -> QTextCharFormat:
    fmt = QTextCharFormat()
    fmt.setFontFamilies([FONT_FAMILY])
    fmt.setProperty(QTextFormat.Property.FontPixelSize, ANSWER_PX)
    fmt.setFontWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    if role:
        fmt.setForeground(palette().color(role))
    return fmt


def _code_text(*, inline: bool = False) -> QTextCharFormat:
    fmt = QTextCharFormat()
    font = code_font(_CODE_PX + 1 if inline else _CODE_PX)
    fmt.setFontFamilies([font.family(), "monospace"])
    fmt.setFontFixedPitch(True)
    fmt.setProperty(QTextFormat.Property.FontPixelSize, font.pixelSize())
    if inline:
        fmt.setBackground(palette().color("selection"))
    return fmt


def _sliver() -> QTextBlockFormat:
    """Return the format of the block a table forces on us: next to nothing high."""
    block = QTextBlockFormat()
    block.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    return block
