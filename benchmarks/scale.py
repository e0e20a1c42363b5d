"""What a question costs as a workspace grows: time, memory and opening, through the program's own path.

    python benchmarks/scale.py --collections FOLDER... [--chunks 1000 10000 100000] [--cache FOLDER]
                               [--rivals-python INTERPRETER] [--questions 200]

For each size a workspace is written in bulk (see `_scale_texts.py` for what stands in it) and asked real questions
through `RetrieveService`: query embedded in its child, hybrid search in the index child, text from the catalog.

total       p50 and p95 of all of it, in milliseconds
beyond      the same without the time in which the question was embedded
CPU         of this process and the index child, a question, without embedding; on a busy machine the steadier figure
open        from asking the index child, running already, for a closed index until it answers; with the check that
            its files are what they were when it was closed. Files are warm: they were just written.
memory      of the index child after the questions: resident, and of that its own (not files it has mapped)
disk        of the index

Where the program would rewrite the index (see ADR 20), it is, while questions go on (`meanwhile`), and measured again.

`--cache` keeps embeddings and data folders between runs; 1,000,000 chunks take some
12 GB of disk. The rivals search the same embeddings (meaning alone; none of them fetches text from elsewhere) in an
environment of their own, made by hand; what is not installed there is left out:

    python -m venv r && r/bin/pip install lancedb qdrant-client numpy psutil
    ... --rivals-python r/bin/python
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from _scale_room import fill, saved_vectors
from _scale_texts import RealTexts, likeness, real_texts
from numpy.typing import NDArray

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.models import Index
from readingroom.core.nearness import Nearness
from readingroom.core.ports import QueryEmbedder
from readingroom.services.retrieve import RetrieveService
from readingroom.worker.indexing import HostedVectorStores

_HERE = Path(__file__).parent
_RIVALS = ("lancedb", "qdrant-client")
_MOST_FOR_LOCAL_MODE = 100_000
"""qdrant-client's local mode holds 30 kB a point: a million do not fit."""
_WARM = 10


@dataclass
class TimedEmbedder:
    """Embeds questions and notes how long each took."""

    inner: QueryEmbedder
    seconds: list[float] = field(default_factory=list)

    def embed_query(self, model: str, text: str) -> NDArray[np.float32]:
        before = time.perf_counter()
        try:
            return self.inner.embed_query(model, text)
        finally:
            self.seconds.append(time.perf_counter() - before)

    def known_share(self, model: str, text: str) -> float:
        return self.inner.known_share(model, text)

    def nearness(self, model: str, dimension: int | None = None) -> Nearness:
        return self.inner.nearness(model, dimension)

    def warm(self, model: str) -> None:
        self.inner.warm(model)

    def close(self) -> None:
        """The runtime's."""


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        cache = arguments.cache or Path(scratch)
        real = real_texts(arguments.collections, arguments.real, cache / "real.npz")
        among_real, among_made = likeness(real)
        print(
            f"{len(real.texts):,} real chunks; mean cosine to the nearest {among_real:.3f}, among as many made up "
            f"{among_made:.3f}",
            file=sys.stderr,
        )
        for chunks in arguments.chunks:
            data = DataPaths(cache / f"room-{chunks}")
            if not data.catalog.is_file():
                before = time.perf_counter()
                fill(data, real, chunks)
                print(f"{chunks:,} chunks written in {time.perf_counter() - before:.0f} s", file=sys.stderr)
            what = {"tool": "Reading Room", "chunks": chunks}
            print(json.dumps(what | measure(data, real, arguments.questions)), flush=True)
            if optimised := optimise(data, real):
                after = measure(data, real, arguments.questions)
                print(json.dumps(what | {"rewritten": True} | optimised | after), flush=True)
            if arguments.rivals_python:
                _ask_rivals(arguments.rivals_python, cache, real, chunks, arguments.questions)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--collections", type=Path, nargs="+", required=True)
    parser.add_argument("--chunks", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--real", type=int, default=3_000, help="real chunks to embed (default 3000)")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--rivals-python", type=Path)
    return parser.parse_args()


