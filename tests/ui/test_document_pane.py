"""The document pane: the list follows what is read, and a citation opens at its place with the passage marked."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from readingroom.core.conversation import Citation
from readingroom.core.errors import DocumentChanged, WorkerCrashed
from readingroom.core.extraction import Page
from readingroom.core.ids import DocumentId
from readingroom.core.models import DocumentState, RenderedPage
from readingroom.services.bundle import Services
from readingroom.services.source_cards import SourceCard
from readingroom.ui.models.document_rows import SortBy, StateFilter
from readingroom.ui.models.document_table import COLUMNS
from readingroom.ui.panes.document_pane import DocumentPane
from readingroom.ui.panes.viewer_document import DocumentViewer
from readingroom.ui.panes.viewer_gone import GoneViewer
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.source_card import SourceCardStrip
from ui.fake_services import HANDBOOK, LAW, POLICY, THESIS, FakeDocuments, World, fake_services, full_world


class Documents(FakeDocuments):
    """Notes what is drawn; fails where a test says so; can be held back."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.drawn: list[tuple[int, int, int | None]] = []
        self.threads: set[int] = set()
        self.failure: Exception | None = None
        self.asked = 0
        self.gate = threading.Event()
        self.gate.set()

    def render_page(
        self,
        document_id: DocumentId,
        page: int,
        *,
        width_px: int,
        start: int | None = None,
        end: int | None = None,
    ) -> RenderedPage:
        self.asked += 1
        self.gate.wait(10)
        self.threads.add(threading.get_ident())
        self.drawn.append((page, width_px, start))
        if self.failure is not None:
            raise self.failure
        return super().render_page(document_id, page, width_px=width_px, start=start, end=end)


@pytest.fixture
def world() -> World:
    return full_world()


@pytest.fixture
def documents(world: World) -> Documents:
    return Documents(world)


@pytest.fixture
def services(world: World, documents: Documents) -> Services:
    return replace(fake_services(world), documents=documents)


@pytest.fixture
def pane(qtbot: QtBot, services: Services) -> Iterator[DocumentPane]:
    runner = TaskRunner()
    pane = DocumentPane(services, runner)
    qtbot.addWidget(pane)
    pane.resize(470, 740)
    pane.show()
    qtbot.waitExposed(pane)
    pane.show_workspace(LAW)
    qtbot.waitUntil(lambda: pane.list.model.total == 465)
    yield pane
    pane.stop()
    runner.close()


def opened(pane: DocumentPane) -> DocumentViewer:
    viewer = pane.viewer()
    assert viewer is not None
    return viewer


def cite(qtbot: QtBot, pane: DocumentPane, citation: Citation, siblings: tuple[Citation, ...] = ()) -> None:
    with qtbot.waitSignal(pane.citation_shown):
        pane.open_citation(citation, siblings)


# The list


def test_the_list_takes_in_what_changed(
    qtbot: QtBot, pane: DocumentPane, world: World, services: Services
) -> None:
    waiting = next(d for d in world.documents.values() if d.state is DocumentState.QUEUED)
    world.documents[waiting.id] = replace(
        waiting, state=DocumentState.FAILED, reason="It is broken.", revision=9000
    )
    del world.documents[DocumentId(400)]
    with qtbot.waitSignal(pane.list.model.rowsRemoved):
        services.ingest.progressed.publish(LAW)
    assert pane.list.model.total == 464
    row = pane.list.model.row_of(waiting.id)
    assert row is not None
    assert pane.list.model.index(row, 1).data() == "Failed"
    assert "It is broken." in pane.list.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert pane.list.states.button(list(StateFilter).index(StateFilter.FAILED)).text() == "Failed 3"


def test_the_selection_outlives_sorting_and_filtering(qtbot: QtBot, pane: DocumentPane) -> None:
    table = pane.list.table
    table.selectRow(7)
    chosen = pane.list.selected()[0]
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(COLUMNS.index(SortBy.SIZE)) + 10, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert pane.list.selected() == [chosen]


def test_typing_filters_and_down_enter_opens(qtbot: QtBot, pane: DocumentPane) -> None:
    pane.focus_filter()
    qtbot.keyClicks(pane.list.filter_box, "hand book")
    qtbot.waitUntil(lambda: pane.list.model.rowCount() == 1)
    qtbot.keyClick(pane.list.filter_box, Qt.Key.Key_Down)
    qtbot.keyClick(pane.list.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: pane.viewer() is not None)
    assert opened(pane).document.id == HANDBOOK
    assert pane.tabs.tabText(1) == "handbook.pdf"


