"""Which reader reads which format; each is loaded on demand, since its library may take long to."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from readingroom.core.extraction import ExtractedDocument, ReadLimits

OnProgress = Callable[[int, int | None], None]
"""Called with the pages done, and the pages in all or None."""

ReadFile = Callable[[Path, ReadLimits, OnProgress], ExtractedDocument]
"""Reads a file whole. Raises `ReadFailure` (its subclasses) and nothing else."""


class OpenText(NamedTuple):
    """A file of characters, opened."""

    stream: BinaryIO
    """At its beginning."""
    size: int
    """Bytes; what is written behind them while it is read is left alone."""
    suffix: str = ""
    """Of its name, in lower case."""


ReadOpenText = Callable[[OpenText, ReadLimits, OnProgress], Iterator[ExtractedDocument]]
"""Reads a file of any length in parts. Raises `NotText`, `ReadFailure`."""


def _docx() -> ReadFile:
    from readingroom.documents.docx import read_docx

    return read_docx


def _image() -> ReadFile:
    from readingroom.documents.pictures import read_picture

    return read_picture


def _doc() -> ReadFile:
    return _legacy("doc")


def _wpd() -> ReadFile:
    return _legacy("wpd")


def _wps() -> ReadFile:
    return _legacy("wps")


def _ppt() -> ReadFile:
    return _legacy("ppt")


def _legacy(format_name: str) -> ReadFile:
    from readingroom.documents.office.legacy import reader_of

    return reader_of(format_name)


def _odt() -> ReadFile:
    from readingroom.documents.office.odf_text import read_odt

    return read_odt


def _pptx() -> ReadFile:
    from readingroom.documents.office.slides import read_pptx

    return read_pptx


def _odp() -> ReadFile:
    from readingroom.documents.office.odf_slides import read_odp

    return read_odp


def _xlsx() -> ReadFile:
    from readingroom.documents.office.workbook import read_xlsx

    return read_xlsx


def _xlsb() -> ReadFile:
    from readingroom.documents.office.binary_workbook import read_xlsb

    return read_xlsb


def _xls() -> ReadFile:
    from readingroom.documents.office.old_workbook import read_xls

    return read_xls


def _ods() -> ReadFile:
    from readingroom.documents.office.odf_sheets import read_ods

    return read_ods


def _eml() -> ReadFile:
    from readingroom.documents.mail.eml import read_eml

    return read_eml


def _msg() -> ReadFile:
    from readingroom.documents.mail.msg import read_msg

    return read_msg


def _mhtml() -> ReadFile:
    from readingroom.documents.mail.mhtml import read_mhtml

    return read_mhtml


def _mbox() -> ReadFile:
    from readingroom.documents.mail.mbox import read_mbox

    return read_mbox


def _rtf() -> ReadFile:
    from readingroom.documents.rtf import read_rtf

    return read_rtf


def _epub() -> ReadFile:
    from readingroom.documents.books.epub import read_epub

    return read_epub


def _fb2() -> ReadFile:
    from readingroom.documents.books.fb2 import read_fb2

    return read_fb2


WHOLE_FILE_READERS: Mapping[str, Callable[[], ReadFile]] = {
    "docx": _docx,
    "doc": _doc,
    "odt": _odt,
    "wpd": _wpd,
    "wps": _wps,
    "pptx": _pptx,
    "ppt": _ppt,
    "odp": _odp,
    "xlsx": _xlsx,
    "xlsb": _xlsb,
    "xls": _xls,
    "ods": _ods,
    "image": _image,
    "eml": _eml,
    "msg": _msg,
    "mhtml": _mhtml,
    "rtf": _rtf,
    "epub": _epub,
    "fb2": _fb2,
}
"""By format name; formats made of characters alone (text, HTML, Markdown, CSV) are read by the registry itself."""
UNBOUNDED_READERS: Mapping[str, Callable[[], ReadFile]] = {"mbox": _mbox}
"""Those that hold little in memory however large the file is, and so know no limit on bytes."""
