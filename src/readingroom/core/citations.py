"""Citations of passages and of the words in them that bear a claim out, each on the page where they stand."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from readingroom.core.chunking import trimmed
from readingroom.core.claims import Claim
from readingroom.core.conversation import Citation, Support
from readingroom.core.models import PageSpan, Passage
from readingroom.core.places import on_page
from readingroom.core.shared_words import SharedWords
from readingroom.core.text_spans import Span

_LEAST_SHARE = 0.2
"""Share of the words looked for that a sentence must hold to be shown as their place."""
_SCRAP_CHARS = 40
"""The end of a sentence or a running head: not worth a page of its own."""


def cite_passage(n: int, passage: Passage) -> Citation:
    """A citation of the passage as a whole."""
    return cited(n, passage, Span(0, len(passage.text)))


def cite_pages(n: int, passage: Passage) -> tuple[Citation, ...]:
    """A citation for each page that the passage holds text of, of its own part of it.

    `place` is empty where it does not follow from the number of the page: those of sheets and chapters have names.
    """
    parts = page_parts(passage.locations)
    if len(parts) < 2 and all(part.page == passage.page for part in parts):
        return (cite_passage(n, passage),)
    made = []
    for part in parts:
        start, end = trimmed(passage.text, part.start - passage.start, part.end - passage.start)
        place = "" if part.page is None else on_page(passage.place, part.page)
        made.append(replace(cited(n, passage, Span(start, end)), page=part.page, place=place))
    return tuple(made)


def page_parts(locations: Iterable[PageSpan]) -> list[PageSpan]:
    """A span by the pages it lies on, cut where each begins; scraps stay with their neighbour, on the page of that."""
    parts: list[PageSpan] = []
    for place in locations:
        last = parts[-1] if parts else None
        if last is None or (place.page != last.page and not _is_scrap(last) and not _is_scrap(place)):
            parts.append(place)
        else:
            longer = max(last, place, key=lambda span: span.end - span.start)
            parts[-1] = PageSpan(longer.page, last.start, place.end)
    return parts


def cite_words(passage: Passage, words: Sequence[str]) -> Citation:
    """A citation of the sentence that holds most of these words of the passage; of all of it where there are none."""
    found = SharedWords([passage]).of(" ".join(dict.fromkeys(words)), 0) if words else None
    if found is None or found.share < _LEAST_SHARE:
        return cite_passage(passage.rank, passage)
    return cited(passage.rank, passage, found.span)


def cited(
    n: int,
    passage: Passage,
    span: Span,
    *,
    claim: Claim | None = None,
    support: Support = Support.PASSAGE,
    located: bool = True,
    offered: bool = False,
) -> Citation:
    """A citation of a span of the passage's text; the page is that of the span."""
    start = passage.start + span.start
    return Citation(
        n=n,
        document_id=passage.document_id,
        path=passage.path,
        page=page_of(passage.locations, start, passage.page),
        start=start,
        end=passage.start + span.end,
        quote=passage.text[span.start : span.end] if located else "",
        located=located,
        place=passage.place,
        container=passage.container,
        claim_start=claim.start if claim else 0,
        claim_end=claim.end if claim else 0,
        support=support,
        offered=offered,
    )


def with_kept(
    answer: str, citations: Sequence[Citation], offered: Citation
) -> tuple[str, tuple[Citation, ...]]:
    """The answer with a source that was offered for a sentence as its own, and all citations where they stand then."""
    ends = answer[offered.claim_start : offered.claim_end].rstrip(" |")
    at = offered.claim_start + len(ends.rstrip(".!?…"))
    marker = f" [{offered.n}]"

    def moved(offset: int) -> int:
        return offset + len(marker) if offset > at else offset

    kept = tuple(
        replace(
            citation,
            claim_start=moved(citation.claim_start),
            claim_end=moved(citation.claim_end) if citation != offered else offered.claim_end + len(marker),
            offered=citation.offered and citation != offered,
        )
        for citation in citations
    )
    return answer[:at] + marker + answer[at:], kept


def begin_on_page(part: PageSpan, locations: Iterable[PageSpan]) -> int:
    """Where a part begins on its own page: there may be a scrap of the page before in it."""
    return max(part.start, next((span.start for span in locations if span.page == part.page), part.start))


def _is_scrap(span: PageSpan) -> bool:
    return span.end - span.start < _SCRAP_CHARS


def page_of(locations: Sequence[PageSpan], start: int, default: int | None) -> int | None:
    """The page on which an offset of the document stands."""
    for place in locations:
        if place.start <= start < place.end:
            return place.page
    return default
