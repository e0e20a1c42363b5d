"""What is known of documents, their text, and their pages drawn for the viewer."""

from collections.abc import Callable, Sequence
from pathlib import Path

from readingroom.core.catalog import DocumentCatalog
from readingroom.core.errors import ReadFailure
from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import Document, NamedDocument, RenderedPage
from readingroom.core.ports import PageRenderer


class DocumentService:
    """Every method blocks briefly and may be called from any thread."""

    def __init__(
        self,
        catalog: DocumentCatalog,
        renderer: PageRenderer,
        passwords: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """`passwords` gives those the person has entered."""
        self._catalog = catalog
        self._renderer = renderer
        self._passwords = passwords

    def list(self, workspace_id: WorkspaceId) -> Sequence[Document]:
        """All, by path."""
        return self._catalog.documents(workspace_id)

    def names(self, workspace_id: WorkspaceId) -> Sequence[NamedDocument]:
        """The names of all, by path."""
        return self._catalog.document_names(workspace_id)

    def since(
        self, workspace_id: WorkspaceId, revision: int
    ) -> tuple[Sequence[Document], frozenset[DocumentId], int]:
        """Documents changed after `revision`, the ids of all that exist now, and the newest revision."""
        return self._catalog.documents_since(workspace_id, revision)

    def get(self, document_id: DocumentId) -> Document | None:
        """None once it is gone."""
        return self._catalog.document(document_id)

    def find(self, workspace_id: WorkspaceId, path: Path) -> Document | None:
        """By its absolute path."""
        return self._catalog.find_document(workspace_id, path)

    def pages(self, document_id: DocumentId) -> Sequence[Page]:
        """The extracted text; empty when there is none."""
        return self._catalog.pages(document_id)

    def content(self, document_id: DocumentId) -> ExtractedDocument:
        """All that was read of it, as the viewer needs it; without pages when there is no text."""
        return self._catalog.extracted(document_id)

    def pin(self, document_ids: Sequence[DocumentId], *, pinned: bool) -> None:
        """Let them come whole with each question, as far as there is room; or no longer."""
        self._catalog.set_pinned(document_ids, pinned=pinned)

    def members(self, document_id: DocumentId) -> Sequence[Document]:
        """The documents directly inside it (messages, attachments), by path."""
        return self._catalog.members(document_id)

    def render_page(
        self,
        document_id: DocumentId,
        page: int,
        *,
        width_px: int,
        start: int | None = None,
        end: int | None = None,
    ) -> RenderedPage:
        """Draw a page of a PDF or picture, the characters [start, end) of the document's text marked where they stand on it.

        Raises `ReadFailure` (file gone, broken: the reason), `WorkerFailure`.
        """
        document = self._catalog.document(document_id)
        if document is None:
            raise ReadFailure("This document is no longer in the workspace.")
        passwords = self._passwords()
        if start is None or end is None:
            return self._renderer.render(document.file, page, width_px=width_px, passwords=passwords)
        known = self._catalog.page(document_id, page)
        if known is None or end <= known.start or start >= known.end:
            return self._renderer.render(document.file, page, width_px=width_px, passwords=passwords)
        return self._renderer.render(
            document.file,
            page,
            width_px=width_px,
            start=max(start, known.start) - known.start,
            end=min(end, known.end) - known.start,
            words=known.words,
            passwords=passwords,
        )
