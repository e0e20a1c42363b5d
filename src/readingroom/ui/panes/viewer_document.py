"""A document opened beside the conversation: its pages or its text, with what was cited marked."""

import logging
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from readingroom.core.errors import ReadFailure
from readingroom.core.models import Citation, Document, DocumentState, Page, PageSpan
from readingroom.services.documents import DocumentService
from readingroom.ui.alive import while_alive
from readingroom.ui.file_manager import reveal
from readingroom.ui.models.wording import reason_of
from readingroom.ui.panes.viewer_bar import ViewerBar
from readingroom.ui.panes.viewer_find import FindBar
from readingroom.ui.panes.viewer_pdf import ZOOM_STEP, PdfView
from readingroom.ui.panes.viewer_search import find_matches, first_from
from readingroom.ui.panes.viewer_text import TextView, text_of
from readingroom.ui.panes.viewer_text_form import TextForm
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.plain_text import PlainLabel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Loaded:
    pages: tuple[Page, ...]
    text: str
    form: TextForm


class DocumentViewer(QWidget):
    """One opened document. Its text is fetched when first needed, off the GUI thread."""

    citation_step_requested = Signal(int)
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
        self._loaded: _Loaded | None = None
        self._loading = False
        self._citation: Citation | None = None
        self._matches: Sequence[PageSpan] = ()
        self._match = -1
        self._query = ""
        self._text_mode = document.format != "pdf"
        self._build_layout()
        self._connect()
        if self._text_mode:
            self._load()
        else:
            self.pdf.open(document.id, document.path.name, document.pages or 1)
        self._show_mode()

    def show_citation(self, citation: Citation, number: int, count: int) -> None:
        """Mark a citation and bring it into view; it is the `number`th of `count`."""
        self._citation = citation
        self.bar.show_citation(number, count)
        self._matches, self._match = (), -1
        self.find_bar.hide()
        self._mark()
        if not citation.located:
            self.tell("The exact words could not be located; this is the passage they were taken from.")
        self.focus_view()

    def focus_view(self) -> None:
        """Give the keyboard to the page."""
        (self.text if self._text_mode else self.pdf).setFocus(Qt.FocusReason.OtherFocusReason)

    def start_find(self) -> None:
        """Open the find bar."""
        self.find_bar.enter()
        self._load()

    def tell(self, sentence: str) -> None:
        """Say something about the document in a line over it."""
        self.notice.setText(sentence)
        self.notice.setVisible(bool(sentence))

    # Building

    def _build_layout(self) -> None:
        self.bar = ViewerBar(self)
        self.find_bar = FindBar(self)
        self.find_bar.hide()
        self.notice = PlainLabel(self)
        self.notice.setObjectName("viewerNotice")
        self.notice.setWordWrap(True)
        self.notice.hide()
        self.pdf = PdfView(self._documents, self._runner, self)
        self.text = TextView(self)
        self._message = PlainLabel(self)
        self._message.setObjectName("viewerMessage")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._stack = QStackedWidget(self)
        for widget in (self.pdf, self.text, self._message):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.bar, self.find_bar, self.notice):
            layout.addWidget(part)
        layout.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.bar.page_requested.connect(self._go_to_page)
        self.bar.fit_requested.connect(lambda: self._zoom_to(1.0))
        self.bar.citation_step_requested.connect(self.citation_step_requested)
        self.bar.find_requested.connect(self.start_find)
        self.bar.text_toggled.connect(self._set_text_mode)
        self.bar.reveal_requested.connect(lambda: reveal(self.document.path))
        self.bar.editing_left.connect(self.focus_view)
        self.find_bar.query_changed.connect(self._find)
        self.find_bar.step_requested.connect(self._step_match)
        self.find_bar.closed.connect(self._end_find)
        self.pdf.page_changed.connect(lambda _: self._show_place())
        self.pdf.counted.connect(lambda _: self._show_place())
        self.pdf.zoom_changed.connect(self.bar.show_zoom)
        self.pdf.unreadable.connect(self._fall_back)
        self.pdf.number_typed.connect(self.bar.start_page)
        self.text.place_changed.connect(lambda _: self._show_place())
        self.text.zoom_changed.connect(self.bar.show_zoom)
        for keys, handler in (
            (QKeySequence(QKeySequence.StandardKey.Find), self.start_find),
            (QKeySequence("Ctrl++"), lambda: self._zoom_by(1)),
            (QKeySequence("Ctrl+="), lambda: self._zoom_by(1)),
            (QKeySequence("Ctrl+-"), lambda: self._zoom_by(-1)),
            (QKeySequence("Ctrl+0"), lambda: self._zoom_to(1.0)),
            (QKeySequence("F3"), lambda: self._step_match(1)),
            (QKeySequence("Shift+F3"), lambda: self._step_match(-1)),
        ):
            shortcut = QShortcut(keys, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(handler)

    # Pages or text

    def _set_text_mode(self, text: bool) -> None:
        if text == self._text_mode:
            return
        place = self._place()
        self._text_mode = text
        self._load()
        self._show_mode()
        if self._loaded is not None:
            self._show_text_at(place)
        self._mark()
        self.focus_view()

    def _show_mode(self) -> None:
        is_pdf = self.document.format == "pdf"
        self.bar.show_text_mode(text=self._text_mode, can_choose=is_pdf)
        self.bar.show_zoom(self.text.zoom if self._text_mode else self.pdf.zoom)
        if not self._text_mode:
            self._stack.setCurrentWidget(self.pdf)
        elif self._loaded is None:
            self._message.setText("")
            self._stack.setCurrentWidget(self._message)
        elif self._loaded.text.strip():
            self._stack.setCurrentWidget(self.text)
        else:
            self._message.setText(f"There is no text to show.\n{reason_of(self.document)}")
            self._stack.setCurrentWidget(self._message)
        self._show_place()

    def _fall_back(self, error: Exception) -> None:
        """Show the text where the file is gone or broken; a child that died is shown on the page."""
        if not isinstance(error, ReadFailure):
            return
        offline = self.document.state is DocumentState.OFFLINE
        cause = "Its drive or folder is not connected." if offline else str(error)
        self.tell(f"{cause} This is the text that was read from it.")
        self._set_text_mode(True)

    def _load(self) -> None:
        if self._loaded is not None or self._loading:
            return
        self._loading = True
        document, documents = self.document, self._documents

        def load() -> _Loaded:
            pages = tuple(documents.pages(document.id))
            text = text_of(pages)
            return _Loaded(pages, text, TextForm(text, document.format))

        self._runner.call(load, self._take_in, self._load_failed)

    def _take_in(self, loaded: _Loaded) -> None:
        self._loading = False
        self._loaded = loaded
        self.text.show_text(loaded.text, loaded.form, self.document.path.name)
        self._show_mode()
        if self._query:
            self._find(self._query)
        else:
            self._mark()
        self.ready.emit()

    def _load_failed(self, error: Exception) -> None:
        self._loading = False
        self._message.setText(f"The text could not be read.\n{error}")
        self._stack.setCurrentWidget(self._message)
        log.warning("The text of document %s could not be read", self.document.id)

    # Where one is

    def _place(self) -> int:
        """Give the offset of what is in view."""
        if self._text_mode or self._loaded is None:
            return self.text.sheet.place()
        number = self.pdf.page
        return next((page.start for page in self._loaded.pages if page.number == number), 0)

    def _show_text_at(self, offset: int) -> None:
        if self._text_mode:
            self.text.sheet.go_to(offset, air=0)
        elif page := self._page_at(offset):
            self.pdf.go_to_page(page)

    def _page_at(self, offset: int) -> int:
        pages = self._loaded.pages if self._loaded else ()
        if not pages or pages[0].number is None:
            return 0
        place = bisect_right([page.start for page in pages], offset) - 1
        return pages[max(0, place)].number or 0

    def _show_place(self) -> None:
        if not self._text_mode:
            self.bar.show_place("")
            self.bar.show_page(self.pdf.page, self.pdf.page_count)
            return
        place = self.text.sheet.place()
        page = self._page_at(place)
        self.bar.show_page(page, len(self._loaded.pages) if self._loaded and page else 0)
        length = len(self._loaded.text) if self._loaded else 0
        percent = round(100 * place / length) if length else 0
        self.bar.show_place("" if page else f"{percent}% in" if self.text.sheet.windowed else "Text")

    def _go_to_page(self, number: int) -> None:
        if not self._text_mode:
            self.pdf.go_to_page(number)
        elif self._loaded is not None:
            start = next((page.start for page in self._loaded.pages if page.number == number), 0)
            self.text.sheet.go_to(start, air=0)

    def _zoom_by(self, step: int) -> None:
        view = self.text if self._text_mode else self.pdf
        view.set_zoom(view.zoom * ZOOM_STEP**step)

    def _zoom_to(self, zoom: float) -> None:
        (self.text if self._text_mode else self.pdf).set_zoom(zoom)

    # What is marked

    def _mark(self) -> None:
        if self._matches:
            current = self._matches[self._match]
            if self._text_mode:
                marks = [(match.start, match.end) for match in self._matches]
                self.text.show_mark(marks, (current.start, current.end))
            else:
                self.pdf.show_mark(self._spans(current.page, current.start, current.end))
            return
        citation = self._citation
        if citation is None or citation.start >= citation.end:
            self.pdf.show_mark(())
            self.text.show_mark((), None)
            if citation is not None and citation.page and not self._text_mode:
                self.pdf.go_to_page(citation.page)
        elif self._text_mode:
            span = (citation.start, citation.end)
            self.text.show_mark((span,), span)
        else:
            self.pdf.show_mark(self._spans(citation.page, citation.start, citation.end))

    def _spans(self, page: int | None, start: int, end: int) -> tuple[PageSpan, ...]:
        """Spread a span over the pages it may stand on; each page marks what of it it holds."""
        if self._loaded is not None:
            on = [p.number for p in self._loaded.pages if p.start < end and p.end > start]
        else:
            on = [page, page + 1] if page is not None else []
        return tuple(
            PageSpan(number, start, end)
            for number in on
            if number is not None and number <= self.pdf.page_count
        )

    # Finding

    def _find(self, query: str) -> None:
        self._query = query
        loaded = self._loaded
        if loaded is None:
            return
        self._runner.call(
            lambda: find_matches(loaded.pages, query),
            while_alive(self, lambda found: self._show_matches(query, found)),
        )

    def _show_matches(self, query: str, matches: Sequence[PageSpan]) -> None:
        if query != self._query:
            return
        here = self._matches[self._match].start if self._matches else self._place()
        self._matches = matches
        self._match = first_from(matches, here) if matches else -1
        self.find_bar.show_count(self._match + 1, len(matches))
        self._mark()

    def _step_match(self, by: int) -> None:
        if self._matches:
            self._match = (self._match + by) % len(self._matches)
            self.find_bar.show_count(self._match + 1, len(self._matches))
            self._mark()

    def _end_find(self) -> None:
        self._query = ""
        self._matches, self._match = (), -1
        if self._text_mode:
            span = (self._citation.start, self._citation.end) if self._citation else None
            self.text.sheet.set_marks((span,) if span else (), span)
        else:
            self.pdf.show_mark(())
        self.focus_view()
