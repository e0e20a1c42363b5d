"""Embedding many passages: several one-thread sessions side by side, in batches of like length."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from readingroom.core.ports import Embeddings
from readingroom.embedding.embedder import FastembedEmbedder
from readingroom.embedding.tokens import TokenCounter, load_counter

MOST_SESSIONS = 4
"""Each holds a copy of the model; a fifth gains little on the computers people have."""

BATCH_TOKENS = 128
MOST_TEXTS = 4
"""A batch is up to four texts and some 128 tokens. Measured (CPU us a token, int8 MiniLM): 222-token texts
191 alone, 246 in batches of 8; only short texts gain from company."""


_LIKE = 1.25
"""Longer than its shortest by more than this, and a batch is mostly padding."""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """Embeddings in the order asked for, and what they took."""

    embeddings: Embeddings
    cpu_seconds: float
    """Of the embedding threads, model loading left out."""
    tokens: int
    """Special tokens included, padding not."""


class BulkSessions:
    """The sessions of one model. One caller at a time."""

    def __init__(self, models_dir: Path, model: str, sessions: int | None = None) -> None:
        """Load the model `sessions` times (default: as the processor has cores, at most four).

        Raises `EmbeddingModelUnavailable`.
        """
        count = sessions or min(psutil.cpu_count(logical=False) or psutil.cpu_count() or 1, MOST_SESSIONS)
        self._counter: TokenCounter
        self._counter, self._max_tokens = load_counter(models_dir, model)
        self._embedders = [FastembedEmbedder(models_dir, model) for _ in range(count)]
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="embed")

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        return self._embedders[0].dimension

    def embed(self, texts: Sequence[str], on_progress: Callable[[int], None]) -> BulkResult:
        """Embed all; calls `on_progress(texts done)` after each batch, on several threads in turn."""
        started = time.thread_time()
        special = self._counter.special_tokens
        lengths = [min(count + special, self._max_tokens) for count in self._counter.count(texts)]
        waiting = batches_of_like_length(lengths)
        result = np.empty((len(texts), self.dimension), np.float32)
        lock = threading.Lock()
        done = 0
        counting_seconds = time.thread_time() - started

        def work(embedder: FastembedEmbedder) -> float:
            nonlocal done
            begun = time.thread_time()
            while True:
                with lock:
                    if not waiting:
                        return time.thread_time() - begun
                    batch = waiting.pop()
                rows = embedder.embed_passages([texts[place] for place in batch])
                with lock:
                    result[batch] = rows
                    done += len(batch)
                    on_progress(done)

        seconds = sum(self._pool.map(work, self._embedders))
        return BulkResult(result, seconds + counting_seconds, sum(lengths))

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()


def batches_of_like_length(lengths: Sequence[int]) -> list[list[int]]:
    """Group places by length, shortest first; short texts share a batch, long ones go alone."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        batch = batches[-1] if batches else None
        if (
            batch is not None
            and len(batch) < MOST_TEXTS
            and (len(batch) + 1) * lengths[place] <= BATCH_TOKENS
            and lengths[place] <= _LIKE * lengths[batch[0]] + 2
        ):
            batch.append(place)
        else:
            batches.append([place])
    return batches
