"""Reads mailboxes: each message is a document of its own, found again by where it stands in the file."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, Member, Page, ReadLimits
from readingroom.documents.mail import headers
from readingroom.documents.mail.mime import parsed_headers
from readingroom.documents.member_names import plain_name, written_locator

KIND = "mbox"
"""How locators of messages begin."""
_BLOCK = 1024 * 1024
_MAX_MESSAGES = 500_000
_HEAD_BYTES = 16 * 1024
"""Of a message, in which its subject is looked for."""
_LONGEST_SUBJECT = 80
_LONGEST_SEPARATOR = 512
_BEFORE, _AFTER = 4, 4096
"""Bytes around a separator that tell whether it is one."""
_DAY = re.compile(rb"\b(?:mon|tue|wed|thu|fri|sat|sun),?\s", re.IGNORECASE)
_TIME = re.compile(rb"\s\d{1,2}:\d\d")
_ISO_TIME = re.compile(rb"\s\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_KNOWN_FIELD = re.compile(
    rb"(?:received|return-path|from|to|subject|date|message-id|mime-version|delivered-to|status|x-[\w-]{1,40}"
    rb"|content-[\w-]{1,40})[ \t]*:",
    re.IGNORECASE,
)
"""What follows a separator without a date."""
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_STATUS = re.compile(rb"^X-Mozilla-Status: ([0-9a-f]{4})", re.MULTILINE | re.IGNORECASE)
_DELETED = 0x0008
_HEADER_END = re.compile(rb"\r?\n\r?\n")


def read_mbox(
    path: Path, _limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Scan the mailbox once, some megabytes in memory at a time; its messages become members, itself it has no text.

    Raises `DocumentCorrupt` when there is none.
    """
    members: list[Member] = []
    deleted = 0
    notes: list[str] = []
    with path.open("rb") as stream:
        for message in _messages(stream):
            if message.deleted:
                deleted += 1
                continue
            if len(members) == _MAX_MESSAGES:
                notes.append(f"Only the first {_MAX_MESSAGES:,} messages were read: that is the limit.")
                break
            number = len(members) + 1
            name = f"{number:04d} {message.subject}".rstrip() + ".eml"
            where = f"{message.start}-{message.end}"
            locator = written_locator(KIND, where, message.content_hash, name)
            members.append(Member(locator, name, message.size_bytes, message.content_hash))
            on_progress(0, None)
    if not members and not deleted:
        raise DocumentCorrupt("The file is damaged: there is no message in the mailbox.")
    if deleted:
        were = "1 message was" if deleted == 1 else f"{deleted:,} messages were"
        notes.append(f"{were} left out: deleted, though still in the file.")
    amount = "1 message, a" if len(members) == 1 else f"{len(members):,} messages, each a"
    notes.insert(0, f"{amount} document of its own.")
    return ExtractedDocument("mbox", (Page(None, 0, ""),), notes=tuple(notes), members=tuple(members))


def copy_message(path: Path, where: str, out: BinaryIO, limits: ReadLimits) -> None:
    """Write the message that a locator places. Raises `DocumentChanged`, `DocumentTooLarge`."""
    first, _, last = where.partition("-")
    if not (first.isdigit() and last.isdigit()):
        raise DocumentChanged("The message is no longer there.")
    start, end = int(first), int(last)
    if end - start > limits.max_bytes:
        raise DocumentTooLarge(f"The message is larger than {limits.max_bytes:,} bytes.")
    with path.open("rb") as stream:
        stream.seek(start)
        out.writelines(_unquoted(piece, fresh=fresh) for piece, fresh in _pieces(stream, end - start))


