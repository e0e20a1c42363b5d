"""Reads messages as Outlook keeps them (MSG)."""

import hashlib
from collections.abc import Callable
from email.parser import HeaderParser
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from readingroom.core.errors import DocumentChanged, DocumentCorrupt, DocumentEncrypted, DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, Member, ReadLimits
from readingroom.documents.html import HtmlText, decode_html, parse_html
from readingroom.documents.mail import headers
from readingroom.documents.mail.contents import declared_text
from readingroom.documents.mail.letter import Letter, Piece
from readingroom.documents.mail.msg_export import exported
from readingroom.documents.mail.outlook import Store, opened_message
from readingroom.documents.mail.plain_body import is_pgp_message, tidied
from readingroom.documents.mail.rtf_body import html_in, is_from_text, unpacked
from readingroom.documents.member_names import UniqueNames, plain_name, with_suffix_of, written_locator
from readingroom.documents.rtf import rtf_document

KIND = "msg"
"""How locators of attachments begin."""
_SUBJECT, _CLASS, _BODY, _HTML, _RTF, _TRANSPORT = 0x0037, 0x001A, 0x1000, 0x1013, 0x1009, 0x007D
_DATA, _LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _TYPE, _CONTENT_ID = (
    0x3701,
    0x3707,
    0x3704,
    0x3001,
    0x370E,
    0x3712,
)
_SMALL_PICTURE = 16 * 1024
_MAX_ATTACHMENTS = 1000
_NO_DOCUMENTS = frozenset(
    {"application/pgp-encrypted", "application/pgp-signature", "application/pkcs7-signature"}
)
_APPOINTMENTS = UUID("00062002-0000-0000-C000-000000000046")
_APPOINTMENT = ((0x820D, "Start"), (0x820E, "End"), (0x8208, "Location"))
"""Outlook's numbers of an appointment's properties, in their family (MS-OXPROPS)."""


