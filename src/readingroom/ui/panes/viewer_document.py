"""A document opened beside the conversation: its pages, its tables or its text, with what was cited marked."""

import logging

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from readingroom.core.conversation import Citation
from readingroom.core.errors import ReadFailure
from readingroom.core.models import Document, DocumentState, PageSpan
from readingroom.services.documents import DocumentService
from readingroom.ui.file_manager import reveal
from readingroom.ui.models.wording import reason_of
from readingroom.ui.panes.viewer_bar import ViewerBar
from readingroom.ui.panes.viewer_content import DRAWN, ViewerContent, load_content
from readingroom.ui.panes.viewer_counter import Counter, Face, counter_of, go_to_number
from readingroom.ui.panes.viewer_find import FindBar
from readingroom.ui.panes.viewer_finder import Finder
from readingroom.ui.panes.viewer_members import MemberList, MemberStrip
from readingroom.ui.panes.viewer_notices import ViewerNotices
from readingroom.ui.panes.viewer_pdf import ZOOM_STEP, PdfView
from readingroom.ui.panes.viewer_sections import SectionBar
from readingroom.ui.panes.viewer_table import TableView
from readingroom.ui.panes.viewer_text import TextView
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.plain_text import PlainLabel
from readingroom.ui.widgets.source_card import SourceCardStrip

log = logging.getLogger(__name__)


