"""What the next question is limited to, as the person chose it."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from readingroom.core.ids import DocumentId, SourceId, WorkspaceId
from readingroom.core.models import Document, NamedDocument, SearchScope, Source
from readingroom.services.documents import DocumentService
from readingroom.ui.models.source_words import source_name
from readingroom.ui.models.wording import showable


class ScopeKind(Enum):
    """What a question can be limited to."""

    DOCUMENT = "document"
    """With all that is inside of it."""
    SOURCE = "source"
    FOLDER = "folder"
    """Below a source: all documents in it and its folders."""


_ICONS = {ScopeKind.DOCUMENT: "file-text", ScopeKind.SOURCE: "folder", ScopeKind.FOLDER: "folder"}
NOTHING_THERE = SearchScope(frozenset({DocumentId(-1)}))
"""A folder that has become empty: nothing is searched, rather than everything."""


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """One of the things a question is limited to."""

    kind: ScopeKind
    number: int
    """The document's or source's id; 0 for a folder."""
    path: Path

    @property
    def key(self) -> tuple[ScopeKind, int, str]:
        """What tells it from others, also under another name."""
        return self.kind, self.number, "" if self.number else str(self.path)

    @property
    def name(self) -> str:
        """As it is shown."""
        return showable(self.path.name or str(self.path))

    @property
    def icon(self) -> str:
        """The picture before its name."""
        return _ICONS[self.kind]


def of_document(document: Document) -> ScopeItem:
    """Limit to a document and what is inside of it."""
    return ScopeItem(ScopeKind.DOCUMENT, document.id, document.path)


def of_named(document: NamedDocument) -> ScopeItem:
    """Limit to a document that was found by its name."""
    return ScopeItem(ScopeKind.DOCUMENT, document.id, Path(document.folder) / document.text)


def of_source(source: Source) -> ScopeItem:
    """Limit to a source."""
    return ScopeItem(ScopeKind.SOURCE, source.id, Path(source_name(source)))


def of_folder(path: Path) -> ScopeItem:
    """Limit to a folder below a source."""
    return ScopeItem(ScopeKind.FOLDER, 0, path)


class ScopeChoice(QObject):
    """The documents and folders chosen, in the order they were; none of them means everything."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: dict[tuple[ScopeKind, int, str], ScopeItem] = {}

    @property
    def items(self) -> Sequence[ScopeItem]:
        """What limits the next question."""
        return tuple(self._items.values())

    @property
    def document_ids(self) -> frozenset[DocumentId]:
        """The documents chosen one by one."""
        return frozenset(DocumentId(i.number) for i in self.items if i.kind is ScopeKind.DOCUMENT)

    @property
    def source_ids(self) -> frozenset[SourceId]:
        """The sources chosen."""
        return frozenset(SourceId(i.number) for i in self.items if i.kind is ScopeKind.SOURCE)

    def choose(self, items: Iterable[ScopeItem], *, chosen: bool) -> None:
        """Limit to these as well, or no longer."""
        before = dict(self._items)
        for item in items:
            if chosen:
                self._items[item.key] = item
            else:
                self._items.pop(item.key, None)
        if self._items != before:
            self.changed.emit()

    def clear(self) -> None:
        """Limit to nothing: everything is searched."""
        if self._items:
            self._items.clear()
            self.changed.emit()

    def resolver(self, documents: DocumentService, workspace_id: WorkspaceId) -> Callable[[], SearchScope]:
        """What finds the documents meant, as they are when the question is asked; it runs on the pool, without Qt."""
        items = self.items

        def resolve() -> SearchScope:
            return resolved(items, documents, workspace_id)

        return resolve


def resolved(
    items: Sequence[ScopeItem], documents: DocumentService, workspace_id: WorkspaceId
) -> SearchScope:
    """The documents and sources that these mean."""
    if not items:
        return SearchScope()
    sources = frozenset(SourceId(item.number) for item in items if item.kind is ScopeKind.SOURCE)
    ids: set[DocumentId] = set()
    for item in items:
        if item.kind is ScopeKind.DOCUMENT:
            ids |= _with_members(DocumentId(item.number), documents)
    if folders := tuple(f"{item.path}{os.sep}" for item in items if item.kind is ScopeKind.FOLDER):
        every = documents.names(workspace_id)
        ids.update(document.id for document in every if f"{document.folder}{os.sep}".startswith(folders))
    return SearchScope(frozenset(ids), sources) if ids or sources else NOTHING_THERE


def _with_members(document_id: DocumentId, documents: DocumentService) -> set[DocumentId]:
    found, waiting = {document_id}, [document_id]
    while waiting:
        inside = {member.id for member in documents.members(waiting.pop())} - found
        found |= inside
        waiting += inside
    return found
