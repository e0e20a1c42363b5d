"""Drawing PDF pages for the viewer in a child of its own: port and handler."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from readingroom.core.errors import WorkerCrashed
from readingroom.core.extraction import FileRef, PlacedWord, ReadLimits
from readingroom.core.models import RenderedPage
from readingroom.worker.process import Bounds, ChildProcess
from readingroom.worker.protocol import Frame
from readingroom.worker.reading import OpenFile
from readingroom.worker.serving import Handler, Request, Send
from readingroom.worker.transfer import placed_word

ROLE = "render"

MEMORY_LIMIT_BYTES = 2 * 1024 * 1024 * 1024

_BOUNDS = Bounds(stall_s=30.0)
"""A page takes 0.1 s; one that takes half a minute is of no use to a person."""

_OPENING = ReadLimits()


class DrawPage(Protocol):
    """Draws a page of the file at `path`; see `PageRenderer.render`."""

    def __call__(
        self,
        path: Path,
        page: int,
        width_px: int,
        start: int,
        end: int,
        words: Sequence[PlacedWord],
        passwords: Sequence[str],
    ) -> RenderedPage: ...


class RenderWorker:
    """The `PageRenderer` port over a child process."""

    def __init__(self, data_dir: Path) -> None:
        self.child = ChildProcess(ROLE, data_dir, memory_limit_bytes=MEMORY_LIMIT_BYTES)

    def render(
        self,
        file: FileRef,
        page: int,
        *,
        width_px: int,
        start: int | None = None,
        end: int | None = None,
        words: Sequence[PlacedWord] = (),
        passwords: Sequence[str] = (),
    ) -> RenderedPage:
        """See `PageRenderer.render`."""
        # Only words that may be marked need to go over.
        touched = [w for w in words if w.start < (end or 0) and (start or 0) < w.end]
        request = Frame(
            {
                "call": "render",
                "path": str(file.path.absolute()),
                "locator": file.locator,
                "page": page,
                "width_px": width_px,
                "start": start,
                "end": end,
                "words": [[word.start, word.end, *word.box, word.line] for word in touched],
                "passwords": list(passwords),
            }
        )
        answer = self.child.call([request], bounds=_BOUNDS)
        try:
            header = answer.header
            width, height = int(header["width"]), int(header["height"])
            marks = tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in header["marks"])
            page, page_count = int(header["page"]), int(header["page_count"])
        except (KeyError, TypeError, ValueError) as error:
            raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error
        if min(width, height) < 0 or len(answer.blob) != width * height * 3:
            # The window reads the picture's memory by width and height alone.
            raise WorkerCrashed(f"The {ROLE} process gave a picture of another size than agreed.")
        return RenderedPage(
            page=page, page_count=page_count, width=width, height=height, rgb=answer.blob, marks=marks
        )

    def close(self) -> None:
        """End the child."""
        self.child.close()


def handlers(draw_page: DrawPage, open_file: OpenFile) -> dict[str, Handler]:
    """Make the child's handlers."""

    def render(request: Request, _send: Send) -> Frame:
        header = request.header
        with open_file(FileRef(Path(header["path"]), header["locator"]), _OPENING) as path:
            drawn = draw_page(
                path,
                header["page"],
                header["width_px"],
                header["start"] or 0,
                header["end"] or 0,
                [placed_word(row) for row in header["words"]],
                header["passwords"],
            )
        about = {
            "page": drawn.page,
            "page_count": drawn.page_count,
            "width": drawn.width,
            "height": drawn.height,
            "marks": drawn.marks,
        }
        return Frame(about, drawn.rgb)

    return {"render": render}
