"""Reads web pages saved whole, as messages (MHTML): the page and its frames, without pictures and styles."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.blocks import Block, Kind, write_blocks
from readingroom.documents.hidden import hidden_note
from readingroom.documents.html import HtmlText
from readingroom.documents.mail import headers
from readingroom.documents.mail.contents import body_page, body_text
from readingroom.documents.mail.mime import scan
from readingroom.documents.text import single_page

_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def read_mhtml(
    path: Path, limits: ReadLimits, on_progress: Callable[[int, int | None], None]
) -> ExtractedDocument:
    """Read all pages that were saved, the outermost first. Raises `DocumentTooLarge`."""
    with path.open("rb") as stream:
        root = scan(stream, 0, path.stat().st_size)
        on_progress(0, None)
        leaves = list(root.leaves())
        pages = [body_page(stream, leaf) for leaf in leaves if leaf.content_type in _PAGES]
        if not pages:
            pages = [
                HtmlText([Block(Kind.PARAGRAPH, body_text(stream, leaf))])
                for leaf in leaves
                if leaf.content_type.startswith("text/plain")
            ]
    title = next((page.title for page in pages if page.title), "") or headers.subject(root.headers)
    blocks = [block for page in pages for block in page.blocks]
    # Of an empty page a person sees its title.
    text, headings = write_blocks(blocks or [Block(Kind.HEADING, title, 1)], limits)
    note = hidden_note([piece for page in pages for piece in page.hidden])
    return replace(
        single_page("mhtml", text),
        headings=headings,
        title=title,
        notes=(note,) if note else (),
    )
