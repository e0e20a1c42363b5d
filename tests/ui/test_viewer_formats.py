"""Every format opens at a cited place: rows, slides, lines, pictures; what is inside another document says so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from readingroom.core.conversation import Citation
from readingroom.core.errors import DocumentEncrypted, DocumentUnsupported
from readingroom.core.extraction import ExtractedDocument, Heading, Page, Table
from readingroom.core.ids import DocumentId
from readingroom.core.models import Document, DocumentState, RenderedPage
from readingroom.core.places import container_of, place_in
from readingroom.services.bundle import Services
from readingroom.ui.panes.document_pane import DocumentPane
from readingroom.ui.panes.viewer_document import DocumentViewer
from readingroom.ui.tasks import TaskRunner
from ui.fake_services import HANDBOOK, LAW, FakeDocuments, World, fake_services, full_world

OPENED = DocumentId(7000)


class Documents(FakeDocuments):
    """Fails to draw where a test says so."""

    failure: Exception | None = None

    def render_page(
        self,
        document_id: DocumentId,
        page: int,
        *,
        width_px: int,
        start: int | None = None,
        end: int | None = None,
    ) -> RenderedPage:
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
    yield pane
    pane.stop()
    runner.close()


def add(world: World, read: ExtractedDocument, path: str = "", **changes: object) -> Document:
    """A document of which that was read."""
    document_id = DocumentId(max([*world.documents, OPENED]) + 1)
    pages = len(read.pages) if read.paginated else None
    document = replace(
        world.documents[HANDBOOK],
        id=document_id,
        path=Path(path or f"/home/mira/a.{read.format}"),
        format=read.format,
        pages=pages,
        reason="",
    )
    document = replace(document, **changes)  # type: ignore[arg-type]
    world.documents[document_id] = document
    world.extracted[document_id] = read
    return document


def citation(world: World, document: Document, words: str) -> Citation:
    read = world.extracted[document.id]
    start = read.text.index(words)
    end = start + len(words)
    page = next(page.number for page in read.pages if page.start <= start < page.end)
    return Citation(
        1, document.id, document.path, page, start, end, words, located=True,
        place=place_in(read, start, end), container=container_of(document.path, document.locator),
    )  # fmt: skip


def shown(qtbot: QtBot, pane: DocumentPane, document: Document) -> DocumentViewer:
    """The viewer of that document, once its text is there."""

    def there() -> bool:
        viewer = pane.viewer()
        return viewer is not None and viewer.document.id == document.id and viewer.content is not None

    qtbot.waitUntil(there)
    viewer = pane.viewer()
    assert viewer is not None
    return viewer


def deck() -> ExtractedDocument:
    texts = [f"# Slide about {n}\n\nWords on topic {n}.\n\n" for n in range(1, 13)]
    pages, start = [], 0
    for number, text in enumerate(texts, start=1):
        label = f"Slide about {number}" if number != 5 else "Named otherwise"
        pages.append(Page(number, start, text, label))
        start += len(text)
    return ExtractedDocument("pptx", tuple(pages))


def sheet(rows: int = 400) -> ExtractedDocument:
    head = "# Sales\n\n"
    text = head + "Month | Revenue\n" + "".join(f"Month {n} | {n * 7}\n" for n in range(2, rows + 1))
    table = Table(len(head), len(text), "Month | Revenue", ((len(head), 1),))
    return ExtractedDocument("xlsx", (Page(1, 0, text, "Sales"),), (Heading(1, "Sales", 0),), tables=(table,))


def letter(world: World, members: int = 2, text: str = "Dear all,\n\nthe report is attached.\n") -> Document:
    """A message with attachments, the first of them a PDF."""
    read = ExtractedDocument("eml", (Page(None, 0, text),))
    container = add(world, read, "/home/mira/letter.eml", state=DocumentState.READY, reason="")
    for number in range(1, members + 1):
        name = "report.pdf" if number == 1 else f"note {number}.txt"
        inside = (
            ExtractedDocument("pdf", (Page(1, 0, "The report itself."),))
            if number == 1
            else ExtractedDocument("text", (Page(None, 0, f"Note {number}."),))
        )
        add(
            world, inside, f"/home/mira/letter.eml/{name}", container_id=container.id, locator=str(number),
            size_bytes=number * 1000,
        )  # fmt: skip
    return container


def inside(world: World, container: Document) -> list[Document]:
    return [document for document in world.documents.values() if document.container_id == container.id]


# Tables


def test_a_cited_row_is_shown_in_its_sheet_and_counted(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    document = add(world, sheet())
    cited = citation(world, document, "Month 214 | 1498")
    assert cited.place == "sheet Sales, row 214"
    pane.open_citation(cited)
    viewer = shown(qtbot, pane, document)
    assert viewer.table.isVisible()
    assert (viewer.bar.page_box.text(), viewer.bar.page_box.accessibleName()) == ("214", "Go to row")
    row = viewer.table.grid.rowAt(viewer.table.grid.viewport().height() // 4 + 5)
    assert viewer.table.grid.grid.number(row) == 214
    qtbot.keyClicks(viewer.bar.page_box, "")
    viewer.bar.page_requested.emit(30)
    assert viewer.bar.page_box.text() == "30"


def test_finding_steps_through_rows_and_leaves_out_what_is_no_row(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    document = add(world, sheet())
    pane.open_document(document.id)
    viewer = shown(qtbot, pane, document)
    viewer.start_find()
    qtbot.keyClicks(viewer.find_bar.box, "sales")
    qtbot.waitUntil(lambda: viewer.find_bar.count.text() == "Not found")
    viewer.find_bar.box.clear()
    qtbot.keyClicks(viewer.find_bar.box, "month 39")
    qtbot.waitUntil(lambda: viewer.find_bar.count.text() == "1 of 11")
    qtbot.keyClick(viewer.find_bar.box, Qt.Key.Key_Return)
    assert viewer.table.reading() == 390
    qtbot.keyClick(viewer.find_bar.box, Qt.Key.Key_Escape)
    assert not viewer.table.grid.grid.marks


def test_a_table_may_be_shown_as_text_and_keeps_its_mark(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    document = add(world, sheet())
    cited = citation(world, document, "Month 214 | 1498")
    pane.open_citation(cited)
    viewer = shown(qtbot, pane, document)
    qtbot.mouseClick(viewer.bar.text, Qt.MouseButton.LeftButton)
    assert viewer.text.isVisible()
    assert viewer.text.sheet.span_rects((cited.start, cited.end))
    qtbot.mouseClick(viewer.bar.text, Qt.MouseButton.LeftButton)
    assert viewer.table.isVisible()
    assert viewer.table.reading() == 214


# Slides, chapters, lines


def test_a_cited_slide_is_named_and_one_goes_on_from_there(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    document = add(world, deck())
    cited = citation(world, document, "topic 7")
    assert cited.place == "slide 7"
    pane.open_citation(cited)
    viewer = shown(qtbot, pane, document)
    assert viewer.sections.isVisible()
    assert viewer.sections.list.currentText() == "Slide 7 · Slide about 7"
    assert viewer.bar.page_box.text() == "7"
    assert viewer.text.sheet.span_rects((cited.start, cited.end))
    qtbot.mouseClick(viewer.sections.next, Qt.MouseButton.LeftButton)
    assert viewer.bar.page_box.text() == "8"
    qtbot.keyClick(viewer.text.sheet, Qt.Key.Key_PageUp, Qt.KeyboardModifier.AltModifier)
    assert viewer.bar.page_box.text() == "7"


def test_the_last_slides_can_be_gone_to_though_they_do_not_fill_the_view(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    document = add(world, deck())
    pane.open_document(document.id)
    viewer = shown(qtbot, pane, document)
    viewer.sections.list.setCurrentIndex(11)
    viewer.sections.list.activated.emit(11)
    assert viewer.bar.page_box.text() == "12"
    assert viewer.sections.list.currentIndex() == 11
    assert not viewer.sections.next.isEnabled()
    viewer.bar.page_requested.emit(3)
    assert viewer.sections.list.currentIndex() == 2


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_list_of_slides_is_opened_and_chosen_from_by_keyboard(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    document = add(world, deck())
    pane.open_document(document.id)
    viewer = shown(qtbot, pane, document)
    viewer.sections.list.showPopup()
    popup = QApplication.activePopupWidget()
    assert popup is not None
    assert popup.width() == viewer.sections.list.width()
    for _ in range(8):
        qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert not popup.isVisible()
    assert viewer.bar.page_box.text() == "9"


def test_what_a_slide_is_called_stands_over_it_once(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    document = add(world, deck())
    pane.open_document(document.id)
    content = shown(qtbot, pane, document).content
    assert content is not None
    assert [words for _, words in content.breaks][3:6] == ["Slide 4", "Slide 5 · Named otherwise", "Slide 6"]


def test_the_name_over_a_slide_moves_no_character(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    document = add(world, deck())
    pane.open_document(document.id)
    viewer = shown(qtbot, pane, document)
    text = world.extracted[document.id].text
    assert viewer.text.sheet.toPlainText() == text
    start = text.index("Words on topic 2")
    [rect] = viewer.text.sheet.span_rects((start, start + 5))
    hit = viewer.text.sheet.cursorForPosition(QPoint(round(rect.left()) + 2, round(rect.center().y())))
    assert hit.position() in (start, start + 1)


def test_lines_of_code_are_counted_and_gone_to(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    text = "".join(f"value_{n} = {n}\n" for n in range(1, 501))
    document = add(world, ExtractedDocument("code", (Page(None, 0, text),)))
    cited = citation(world, document, "value_321 =")
    assert cited.place == "line 321"
    pane.open_citation(cited)
    viewer = shown(qtbot, pane, document)
    assert (viewer.bar.page_box.text(), viewer.bar.page_box.accessibleName()) == ("321", "Go to line")
    viewer.bar.page_requested.emit(40)
    assert viewer.bar.page_box.text() == "40"
    place = viewer.text.sheet.place()
    assert text[place:].startswith("value_40")


def test_a_document_is_never_taken_for_markup(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    words = "<img src='http://127.0.0.1:9/x.png'><b>bold</b>"
    pages = (Page(1, 0, f"{words}\n", words), Page(2, len(words) + 1, "two\n", words))
    document = add(world, ExtractedDocument("pptx", pages))
    pane.open_document(document.id)
    viewer = shown(qtbot, pane, document)
    assert viewer.text.sheet.toPlainText().startswith(words)
    assert words in viewer.sections.list.itemText(0)


# What is inside of what


def test_an_attachment_says_what_it_is_in_and_opens_it(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    container = letter(world)
    report = next(d for d in inside(world, container) if d.format == "pdf")
    pane.open_citation(citation(world, report, "report itself"))
    viewer = shown(qtbot, pane, report)
    assert viewer.members.isVisible()
    assert viewer.members.container.text() == "letter.eml"
    assert "report.pdf in letter.eml" in pane.tabs.tabToolTip(1)
    qtbot.mouseClick(viewer.members.container, Qt.MouseButton.LeftButton)
    opened = shown(qtbot, pane, container)
    assert opened.text.isVisible()
    assert "attached" in opened.text.sheet.toPlainText()


def test_a_message_lists_its_attachments_as_links(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    container = letter(world)
    pane.open_document(container.id)
    viewer = shown(qtbot, pane, container)
    assert [link.text() for link in viewer.members.links if link.isVisible()] == ["note 2.txt", "report.pdf"]
    qtbot.mouseClick(viewer.members.links[0], Qt.MouseButton.LeftButton)
    note = next(d for d in inside(world, container) if d.format == "text")
    assert "Note 2." in str(shown(qtbot, pane, note).text.sheet.text)


def test_more_attachments_than_fit_are_in_a_list(qtbot: QtBot, pane: DocumentPane, world: World) -> None:
    container = letter(world, members=300)
    pane.open_document(container.id)
    viewer = shown(qtbot, pane, container)
    links = [link for link in viewer.members.links if link.isVisible()]
    assert 1 <= len(links) < 12
    assert viewer.members.more.text() == f"and {300 - len(links)} more"
    assert viewer.members.minimumSizeHint().width() < 320, "it must not widen the pane"
    qtbot.mouseClick(viewer.members.more, Qt.MouseButton.LeftButton)
    assert viewer.member_list.isVisible()
    assert viewer.member_list.model().rowCount() == 300
    qtbot.mouseClick(viewer.members.more, Qt.MouseButton.LeftButton)
    assert viewer.text.isVisible()


def test_a_mailbox_without_words_of_its_own_lists_its_messages(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    container = letter(world, members=3, text="")
    pane.open_document(container.id)
    viewer = shown(qtbot, pane, container)
    assert viewer.member_list.isVisible()
    viewer.member_list.setCurrentIndex(viewer.member_list.model().index(0, 0))
    qtbot.keyClick(viewer.member_list, Qt.Key.Key_Return)
    note = next(d for d in inside(world, container) if d.path.name == "note 2.txt")
    shown(qtbot, pane, note)


def test_a_name_with_an_ampersand_is_not_taken_for_a_shortcut(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    container = letter(world, members=1)
    (report,) = inside(world, container)
    world.documents[report.id] = replace(report, path=report.path.with_name("Q&A.pdf"))
    pane.open_document(container.id)
    viewer = shown(qtbot, pane, container)
    assert viewer.members.links[0].text() == "Q&&A.pdf"


# Pages that cannot be drawn


def test_a_picture_is_drawn_with_its_words_marked_and_without_page_one_of_one(
    qtbot: QtBot, pane: DocumentPane, world: World
) -> None:
    document = add(world, ExtractedDocument("image", (Page(1, 0, "Words on a photograph of a sign."),)))
    pane.open_citation(citation(world, document, "photograph"))
    qtbot.waitUntil(lambda: pane.viewer() is not None)
    viewer = pane.viewer()
    assert viewer is not None
    qtbot.waitUntil(lambda: bool(viewer.pdf.mark_boxes()))
    assert viewer.pdf.isVisible()
    assert not viewer.bar.page_box.isVisible()


def test_a_locked_document_without_text_says_that_it_is_locked(
    qtbot: QtBot, pane: DocumentPane, world: World, documents: Documents
) -> None:
    documents.failure = DocumentEncrypted("The PDF needs a password.")
    document = add(world, ExtractedDocument("pdf", ()), state=DocumentState.ENCRYPTED, pages=None)
    pane.open_document(document.id)
    viewer = shown(qtbot, pane, document)
    assert viewer.message.isVisible()
    assert "needs a password" in viewer.message.text()
    assert not viewer.notices.warning.isVisible(), "there is no text to speak of"


def test_pages_that_cannot_be_drawn_leave_their_text_and_the_reason(
    qtbot: QtBot, pane: DocumentPane, world: World, documents: Documents
) -> None:
    documents.failure = DocumentUnsupported("This picture is of a kind that cannot be drawn.")
    document = add(world, ExtractedDocument("image", (Page(1, 0, "Words on a photograph."),)))
    pane.open_citation(citation(world, document, "photograph"))
    viewer = shown(qtbot, pane, document)
    assert viewer.text.isVisible()
    assert "cannot be drawn" in viewer.notices.warning.text()
    assert QApplication.focusWidget() is not None or viewer.isVisible()


@pytest.mark.parametrize("width", [320, 470])
def test_no_bar_makes_the_pane_wider_than_it_is(
    qtbot: QtBot, pane: DocumentPane, world: World, width: int
) -> None:
    """Every word that is too much gives way, with the longest numbers there may be."""
    container = letter(world, members=9)
    lines = add(world, ExtractedDocument("code", (Page(None, 0, "x\n" * 400_000),)))
    for document in (add(world, deck()), add(world, sheet()), container, lines):
        pane.resize(width, 700)
        pane.open_document(document.id)
        viewer = shown(qtbot, pane, document)
        viewer.bar.show_citation(3, 12)
        viewer.bar.page_requested.emit(399_999)
        QApplication.processEvents()
        assert viewer.minimumSizeHint().width() <= width, document.format
        assert pane.width() == width
