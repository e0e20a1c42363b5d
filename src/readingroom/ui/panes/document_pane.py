"""The right pane: the list of documents, and the documents opened from it or from a citation."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from readingroom.core.conversation import Citation
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import Document
from readingroom.core.places import container_of
from readingroom.services.bundle import Services
from readingroom.services.source_cards import SourceCard
from readingroom.ui.alive import while_alive
from readingroom.ui.panes.document_list import DocumentList
from readingroom.ui.panes.viewer_document import DocumentViewer
from readingroom.ui.panes.viewer_gone import GoneViewer
from readingroom.ui.panes.viewer_tabs import DocumentTabs
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import set_icon


class DocumentPane(QFrame):
    """A tab a document; opening one twice shows the same tab."""

    citation_shown = Signal(object)  # Citation
    question_asked = Signal(str)
    """About a document that is open."""
    closed = Signal()
    """The person wants the pane out of the way."""
    add_requested = Signal()
    """The empty list's action: choose a folder to add."""

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("documentPane")
        self._services = services
        self._runner = runner
        self._citations: Sequence[Citation] = ()
        self._number = 0
        self._asked: object = None
        self._cards_unfolded = False
        self._build_layout(services, runner)
        self._connect()

    def show_workspace(self, workspace_id: WorkspaceId | None) -> None:
        """Show the list of a workspace; documents of another are closed."""
        for place in range(self.tabs.count() - 1, 0, -1):
            viewer = self.stack.widget(place)
            if not isinstance(viewer, DocumentViewer) or viewer.document.workspace_id != workspace_id:
                self.close_tab(place)
        self.list.show_workspace(workspace_id)

    def open_citation(self, citation: Citation, siblings: Sequence[Citation] = ()) -> None:
        """Open the document at the cited place; `siblings` are the answer's citations, to step through."""
        self._citations = tuple(siblings) if citation in siblings else (citation,)
        self._number = self._citations.index(citation)
        if citation.document_id is None:
            self._show_gone(citation)
            return
        self._with_document(
            citation.document_id,
            lambda document: self._show_citation(document, citation),
            lambda: self._show_gone(citation),
        )

    def open_document(self, document_id: DocumentId) -> None:
        """Open a document at its beginning, or where it was left."""
        self._with_document(
            document_id, lambda document: self._viewer(document).focus_view(), self.list.refresh
        )

    def focus_filter(self) -> None:
        """Show the list, ready to filter it."""
        self.tabs.setCurrentIndex(0)
        self.list.focus_filter()

    def close_tab(self, place: int) -> None:
        """Close an opened document; the list stays."""
        viewer = self.stack.widget(place)
        if place <= 0 or viewer is None:
            return
        self.tabs.removeTab(place)
        self.stack.removeWidget(viewer)
        viewer.deleteLater()
        self._show_tab(self.tabs.currentIndex())

    def viewer(self) -> DocumentViewer | None:
        """Give the document shown, if it is not the list."""
        current = self.stack.currentWidget()
        return current if isinstance(current, DocumentViewer) else None

    def stop(self) -> None:
        """Hear nothing more of the services; call before they are closed."""
        self.list.stop()

    def _build_layout(self, services: Services, runner: TaskRunner) -> None:
        self.tabs = DocumentTabs(self)
        self.tabs.add("Documents", "All documents of this workspace", closable=False)
        self.hide_button = QToolButton(self)
        self.hide_button.setObjectName("barButton")
        self.hide_button.setIconSize(QSize(16, 16))
        self.hide_button.setToolTip("Hide this pane")
        self.hide_button.setAccessibleName("Hide the documents")
        set_icon(self.hide_button, "panel-right")
        self.list = DocumentList(services, runner, self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.list)
        head = QFrame(self)
        head.setObjectName("documentTabRow")
        row = QHBoxLayout(head)
        row.setContentsMargins(10, 8, 8, 8)
        row.addWidget(self.tabs, 1)
        row.addWidget(self.hide_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._show_tab)
        self.tabs.close_requested.connect(self.close_tab)
        self.hide_button.clicked.connect(self.closed)
        self.list.open_requested.connect(self.open_document)
        self.list.add_requested.connect(self.add_requested)
        for keys, handler in (
            ("Ctrl+W", lambda: self.close_tab(self.tabs.currentIndex())),
            ("Ctrl+Tab", lambda: self._step_tab(1)),
            ("Ctrl+Shift+Tab", lambda: self._step_tab(-1)),
        ):
            shortcut = QShortcut(
                QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
            )
            shortcut.activated.connect(handler)

    def _with_document(
        self, document_id: DocumentId, found: Callable[[Document], None], gone: Callable[[], None]
    ) -> None:
        """Look the document up, off the GUI thread; only the latest request is answered."""
        asked = self._asked = object()

        def answer(document: Document | None) -> None:
            if asked is not self._asked:
                return
            if document is None:
                gone()
            else:
                found(document)

        self._runner.call(lambda: self._services.documents.get(document_id), while_alive(self, answer))

    def _viewer(self, document: Document) -> DocumentViewer:
        for place in range(1, self.stack.count()):
            viewer = self.stack.widget(place)
            if isinstance(viewer, DocumentViewer) and viewer.document.id == document.id:
                if viewer.document.content_hash == document.content_hash:
                    self.tabs.setCurrentIndex(place)
                    return viewer
                # It was read anew: offsets belong to the new text.
                self.close_tab(place)
                break
        viewer = DocumentViewer(document, self._services.documents, self._runner, self.stack)
        viewer.citation_step_requested.connect(self._step_citation)
        viewer.document_requested.connect(self.open_document)
        self._add_card(viewer)
        self.stack.addWidget(viewer)
        container = container_of(document.path, document.locator)
        tip = (
            f"{document.path.name} in {container}\n{document.file.path}" if container else str(document.path)
        )
        self.tabs.setCurrentIndex(self.tabs.add(document.path.name, tip, closable=True))
        return viewer

    def _add_card(self, viewer: DocumentViewer) -> None:
        """Fetch what is told of the document; folded or not as the person left the last one."""
        card, document_id = viewer.card, viewer.document.id
        card.toggle.setChecked(self._cards_unfolded)
        card.unfolded_changed.connect(self._keep_fold)
        card.asked.connect(self.question_asked)

        def show(found: SourceCard | None) -> None:
            if found is not None:
                card.show_card(found)

        self._runner.call(lambda: self._services.source_cards.card(document_id), while_alive(card, show))

    def _keep_fold(self, unfolded: bool) -> None:
        self._cards_unfolded = unfolded

    def _show_citation(self, document: Document, citation: Citation) -> None:
        self._viewer(document).show_citation(citation, *self._place_of(citation))
        self.citation_shown.emit(citation)

    def _show_gone(self, citation: Citation) -> None:
        viewer = GoneViewer(citation, *self._place_of(citation), self.stack)
        viewer.citation_step_requested.connect(self._step_citation)
        self.stack.addWidget(viewer)
        self.tabs.setCurrentIndex(self.tabs.add(citation.path.name, str(citation.path), closable=True))
        self.citation_shown.emit(citation)

    def _place_of(self, citation: Citation) -> tuple[int, int]:
        count = len(self._citations)
        return (self._number + 1, count) if count > 1 else (citation.n, 1)

    def _step_citation(self, by: int) -> None:
        number = self._number + by
        if 0 <= number < len(self._citations):
            self.open_citation(self._citations[number], self._citations)

    def _step_tab(self, by: int) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % self.tabs.count())

    def _show_tab(self, place: int) -> None:
        if 0 <= place < self.stack.count():
            self.stack.setCurrentIndex(place)
