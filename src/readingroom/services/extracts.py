"""An extract in place of a summary: the sentences that say most, each a citation of itself."""

from collections.abc import Iterator, Sequence

from readingroom.core.cancellation import CancelToken
from readingroom.core.chunking import locations, trimmed
from readingroom.core.citations import begin_on_page, page_parts
from readingroom.core.conversation import Citation, Support
from readingroom.core.extract import key_sentences
from readingroom.core.extraction import ExtractedDocument
from readingroom.core.models import Document
from readingroom.core.summing_up import sections
from readingroom.core.text_spans import Span
from readingroom.core.whole_words import plain

_OF_ONE = 12
_OF_EACH = 2
_MOST_DOCUMENTS = 40
"""Listed; of more, the longest."""
_SECTION_TOKENS = 2000


def extract_answer(
    title: str, contents: Sequence[tuple[Document, ExtractedDocument]], cancel: CancelToken
) -> tuple[str, list[Citation]]:
    """Markdown and citations. Raises `Cancelled`."""
    chosen = sorted(contents, key=lambda pair: -len(pair[1].text))[:_MOST_DOCUMENTS]
    ids = {document.id for document, _ in chosen}
    shown = [pair for pair in contents if pair[0].id in ids]
    citations: list[Citation] = []
    parts: list[str] = []
    for document, content in shown:
        cancel.raise_if_cancelled()
        spans = _spans(document, content, _OF_ONE if len(shown) == 1 else _OF_EACH)
        if not spans:
            continue
        if len(shown) > 1:
            parts.append(f"**{plain(document.path.name)}**")
        lines = []
        for span in spans:
            # A sentence that goes on over the page has a number for each.
            cited = list(_cited(len(citations) + 1, document, content, span))
            citations += cited
            sentence = plain(" ".join(content.text[span.start : span.end].split()))
            lines.append(f"- {sentence} {''.join(f'[{citation.n}]' for citation in cited)}")
        parts.append("\n".join(lines))
    if not citations:
        return f"There are no sentences in {title} that could be shown.", []
    left = len(contents) - len(shown)
    of = f" Of {len(contents):,} documents, the {len(shown):,} longest are shown." if left else ""
    head = (
        f"An extract, not a summary: there is no model to write one, so these are the sentences of {plain(title)} that "
        f"say most of it, in its own words.{of}"
    )
    return "\n\n".join([head, *parts]), citations


def _spans(document: Document, content: ExtractedDocument, most: int) -> list[Span]:
    parts = sections(content, document.id, document.path, most_tokens=_SECTION_TOKENS, first=1)
    text = content.text
    each = max(1, -(-most // max(1, len(parts))))
    best = [
        Span(span.start + part.start, span.end + part.start)
        for part in parts
        for span in key_sentences(text[part.start : part.end], each)
    ]
    if len(best) <= most:
        return best
    # Of the best of all sections, those that say most of these.
    joined, at, origin = "", 0, {}
    for span in best:
        sentence = " ".join(text[span.start : span.end].split())
        origin[at] = span
        joined += f"{sentence}\n\n"
        at = len(joined)
    return [origin[span.start] for span in key_sentences(joined, most) if span.start in origin]


def _cited(first: int, document: Document, content: ExtractedDocument, span: Span) -> Iterator[Citation]:
    text = content.text
    places = locations(span.start, span.end, content.pages)
    for n, part in enumerate(page_parts(places), start=first):
        start, end = trimmed(text, begin_on_page(part, places), part.end)
        yield Citation(
            n,
            document.id,
            document.path,
            part.page,
            start,
            end,
            text[start:end],
            located=True,
            support=Support.EXACT,
            content_hash=document.content_hash or "",
        )
