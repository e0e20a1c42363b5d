"""What of a passage may be cited by itself: its sentences, and in tables its rows."""

import re

from readingroom.core.text_spans import Span, sentences

_ROWS = re.compile(r"^[^\n]*\|[^\n]*$(?:\n[^\n]*\|[^\n]*$)*", re.MULTILINE)
"""Lines of a table: cells stand between bars."""
_LINE = re.compile(r"[^\n]+")
_LONGEST = 700
"""Characters; text without full stops, as of forms and tables in PDF files, is cut at its lines."""


def units(text: str, *, header_apart: bool) -> list[Span]:
    """The units in order.

    The first of several rows names the columns, unless the header stands apart: claims use its words, yet it is
    never what they rest on.
    """
    found: list[Span] = []
    prose = 0
    for stretch in _ROWS.finditer(text):
        found += _sentences(text, prose, stretch.start())
        rows = [Span(*row.span()) for row in _LINE.finditer(text, *stretch.span())]
        found += rows if header_apart or len(rows) == 1 else rows[1:]
        prose = stretch.end()
    return found + _sentences(text, prose, len(text))


def _sentences(text: str, start: int, end: int) -> list[Span]:
    found: list[Span] = []
    for span in sentences(text[start:end]):
        if span.end - span.start <= _LONGEST:
            found.append(Span(span.start + start, span.end + start))
        else:
            found += _lines(text, span.start + start, span.end + start)
    return found


def _lines(text: str, start: int, end: int) -> list[Span]:
    """Lines of the stretch, as many together as come near the length of a sentence."""
    found: list[Span] = []
    for line in _LINE.finditer(text, start, end):
        if found and line.end() - found[-1].start <= _LONGEST // 3:
            found[-1] = Span(found[-1].start, line.end())
        else:
            found.append(Span(*line.span()))
    return found
