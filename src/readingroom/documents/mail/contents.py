"""Takes a message apart: what is its text, and what is attached to it."""

from typing import BinaryIO

from readingroom.core.errors import DocumentEncrypted, DocumentTooLarge
from readingroom.core.extraction import ReadLimits
from readingroom.documents.decoding import NotText, decode
from readingroom.documents.html import HtmlText, decode_html, parse_html
from readingroom.documents.mail.attachments import file_name
from readingroom.documents.mail.calendar import calendar_text
from readingroom.documents.mail.letter import Letter, Piece
from readingroom.documents.mail.mime import Part, parameter
from readingroom.documents.mail.plain_body import is_pgp_message, tidied
from readingroom.documents.mail.transfer import decoded

_LOCKED = DocumentEncrypted("The message is encrypted.")
_SIGNATURES = frozenset(
    {
        *("application/pgp-signature", "application/pgp-keys", "application/pkcs7-signature"),
        *("application/x-pkcs7-signature", "text/x-amp-html", "application/pgp-encrypted"),
    }
)
_REPORTS = frozenset(
    {
        *("message/delivery-status", "message/disposition-notification", "text/rfc822-headers"),
        *("message/feedback-report", "message/global-delivery-status"),
    }
)
_WRAPPED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_ENVELOPED = bytes.fromhex("2a864886f70d010703")
"""Object identifiers of S/MIME contents that only the addressee can open (RFC 5652, RFC 5083)."""
_AUTH_ENVELOPED = bytes.fromhex("2a864886f70d0109100117")
_LONGEST_BODY = 64 * 1024 * 1024


def take_apart(stream: BinaryIO, root: Part, letter: Letter, limits: ReadLimits) -> list[Part]:
    """Fill in what the message says and give its attachments. Raises `DocumentEncrypted`, `DocumentTooLarge`."""
    reading = _Reading(stream, letter, limits)
    reading.take(root)
    return reading.attached


class _Reading:
    """Goes through the parts of one message."""

    def __init__(self, stream: BinaryIO, letter: Letter, limits: ReadLimits) -> None:
        self._stream = stream
        self._letter = letter
        self._limits = limits
        self.attached: list[Part] = []

    def take(self, part: Part, *, is_root: bool = True) -> None:
        kind = part.content_type
        if kind == "multipart/encrypted":
            if is_root:
                raise _LOCKED
            self._letter.notes.append("A part of the message is encrypted.")
        elif kind in _WRAPPED:
            self._take_wrapped(part, is_root=is_root)
        elif kind == "multipart/alternative" and part.children:
            self._take_alternatives(part)
        elif part.children:
            for child in part.children:
                self.take(child, is_root=is_root and kind == "multipart/signed")
        elif kind in _SIGNATURES or kind.startswith("multipart/"):
            return
        elif _is_attached(part):
            self.attached.append(part)
        else:
            self._add(part, None, is_root=is_root)

    def _take_alternatives(self, part: Part) -> None:
        """The same said in several ways: the plain and the formatted one, and an invitation beside them."""
        plain: Part | None = None
        formatted: Part | None = None
        for leaf in part.leaves():
            if leaf.content_type in _SIGNATURES:
                continue
            if _is_attached(leaf):
                self.attached.append(leaf)
            elif leaf.content_type == "text/html":
                formatted = formatted or leaf
            elif leaf.content_type == "text/calendar":
                self._letter.pieces.append(Piece(calendar_text(body_text(self._stream, leaf))))
            else:
                plain = plain or leaf
        self._add(plain, formatted)

    def _take_wrapped(self, part: Part, *, is_root: bool) -> None:
        head = next(decoded(self._stream, part.start, part.end, part.encoding), b"")[:200]
        smime = parameter(part.headers, "smime-type").lower()
        if smime.endswith("enveloped-data") or _ENVELOPED in head or _AUTH_ENVELOPED in head:
            if is_root:
                raise _LOCKED
            self._letter.notes.append("A part of the message is encrypted.")
        elif smime != "certs-only":
            self._letter.notes.append(
                "The message is wrapped in a digital signature (.p7m) that is not read."
            )

    def _add(self, first: Part | None, formatted: Part | None, *, is_root: bool = False) -> None:
        """A body, in one form or two."""
        if formatted is None and first is not None and first.content_type == "text/html":
            first, formatted = None, first
        plain = self._plain(first) if first is not None else ""
        if first is not None and is_pgp_message(plain):
            if is_root:
                raise _LOCKED
            self._letter.notes.append("A part of the message is encrypted.")
            plain = ""
        self._letter.add(
            plain, body_page(self._stream, formatted) if formatted is not None else None, self._limits
        )

    def _plain(self, part: Part) -> str:
        text = body_text(self._stream, part)
        match part.content_type:
            case "text/calendar":
                return calendar_text(text)
            case "text/enriched" | "text/richtext":
                return "\n".join(block.text for block in parse_html(text).blocks)
            case kind if kind in _REPORTS:
                return "\n".join(line.strip() for line in text.splitlines()).strip()
        flowed = parameter(part.headers, "format").lower() == "flowed"
        return tidied(text, flowed=flowed, delete_space=parameter(part.headers, "delsp").lower() == "yes")


def body_page(stream: BinaryIO, part: Part) -> HtmlText:
    """A part that is a web page. Raises `DocumentTooLarge`."""
    data, charset = _body(stream, part)
    try:
        return parse_html(declared_text(data, charset) or decode_html(data, charset))
    except NotText:
        return HtmlText()


def body_text(stream: BinaryIO, part: Part) -> str:
    """A part that is text; empty where it is not."""
    data, charset = _body(stream, part)
    try:
        return declared_text(data, charset) or decode(data, declared=charset).text
    except NotText:
        return ""


def _body(stream: BinaryIO, part: Part) -> tuple[bytes, str | None]:
    if part.end - part.start > _LONGEST_BODY:
        raise DocumentTooLarge(f"The message's text has more than {_LONGEST_BODY // (1024 * 1024)} MB.")
    data = b"".join(decoded(stream, part.start, part.end, part.encoding))
    return data, parameter(part.headers, "charset") or None


def declared_text(data: bytes, charset: str | None) -> str:
    """Decode as a message declares, which it mostly does rightly; empty where that cannot be."""
    if charset is None:
        return ""
    charset = charset.lower()
    is_seven_bit = charset.startswith(("iso-2022", "hz", "utf-7"))
    try:
        if not is_seven_bit and not data.isascii() and b"\x00" not in data:
            # A message that says Latin-1 and is UTF-8 is a common mistake, the reverse is not.
            return _with_plain_newlines(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if charset in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"}:
        charset = "cp1252"
    try:
        text = data.decode(charset)
    except (LookupError, UnicodeError, ValueError):
        return ""
    return _with_plain_newlines(text)


def _with_plain_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _is_attached(part: Part) -> bool:
    kind = part.content_type
    if kind in _REPORTS:
        return False
    disposition = str(part.headers.get("content-disposition") or "").strip().lower()
    if disposition.startswith("attachment"):
        return True
    if kind == "text/calendar":
        return False
    return not kind.startswith("text/") or bool(file_name(part))
