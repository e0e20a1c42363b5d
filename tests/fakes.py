"""Stand-ins for the worker children, in this process: services are tested without starting any."""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from readingroom.core.cancellation import CancelToken
from readingroom.core.content_hash import content_hash
from readingroom.core.errors import LanguageModelUnreachable, ReadingRoomError
from readingroom.core.extraction import ExtractedDocument, FileRef, Member, Page, ReadLimits
from readingroom.core.language_model import (
    ChatPiece,
    ChatTurn,
    LanguageModelCondition,
    LanguageModelStatus,
)
from readingroom.core.model_server import PullProgress, ServedModel
from readingroom.core.models import Chunk, DownloadProgress, EmbeddingModel
from readingroom.core.nearness import BUNDLED, Nearness
from readingroom.core.ports import OnPart, ReadResult

DIMENSION = 8


def chunk(text: str, ordinal: int = 0, start: int = 0) -> Chunk:
    """A chunk of a text that has no pages."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return Chunk(ordinal, start, start + len(text), None, (), text, len(text.split()), digest)


def extracted(text: str) -> ExtractedDocument:
    """A document without pages."""
    return ExtractedDocument("text", (Page(None, 0, text),))


def paragraphs(text: str, base: int = 0) -> tuple[Chunk, ...]:
    """A chunk a paragraph; `base` is where the text begins in its document."""
    chunks: list[Chunk] = []
    start = 0
    for part in text.split("\n\n"):
        if part.strip():
            start = text.index(part, start)
            chunks.append(chunk(part, len(chunks), base + start))
            start += len(part)
    return tuple(chunks)


def _parts(text: str, count: int) -> list[ExtractedDocument]:
    """The text in parts of some paragraphs each, a page a part."""
    pieces = text.split("\n\n")
    size = -(-len(pieces) // count)
    parts, start = [], 0
    for number, first in enumerate(range(0, len(pieces), size), start=1):
        page_text = "\n\n".join(pieces[first : first + size]) + "\n\n"
        if first + size >= len(pieces):
            page_text = page_text[:-2]
        parts.append(ExtractedDocument("text", (Page(number if count > 1 else None, start, page_text),)))
        start += len(page_text)
    return parts


class FakeReader:
    """Reads UTF-8 text and cuts at blank lines. `faults` maps names to what happens instead, once an entry.

    `parts` maps names to how many parts their text comes in, `members` to the documents inside them; a member's
    text is its locator. `fault_after_parts` happens once the parts but the last were handed over.
    """

    def __init__(self) -> None:
        self.faults: dict[str, list[ReadingRoomError]] = {}
        self.fault_after_parts: dict[str, ReadingRoomError] = {}
        self.parts: dict[str, int] = {}
        self.members: dict[str, tuple[Member, ...]] = {}
        self.read_paths: list[Path] = []
        self.read_locators: list[str] = []
        self.known_chunks: list[Collection[str]] = []
        self.while_reading: Callable[[Path], None] = lambda _: None

    def read(
        self,
        file: FileRef,
        *,
        embedding_model: str,
        limits: ReadLimits,
        known_hash: str | None = None,
        known_chunks: Collection[str] = frozenset(),
        passwords: Sequence[str] = (),
        on_part: OnPart | None = None,
        on_progress: Callable[[int, int | None], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> ReadResult:
        path = file.path
        self.read_paths.append(path)
        self.read_locators.append(file.locator)
        self.known_chunks.append(known_chunks)
        self.while_reading(path)
        if faults := self.faults.get(path.name):
            raise faults.pop(0)
        status = path.stat()
        if file.locator:
            text, digest, size_bytes = file.locator, file.locator, len(file.locator)
        else:
            text, digest, size_bytes = path.read_text(encoding="utf-8"), content_hash(path), status.st_size
        if digest == known_hash:
            return ReadResult(digest, size_bytes, status.st_mtime_ns, True, ExtractedDocument("", ()), ())
        *earlier, last = _parts(text, self.parts.get(path.name, 1))
        for part in earlier:
            assert on_part is not None
            on_part(part, paragraphs(part.text, part.pages[0].start))
        if fault := self.fault_after_parts.pop(path.name, None):
            raise fault
        document = replace(last, members=() if file.locator else self.members.get(path.name, ()))
        chunks = paragraphs(last.text, last.pages[0].start)
        return ReadResult(digest, size_bytes, status.st_mtime_ns, False, document, chunks)

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
        self.near = BUNDLED

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

    def embed_sentences(self, model: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([embedding_of(text) for text in texts])

    def known_share(self, model: str, text: str) -> float:
        return 1.0

    def nearness(self, model: str, dimension: int | None = None) -> Nearness:
        return self.near

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

    def add(self, folder: Path) -> EmbeddingModel:
        return EmbeddingModel(f"local/{folder.name}", DIMENSION, 128, 1, downloaded=True)


class FakeLanguageModel:
    """Answers with `pieces`, then raises `fault` if there is one."""

    address = "http://127.0.0.1:11434"

    def __init__(self, pieces: Sequence[ChatPiece] = (), *, models: tuple[str, ...] = ("m1", "m2")) -> None:
        self.pieces = list(pieces)
        self.fault: BaseException | None = None
        self.models = models
        self.asked: list[tuple[str, Sequence[ChatTurn], int]] = []
        self.temperatures: list[float | None] = []
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

    def context_bytes(self, model: str) -> int | None:
        return None

    def chat(
        self,
        model: str,
        turns: Sequence[ChatTurn],
        *,
        num_ctx: int,
        cancel: CancelToken,
        temperature: float | None = None,
    ) -> Iterator[ChatPiece]:
        self.temperatures.append(temperature)
        self.asked.append((model, turns, num_ctx))
        for piece in self.pieces:
            cancel.raise_if_cancelled()
            yield piece
        if self.fault is not None:
            raise self.fault

    def close(self) -> None:
        pass


class FakeKeeper:
    """An Ollama in memory: `served` is on its disk; a pull takes `steps`, waiting for `gate` before each."""

    def __init__(self, *served: ServedModel) -> None:
        self.served = list(served)
        self.installed = True
        self.started = 0
        self.steps = 4
        self.gate = threading.Event()
        self.gate.set()
        self.fault: ReadingRoomError | None = None

    def is_installed(self) -> bool:
        return self.installed

    def start(self, cancel: CancelToken) -> None:
        cancel.when_cancelled(self.gate.set)
        self.gate.wait()
        cancel.raise_if_cancelled()
        if self.fault is not None:
            raise self.fault
        self.started += 1

    def models(self) -> Sequence[ServedModel]:
        if self.fault is not None:
            raise self.fault
        return tuple(self.served)

    def pull(self, name: str, *, cancel: CancelToken) -> Iterator[PullProgress]:
        cancel.when_cancelled(self.gate.set)
        yield PullProgress("pulling manifest")
        for step in range(1, self.steps + 1):
            self.gate.wait()
            cancel.raise_if_cancelled()
            if self.fault is not None:
                raise self.fault
            if step == 1:
                self.gate_after_first()
            yield PullProgress("pulling aaaaaaaaaaaa", step * 1_000_000_000, self.steps * 1_000_000_000)
        self.served.append(ServedModel(name, self.steps * 1_000_000_000))
        yield PullProgress("success", self.steps * 1_000_000_000, self.steps * 1_000_000_000)

    def gate_after_first(self) -> None:
        """For tests that want it held there."""

    def delete(self, name: str) -> None:
        self.served = [model for model in self.served if model.name != name]

    def unload(self, name: str) -> None:
        self.served = [replace(m, loaded_bytes=0) if m.name == name else m for m in self.served]

    def close(self) -> None:
        pass
