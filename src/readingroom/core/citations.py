"""Citations of passages and of the words in them that bear a claim out, each on the page where they stand."""

from collections.abc import Sequence
from dataclasses import replace

from readingroom.core.claims import Claim
from readingroom.core.conversation import Citation, Support
from readingroom.core.models import PageSpan, Passage
from readingroom.core.shared_words import SharedWords
from readingroom.core.text_spans import Span

_LEAST_SHARE = 0.2
"""Share of the words looked for that a sentence must hold to be shown as their place."""


def cite_passage(n: int, passage: Passage) -> Citation:
    """A citation of the passage as a whole."""
    return cited(n, passage, Span(0, len(passage.text)))


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


def page_of(locations: Sequence[PageSpan], start: int, default: int | None) -> int | None:
    """The page on which an offset of the document stands."""
    for place in locations:
        if place.start <= start < place.end:
            return place.page
    return default
