"""Seconds and opened files of looking at an unchanged tree again, beside `find` listing the same.

    python benchmarks/reconcile.py [--files 20000] [--runs 7] [--unread]

Indexes a tree of tiny text files (of few different texts, so that embedding them takes no time), then reconciles it
again and again, `find DIR -type f -printf '%s %T@\\n'` in between. Counts the regular files that were opened
meanwhile, of the tree, by this process (an audit hook) and by its children (the files they had read before are not
to be asked for again: they have to be idle). With `--unread` the documents are known and not read yet, which is the
same work for the comparison and sooner done. Exits with 1 where it takes over five times as long or a file is opened.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from _folders import write_texts

from readingroom.composition import open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken

_WANTED_RATIO = 5.0


class Opened:
    """Paths opened as files by this process, below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.fsencode(folder)
        self.paths: list[bytes] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path = os.fsencode(arguments[0])
            if path.startswith(self._folder) and not Path(os.fsdecode(path)).is_dir():
                self.paths.append(path)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--unread", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="readingroom-reconcile-") as scratch:
        folder = Path(scratch) / "tree"
        write_texts(folder, arguments.files, words=8, seed=1, distinct=50)
        result = measure(folder, Path(scratch) / "data", arguments.runs, unread=arguments.unread)
    print(json.dumps(result))
    return int(float(result["ratio"]) > _WANTED_RATIO or bool(result["opened"]))


def measure(folder: Path, data: Path, runs: int, *, unread: bool) -> dict[str, float]:
    with open_runtime(DataPaths(data)) as room:
        workspace = room.services.workspaces.get_or_create("Tree")
        (source,) = room.services.sources.link(workspace.id, [folder])
        room.services.sources.reconcile(source.id)
        started = time.monotonic()
        if not unread:
            room.start_indexing()
            room.services.ingest.wait_until_idle(None, cancel=CancelToken(), tick=lambda: None)
        indexed_s = time.monotonic() - started
        opened = Opened(folder)
        ours, finds, cpu = [], [], []
        read_before = _bytes_read_by_children()
        for _ in range(runs):
            began = time.perf_counter()
            subprocess.run(
                ["find", str(folder), "-type", "f", "-printf", r"%s %T@\n"],
                stdout=subprocess.DEVNULL,
                check=True,
            )
            finds.append(time.perf_counter() - began)
            began, began_cpu = time.perf_counter(), time.process_time()
            counts = room.services.sources.reconcile(source.id)
            ours.append(time.perf_counter() - began)
            cpu.append(time.process_time() - began_cpu)
        read_after = _bytes_read_by_children()
    return {
        "files": counts.unchanged,
        "indexed_in_s": round(indexed_s, 1),
        "reconcile_s": round(statistics.median(ours), 3),
        "reconcile_cpu_s": round(statistics.median(cpu), 3),
        "find_s": round(statistics.median(finds), 3),
        "ratio": round(statistics.median(ours) / statistics.median(finds), 2),
        "opened": len(opened.paths),
        "bytes_read_by_children": read_after - read_before,
    }


def _bytes_read_by_children() -> int:
    return sum(child.io_counters().read_chars for child in psutil.Process().children() if child.is_running())


if __name__ == "__main__":
    sys.exit(main())
