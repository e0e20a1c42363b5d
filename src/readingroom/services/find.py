"""Passages while a search is being typed: by words at once, by words and meaning after a pause."""

from collections.abc import Sequence
from dataclasses import dataclass

from readingroom.core.catalog import IndexCatalog
from readingroom.core.citations import cite_words
from readingroom.core.conversation import Citation
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Passage, SearchMode
from readingroom.core.relevance import speaks
from readingroom.core.snippets import Mark, Snippet, Typed, find_marks, snippet, typed
from readingroom.core.text_spans import storable
from readingroom.services.retrieve import RetrieveService

MOST_FOUND = 8
LEAST_TYPED = 2
"""Characters before anything is looked for: one letter begins a tenth of all words."""
_DEPTH = 24
"""Passages of which those with most of the words come first."""
_COMPLETIONS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that fits what is typed."""

    passage: Passage
    snippet: Snippet
    citation: Citation
    """The sentence to mark, by which the viewer opens it."""


class FindService:
    """Blocks for some 20 ms by words; by meaning for as long as a question takes to embed."""

    def __init__(self, catalog: IndexCatalog, retrieve: RetrieveService) -> None:
        self._catalog = catalog
        self._retrieve = retrieve

    def by_words(self, workspace_id: WorkspaceId, text: str) -> Sequence[Found]:
        """Passages with most of the words typed, the last of which may be begun only.

        Raises `VectorStoreUnavailable`.
        """
        sought = typed(storable(text))
        if len(sought.text.strip()) < LEAST_TYPED:
            return ()
        query = _with(sought, self._completions(workspace_id, sought))
        passages = self._retrieve.search(
            workspace_id, query, limit=_DEPTH, mode=SearchMode.WORDS, joining=False
        )
        marked = [(passage, find_marks(passage.text, sought)) for passage in passages]
        # The engine adds up the words it finds; a person who types one more wants fewer passages, with all of them.
        marked.sort(key=lambda pair: -len({mark.word for mark in pair[1]}))
        return [_found(*pair) for pair in marked if pair[1] or _in_heading(pair[0], sought)][:MOST_FOUND]

    def by_meaning(self, workspace_id: WorkspaceId, text: str) -> Sequence[Found]:
        """Passages by words and meaning together, of those that speak to what is typed.

        Raises `VectorStoreUnavailable`.
        """
        sought = typed(storable(text))
        if len(sought.text.strip()) < LEAST_TYPED:
            return ()
        completions = self._completions(workspace_id, sought)
        query = sought.text
        if completions and sought.begun_as_typed.casefold() not in completions:
            # Half a word means nothing.
            query = query.removesuffix(sought.begun_as_typed) + completions[0]
        passages = self._retrieve.search(workspace_id, query, limit=_DEPTH, joining=False)
        speaking = [passage for passage in passages if speaks(passage)][:MOST_FOUND]
        return [_found(passage, find_marks(passage.text, sought)) for passage in speaking]

    def _completions(self, workspace_id: WorkspaceId, sought: Typed) -> Sequence[str]:
        if len(sought.begun) < LEAST_TYPED:
            return ()
        index = self._catalog.active_index(workspace_id)
        if index is None:
            return ()
        return self._catalog.words_beginning(index.id, sought.begun_as_typed, limit=_COMPLETIONS)


def _with(sought: Typed, completions: Sequence[str]) -> str:
    return " ".join((sought.text, *completions))


def _in_heading(passage: Passage, sought: Typed) -> bool:
    """Headings count among a passage's words, and are not part of its text."""
    return any(find_marks(title, sought) for title in (*passage.heading, passage.context))


def _found(passage: Passage, marks: Sequence[Mark]) -> Found:
    words = [passage.text[mark.span.start : mark.span.end] for mark in marks]
    return Found(passage, snippet(passage.text, marks), cite_words(passage, words))
