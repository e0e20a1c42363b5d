"""Goes through Rich Text (RTF 1.9): groups, control words, and characters in whatever encoding."""

import codecs
import re
from dataclasses import dataclass

from readingroom.core.errors import DocumentCorrupt

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?[0-9]{1,10})? ?"
    rb"|\\'(?P<hex>[0-9a-fA-F]{2})"
    rb"|\\(?P<symbol>[^a-zA-Z'])"
    rb"|(?P<brace>[{}])"
    rb"|(?P<text>[^\\{}\r\n\x00]+)"
    rb"|[\r\n\x00]+|\\'?",
    re.DOTALL,
)
_BRACES = re.compile(rb"\\[^a-zA-Z]|\\bin([0-9]{1,10}) ?|[{}]", re.DOTALL)
_MAX_DEPTH = 2000
_CHARSETS = {
    int(number): codec
    for number, codec in (
        pair.split("=")
        for pair in (
            "77=mac_roman 128=cp932 129=cp949 130=johab 134=gb18030 136=cp950 161=cp1253 162=cp1254 163=cp1258 "
            "177=cp1255 178=cp1256 186=cp1257 204=cp1251 222=cp874 238=cp1250 254=cp437"
        ).split()
    )
}
"""What `\\fcharset` means; others are the document's own."""
_CHARACTERS = dict(
    zip(
        (
            "tab",
            "emdash",
            "endash",
            "emspace",
            "enspace",
            "bullet",
            "lquote",
            "rquote",
            "ldblquote",
            "rdblquote",
        ),
        "\t—– \u2002•‘’“”",
        strict=True,
    )
)
_SYMBOLS = {b"~": "\xa0", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\", b"-": ""}
_NOT_TEXT = frozenset(
    {
        *("fonttbl", "colortbl", "stylesheet", "info", "pict", "nonshppict", "filetbl", "xe", "tc", "tcn"),
        *("ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "template", "private", "comment"),
        *("upr", "fldinst", "objdata", "shprslt", "sp", "mmathPict", "revtbl", "rxe", "txe", "pgdsctbl"),
    }
)
"""Destinations whose contents are not read as text."""
_SKIPPED_WHOLE = frozenset(
    {"pict", "nonshppict", "objdata", "themedata", "datastore", "colorschememapping", "blipuid", "shprslt"}
)
"""Those that hold nothing but data: gone over brace by brace."""


@dataclass(slots=True)
class Group:
    """What a brace opens: everything in it is undone by the brace that closes it."""

    destination: str = ""
    ignored: bool = False
    """Its contents are not text."""
    font: int = -1
    unicode_skip: int = 1

    def copy(self) -> "Group":
        """For a group inside this one."""
        return Group(self.destination, self.ignored, self.font, self.unicode_skip)


class RtfWalk:
    """Calls `text`, `word` and `close_group` in the order of the file. Linear, without recursion."""

    known_destinations: frozenset[str] = frozenset()
    """Destinations marked as optional (`\\*`) that are read nevertheless."""

    def __init__(self) -> None:
        self.group = Group()
        self._stack: list[Group] = []
        self._codec = "cp1252"
        self._fonts: dict[int, str] = {}
        self._defined_font = -1
        self._default_font = -1
        self._bytes = bytearray()
        self._high = 0
        """First half of a character beyond the basic plane."""
        self._left_to_skip = 0
        self._optional = False
        self._data = b""
        self._at = 0

    def text(self, text: str) -> None:
        """Characters of a group that is not ignored."""
        raise NotImplementedError

    def word(self, word: str, number: int | None) -> None:
        """A control word that this class does not deal with itself."""
        raise NotImplementedError

    def open_group(self) -> None:
        """A brace opens; what is set from here on is undone by the one that closes it."""

    def close_group(self, closed: Group, outer: Group) -> None:
        """A brace closes."""

    def run(self, data: bytes) -> None:
        """Go through a file. Raises `DocumentCorrupt` for absurd nesting."""
        self._data, self._at = data, 0
        while (match := _TOKEN.match(data, self._at)) is not None:
            self._at = match.end()
            match match.lastgroup:
                case "text":
                    self._take_bytes(match["text"])
                case "word" | "number":
                    self._take_word(match["word"].decode("ascii"), match["number"])
                case "hex":
                    self._take_bytes(bytes.fromhex(match["hex"].decode("ascii")))
                case "symbol":
                    self._take_symbol(match["symbol"])
                case "brace":
                    self._take_brace(opens=match["brace"] == b"{")
        self.flush()
        while self._stack:
            self._close()

    def flush(self) -> None:
        """Hand on the characters gathered until here."""
        if not self._bytes:
            return
        data = bytes(self._bytes)
        self._bytes.clear()
        self._emit(data.decode(self._fonts.get(self.group.font, self._codec), "replace"))

    def _emit(self, text: str) -> None:
        if self.group.destination == "fonttbl":
            return
        if not self.group.ignored or self.group.destination in self.known_destinations:
            self.text(text)

    def _take_bytes(self, data: bytes) -> None:
        if self._left_to_skip:
            # What stands for a Unicode character in programs that know none.
            skipped = min(self._left_to_skip, len(data))
            self._left_to_skip -= skipped
            data = data[skipped:]
        self._bytes += data

    def _take_symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._optional = True
        elif symbol in {b"\r", b"\n"}:
            self.flush()
            self.word("par", None)
        elif symbol in _SYMBOLS:
            if self._left_to_skip:
                self._left_to_skip -= 1
                return
            self.flush()
            self._emit(_SYMBOLS[symbol])

    def _take_brace(self, *, opens: bool) -> None:
        self.flush()
        self._left_to_skip = 0
        self._optional = False
        if opens:
            if len(self._stack) >= _MAX_DEPTH:
                raise DocumentCorrupt("The file is damaged: its groups are nested too deeply.")
            self._stack.append(self.group)
            self.group = self.group.copy()
            self.open_group()
        elif self._stack:
            self._close()

    def _close(self) -> None:
        closed, self.group = self.group, self._stack.pop()
        self.close_group(closed, self.group)

    def _take_word(self, word: str, raw: bytes | None) -> None:
        number = int(raw) if raw else None
        if self._left_to_skip and word not in {"u", "bin"}:
            self._left_to_skip -= 1
            return
        if word == "u" and number is not None:
            self._take_unicode(number)
            return
        self.flush()
        optional, self._optional = self._optional, False
        if word in _CHARACTERS:
            self._emit(_CHARACTERS[word])
        elif word == "bin":
            self._at += max(number or 0, 0)
        elif word == "uc":
            self.group.unicode_skip = min(max(number or 0, 0), 10)
        elif word in _SKIPPED_WHOLE:
            self._skip_group()
        elif word == "ud":
            self.group.ignored = False
        elif word in _NOT_TEXT or (optional and word not in self.known_destinations):
            self.group.destination, self.group.ignored = word, True
        elif not self._take_encoding(word, number):
            self.word(word, number)

    def _take_unicode(self, number: int) -> None:
        self.flush()
        code = number + 0x10000 if number < 0 else number
        self._left_to_skip = self.group.unicode_skip
        high, self._high = self._high, 0
        if 0xD800 <= code < 0xDC00:
            self._high = code
        elif 0xDC00 <= code < 0xE000:
            if high:
                self._emit(chr(0x10000 + ((high - 0xD800) << 10) + code - 0xDC00))
        elif 0xF000 <= code < 0xF100:
            # A character of a symbol font, by its place there.
            self._emit(bytes([code - 0xF000]).decode("cp1252", "replace"))
        elif 0 < code < 0x110000:
            self._emit(chr(code))

    def _take_encoding(self, word: str, number: int | None) -> bool:
        """Words that tell the encoding of what follows."""
        in_table = self.group.destination == "fonttbl"
        match word:
            case "ansicpg" | "cpg" if number is not None:
                codec = _known_codec(number)
                if word == "ansicpg":
                    self._codec = codec or self._codec
                elif in_table and codec:
                    self._fonts[self._defined_font] = codec
            case "mac" | "pc" | "pca" if not self._stack or len(self._stack) == 1:
                self._codec = {"mac": "mac_roman", "pc": "cp437"}.get(word, "cp850")
            case "deff":
                self._default_font = self.group.font = number or 0
            case "f" if in_table:
                self._defined_font = number or 0
            case "fcharset" if in_table:
                if number in _CHARSETS:
                    self._fonts[self._defined_font] = _CHARSETS[number]
            case "f":
                self.group.font = number or 0
            case "plain":
                self.group.font = self._default_font
                self.word(word, number)
            case _:
                return False
        return True

    def _skip_group(self) -> None:
        """Go to the brace that closes the group."""
        depth, at = 0, self._at
        while (match := _BRACES.search(self._data, at)) is not None:
            at = match.end()
            if match[1]:
                at += int(match[1])
            elif match.group() == b"{":
                depth += 1
            elif match.group() == b"}":
                depth -= 1
                if depth < 0:
                    self._at = match.start()
                    return
        self._at = len(self._data)


def _known_codec(number: int) -> str:
    name = {0: "cp1252", 65001: "utf-8", 10000: "mac_roman", 936: "gb18030", 1361: "johab"}.get(
        number, f"cp{number}"
    )
    try:
        codecs.lookup(name)
    except LookupError:
        return ""
    return name
