"""What the list says of a document: its cells, its figures, its tool tip, and what is read aloud."""

import time

from readingroom.core.counting import count_words
from readingroom.core.models import Document
from readingroom.core.places import container_of, noun
from readingroom.ui.models.document_rows import SortBy
from readingroom.ui.models.format_kinds import format_kind
from readingroom.ui.models.wording import (
    STATE_WORDS,
    day_words,
    duration_words,
    moment_words,
    reason_of,
    showable,
    size_words,
)

PINNED_WORDS = "Pinned: comes whole with each question, as far as there is room."


def cell_words(document: Document, column: SortBy) -> str:
    """A cell of the table; empty where there is nothing to say."""
    match column:
        case SortBy.NAME:
            return showable(document.path.name)
        case SortBy.STATE:
            return STATE_WORDS[document.state].word
        case SortBy.PAGES:
            return "" if document.pages is None else f"{document.pages:,}"
        case SortBy.WITHOUT_TEXT:
            return f"{document.pages_without_text:,}" if document.pages_without_text else ""
        case SortBy.WORDS:
            return f"{document.words:,}" if document.words else ""
        case SortBy.SIZE:
            return size_words(document.size_bytes) if document.size_bytes >= 0 else ""
        case SortBy.READING:
            return "" if document.read_seconds is None else duration_words(document.read_seconds)
        case SortBy.CHANGED:
            return (
                day_words(document.modified_at_ns / 1e9, time.time()) if document.modified_at_ns > 0 else ""
            )
        case SortBy.INDEXED:
            return "" if document.indexed_at is None else day_words(document.indexed_at, time.time())


def name_words(document: Document) -> str:
    """`report.pdf in letter.eml in archive.mbox`, or the file's name."""
    inside = container_of(document.path, document.locator)
    return showable(f"{document.path.name} in {inside}" if inside else document.path.name)


def figures(document: Document) -> str:
    """`PDF · 48 pages, 3 without text · 12,304 words · 1.4 MB`; what is not known is left out."""
    parts = [format_kind(document).word]
    if document.pages is not None:
        pages = count_words(document.pages, noun(document.format))
        blank = document.pages_without_text
        parts.append(f"{pages}, {blank:,} without text" if blank and document.pages > 1 else pages)
    if document.words:
        parts.append(count_words(document.words, "word"))
    if document.size_bytes >= 0:
        parts.append(size_words(document.size_bytes))
    return " · ".join(parts)


def history(document: Document, now: float) -> str:
    """`Changed 3 May 2024, 14:02 · Indexed today, 09:14, read in 2.3 s`."""
    parts = []
    if document.modified_at_ns > 0 and (changed := moment_words(document.modified_at_ns / 1e9, now)):
        parts.append(f"Changed {changed}")
    took = "" if document.read_seconds is None else f"read in {duration_words(document.read_seconds)}"
    if document.indexed_at is not None:
        indexed = f"Indexed {moment_words(document.indexed_at, now)}"
        parts.append(f"{indexed}, {took}" if took else indexed)
    elif took:
        parts.append(took.capitalize())
    return " · ".join(parts)


def tip_of(document: Document) -> str:
    """All there is to say, a line each."""
    word = STATE_WORDS[document.state].word
    lines = [
        showable(str(document.path)),
        PINNED_WORDS if document.pinned else "",
        f"{word}: {reason_of(document)}",
        figures(document),
        history(document, time.time()),
    ]
    return "\n".join(line for line in lines if line)


def spoken(document: Document) -> str:
    """What a screen reader says of the row."""
    word = STATE_WORDS[document.state].word
    pinned = ", pinned" if document.pinned else ""
    told = figures(document).replace(" · ", ", ")
    return f"{name_words(document)}{pinned}, {word}: {reason_of(document)} {told}"
