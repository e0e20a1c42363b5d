"""Bytes of a text file to characters, whatever the encoding."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

# UTF-32 before UTF-16: its little-endian mark begins with UTF-16's.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 64 * 1024
"""Bytes the detector sees; it is far too slow for megabytes."""
_STRAY_NULS = 0.1
"""Up to this share of otherwise good UTF-8 they are an accident; more is a wider encoding."""
_MAX_NULS = 0.3
_MAX_CONTROLS = 0.02
"""Text has no control characters to speak of; what has more is no text."""
_CONTROLS = re.compile(r"[\x01-\x06\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]")
_TWICE = re.compile("[\xc2-\xf4][\x80-\xbf]{1,3}")
"""A character of UTF-8, each of its bytes a character again."""
_COMMON = ("cp1252", "cp866")
_TIE_CHAOS = 0.005
_TIE_COHERENCE = 0.02
_NEWLINES = re.compile(r"\r\n?")
_NON_ASCII_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*[\r\n]*")


class NotText(ValueError):
    """The bytes are not text in any encoding we know."""


@dataclass(frozen=True, slots=True)
class Decoded:
    r"""Text with newlines as \n and without NULs; `encoding` as Python names it."""

    text: str
    encoding: str


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """Decode by byte order mark, as UTF-8, as `declared` (what the file says of itself), or by detection.

    A declaration counts for less than bytes that are valid UTF-8 and than a detector that finds it absurd.
    Raises `NotText`.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _tidied(data[len(mark) :].decode(encoding, "replace"), encoding)
    if b"\x00" in data:
        if data.count(0) > _STRAY_NULS * len(data) or not _is_utf8_text(data):
            wide = _wide_encoding(data)
            if wide is not None:
                return _checked(data.decode(wide, "replace"), wide)
        if data.count(0) > _MAX_NULS * len(data):
            raise NotText
        data = data.replace(b"\x00", b"")
    try:
        if b"\x1b$" in data[:_SAMPLE]:
            # Japanese mail of old: seven bits, so it would pass for ASCII.
            return _checked(data.decode("iso2022_jp"), "iso2022_jp")
    except UnicodeDecodeError:
        pass
    if _is_utf8(data):
        text = data.decode("utf-8")
        return _checked(text if _is_text(text) else _encoded_once(text), "utf-8")
    if _is_damaged_utf8(data):
        return _checked(data.decode("utf-8", "replace"), "utf-8")
    encoding = _detected(data, declared)
    return _checked(data.decode(encoding, "replace"), encoding)


def _is_utf8_text(data: bytes) -> bool:
    """Cyrillic in UTF-16 is valid UTF-8 too, but full of control characters."""
    sample = data[:_SAMPLE].decode("utf-8", "replace")
    return _is_utf8(data) and len(_CONTROLS.findall(sample)) <= _MAX_CONTROLS * len(sample)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _tidied(text: str, encoding: str) -> Decoded:
    if "\x00" in text:
        text = text.replace("\x00", "")
    if "\r" in text:
        text = _NEWLINES.sub("\n", text)
    return Decoded(text, encoding)


def _checked(text: str, encoding: str) -> Decoded:
    if not _is_text(text):
        raise NotText
    return _tidied(text, encoding)


def _is_text(text: str) -> bool:
    sample = text[:_SAMPLE]
    return len(_CONTROLS.findall(sample)) <= _MAX_CONTROLS * len(sample) + 1


def _encoded_once(text: str) -> str:
    """What was taken for Latin-1 and encoded as UTF-8 a second time, as text."""

    def undone(found: re.Match[str]) -> str:
        try:
            return found[0].encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return found[0]

    return _TWICE.sub(undone, text)


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark: told by where the NULs stand."""
    sample = data[: _SAMPLE // 4 * 4]
    nuls = [sample[offset::4].count(0) for offset in range(4)]
    quarter = max(len(sample) // 4, 1)
    candidates: list[str] = []
    if len(data) % 4 == 0 and nuls[3] == quarter and nuls[2] > 0.9 * quarter:
        candidates.append("utf-32-le")
    if len(data) % 4 == 0 and nuls[0] == quarter and nuls[1] > 0.9 * quarter:
        candidates.append("utf-32-be")
    even, odd = nuls[0] + nuls[2], nuls[1] + nuls[3]
    # Spaces, digits and newlines give even Chinese text its share of NULs, all on one side.
    if odd > 20 * even:
        candidates.append("utf-16-le")
    if even > 20 * odd:
        candidates.append("utf-16-be")
    for encoding in candidates:
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        unlikely = len(_CONTROLS.findall(text)) + sum(0xE000 <= ord(c) < 0xF900 for c in text)
        if unlikely <= _MAX_CONTROLS * len(text) and text.count("\x00") <= _MAX_CONTROLS * len(text):
            return encoding
    return None


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether it is UTF-8 but for a few bytes, as after a cut or a careless merge."""
    sample = b"".join(_samples(data))
    text = sample.decode("utf-8", "replace")
    beyond_ascii = sum(c > "\x7f" for c in text)
    return text.count("\ufffd") * 10 < beyond_ascii


def _samples(data: bytes) -> Iterator[bytes]:
    """The lines that tell encodings apart, or all of a short file."""
    if len(data) <= _SAMPLE:
        yield data
        return
    size = 0
    for line in _NON_ASCII_LINE.finditer(data):
        # Long lines are cut: a file can be one line.
        piece = line.group()[:4096]
        size += len(piece)
        yield piece
        if size > _SAMPLE:
            return


def _detected(data: bytes, declared: str | None) -> str:
    sample = b"".join(_samples(data))
    matches = from_bytes(sample)
    encodings = [encoding for match in matches for encoding in match.could_be_from_charset]
    if declared is not None and (known := _known(declared)) is not None:
        try:
            sample.decode(known)
        except UnicodeDecodeError:
            pass
        else:
            if known in encodings or not encodings:
                return known
    best = matches.best()
    if best is None:
        return "cp1252"
    # Neighbouring code pages often score alike; then the one that people really use is meant.
    alike = {
        encoding
        for match in matches
        if match.chaos <= best.chaos + _TIE_CHAOS and match.coherence >= best.coherence - _TIE_COHERENCE
        for encoding in match.could_be_from_charset
    }
    return next((encoding for encoding in _COMMON if encoding in alike), best.encoding)


def _known(name: str) -> str | None:
    try:
        known = codecs.lookup(name).name.replace("-", "_")
    except (LookupError, ValueError):
        return None
    # What the web calls Latin-1 is windows-1252.
    return "cp1252" if known in {"iso8859_1", "latin_1", "ascii"} else known
