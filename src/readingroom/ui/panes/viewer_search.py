"""Finds words in a document's text."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice

from readingroom.core.cancellation import CancelToken
from readingroom.core.extraction import Page
from readingroom.core.models import PageSpan
from readingroom.ui.panes.viewer_long_text import SLICE_CHARS, Text, text_of

MOST_MATCHES = 5000
"""More are not counted; nobody steps through them."""
_LONGEST_MATCH = 2000
"""Characters, white space between the words included, that a match may reach into the next slice."""


def find_matches(pages: Sequence[Page], query: str, cancel: CancelToken | None = None) -> list[PageSpan]:
    """Find every place of the words, whatever their case and the line breaks between them; offsets as in `Page`.

    Raises `Cancelled`.
    """
    words = [re.escape(word) for word in query.split()]
    if not words:
        return []
    pattern = re.compile(r"\s+".join(words), re.IGNORECASE)
    starts = [page.start for page in pages]
    found = islice(_spans(text_of(pages), pattern, cancel), MOST_MATCHES)
    return [PageSpan(pages[bisect_right(starts, start) - 1].number, start, end) for start, end in found]


def _spans(text: Text, pattern: re.Pattern[str], cancel: CancelToken | None) -> Iterator[tuple[int, int]]:
    """Search a slice after the other: a pattern at work lets no other thread run, the window's neither."""
    at = 0
    while at < len(text):
        if cancel is not None:
            cancel.raise_if_cancelled()
        piece = text[at : at + SLICE_CHARS + _LONGEST_MATCH]
        reached = SLICE_CHARS
        for match in pattern.finditer(piece):
            if match.start() >= SLICE_CHARS:
                break
            yield at + match.start(), at + match.end()
            reached = max(reached, match.end())
        at += reached


def first_from(matches: Sequence[PageSpan], offset: int) -> int:
    """Choose the first match at or after a place, else the first of all."""
    for place, match in enumerate(matches):
        if match.start >= offset:
            return place
    return 0
