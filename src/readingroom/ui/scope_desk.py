"""Keeps the marks in the lists of documents and folders at what limits the next question, and the other way round."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from readingroom.core.models import Document, Source
from readingroom.ui.models.scope import ScopeChoice, of_document, of_source
from readingroom.ui.panes.document_list import DocumentList
from readingroom.ui.panes.sidebar import Sidebar


class ScopeDesk(QObject):
    """Between the choice and the lists."""

    def __init__(
        self, scope: ScopeChoice, documents: DocumentList, sidebar: Sidebar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._scope = scope
        self._documents = documents
        self._sidebar = sidebar
        scope.changed.connect(self._show)
        documents.scope_requested.connect(self._take_documents)
        sidebar.source_scoped.connect(self._take_source)

    def _take_documents(self, documents: Sequence[Document], chosen: bool) -> None:
        self._scope.choose(map(of_document, documents), chosen=chosen)

    def _take_source(self, source: Source, chosen: bool) -> None:
        self._scope.choose([of_source(source)], chosen=chosen)

    def _show(self) -> None:
        self._documents.model.show_checked(self._scope.document_ids)
        self._sidebar.show_scope(self._scope.source_ids)
