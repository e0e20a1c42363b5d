"""Where one is in a document, as the bar over it counts: page, slide, row or line, of how many."""

from dataclasses import dataclass

from readingroom.ui.panes.viewer_content import ViewerContent
from readingroom.ui.panes.viewer_pdf import PdfView
from readingroom.ui.panes.viewer_table import TableView
from readingroom.ui.panes.viewer_text import TextView

Face = PdfView | TableView | TextView
"""What a document can be shown as."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A number among so many of what `noun` says; where nothing can be counted, `words` say something."""

    number: int = 0
    count: int = 0
    noun: str = "Page"
    words: str = ""


def counter_of(face: Face, content: ViewerContent | None, format_name: str) -> Counter:
    """Tell where one is."""
    if isinstance(face, PdfView):
        # "Page 1 of 1" of a photograph says nothing.
        alone = face.page_count == 1 and format_name == "image"
        return Counter() if alone else Counter(face.page, face.page_count)
    if content is None:
        return Counter()
    if isinstance(face, TableView):
        return Counter(face.reading(), face.sheet.last_number() if face.sheet else 0, "Row")
    if content.read.paginated:
        page = content.pages[content.page_at(face.reading())]
        return Counter(page.number or 0, content.pages[-1].number or 0, content.noun)
    if content.lines is not None:
        return Counter(content.lines.line_at(face.reading()), content.lines.count, "Line")
    percent = round(100 * face.place() / max(1, len(content.text)))
    return Counter(words=f"{percent}% in" if face.sheet.windowed else "Text")


def go_to_number(face: Face, content: ViewerContent | None, number: int) -> None:
    """Bring the page, row or line of that number into view."""
    if isinstance(face, PdfView):
        face.go_to_page(number)
    elif isinstance(face, TableView):
        face.go_to_row(number)
    elif content is not None and content.lines is not None:
        face.go_to(content.lines.start_of(number))
    elif content is not None:
        later = (page.start for page in content.pages if (page.number or 0) >= number)
        face.go_to(next(later, 0))
