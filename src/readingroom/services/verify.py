"""Checks an answer against the passages it was written from: each sentence, and where in them it stands."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from readingroom.core.catalog import Catalog
from readingroom.core.citations import cited, with_kept
from readingroom.core.claims import Claim, claims_of
from readingroom.core.conversation import Citation, Message, Support
from readingroom.core.errors import EmbeddingModelUnavailable, WorkerFailure
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import Document, Passage
from readingroom.core.nearness import BUNDLED
from readingroom.core.ports import Embeddings, QueryEmbedder
from readingroom.core.shared_words import Shared, SharedWords
from readingroom.core.support import (
    MIN_RATIO,
    MIN_SHARE,
    OFFER_SHARE,
    OFFER_SIMILARITY,
    OFFER_WORTH_A_LOOK,
    bears_out,
    contradicted,
    quotations,
    says_of_silence,
    sums_up,
    turned_round,
    worth_offering,
)
from readingroom.core.text_spans import FoldedText, Span, words

log = logging.getLogger(__name__)

_LEAST_EXACT = 4
"""Words; fewer stand in many places."""
_SPOKEN_SHARE = 0.6
"""Of the answer's words that the embedding model must know, or its similarity says nothing."""
_MOST_OFFERS = 12
_MOST_SENTENCES = 64
"""Of a passage, compared by meaning; a document that was given whole has thousands."""
_LOOKED_AT = 2
"""Passages a sentence without a source is compared with by meaning."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """Where a claim stands in a passage, so far as it is known."""

    claim: Claim
    place: int
    span: Span
    support: Support
    shared: Shared | None = None
    located: bool = True
    offered: bool = False


class VerifyService:
    """Blocks for tens of milliseconds, and where words do not decide, for embedding some sentences."""

    def __init__(self, catalog: Catalog, embedder: QueryEmbedder) -> None:
        self._catalog = catalog
        self._embedder = embedder

    def check(self, kept: Message, answer: str, passages: Sequence[Passage]) -> tuple[Citation, ...]:
        """The citations of an answer that is written into the message kept for it."""
        thread = self._catalog.thread(kept.thread_id)
        if thread is None:
            return ()
        branch = self._catalog.branch_to(kept.id)
        question = branch[-2].text if len(branch) > 1 else ""
        return self.verify(thread.workspace_id, answer, passages, question=question)

    def verify(
        self, workspace_id: WorkspaceId, answer: str, passages: Sequence[Passage], *, question: str = ""
    ) -> tuple[Citation, ...]:
        """The citations of an answer whose markers read `[n]`, by number and place in the answer, offered ones too.

        One for each passage a sentence names, at the words that bear it out, or with `Support.NONE`.
        """
        index = self._catalog.active_index(workspace_id)
        model = index.embedding_model if index is not None else ""
        checked = list(_Check(self._embedder, model, answer, passages, question).findings())
        made = [
            cited(
                found.place + 1,
                passages[found.place],
                found.span,
                claim=found.claim,
                support=found.support,
                located=found.located,
                offered=found.offered,
            )
            for found in checked
        ]
        return self.placed(sorted(made, key=lambda citation: (citation.n, citation.claim_start)))

    def keep(self, message: Message, offered: Citation) -> Message:
        """Make a source that was offered for a sentence of an answer its own, as the person asks."""
        text, citations = with_kept(message.text, message.citations, offered)
        return self._catalog.update_message(
            message.id,
            text,
            citations=citations,
            refused=message.refused,
            notice=message.notice,
            thinking=message.thinking,
        )

    def changed(self, citations: Sequence[Citation]) -> frozenset[Citation]:
        """Those whose document is no longer what it was when it was cited, or is gone."""
        ids = {c.document_id for c in citations if c.document_id is not None}
        known = {document_id: self._catalog.document(document_id) for document_id in ids}
        return frozenset(c for c in citations if c.document_id is None or _differs(c, known[c.document_id]))

    def placed(self, citations: Sequence[Citation]) -> tuple[Citation, ...]:
        """Say of each where its own words stand, as the passage around them may span many rows, and in what version."""
        ids = [c.document_id for c in citations if c.document_id is not None]
        spans = [(c.document_id, c.start, c.end) for c in citations if c.document_id is not None]
        places = iter(self._catalog.places(spans))
        hashes = {document_id: self._hash(document_id) for document_id in set(ids)}
        return tuple(
            citation
            if citation.document_id is None
            else replace(
                citation,
                place=(place := next(places)).words,
                container=place.container,
                content_hash=hashes[citation.document_id],
            )
            for citation in citations
        )

    def _hash(self, document_id: DocumentId) -> str:
        document = self._catalog.document(document_id)
        return (document.content_hash or "") if document is not None else ""


class _Check:
    """One answer against its passages: words first, and meaning only where they do not decide."""

    def __init__(
        self, embedder: QueryEmbedder, model: str, answer: str, passages: Sequence[Passage], question: str
    ) -> None:
        self._embedder = embedder
        self._model = model
        self._answer = answer
        self._passages = passages
        self._question = question
        self._claims = claims_of(answer)
        self._shared = SharedWords(passages)
        self._folded: dict[int, FoldedText] = {}
        self._rows: dict[str, int] = {}
        self._vectors: Embeddings | None = None
        self._nearness = BUNDLED

    def findings(self) -> Iterator[_Finding]:
        named = [
            (claim, n - 1) for claim in self._claims for n in claim.numbers if 0 < n <= len(self._passages)
        ]
        first = [self._by_words(claim, place) for claim, place in named]
        bare = [claim for claim in self._claims if not claim.numbers and worth_offering(claim.text)]
        looks = [look for claim in bare for look in self._looks(claim)]
        self._embed([*(found for found in first if found.support is Support.NONE and found.located), *looks])
        judged = [self._judged(found) for found in first]
        yield from judged
        borne_out = {id(found.claim) for found in judged if found.support is not Support.NONE}
        wrong = [claim for claim in self._claims if claim.numbers and id(claim) not in borne_out]
        # By words alone: what names the wrong passage mostly has another's very words.
        looks += [
            look for claim in wrong for look in self._looks(claim) if look.place + 1 not in claim.numbers
        ]
        offers = (self._offer(claim, looks) for claim in (*bare, *wrong) if worth_offering(claim.text))
        yield from islice((offer for offer in offers if offer is not None), _MOST_OFFERS)

    # -- by words

    def _by_words(self, claim: Claim, place: int) -> _Finding:
        """What words alone say; `NONE` is open yet, unless it is not located: then a quotation is an invented one."""
        whole, folded = Span(0, len(self._passages[place].text)), self._folded_at(place)
        if says_of_silence(claim.text):
            return _Finding(claim, place, whole, Support.PASSAGE)
        if quoted := quotations(claim.text):
            return self._quoted(claim, place, quoted)
        said = claim.text.strip(" .,;:!?")
        if len(words(said)) >= _LEAST_EXACT and (span := folded.find(said)) is not None:
            return _Finding(claim, place, self._snapped(place, span), Support.EXACT)
        shared = self._shared.of(claim.text, place)
        if shared is not None and shared.share >= MIN_SHARE:
            return _Finding(claim, place, shared.span, Support.CLOSE, shared)
        if (span := _alike(said, folded)) is not None:
            return _Finding(claim, place, self._snapped(place, span), Support.CLOSE, shared)
        if (row := self._shared.row(claim.text, place)) is not None:
            return _Finding(claim, place, row, Support.CLOSE, shared)
        return _Finding(claim, place, shared.span if shared else whole, Support.NONE, shared)

    def _quoted(self, claim: Claim, place: int, quoted: Sequence[str]) -> _Finding:
        folded = self._folded_at(place)
        for quote in quoted:
            if (span := folded.find(quote.strip(" .,;:"))) is not None:
                return _Finding(claim, place, span, Support.EXACT)
        for quote in quoted:
            if (span := _alike(quote, folded)) is not None:
                return _Finding(claim, place, self._snapped(place, span), Support.CLOSE)
        return _Finding(claim, place, Span(0, len(self._passages[place].text)), Support.NONE, located=False)

    def _folded_at(self, place: int) -> FoldedText:
        if place not in self._folded:
            self._folded[place] = FoldedText(self._passages[place].text)
        return self._folded[place]

    def _snapped(self, place: int, span: Span) -> Span:
        """The sentences that a stretch of text lies in for a good part."""
        held = [
            unit
            for unit in self._shared.units[place]
            if min(unit.end, span.end) - max(unit.start, span.start)
            > min(unit.end - unit.start, span.end - span.start) / 3
        ]
        return Span(held[0].start, held[-1].end) if held else span

    # -- by meaning

    def _looks(self, claim: Claim) -> Iterator[_Finding]:
        """The passages that may bear out a sentence that names none, best first."""
        found = [(place, self._shared.of(claim.text, place)) for place in range(len(self._passages))]
        near = [
            (shared.share, place, shared)
            for place, shared in found
            if shared and shared.share >= OFFER_WORTH_A_LOOK
        ]
        for share, place, shared in sorted(near, key=lambda entry: (-entry[0], entry[1]))[:_LOOKED_AT]:
            support = Support.CLOSE if share >= OFFER_SHARE else Support.NONE
            yield _Finding(claim, place, shared.span, support, shared, offered=True)

    def _embed(self, findings: Sequence[_Finding]) -> None:
        """Embed in one batch the claims that are open, and the sentences they may rest on."""
        texts: dict[str, int] = {}
        for found in findings:
            if found.support is Support.NONE and not sums_up(found.shared, self._passages[found.place]):
                for text in (found.claim.text, *self._sentences(found)):
                    texts.setdefault(text, len(texts))
        if not texts or not self._model:
            return
        try:
            if self._embedder.known_share(self._model, self._answer) < _SPOKEN_SHARE:
                return
            self._nearness = self._embedder.nearness(self._model)
            if self._nearness.tells:
                self._vectors = self._embedder.embed_sentences(self._model, list(texts))
                self._rows = texts
        except (EmbeddingModelUnavailable, WorkerFailure):
            log.exception("Sentences could not be embedded; citations are checked by words alone")

    def _sentences(self, found: _Finding) -> dict[str, Span]:
        """What a claim is compared with: for an offer the sentence that has most of its words, else all of the passage."""
        text = self._passages[found.place].text
        spans = (
            [found.span]
            if found.offered
            else self._shared.nearest(found.claim.text, found.place, _MOST_SENTENCES)
        )
        return {text[span.start : span.end]: span for span in spans}

    def _nearest(self, found: _Finding) -> tuple[float, Span] | None:
        """The sentence of the passage nearest in meaning, and its similarity; None where that is not known."""
        sentences = self._sentences(found)
        rows = [self._rows.get(text, -1) for text in (found.claim.text, *sentences)]
        if self._vectors is None or not sentences or -1 in rows:
            return None
        cosines = self._vectors[rows[1:]] @ self._vectors[rows[0]]
        scores = [self._nearness.of_sentences(float(cosine)) for cosine in cosines]
        shares = self._shared.shares(found.claim.text, found.place)
        # Of two that are as near in meaning, the one with more of the claim's words.
        together = [
            score + shares.get(span, 0.0) / 2 for score, span in zip(scores, sentences.values(), strict=True)
        ]
        best = int(np.argmax(together))
        return scores[best], list(sentences.values())[best]

    def _judged(self, found: _Finding) -> _Finding:
        """The last word on a claim and a passage it names."""
        whole = Span(0, len(self._passages[found.place].text))
        if found.support in (Support.PASSAGE, Support.EXACT) or not found.located:
            return found
        if found.support is Support.NONE:
            found = self._by_meaning(found, whole)
        if found.support is Support.NONE:
            return found
        text = self._passages[found.place].text[found.span.start : found.span.end]
        passages = [self._passages[n - 1] for n in found.claim.numbers if 0 < n <= len(self._passages)]
        share = found.shared.share if found.shared else 0.0
        wrong = turned_round(found.claim.text, text, share) or contradicted(
            found.claim.text, text, passages, question=self._question, others=self._passages
        )
        return replace(found, support=Support.NONE) if wrong else found

    def _by_meaning(self, found: _Finding, whole: Span) -> _Finding:
        if sums_up(found.shared, self._passages[found.place]):
            return replace(found, support=Support.PASSAGE, span=whole)
        nearest = self._nearest(found)
        if nearest is None:
            # Nothing can be said of it: the passage is cited as it was, and called neither borne out nor not.
            return replace(found, support=Support.PASSAGE, span=whole)
        similarity, span = nearest
        share = found.shared.share if found.shared else 0.0
        if bears_out(share, similarity):
            return replace(found, support=Support.MEANING, span=span)
        return replace(found, span=whole, located=False)

    def _offer(self, claim: Claim, looks: Sequence[_Finding]) -> _Finding | None:
        for look in (look for look in looks if look.claim is claim):
            found = look
            if look.support is Support.NONE:
                nearest = self._nearest(look)
                if nearest is None or nearest[0] < OFFER_SIMILARITY:
                    continue
                found = replace(look, support=Support.MEANING, span=nearest[1])
            passage = self._passages[found.place]
            text = passage.text[found.span.start : found.span.end]
            if not contradicted(claim.text, text, [passage], question=self._question, others=self._passages):
                return found
        return None


def _differs(citation: Citation, document: Document | None) -> bool:
    if document is None:
        return True
    # Without a hash it is being read anew, or it was cited before hashes were kept.
    return (
        bool(citation.content_hash and document.content_hash)
        and citation.content_hash != document.content_hash
    )


def _alike(said: str, folded: FoldedText) -> Span | None:
    """The stretch of a passage that reads like what is said, but for some signs."""
    from rapidfuzz import fuzz  # 10 ms of CPU time, which no start need wait for

    needle = FoldedText(said).folded.strip()
    if not needle or len(needle) > len(folded.folded):
        return None
    found = fuzz.partial_ratio_alignment(needle, folded.folded, score_cutoff=MIN_RATIO)
    if found is None or found.dest_end <= found.dest_start:
        return None
    return folded.origin(found.dest_start, found.dest_end)