class DocumentViewer(QWidget):
    """One opened document. Its text is fetched when first needed, off the GUI thread."""

    citation_step_requested = Signal(int)
    document_requested = Signal(object)
    """DocumentId of one that is inside, or that this one is part of."""
    ready = Signal()
    """What was asked for is laid out, as text or as pages."""

    def __init__(
        self,
        document: Document,
        documents: DocumentService,
        runner: TaskRunner,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("documentViewer")
        self.document = document
        self._documents = documents
        self._runner = runner
        self._content: ViewerContent | None = None
        self._loading = False
        self._citation: Citation | None = None
        self._finder = Finder(runner, self)
        self._undrawable = ""
        self._filled: list[Face] = []
        self._build_layout()
        self._usual: Face = self.pdf if document.format in DRAWN else self.text
        self._face: Face = self._usual
        self._connect()
        if self._face is self.pdf:
            self.pdf.open(document.id, document.path.name, document.pages or 1)
        if self._face is not self.pdf or document.container_id is not None:
            self._load()
        self._show_face()
        self._tell()

    @property
    def content(self) -> ViewerContent | None:
        """Its text, once it was needed and is there."""
        return self._content

    def show_citation(self, citation: Citation, number: int, count: int) -> None:
        """Mark a citation and bring it into view; it is the `number`th of `count`."""
        self._citation = citation
        self.bar.show_citation(number, count)
        self._finder.clear()
        self.find_bar.hide()
        self._mark()
        self._tell()
        self.focus_view()

    def focus_view(self) -> None:
        """Give the keyboard to the page."""
        self._face.setFocus(Qt.FocusReason.OtherFocusReason)

    def start_find(self) -> None:
        """Open the find bar."""
        self.find_bar.enter()
        self._load()

    # Building

    def _build_layout(self) -> None:
        self.bar = ViewerBar(self)
        self.card = SourceCardStrip(self)
        self.find_bar = FindBar(self)
        self.find_bar.hide()
        self.sections = SectionBar(self)
        self.members = MemberStrip(self)
        self.notices = ViewerNotices(self)
        self.pdf = PdfView(self._documents, self._runner, self)
        self.table = TableView(self)
        self.text = TextView(self)
        self.member_list = MemberList(self)
        self.message = PlainLabel(self)
        self.message.setObjectName("viewerMessage")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self._stack = QStackedWidget(self)
        for widget in (self.pdf, self.table, self.text, self.member_list, self.message):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.bar, self.card, self.find_bar, self.members, self.sections, self.notices):
            layout.addWidget(part)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.bar.page_requested.connect(lambda number: go_to_number(self._face, self._content, number))
        self.bar.fit_requested.connect(lambda: self._face.set_zoom(1.0))
        self.bar.citation_step_requested.connect(self.citation_step_requested)
        self.bar.find_requested.connect(self.start_find)
        self.bar.text_toggled.connect(self._set_text_mode)
        self.bar.reveal_requested.connect(lambda: reveal(self.document.file.path))
        self.bar.editing_left.connect(self.focus_view)
        self.sections.section_requested.connect(self._go_to_section)
        self.card.document_requested.connect(self.document_requested)
        self.members.document_requested.connect(self.document_requested)
        self.members.list_toggled.connect(lambda _: self._show_face())
        self.member_list.document_requested.connect(self.document_requested)
        self.find_bar.query_changed.connect(self._find)
        self.find_bar.step_requested.connect(self._finder.step)
        self.find_bar.closed.connect(self._end_find)
        self._finder.changed.connect(self._show_matches)
        self.pdf.page_changed.connect(lambda _: self._show_place())
        self.pdf.counted.connect(lambda _: self._show_place())
        self.pdf.unreadable.connect(self._fall_back)
        self.pdf.number_typed.connect(self.bar.start_page)
        for face in (self.text, self.table):
            face.place_changed.connect(lambda _: self._show_place())
        for zoomed in (self.pdf, self.text, self.table):
            zoomed.zoom_changed.connect(self.bar.show_zoom)
        for keys, handler in (
            (QKeySequence(QKeySequence.StandardKey.Find), self.start_find),
            (QKeySequence("Ctrl++"), lambda: self._zoom_by(1)),
            (QKeySequence("Ctrl+="), lambda: self._zoom_by(1)),
            (QKeySequence("Ctrl+-"), lambda: self._zoom_by(-1)),
            (QKeySequence("Ctrl+0"), lambda: self._face.set_zoom(1.0)),
            (QKeySequence("F3"), lambda: self._finder.step(1)),
            (QKeySequence("Shift+F3"), lambda: self._finder.step(-1)),
            (QKeySequence("Alt+PgDown"), lambda: self._turn(1)),
            (QKeySequence("Alt+PgUp"), lambda: self._turn(-1)),
        ):
            shortcut = QShortcut(keys, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(handler)

    # Pages, tables or text

    def _set_text_mode(self, text: bool) -> None:
        face = self.text if text else self._usual
        if face is self._face:
            return
        place = self._place()
        self._face = face
        self._load()
        if self._content is not None:
            self._fill_face(place)
        self._show_face()
        if self._content is not None:
            self._go_to(place)
        self._mark()
        self.focus_view()

    def _show_face(self) -> None:
        self.bar.show_text_mode(text=self._face is not self._usual, can_choose=self._usual is not self.text)
        content = self._content
        listed = content is not None and content.members and (content.blank or self.members.list_shown)
        if self._face is self.pdf and not listed:
            self._stack.setCurrentWidget(self.pdf)
        elif content is None:
            self.message.setText("")
            self._stack.setCurrentWidget(self.message)
        elif listed:
            self._stack.setCurrentWidget(self.member_list)
        elif content.blank:
            reason = self._undrawable or reason_of(self.document)
            self.message.setText(f"There is no text to show.\n{reason}")
            self._stack.setCurrentWidget(self.message)
        else:
            self._stack.setCurrentWidget(self._face)
        self.sections.setVisible(
            self._stack.currentWidget() is self.text
            and self._usual is not self.pdf
            and content is not None
            and len(content.sections) > 1
        )
        self._show_place()

    def _fall_back(self, error: Exception) -> None:
        """Show the text where the file is gone, locked or broken; a child that died is shown on the page."""
        if not isinstance(error, ReadFailure):
            return
        offline = self.document.state is DocumentState.OFFLINE
        self._undrawable = "Its drive or folder is not connected." if offline else str(error)
        self._set_text_mode(True)
        self._tell()

    def _load(self) -> None:
        if self._content is not None or self._loading:
            return
        self._loading = True
        document, documents = self.document, self._documents
        self._runner.call(lambda: load_content(documents, document), self._take_in, self._load_failed)

    def _take_in(self, content: ViewerContent) -> None:
        self._loading = False
        self._content = content
        if content.sheets and self._usual is self.text:
            self._usual = self._face = self.table
        self.sections.show_sections(content.sections, content.noun)
        self.members.show_members(
            content.container,
            content.members,
            noun="message" if content.read.format == "mbox" else "document",
            listed=content.blank,
        )
        self.member_list.show_members(content.members)
        self._fill_face(self._citation.start if self._citation else 0)
        self._show_face()
        self._tell()
        if self._finder.query:
            self._find(self._finder.query)
        else:
            self._mark()
        self.ready.emit()

    def _fill_face(self, at: int) -> None:
        """Lay out what is shown, the first time it is: a grid needs no text laid out, nor the other way round."""
        content, name = self._content, self.document.path.name
        if content is None or self._face in self._filled:
            return
        self._filled.append(self._face)
        if self._face is self.table:
            self.table.show_sheets(content.sheets, name, at=at)
        elif self._face is self.text:
            self.text.show_text(content.text, content.form, name, content.breaks, at=at)

    def _load_failed(self, error: Exception) -> None:
        self._loading = False
        self.message.setText(f"The text could not be read.\n{error}")
        self._stack.setCurrentWidget(self.message)
        log.warning("The text of document %s could not be read", self.document.id)

    def _tell(self) -> None:
        """Say over the document what the person should know of it."""
        text_there = self._content is not None and not self._content.blank
        sentences = []
        if self._undrawable and text_there:
            sentences.append(f"{self._undrawable} This is the text that was read from it.")
        if self._citation is not None and not self._citation.located:
            sentences.append(
                "The exact words could not be located; this is the passage they were taken from."
            )
        blank = self._content is not None and self._content.blank
        self.notices.tell(sentences, self.document, blank=blank)

    # Where one is

    def _place(self) -> int:
        """Give the offset of what is in view."""
        if not isinstance(self._face, PdfView):
            return self._face.place()
        pages = self._content.pages if self._content else ()
        return next((page.start for page in pages if page.number == self.pdf.page), 0)

    def _go_to(self, offset: int) -> None:
        content = self._content
        if not isinstance(self._face, PdfView):
            self._face.go_to(offset)
        elif content is not None and content.pages:
            self.pdf.go_to_page(content.pages[content.page_at(offset)].number or 1)

    def _show_place(self) -> None:
        content, face = self._content, self._face
        seen = self._stack.currentWidget() is face
        counter = counter_of(face, content, self.document.format) if seen else Counter()
        if content is not None and self.sections.isVisibleTo(self):
            self.sections.show_current(content.page_at(self.text.reading()))
        self.bar.show_place(counter.words)
        self.bar.show_page(counter.number, counter.count, counter.noun)
        self.bar.show_zoom(face.zoom if seen else None)

    def _go_to_section(self, place: int) -> None:
        if self._content is not None and 0 <= place < len(self._content.pages):
            self.text.go_to(self._content.pages[place].start)

    def _turn(self, by: int) -> None:
        """Go to the next slide, chapter, sheet or page."""
        if isinstance(self._face, TableView):
            self.table.turn(by)
        elif self.sections.isVisible():
            self._go_to_section(self.sections.list.currentIndex() + by)
        elif isinstance(self._face, PdfView):
            self.pdf.go_to_page(self.pdf.page + by)

    def _zoom_by(self, step: int) -> None:
        self._face.set_zoom(self._face.zoom * ZOOM_STEP**step)

    # What is marked

    def _mark(self) -> None:
        match, citation = self._finder.current, self._citation
        if match is not None:
            spans, current = [(m.start, m.end) for m in self._finder.matches], (match.start, match.end)
            page = match.page
        elif citation is not None and citation.start < citation.end:
            spans, current, page = (
                [(citation.start, citation.end)],
                (citation.start, citation.end),
                citation.page,
            )
        else:
            self._unmark()
            if citation is not None and citation.page:
                self.pdf.go_to_page(citation.page)
            return
        if isinstance(self._face, PdfView):
            self.pdf.show_mark(self._spans(page, *current))
        elif self._content is not None:
            self._face.show_mark(spans, current)

    def _unmark(self) -> None:
        self.pdf.show_mark(())
        self.text.show_mark((), None)
        self.table.show_mark((), None)

    def _spans(self, page: int | None, start: int, end: int) -> tuple[PageSpan, ...]:
        """Spread a span over the pages it may stand on; each page marks what of it it holds."""
        if self._content is not None:
            on = [p.number for p in self._content.pages if p.start < end and p.end > start]
        else:
            on = [page, page + 1] if page is not None else []
        return tuple(
            PageSpan(number, start, end)
            for number in on
            if number is not None and number <= self.pdf.page_count
        )

    # Finding

    def _find(self, query: str) -> None:
        self._finder.query = query
        if self._content is None:
            return
        table = self.table if self._face is self.table else None
        shown = None if table is None else (lambda span: table.holds(span.start, span.end))
        self._finder.find(query, self._content.pages, self._place(), shown)

    def _show_matches(self) -> None:
        self.find_bar.show_count(self._finder.place + 1, len(self._finder.matches))
        if self._finder.matches:
            self._mark()
        else:
            self._unmark()

    def _end_find(self) -> None:
        self._finder.clear()
        self._unmark()
        citation = self._citation
        if citation is not None and isinstance(self._face, TableView | TextView):
            span = (citation.start, citation.end)
            (self.table.grid if self._face is self.table else self.text.sheet).set_marks((span,), span)
        self.focus_view()
