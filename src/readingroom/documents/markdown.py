"""Reads Markdown: the source as it stands, and where its headings are."""

import re
from dataclasses import replace
from functools import cache
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt

from readingroom.core.extraction import ExtractedDocument, Heading
from readingroom.documents.decoding import decode
from readingroom.documents.text import single_page

_FRONT_MATTER = re.compile(
    r"\A(?:---[ \t]*\n(?=\s*(?:#[^\n]*\n\s*)*[\w\"'-][\w .\"'-]*:)(?P<yaml>.*?)^(?:---|\.\.\.)"
    r"|\+\+\+[ \t]*\n(?P<toml>.*?)^\+\+\+)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_TITLE = re.compile(
    r"""^title[ \t]*[:=][ \t]*(?P<quote>["']?)(?P<title>.*?)(?P=quote)[ \t]*$""", re.MULTILINE
)
_LONGEST_TITLE = 300


def read_markdown(data: bytes) -> ExtractedDocument:
    """Keep the source line for line, front matter without the lines that fence it.

    The title is the front matter's, else the first heading of level 1. Raises `NotText`.
    """
    source = decode(data).text
    matter = _FRONT_MATTER.match(source)
    text, headings = source, find_headings(source)
    title = next((heading.title for heading in headings if heading.level == 1), "")
    if matter is not None:
        inside = matter["yaml"] or matter["toml"] or ""
        named = _TITLE.search(inside)
        if named is not None and named["title"].strip(">|"):
            title = " ".join(named["title"].split())[:_LONGEST_TITLE]
        text = f"\n{inside}{source[matter.end() :]}"
        gone = len(source) - len(text)
        headings = tuple(replace(heading, start=heading.start - gone) for heading in headings)
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