class _Message:
    """A message that is being scanned; its bytes are hashed as they will be copied."""

    def __init__(self, start: int) -> None:
        self.start = self.end = start
        self.size_bytes = 0
        self.subject = self.content_hash = ""
        self.deleted = False
        self._digest = hashlib.blake2b(digest_size=32)
        self._head = bytearray()
        self._ends_line = False
        self._held = b""
        """A line end that belongs to the mailbox if it is the last."""

    def take(self, piece: bytes, *, fresh: bool) -> None:
        """The next bytes of it; `fresh` where a line begins."""
        if not piece:
            return
        self.end += len(piece)
        piece = self._held + _unquoted(piece, fresh=fresh)
        kept = len(piece)
        if piece.endswith(b"\n"):
            kept -= 2 if piece.endswith(b"\r\n") else 1
        self._held = piece[kept:]
        self._feed(piece[:kept])

    def close(self, *, last: bool) -> None:
        """The mailbox ends, or the next message begins; a blank line before either belongs to neither."""
        if last and not self._ends_line:
            self._feed(self._held)
        else:
            self.end -= len(self._held)
        self.content_hash = self._digest.hexdigest()
        head = bytes(self._head)
        blank = _HEADER_END.search(head)
        header = head[: blank.start()] if blank else head
        self.subject = plain_name(
            headers.subject(parsed_headers(header)).replace("/", "-")[:_LONGEST_SUBJECT]
        )
        status = _STATUS.search(header)
        self.deleted = status is not None and bool(int(status[1], 16) & _DELETED)

    def _feed(self, piece: bytes) -> None:
        if piece:
            self._ends_line = piece.endswith(b"\n")
        self._digest.update(piece)
        self.size_bytes += len(piece)
        if len(self._head) < _HEAD_BYTES:
            self._head += piece[:_HEAD_BYTES]


def _messages(stream: BinaryIO) -> Iterator[_Message]:
    # As if a blank line stood before the file.
    buffer, base, at = b"\n\n", -2, 2
    message: _Message | None = None
    while True:
        block = stream.read(_BLOCK)
        buffer += block
        limit = _judged(buffer, at) if block else len(buffer)
        while found := _separator(buffer, at, limit):
            start, stop = found
            if message is not None:
                message.take(buffer[at:start], fresh=buffer[at - 1 : at] == b"\n")
                message.close(last=False)
                yield message
            message = _Message(base + stop)
            at = stop
        limit = max(limit, at)
        if message is not None:
            message.take(buffer[at:limit], fresh=buffer[at - 1 : at] == b"\n")
        if not block:
            break
        done = max(limit - _BEFORE, 0)
        base, buffer, at = base + done, buffer[done:], limit - done
    if message is not None:
        message.close(last=True)
        yield message


def _judged(buffer: bytes, at: int) -> int:
    """Up to where separators can be told: what follows them must be at hand."""
    end = max(len(buffer) - _AFTER, at)
    line = buffer.rfind(b"\n", at, end) + 1
    if line > at:
        return line
    # A line that does not end is not waited for.
    return end if end - at > _BLOCK else at


def _separator(buffer: bytes, at: int, limit: int) -> tuple[int, int] | None:
    """Where the next separator line begins and ends."""
    while (found := buffer.find(b"\nFrom ", at - 1, limit + 5)) >= 0:
        start = found + 1
        if start >= limit:
            return None
        stop = buffer.find(b"\n", start, start + _LONGEST_SEPARATOR) + 1
        if stop and buffer.endswith((b"\n", b"\n\r"), 0, found):
            line = buffer[start:stop]
            is_dated = (_DAY.search(line) and _TIME.search(line)) or _ISO_TIME.search(line)
            if is_dated or _KNOWN_FIELD.match(buffer, stop, stop + _LONGEST_SEPARATOR):
                return start, stop
        at = start + 1
    return None


def _unquoted(piece: bytes, *, fresh: bool) -> bytes:
    """Lines that would have passed for separators were quoted when the message was put in."""
    if b">From " not in piece:
        return piece
    if fresh:
        return _QUOTED.sub(rb"\1", piece)
    line = piece.find(b"\n") + 1
    return piece[:line] + _QUOTED.sub(rb"\1", piece[line:]) if line else piece


def _pieces(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """(whole lines or a piece of a long one, whether a line begins there)."""
    rest, fresh = b"", True
    while size > 0 and (block := stream.read(min(_BLOCK, size))):
        size -= len(block)
        block = rest + block
        cut = block.rfind(b"\n") + 1 or (len(block) if len(block) > _BLOCK else 0)
        rest = block[cut:]
        if cut:
            yield block[:cut], fresh
            fresh = block[cut - 1 : cut] == b"\n"
    if rest:
        yield rest, fresh
