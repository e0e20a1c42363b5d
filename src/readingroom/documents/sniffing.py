"""Tells what a file is by its first bytes; its name is only a hint."""

import re
import struct
import zlib
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from readingroom.documents.archives import is_iwork, is_locked, is_whole
from readingroom.documents.formats import BY_SUFFIX, NAME_NOT_READ, READ

HEAD_BYTES = 4096
_PDF_WITHIN = 1024
_OLE_SCAN = 64 * 1024 * 1024
_OLE_ENTRY = 128
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml\s")
_FICTION_BOOK = re.compile(
    rb"\A(?:\xef\xbb\xbf)?<\?xml\s[^>]*>\s*(?:<!--.{0,2000}?-->\s*)*<FictionBook\b", re.DOTALL
)
_MAIL_FIELDS = rb"(?:received|return-path|delivered-to|from|to|subject|date|message-id|mime-version|x-[\w-]+|dkim-signature)"
_MAIL = re.compile(
    rb"\A(?:[\w-]{2,40}:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}?"
    rb"(?:" + _MAIL_FIELDS + rb":[^\n]*\n(?:[ \t][^\n]*\n)*){3}",
    re.IGNORECASE,
)
_MAILBOX = re.compile(rb"\AFrom \S[^\n]*\d\d:\d\d[^\n]*\n" + _MAIL_FIELDS + rb":", re.IGNORECASE)
_SAVED_PAGE = re.compile(rb"\AFrom: <Saved by ", re.IGNORECASE)


class Sniff(Enum):
    """What the bytes say; ENCRYPTED is an OLE container around a locked Office document."""

    FORMAT = "format"
    """One we read, called by its format name."""
    HTML = "html"
    ENCRYPTED = "encrypted"
    LOCKED = "locked"
    """A kind we do not read, with a password besides, called by name."""
    NAMED = "named"
    """A kind we do not read, called by name."""
    DAMAGED_ZIP = "damaged zip"
    TEXT_OR_UNKNOWN = "text or unknown"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The kind; for `FORMAT` the format's name, for what is not read its plural name in plain words."""

    kind: Sniff
    name: str = ""


_PLAIN = Sniffed(Sniff.TEXT_OR_UNKNOWN)


def _called(name: str) -> Sniffed:
    """A name of the tables below: a format's where we read it, else plain words."""
    return Sniffed(Sniff.FORMAT if name in READ else Sniff.NAMED, name)


_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"GIF87a", "image"),
    (0, b"GIF89a", "image"),
    (0, b"II*\x00", "image"),
    (0, b"MM\x00*", "image"),
    (8, b"WEBP", "image"),
    (0, b"8BPS", "pictures (Photoshop)"),
    (0, b"\x00\x00\x00\x0cjP  ", "image"),
    (0, b"\x00\x00\x01\x00", "pictures (icon)"),
    (4, b"ftypheic", "image"),
    (4, b"ftypheix", "image"),
    (4, b"ftyphevc", "image"),
    (4, b"ftyphevx", "image"),
    (4, b"ftypmif1", "image"),
    (4, b"ftypmsf1", "image"),
    (4, b"ftypavif", "image"),
    (4, b"ftypavis", "image"),
    (4, b"ftypcrx ", "camera raw pictures"),
    (4, b"ftypM4A", "sound files"),
    (4, b"ftyp", "films"),
    (8, b"AVI ", "films"),
    (0, b"\x1aE\xdf\xa3", "films"),
    (0, b"\x00\x00\x01\xba", "films"),
    (8, b"WAVE", "sound files"),
    (0, b"ID3", "sound files"),
    (0, b"OggS", "sound files"),
    (0, b"fLaC", "sound files"),
    (0, b"\x1f\x8b", "archives (gzip)"),
    (0, b"BZh", "archives (bzip2)"),
    (0, b"\xfd7zXZ\x00", "archives (xz)"),
    (0, b"7z\xbc\xaf\x27\x1c", "archives (7z)"),
    (0, b"Rar!\x1a\x07", "archives (RAR)"),
    (0, b"\x28\xb5\x2f\xfd", "archives (Zstandard)"),
    (0, b"MSCF", "archives (CAB)"),
    (0, b"!<arch>\n", "archives (ar)"),
    (257, b"ustar", "archives (tar)"),
    (0, b"\x7fELF", "programs"),
    (0, b"\xca\xfe\xba\xbe", "programs"),
    (0, b"\xcf\xfa\xed\xfe", "programs"),
    (0, b"\x00asm", "programs"),
    (0, b"SQLite format 3\x00", "databases"),
    (0, b"PAR1", "databases (Parquet)"),
    (0, b"\x89HDF\r\n", "databases (HDF5)"),
    (0, b"wOFF", "fonts"),
    (0, b"wOF2", "fonts"),
    (0, b"OTTO\x00", "fonts"),
    (0, b"{\\rtf", "rtf"),
    (0, b"%!PS", "PostScript files"),
    (0, b"\xc5\xd0\xd3\xc6", "PostScript files"),
    (0, b"AT&TFORM", "DjVu documents"),
    (0, b"\xffWPC", "wpd"),
    (60, b"BOOKMOBI", "e-books"),
    (0, b"!BDN", "mailboxes"),
)
_RIFF_KINDS = (b"WEBP", b"AVI ", b"WAVE")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    # First: what is attached to a message has entries too.
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("MatOST", "wps"),
    ("CONTENTS", "wps"),
)
_ZIPPED_UNLESS_LOCKED = frozenset({"docx", "pptx", "xlsx", "xlsb"})

