"""Fetches drawn pages for the viewer: only what is wanted now, a few at a time, the latest kept."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from readingroom.core.ids import DocumentId
from readingroom.core.models import RenderedPage
from readingroom.services.documents import DocumentService
from readingroom.ui.alive import while_alive
from readingroom.ui.tasks import TaskRunner

CACHE_BYTES = 96 * 1024 * 1024
AT_ONCE = 2
"""Pages asked for at a time: the child draws one, the other is converted meanwhile."""

Span = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page as the view needs it."""

    page: int
    width_px: int
    span: Span | None = None
    """Characters of the document's text whose place on the page is asked for."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    wanted: Wanted
    page_count: int
    image: QImage
    boxes: tuple[Box, ...]
    """Marks as fractions of the page's width and height: they stay right at any zoom."""


class PageStore(QObject):
    """Keeps pictures by page (the newest width only) and marks by page and span."""

    arrived = Signal(int)
    """A page has a new picture or new marks."""
    failed = Signal(int, object)  # page, Exception
    counted = Signal(int)
    """How many pages the document has."""

    def __init__(self, documents: DocumentService, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._documents = documents
        self._runner = runner
        self._document_id: DocumentId | None = None
        self._images: OrderedDict[int, tuple[int, QImage]] = OrderedDict()
        self._marks: dict[tuple[int, Span], tuple[Box, ...]] = {}
        self._failed: dict[int, Exception] = {}
        self._wanted: Sequence[Wanted] = ()
        self._under_way: set[Wanted] = set()

    def open(self, document_id: DocumentId | None) -> None:
        """Forget all and fetch from this document from now on; what is still under way is dropped when it comes."""
        self._document_id = document_id
        self._images.clear()
        self._marks.clear()
        self._failed.clear()
        self._under_way.clear()
        self._wanted = ()

    def want(self, wanted: Sequence[Wanted]) -> None:
        """Fetch these, in this order, and nothing that was wanted before."""
        self._wanted = wanted
        self._fetch()

    def image(self, page: int) -> QImage | None:
        """Give the page's picture, perhaps of another width than is wanted by now."""
        found = self._images.get(page)
        return found[1] if found else None

    def marks(self, page: int, span: Span) -> tuple[Box, ...] | None:
        """Give the places of a span on a page, as fractions of its sides; None while unknown."""
        return self._marks.get((page, span))

    def failure(self, page: int) -> Exception | None:
        """Say why a page cannot be shown."""
        return self._failed.get(page)

    def retry(self) -> None:
        """Try failed pages again."""
        self._failed.clear()
        self._fetch()

    @property
    def empty(self) -> bool:
        """Whether no page has come yet."""
        return not self._images

    def _fetch(self) -> None:
        for wanted in self._wanted:
            if len(self._under_way) >= AT_ONCE:
                return
            if wanted not in self._under_way and not self._has(wanted):
                self._start(wanted)

    def _has(self, wanted: Wanted) -> bool:
        if wanted.page in self._failed:
            return True
        found = self._images.get(wanted.page)
        has_image = found is not None and found[0] == wanted.width_px
        return has_image and (wanted.span is None or (wanted.page, wanted.span) in self._marks)

    def _start(self, wanted: Wanted) -> None:
        document_id, documents = self._document_id, self._documents
        if document_id is None:
            return
        self._under_way.add(wanted)
        start, end = wanted.span or (None, None)

        def draw() -> _Drawn:
            page = documents.render_page(
                document_id, wanted.page, width_px=wanted.width_px, start=start, end=end
            )
            return _drawn(wanted, page)

        self._runner.call(
            draw,
            while_alive(self, lambda drawn: self._take_in(document_id, drawn)),
            while_alive(self, lambda error: self._fail(document_id, wanted, error)),
        )

    def _take_in(self, document_id: DocumentId, drawn: _Drawn) -> None:
        if document_id != self._document_id:
            return
        wanted = drawn.wanted
        self._under_way.discard(wanted)
        self._images[wanted.page] = (wanted.width_px, drawn.image)
        self._images.move_to_end(wanted.page)
        if wanted.span is not None:
            self._marks[wanted.page, wanted.span] = drawn.boxes
        self._trim()
        self.counted.emit(drawn.page_count)
        self.arrived.emit(wanted.page)
        self._fetch()

    def _fail(self, document_id: DocumentId, wanted: Wanted, error: Exception) -> None:
        if document_id != self._document_id:
            return
        self._under_way.discard(wanted)
        self._failed[wanted.page] = error
        self.failed.emit(wanted.page, error)
        self._fetch()

    def _trim(self) -> None:
        needed = {wanted.page for wanted in self._wanted}
        total = sum(image.sizeInBytes() for _, image in self._images.values())
        for page in tuple(self._images):
            if total <= CACHE_BYTES:
                return
            if page not in needed:
                total -= self._images.pop(page)[1].sizeInBytes()


def _drawn(wanted: Wanted, page: RenderedPage) -> _Drawn:
    """Convert on the pool thread: a picture in the screen's own format is painted without a copy."""
    picture = QImage(page.rgb, page.width, page.height, page.width * 3, QImage.Format.Format_RGB888)
    boxes = tuple(
        (x0 / page.width, y0 / page.height, x1 / page.width, y1 / page.height)
        for x0, y0, x1, y1 in page.marks
    )
    return _Drawn(wanted, page.page_count, picture.convertToFormat(QImage.Format.Format_RGB32), boxes)
