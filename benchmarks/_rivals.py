"""Two plain ways to cut and find, to compare with: fixed characters, and 200 tokens at the best seam; meaning alone."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from semantic_text_splitter import TextSplitter

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.registry import read_document
from readingroom.embedding.embedder import FastembedEmbedder
from readingroom.embedding.tokens import load_counter

_NOWHERE = Path()
TOKEN = re.compile(r"\w+|[^\w\s]")
"""What recall and precision count: words and signs."""
_CHARS, _OVERLAP = 1_000, 20
_TOKENS = 200

Cut = Callable[[str], Iterable[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Found:
    """A span of a document."""

    document: str
    start: int
    end: int
    pages: tuple[int, ...]
    tokens: int


class Rival:
    """Documents read as the program reads them, cut otherwise, the same embedding model, exact search."""

    def __init__(self, cut: Cut, folder: Path) -> None:
        self._embedder = FastembedEmbedder(_NOWHERE, BUNDLED_EMBEDDING_MODEL)
        self._spans: list[Found] = []
        texts: list[str] = []
        for path in sorted(folder.iterdir()):
            document = read_document(path, ReadLimits(), lambda *_: None)
            text = document.text
            for start, end in cut(text):
                if text[start:end].strip():
                    self._spans.append(
                        Found(
                            path.name,
                            start,
                            end,
                            _pages(document, start, end),
                            len(TOKEN.findall(text[start:end])),
                        )
                    )
                    texts.append(text[start:end])
        self._rows = np.concatenate([self._embedder.embed_passages([text]) for text in texts])

    def __len__(self) -> int:
        return len(self._spans)

    def search(self, question: str, limit: int) -> list[Found]:
        near = self._rows @ self._embedder.embed_query(question)
        return [self._spans[at] for at in np.argsort(-near, kind="stable")[:limit]]


def rivals(folder: Path) -> Iterator[tuple[str, Rival]]:
    """Make them one after the other; embedding takes minutes."""
    yield "1,000 characters, overlap 20, meaning", Rival(_fixed, folder)
    splitter = TextSplitter.from_huggingface_tokenizer(
        load_counter(_NOWHERE, BUNDLED_EMBEDDING_MODEL)[0].tokenizer, _TOKENS
    )

    def recursive(text: str) -> Iterator[tuple[int, int]]:
        for start, chunk in splitter.chunk_indices(text):
            yield start, start + len(chunk)

    yield "200 tokens, recursive, meaning", Rival(recursive, folder)


def _fixed(text: str) -> Iterator[tuple[int, int]]:
    for start in range(0, len(text), _CHARS - _OVERLAP):
        yield start, min(start + _CHARS, len(text))


def _pages(document: ExtractedDocument, start: int, end: int) -> tuple[int, ...]:
    return tuple(p.number for p in document.pages if p.number and p.start < end and start < p.end)
