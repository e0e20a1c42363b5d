"""Header fields as a person reads them."""

import re
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from readingroom.documents.decoding import NotText, decode

SHOWN = ("From", "Sender", "To", "Cc", "Date", "Subject")
"""What is read as text, in this order."""
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bqBQ]\?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST = 2000
_LONGEST_TITLE = 300
_MAX_ENCODED = 8_000


def field(headers: Message, name: str) -> str:
    """A field's text on one line, its encoded words undone; empty where there is none."""
    values = headers.get_all(name) or []
    texts = [unfolded(str(value)) for value in values[:20]]
    return ", ".join(dict.fromkeys(text for text in texts if text))


def subject(headers: Message) -> str:
    """The subject, short enough for a title."""
    return field(headers, "subject")[:_LONGEST_TITLE]


def shown_fields(headers: Message) -> list[tuple[str, str]]:
    """Names and texts of the fields a person wants to see."""
    fields: list[tuple[str, str]] = []
    for name in SHOWN:
        text = field(headers, name)
        if name == "Sender" and text == dict(fields).get("From"):
            continue
        if text:
            fields.append((name, shortened(text)))
    return fields


def shortened(text: str) -> str:
    """A long list of recipients cut at an address."""
    if len(text) <= _LONGEST:
        return text
    kept = text[:_LONGEST].rpartition(", ")[0] or text[:_LONGEST]
    return f"{kept}, … ({text.count('@') - kept.count('@'):,} more)"


def unfolded(raw: str) -> str:
    """A raw field with its encoded words undone, on one line; also what was sent as plain 8-bit text."""
    # Folds go first: to the decoder, white space after a line end is nothing.
    text = " ".join(_without_surrogates(raw).split())
    if _ENCODED_WORD.search(text):
        text = _decoded_words(text[:_MAX_ENCODED])
    return " ".join(_CONTROLS.sub(" ", text).split())


def _without_surrogates(raw: str) -> str:
    if raw.isascii():
        return raw
    try:
        return decode(raw.encode("ascii", "surrogateescape")).text
    except (NotText, UnicodeEncodeError):
        return raw.encode("utf-8", "replace").decode("utf-8")


def _decoded_words(text: str) -> str:
    try:
        chunks = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(
        chunk if isinstance(chunk, str) else _decoded_chunk(chunk, charset) for chunk, charset in chunks
    )


def _decoded_chunk(chunk: bytes, charset: str | None) -> str:
    if charset is None:
        # As `decode_header` encodes what stands between encoded words.
        return chunk.decode("raw-unicode-escape", "replace")
    try:
        return chunk.decode(charset.partition("*")[0])
    except (LookupError, UnicodeError, ValueError):
        try:
            return decode(chunk, declared=charset).text
        except NotText:
            return chunk.decode("ascii", "replace")
