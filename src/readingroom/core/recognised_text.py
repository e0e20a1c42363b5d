"""Putting recognised text in the place of pictures: pages, what moves with them, and what is said of it."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace

from readingroom.core.extraction import ExtractedDocument, Heading, Page, PlacedWord, Table
from readingroom.core.recognition import RecognisedPage

MUCH_UNREAD = 0.3
"""Of what looks like writing: with more of it unread, the person is told."""
_NAMED_FAILURES = 3


def with_recognised(
    document: ExtractedDocument, fresh: Mapping[int, tuple[str, RecognisedPage]]
) -> ExtractedDocument:
    """Replace the text of the pages in `fresh` (by number: own text, what was recognised); everything else moves along."""
    pages: list[Page] = []
    offset = 0
    for page in document.pages:
        text, words, pictured = page.text, page.words, page.pictured
        if page.number is not None and page.number in fresh:
            own, recognised = fresh[page.number]
            text, words = combined(own, recognised)
            pictured = pictured and not recognised.text
        pages.append(replace(page, start=offset, text=text, words=words, pictured=pictured))
        offset += len(text)
    moved = _Moved(document.pages, pages, frozenset(fresh))
    return replace(
        document,
        pages=tuple(pages),
        headings=tuple(moved.heading(heading) for heading in document.headings),
        tables=tuple(table for table in map(moved.table, document.tables) if table is not None),
    )


def combined(own: str, recognised: RecognisedPage) -> tuple[str, tuple[PlacedWord, ...]]:
    """What was recognised, then those lines of the page's own text that are not in the picture (a comment)."""
    if not recognised.text:
        return own, ()
    seen = _letters(recognised.text)
    more = [line for line in own.splitlines() if _letters(line) and _letters(line) not in seen]
    if not more:
        return recognised.text, recognised.words
    return "\n".join((recognised.text, *more, "")), recognised.words


def recognition_notes(outcomes: Mapping[int, RecognisedPage]) -> tuple[str, ...]:
    """Say in plain sentences what was recognised on a document's pages, and what could not be."""
    notes: list[str] = []
    read = sum(1 for outcome in outcomes.values() if outcome.text)
    if read:
        notes.append(
            f"The text of {read:,} pages was recognised from pictures."
            if read > 1
            else "The text of 1 page was recognised from a picture."
        )
    unread = [
        page
        for page, outcome in outcomes.items()
        if outcome.unread_share > MUCH_UNREAD and outcome.engine == "built-in"
    ]
    if unread:
        notes.append(
            f"{_on_pages(unread)} there is writing that could not be read; Tesseract, once it is installed with the "
            "page's language, may read it."
        )
    nothing = [
        page
        for page, outcome in outcomes.items()
        if not outcome.text and not outcome.failure and page not in unread
    ]
    if nothing:
        notes.append(f"{_on_pages(nothing)} no text was recognised.")
    failed = {page: outcome.failure for page, outcome in outcomes.items() if outcome.failure}
    for page, failure in list(failed.items())[:_NAMED_FAILURES]:
        notes.append(f"Page {page:,} could not be recognised: {failure}")
    if len(failed) > _NAMED_FAILURES:
        notes.append(f"{len(failed) - _NAMED_FAILURES:,} more pages could not be recognised.")
    return tuple(notes)


def _on_pages(pages: Sequence[int]) -> str:
    return f"On page {pages[0]:,}" if len(pages) == 1 else f"On {len(pages):,} pages"


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


class _Moved:
    """Where places of the former text are in the new one."""

    def __init__(self, before: Sequence[Page], after: Sequence[Page], replaced: frozenset[int]) -> None:
        self._after = after
        self._replaced = replaced
        self._starts = [page.start for page in before]
        self._numbers = {page.number: at for at, page in enumerate(before) if page.number is not None}

    def heading(self, heading: Heading) -> Heading:
        at = self._numbers.get(heading.page) if heading.page else None
        at = self._page_at(heading.start) if at is None else at
        page = self._after[at]
        if page.number not in self._replaced:
            return replace(heading, start=heading.start - self._starts[at] + page.start)
        # Its place in what is gone tells nothing: it is looked for where the page says it is.
        found = page.text.casefold().find(heading.title.casefold())
        return replace(heading, start=page.start + max(found, 0))

    def table(self, table: Table) -> Table | None:
        first, last = self._page_at(table.start), self._page_at(max(table.start, table.end - 1))
        if any(page.number in self._replaced for page in self._after[first : last + 1]):
            return None
        by = self._after[first].start - self._starts[first]
        rows = tuple((offset + by, row) for offset, row in table.rows)
        return replace(table, start=table.start + by, end=table.end + by, rows=rows)

    def _page_at(self, offset: int) -> int:
        """The page that holds an offset; of several that begin there, the last."""
        return max(bisect_right(self._starts, offset) - 1, 0)