def test_the_state_filter_shows_what_failed(qtbot: QtBot, pane: DocumentPane) -> None:
    place = list(StateFilter).index(StateFilter.FAILED)
    qtbot.mouseClick(pane.list.states.button(place), Qt.MouseButton.LeftButton)
    assert pane.list.model.rowCount() == 2


def test_nothing_that_fits_offers_to_show_all(qtbot: QtBot, pane: DocumentPane) -> None:
    qtbot.keyClicks(pane.list.filter_box, "xyzzy")
    qtbot.waitUntil(lambda: pane.list._empty.isVisible())
    qtbot.mouseClick(pane.list._empty.button, Qt.MouseButton.LeftButton)
    assert pane.list.model.rowCount() == 465


def test_an_empty_workspace_offers_to_choose_a_folder(qtbot: QtBot, pane: DocumentPane) -> None:
    pane.show_workspace(THESIS)
    qtbot.waitUntil(lambda: pane.list._empty.isVisible())
    with qtbot.waitSignal(pane.add_requested):
        qtbot.mouseClick(pane.list._empty.button, Qt.MouseButton.LeftButton)


def test_the_menu_copies_the_path_and_tries_again(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    failed = next(d for d in world.documents.values() if d.state is DocumentState.FAILED)
    actions = {action.text(): action for action in pane.list.menu_for([failed]).actions()}
    actions["Copy path"].trigger()
    assert QGuiApplication.clipboard().text() == str(failed.path)
    actions["Try again"].trigger()
    qtbot.waitUntil(lambda: ("retry", (failed.id,)) in world.calls)


# The viewer


def test_a_citation_opens_its_page_with_the_passage_marked(
    qtbot: QtBot, pane: DocumentPane, world: World, documents: Documents
) -> None:
    cite(qtbot, pane, world.citations[0], world.citations)
    viewer = opened(pane)
    qtbot.waitUntil(lambda: len(viewer.pdf.mark_boxes()) >= 1)
    assert viewer.pdf.page == 12
    assert viewer.bar.page_box.text() == "12"
    box = viewer.pdf.mark_boxes()[0]
    assert viewer.pdf.visible_rect().contains(box.toAlignedRect())
    image = viewer.pdf.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    colours = {
        image.pixelColor(round(x * ratio), round((box.top() + 1) * ratio)).name()
        for x in range(round(box.left()), round(box.right()))
    }
    assert "#ffe9a8" in colours
    assert threading.get_ident() not in documents.threads


def test_ink_stays_dark_under_the_mark(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    """The mark is multiplied, so a black stroke must not turn yellow."""
    cite(qtbot, pane, world.citations[0])
    viewer = opened(pane)
    qtbot.waitUntil(lambda: len(viewer.pdf.mark_boxes()) >= 1)
    box = viewer.pdf.mark_boxes()[0].toAlignedRect()
    image = viewer.pdf.viewport().grab(box).toImage()
    darkest = min(
        QColor(image.pixel(x, y)).lightness() for x in range(image.width()) for y in range(image.height() - 2)
    )
    assert darkest < 90


def test_citations_are_stepped_through_across_documents(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    cite(qtbot, pane, world.citations[1], world.citations)
    with qtbot.waitSignal(pane.citation_shown) as shown:
        qtbot.mouseClick(opened(pane).bar.next, Qt.MouseButton.LeftButton)
    assert shown.args == [world.citations[2]]
    assert opened(pane).document.id == POLICY
    assert not opened(pane).bar.next.isEnabled()


def test_a_text_document_shows_the_cited_words_marked(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    citation = world.citations[2]
    cite(qtbot, pane, citation)
    viewer = opened(pane)
    qtbot.waitUntil(lambda: bool(viewer.text.sheet.span_rects((citation.start, citation.end))))
    assert viewer.text.sheet.text[citation.start : citation.end] == citation.quote
    assert viewer.text.isVisible()


def test_a_missing_file_shows_its_text_and_says_so(
    qtbot: QtBot, pane: DocumentPane, world: World, documents: Documents
) -> None:
    documents.failure = DocumentChanged("The file is not there any more.")
    cite(qtbot, pane, world.citations[0])
    viewer = opened(pane)
    qtbot.waitUntil(viewer.text.isVisible)
    citation = world.citations[0]
    qtbot.waitUntil(lambda: bool(viewer.text.sheet.span_rects((citation.start, citation.end))))
    assert "not there any more" in viewer.notices.warning.text()
    assert viewer.notices.warning.isVisible()


def test_a_crash_while_drawing_is_told_on_the_page(
    qtbot: QtBot, pane: DocumentPane, world: World, documents: Documents
) -> None:
    documents.failure = WorkerCrashed("The page made the drawing process stop.")
    cite(qtbot, pane, world.citations[0])
    viewer = opened(pane)
    qtbot.waitUntil(lambda: len(documents.drawn) > 1)
    assert viewer.pdf.isVisible()
    assert not viewer.notices.warning.isVisible()


def test_a_citation_without_document_still_shows_its_words(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    gone = replace(world.citations[0], document_id=None)
    cite(qtbot, pane, gone)
    shown = pane.stack.currentWidget()
    assert isinstance(shown, GoneViewer)
    assert gone.quote in shown.quote.text()


def test_a_passage_over_two_pages_is_marked_on_both(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    pages = world.pages[HANDBOOK]
    start, end = pages[11].end - 20, pages[12].start + 20
    both = replace(world.citations[0], start=start, end=end)
    cite(qtbot, pane, both)
    viewer = opened(pane)
    qtbot.waitUntil(lambda: len(viewer.pdf.mark_boxes()) >= 2)
    edge = viewer.pdf._page_rect(12).bottom()
    tops = [box.top() for box in viewer.pdf.mark_boxes()]
    assert min(tops) < edge < max(tops)


def test_a_page_number_is_typed_to_go_there(qtbot: QtBot, pane: DocumentPane) -> None:
    pane.open_document(HANDBOOK)
    qtbot.waitUntil(lambda: pane.viewer() is not None)
    viewer = opened(pane)
    qtbot.keyClicks(viewer.pdf, "3")
    qtbot.keyClicks(viewer.bar.page_box, "1")
    qtbot.keyClick(viewer.bar.page_box, Qt.Key.Key_Return)
    assert viewer.pdf.page == 31
    qtbot.keyClick(viewer.pdf, Qt.Key.Key_PageDown)
    assert viewer.pdf.page == 32
    qtbot.keyClick(viewer.pdf, Qt.Key.Key_End)
    assert viewer.pdf.page == 48
    qtbot.keyClick(viewer.pdf, Qt.Key.Key_Home)
    assert viewer.pdf.page == 1


def test_fast_scrolling_draws_only_where_it_comes_to_rest(
    qtbot: QtBot, pane: DocumentPane, documents: Documents
) -> None:
    pane.open_document(HANDBOOK)
    qtbot.waitUntil(lambda: len(documents.drawn) >= 2)
    viewer = opened(pane)
    qtbot.waitUntil(lambda: not viewer.pdf._sharpen.isActive() and pane._runner.running == 0)
    documents.gate.clear()
    documents.drawn.clear()
    for page in range(3, 47):
        viewer.pdf.go_to_page(page)
    documents.gate.set()
    qtbot.waitUntil(lambda: 46 in {page for page, _, _ in documents.drawn})
    assert len({page for page, _, _ in documents.drawn}) < 12


def test_zoom_keeps_the_middle_and_draws_sharp(
    qtbot: QtBot, pane: DocumentPane, documents: Documents
) -> None:
    pane.open_document(HANDBOOK)
    qtbot.waitUntil(lambda: len(documents.drawn) >= 2)
    viewer = opened(pane)
    viewer.pdf.go_to_page(20)
    width = max(width for _, width, _ in documents.drawn)
    qtbot.keyClick(viewer.pdf, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert viewer.bar.zoom.text() == "110%"
    assert viewer.pdf.page == 20
    qtbot.waitUntil(lambda: any(w > width for _, w, _ in documents.drawn))
    wheel = QWheelEvent(
        QPointF(200, 200), QPointF(200, 200), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewer.pdf.viewport(), wheel)
    assert viewer.bar.zoom.text() == "100%"


def test_find_steps_through_matches_on_pages(qtbot: QtBot, pane: DocumentPane) -> None:
    pane.open_document(HANDBOOK)
    qtbot.waitUntil(lambda: pane.viewer() is not None)
    viewer = opened(pane)
    qtbot.keyClick(viewer.pdf, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert viewer.find_bar.isVisible()
    qtbot.keyClicks(viewer.find_bar.box, "leave carried")
    qtbot.waitUntil(lambda: viewer.find_bar.count.text() == "1 of 1")
    qtbot.waitUntil(lambda: viewer.pdf.page == 13 and bool(viewer.pdf.mark_boxes()))
    viewer.find_bar.box.clear()
    qtbot.keyClicks(viewer.find_bar.box, "annual LEAVE")
    qtbot.waitUntil(lambda: viewer.pdf.page == 12)
    qtbot.keyClicks(viewer.find_bar.box, " xyzzy")
    qtbot.waitUntil(lambda: viewer.find_bar.count.text() == "Not found")
    qtbot.keyClick(viewer.find_bar.box, Qt.Key.Key_Escape)
    assert not viewer.find_bar.isVisible()
    assert viewer.pdf.mark_boxes() == []


def test_the_text_of_a_pdf_can_be_shown_and_keeps_the_mark(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    citation = world.citations[0]
    cite(qtbot, pane, citation)
    viewer = opened(pane)
    qtbot.mouseClick(viewer.bar.text, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(viewer.text.isVisible)
    assert viewer.text.sheet.span_rects((citation.start, citation.end))
    assert viewer.bar.page_box.text() in ("11", "12")
    qtbot.mouseClick(viewer.bar.text, Qt.MouseButton.LeftButton)
    assert viewer.pdf.isVisible()


def test_a_document_is_opened_once_and_closed_by_its_tab(qtbot: QtBot, pane: DocumentPane) -> None:
    for _ in range(2):
        pane.open_document(HANDBOOK)
        qtbot.waitUntil(lambda: pane.viewer() is not None)
    assert pane.tabs.count() == 2
    pane.tabs.close_requested.emit(1)
    assert pane.tabs.count() == 1
    assert pane.viewer() is None
    pane.close_tab(0)
    assert pane.tabs.count() == 1, "the list cannot be closed"


def test_a_document_read_anew_is_opened_anew(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    """Offsets of a new citation belong to the new text."""
    cite(qtbot, pane, world.citations[2])
    text = "Preface.\n" + world.pages[POLICY][0].text
    world.pages[POLICY] = (Page(None, 0, text),)
    world.documents[POLICY] = replace(world.documents[POLICY], content_hash="other")
    start = text.index("Part-time staff carry")
    citation = replace(world.citations[2], start=start, end=start + 20)
    cite(qtbot, pane, citation)
    viewer = opened(pane)
    qtbot.waitUntil(lambda: viewer.text.sheet.text == text)
    assert pane.tabs.count() == 2


def test_leaving_a_workspace_closes_its_documents(qtbot: QtBot, pane: DocumentPane) -> None:
    pane.open_document(HANDBOOK)
    qtbot.waitUntil(lambda: pane.viewer() is not None)
    pane.show_workspace(THESIS)
    assert pane.tabs.count() == 1
    qtbot.waitUntil(lambda: pane.list.model.total == 0)


def test_a_document_without_text_says_why(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    blank = next(d for d in world.documents.values() if d.state is DocumentState.NO_TEXT)
    world.documents[blank.id] = replace(blank, format="text", path=Path("/x/blank.txt"))
    world.pages[blank.id] = ()
    pane.open_document(blank.id)
    qtbot.waitUntil(lambda: pane.viewer() is not None and opened(pane).content is not None)
    assert "pictures without text" in opened(pane).message.text()


def test_closing_a_tab_while_its_page_is_drawn_is_harmless(
    qtbot: QtBot, pane: DocumentPane, documents: Documents
) -> None:
    documents.gate.clear()
    pane.open_document(HANDBOOK)
    qtbot.waitUntil(lambda: pane.viewer() is not None and documents.asked > 0)
    with qtbot.waitSignal(opened(pane).destroyed):
        pane.close_tab(1)
    documents.gate.set()
    qtbot.waitUntil(lambda: pane._runner.running == 0)


def test_related_documents_of_one_name_are_told_apart_by_their_folders(qtbot: QtBot, world: World) -> None:
    document = next(iter(world.documents.values()))
    paths = ("/2023/rent/lease.pdf", "/2024/rent/lease.pdf", "/old/lease.pdf", "/a/will.pdf")
    named = [replace(document, path=Path(path)) for path in paths]
    strip = SourceCardStrip()
    qtbot.addWidget(strip)
    strip.show_card(SourceCard(document, (), tuple(named)))
    strip.toggle.click()
    strip.show()
    said = [button.text() for button in strip.related]
    assert said == [
        "lease.pdf · 2023/rent",
        "lease.pdf · 2024/rent",
        "lease.pdf · old",
        "will.pdf",
    ]
