"""The chunker: paragraphs joined up to an embedder's window, longer ones first taken apart into sentences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from semantic_text_splitter import TextSplitter

from readingroom.core.chunking import (
    LONGEST_HEADER,
    MAX_CHARS_PER_TOKEN,
    Boundary,
    HeadingIndex,
    PageIndex,
    Piece,
    TableIndex,
    blocks,
    capacity,
    chunker_name,
    rebased,
    text_hash,
    title_line,
    topic_of,
    trimmed,
)
from readingroom.core.extraction import ExtractedDocument
from readingroom.core.models import Chunk
from readingroom.core.packing import pack
from readingroom.core.seams import sentence_starts
from readingroom.embedding.tokens import TokenCounter, load_counter, speakable

_LOOKAHEAD = 512
"""Paragraphs counted at a time: few calls into the tokenizer, little held in memory."""

_SIZES = 1_000

_SMALL_TABLE = 800
"""Characters; it mostly fits a chunk."""

_Item = TypeVar("_Item")

_SENTENCE_CHARS_PER_TOKEN = 2
"""A line of half a chunk stays whole; a longer one is taken apart."""


class WindowChunker:
    """Cuts for one embedder's token window. Not for several threads at once."""

    def __init__(self, counter: TokenCounter, max_tokens: int) -> None:
        self._counter = counter
        self._name = chunker_name(max_tokens)
        limit = min(capacity(max_tokens), max(max_tokens - counter.special_tokens, 1))
        self._limit = limit
        self._limit_chars = limit * MAX_CHARS_PER_TOKEN
        self._window = TextSplitter.from_huggingface_tokenizer(counter.tokenizer, limit, trim=False)
        self._sizes: dict[str, int] = {}
        """Tokens of headings and the like, which come with one chunk after the other."""
        self._by_length = TextSplitter(self._limit_chars, trim=False)

    @property
    def name(self) -> str:
        """Names rule, version and window."""
        return self._name

    def cut(self, document: ExtractedDocument) -> Iterator[Chunk]:
        """Chunks in reading order, with exact offsets; none for a document without text."""
        document, base = rebased(document)
        text = document.text
        pages = PageIndex(document.pages)
        headings = HeadingIndex(document.headings)
        title = title_line(text) if base == 0 and document.format == "text" else ""
        # A small table stays with the text around it.
        tables = TableIndex(t for t in document.tables if t.end - t.start > _SMALL_TABLE)
        pieces = self._fitting(text, blocks(document, text))
        for ordinal, piece in enumerate(self._in_tables(text, pieces, tables)):
            words = text[piece.start : piece.end]
            first_line = piece.start + len(words.partition("\n")[0])
            context = tables.header_at(piece.start)
            heading = headings.path_at(first_line)
            topic = self._with_room(topic_of(heading, title, words), context, piece)
            chunk = Chunk(
                ordinal=ordinal,
                start=base + piece.start,
                end=base + piece.end,
                page=pages.number_at(piece.start),
                heading=heading,
                text=words,
                tokens=piece.tokens,
                text_hash="",
                context=context,
                topic=topic,
            )
            yield replace(chunk, text_hash=text_hash(chunk.embedded_text))

    def _with_room(self, topic: str, context: str, piece: Piece) -> str:
        """The topic, where it takes no token from the text."""
        beside = [text for text in (topic, context) if text] if topic else []
        return topic if beside and piece.tokens + sum(map(self._size, beside)) <= self._limit else ""

    def _size(self, text: str) -> int:
        if text not in self._sizes:
            if len(self._sizes) >= _SIZES:
                self._sizes.clear()
            self._sizes[text] = self._counter.count([text])[0]
        return self._sizes[text]

    def _in_tables(self, text: str, pieces: Iterable[Piece], tables: TableIndex) -> Iterator[Piece]:
        """Join pieces, leaving room in each chunk of a table for the header that is embedded with it."""
        for table, group in groupby(pieces, key=lambda piece: tables.table_at(piece.start)):
            header = table.header[:LONGEST_HEADER] if table else ""
            room = self._counter.count([header])[0] if header else 0
            yield from self._joined(text, group, max(self._limit - room, self._limit // 2))

    def _fitting(self, text: str, paragraphs: Iterable[Piece]) -> Iterator[Piece]:
        """Count each paragraph and cut those that are longer than a chunk."""
        for batch in _batches(paragraphs):
            for piece in self._counted(text, batch):
                if self._fits(piece):
                    yield piece
                else:
                    yield from self._split(text, piece)

    def _joined(self, text: str, pieces: Iterable[Piece], limit: int) -> Iterator[Piece]:
        """Join neighbours and count the whole: for some tokenizers the sum of the parts is not exact."""
        for batch in _batches(pack(text, pieces, limit)):
            joined = [
                group[0] if len(group) == 1 else Piece(group[0].start, group[-1].end, group[0].before)
                for group in batch
            ]
            known = iter(self._counted(text, [piece for piece in joined if not piece.tokens]))
            for group, piece in zip(batch, joined, strict=True):
                whole = piece if piece.tokens else next(known)
                if self._fits(whole) or len(group) == 1:
                    yield whole
                else:
                    middle = len(group) // 2
                    yield from self._joined(text, group[:middle], limit)
                    yield from self._joined(text, group[middle:], limit)

    def _split(self, text: str, piece: Piece) -> Iterator[Piece]:
        """Cut a paragraph that is too long into sentences, and what is too long even then; all parts fit."""
        most_chars = max(self._limit * _SENTENCE_CHARS_PER_TOKEN, 2)
        starts = sentence_starts(text, piece.start, piece.end, most_chars)
        for part in self._counted(text, _parts(text, piece, [start - piece.start for start in starts])):
            if self._fits(part):
                yield part
                continue
            for smaller in self._cut_by(self._window, text, part) if part.tokens > self._limit else [part]:
                if self._fits(smaller):
                    yield smaller
                    continue
                for smallest in self._cut_by(self._by_length, text, smaller):
                    yield from self._halves(text, smallest)

    def _cut_by(self, splitter: TextSplitter, text: str, piece: Piece) -> list[Piece]:
        offsets = splitter.chunk_indices(speakable(text[piece.start : piece.end]))
        return self._counted(text, _parts(text, piece, [offset for offset, _ in offsets]))

    def _halves(self, text: str, piece: Piece) -> Iterator[Piece]:
        """Cut in the middle until it fits: the last resort, for text without any seam."""
        if self._fits(piece) or piece.end - piece.start == 1:
            yield piece
            return
        middle = (piece.start + piece.end) // 2
        for half in self._counted(text, _parts(text, piece, [0, middle - piece.start])):
            yield from self._halves(text, half)

    def _fits(self, piece: Piece) -> bool:
        return piece.tokens <= self._limit and piece.end - piece.start <= self._limit_chars

    def _counted(self, text: str, pieces: Sequence[Piece]) -> list[Piece]:
        counts = self._counter.count([text[piece.start : piece.end] for piece in pieces])
        return [replace(piece, tokens=count) for piece, count in zip(pieces, counts, strict=True)]


def _parts(text: str, piece: Piece, offsets: Sequence[int]) -> list[Piece]:
    """Turn a splitter's offsets within `piece` into pieces that together cover it, however it trimmed."""
    starts = [piece.start, *(piece.start + offset for offset in offsets[1:])]
    parts = []
    before = piece.before
    for start, end in zip(starts, [*starts[1:], piece.end], strict=True):
        first, last = trimmed(text, start, end)
        if first < last:
            parts.append(Piece(first, last, before))
            before = Boundary.NONE
    return parts


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    batch: list[_Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == _LOOKAHEAD:
            yield batch
            batch = []
    if batch:
        yield batch


def chunker_for(models_dir: Path, model: str) -> WindowChunker:
    """Make the chunker of an embedding model that is here. Raises `EmbeddingModelUnavailable`."""
    counter, max_tokens = load_counter(models_dir, model)
    return WindowChunker(counter, max_tokens)
