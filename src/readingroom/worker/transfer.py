"""Documents and chunks in small frames, and put together again with every length and type checked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from readingroom.core.models import Chunk, ExtractedDocument, Heading, Page
from readingroom.worker.protocol import SMALL_FRAME_CHARS, Frame, ProtocolBroken, portions

_ITEMS = 1000
_CHUNKS = 200

_LONGEST_TITLE = 1000
"""Characters of a heading that are passed on: thousands of headings make a frame."""


def document_frames(document: ExtractedDocument) -> Iterator[Frame]:
    """Send a document: what it is, its pages and headings, its text as blobs."""
    yield Frame(
        {
            "is": "document",
            "format": document.format,
            "title": document.title[:_LONGEST_TITLE],
            "notes": [note[:_LONGEST_TITLE] for note in document.notes[:_ITEMS]],
        }
    )
    for pages in portions(document.pages, _ITEMS):
        yield Frame({"is": "pages", "pages": [[page.number, len(page.text)] for page in pages]})
    for headings in portions(document.headings, _ITEMS // 10):
        yield Frame(
            {
                "is": "headings",
                "headings": [[h.level, h.title[:_LONGEST_TITLE], h.start] for h in headings],
            }
        )
    for piece in chain.from_iterable(portions(page.text, SMALL_FRAME_CHARS) for page in document.pages):
        yield Frame({"is": "text"}, str(piece).encode("utf-8", "surrogatepass"))


def chunk_frames(chunks: Iterable[Chunk]) -> Iterator[Frame]:
    """Send chunks without their texts, which the receiver has; some hundred a frame, as they come."""
    rows: list[list[Any]] = []
    for chunk in chunks:
        rows.append([chunk.start, chunk.end, chunk.page, chunk.heading, chunk.tokens, chunk.text_hash])
        if len(rows) == _CHUNKS:
            yield Frame({"is": "chunks", "chunks": rows})
            rows = []
    if rows:
        yield Frame({"is": "chunks", "chunks": rows})


class Assembly:
    """Puts a document and its chunks together from frames; other frames are left alone."""

    def __init__(self, max_chars: int) -> None:
        """`max_chars` is the longest text that is taken in."""
        self._max_chars = max_chars
        self._about: Mapping[str, Any] = {}
        self._pages: list[tuple[int | None, int]] = []
        self._headings: list[Heading] = []
        self._texts: list[str] = []
        self._chars = 0
        self._rows: list[Sequence[Any]] = []

    def take(self, frame: Frame) -> None:
        """Take a frame in. Raises `ProtocolBroken`."""
        header = frame.header
        try:
            match header.get("is"):
                case "document":
                    self._about = header
                case "pages":
                    self._pages += [(_number(number), int(length)) for number, length in header["pages"]]
                case "headings":
                    self._headings += [
                        Heading(int(n), str(t), int(start)) for n, t, start in header["headings"]
                    ]
                case "text":
                    text = frame.blob.decode("utf-8", "surrogatepass")
                    self._chars += len(text)
                    if self._chars > self._max_chars:
                        raise ProtocolBroken("A text is longer than agreed.")
                    self._texts.append(text)
                case "chunks":
                    self._rows += header["chunks"]
        except (KeyError, TypeError, ValueError) as error:
            raise ProtocolBroken("Part of a document has another shape than agreed.") from error

    def document(self) -> ExtractedDocument:
        """Give the document. Raises `ProtocolBroken`."""
        text = "".join(self._texts)
        pages = []
        start = 0
        for number, length in self._pages:
            if not 0 <= length <= len(text) - start:
                raise ProtocolBroken("Pages and text do not agree.")
            pages.append(Page(number, start, text[start : start + length]))
            start += length
        if start != len(text):
            raise ProtocolBroken("Pages and text do not agree.")
        notes = self._about.get("notes", ())
        return ExtractedDocument(
            format=str(self._about.get("format", "")),
            pages=tuple(pages),
            headings=tuple(self._headings),
            title=str(self._about.get("title", "")),
            notes=tuple(str(note) for note in notes),
        )

    def chunks(self, text: str) -> tuple[Chunk, ...]:
        """Give the chunks of the document whose text this is. Raises `ProtocolBroken`."""
        try:
            return tuple(_chunk(ordinal, row, text) for ordinal, row in enumerate(self._rows))
        except (TypeError, ValueError) as error:
            raise ProtocolBroken("A chunk has another shape than agreed.") from error


def _chunk(ordinal: int, row: Sequence[Any], text: str) -> Chunk:
    start, end, page, heading, tokens, text_hash = row
    start, end = int(start), int(end)
    if not 0 <= start < end <= len(text):
        raise ProtocolBroken("A chunk lies outside its document.")
    return Chunk(
        ordinal=ordinal,
        start=start,
        end=end,
        page=_number(page),
        heading=tuple(str(title) for title in heading),
        text=text[start:end],
        tokens=int(tokens),
        text_hash=str(text_hash),
    )


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
