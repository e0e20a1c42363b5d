"""Finds the parts of a message by where they stand in the file; nothing but their headers is held."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from typing import BinaryIO

_LONGEST_LINE = 64 * 1024
_LONGEST_HEADER = 1024 * 1024
_MAX_DEPTH = 30
_MAX_PARTS = 10_000
_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_ENVELOPE = re.compile(rb">?From ")
"""A mailbox's line, kept by some programs at the head of a message."""


class _AsTheyStand(Compat32):
    """Fields with bytes beyond ASCII keep them, as surrogates: the default replaces them."""

    def header_fetch_parse(self, _name: str, value: str) -> str:
        return value


_PARSER = BytesHeaderParser(policy=_AsTheyStand())


@dataclass(slots=True)
class Part:
    """A part of a message; offsets of its body count bytes in the file."""

    headers: Message
    start: int
    end: int
    inside: str = ""
    """Type of the multipart it is a part of."""
    children: list["Part"] = field(default_factory=list)

    @property
    def content_type(self) -> str:
        """In lower case, such as `text/plain`."""
        if self.inside == "multipart/digest" and "content-type" not in self.headers:
            return "message/rfc822"
        return self.headers.get_content_type()

    @property
    def encoding(self) -> str:
        """How the body is encoded for transport: `base64`, `quoted-printable`, `uuencode`, or empty."""
        raw = self.headers.get("content-transfer-encoding")
        name = str(raw or "").partition(";")[0].strip().lower()
        if name in {"x-uuencode", "uuencode", "uue", "x-uue"}:
            return "uuencode"
        return name if name in {"base64", "quoted-printable"} else ""

    def leaves(self) -> Iterator["Part"]:
        """All parts that have no parts of their own, in order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if part.children:
                waiting.extend(reversed(part.children))
            else:
                yield part


def scan(stream: BinaryIO, start: int, end: int) -> Part:
    """The parts of the message that stands in [start, end). Linear, whatever the message."""
    scanner = _Scanner()
    for at, line, fresh in _lines(stream, start, end):
        scanner.take(at, line, fresh=fresh)
    return scanner.finished(end)


def parsed_headers(data: bytes) -> Message:
    """The fields of a header, as they stand."""
    return _PARSER.parsebytes(data)


def parameter(headers: Message, name: str, header: str = "content-type") -> str:
    """A header's parameter as plain text; empty where there is none or it makes no sense."""
    try:
        value = headers.get_param(name, header=header)
    except (ValueError, LookupError, TypeError):
        return ""
    if isinstance(value, tuple):
        charset, _, text = value
        try:
            return text.encode("latin-1").decode(charset or "utf-8", "replace")
        except (LookupError, UnicodeError):
            return text
    return str(value or "")


def _lines(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[int, bytes, bool]]:
    """(offset, line or a piece of a long one, whether a line begins here)."""
    stream.seek(start)
    at, fresh = start, True
    while at < end:
        line = stream.readline(min(_LONGEST_LINE, end - at))
        if not line:
            return
        yield at, line, fresh
        at += len(line)
        fresh = line.endswith(b"\n")


class _Scanner:
    """Takes lines and knows which part they belong to."""

    def __init__(self) -> None:
        self._root: Part | None = None
        self._open: list[tuple[Part, bytes]] = []
        """Multiparts, from the outermost, with their boundaries."""
        self._levels: dict[bytes, int] = {}
        """To which of them a boundary belongs; the innermost wins."""
        self._leaf: Part | None = None
        self._header: list[bytes] | None = []
        self._header_bytes = 0
        self._break = 0
        """Length of the line end before this line: it belongs to the boundary that may follow."""
        self._count = 0

    def take(self, at: int, line: bytes, *, fresh: bool) -> None:
        if fresh and self._open and line.startswith(b"--") and self._cross(at, line):
            return
        if self._header is not None:
            self._take_header(at, line, fresh=fresh)
        self._break = 2 if line.endswith(b"\r\n") else 1

    def finished(self, end: int) -> Part:
        self._close(end, 0)
        root = self._root
        if root is None:
            return Part(Message(), end, end)
        return root

    def _take_header(self, at: int, line: bytes, *, fresh: bool) -> None:
        header = self._header
        if header is None:
            return
        if not line.strip():
            if header or self._root is not None:
                self._begin(at + len(line))
            return
        if fresh and line[:1] not in b" \t" and not _FIELD.match(line):
            if _ENVELOPE.match(line) and not header:
                return
            # The blank line is missing.
            self._begin(at)
            return
        self._header_bytes += len(line)
        if self._header_bytes <= _LONGEST_HEADER:
            header.append(line)

    def _begin(self, start: int) -> None:
        """The header is complete: what it describes begins."""
        headers = parsed_headers(b"".join(self._header or []))
        self._header = None
        self._count += 1
        parent = self._open[-1][0] if self._open else None
        part = Part(headers, start, start, parent.content_type if parent else "")
        if parent is None:
            self._root = part
        else:
            parent.children.append(part)
        boundary = _boundary(part)
        if boundary and len(self._open) < _MAX_DEPTH:
            self._levels[boundary] = len(self._open)
            self._open.append((part, boundary))
            self._leaf = None
        else:
            self._leaf = part

    def _cross(self, at: int, line: bytes) -> bool:
        """Close what a boundary closes; False where it is none."""
        mark = line.rstrip(b" \t\r\n")[2:]
        level = self._levels.get(mark)
        last = False
        if level is None and mark.endswith(b"--"):
            level = self._levels.get(mark[:-2])
            last = True
        if level is None or self._count >= _MAX_PARTS:
            return False
        if self._header:
            self._begin(at)
        self._close(at - self._break, level + 1)
        if last:
            self._close(at, level)
        else:
            self._header, self._header_bytes = [], 0
        self._break = 2 if line.endswith(b"\r\n") else 1
        return True

    def _close(self, at: int, level: int) -> None:
        """End the leaf, and the multiparts from `level` inwards."""
        if self._header is not None and self._root is None:
            self._begin(at)
        self._header = None
        if self._leaf is not None:
            self._leaf.end = max(at, self._leaf.start)
            self._leaf = None
        for part, _ in self._open[level:]:
            part.end = max(at, part.start)
        del self._open[level:]
        self._levels = {boundary: place for place, (_, boundary) in enumerate(self._open)}


def _boundary(part: Part) -> bytes:
    if part.headers.get_content_maintype() != "multipart":
        return b""
    return parameter(part.headers, "boundary").rstrip().encode("utf-8", "surrogateescape")
