"""Undoes the encodings that carry bytes through mail, a block at a time."""

import binascii
from collections.abc import Iterator
from typing import BinaryIO

_BLOCK = 256 * 1024
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(byte for byte in range(256) if byte not in _BASE64)
_ESCAPE = 3
"""Length of `=3D`."""


def decoded(stream: BinaryIO, start: int, end: int, encoding: str) -> Iterator[bytes]:
    """The bytes that [start, end) of a file stands for, never more than those; what is broken is skipped."""
    blocks = _blocks(stream, start, end)
    match encoding:
        case "base64":
            return _from_base64(blocks)
        case "quoted-printable":
            return _from_quoted(blocks)
        case "uuencode":
            return _from_uuencoded(blocks)
        case _:
            return blocks


def _blocks(stream: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    at = start
    while at < end:
        stream.seek(at)
        block = stream.read(min(_BLOCK, end - at))
        if not block:
            return
        at += len(block)
        yield block


def _from_base64(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *ended, rest = (rest + block.translate(None, _NOT_BASE64)).split(b"=")
        for piece in ended:
            yield _quads(piece)
        whole = len(rest) // 4 * 4
        yield _quads(rest[:whole])
        rest = rest[whole:]
    yield _quads(rest)


def _quads(piece: bytes) -> bytes:
    if len(piece) % 4 == 1:
        piece = piece[:-1]
    return binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))


def _from_quoted(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        data = rest + block
        cut = data.rfind(b"\n") + 1
        if not cut:
            # A line without end: no escape is cut in two.
            last = data.rfind(b"=", max(len(data) - _ESCAPE, 0))
            cut = last if last >= 0 else len(data)
        yield binascii.a2b_qp(data[:cut])
        rest = data[cut:]
    yield binascii.a2b_qp(rest)


def _from_uuencoded(blocks: Iterator[bytes]) -> Iterator[bytes]:
    rest, inside = b"", False
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if line.startswith(b"begin "):
                inside = True
            elif inside and line.strip() in {b"end", b"`", b""}:
                inside = line.strip() != b"end"
            elif inside:
                yield _uu_line(line.rstrip(b"\r"))


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        pass
    try:
        # Some encoders write more than the line's length says.
        return binascii.a2b_uu(line[: ((line[0] - 32) & 63) * 4 // 3 + 5])
    except binascii.Error:
        return b""
