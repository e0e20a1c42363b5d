"""Tells what a file is by its first bytes; its name is only a hint."""

import re
import struct
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

HEAD_BYTES = 4096
_PDF_WITHIN = 1024
_OLE_SCAN = 64 * 1024 * 1024
_OLE_ENTRY = 128
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)


class Sniff(Enum):
    """What the bytes say; ENCRYPTED is an OLE container around a locked Office document."""

    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    ENCRYPTED = "encrypted"
    NAMED = "named"
    """A kind we do not read, called by name."""
    DAMAGED_ZIP = "damaged zip"
    TEXT_OR_UNKNOWN = "text or unknown"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The kind, and for what is not read its plural name in plain words."""

    kind: Sniff
    name: str = ""


_PLAIN = Sniffed(Sniff.TEXT_OR_UNKNOWN)

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "pictures (PNG)"),
    (0, b"\xff\xd8\xff", "pictures (JPEG)"),
    (0, b"GIF87a", "pictures (GIF)"),
    (0, b"GIF89a", "pictures (GIF)"),
    (0, b"II*\x00", "pictures (TIFF)"),
    (0, b"MM\x00*", "pictures (TIFF)"),
    (8, b"WEBP", "pictures (WebP)"),
    (0, b"8BPS", "pictures (Photoshop)"),
    (0, b"\x00\x00\x00\x0cjP  ", "pictures (JPEG 2000)"),
    (0, b"\x00\x00\x01\x00", "pictures (icon)"),
    (4, b"ftypheic", "pictures (HEIC)"),
    (4, b"ftypmif1", "pictures (HEIC)"),
    (4, b"ftypavif", "pictures (AVIF)"),
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
    (0, b"{\\rtf", "Rich Text documents"),
    (0, b"%!PS", "PostScript files"),
    (0, b"\xc5\xd0\xd3\xc6", "PostScript files"),
    (0, b"AT&TFORM", "DjVu documents"),
    (0, b"\xffWPC", "WordPerfect documents"),
    (60, b"BOOKMOBI", "e-books"),
    (0, b"!BDN", "mailboxes"),
)
_RIFF_KINDS = (b"WEBP", b"AVI ", b"WAVE")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("WordDocument", "old Word documents (.doc)"),
    ("Workbook", "old Excel workbooks (.xls)"),
    ("Book", "old Excel workbooks (.xls)"),
    ("PowerPoint Document", "old PowerPoint presentations (.ppt)"),
    ("__properties_version1.0", "e-mail messages (.msg)"),
)

_ZIP_MEMBERS = (
    ("xl/", "Excel workbooks (.xlsx)"),
    ("ppt/", "PowerPoint presentations (.pptx)"),
    ("index.apxl", "Keynote presentations"),
    ("FixedDocSeq.fdseq", "XPS documents"),
)
_ZIP_TYPES = {
    "application/epub+zip": "e-books (EPUB)",
    "application/vnd.oasis.opendocument.text": "OpenDocument texts (.odt)",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument spreadsheets (.ods)",
    "application/vnd.oasis.opendocument.presentation": "OpenDocument presentations (.odp)",
}


def sniff(path: Path, head: bytes, stream: BinaryIO) -> Sniffed:
    """Look at the head, and into containers. `stream` is the open file; its position is left anywhere."""
    if head.startswith(_OLE):
        return _sniff_ole(stream)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _sniff_zip(stream)
    if b"%PDF-" in head[:_PDF_WITHIN] and (
        path.suffix.lower() == ".pdf" or head.lstrip().startswith(b"%PDF-")
    ):
        return Sniffed(Sniff.PDF)
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset) and (magic not in _RIFF_KINDS or head.startswith(b"RIFF")):
            return Sniffed(Sniff.NAMED, name)
    if head.startswith(b"BM") and len(head) > 14 and head[6:10] == bytes(4):
        return Sniffed(Sniff.NAMED, "pictures (BMP)")
    if head.startswith(b"MZ") and b"\x00" in head[:64]:
        return Sniffed(Sniff.NAMED, "programs")
    if _HTML.match(head):
        return Sniffed(Sniff.HTML)
    return _PLAIN


def _sniff_ole(stream: BinaryIO) -> Sniffed:
    stream.seek(0)
    data = stream.read(_OLE_SCAN)
    if _has_ole_entry(data, "EncryptedPackage"):
        return Sniffed(Sniff.ENCRYPTED)
    for entry, name in _OLE_STREAMS:
        if _has_ole_entry(data, entry):
            return Sniffed(Sniff.NAMED, name)
    return Sniffed(Sniff.NAMED, "Office files of this kind")


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
                return Sniffed(Sniff.DOCX)
            kind = _ZIP_TYPES.get(_mimetype(package, names))
            return Sniffed(Sniff.NAMED, kind or _by_members(names))
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return Sniffed(Sniff.DAMAGED_ZIP)


def _mimetype(package: ZipFile, names: set[str]) -> str:
    if "mimetype" not in names or package.getinfo("mimetype").file_size > 200:
        return ""
    try:
        return package.read("mimetype").decode("ascii", "replace").strip().removesuffix("-template")
    except (BadZipFile, RuntimeError, EOFError, NotImplementedError):
        return ""


def _by_members(names: set[str]) -> str:
    if any(name.endswith((".iwa", "Index.zip")) for name in names):
        return "iWork documents"
    for prefix, kind in _ZIP_MEMBERS:
        if any(name.startswith(prefix) for name in names):
            return kind
    return "archives (ZIP)"