def read_msg(
    path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Read the header lines a person wants and the text; attachments become members.

    Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`.
    """
    with opened_message(path, limits) as message:
        if _is_encrypted(message):
            raise DocumentEncrypted("The message is encrypted.")
        letter = Letter(_fields(message), " ".join(message.text(_SUBJECT).split())[:300])
        _add_body(message, letter, limits)
        on_progress(0, None)
        letter.members, notes = _members(message)
        letter.notes += notes
    return letter.document("msg")


def copy_outlook_attachment(path: Path, where: str, out: BinaryIO, limits: ReadLimits) -> None:
    """Write the bytes of the attachment that a locator places. Raises `DocumentChanged`, `DocumentTooLarge`."""
    with opened_message(path, limits) as message:
        attachment = message.attachment(where)
        if attachment is None:
            raise DocumentChanged("The attachment is no longer there.")
        data = _bytes_of(attachment)
    if len(data) > limits.max_bytes:
        raise DocumentTooLarge(f"The attachment is larger than {limits.max_bytes:,} bytes.")
    out.write(data)


def _is_encrypted(message: Store) -> bool:
    transport = HeaderParser().parsestr(message.text(_TRANSPORT), headersonly=True)
    if transport.get_content_type() == "multipart/encrypted":
        return True
    kind = message.text(_CLASS).lower()
    if kind.startswith("ipm.note.smime") and not kind.endswith("multipartsigned"):
        return True
    return is_pgp_message(message.text(_BODY).replace("\r\n", "\n"))


def _fields(message: Store) -> list[tuple[str, str]]:
    transport = HeaderParser().parsestr(message.text(_TRANSPORT), headersonly=True)
    sender = _person(
        message.text(0x0C1A) or message.text(0x0042), message.text(0x5D01) or message.text(0x0C1F)
    )
    people: dict[int, list[str]] = {}
    for recipient in message.recipients():
        address = recipient.text(0x39FE) or recipient.text(0x3003)
        people.setdefault(recipient.number(0x0C15), []).append(_person(recipient.text(0x3001), address))
    fields = [
        ("From", headers.field(transport, "from") or sender),
        ("To", ", ".join(people.get(1, [])) or message.text(0x0E04)),
        ("Cc", ", ".join(people.get(2, [])) or message.text(0x0E03)),
        ("Date", headers.field(transport, "date") or message.time(0x0039) or message.time(0x0E06)),
        ("Subject", message.text(_SUBJECT)),
    ]
    if message.text(_CLASS).lower().startswith(("ipm.appointment", "ipm.schedule.meeting")):
        tags = message.named(_APPOINTMENTS)
        for number, label in _APPOINTMENT:
            if number in tags:
                fields.append((label, message.time(tags[number]) or message.text(tags[number])))
    tidy = ((name, headers.shortened(" ".join(value.split()))) for name, value in fields)
    return [(name, value) for name, value in tidy if value]


def _person(name: str, address: str) -> str:
    """Within Exchange an address is a path in a directory, which tells a person nothing."""
    if "@" not in address or address == name:
        return name
    return f"{name} <{address}>" if name else address


def _add_body(message: Store, letter: Letter, limits: ReadLimits) -> None:
    plain = tidied(message.text(_BODY).replace("\r\n", "\n").replace("\r", "\n"))
    source = html_body(message)
    page: HtmlText | None = parse_html(source) if source else None
    if page is None and not plain.strip():
        rtf = _rtf(message)
        if rtf.lstrip().startswith(b"{\\rtf"):
            document = rtf_document(rtf, limits)
            letter.pieces.append(Piece(document.text, document.headings))
            letter.notes += document.notes
            return
    letter.add(plain, page, limits)


def html_body(message: Store) -> str:
    """The formatted body as a web page, also where it is wrapped in Rich Text; may be empty."""
    data = message.data(_HTML)
    if data:
        return declared_text(data, message.codec() if message.number(0x3FDE) else None) or decode_html(data)
    text = message.text(_HTML)
    if text:
        return text
    rtf = _rtf(message)
    return "" if is_from_text(rtf) else html_in(rtf)


def _rtf(message: Store) -> bytes:
    packed = message.data(_RTF)
    try:
        return unpacked(packed) if packed else b""
    except DocumentCorrupt:
        return b""


def _members(message: Store) -> tuple[tuple[Member, ...], list[str]]:
    members: list[Member] = []
    names = UniqueNames()
    for called, attachment in message.attachments():
        if attachment.text(_TYPE).lower() in _NO_DOCUMENTS:
            continue
        data = _bytes_of(attachment)
        if not data or _is_decoration(attachment, data):
            continue
        if len(members) == _MAX_ATTACHMENTS:
            return tuple(members), [
                f"Only the first {_MAX_ATTACHMENTS:,} of its attachments were read: that is the limit."
            ]
        name = names.unique(_name(attachment, len(members) + 1))
        content_hash = hashlib.blake2b(data, digest_size=32).hexdigest()
        members.append(
            Member(written_locator(KIND, called, content_hash, name), name, len(data), content_hash)
        )
    return tuple(members), []


def _bytes_of(attachment: Store) -> bytes:
    inner = attachment.embedded()
    return exported(inner, html_body) if inner is not None else attachment.data(_DATA)


def _name(attachment: Store, number: int) -> str:
    inner = attachment.embedded()
    raw = attachment.text(_LONG_NAME) or attachment.text(_SHORT_NAME) or attachment.text(_DISPLAY_NAME)
    if inner is not None:
        raw = (inner.text(_SUBJECT) or raw).replace("/", "-")
        return f"{plain_name(raw) or f'message {number}'}.eml"
    kind = attachment.text(_TYPE).lower()
    if kind == "multipart/signed":
        # What was signed: a whole message.
        return f"message {number}.eml"
    return with_suffix_of(plain_name(raw) or f"attachment {number}", kind)


def _is_decoration(attachment: Store, data: bytes) -> bool:
    """A logo or a smiley set in the text."""
    return (
        len(data) < _SMALL_PICTURE
        and bool(attachment.text(_CONTENT_ID))
        and data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM"))
    )
