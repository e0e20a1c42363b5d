"""What is said of a workspace before the first question: what was read, what to ask, what is missing still."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from readingroom.core.catalog import Catalog
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.key_phrases import Rarity, key_phrases, rarity
from readingroom.core.models import PENDING_STATES, SEARCHABLE_STATES, Document, DocumentState
from readingroom.core.suggesting import Looked, questions

_LOOKED_INTO = 8
_COMPARED = 150
"""Documents whose beginnings tell which words are common here: 50 ms, once a workspace."""
_BEGINNING_CHARS = 3000
_READ_CHARS = 40_000
"""Of each document that is looked into."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """Everything the beginning of a workspace shows."""

    read: int
    """Documents that can be searched."""
    formats: tuple[tuple[str, int], ...]
    """Of these, the commonest formats first."""
    pending: int
    unread: tuple[tuple[DocumentState, int], ...]
    """Set aside for a reason, the commonest first."""
    questions: tuple[str, ...]
    followed: bool
    """Whether a folder or file is kept up to date."""


class CommonWords:
    """Which words are common in a workspace; looked at once, and again when it has grown by half. Safe for any thread."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._known: dict[WorkspaceId, tuple[int, Rarity]] = {}

    def of(self, workspace_id: WorkspaceId) -> Rarity:
        """Blocks for some 50 ms the first time."""
        count = sum(kind.count for kind in self._catalog.kinds(workspace_id))
        with self._lock:
            known = self._known.get(workspace_id)
            if known is not None and known[0] <= count <= known[0] * 3 // 2:
                return known[1]
        ids = self._catalog.some_documents(workspace_id, _COMPARED)
        found = rarity(self._catalog.text_between(each, 0, _BEGINNING_CHARS) for each in ids)
        with self._lock:
            self._known[workspace_id] = (count, found)
        return found


class FirstMinutesService:
    """Blocks for some 0.2 s; may be called from any thread."""

    def __init__(self, catalog: Catalog, common: CommonWords) -> None:
        self._catalog = catalog
        self._common = common

    def greeting(self, workspace_id: WorkspaceId) -> Greeting:
        """Look at a workspace as it is now."""
        formats: Counter[str] = Counter()
        unread: Counter[DocumentState] = Counter()
        pending = 0
        for kind in self._catalog.kinds(workspace_id):
            if kind.state in SEARCHABLE_STATES:
                formats[kind.format] += kind.count
            elif kind.state in PENDING_STATES:
                pending += kind.count
            else:
                unread[kind.state] += kind.count
        sources = self._catalog.sources(workspace_id)
        return Greeting(
            formats.total(),
            tuple(formats.most_common()),
            pending,
            tuple(unread.most_common()),
            self._questions(workspace_id),
            any(source.followed for source in sources),
        )

    def _questions(self, workspace_id: WorkspaceId) -> tuple[str, ...]:
        known = self._common.of(workspace_id)
        return questions([self._look(document, known) for document in self._chosen(workspace_id)])

    def _chosen(self, workspace_id: WorkspaceId) -> Sequence[Document]:
        """Not two of one name: backups and drafts would only repeat each other."""
        by_name = {
            d.path.stem: d for d in reversed(self._catalog.worth_a_look(workspace_id, 2 * _LOOKED_INTO))
        }
        return list(reversed(by_name.values()))[:_LOOKED_INTO]

    def _look(self, document: Document, known: Rarity) -> Looked:
        text = self._catalog.text_between(DocumentId(document.id), 0, _READ_CHARS)
        headings = self._catalog.headings(document.id)
        return Looked(
            document.path.name, document.words, tuple(headings), tuple(key_phrases(text, known=known))
        )
