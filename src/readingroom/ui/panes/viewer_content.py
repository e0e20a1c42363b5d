"""What the viewer needs of a document's text, made ready off the GUI thread."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.core.models import Document
from readingroom.core.places import LINED, clipped, noun, titled
from readingroom.services.documents import DocumentService
from readingroom.ui.panes.viewer_long_text import LineIndex, Text, text_of
from readingroom.ui.panes.viewer_sheet_rows import SheetRows, sheets_of
from readingroom.ui.panes.viewer_text_form import TextForm
from readingroom.ui.panes.viewer_text_sheet import Break

DRAWN = frozenset({"pdf", "image"})
"""Formats whose pages are drawn as they look."""
_HEAD_CHARS = 400
_LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class ViewerContent:
    """A document's text with its places."""

    read: ExtractedDocument
    text: Text
    form: TextForm
    sheets: tuple[SheetRows, ...]
    """Of formats with rows, else none."""
    lines: LineIndex | None
    """Of formats whose text is the file's own, else none."""
    sections: tuple[str, ...]
    """What the numbered pages are called, in order (`Slide 3 · The plan`); empty without such."""
    breaks: tuple[Break, ...]
    members: tuple[Document, ...]
    """Documents inside."""
    container: Document | None
    """The document it is part of."""

    @property
    def pages(self) -> Sequence[Page]:
        """As they were read."""
        return self.read.pages

    @property
    def blank(self) -> bool:
        """Whether there is nothing to read."""
        return all(page.blank for page in self.pages)

    @property
    def noun(self) -> str:
        """What its pages are called: `Page`, `Slide`, `Chapter`."""
        return titled(noun(self.read.format))

    def page_at(self, offset: int) -> int:
        """Place, from 0, of the page that holds a character."""
        return max(0, bisect_right(self.pages, offset, key=lambda page: page.start) - 1)


def load_content(documents: DocumentService, document: Document) -> ViewerContent:
    """Read all that is known of a document; blocks, for long texts some tenths of a second."""
    read = documents.content(document.id)
    text = text_of(read.pages)
    container = None if document.container_id is None else documents.get(document.container_id)
    numbered = read.paginated
    return ViewerContent(
        read,
        text,
        TextForm(text, read.format or document.format),
        sheets_of(read, text),
        LineIndex(text) if read.format in LINED and not numbered else None,
        tuple(_section_words(read.format, page) for page in read.pages) if numbered else (),
        tuple((page.start, _break_words(read.format, page)) for page in read.pages)
        if numbered and len(read.pages) > 1
        else (),
        tuple(documents.members(document.id)),
        container,
    )


def _section_words(format_name: str, page: Page) -> str:
    name, label = noun(format_name), clipped(page.label, _LONGEST_LABEL)
    number = f"{titled(name)} {page.number}"
    if label.casefold().startswith("chapter " if name == "chapter" else number.casefold()):
        return label  # "Chapter 8 · Chapter IV" would only confuse
    return f"{number} · {label}" if label else number


def _break_words(format_name: str, page: Page) -> str:
    """What stands over a page: its number, and its label where it does not begin with that anyway."""
    label = " ".join(page.label.split()).casefold()
    opening = " ".join(page.text[:_HEAD_CHARS].lstrip("# \n").partition("\n")[0].split()).casefold()
    return _section_words(format_name, replace(page, label="") if opening == label else page)
