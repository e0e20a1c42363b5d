"""An answer as Markdown that can be given away: its sources named below it, nothing in it that loads or runs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readingroom.core.conversation import Citation, Message, Support
from readingroom.core.places import joined_words, name_of, words_of

_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})")
_LOADS = re.compile(r"!(?=\[)|<(?=[!/?A-Za-z])")
"""What begins a picture or markup."""
_ENTITIES = {"!": "&#33;", "<": "&lt;"}
"""A backslash would not do: there may be one before it already."""
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~-])")
_LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A place that an answer cites."""

    n: int
    where: str
    """`handbook.pdf, page 12`."""
    path: str
    """May hold characters by which names that are no valid Unicode are carried."""
    page: int | None
    quote: str
    """The document's own words, on one line; empty where they could not be located."""
    supported: bool


def cited_sources(citations: Sequence[Citation]) -> Iterator[CitedSource]:
    """Each place that is cited once, in order of number."""
    seen = set()
    for citation in citations:
        source = CitedSource(
            n=citation.n,
            where=shown(joined_words(name_of(citation), words_of(citation))),
            path=shown(str(citation.path)),
            page=citation.page,
            quote=_clipped(citation.quote) if citation.located else "",
            supported=citation.support is not Support.NONE,
        )
        if source not in seen:
            seen.add(source)
            yield source


def cited_markdown(message: Message) -> str:
    """The answer, and below it a list of what it cites."""
    lines = [shown(harmless(message.text.strip()))]
    if message.cited:
        lines += ["", "Sources:", "", *map(_line, cited_sources(message.cited))]
    return "\n".join(lines)


def harmless(markdown: str) -> str:
    """Pictures become links to them, and markup text; fenced code stays as it is.

    Of fences only those count that begin a line: one inside a list or a quotation ends where these end.
    """
    lines, fence = [], ""
    for line in re.split(r"\r\n?|\n", markdown):
        opening = None if fence else _FENCE.match(line)
        in_code = bool(fence or opening)
        lines.append(line if in_code else _LOADS.sub(lambda found: _ENTITIES[found[0]], line))
        if opening is not None:
            fence = opening[1]
        elif fence and re.fullmatch(rf" {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*", line):
            fence = ""
    return "\n".join(lines)


def escaped(text: str) -> str:
    """A text of one line in which Markdown sees nothing but words."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _line(source: CitedSource) -> str:
    quote = f": “{escaped(source.quote)}”" if source.quote else ""
    doubt = "" if source.supported else " (not found in the source)"
    return f"- [{source.n}] {escaped(source.where)}{quote}{doubt}"


def shown(text: str) -> str:
    """Without the lone surrogates that no file can hold."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _clipped(quote: str) -> str:
    line = shown(" ".join(quote.split()))
    return line if len(line) <= _LONGEST_QUOTE else f"{line[: _LONGEST_QUOTE - 1].rstrip()}…"
