"""Runs in a rival's environment: indexes vectors from a file, asks, prints one line of figures as JSON.

python _scale_rival.py lancedb|qdrant-client VECTORS.npy QUESTIONS.npy
"""

import json
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

_BATCH = 2_000
_WARM = 5
Ask = Callable[[Any], object]


def main() -> None:
    tool, vectors, questions = sys.argv[1], np.load(sys.argv[2], mmap_mode="r"), np.load(sys.argv[3])
    texts = (
        Path(sys.argv[2].replace("vectors-", "texts-")).with_suffix(".txt").read_text("utf-8").splitlines()
    )
    write, opened = {"lancedb": (write_lance, open_lance), "qdrant-client": (write_qdrant, open_qdrant)}[tool]
    with tempfile.TemporaryDirectory() as folder:
        before = time.perf_counter()
        write(folder, vectors, texts)
        written = time.perf_counter() - before
        before = time.perf_counter()
        ask = opened(folder)
        ask(questions[0])
        opening = time.perf_counter() - before
        for question in questions[:_WARM]:
            ask(question)
        seconds = []
        cpu = time.process_time()
        for question in questions:
            before = time.perf_counter()
            ask(question)
            seconds.append(time.perf_counter() - before)
        cpu = time.process_time() - cpu
        memory = psutil.Process().memory_full_info()
        disk = sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*") if path.is_file())
    print(
        json.dumps(
            {
                "tool": tool,
                "chunks": len(vectors),
                "beyond_p50_ms": round(statistics.median(seconds) * 1000, 1),
                "beyond_p95_ms": round(statistics.quantiles(seconds, n=20)[-1] * 1000, 1),
                "cpu_ms": round(cpu / len(questions) * 1000, 1),
                "open_s": round(opening, 2),
                "written_s": round(written, 1),
                "resident_mb": memory.rss // 2**20,
                "own_mb": memory.uss // 2**20,
                "disk_mb": disk // 2**20,
            }
        )
    )


def write_lance(folder: str, vectors: Any, texts: list[str]) -> None:
    """With text and its full-text index, as a program would: without, it cannot search by words at all."""
    import lancedb
    import pyarrow as pa

    schema = pa.schema(
        [("id", pa.int64()), ("vector", pa.list_(pa.float32(), vectors.shape[1])), ("text", pa.string())]
    )

    def rows() -> Any:
        for start in range(0, len(vectors), _BATCH):
            some = np.asarray(vectors[start : start + _BATCH])
            flat = pa.array(some.reshape(-1), pa.float32())
            yield pa.RecordBatch.from_arrays(
                [
                    pa.array(range(start, start + len(some)), pa.int64()),
                    pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
                    pa.array(texts[start : start + len(some)]),
                ],
                schema=schema,
            )

    lancedb.connect(folder).create_table("chunks", rows(), schema=schema)


def open_lance(folder: str) -> Ask:
    import lancedb

    table = lancedb.connect(folder).open_table("chunks")
    return lambda question: table.search(question).distance_type("cosine").limit(8).to_list()


def write_qdrant(folder: str, vectors: Any, _texts: list[str]) -> None:
    from qdrant_client import QdrantClient, models

    warnings.simplefilter("ignore")
    client = QdrantClient(path=folder)
    client.create_collection(
        "chunks", models.VectorParams(size=vectors.shape[1], distance=models.Distance.COSINE)
    )
    for start in range(0, len(vectors), _BATCH):
        some = np.asarray(vectors[start : start + _BATCH])
        client.upsert(
            "chunks", models.Batch(ids=list(range(start, start + len(some))), vectors=some.tolist())
        )
    client.close()


def open_qdrant(folder: str) -> Ask:
    from qdrant_client import QdrantClient

    warnings.simplefilter("ignore")
    client = QdrantClient(path=folder)
    return lambda question: client.query_points("chunks", question.tolist(), limit=8).points


if __name__ == "__main__":
    main()