_ZIP_MEMBERS = (
    ("xl/workbook.bin", "xlsb"),
    ("xl/", "xlsx"),
    ("ppt/", "pptx"),
    ("index.apxl", "Keynote presentations"),
    ("FixedDocSeq.fdseq", "XPS documents"),
)
_ZIP_TYPES = {
    "application/epub+zip": "epub",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}


def sniff(path: Path, head: bytes, stream: BinaryIO) -> Sniffed:
    """Look at the head, and into containers. `stream` is the open file; its position is left anywhere."""
    if head.startswith(_OLE):
        return _sniff_ole(path, stream)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _sniff_zip(stream)
    if b"%PDF-" in head[:_PDF_WITHIN] and (
        path.suffix.lower() == ".pdf" or head.lstrip().startswith(b"%PDF-")
    ):
        return _called("pdf")
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset) and (magic not in _RIFF_KINDS or head.startswith(b"RIFF")):
            raw = NAME_NOT_READ.get(path.suffix.lower(), "")
            return _called(raw if name == "image" and raw.startswith("camera raw") else name)
    if head.startswith(b"BM") and len(head) > 14 and head[6:10] == bytes(4):
        return _called("image")
    if head.startswith(b"MZ") and b"\x00" in head[:64]:
        return _called("programs")
    if _HTML.match(head):
        return Sniffed(Sniff.HTML)
    suffix = path.suffix.lower()
    if _XML.match(head) and suffix not in BY_SUFFIX and suffix not in NAME_NOT_READ:
        return _called("fb2" if _FICTION_BOOK.match(head) else "xml")
    return _sniff_mail(head, suffix)


def _sniff_mail(head: bytes, suffix: str) -> Sniffed:
    """Messages and mailboxes go by names of all kinds, or without a suffix."""
    if _SAVED_PAGE.match(head):
        return _called("mhtml")
    if suffix not in BY_SUFFIX and suffix not in NAME_NOT_READ:
        if _MAILBOX.match(head):
            return _called("mbox")
        if _MAIL.match(head):
            return _called("eml")
    return _PLAIN


def _sniff_ole(path: Path, stream: BinaryIO) -> Sniffed:
    stream.seek(0)
    data = stream.read(_OLE_SCAN)
    if _has_ole_entry(data, "EncryptedPackage"):
        return Sniffed(Sniff.ENCRYPTED)
    for entry, name in _OLE_STREAMS:
        if _has_ole_entry(data, entry):
            return _called(name)
    by_name = BY_SUFFIX.get(path.suffix.lower(), "")
    if by_name in _ZIPPED_UNLESS_LOCKED:
        return Sniffed(Sniff.ENCRYPTED)
    if any(by_name == name for _, name in _OLE_STREAMS):
        # Its directory is cut off: the reader will say that it is damaged.
        return _called(by_name)
    return _called("Office files of this kind")


def _has_ole_entry(data: bytes, name: str) -> bool:
    """Whether a directory entry (MS-CFB 2.6.1: 128 bytes, UTF-16 name, its length at 64) bears the name."""
    wanted = name.encode("utf-16-le") + b"\x00\x00"
    length = struct.pack("<H", len(wanted))
    at = data.find(wanted)
    while at >= 0:
        if at % _OLE_ENTRY == 0 and data[at + 64 : at + 66] == length:
            return True
        at = data.find(wanted, at + 1)
    return False


def _sniff_zip(stream: BinaryIO) -> Sniffed:
    try:
        with ZipFile(stream) as package:
            names = set(package.namelist())
            if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
                return _called("docx")
            kind = _ZIP_TYPES.get(_mimetype(package, names)) or _by_members(names)
            if kind in READ:
                return _called(kind)
            if is_locked(package):
                return Sniffed(Sniff.LOCKED, kind)
            size = stream.seek(0, 2)
            return _called(kind) if is_whole(package, size) else Sniffed(Sniff.DAMAGED_ZIP)
    except (BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        return Sniffed(Sniff.DAMAGED_ZIP)


def _mimetype(package: ZipFile, names: set[str]) -> str:
    if "mimetype" not in names or package.getinfo("mimetype").file_size > 200:
        return ""
    try:
        return package.read("mimetype").decode("ascii", "replace").strip().removesuffix("-template")
    except (BadZipFile, RuntimeError, EOFError, NotImplementedError, zlib.error):
        return ""


def _by_members(names: set[str]) -> str:
    if is_iwork(names):
        return "iWork documents"
    if len(names) == 1 and next(iter(names)).lower().endswith(".fb2"):
        return "fb2"
    for prefix, kind in _ZIP_MEMBERS:
        if any(name.startswith(prefix) for name in names):
            return kind
    return "archives (ZIP)"
