"""Markdown that arrives in pieces: what is settled is written once, only the last block is written anew."""

import re
from dataclasses import dataclass

from markdown_it.token import Token
from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument

from readingroom.ui.widgets.markdown_blocks import BlockWriter, ChipFor, list_marker, markdown_parser

_HALF_MARKER = re.compile(r"\[\d{0,3}$")
_UNDECIDED = re.compile(r"\s*(?:[-=*_+~#>|]+|\d{1,3}[.)]?|[`~]{2,}.*)\s*$")
"""A line that may yet become a list, a heading, a rule or a code block."""
_FENCE_END = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*$")


_MOST_UNSETTLED = 3_000
"""A block longer than this is cut, so that no single write grows with the answer (a table: far sooner)."""
_MOST_TABLE = 1_200
_SLICE = 1_000


@dataclass(frozen=True, slots=True)
class _Segment:
    """A top-level block, or one item of a top-level list: what can be settled by itself."""

    first_line: int
    tokens: list[Token]
    kind: str
    number: int | None = None
    """Of an item in a numbered list."""


@dataclass(frozen=True, slots=True)
class _Fence:
    """A code block that is still open."""

    markup: str
    indent: int


class MarkdownStream:
    """Feeds a document. Whatever the pieces, the result is that of the whole text at once.

    A block is settled when the one after it has a complete first line; a list settles item by item and a code
    block line by line, so that the part written anew stays small however long an answer grows.
    """

    def __init__(self, document: QTextDocument, chip_for: ChipFor) -> None:
        self._document = document
        self._parser = markdown_parser()
        self._writer = BlockWriter(QTextCursor(document), chip_for)
        self.source = ""
        self._settled = 0
        """Everything before this offset of the source is written for good."""
        self._settled_at = 0
        """The document's position at which the unsettled part begins."""
        self._settled_fresh = True
        self._settled_code = 0
        self._settled_seen: dict[int, int] = {}
        self._settled_format: QTextBlockFormat | None = None
        self._next_number: int | None = None
        """The number of the item at the settled offset, if that is inside a numbered list."""
        self._table_head = ""
        """The first two lines of a table that was cut, for its rest."""
        self._fence: _Fence | None = None
        self._fence_begun = False
        self.finished = False

    def feed(self, piece: str) -> None:
        """Add to the text and show it."""
        text = piece.replace("\r", "")
        for start in range(0, len(text), _SLICE):
            self.source += text[start : start + _SLICE]
            self._write(final=False)

    def finish(self) -> None:
        """Settle all; nothing more comes."""
        self.finished = True
        self._write(final=True)

    def _write(self, *, final: bool) -> None:
        cursor = self._writer.cursor
        cursor.beginEditBlock()
        try:
            self._rewind()
            if self._fence is None:
                self._write_blocks(final=final)
            while self._fence is not None and self._write_fence(self._fence, final=final):
                self._write_blocks(final=final)
        finally:
            cursor.endEditBlock()

    def _rewind(self) -> None:
        """Take back the unsettled part."""
        cursor = QTextCursor(self._document)
        cursor.setPosition(self._settled_at)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        if cursor.hasSelection():
            cursor.removeSelectedText()
            if self._settled_format is not None:
                # An empty block takes over the format of what is removed after it.
                cursor.setBlockFormat(self._settled_format)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self._writer.cursor = cursor
        self._writer.fresh = self._settled_fresh
        self._writer.code_number = self._settled_code
        self._writer.seen = dict(self._settled_seen)

    def _settle(self, offset: int) -> None:
        self._settled = offset
        self._settled_at = self._writer.cursor.position()
        self._settled_fresh = self._writer.fresh
        self._settled_code = self._writer.code_number
        self._settled_seen = dict(self._writer.seen)
        self._settled_format = self._writer.cursor.blockFormat()

    def _write_blocks(self, *, final: bool) -> None:
        while self._write_tail(final=final):
            pass

    def _write_tail(self, *, final: bool) -> bool:
        """Write what is not settled; whether a long block was cut and the rest is to be written."""
        start = self._settled
        tail = self.source[start:]
        if not tail.strip() or tail.startswith("\n"):
            self._table_head = ""  # the table ended where it was cut
        shown = self._table_head + (tail if final else _mend(tail))
        segments = self._segments(self._parser.parse(shown))
        line_starts = [0, *(match.end() for match in re.finditer("\n", tail))]
        complete_lines = len(line_starts) - 1
        for place, segment in enumerate(segments):
            following = segments[place + 1] if place + 1 < len(segments) else None
            begin = line_starts[segment.first_line]
            end = len(tail) if following is None else line_starts[following.first_line]
            most = _MOST_TABLE if segment.kind == "table_open" else _MOST_UNSETTLED
            if end - begin > most and segment.kind not in ("fence", "code_block"):
                self._cut(segment, tail, begin, most)
                return True
            if following is None:
                break
            self._write_segment(segment)
            if final or following.first_line < complete_lines:
                self._table_head = ""
                self._next_number = following.number
                self._settle(start + end)
        if not segments:
            return False
        last = segments[-1]
        if last.kind == "fence" and last.first_line < complete_lines:
            token = last.tokens[0]
            opening = tail[line_starts[last.first_line] :]
            self._fence = _Fence(token.markup, len(opening) - len(opening.lstrip(" ")))
            self._fence_begun = False
            self._next_number = None
            self._settle(start + line_starts[last.first_line + 1])
            return False
        self._write_segment(last)
        if final:
            self._settle(len(self.source))
        return False

    def _cut(self, segment: _Segment, tail: str, begin: int, most: int) -> None:
        """Settle the first part of a long block; the rest stands as a block of its own, a table with its head."""
        part = tail[begin : begin + most]
        is_table = segment.kind == "table_open"
        at = part.rfind("\n") if is_table else max(part.rfind(" "), part.rfind("\n"))
        at = at + 1 if at > 0 else most
        head = self._table_head if is_table else ""
        segments = self._segments(self._parser.parse(head + part[:at]))
        for piece in segments:
            if piece.kind == "item" and segment.number is not None:
                piece = _Segment(piece.first_line, piece.tokens, piece.kind, segment.number)  # noqa: PLW2901
            self._write_segment(piece)
        if is_table and not head:
            lines = part.split("\n", 2)
            self._table_head = "\n".join(lines[:2]) + "\n"
        elif not is_table:
            self._table_head = ""
        self._next_number = None
        self._settle(self._settled + begin + at)

    def _write_segment(self, segment: _Segment) -> None:
        if segment.kind == "item":
            self._writer.write(segment.tokens, marker=list_marker(segment.number, 1))
        else:
            self._writer.write(segment.tokens)

    def _write_fence(self, fence: _Fence, *, final: bool) -> bool:
        """Write the lines of an open code block; whether it was closed and text may follow."""
        while True:
            end = self.source.find("\n", self._settled)
            line = self.source[self._settled :] if end < 0 else self.source[self._settled : end]
            closing = _FENCE_END.match(line)
            closes = (
                closing is not None
                and closing.group(1)[0] == fence.markup[0]
                and len(closing.group(1)) >= len(fence.markup)
            )
            if end < 0:
                if line and not closes and (final or line.strip()[:1] != fence.markup[0]):
                    self._code_line(line, fence)
                    self._fence_begun |= final
                if final:
                    self._end_fence(len(self.source))
                return False
            if closes:
                self._end_fence(end + 1)
                return True
            self._code_line(line, fence)
            self._fence_begun = True
            self._settle(end + 1)

    def _code_line(self, line: str, fence: _Fence) -> None:
        spaces = min(fence.indent, len(line) - len(line.lstrip(" ")))
        self._writer.code_line(line[spaces:], first=not self._fence_begun)

    def _end_fence(self, offset: int) -> None:
        if self._fence_begun:
            self._writer.end_code()
        self._fence = None
        self._fence_begun = False
        self._settle(offset)

    def _segments(self, tokens: list[Token]) -> list[_Segment]:
        """Cut the tokens of the unsettled part into what settles by itself."""
        segments: list[_Segment] = []
        opened = 0
        number: int | None = None
        carried = self._next_number
        for index, token in enumerate(tokens):
            if token.level == 0 and token.nesting >= 0:
                opened = index
                if token.type == "ordered_list_open":
                    first = int(token.attrs.get("start", 1))
                    number = carried if carried is not None and not segments else first
                elif token.type == "bullet_list_open":
                    number = None
            in_list = tokens[opened].type in ("ordered_list_open", "bullet_list_open")
            if in_list and token.level == 1 and token.type == "list_item_open":
                item = index
            if in_list and token.level == 1 and token.type == "list_item_close":
                part = tokens[item : index + 1]
                segments.append(_Segment(self._line(tokens[item]), part, "item", number))
                number = None if number is None else number + 1
            if token.level == 0 and token.nesting <= 0 and not in_list:
                part = tokens[opened : index + 1]
                segments.append(_Segment(self._line(tokens[opened]), part, tokens[opened].type))
        return segments

    def _line(self, token: Token) -> int:
        """Return the line of the unsettled part on which it begins."""
        return max(0, (token.map[0] if token.map else 0) - self._table_head.count("\n"))


def _mend(tail: str) -> str:
    """Leave out what cannot be told yet and close the emphasis that is open, so that nothing flickers."""
    head, newline, last = tail.rpartition("\n")
    if _UNDECIDED.match(last):
        return head + newline
    last = _HALF_MARKER.sub("", last)
    if last.count("`") % 2:
        last += "`"
    elif last.count("**") % 2:
        last = last[:-2] if last.endswith("**") else last.removesuffix("*") + "**"
    elif last.endswith("*") and not last.endswith("**"):
        last = last[:-1]
    return head + newline + last
