"""The records of an old Excel workbook (MS-XLS, 2.3), version 5 and later: what its sheets share."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from readingroom.core.errors import DocumentEncrypted
from readingroom.documents.office.number_formats import BUILT_IN

BOF, EOF, CONTINUE = 0x0809, 0x000A, 0x003C
_LOCKED, _DATES, _CODE_PAGE, _STRINGS = 0x002F, 0x0022, 0x0042, 0x00FC
_FONT, _FORMAT, _STYLE, _SHEET = 0x0031, 0x041E, 0x00E0, 0x0085
_VERSION_8 = 0x0600
_WHITES = frozenset({1, 9})
_LEFT_OUT_FONT = 4
"""There is no font of this number: later ones stand one place before it."""
_CODE_PAGES = {1200: "utf-16-le", 0x8000: "mac-roman", 0x8001: "cp1252", 10000: "mac-roman"}
_MAX_STRINGS = 5_000_000


class Record(NamedTuple):
    """A record with the records that continue it."""

    kind: int
    data: bytes
    continued: tuple[bytes, ...] = ()


class Listed(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    start: int
    """Offset of its first record."""
    hidden: bool
    is_table: bool
    """Cells, not a chart or a program."""


@dataclass(slots=True)
class Workbook:
    """What the sheets share."""

    version_8: bool = True
    since_1904: bool = False
    encoding: str = "cp1252"
    strings: list[str] = field(default_factory=list)
    sheets: list[Listed] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    """Number formats by style."""
    white: frozenset[int] = frozenset()
    """Styles with white letters on no ground of their own."""

    def text(self, data: bytes, at: int, *, short: bool = False) -> str:
        """A text of which the length stands at `at`, in one byte where it is `short`."""
        length = data[at] if short else struct.unpack_from("<H", data, at)[0]
        at += 1 if short else 2
        if not self.version_8:
            return data[at : at + length].decode(self.encoding, "replace")
        return _Continued([data[at + 1 :]]).characters(length, wide=bool(data[at] & 1))


def records(stream: bytes, start: int) -> Iterator[Record]:
    """The records of a substream, without those of charts inside.

    Raises `ValueError` where none begins, and at the end of the stream where it does not end before.
    """
    at, depth = start, 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if at == start and kind != BOF:
            raise ValueError
        data = stream[at + 4 : at + 4 + length]
        at += 4 + length
        continued: list[bytes] = []
        while at + 4 <= len(stream) and struct.unpack_from("<H", stream, at)[0] == CONTINUE:
            (length,) = struct.unpack_from("<H", stream, at + 2)
            continued.append(stream[at + 4 : at + 4 + length])
            at += 4 + length
        depth += (kind == BOF) - (kind == EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield Record(kind, data, tuple(continued))
    raise ValueError


def read_workbook(stream: bytes) -> Workbook:
    """Read what comes before the sheets.

    Raises `DocumentEncrypted`; `struct.error`, `ValueError`, `IndexError`, `LookupError` for a damaged stream.
    """
    book = Workbook()
    formats: dict[int, str] = {}
    fonts: list[bool] = []
    styles: list[tuple[int, int, bool]] = []
    for kind, data, continued in records(stream, 0):
        if kind == BOF:
            book.version_8 = struct.unpack_from("<H", data)[0] == _VERSION_8
        elif kind == _LOCKED:
            raise DocumentEncrypted("The Excel workbook needs a password.")
        elif kind == _DATES:
            book.since_1904 = data[:1] == b"\x01"
        elif kind == _CODE_PAGE:
            book.encoding = _encoding(struct.unpack_from("<H", data)[0])
        elif kind == _FONT:
            fonts.append(struct.unpack_from("<H", data, 4)[0] in _WHITES)
        elif kind == _FORMAT:
            formats[struct.unpack_from("<H", data)[0]] = book.text(data, 2, short=not book.version_8)
        elif kind == _STYLE:
            font, number = struct.unpack_from("<HH", data)
            filled = not book.version_8 or struct.unpack_from("<I", data, 14)[0] >> 26 != 0
            styles.append((font - (font > _LEFT_OUT_FONT), number, filled))
        elif kind == _SHEET:
            (start,) = struct.unpack_from("<I", data)
            name = book.text(data, 6, short=True)
            book.sheets.append(Listed(name, start, data[4] & 3 != 0, data[5] == 0))
        elif kind == _STRINGS:
            book.strings = list(_shared_strings([data, *continued]))
    book.codes = [formats.get(number, BUILT_IN.get(number, "General")) for _, number, _ in styles]
    book.white = frozenset(
        place
        for place, (font, _, filled) in enumerate(styles)
        if not filled and font < len(fonts) and fonts[font]
    )
    return book


def _encoding(page: int) -> str:
    name = _CODE_PAGES.get(page, f"cp{page}")
    try:
        "".encode(name)
    except LookupError:
        return "cp1252"
    return name


class _Continued:
    """Bytes that go on in further records; characters that do begin there with a byte for their width."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self._piece = 0
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next bytes. Raises `ValueError` at the end."""
        taken = b""
        while len(taken) < count:
            if self._piece >= len(self._pieces):
                raise ValueError
            more = self._pieces[self._piece][self._at : self._at + count - len(taken)]
            self._at += len(more)
            taken += more
            if len(taken) < count:
                self._piece, self._at = self._piece + 1, 0
        return taken

    def characters(self, count: int, *, wide: bool) -> str:
        """The next characters; fewer at the end."""
        text = ""
        while len(text) < count and self._piece < len(self._pieces):
            width = 2 if wide else 1
            wanted = (count - len(text)) * width
            piece = self._pieces[self._piece][self._at : self._at + wanted]
            self._at += len(piece)
            # Half of a pair counts for two characters in the file, and for one here.
            shown = piece.decode("utf-16-le" if wide else "latin-1", "surrogatepass" if wide else "strict")
            text += shown
            count -= len(piece) // width - len(shown)
            if len(text) < count:
                self._piece, self._at = self._piece + 1, 0
                if self._piece < len(self._pieces):
                    wide = bool(self.take(1)[0] & 1)
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _shared_strings(pieces: Sequence[bytes]) -> Iterator[str]:
    reader = _Continued(pieces)
    _, count = struct.unpack("<II", reader.take(8))
    for _ in range(min(count, _MAX_STRINGS)):
        try:
            length, flags = struct.unpack("<HB", reader.take(3))
            runs = struct.unpack("<H", reader.take(2))[0] if flags & 8 else 0
            extra = struct.unpack("<I", reader.take(4))[0] if flags & 4 else 0
            text = reader.characters(length, wide=bool(flags & 1))
            yield text
            reader.take(runs * 4 + extra)
        except ValueError:
            # Cut off: what was read is kept.
            return
