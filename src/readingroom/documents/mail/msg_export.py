"""Writes an Outlook message that lies inside another as a message of its own, always the same bytes."""

import binascii
from collections.abc import Callable, Sequence
from email.header import Header

from readingroom.documents.mail.outlook import Store
from readingroom.documents.member_names import plain_name

_MAX_DEPTH = 8
_FIELDS = (("From", 0x0C1A), ("To", 0x0E04), ("Cc", 0x0E03), ("Subject", 0x0037))
_DATES = (0x0039, 0x0E06)
_BODY, _DATA, _LONG_NAME, _SHORT_NAME, _SUBJECT = 0x1000, 0x3701, 0x3707, 0x3704, 0x0037
_LONGEST_FIELD = 2000
_LINE_BYTES = 57
"""Of 76 characters when encoded, as RFC 2045 has it."""


def exported(message: Store, html_body: Callable[[Store], str], depth: int = 0) -> bytes:
    """The message with its attachments as they travel (RFC 5322); deeper than 8 levels attachments are left out."""
    fields = [(name, message.text(tag)) for name, tag in _FIELDS]
    fields.append(("Date", next((time for time in map(message.time, _DATES) if time), "")))
    head = b"".join(_field(name, value) for name, value in fields if value.strip())
    plain, page = message.text(_BODY), html_body(message)
    bodies = (
        [_leaf("text/plain; charset=utf-8", plain.encode("utf-8", "replace"))] if plain or not page else []
    )
    if page:
        bodies.append(_leaf("text/html; charset=utf-8", page.encode("utf-8", "replace")))
    body = bodies[0] if len(bodies) == 1 else _multipart("alternative", bodies, depth)
    attached: list[bytes] = []
    if depth < _MAX_DEPTH:
        for _, attachment in message.attachments():
            attached.append(_attachment(attachment, len(attached) + 1, html_body, depth))
    if attached:
        body = _multipart("mixed", [body, *attached], depth)
    return b"%sMIME-Version: 1.0\r\n%s" % (head, body)


def _attachment(attachment: Store, number: int, html_body: Callable[[Store], str], depth: int) -> bytes:
    inner = attachment.embedded()
    if inner is not None:
        name = plain_name(inner.text(_SUBJECT).replace("/", "-")) or f"message {number}"
        data, kind = exported(inner, html_body, depth + 1), "message/rfc822"
        return _leaf(kind, data, f"{name}.eml")
    name = plain_name(attachment.text(_LONG_NAME) or attachment.text(_SHORT_NAME)) or f"attachment {number}"
    return _leaf("application/octet-stream", attachment.data(_DATA), name)


def _field(name: str, value: str) -> bytes:
    text = " ".join(value.encode("utf-8", "replace").decode("utf-8").split())[:_LONGEST_FIELD]
    if not text.isascii():
        text = Header(text, "utf-8").encode(linesep="\r\n")
    return f"{name}: {text}\r\n".encode("ascii", "replace")


def _leaf(kind: str, data: bytes, name: str = "") -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n".encode()
    if name:
        quoted = "".join(f"%{byte:02X}" for byte in name.encode("utf-8", "replace"))
        head += f"Content-Disposition: attachment; filename*=utf-8''{quoted}\r\n".encode()
    lines = (
        binascii.b2a_base64(data[at : at + _LINE_BYTES], newline=False)
        for at in range(0, len(data), _LINE_BYTES)
    )
    return head + b"\r\n" + b"\r\n".join(lines)


def _multipart(kind: str, parts: Sequence[bytes], depth: int) -> bytes:
    # All inside is base64: no line of it can be mistaken for this one.
    boundary = f"=_{kind}_{depth}".encode()
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts)
    return b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n%s--%s--\r\n' % (
        kind.encode(),
        boundary,
        body,
        boundary,
    )