def measure(data: DataPaths, real: RealTexts, questions: int) -> dict[str, object]:
    """Open the workspace and ask."""
    with open_runtime(data) as room:
        workspace = room.services.workspaces.get("Scale")
        index = room.catalog.active_index(workspace.id)
        assert index is not None
        opened = _open_seconds(room, index)
        embedder = TimedEmbedder(room.queries)
        retrieve = RetrieveService(room.catalog, room.stores, embedder)
        embedder.warm(BUNDLED_EMBEDDING_MODEL)
        asked = (real.questions * (1 + (questions + _WARM) // len(real.questions)))[: questions + _WARM]
        for question in asked[:_WARM]:
            retrieve.search(workspace.id, question)
        embedder.seconds.clear()
        child = index_child(room)
        before, totals = cpu_seconds(child), []
        for question in asked[_WARM:]:
            started = time.perf_counter()
            retrieve.search(workspace.id, question)
            totals.append(time.perf_counter() - started)
        cpu = cpu_seconds(child) - before
        memory = child.memory_full_info()
        beyond = [total - embedding for total, embedding in zip(totals, embedder.seconds, strict=True)]
    return {
        **percentiles("total", totals),
        **percentiles("embedding", embedder.seconds),
        **percentiles("beyond", beyond),
        "cpu_ms": round(cpu / len(totals) * 1000, 1),
        "open_s": round(opened, 2),
        "resident_mb": memory.rss // 2**20,
        "own_mb": memory.uss // 2**20,
        "disk_mb": _bytes_in(data.vectors) // 2**20,
    }


def optimise(data: DataPaths, real: RealTexts) -> dict[str, float]:
    """Have the index rewritten as the program does by itself, asking all the while; empty where it wants nothing."""
    with open_runtime(data) as room:
        workspace = room.services.workspaces.get("Scale")
        index = room.catalog.active_index(workspace.id)
        assert index is not None
        store = room.stores.open(workspace.id, index.id, index.dimension, index.precision)
        room.queries.warm(BUNDLED_EMBEDDING_MODEL)
        waited: list[float] = []
        started = time.perf_counter()
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(store.optimise)
            while not done.done():
                before = time.perf_counter()
                room.services.retrieve.search(workspace.id, real.questions[len(waited) % len(real.questions)])
                waited.append(time.perf_counter() - before)
                wait([done], timeout=0.2)
            if not done.result():
                return {}
        return {
            "rewriting_s": round(time.perf_counter() - started, 1),
            **percentiles("meanwhile", waited),
            "meanwhile_longest_ms": round(max(waited) * 1000, 1),
        }


def _open_seconds(room: Runtime, index: Index) -> float:
    # Another index first, so that the child runs and has its engine loaded.
    room.stores.open(index.workspace_id, type(index.id)(10**6), 8)
    room.stores.remove(index.workspace_id, type(index.id)(10**6))
    before = time.perf_counter()
    room.stores.open(index.workspace_id, index.id, index.dimension, index.precision)
    return time.perf_counter() - before


def index_child(room: Runtime) -> psutil.Process:
    assert isinstance(room.stores.local, HostedVectorStores)
    assert room.stores.local.child.pid is not None
    return psutil.Process(room.stores.local.child.pid)


def cpu_seconds(child: psutil.Process) -> float:
    times = (child.cpu_times(), psutil.Process().cpu_times())
    return sum(one.user + one.system for one in times)


def percentiles(name: str, seconds: Sequence[float]) -> dict[str, float]:
    return {
        f"{name}_p50_ms": round(statistics.median(seconds) * 1000, 1),
        f"{name}_p95_ms": round(statistics.quantiles(seconds, n=20)[-1] * 1000, 1),
    }


def _bytes_in(folder: Path) -> int:
    # Blocks, not lengths: the engine's files have holes.
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _ask_rivals(interpreter: Path, cache: Path, real: RealTexts, chunks: int, questions: int) -> None:
    vectors = saved_vectors(cache, real, chunks)
    asked = cache / "questions.npy"
    if not asked.is_file():
        np.save(asked, _embedded(real.questions[:questions]))
    for tool in _RIVALS:
        if tool == "qdrant-client" and chunks > _MOST_FOR_LOCAL_MODE:
            print(
                f"qdrant-client local is left out at {chunks:,}: it would take all memory.", file=sys.stderr
            )
            continue
        done = subprocess.run(
            [interpreter, _HERE / "_scale_rival.py", tool, vectors, asked],
            check=False,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": ""},
        )
        print(done.stdout.strip() if done.returncode == 0 else f"{tool} is left out: it did not run there.")


def _embedded(questions: Sequence[str]) -> NDArray[np.float32]:
    from readingroom.embedding.embedder import FastembedEmbedder

    embedder = FastembedEmbedder(Path(), BUNDLED_EMBEDDING_MODEL)
    return np.stack([embedder.embed_query(question) for question in questions])


if __name__ == "__main__":
    main()
