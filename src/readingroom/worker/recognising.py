"""Recognising text in pictures of pages in the low-priority child: the port for the parent, the handler for the child."""

import time
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Protocol

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import WorkerCrashed
from readingroom.core.extraction import FileRef, PlacedWord, ReadLimits
from readingroom.core.page_images import PageImage
from readingroom.core.recognition import RecognisedPage
from readingroom.worker.process import Bounds, ChildProcess
from readingroom.worker.protocol import Frame, ProtocolBroken, portions
from readingroom.worker.reading import OpenFile
from readingroom.worker.serving import Handler, Request, Send
from readingroom.worker.transfer import placed_word

ROLE = "recognise"

MEMORY_LIMIT_BYTES = 2 * 1024 * 1024 * 1024
"""A page takes some 0.9 GB, drawing included."""

BOUNDS = Bounds(timeout_s=1200.0, stall_s=300.0)
"""The fullest pages seen take 15 s of one core, finding the lines of a page 3 s at most, and a line a tenth of a second.
But where others want all cores, this child is the last to get one: 2 s became 90.
"""

DPI = 200.0
"""Words found do not grow beyond 150; 200 leaves small print some reserve."""

_WORDS = 1000
_PROGRESS_S = 0.1
_OPENING = ReadLimits()


class DrawImage(Protocol):
    """Gives the pixels of a page of the file at `path`."""

    def __call__(self, path: Path, page: int, dpi: float, passwords: Sequence[str]) -> PageImage: ...


Recognise = Callable[[PageImage, Sequence[str], Callable[[], None]], RecognisedPage]
"""(image, languages, on_progress): read what stands on it."""


class RecogniseWorker:
    """The `PageRecogniser` port over a child process."""

    def __init__(
        self, data_dir: Path, *, memory_limit_bytes: int = MEMORY_LIMIT_BYTES, bounds: Bounds = BOUNDS
    ) -> None:
        """`bounds` are those of one page."""
        self._bounds = bounds
        self.child = ChildProcess(ROLE, data_dir, memory_limit_bytes=memory_limit_bytes)

    def recognise(
        self,
        file: FileRef,
        page: int,
        *,
        languages: Sequence[str] = (),
        passwords: Sequence[str] = (),
        cancel: CancelToken | None = None,
    ) -> RecognisedPage:
        """See `PageRecogniser.recognise`."""
        request = Frame(
            {
                "call": "recognise",
                "path": str(file.path.absolute()),
                "locator": file.locator,
                "page": page,
                "languages": list(languages),
                "passwords": list(passwords),
            }
        )
        words: list[PlacedWord] = []
        last = Frame({})
        try:
            for last in self.child.stream([request], bounds=self._bounds, cancel=cancel):
                words += [placed_word(row) for row in last.header.get("words", ())]
            return _recognised(last, tuple(words))
        except (ProtocolBroken, KeyError, TypeError, ValueError) as error:
            raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error

    def close(self) -> None:
        """End the child."""
        self.child.close()


def handlers(draw_image: DrawImage, open_file: OpenFile, recognise: Recognise) -> dict[str, Handler]:
    """Make the child's handlers."""

    def recognise_page(request: Request, send: Send) -> Frame:
        header = request.header
        with open_file(FileRef(Path(header["path"]), header["locator"]), _OPENING) as path:
            image = draw_image(path, header["page"], DPI, header["passwords"])
        recognised = recognise(image, header["languages"], _Progress(send))
        for words in portions(recognised.words, _WORDS):
            send(Frame({"is": "words", "words": [[w.start, w.end, *w.box, w.line] for w in words]}))
        return Frame(
            {
                "engine": recognised.engine,
                "confidence": recognised.confidence,
                "unread_share": recognised.unread_share,
            },
            recognised.text.encode("utf-8", "surrogatepass"),
        )

    return {"recognise": recognise_page}


def _recognised(frame: Frame, words: tuple[PlacedWord, ...]) -> RecognisedPage:
    text = frame.blob.decode("utf-8")
    end = 0
    for word in words:
        if not (end <= word.start < word.end <= len(text) and all(map(isfinite, word.box))):
            raise ProtocolBroken("Words and text do not agree.")
        end = word.end
    return RecognisedPage(
        text,
        words,
        str(frame.header["engine"]),
        float(frame.header["confidence"]),
        float(frame.header["unread_share"]),
    )


class _Progress:
    """Signs of life, at most every tenth of a second, from any thread."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sent_at = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._sent_at >= _PROGRESS_S:
            self._sent_at = now
            self._send(Frame({"is": "progress"}))
