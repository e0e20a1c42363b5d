"""Documents and chunks in small frames, and put together again with every length and type checked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from readingroom.core.extraction import ExtractedDocument, Heading, Member, Page, PlacedWord, Table
from readingroom.core.models import Chunk
from readingroom.worker.protocol import SMALL_FRAME_CHARS, Frame, ProtocolBroken, portions

_ITEMS = 1000
_CHUNKS = 200

_LONGEST_TITLE = 1000
"""Characters of a heading that are passed on: thousands of headings make a frame."""


def document_frames(document: ExtractedDocument) -> Iterator[Frame]:
    """Send a document or a part of one: what it is, its pages, headings and tables, its text as blobs."""
    yield Frame(
        {
            "is": "document",
            "format": document.format,
            "title": document.title[:_LONGEST_TITLE],
            "notes": [note[:_LONGEST_TITLE] for note in document.notes[:_ITEMS]],
            "start": document.pages[0].start if document.pages else 0,
        }
    )
    for pages in portions(document.pages, _ITEMS):
        yield Frame(
            {
                "is": "pages",
                "pages": [
                    [page.number, len(page.text), page.label[:_LONGEST_TITLE], page.pictured]
                    for page in pages
                ],
            }
        )
    for ordinal, page in enumerate(document.pages):
        for words in portions(page.words, _ITEMS):
            yield Frame(
                {
                    "is": "words",
                    "page": ordinal,
                    "words": [[word.start, word.end, *word.box, word.line] for word in words],
                }
            )
    for headings in portions(document.headings, _ITEMS // 10):
        yield Frame(
            {
                "is": "headings",
                "headings": [[h.level, h.title[:_LONGEST_TITLE], h.start, h.page] for h in headings],
            }
        )
    for table in document.tables:
        for rows in portions(table.rows, _ITEMS) if table.rows else [()]:
            yield Frame(
                {
                    "is": "table",
                    "start": table.start,
                    "end": table.end,
                    "header": table.header[:_LONGEST_TITLE],
                    "rows": rows,
                }
            )
    for members in portions(document.members, _ITEMS // 10):
        yield Frame(
            {
                "is": "members",
                "members": [[m.locator, m.name, m.size_bytes, m.content_hash] for m in members],
            }
        )
    for piece in chain.from_iterable(portions(page.text, SMALL_FRAME_CHARS) for page in document.pages):
        yield Frame({"is": "text"}, str(piece).encode("utf-8", "surrogatepass"))


def chunk_frames(chunks: Iterable[Chunk]) -> Iterator[Frame]:
    """Send chunks without their texts, which the receiver has; some hundred a frame, as they come."""
    rows: list[list[Any]] = []
    for chunk in chunks:
        rows.append(
            [
                chunk.start,
                chunk.end,
                chunk.page,
                chunk.heading,
                chunk.tokens,
                chunk.text_hash,
                chunk.context,
                chunk.topic,
            ]
        )
        if len(rows) == _CHUNKS:
            yield Frame({"is": "chunks", "chunks": rows})
            rows = []
    if rows:
        yield Frame({"is": "chunks", "chunks": rows})


class Assembly:
    """Puts a document, or a part of one, and its chunks together from frames; other frames are left alone."""

    def __init__(self, max_chars: int) -> None:
        """`max_chars` is the longest text that is taken in."""
        self._max_chars = max_chars
        self._about: Mapping[str, Any] = {}
        self._pages: list[tuple[int | None, int, str, bool]] = []
        self._words: dict[int, list[PlacedWord]] = {}
        self._headings: list[Heading] = []
        self._tables: dict[tuple[int, int], Table] = {}
        self._members: list[Member] = []
        self._texts: list[str] = []
        self._rows: list[Sequence[Any]] = []
        self.chars = 0
        """Of the text taken in so far."""

    def take(self, frame: Frame) -> None:
        """Take a frame in. Raises `ProtocolBroken`."""
        header = frame.header
        try:
            match header.get("is"):
                case "document":
                    self._about = header
                case "pages":
                    self._pages += [
                        (_number(number), int(length), str(label), bool(pictured))
                        for number, length, label, pictured in header["pages"]
                    ]
                case "words":
                    self._words.setdefault(int(header["page"]), []).extend(map(placed_word, header["words"]))
                case "headings":
                    self._headings += [
                        Heading(int(n), str(t), int(start), _number(page))
                        for n, t, start, page in header["headings"]
                    ]
                case "table":
                    self._take_table(header)
                case "members":
                    self._members += [
                        Member(str(locator), str(name), int(size), str(digest))
                        for locator, name, size, digest in header["members"]
                    ]
                case "text":
                    text = frame.blob.decode("utf-8", "surrogatepass")
                    self.chars += len(text)
                    if self.chars > self._max_chars:
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
        base = self._start
        at = 0
        for ordinal, (number, length, label, pictured) in enumerate(self._pages):
            if not 0 <= length <= len(text) - at:
                raise ProtocolBroken("Pages and text do not agree.")
            words = tuple(self._words.get(ordinal, ()))
            pages.append(Page(number, base + at, text[at : at + length], label, words, pictured))
            at += length
        if at != len(text):
            raise ProtocolBroken("Pages and text do not agree.")
        notes = self._about.get("notes", ())
        return ExtractedDocument(
            format=str(self._about.get("format", "")),
            pages=tuple(pages),
            headings=tuple(self._headings),
            title=str(self._about.get("title", "")),
            notes=tuple(str(note) for note in notes),
            tables=tuple(self._tables.values()),
            members=tuple(self._members),
        )

    def chunks(self, text: str) -> tuple[Chunk, ...]:
        """Give the chunks of the document, or part, whose text this is. Raises `ProtocolBroken`."""
        try:
            return tuple(_chunk(ordinal, row, text, self._start) for ordinal, row in enumerate(self._rows))
        except (TypeError, ValueError) as error:
            raise ProtocolBroken("A chunk has another shape than agreed.") from error

    @property
    def _start(self) -> int:
        return int(self._about.get("start", 0))

    def _take_table(self, header: Mapping[str, Any]) -> None:
        place = int(header["start"]), int(header["end"])
        rows = tuple((int(offset), int(row)) for offset, row in header["rows"])
        before = self._tables.get(place)
        self._tables[place] = Table(*place, str(header["header"]), (*before.rows, *rows) if before else rows)


def _chunk(ordinal: int, row: Sequence[Any], text: str, base: int) -> Chunk:
    start, end, page, heading, tokens, text_hash, context, topic = row
    start, end = int(start), int(end)
    if not 0 <= start - base < end - base <= len(text):
        raise ProtocolBroken("A chunk lies outside its document.")
    return Chunk(
        ordinal=ordinal,
        start=start,
        end=end,
        page=_number(page),
        heading=tuple(str(title) for title in heading),
        text=text[start - base : end - base],
        tokens=int(tokens),
        text_hash=str(text_hash),
        context=str(context),
        topic=str(topic),
    )


def placed_word(row: Sequence[Any]) -> PlacedWord:
    """Read a word as frames carry it. Raises `ValueError`, `TypeError`."""
    start, end, x0, y0, x1, y1, line = row
    return PlacedWord(int(start), int(end), (float(x0), float(y0), float(x1), float(y1)), int(line))


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
