"""Stand-ins for the worker children, in this process: services are tested without starting any."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from readingroom.core.cancellation import CancelToken
from readingroom.core.content_hash import content_hash
from readingroom.core.errors import LanguageModelUnreachable, ReadingRoomError
from readingroom.core.models import (
    Chunk,
    DownloadProgress,
    EmbeddingModel,
    ExtractedDocument,
    LanguageModelCondition,
    LanguageModelStatus,
    Page,
    ReadLimits,
)
from readingroom.core.ports import ChatTurn, ReadResult

DIMENSION = 8


def chunk(text: str, ordinal: int = 0, start: int = 0) -> Chunk:
    """A chunk of a text that has no pages."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return Chunk(ordinal, start, start + len(text), None, (), text, len(text.split()), digest)


def extracted(text: str) -> ExtractedDocument:
    """A document without pages."""
    return ExtractedDocument("text", (Page(None, 0, text),))


def paragraphs(text: str) -> tuple[Chunk, ...]:
    """A chunk a paragraph."""
    chunks: list[Chunk] = []
    start = 0
    for part in text.split("\n\n"):
        if part.strip():
            chunks.append(chunk(part, len(chunks), text.index(part, start)))
            start = chunks[-1].end
    return tuple(chunks)


class FakeReader:
    """Reads UTF-8 text and cuts at blank lines. `faults` maps names to what happens instead, once an entry."""

    def __init__(self) -> None:
        self.faults: dict[str, list[ReadingRoomError]] = {}
        self.read_paths: list[Path] = []
        self.while_reading: Callable[[Path], None] = lambda _: None

    def read(
        self,
        path: Path,
        *,
        embedding_model: str,
        limits: ReadLimits,
        known_hash: str | None = None,
        on_progress: Callable[[int, int | None], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> ReadResult:
        self.read_paths.append(path)
        self.while_reading(path)
        if faults := self.faults.get(path.name):
            raise faults.pop(0)
        status = path.stat()
        digest = content_hash(path)
        same = digest == known_hash
        text = "" if same else path.read_text(encoding="utf-8")
        document = ExtractedDocument("", ()) if same else extracted(text)
        return ReadResult(digest, status.st_size, status.st_mtime_ns, same, document, paragraphs(text))

    def cut(
        self, document: ExtractedDocument, *, embedding_model: str, cancel: CancelToken | None = None
    ) -> tuple[Chunk, ...]:
        return paragraphs(document.text)

    def close(self) -> None:
        pass


def embedding_of(text: str) -> NDArray[np.float32]:
    """The same direction for the same text."""
    seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
    vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


class FakeEmbedder:
    """Embeds by hash. `faults` are raised first; `gate` holds it back while cleared."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.faults: list[ReadingRoomError] = []
        self.gate = threading.Event()
        self.gate.set()
        self.cpu_seconds = 0.0
        self.tokens = 0

    def embed(
        self, model: str, texts: Sequence[str], *, cancel: CancelToken | None = None
    ) -> NDArray[np.float32]:
        if cancel is not None:
            cancel.when_cancelled(self.gate.set)
        self.gate.wait()
        if cancel is not None:
            cancel.raise_if_cancelled()
        if self.faults:
            raise self.faults.pop(0)
        self.texts.extend(texts)
        return np.stack([embedding_of(text) for text in texts])

    def embed_query(self, model: str, text: str) -> NDArray[np.float32]:
        return embedding_of(text)

    def warm(self, model: str) -> None:
        pass

    def close(self) -> None:
        pass


class FakeEmbeddingModels:
    """Two models, both here."""

    def list(self) -> Sequence[EmbeddingModel]:
        return [
            EmbeddingModel("all-MiniLM-L6-v2", DIMENSION, 256, 1, bundled=True),
            EmbeddingModel("other", DIMENSION, 128, 1, downloaded=True),
            EmbeddingModel("absent", DIMENSION, 128, 1),
        ]

    def describe(self, name: str) -> EmbeddingModel:
        return next(model for model in self.list() if model.name == name)

    def download(self, name: str, *, cancel: CancelToken) -> Iterator[DownloadProgress]:
        return iter(())


class FakeLanguageModel:
    """Answers with `pieces`, then raises `fault` if there is one."""

    address = "http://127.0.0.1:11434"

    def __init__(self, pieces: Sequence[str] = (), *, models: tuple[str, ...] = ("m1", "m2")) -> None:
        self.pieces = list(pieces)
        self.fault: BaseException | None = None
        self.models = models
        self.asked: list[tuple[str, Sequence[ChatTurn], int]] = []
        self.limit = 8192

    def set_address(self, address: str) -> None:
        self.address = address

    def status(self) -> LanguageModelStatus:
        ready = LanguageModelCondition.READY if self.models else LanguageModelCondition.NOT_RUNNING
        return LanguageModelStatus(ready, self.address, self.models)

    def context_limit(self, model: str) -> int:
        if model not in self.models:
            raise LanguageModelUnreachable("gone", hint="start it")
        return self.limit

    def chat(
        self, model: str, turns: Sequence[ChatTurn], *, num_ctx: int, cancel: CancelToken
    ) -> Iterator[str]:
        self.asked.append((model, turns, num_ctx))
        for piece in self.pieces:
            cancel.raise_if_cancelled()
            yield piece
        if self.fault is not None:
            raise self.fault

    def close(self) -> None:
        pass
