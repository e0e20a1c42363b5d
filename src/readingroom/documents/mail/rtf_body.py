"""Bodies of Outlook messages kept as compressed Rich Text, often with a web page inside."""

import html
import re
import struct

from readingroom.core.errors import DocumentCorrupt
from readingroom.documents.rtf_walk import Group, RtfWalk

_HEADER = struct.Struct("<II4sI")
_PLAIN, _PACKED = b"MELA", b"LZFu"
_WINDOW = 4096
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What the window holds at the start (MS-OXRTFCP 2.1.2.1)."""
_LONGEST = 64 * 1024 * 1024
_FROM_HTML = re.compile(rb"\\fromhtml1\b")
_FROM_TEXT = re.compile(rb"\\fromtext\b")


def unpacked(data: bytes) -> bytes:
    """Rich Text as Outlook compresses it (MS-OXRTFCP). Raises `DocumentCorrupt`."""
    if len(data) < _HEADER.size:
        raise DocumentCorrupt("The file is damaged: the message's text cannot be unpacked.")
    _, size, kind, _ = _HEADER.unpack_from(data)
    packed = data[_HEADER.size :]
    if kind == _PLAIN:
        return packed[:size]
    if kind != _PACKED:
        raise DocumentCorrupt("The file is damaged: the message's text cannot be unpacked.")
    return _unpacked(packed, min(size, _LONGEST))


def is_from_text(rtf: bytes) -> bool:
    """Whether it holds nothing that the plain body does not."""
    return _FROM_TEXT.search(rtf, 0, 1000) is not None


def html_in(rtf: bytes) -> str:
    """The page that Rich Text was made from (MS-OXRTFEX); empty where there is none. Raises `DocumentCorrupt`."""
    if _FROM_HTML.search(rtf, 0, 1000) is None:
        return ""
    reader = _HtmlInside()
    reader.run(rtf)
    return "".join(reader.pieces)


def _unpacked(packed: bytes, size: int) -> bytes:
    out = bytearray(_DICTIONARY)
    first = len(_DICTIONARY)
    end = first + size
    at, length = 0, len(packed)
    while at < length and len(out) < end:
        control = packed[at]
        at += 1
        for bit in range(8):
            if at >= length or len(out) >= end:
                break
            if not control >> bit & 1:
                out.append(packed[at])
                at += 1
                continue
            if at + 1 >= length:
                return bytes(out[first:])
            token = packed[at] << 8 | packed[at + 1]
            at += 2
            # The offset counts in a ring; how far back it lies is what counts here.
            back = (len(out) - (token >> 4)) % _WINDOW
            if not back:
                return bytes(out[first:])
            source = len(out) - back
            for place in range(source, source + (token & 15) + 2):
                out.append(out[place] if place >= 0 else 0)
    return bytes(out[first:end])


class _HtmlInside(RtfWalk):
    """Keeps tags and text, and leaves out what Rich Text needs besides."""

    known_destinations = frozenset({"htmltag"})

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._suppressed = False
        self._before: list[bool] = []

    def open_group(self) -> None:
        self._before.append(self._suppressed)

    def close_group(self, _closed: Group, _outer: Group) -> None:
        self._suppressed = self._before.pop()

    def text(self, text: str) -> None:
        if self._suppressed or not self._before:
            return
        self.pieces.append(text if self.group.destination == "htmltag" else html.escape(text, quote=False))

    def word(self, word: str, number: int | None) -> None:
        if word == "htmlrtf":
            self._suppressed = number != 0
        elif word == "htmltag":
            self.group.destination = word
        elif word in {"par", "line"}:
            self.text("\n")
        elif word in {"pntext", "listtext"}:
            self.group.destination, self.group.ignored = word, True
