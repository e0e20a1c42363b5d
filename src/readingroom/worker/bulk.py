"""Embedding passages in the low-priority child: the port for the parent, the handler for the child."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import WorkerCrashed
from readingroom.core.ports import Embeddings
from readingroom.worker.arrays import from_bytes, to_bytes
from readingroom.worker.process import Bounds, ChildProcess
from readingroom.worker.protocol import Frame, ProtocolBroken, text_portions
from readingroom.worker.serving import Handler, Request, Send

ROLE = "embed"

MEMORY_LIMIT_BYTES = 6 * 1024 * 1024 * 1024
"""Four sessions of the largest model that can be chosen; the bundled one takes some 0.2 GB."""

_BOUNDS = Bounds(stall_s=120.0)
"""A batch takes 0.1 s, loading the largest model some ten seconds."""


class _BulkResult(Protocol):
    """What the child's sessions give; `embedding.bulk.BulkResult`."""

    @property
    def embeddings(self) -> Embeddings: ...
    @property
    def cpu_seconds(self) -> float: ...
    @property
    def tokens(self) -> int: ...


EmbedTexts = Callable[[str, Sequence[str], Callable[[int], None]], _BulkResult]
"""(model, texts, on_progress(texts done)): embed them all."""


class EmbedWorker:
    """The `BulkEmbedder` port over a child process. The figures outlast a child that is started again."""

    def __init__(self, data_dir: Path, *, memory_limit_bytes: int = MEMORY_LIMIT_BYTES) -> None:
        self.child = ChildProcess(ROLE, data_dir, memory_limit_bytes=memory_limit_bytes)
        self._cpu_seconds = 0.0
        self._tokens = 0

    def embed(self, model: str, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Embeddings:
        """See `BulkEmbedder.embed`."""
        request = [Frame({"call": "embed", "model": model, "more": True})]
        request += [Frame({"texts": portion, "more": True}) for portion in text_portions(texts)]
        request.append(Frame({}))
        answer = self.child.call(request, bounds=_BOUNDS, cancel=cancel)
        try:
            embeddings = from_bytes(answer.blob, len(texts), int(answer.header["dimension"]))
            self._cpu_seconds += float(answer.header["cpu_seconds"])
            self._tokens += int(answer.header["tokens"])
        except (ProtocolBroken, KeyError, TypeError, ValueError) as error:
            raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error
        return embeddings

    @property
    def cpu_seconds(self) -> float:
        """CPU time spent embedding, model loading left out."""
        return self._cpu_seconds

    @property
    def tokens(self) -> int:
        """Tokens embedded in that time, special tokens included, padding not."""
        return self._tokens

    def close(self) -> None:
        """End the child."""
        self.child.close()


def handlers(embed_texts: EmbedTexts) -> dict[str, Handler]:
    """Make the child's handlers."""

    def embed(request: Request, send: Send) -> Frame:
        texts = [text for frame in request.frames for text in frame.header.get("texts", ())]
        result = embed_texts(
            request.header["model"], texts, lambda done: send(Frame({"is": "progress", "texts": done}))
        )
        return Frame(
            {
                "dimension": int(result.embeddings.shape[1]),
                "cpu_seconds": result.cpu_seconds,
                "tokens": result.tokens,
            },
            to_bytes(result.embeddings),
        )

    return {"embed": embed}
