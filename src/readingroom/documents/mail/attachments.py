"""Files attached to a message: what they are called, their hashes, and their bytes again."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from readingroom.core.errors import DocumentChanged, DocumentTooLarge
from readingroom.core.extraction import Member, ReadLimits
from readingroom.documents.mail import headers
from readingroom.documents.mail.mime import Part, parameter, scan
from readingroom.documents.mail.transfer import decoded
from readingroom.documents.member_names import UniqueNames, plain_name, with_suffix_of, written_locator

KIND = "mime"
"""How locators of attachments begin."""
_ENCODINGS = {"": "n", "base64": "b", "quoted-printable": "q", "uuencode": "u"}
_MAX_ATTACHMENTS = 1000
_SMALL_PICTURE = 16 * 1024
_MESSAGES = frozenset({"message/rfc822", "message/global"})


def file_name(part: Part) -> str:
    """The name that the sender gave a part; may be empty."""
    for name, header in (("filename", "content-disposition"), ("name", "content-type")):
        value = parameter(part.headers, name, header)
        if value:
            return plain_name(headers.unfolded(value))
    return ""


def members_of(stream: BinaryIO, parts: Sequence[Part]) -> tuple[tuple[Member, ...], list[str]]:
    """The attachments as documents, and notes about what was left out; small pictures set in the text are no documents."""
    members: list[Member] = []
    names = UniqueNames()
    for part in parts:
        if _is_decoration(part):
            continue
        if len(members) == _MAX_ATTACHMENTS:
            note = f"Only the first {_MAX_ATTACHMENTS:,} of its attachments were read: that is the limit."
            return tuple(members), [note]
        digest = hashlib.blake2b(digest_size=32)
        size = 0
        for block in decoded(stream, part.start, part.end, part.encoding):
            digest.update(block)
            size += len(block)
        if not size:
            continue
        name = names.unique(_name(stream, part, len(members) + 1))
        where = f"{part.start}-{part.end}-{_ENCODINGS[part.encoding]}"
        content_hash = digest.hexdigest()
        members.append(Member(written_locator(KIND, where, content_hash, name), name, size, content_hash))
    return tuple(members), []


def copy_attachment(path: Path, where: str, out: BinaryIO, limits: ReadLimits) -> None:
    """Write the bytes of the attachment that a locator places. Raises `DocumentChanged`, `DocumentTooLarge`."""
    try:
        first, last, letter = where.split("-")
        start, end = int(first), int(last)
        encoding = next(name for name, short in _ENCODINGS.items() if short == letter)
    except (ValueError, StopIteration) as error:
        raise DocumentChanged("The attachment is no longer there.") from error
    left = limits.max_bytes
    with path.open("rb") as stream:
        for block in decoded(stream, start, end, encoding):
            left -= len(block)
            if left < 0:
                raise DocumentTooLarge(f"The attachment is larger than {limits.max_bytes:,} bytes.")
            out.write(block)


def _name(stream: BinaryIO, part: Part, number: int) -> str:
    name = file_name(part)
    if not name and part.content_type in _MESSAGES:
        inner = scan(stream, part.start, min(part.end, part.start + 64 * 1024)) if not part.encoding else None
        name = plain_name(headers.subject(inner.headers).replace("/", "-")) if inner is not None else ""
        name = name or f"message {number}"
    name = name or f"attachment {number}"
    if part.content_type in _MESSAGES and not name.lower().endswith(".eml"):
        return f"{name}.eml"
    return with_suffix_of(name, part.content_type)


def _is_decoration(part: Part) -> bool:
    """A logo or a smiley."""
    return (
        part.content_type.startswith("image/")
        and part.end - part.start < _SMALL_PICTURE
        and part.headers.get("content-id") is not None
        and not str(part.headers.get("content-disposition") or "").lower().startswith("attachment")
    )
