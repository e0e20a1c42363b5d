"""Embedding questions in a child of their own, which indexing never holds up: port and handlers."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.errors import WorkerCrashed, WorkerFailure
from readingroom.core.nearness import BUNDLED, UNTOLD, Nearness
from readingroom.core.ports import Embedder, Embeddings
from readingroom.worker.arrays import from_bytes, to_bytes
from readingroom.worker.process import Bounds, ChildProcess
from readingroom.worker.protocol import Frame, ProtocolBroken
from readingroom.worker.serving import Handler, Request, Send

ROLE = "query"

MEMORY_LIMIT_BYTES = 4 * 1024 * 1024 * 1024
"""The largest model that can be chosen takes 2.4 GB."""

_LONGEST_QUERY = 20_000
"""Characters; models cut off at some 2,000."""

_LONGEST_SENTENCE = 2_000
_TOGETHER = 4
"""Sentences of like length in a batch: more cost more a token, see `embedding/bulk.py`."""

_BOUNDS = Bounds(stall_s=60.0)
_MEASURING = Bounds(stall_s=300.0)
"""Some 1,200 tokens, on a slow computer with the largest model."""


class QueryWorker:
    """The `QueryEmbedder` port over a child process."""

    def __init__(self, data_dir: Path) -> None:
        self.child = ChildProcess(ROLE, data_dir, memory_limit_bytes=MEMORY_LIMIT_BYTES)
        self._told = ("", "", 0.0)
        """Model, question and share of the question embedded last: that is asked for next."""
        self._nearness: dict[tuple[str, int | None], Nearness] = {}

    def embed_query(self, model: str, text: str) -> NDArray[np.float32]:
        """See `QueryEmbedder.embed_query`."""
        request = Frame({"call": "embed_query", "model": model, "text": text[:_LONGEST_QUERY]})
        answer = self.child.call([request], bounds=_BOUNDS)
        try:
            embedding: NDArray[np.float32] = from_bytes(answer.blob, 1, int(answer.header["dimension"]))[0]
            self._told = model, text, float(answer.header["share"])
        except (ProtocolBroken, KeyError, TypeError, ValueError) as error:
            raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error
        return embedding

    def embed_sentences(self, model: str, texts: Sequence[str]) -> Embeddings:
        """See `QueryEmbedder.embed_sentences`."""
        cut = [text[:_LONGEST_SENTENCE] for text in texts]
        answer = self.child.call(
            [Frame({"call": "embed_sentences", "model": model, "texts": cut})], bounds=_BOUNDS
        )
        try:
            return from_bytes(answer.blob, len(texts), int(answer.header["dimension"]))
        except (ProtocolBroken, KeyError, TypeError, ValueError) as error:
            raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error

    def known_share(self, model: str, text: str) -> float:
        """See `QueryEmbedder.known_share`."""
        told_model, told_text, share = self._told
        if (told_model, told_text) == (model, text):
            return share
        request = Frame({"call": "known_share", "model": model, "text": text[:_LONGEST_QUERY]})
        return float(self.child.call([request], bounds=_BOUNDS).header["share"])

    def nearness(self, model: str, dimension: int | None = None) -> Nearness:
        """See `QueryEmbedder.nearness`."""
        if model == BUNDLED_EMBEDDING_MODEL:
            return BUNDLED
        if (known := self._nearness.get((model, dimension))) is None:
            request = Frame({"call": "nearness", "model": model, "dimension": dimension})
            try:
                known = Nearness.of(self.child.call([request], bounds=_MEASURING).header)
            except WorkerFailure:
                # A model that cannot be measured is not to hold up each question.
                self._nearness[model, dimension] = UNTOLD
                raise
            except (KeyError, TypeError, ValueError) as error:
                raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error
            self._nearness[model, dimension] = known
        return known

    def warm(self, model: str) -> None:
        """Load the model now."""
        self.child.call([Frame({"call": "warm", "model": model})], bounds=_BOUNDS)

    def close(self) -> None:
        """End the child."""
        self.child.close()


def handlers(
    embedder_for: Callable[[str], Embedder], measured: Callable[[Embedder, int | None], Nearness]
) -> dict[str, Handler]:
    """Make the child's handlers. `embedder_for` gives a loaded model, `measured` how near its embeddings lie."""

    def embed_query(request: Request, _send: Send) -> Frame:
        embedder, text = embedder_for(request.header["model"]), request.header["text"]
        embedding = embedder.embed_query(text)
        return Frame({"dimension": len(embedding), "share": embedder.known_share(text)}, to_bytes(embedding))

    def embed_sentences(request: Request, _send: Send) -> Frame:
        texts: list[str] = request.header["texts"]
        embedder = embedder_for(request.header["model"])
        rows = np.empty((len(texts), embedder.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for first in range(0, len(order), _TOGETHER):
            batch = order[first : first + _TOGETHER]
            rows[batch] = embedder.embed_passages([texts[place] for place in batch])
        return Frame({"dimension": embedder.dimension}, to_bytes(rows))

    def known_share(request: Request, _send: Send) -> Frame:
        return Frame({"share": embedder_for(request.header["model"]).known_share(request.header["text"])})

    def nearness(request: Request, _send: Send) -> Frame:
        embedder = embedder_for(request.header["model"])
        return Frame({**measured(embedder, request.header["dimension"]).values})

    def warm(request: Request, _send: Send) -> Frame:
        # The first run of a session is slower than the next: let it be this one.
        embedder_for(request.header["model"]).embed_query("warm")
        return Frame({})

    return {
        "embed_query": embed_query,
        "embed_sentences": embed_sentences,
        "known_share": known_share,
        "nearness": nearness,
        "warm": warm,
    }
