"""What Outlook keeps of a message (MSG): properties of storages in an OLE file."""

import codecs
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from readingroom.core.errors import DocumentCorrupt, DocumentTooLarge
from readingroom.core.extraction import ReadLimits

_PROPERTIES = "__properties_version1.0"
_NAMES = "__nameid_version1.0"
_ATTACHMENT, _RECIPIENT = "__attach_version1.0_#", "__recip_version1.0_#"
EMBEDDED = "__substg1.0_3701000D"
_TOP_HEADER, _EMBEDDED_HEADER, _INNER_HEADER = 32, 24, 8
"""Bytes before the properties of the message, of one inside it, and of recipients and attachments (MS-OXMSG 2.4)."""
_ENTRY = struct.Struct("<HHI8s")
_NUMBERS = frozenset({0x0002, 0x0003, 0x000B, 0x0040})
"""Types of properties that stand here themselves (MS-OXCDATA 2.11.1): of others, only their length."""
_NAMED_FROM = 0x8000
_NAMED_ENTRIES, _NAMED_FAMILIES = "__substg1.0_00030102", "__substg1.0_00020102"
_FIRST_FAMILY = 3
"""Of those listed; the first numbers mean families that are known."""
_CODE_PAGES = (0x3FFD, 0x3FDE)
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_DAMAGED = "The file is damaged: it is not a whole Outlook message."


class Store:
    """A storage of the file: the message, an attachment, a recipient."""

    def __init__(self, ole: Any, path: tuple[str, ...], header: int, limits: ReadLimits) -> None:
        self._ole = ole
        self._path = path
        self._limits = limits
        self._fixed: dict[int, bytes] = {}
        if self._has(_PROPERTIES):
            data = self._read(_PROPERTIES)
            for kind, tag, _, value in _ENTRY.iter_unpack(_whole(data[header:], _ENTRY.size)):
                if kind in _NUMBERS:
                    self._fixed.setdefault(tag, value)

    def text(self, tag: int) -> str:
        """A property that is text; empty where there is none."""
        name = f"__substg1.0_{tag:04X}"
        if self._has(f"{name}001F"):
            return self._read(f"{name}001F").decode("utf-16-le", "replace").replace("\x00", "")
        if self._has(f"{name}001E"):
            return self._read(f"{name}001E").decode(self.codec(), "replace").replace("\x00", "")
        return ""

    def data(self, tag: int) -> bytes:
        """A property that is bytes; empty where there is none."""
        name = f"__substg1.0_{tag:04X}0102"
        return self._read(name) if self._has(name) else b""

    def number(self, tag: int) -> int:
        """A property that is a number or a truth value; 0 where there is none."""
        return int.from_bytes(self._fixed.get(tag, b"")[:4], "little")

    def time(self, tag: int) -> str:
        """A time as `2024-05-03 14:00 UTC`; empty where there is none."""
        ticks = int.from_bytes(self._fixed.get(tag, b""), "little")
        try:
            return f"{_EPOCH + timedelta(microseconds=ticks // 10):%Y-%m-%d %H:%M} UTC" if ticks else ""
        except OverflowError:
            return ""

    def codec(self) -> str:
        """Of text that is not Unicode."""
        for tag in _CODE_PAGES:
            page = self.number(tag)
            name = {0: "", 65001: "utf-8", 20127: "cp1252", 28591: "cp1252"}.get(page, f"cp{page}")
            try:
                if name:
                    return codecs.lookup(name).name
            except LookupError:
                continue
        return "cp1252"

    def attachments(self) -> Iterator[tuple[str, "Store"]]:
        """(what its storage is called, attachment), in order."""
        yield from self._inner(_ATTACHMENT)

    def recipients(self) -> Iterator["Store"]:
        """Those the message went to."""
        for _, store in self._inner(_RECIPIENT):
            yield store

    def attachment(self, called: str) -> "Store | None":
        """An attachment by what its storage is called."""
        if not self._has(f"{_ATTACHMENT}{called}"):
            return None
        return Store(self._ole, (*self._path, f"{_ATTACHMENT}{called}"), _INNER_HEADER, self._limits)

    def embedded(self) -> "Store | None":
        """The message that an attachment holds."""
        if not self._has(f"{EMBEDDED}/{_PROPERTIES}"):
            return None
        return Store(self._ole, (*self._path, EMBEDDED), _EMBEDDED_HEADER, self._limits)

    def named(self, family: UUID) -> dict[int, int]:
        """Which property each of a family of Outlook's own numbered properties is (MS-OXMSG 2.2.3)."""
        entries, families = f"{_NAMES}/{_NAMED_ENTRIES}", f"{_NAMES}/{_NAMED_FAMILIES}"
        if not self._ole.exists(entries) or not self._ole.exists(families):
            return {}
        ids = self._open(families)
        tags: dict[int, int] = {}
        for number, kind, index in struct.iter_unpack("<IHH", _whole(self._open(entries), 8)):
            at = ((kind >> 1) - _FIRST_FAMILY) * 16
            if not kind & 1 and at >= 0 and ids[at : at + 16] == family.bytes_le:
                tags[number] = _NAMED_FROM + index
        return tags

    def _inner(self, prefix: str) -> Iterator[tuple[str, "Store"]]:
        depth = len(self._path)
        found = {
            entry[depth]
            for entry in self._ole.listdir(streams=False, storages=True)
            if len(entry) > depth and tuple(entry[:depth]) == self._path and entry[depth].startswith(prefix)
        }
        for name in sorted(found):
            yield (
                name.removeprefix(prefix),
                Store(self._ole, (*self._path, name), _INNER_HEADER, self._limits),
            )

    def _has(self, name: str) -> bool:
        return bool(self._ole.exists("/".join((*self._path, name))))

    def _read(self, name: str) -> bytes:
        return self._open("/".join((*self._path, name)))

    def _open(self, path: str) -> bytes:
        if self._ole.get_size(path) > self._limits.max_bytes:
            raise DocumentTooLarge(f"A part of the message is larger than {self._limits.max_bytes:,} bytes.")
        data: bytes = self._ole.openstream(path).read()
        return data


def _whole(data: bytes, size: int) -> bytes:
    """As much as makes whole entries."""
    return data[: len(data) // size * size]


@contextmanager
def opened_message(path: Path, limits: ReadLimits) -> Iterator[Store]:
    """Open a message. Whatever is wrong with it within the `with` block raises `DocumentCorrupt`."""
    import olefile

    try:
        with path.open("rb") as stream, olefile.OleFileIO(stream) as ole:  # type: ignore[no-untyped-call]
            if not ole.exists(_PROPERTIES):
                raise DocumentCorrupt(_DAMAGED)
            yield Store(ole, (), _TOP_HEADER, limits)
    except OSError as error:
        # The library's own errors are of this kind too, without a number.
        if error.errno is not None:
            raise
        raise DocumentCorrupt(_DAMAGED) from error
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
        struct.error,
        RecursionError,
    ) as error:
        raise DocumentCorrupt(_DAMAGED) from error
