"""Looks in the documents for a question: all its forms, what is pinned, and what it names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from readingroom.core.answering import Answering
from readingroom.core.asked_for import named_share
from readingroom.core.catalog import Catalog
from readingroom.core.conversation import Searched
from readingroom.core.follow_up import merged
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import PageSpan, Passage, SearchScope
from readingroom.core.places import container_of
from readingroom.core.prompts import Material
from readingroom.core.relevance import speaks
from readingroom.core.text_spans import words
from readingroom.services.preferences import PreferenceService
from readingroom.services.retrieve import RetrieveService

NEAREST = 3
"""Passages shown when none of them answers."""
_DEPTH = 3
"""Times as many of each form are found where two are merged."""
MOST_WHOLE_CHARS = 400_000
"""No model's window here holds more, and reading it from the catalog takes time."""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to answer from."""

    searched: Searched
    material: Material
    nearest: tuple[Passage, ...]
    """Where nothing speaks to the question, what came nearest; numbered."""

    @property
    def used(self) -> tuple[Passage, ...]:
        """The passages that speak to the question; numbered, pinned documents left out."""
        return numbered(self.material.passages)

    @property
    def anything(self) -> bool:
        """Whether there is something to put before a model."""
        return bool(self.material.passages or self.material.pinned)


class LookUp:
    """Blocks for as long as one search or two take."""

    def __init__(self, catalog: Catalog, retrieve: RetrieveService, preferences: PreferenceService) -> None:
        self._catalog = catalog
        self._retrieve = retrieve
        self._preferences = preferences

    def look_up(
        self,
        workspace_id: WorkspaceId,
        question: str,
        whole: str | None,
        answering: Answering,
        scope: SearchScope,
    ) -> Found:
        """Search for the question and, where it leans on others, for its whole form. Raises as `search` does."""
        limit = answering.passages or self._preferences.settings.passages
        passages = self._passages(workspace_id, question, whole, limit, scope)
        used = [passage for passage in passages if speaks(passage, answering.threshold)]
        documents, chunks = self._catalog.chunk_counts(workspace_id, scope)
        searched = Searched(documents, chunks, len(used), queries=(question, whole) if whole else ())
        material = Material(
            pinned=self._pinned(workspace_id),
            named=self._named(f"{question} {whole or ''}", used),
            passages=used,
        )
        return Found(searched, material, numbered(passages[:NEAREST]))

    def _passages(
        self, workspace_id: WorkspaceId, question: str, whole: str | None, limit: int, scope: SearchScope
    ) -> Sequence[Passage]:
        if whole is None:
            return self._retrieve.search(workspace_id, question, limit=limit, scope=scope)
        asked = self._retrieve.search(workspace_id, question, limit=_DEPTH * limit, scope=scope)
        found = self._retrieve.search(workspace_id, whole, limit=_DEPTH * limit, scope=scope)
        return _apart(merged(question, asked, found, key=lambda each: (each.document_id, each.start)))[:limit]

    def _pinned(self, workspace_id: WorkspaceId) -> Sequence[Passage]:
        wholes = [self._whole_document(each) for each in self._catalog.pinned_documents(workspace_id)]
        return [passage for passage in wholes if passage is not None]

    def _named(self, question: str, used: Sequence[Passage]) -> Sequence[Passage]:
        """Documents that the question calls by their whole names, of those found."""
        named = {each.document_id for each in used if _is_named(question, each.path)}
        wholes = [self._whole_document(each) for each in sorted(named)]
        return [passage for passage in wholes if passage is not None]

    def _whole_document(self, document_id: DocumentId) -> Passage | None:
        """All its text as one passage; None where there is none, or more than any window holds."""
        document = self._catalog.document(document_id)
        if document is None or document.size_bytes > 100 * MOST_WHOLE_CHARS:
            return None
        pages = self._catalog.pages(document_id)
        text = "".join(page.text for page in pages)
        if not text.strip() or len(text) > MOST_WHOLE_CHARS:
            return None
        return Passage(
            rank=0,
            score=0.0,
            similarity=None,
            document_id=document_id,
            path=document.path,
            page=pages[0].number,
            start=0,
            end=len(text),
            text=text,
            locations=tuple(PageSpan(page.number, page.start, page.start + len(page.text)) for page in pages),
            heading=(),
            place="whole document",
            container=container_of(document.path, document.locator),
        )


def numbered(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Give them the numbers under which the answer and the window speak of them."""
    return tuple(replace(passage, rank=n) for n, passage in enumerate(passages, start=1))


def _is_named(question: str, path: Path) -> bool:
    """A single word is none: in a question on leave, `leave.txt` is not what it is about."""
    if path.name.casefold() in question.casefold():
        return True
    return len(words(path.stem.replace("_", " "))) > 1 and named_share(question, path.stem) == 1.0


def _apart(passages: Sequence[Passage]) -> list[Passage]:
    """Without those that lie within one before them: each form joins neighbours in its own way."""
    kept: list[Passage] = []
    for passage in passages:
        if not any(
            other.document_id == passage.document_id
            and other.start < passage.end
            and passage.start < other.end
            for other in kept
        ):
            kept.append(passage)
    return kept
