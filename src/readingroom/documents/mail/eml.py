"""Reads messages as they travel (EML) and as Apple Mail keeps them (EMLX)."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.mail import headers
from readingroom.documents.mail.attachments import members_of
from readingroom.documents.mail.contents import take_apart
from readingroom.documents.mail.letter import Letter
from readingroom.documents.mail.mime import scan

_LENGTH = re.compile(rb"(\d{1,12})[ \t]*\r?\n")
"""What an EMLX file begins with: the bytes of the message; what follows it is the program's own."""


def read_eml(
    path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Read the header lines a person wants and the text; attachments become members.

    Raises `DocumentEncrypted`, `DocumentTooLarge`.
    """
    with path.open("rb") as stream:
        start, end = _message_span(stream)
        root = scan(stream, start, end)
        on_progress(0, None)
        letter = Letter(headers.shown_fields(root.headers), headers.subject(root.headers))
        attached = take_apart(stream, root, letter, limits)
        on_progress(0, None)
        letter.members, notes = members_of(stream, attached)
        letter.notes += notes
    return letter.document("eml")


def _message_span(stream: BinaryIO) -> tuple[int, int]:
    head = stream.read(32)
    size = stream.seek(0, 2)
    match = _LENGTH.match(head)
    if match is None:
        return 0, size
    return match.end(), min(match.end() + int(match[1]), size)
