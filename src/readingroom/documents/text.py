"""Reads plain text and source code."""

from readingroom.core.models import ExtractedDocument, Page
from readingroom.documents.decoding import decode


def read_text(data: bytes, format_name: str) -> ExtractedDocument:
    r"""The characters as they stand, newlines as \n; `format_name` is `text` or `code`. Raises `NotText`."""
    return single_page(format_name, decode(data).text)


def single_page(format_name: str, text: str) -> ExtractedDocument:
    """A document of a format without pages."""
    return ExtractedDocument(format_name, (Page(None, 0, text),))
