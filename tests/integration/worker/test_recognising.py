"""Pages recognised in the child: what comes back, and what a page can do to it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from helpers.children import freeze, is_reaped, kill, wait_until
from helpers.scans import write_scanned_pdf
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, DocumentChanged, ReadFailure, WorkerCrashed, WorkerTimedOut
from readingroom.core.extraction import FileRef, PlacedWord
from readingroom.core.page_images import PageImage
from readingroom.core.recognition import RecognisedPage
from readingroom.worker.process import Bounds
from readingroom.worker.protocol import Frame
from readingroom.worker.recognising import RecogniseWorker, handlers
from readingroom.worker.serving import Request

DOCUMENTS = Path(__file__).parents[2] / "data" / "documents"


@pytest.fixture
def recogniser(tmp_path: Path) -> Iterator[RecogniseWorker]:
    worker = RecogniseWorker(tmp_path / "data")
    yield worker
    pid = worker.child.pid
    worker.close()
    assert pid is None or is_reaped(pid)


def started(worker: RecogniseWorker) -> int:
    """Have the child started, which a file that is not there does soonest; its process id."""
    with pytest.raises(ReadFailure):
        worker.recognise(FileRef(Path("gone.pdf")), 1)
    assert worker.child.pid is not None
    return worker.child.pid


def test_a_page_of_a_pdf_is_recognised_with_its_words_in_points_of_the_page(
    recogniser: RecogniseWorker, tmp_path: Path
) -> None:
    path = write_scanned_pdf(tmp_path / "scan.pdf", "<p>Another page</p>", "<p>The rent is due</p>")
    seen = recogniser.recognise(FileRef(path), 2)
    assert (seen.text, seen.engine, seen.unread_share) == ("The rent is due\n", "built-in", 0.0)
    assert [seen.text[w.start : w.end] for w in seen.words] == ["The", "rent", "is", "due"]
    x0, y0, x1, y1 = seen.words[0].box
    # The text begins 20 points from the left and, with the paragraph's margin, some 30 from the top.
    assert 17 < x0 < 24
    assert 20 < y0 < y1 < 60
    assert 15 < x1 - x0 < 30
    with pytest.raises(DocumentChanged):
        recogniser.recognise(FileRef(path), 3)
    with pytest.raises(ReadFailure):
        recogniser.recognise(FileRef(tmp_path / "gone.pdf"), 1)


def test_pictures_are_recognised(recogniser: RecogniseWorker) -> None:
    assert "Apache Tika" in recogniser.recognise(FileRef(DOCUMENTS / "testOCR.jpg"), 1).text
    assert recogniser.recognise(FileRef(DOCUMENTS / "testOCR.pdf"), 1).text == "Happy New Year 2003!\n"


def test_a_child_that_is_killed_over_a_page_costs_that_page(
    recogniser: RecogniseWorker, tmp_path: Path
) -> None:
    path = write_scanned_pdf(tmp_path / "scan.pdf", "<p>The rent is due</p>")
    first = started(recogniser)
    freeze(first)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(recogniser.recognise, FileRef(path), 1)
        kill(first)
        with pytest.raises(WorkerCrashed):
            waiting.result(60)
    assert recogniser.recognise(FileRef(path), 1).text == "The rent is due\n"
    assert recogniser.child.pid != first


def test_a_child_that_stalls_is_ended(tmp_path: Path) -> None:
    worker, impatient = (
        RecogniseWorker(tmp_path / "data"),
        RecogniseWorker(tmp_path / "data", bounds=Bounds(stall_s=0.3)),
    )
    stalled = started(worker)
    freeze(stalled)
    impatient.child = worker.child
    with pytest.raises(WorkerTimedOut):
        impatient.recognise(FileRef(DOCUMENTS / "testOCR.jpg"), 1)
    wait_until(lambda: is_reaped(stalled))
    worker.close()


def test_cancelling_ends_the_page_at_once(recogniser: RecogniseWorker) -> None:
    freeze(started(recogniser))
    cancel = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(recogniser.recognise, FileRef(DOCUMENTS / "testOCR.jpg"), 1, cancel=cancel)
        cancel.cancel()
        with pytest.raises(Cancelled):
            waiting.result(60)


@pytest.mark.parametrize(
    "words",
    [
        [[0, 4, 0, 0, 1, 1, 0]],
        [[0, 2, 0, 0, 1, 1, 0], [1, 3, 0, 0, 1, 1, 0]],
        [[0, 2, 0, 0, float("nan"), 1, 0]],
        [[0, 2]],
        "words",
    ],
)
def test_an_answer_that_makes_no_sense_is_not_believed(tmp_path: Path, words: object) -> None:
    worker = RecogniseWorker(tmp_path / "data")
    about = {"engine": "built-in", "confidence": 1, "unread_share": 0, "done": True}

    class Child:
        def stream(self, *_: object, **__: object) -> Iterator[Frame]:
            yield Frame({"is": "words", "words": words})
            yield Frame(about, b"abc")

    worker.child = Child()  # type: ignore[assignment]
    with pytest.raises(WorkerCrashed, match="no sense"):
        worker.recognise(FileRef(tmp_path / "a.pdf"), 1)


def test_many_words_go_over_in_several_frames() -> None:
    words = tuple(PlacedWord(2 * n, 2 * n + 1, (0.0, 0.0, 1.0, 1.0), n) for n in range(2500))
    page = RecognisedPage("a " * 2500, words, "built-in", 0.9, 0.1)
    image = PageImage(1, 1, 1, 1, b"\xff" * 3, (1, 0, 0, 1, 0, 0))

    class Open:
        def __init__(self, file: FileRef, _limits: object) -> None:
            self.path = file.path

        def __enter__(self) -> Path:
            return self.path

        def __exit__(self, *_: object) -> None:
            pass

    asked: list[object] = []

    def draw(path: Path, number: int, dpi: float, passwords: object) -> PageImage:
        asked.append((path, number, dpi, passwords))
        return image

    serve = handlers(draw, Open, lambda given, languages, _: asked.append((given, languages)) or page)  # type: ignore[arg-type,func-returns-value]
    sent: list[Frame] = []
    header = {
        "call": "recognise",
        "path": "/x/a.pdf",
        "locator": "",
        "page": 7,
        "languages": ["de"],
        "passwords": ["p"],
    }
    last = serve["recognise"](Request([Frame(header)]), sent.append)
    assert [len(frame.header["words"]) for frame in sent] == [1000, 1000, 500]
    assert last.blob == page.text.encode()
    assert asked == [(Path("/x/a.pdf"), 7, 200.0, ["p"]), (image, ["de"])]
