"""Documents made from a few strings, for tests of cutting and of the way to the worker and back."""

from readingroom.core.extraction import ExtractedDocument, Heading, Page


def paged(*texts: str, kind: str = "pdf", headings: tuple[Heading, ...] = ()) -> ExtractedDocument:
    """A document with a page for each text."""
    pages: list[Page] = []
    start = 0
    for number, text in enumerate(texts, start=1):
        pages.append(Page(number, start, text))
        start += len(text)
    return ExtractedDocument(kind, tuple(pages), headings)


def unpaged(text: str, kind: str = "text", headings: tuple[Heading, ...] = ()) -> ExtractedDocument:
    """A document of a format without pages."""
    return ExtractedDocument(kind, (Page(None, 0, text),), headings)
