"""The chunker: paragraphs joined up to an embedder's window, longer ones first taken apart into sentences."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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
from readingroom.core.keeping import Group, keep_known
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

    def cut(self, document: ExtractedDocument, known: Collection[str] = frozenset()) -> Iterator[Chunk]:
        """Chunks in reading order, with exact offsets; none for a document without text.

        Those whose text hash is `known`, from the version before, are kept where an edit would change many.
        """
        document, base = rebased(document)
        text = document.text
        pages = PageIndex(document.pages)
        headings = HeadingIndex(document.headings)
        title = title_line(text) if base == 0 and document.format == "text" else ""
        # A small table stays with the text around it.
        tables = TableIndex(t for t in document.tables if t.end - t.start > _SMALL_TABLE)

        def chunk_of(piece: Piece, ordinal: int) -> Chunk:
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
            return replace(chunk, text_hash=text_hash(chunk.embedded_text))

        def is_known(group: Group) -> bool:
            return chunk_of(_whole(group), 0).text_hash in known

        pieces = self._fitting(text, blocks(document, text))
        joined = self._in_tables(text, pieces, tables, is_known if known else None)
        for ordinal, piece in enumerate(joined):
            yield chunk_of(piece, ordinal)

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

    def _in_tables(
        self, text: str, pieces: Iterable[Piece], tables: TableIndex, is_known: Callable[[Group], bool] | None
    ) -> Iterator[Piece]:
        """Join pieces, leaving room in each chunk of a table for the header that is embedded with it."""
        for table, group in groupby(pieces, key=lambda piece: tables.table_at(piece.start)):
            header = table.header[:LONGEST_HEADER] if table else ""
            room = self._counter.count([header])[0] if header else 0
            limit = max(self._limit - room, self._limit // 2)
            groups = pack(text, group, limit)
            yield from self._joined(text, keep_known(groups, limit, is_known) if is_known else groups, limit)

    def _fitting(self, text: str, paragraphs: Iterable[Piece]) -> Iterator[Piece]:
        """Count each paragraph and cut those that are longer than a chunk."""
        for batch in _batches(paragraphs):
            for piece in self._counted(text, batch):
                if self._fits(piece):
                    yield piece
                else:
                    yield from self._split(text, piece)

    def _joined(self, text: str, groups: Iterable[Group], limit: int) -> Iterator[Piece]:
        """Join neighbours and count the whole: for some tokenizers the sum of the parts is not exact."""
        for batch in _batches(groups):
            counted = iter(self._counted(text, [_whole(group) for group in batch if len(group) > 1]))
            for group in batch:
                whole = group[0] if len(group) == 1 else next(counted)
                if self._fits(whole) or len(group) == 1:
                    yield whole
                else:
                    middle = len(group) // 2
                    for half in (group[:middle], group[middle:]):
                        yield from self._joined(text, pack(text, half, limit), limit)

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


def _whole(group: Group) -> Piece:
    return Piece(group[0].start, group[-1].end, group[0].before, sum(piece.tokens for piece in group))


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
