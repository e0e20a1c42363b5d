"""`eval`: a judged collection through the program's own path, into a workspace that is thrown away."""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from readingroom.commands.output import ProgressBar, printer
from readingroom.composition import open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.models import SearchMode
from readingroom.services.evaluate import (
    Evaluation,
    JudgedCollection,
    evaluate,
    load_collection,
    write_corpus,
)

_MODES = (SearchMode.WORDS, SearchMode.MEANING, SearchMode.HYBRID)


def evaluate_folder(arguments: argparse.Namespace) -> int:
    """Index the collection once and print an object for each mode asked for."""
    collection = load_collection(arguments.folder, arguments.limit)
    modes = _MODES if arguments.mode == "all" else (SearchMode(arguments.mode),)
    show = printer(arguments.json, lambda value: "  ".join(f"{name} {text}" for name, text in value.items()))
    with tempfile.TemporaryDirectory(prefix="readingroom-eval-") as scratch:
        corpus = Path(scratch) / "corpus"
        corpus.mkdir()
        write_corpus(collection, corpus)
        with open_runtime(DataPaths(Path(scratch) / "data")) as room:
            memory = _PeakMemory()
            workspace = room.services.workspaces.create("eval")
            started = time.monotonic()
            room.services.sources.add(workspace.id, [corpus], watch=False)
            room.start_indexing()
            bar = ProgressBar()

            def tick() -> None:
                memory.look()
                bar.show(room.services.ingest.progress(workspace.id))

            room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=tick)
            bar.close()
            seconds = time.monotonic() - started
            tokens = max(room.embedder.tokens, 1)
            indexed: dict[str, Any] = {
                "documents": len(collection.corpus),
                "chunks": room.services.workspaces.get("eval").chunks,
                "index_seconds": round(seconds, 1),
                "embed_cpu_us_per_token": round(room.embedder.cpu_seconds / tokens * 1e6, 1),
            }
            for mode in modes:
                measured = evaluate(room.services.retrieve, workspace.id, collection, mode, arguments.k)
                memory.look()
                show(_result(collection, measured, arguments.k, indexed, memory.peak_bytes))
    return 0


def _result(
    collection: JudgedCollection, measured: Evaluation, k: int, indexed: dict[str, Any], peak_bytes: int
) -> dict[str, Any]:
    scores = measured.scores
    return {
        "dataset": collection.name,
        "mode": measured.mode.value,
        f"ndcg@{k}": round(scores.ndcg_at_k, 4),
        f"recall@{k}": round(scores.recall_at_k, 4),
        "recall@100": round(scores.recall_at_100, 4),
        f"mrr@{k}": round(scores.mrr_at_k, 4),
        "queries": scores.queries,
        **indexed,
        "query_p50_ms": round(measured.query_p50_ms, 1),
        "query_p95_ms": round(measured.query_p95_ms, 1),
        "peak_rss_mb": round(peak_bytes / 1e6),
    }


class _PeakMemory:
    """The most that this process and its children held together, at the moments it was looked at."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.peak_bytes = 0

    def look(self) -> None:
        total = 0
        for process in (self._process, *self._process.children(recursive=True)):
            try:
                total += process.memory_info().rss
            except psutil.Error:
                continue
        self.peak_bytes = max(self.peak_bytes, total)
