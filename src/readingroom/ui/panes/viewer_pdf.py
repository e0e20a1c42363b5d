"""Pages of a PDF below each other, drawn by a child process, with passages marked by us."""

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from readingroom.core.ids import DocumentId
from readingroom.core.models import PageSpan
from readingroom.services.documents import DocumentService
from readingroom.ui.panes.viewer_layout import BAR, GAP, SIDE, TOP, PageLayout
from readingroom.ui.panes.viewer_render import PageStore, Wanted
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import body_font, palette, when_palette_changes
from readingroom.ui.widgets.paper import paint_mark, paint_sheet, tint_picture

SHARPEN_MS = 120
"""A resize or a zoom shows the old picture stretched until the size has settled."""
AIR_PX = 72
"""Room kept above and below a mark that is brought into view."""
ZOOM_STEP = 1.1
ZOOM_RANGE = (0.5, 5.0)
MOST_WIDTH_PX = 4096


class PdfView(QAbstractScrollArea):
    """Scrolls through all pages; only pages in view, and their neighbours, are ever drawn."""

    page_changed = Signal(int)
    counted = Signal(int)
    zoom_changed = Signal(float)
    """1.0 fits the width of the pane."""
    unreadable = Signal(object)  # Exception
    """The first page asked for could not be drawn: there is nothing to look at here."""
    number_typed = Signal(str)
    """A digit was typed: the person wants to go to a page."""

    def __init__(self, documents: DocumentService, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pdfView")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._name = ""
        self._layout = PageLayout(1)
        self._store = PageStore(documents, runner, self)
        self._zoom = 1.0
        self._page = 0
        self._marks: tuple[PageSpan, ...] = ()
        self._showing: PageSpan | None = None
        self._sharpen = QTimer(self, singleShot=True, interval=SHARPEN_MS)
        self._sharpen.timeout.connect(self._want_pages)
        self._store.arrived.connect(self._take_in)
        self._store.failed.connect(self._page_failed)
        self._store.counted.connect(self._count)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        when_palette_changes(self.viewport().update)

    # What is shown

    @property
    def page(self) -> int:
        """The page in the middle of the view."""
        return max(1, self._page)

    @property
    def page_count(self) -> int:
        """As far as known."""
        return self._layout.page_count

    @property
    def zoom(self) -> float:
        """1.0 fits the width."""
        return self._zoom

    def open(self, document_id: DocumentId, name: str, page_count: int) -> None:
        """Show a document from its first page."""
        self._name = name
        self._store.open(document_id)
        self._layout = PageLayout(page_count)
        self._marks, self._showing, self._page = (), None, 0
        self._lay_out()
        self.verticalScrollBar().setValue(0)
        self._scrolled()

    def show_mark(self, spans: tuple[PageSpan, ...]) -> None:
        """Mark these spans, one a page, and bring the first into view."""
        self._marks = spans
        if not spans:
            self.viewport().update()
            return
        self._showing = spans[0]
        self._reveal()
        self._want_pages()
        self.viewport().update()

    def go_to_page(self, page: int) -> None:
        """Bring the top of a page into view."""
        self._showing = None
        page = min(max(page, 1), self._layout.page_count)
        self.verticalScrollBar().setValue(round(self._layout.top(page) - TOP))

    def set_zoom(self, zoom: float) -> None:
        """Zoom; what is in the middle of the view stays there."""
        zoom = min(max(zoom, ZOOM_RANGE[0]), ZOOM_RANGE[1])
        if abs(zoom - self._zoom) < 0.001:
            return
        self._zoom = zoom
        self._lay_out(keep=0.5)
        self.zoom_changed.emit(zoom)

    def mark_boxes(self) -> list[QRectF]:
        """List the marked lines now known, in coordinates of the viewport."""
        return [box for span in self._marks for box in self._boxes(span)]

    def retry(self) -> None:
        """Try again to draw what could not be drawn."""
        self._store.retry()

    # Where things are

    def _lay_out(self, keep: float = 0.0) -> None:
        """Fit scroll bars to the pages; what stands at `keep` of the view's height stays there."""
        bar, view = self.verticalScrollBar(), self.viewport()
        middle = bar.value() + keep * view.height()
        page = self._layout.page_at(middle)
        into = (middle - self._layout.top(page)) / self._layout.height(page)
        self._layout.set_width(max(80.0, (view.width() - 2 * SIDE + BAR) * self._zoom))
        bar.setRange(0, max(0, round(self._layout.total - view.height())))
        bar.setPageStep(view.height())
        bar.setSingleStep(40)
        across = self.horizontalScrollBar()
        spare = max(0, round(self._layout.width + 2 * SIDE - BAR - view.width()))
        was_centred = across.maximum() == 0
        across.setRange(0, spare)
        across.setPageStep(view.width())
        if was_centred:
            across.setValue(spare // 2)
        bar.setValue(round(self._layout.top(page) + into * self._layout.height(page) - keep * view.height()))
        if self._showing is not None:
            self._reveal()
        self._sharpen.start()
        view.update()

    def _page_rect(self, page: int) -> QRectF:
        left = max(float(SIDE), (self.viewport().width() + BAR - self._layout.width) / 2)
        left -= self.horizontalScrollBar().value()
        top = self._layout.top(page) - self.verticalScrollBar().value()
        return QRectF(round(left), round(top), round(self._layout.width), round(self._layout.height(page)))

    def _pages_in_view(self) -> range:
        top = self.verticalScrollBar().value()
        return range(self._layout.page_at(top), self._layout.page_at(top + self.viewport().height()) + 1)

    def _boxes(self, span: PageSpan) -> list[QRectF]:
        if span.page is None:
            return []
        page = self._page_rect(span.page)
        return [
            QRectF(
                page.left() + x0 * page.width(),
                page.top() + y0 * page.height(),
                (x1 - x0) * page.width(),
                (y1 - y0) * page.height(),
            )
            for x0, y0, x1, y1 in self._store.marks(span.page, (span.start, span.end)) or ()
        ]

    def _reveal(self) -> None:
        """Bring the mark that is to be shown into view: its page at once, its line when it is known."""
        span = self._showing
        if span is None or span.page is None:
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        page = self._page_rect(span.page)
        boxes = self._boxes(span)
        if not boxes:
            if not self._pages_in_view().start <= span.page < self._pages_in_view().stop:
                bar.setValue(round(self._layout.top(span.page) - TOP))
            return
        top, bottom = boxes[0].top(), boxes[-1].bottom()
        if page.height() + 2 * TOP <= height:
            bar.setValue(round(self._layout.top(span.page) - TOP))
        elif top < AIR_PX or min(bottom, top + height - 2 * AIR_PX) > height - AIR_PX:
            bar.setValue(round(bar.value() + top - height / 3))
        left, right = min(box.left() for box in boxes), max(box.right() for box in boxes)
        if left < SIDE or right > self.viewport().width() - SIDE:
            across = self.horizontalScrollBar()
            across.setValue(round(across.value() + left - 2 * SIDE))
        self.viewport().update()

    # What is fetched

    def _want_pages(self) -> None:
        ratio = self.viewport().devicePixelRatioF()
        width_px = min(round(self._layout.width * ratio), MOST_WIDTH_PX)
        spans = {mark.page: (mark.start, mark.end) for mark in self._marks}
        seen = self._pages_in_view()
        order = [self.page, *(page for page in seen if page != self.page)]
        if self._showing is not None and self._showing.page is not None:
            order.insert(0, self._showing.page)
        order += [seen.stop, seen.start - 1]
        order += [page for page in spans if page is not None]
        self._store.want(
            [
                Wanted(page, width_px, spans.get(page))
                for page in dict.fromkeys(order)
                if 1 <= page <= self._layout.page_count
            ]
        )

    def _take_in(self, page: int) -> None:
        image = self._store.image(page)
        if image is not None and self._layout.set_ratio(page, image.height() / image.width()):
            self._lay_out()
        showing = self._showing
        if showing is not None and showing.page == page:
            self._reveal()
            if self._store.marks(page, (showing.start, showing.end)) is not None:
                # From here on the person scrolls.
                self._showing = None if not self._sharpen.isActive() else showing
        self.viewport().update()

    def _count(self, page_count: int) -> None:
        if page_count != self._layout.page_count:
            self._layout.set_count(page_count)
            self._lay_out()
            self.counted.emit(page_count)

    def _page_failed(self, page: int, error: Exception) -> None:
        if self._store.empty:
            self.unreadable.emit(error)
        self.viewport().update(self._page_rect(page).toAlignedRect())

    def _scrolled(self) -> None:
        middle = self.verticalScrollBar().value() + self.viewport().height() / 2
        page = self._layout.page_at(middle)
        if page != self._page:
            self._page = page
            self.setAccessibleName(f"{self._name}, page {page} of {self._layout.page_count}")
            self.page_changed.emit(page)
        if not self._sharpen.isActive():
            self._want_pages()
        self.viewport().update()

    # What Qt calls

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(event.rect(), palette().color("panel"))
        for page in self._pages_in_view():
            rect = self._page_rect(page)
            if rect.adjusted(-8, -8, 8, 8).intersects(QRectF(event.rect())):
                self._paint_page(painter, page, rect)

    def _paint_page(self, painter: QPainter, page: int, rect: QRectF) -> None:
        paint_sheet(painter, rect)
        image = self._store.image(page)
        failure = self._store.failure(page)
        boxes = [box for span in self._marks if span.page == page for box in self._boxes(span)]
        if image is not None:
            painter.drawImage(rect, image)
            tint_picture(painter, rect, boxes)
        elif failure is not None:
            painter.setFont(body_font())
            painter.setPen(QColor(palette().page_ink))
            text = f"This page could not be drawn.\n{failure}"
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(rect.adjusted(40, 40, -40, -40), flags, text)
        for box in boxes:
            paint_mark(painter, box, over_picture=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self._scrolled()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw at once what is seen first; only later changes of size wait until they settle."""
        super().showEvent(event)
        self._sharpen.stop()
        self._want_pages()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._showing = None
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_zoom(self._zoom * ZOOM_STEP ** (event.angleDelta().y() / 120))
            event.accept()
            return
        super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._showing = None
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_PageDown or (key == Qt.Key.Key_Space and not back):
            self.turn(1)
        elif key == Qt.Key.Key_PageUp or (key == Qt.Key.Key_Space and back):
            self.turn(-1)
        elif key == Qt.Key.Key_Home:
            self.go_to_page(1)
        elif key == Qt.Key.Key_End:
            self.go_to_page(self._layout.page_count)
        elif plain and event.text().isdigit():
            self.number_typed.emit(event.text())
        else:
            self._showing = None
            super().keyPressEvent(event)

    def turn(self, by: int) -> None:
        """Go a page on or back; within a page that is taller than the view, go by the view's height."""
        self._showing = None
        bar, height = self.verticalScrollBar(), self.viewport().height()
        top_page = self._layout.page_at(bar.value() + TOP)
        rect = self._page_rect(top_page)
        if by > 0 and rect.bottom() > height + 1:
            bar.setValue(
                min(bar.value() + round(height * 0.9), round(bar.value() + rect.bottom() + GAP - height))
            )
        elif by > 0:
            self.go_to_page(top_page + 1)
        elif rect.top() < 0:
            bar.setValue(max(bar.value() - round(height * 0.9), round(self._layout.top(top_page) - TOP)))
        else:
            self.go_to_page(top_page - 1)

    def visible_rect(self) -> QRect:
        """Give the part of the widget in which pages are seen."""
        return QRect(QPoint(0, 0), self.viewport().size())
