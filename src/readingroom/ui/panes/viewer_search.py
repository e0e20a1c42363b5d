"""Finds words in a document's text."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import islice

from readingroom.core.models import Page, PageSpan

MOST_MATCHES = 5000
"""More are not counted; nobody steps through them."""


def find_matches(pages: Sequence[Page], query: str) -> list[PageSpan]:
    """Find every place of the words, whatever their case and the line breaks between them; offsets as in `Page`."""
    words = [re.escape(word) for word in query.split()]
    if not words:
        return []
    text = "".join(page.text for page in pages)
    starts = [page.start for page in pages]
    found = islice(re.finditer(r"\s+".join(words), text, re.IGNORECASE), MOST_MATCHES)
    return [
        PageSpan(pages[bisect_right(starts, match.start()) - 1].number, match.start(), match.end())
        for match in found
    ]


def first_from(matches: Sequence[PageSpan], offset: int) -> int:
    """Choose the first match at or after a place, else the first of all."""
    for place, match in enumerate(matches):
        if match.start >= offset:
            return place
    return 0
