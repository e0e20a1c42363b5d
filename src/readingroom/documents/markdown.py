"""Reads Markdown: the source as it stands, and where its headings are."""

import re
from dataclasses import replace
from functools import cache
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt

from readingroom.core.models import ExtractedDocument, Heading
from readingroom.documents.decoding import decode
from readingroom.documents.text import single_page

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)


def read_markdown(data: bytes) -> ExtractedDocument:
    """Keep the source, front matter too; the first heading of level 1 is the title. Raises `NotText`."""
    text = decode(data).text
    headings = find_headings(text)
    title = next((heading.title for heading in headings if heading.level == 1), "")
    return replace(single_page("markdown", text), headings=headings, title=title)


def find_headings(text: str) -> tuple[Heading, ...]:
    """ATX and setext headings, not those in quotations or code; `start` is that of the heading's line."""
    parser = _block_parser()
    line_starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    tokens = parser.parse(_without_front_matter(text))
    headings = []
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open" and opening.level == 0 and opening.map is not None:
            title = _plain(content.content)
            if title:
                headings.append(Heading(int(opening.tag[1:]), title, line_starts[opening.map[0]]))
    return tuple(headings)


@cache
def _block_parser() -> MarkdownIt:
    # Only blocks are wanted; inline parsing of megabytes would be the dearest part.
    return MarkdownIt("commonmark").disable("inline")


@cache
def _inline_parser() -> MarkdownIt:
    return MarkdownIt("commonmark")


def _without_front_matter(text: str) -> str:
    """Blank it out line by line: CommonMark would take it for a heading underlined with dashes."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return text
    return "\n" * found.group().count("\n") + text[found.end() :]


def _plain(inline: str) -> str:
    """A heading's words without its inline markup."""
    if not re.search(r"[\\`*_\[\]<>&!]", inline):
        return " ".join(inline.split())
    children = _inline_parser().parseInline(inline)[0].children or []
    words = (
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in children
        if child.type != "html_inline"
    )
    return " ".join("".join(words).split())
