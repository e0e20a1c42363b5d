"""What a workspace holds at a glance, and what services need of the catalog for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from readingroom.core.extraction import Heading
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import Document, DocumentState


@dataclass(frozen=True, slots=True)
class KindCount:
    """Documents of one format in one state."""

    format: str
    state: DocumentState
    count: int


class OverviewCatalog(Protocol):
    """Counts and choices without reading every document's row."""

    def kinds(self, workspace_id: WorkspaceId) -> Sequence[KindCount]: ...

    def worth_a_look(self, workspace_id: WorkspaceId, limit: int) -> Sequence[Document]:
        """Documents with text: the longest of those changed last, no container twice."""
        ...

    def headings(self, document_id: DocumentId) -> Sequence[Heading]:
        """Those of a document, without its text."""
        ...

    def some_documents(self, workspace_id: WorkspaceId, limit: int) -> Sequence[DocumentId]:
        """Of those with text, spread evenly."""
        ...
