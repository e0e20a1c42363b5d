"""Shows the right side of the window by itself, to be looked at: list, PDF, text, source cards, settings, drop."""

# ruff: noqa: E402  (run as a script, it finds the checkout before it imports from it)

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2] / part) for part in ("src", "tests")]

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from readingroom.core.conversation import Citation
from readingroom.core.extraction import Page, ReadLimits, joined
from readingroom.core.ids import DocumentId
from readingroom.core.models import RenderedPage
from readingroom.services.bundle import Services
from readingroom.ui.panes.document_pane import DocumentPane
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import apply_theme
from ui.fake_services import HANDBOOK, LAW, POLICY, FakeDocuments, fake_services, world_of

REAL = DocumentId(9001)


class RealPdf(FakeDocuments):
    """A real PDF among the made-up documents."""

    def __init__(self, fakes: FakeDocuments, path: Path) -> None:
        super().__init__(fakes.world)
        from readingroom.documents.pdf import read_pdf

        self._path = path
        read = joined(read_pdf(path, ReadLimits(), lambda _done, _all: None))
        self.world.pages[REAL] = read.pages
        handbook = self.world.documents[HANDBOOK]
        self.world.documents[REAL] = replace(handbook, id=REAL, path=path, pages=len(read.pages))

    def render_page(
        self,
        document_id: DocumentId,
        page: int,
        *,
        width_px: int,
        start: int | None = None,
        end: int | None = None,
    ) -> RenderedPage:
        if document_id != REAL:
            return super().render_page(document_id, page, width_px=width_px, start=start, end=end)
        from readingroom.documents.rendering import render_page

        pages: Sequence[Page] = self.pages(document_id)
        offset = pages[page - 1].start
        length = len(pages[page - 1].text)
        first = min(max((start or 0) - offset, 0), length)
        last = min(max((end or 0) - offset, 0), length)
        return render_page(self._path, page, width_px, first, last)


def real_citation(services: Services, words: str) -> Citation:
    pages = services.documents.pages(REAL)
    text = "".join(page.text for page in pages)
    start = text.index(words)
    end = text.find(".", start) + 1 or start + len(words)
    page = next(page for page in pages if page.start <= start < page.end)
    document = services.documents.get(REAL)
    assert document is not None
    return Citation(1, REAL, document.path, page.number, start, end, text[start:end], located=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dark", action="store_true")
    views = ["list", "pdf", "text", "mark", "sources", "settings", "drop", "empty", "find", "attention"]
    parser.add_argument("--view", choices=views, default="list")
    parser.add_argument("--section", default="Models")
    parser.add_argument("--file", type=Path, help="a real PDF to show")
    parser.add_argument("--words", default="", help="words of it to mark")
    parser.add_argument("--width", type=int, default=470)
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    apply_theme(app, "dark" if options.dark else "light")
    services = fake_services()
    if options.file:
        services = replace(services, documents=RealPdf(services.documents, options.file))  # type: ignore[arg-type]
    runner = TaskRunner()
    window = QWidget()
    window.resize(1280, 800)
    window.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    row = QHBoxLayout(window)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    side = QWidget()
    side.setFixedWidth(236)
    row.addWidget(side)
    row.addStretch(1)
    pane = DocumentPane(services, runner, window)
    pane.setFixedWidth(options.width)
    row.addWidget(pane)
    show_sources(services, QVBoxLayout(side))
    pane.show_workspace(None if options.view == "empty" else LAW)
    window.show()
    QTimer.singleShot(300, lambda: show(options, services, runner, pane, window))
    app.exec()
    pane.stop()
    runner.close()


def show_sources(services: Services, layout: QVBoxLayout) -> None:
    try:
        from readingroom.ui.widgets.source_pill import SourceCard
    except ImportError:
        return
    layout.setContentsMargins(16, 60, 16, 0)
    progress = {entry.source_id: entry for entry in services.ingest.progress(LAW)}
    for source in services.sources.sources(LAW):
        card = SourceCard()
        card.set_source(source)
        card.set_progress(progress[source.id])
        layout.addWidget(card)
    layout.addStretch()


def show(
    options: argparse.Namespace, services: Services, runner: TaskRunner, pane: DocumentPane, window: QWidget
) -> None:
    world = world_of(services)
    if options.file:
        if options.words:
            pane.open_citation(real_citation(services, options.words))
        else:
            pane.open_document(REAL)
    elif options.view == "pdf":
        pane.open_citation(world.citations[0], world.citations)
    elif options.view == "text":
        pane.open_citation(world.citations[2], world.citations)
    elif options.view == "attention":
        pane.list.states.button(1).click()
    elif options.view == "find":
        pane.open_citation(world.citations[2], world.citations)
        QTimer.singleShot(300, lambda: find(pane, "leave"))
    elif options.view == "mark":
        show_markdown(services, pane)
    elif options.view == "settings":
        from readingroom.ui.dialogs.settings_dialog import SettingsDialog

        dialog = SettingsDialog(services, runner, window, workspace_id=LAW)
        dialog.show_section(options.section)
        dialog.show()
    elif options.view == "drop":
        show_drop(window)
    if options.view == "list" and not options.file:
        pane.open_document(POLICY)
        pane.open_document(HANDBOOK)
        QTimer.singleShot(300, pane.focus_filter)


def find(pane: DocumentPane, words: str) -> None:
    viewer = pane.viewer()
    assert viewer is not None
    viewer.start_find()
    viewer.find_bar.box.setText(words)
    viewer.find_bar.query_changed.emit(words)


def show_markdown(services: Services, pane: DocumentPane) -> None:
    world = world_of(services)
    text = (Path(__file__).parents[2] / "tests/ui/sample.md").read_text(encoding="utf-8")
    world.pages[POLICY] = (Page(None, 0, text),)
    world.documents[POLICY] = replace(
        world.documents[POLICY], format="markdown", path=Path("/home/mira/Notes/sample.md")
    )
    start = text.index("Unused leave")
    end = text.index(".", start) + 1
    path = world.documents[POLICY].path
    pane.open_citation(Citation(2, POLICY, path, None, start, end, text[start:end], located=True))


def show_drop(window: QWidget) -> None:
    from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
    from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent

    from readingroom.ui.widgets.drop_overlay import DropOverlay

    overlay = DropOverlay(window)
    overlay.install()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(Path(__file__).parent)), QUrl.fromLocalFile(__file__)])
    place, copy = QPoint(400, 400), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(place, copy, data, buttons, keys))
    QApplication.sendEvent(overlay, QDragMoveEvent(place, copy, data, buttons, keys))


if __name__ == "__main__":
    main()
