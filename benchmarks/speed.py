"""Where the time of a question goes: each mode of search, by parts, through the program's own path.

    python benchmarks/speed.py --collections FOLDER... [--chunks 20000] [--questions 200] [--cache FOLDER]

Asks real questions of a workspace as `scale.py` makes it and prints, for words, meaning and hybrid, p50 and p95 in
milliseconds of:

total      `RetrieveService.search`, as a person's question goes
embedding  of that: the question to its embedding, in the child for questions
index      the search itself, in the index child
text       passages and their places from the catalog

and the CPU time a question takes in this process and the index child, embedding left out.
"""

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from _scale_room import fill
from _scale_texts import RealTexts, real_texts
from scale import cpu_seconds, index_child, percentiles

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.models import SearchMode
from readingroom.services.retrieve import RetrieveService

_WARM = 10


class Timed:
    """Stands before a part of the program and notes how long its calls take."""

    def __init__(
        self, inner: object, part: str, names: Sequence[str], seconds: dict[str, list[float]]
    ) -> None:
        self._inner = inner
        self._part = part
        self._names = names
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name == "open":
            return lambda *key: Timed(found(*key), self._part, self._names, self._seconds)
        return self._noting(found) if name in self._names else found

    def _noting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*given: Any, **named: Any) -> Any:
            before = time.perf_counter()
            try:
                return call(*given, **named)
            finally:
                self._seconds[self._part].append(time.perf_counter() - before)

        return noting


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--collections", type=Path, nargs="+", required=True)
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--real", type=int, default=3_000, help="real chunks to embed (default 3000)")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        cache = arguments.cache or Path(scratch)
        real = real_texts(arguments.collections, arguments.real, cache / "real.npz")
        data = DataPaths(cache / f"room-{arguments.chunks}")
        if not data.catalog.is_file():
            fill(data, real, arguments.chunks)
        with open_runtime(data) as room:
            room.queries.warm(BUNDLED_EMBEDDING_MODEL)
            for mode in SearchMode:
                asked = measure(room, real, mode, arguments.questions)
                print(json.dumps({"chunks": arguments.chunks, "mode": mode.value} | asked), flush=True)


def measure(room: Runtime, real: RealTexts, mode: SearchMode, questions: int) -> dict[str, float]:
    workspace = room.services.workspaces.get("Scale")
    seconds: dict[str, list[float]] = defaultdict(list)
    retrieve: Any = RetrieveService(
        Timed(room.catalog, "text", ("passages", "places"), seconds),  # type: ignore[arg-type]
        Timed(room.stores, "index", ("query",), seconds),  # type: ignore[arg-type]
        Timed(room.queries, "embedding", ("embed_query",), seconds),  # type: ignore[arg-type]
    )
    for question in real.questions[:_WARM]:
        retrieve.search(workspace.id, question, mode=mode)
    seconds.clear()
    child = index_child(room)
    before = cpu_seconds(child)
    parts: dict[str, list[float]] = defaultdict(list)
    for number in range(questions):
        started = time.perf_counter()
        retrieve.search(workspace.id, real.questions[(_WARM + number) % len(real.questions)], mode=mode)
        parts["total"].append(time.perf_counter() - started)
        for part, spent in seconds.items():
            # A question asks for passages and for places; both are text.
            parts[part].append(sum(spent))
        seconds.clear()
    cpu = cpu_seconds(child) - before
    found: dict[str, float] = {"cpu_ms": round(cpu / questions * 1000, 1)}
    for part, spent in parts.items():
        found |= percentiles(part, spent)
    return found


if __name__ == "__main__":
    main()
