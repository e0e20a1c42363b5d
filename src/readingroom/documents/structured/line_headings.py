"""Finds headings in marked-up plain text, line by line: reStructuredText, Org, AsciiDoc. The text stays as it is."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, Protocol

from readingroom.core.extraction import ExtractedDocument, Heading, ReadLimits
from readingroom.documents.blocks import MAX_LEVEL
from readingroom.documents.readers import OnProgress, OpenText
from readingroom.documents.text import read_text_parts

_LONGEST_TITLE = 300
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*")
_ORG_HEADING = re.compile(
    r"(\*+)[ \t]+(?:(?:TODO|DONE|NEXT|WAITING|CANCELLED)[ \t]+)?(?:\[#\w\][ \t]+)?(.*?)(?:[ \t]+:[\w@#%:]+:)?[ \t]*"
)
_ORG_BLOCK = re.compile(r"[ \t]*#\+(begin|end)_\w+", re.IGNORECASE)
_ORG_TITLE = re.compile(r"#\+title:[ \t]*(\S.*)", re.IGNORECASE)
_ASCIIDOC_HEADING = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+\1)?[ \t]*")
_ASCIIDOC_FENCE = re.compile(r"(-{4,}|\.{4,}|={4,}|\+{4,}|/{4,}|\*{4,}|_{4,}|`{3,}.*|[|,:!]===)[ \t]*")
_ASCIIDOC_UNDERLINES = "=-~^+"


class _Found(NamedTuple):
    level: int
    title: str
    start: int
    is_title: bool = False


class _Scanner(Protocol):
    """Remembers from part to part what it needs to know."""

    def scan(self, lines: list[str], starts: list[int]) -> Iterator[_Found]:
        """Headings of some lines, with the offset of the first line of each."""
        ...


def read_rst(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    """Read reStructuredText. Raises `NotText`."""
    return _read(file, "rst", _Rst, limits, on_progress)


def read_org(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    """Read Org text. Raises `NotText`."""
    return _read(file, "org", _Org, limits, on_progress)


def read_asciidoc(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    """Read AsciiDoc. Raises `NotText`."""
    return _read(file, "asciidoc", _AsciiDoc, limits, on_progress)


def _read(
    file: OpenText,
    format_name: str,
    make_scanner: Callable[[], _Scanner],
    limits: ReadLimits,
    on_progress: OnProgress,
) -> Iterator[ExtractedDocument]:
    scanner = make_scanner()
    title = ""
    for part in read_text_parts(file, format_name, limits, on_progress):
        page = part.pages[0]
        lines = page.text.split("\n")
        starts = [page.start]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        headings = []
        for found in scanner.scan(lines, starts):
            name = " ".join(found.title.split())[:_LONGEST_TITLE]
            if found.is_title or (found.level == 1 and not title):
                title = title if title and not found.is_title else name
            if not found.is_title:
                headings.append(Heading(min(found.level, MAX_LEVEL), name, found.start))
        yield replace(part, headings=tuple(headings), title=title)


class _Rst:
    """Levels are in the order in which the styles of adornment appear."""

    def __init__(self) -> None:
        self._styles: list[tuple[str, bool]] = []

    def scan(self, lines: list[str], starts: list[int]) -> Iterator[_Found]:
        for number in range(1, len(lines)):
            title, below = lines[number - 1].rstrip(), lines[number]
            if not _ADORNMENT.fullmatch(below) or not title or _ADORNMENT.fullmatch(title):
                continue
            above = lines[number - 2].rstrip() if number > 1 else ""
            is_overlined = bool(_ADORNMENT.fullmatch(above)) and above[0] == below[0]
            length = len(below.rstrip())
            if (above and not is_overlined) or (not is_overlined and title[0].isspace()):
                continue
            if length < min(len(title.strip()), 4):
                continue
            style = (below[0], is_overlined)
            if style not in self._styles:
                self._styles.append(style)
            first = number - 2 if is_overlined else number - 1
            yield _Found(self._styles.index(style) + 1, title.strip(), starts[first])


class _Org:
    """A star a level; not inside blocks."""

    def __init__(self) -> None:
        self._in_block = False

    def scan(self, lines: list[str], starts: list[int]) -> Iterator[_Found]:
        for line, start in zip(lines, starts, strict=False):
            if not line or line[0] not in "*# \t":
                continue
            if fence := _ORG_BLOCK.match(line):
                self._in_block = fence[1].lower() == "begin"
            elif self._in_block:
                continue
            elif (heading := _ORG_HEADING.fullmatch(line)) and heading[2]:
                yield _Found(len(heading[1]), heading[2], start)
            elif title := _ORG_TITLE.fullmatch(line):
                yield _Found(1, title[1], start, is_title=True)


class _AsciiDoc:
    """Equals signs before a title or a line under it; not inside delimited blocks."""

    def __init__(self) -> None:
        self._fence = ""

    def scan(self, lines: list[str], starts: list[int]) -> Iterator[_Found]:
        for number, (line, start) in enumerate(zip(lines, starts, strict=False)):
            if self._fence:
                if line.rstrip() == self._fence:
                    self._fence = ""
                continue
            below = lines[number + 1].rstrip() if number + 1 < len(lines) else ""
            if heading := _ASCIIDOC_HEADING.fullmatch(line):
                yield _Found(len(heading[1]), heading[2], start)
            elif self._is_underlined(lines[number - 1] if number else "", line, below):
                yield _Found(_ASCIIDOC_UNDERLINES.index(below[0]) + 1, line, start)
            elif fence := _ASCIIDOC_FENCE.fullmatch(line):
                underlines = number > 0 and self._is_underlined(
                    lines[number - 2] if number > 1 else "", lines[number - 1], line.rstrip()
                )
                if not underlines:
                    self._fence = "```" if fence[1].startswith("```") else line.rstrip()

    @staticmethod
    def _is_underlined(above: str, line: str, below: str) -> bool:
        return (
            len(below) > 2
            and below[0] in _ASCIIDOC_UNDERLINES
            and below == below[0] * len(below)
            and not above.strip()
            and line[:1].isalnum()
            and abs(len(line.rstrip()) - len(below)) <= 1
        )
