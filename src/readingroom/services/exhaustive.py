"""Looks through every document of a workspace for a term, in all its forms."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Catalog
from readingroom.core.conversation import Citation, Support
from readingroom.core.ids import DocumentId, MessageId, WorkspaceId
from readingroom.core.snippets import Mark, Snippet, snippet
from readingroom.core.tallies import HoldingPage, TalliedDocument, TallyCatalog
from readingroom.core.text_spans import Span, sentences
from readingroom.core.word_places import Term, TermPlace, WordForms, page_pattern

_AROUND_CHARS = 300
_LONGEST_SENTENCE = 320
"""Beyond this the line is shown, or the term by itself: tables have no sentences."""

_SHORT_SENTENCE = 24


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document that holds a term."""

    document_id: DocumentId
    spans: tuple[tuple[int, int], ...]
    forms: Counter[str]
    """As it is written there, and how often."""


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place of a tallied document, ready to be shown."""

    citation: Citation
    """Opens its sentence."""
    snippet: Snippet
    """With the term marked."""
    count: int = 1
    """How often it stands in that sentence."""


class Lookup:
    """Goes through the text that the catalog holds: exact, whether words and embeddings are in the index or not."""

    def __init__(self, catalog: TallyCatalog, forms: WordForms) -> None:
        self._catalog = catalog
        self._forms = forms

    def term(self, text: str) -> Term:
        """Make a term of what the person wrote."""
        return Term(text, self._forms)

    def find(
        self,
        workspace_id: WorkspaceId,
        text: str,
        *,
        within: Collection[DocumentId] | None = None,
        cancel: CancelToken | None = None,
    ) -> Iterator[Sequence[FoundDocument]]:
        """Documents that hold the term, as they are found, by id; an empty sequence where a stretch held none.

        Raises `Cancelled`.
        """
        term = self.term(text)
        if term.blank:
            return
        pattern = page_pattern(term)
        after = (0, -1)
        waiting: list[HoldingPage] = []
        while True:
            if cancel is not None:
                cancel.raise_if_cancelled()
            stretch = self._catalog.pages_holding(workspace_id, pattern, after, following=len(term.words) > 1)
            if stretch.upto is None:
                yield _in_documents(term, waiting, within)
                return
            after = stretch.upto
            pages = [*waiting, *stretch.pages]
            # The last document may go on in the next stretch.
            waiting = [page for page in pages if page.document_id == stretch.documents]
            yield _in_documents(term, pages[: len(pages) - len(waiting)], within)

    def all_words(
        self,
        workspace_id: WorkspaceId,
        text: str,
        *,
        within: Collection[DocumentId] | None = None,
        cancel: CancelToken | None = None,
    ) -> Sequence[FoundDocument]:
        """Documents that hold each word of the term, wherever. Raises `Cancelled`."""
        holding: dict[DocumentId, FoundDocument] | None = None
        for word in dict.fromkeys(self.term(text).words):
            found = {
                document.document_id: document
                for batch in self.find(workspace_id, word, within=within, cancel=cancel)
                for document in batch
            }
            if holding is None:
                holding = found
                continue
            holding = {
                key: FoundDocument(
                    key, tuple(sorted({*known.spans, *found[key].spans})), known.forms + found[key].forms
                )
                for key, known in holding.items()
                if key in found
            }
        return list((holding or {}).values())


def _in_documents(
    term: Term, pages: Sequence[HoldingPage], within: Collection[DocumentId] | None
) -> list[FoundDocument]:
    spans: dict[DocumentId, list[tuple[int, int]]] = {}
    forms: dict[DocumentId, Counter[str]] = {}
    for page in pages:
        if within is not None and page.document_id not in within:
            continue
        places: list[TermPlace] = term.places(page.text, page.following)
        if not places:
            continue
        spans.setdefault(page.document_id, []).extend(
            (page.start + place.span.start, page.start + place.span.end) for place in places
        )
        forms.setdefault(page.document_id, Counter()).update(place.form for place in places)
    return [FoundDocument(key, tuple(found), forms[key]) for key, found in spans.items()]


class TallyService:
    """Shows what answers about all documents were made of. Blocks briefly; may be called from any thread."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def documents(self, message_id: MessageId) -> Sequence[TalliedDocument]:
        """What an answer was made of, in order."""
        return self._catalog.tally(message_id)

    def places(
        self, document: TalliedDocument, *, first: int = 0, most: int = 20, number: int = 1
    ) -> Sequence[ShownPlace]:
        """Some places of a document with their sentences, numbered on from `number`; none where it was read anew since."""
        document_id = document.document_id
        known = None if document_id is None else self._catalog.document(document_id)
        if document_id is None or known is None or (known.content_hash or "") != document.content_hash:
            return ()
        shown: list[ShownPlace] = []
        spans = document.spans[first : first + most]
        while spans:
            place = self._shown(document, document_id, spans, number + len(shown))
            shown.append(place)
            spans = spans[place.count :]
        places = self._catalog.places([(document_id, s.citation.start, s.citation.end) for s in shown])
        return [
            replace(one, citation=replace(one.citation, place=place.words, container=place.container))
            for one, place in zip(shown, places, strict=True)
        ]

    def _shown(
        self,
        document: TalliedDocument,
        document_id: DocumentId,
        spans: Sequence[tuple[int, int]],
        number: int,
    ) -> ShownPlace:
        """The first of the places, with all that stand in its sentence."""
        base = max(0, spans[0][0] - _AROUND_CHARS)
        text = self._catalog.text_between(document_id, base, spans[0][1] + _AROUND_CHARS)
        around = _sentence(text, Span(spans[0][0] - base, spans[0][1] - base))
        start, end = base + around.start, base + around.end
        within = [span for span in spans if span[1] <= end]
        quote = text[around.start : around.end]
        citation = Citation(
            n=number,
            document_id=document_id,
            path=document.path,
            page=self._catalog.page_number(document_id, spans[0][0]),
            start=start,
            end=end,
            quote=quote,
            located=True,
            container=document.container,
            support=Support.EXACT,
            content_hash=document.content_hash,
        )
        marks = [Mark(Span(first - start, last - start), 0) for first, last in within]
        return ShownPlace(citation, snippet(quote, marks), len(within))


def _sentence(text: str, own: Span) -> Span:
    """The sentence around a span; where there is none of a fair length, its line, else the span alone."""
    spans = sentences(text)
    for at, span in enumerate(spans):
        if span.start <= own.start and own.end <= span.end:
            if span.end - span.start > _LONGEST_SENTENCE:
                break
            following = spans[at + 1] if at + 1 < len(spans) else span
            # A title by itself says little.
            short = (
                span.end - span.start < _SHORT_SENTENCE and following.end - span.start <= _LONGEST_SENTENCE
            )
            return Span(span.start, following.end) if short else span
    first = text.rfind("\n", 0, own.start) + 1
    last = text.find("\n", own.end)
    last = len(text) if last < 0 else last
    return Span(first, last) if last - first <= _LONGEST_SENTENCE else own
