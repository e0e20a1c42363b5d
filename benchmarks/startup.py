"""Seconds from starting the program to a usable window, beside what Qt alone takes.

    python benchmarks/startup.py [--chunks 20000] [--rounds 5]

Usable: the window is shown and its event loop has run idle once with the list of documents loaded. Started in
turn, so that a busy machine slows all alike: a bare QApplication, the window on an empty data folder, and on one
with that many chunks, written through the real catalog and the real index with embeddings of random direction.
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

import numpy as np

from readingroom.composition import open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.chunking import text_hash
from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.core.models import Chunk
from readingroom.core.sync_plan import FileStamp, FoundFile, SyncPlan
from readingroom.services.words_pump import words_point

_CHUNKS_EACH = 20
_QT = "from PySide6.QtWidgets import QApplication; QApplication([])"
_WINDOW = """
import sys, time
from PySide6.QtCore import QTimer
from readingroom import app, cli
from readingroom.ui import main_window

class Window(main_window.MainWindow):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self._lists = False
        self.library.lists_loaded.connect(self._note_lists)
        self.usable_timer = QTimer(self, interval=0)
        self.usable_timer.timeout.connect(self.check_usable)
        self.usable_timer.start()
    def _note_lists(self):
        self._lists = True
    def check_usable(self):
        # The lists have come: an empty one shows that there is no workspace, a full one its documents.
        if self._lists and self.isVisible() and (sys.argv[2] == "0" or self.documents.list.model.rowCount()):
            self.usable_timer.stop()
            print(time.time(), flush=True)
            QTimer.singleShot(0, self.close)

app.MainWindow = Window
sys.exit(app.run_window(cli.parse(["--data-dir", sys.argv[1]])))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        empty, full = Path(scratch) / "empty", Path(scratch) / "full"
        fill(full, arguments.chunks)
        until_usable(empty, 0)
        seconds: dict[str, list[float]] = {"qt": [], "empty": [], "full": []}
        for _ in range(arguments.rounds):
            seconds["qt"].append(whole(_QT))
            seconds["empty"].append(until_usable(empty, 0))
            seconds["full"].append(until_usable(full, arguments.chunks))
    best = {name: statistics.median(values) for name, values in seconds.items()}
    print(
        json.dumps(
            {
                "chunks": arguments.chunks,
                **{f"{name}_s": round(value, 2) for name, value in best.items()},
                "empty_ratio": round(best["empty"] / best["qt"], 2),
                "full_ratio": round(best["full"] / best["qt"], 2),
            }
        )
    )


def fill(data: Path, chunks: int) -> None:
    chance = np.random.default_rng(1)
    words = [f"word{number}" for number in range(5000)]
    with open_runtime(DataPaths(data)) as room:
        folder = data / "documents"
        folder.mkdir()
        workspace = room.services.workspaces.create("Full")
        source = room.catalog.add_source(workspace.id, folder, is_folder=True, watch=False)
        index = room.catalog.active_index(workspace.id)
        assert index is not None
        store = room.stores.open(workspace.id, index.id, index.dimension, index.precision)
        found = [
            FoundFile(folder / f"report {number}.txt", FileStamp(1, 1))
            for number in range(chunks // _CHUNKS_EACH)
        ]
        room.catalog.apply_plan(source.id, SyncPlan(added=tuple(found)))
        while (document := room.catalog.claim_next()) is not None:
            texts = [" ".join(chance.choice(words, 180)) for _ in range(_CHUNKS_EACH)]
            pages, cut, start = Page(None, 0, "\n".join(texts)), [], 0
            for ordinal, text in enumerate(texts):
                cut.append(Chunk(ordinal, start, start + len(text), None, (), text, 180, text_hash(text)))
                start += len(text) + 1
            room.catalog.store_read(
                document.id, index.id, extracted=ExtractedDocument("text", (pages,)), chunks=cut, content_hash="x",
                size_bytes=1, modified_at_ns=1,
            )  # fmt: skip
            stored = room.catalog.chunks_of(index.id, document.id)
            embeddings = chance.standard_normal((len(stored), index.dimension)).astype(np.float32)
            embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
            points = [words_point(one) for one in stored]
            from dataclasses import replace

            store.upsert([replace(p, embedding=e) for p, e in zip(points, embeddings, strict=True)])
            room.catalog.words_written(index.id, document.id)
            room.catalog.chunks_embedded(index.id, [one.id for one in stored])


def whole(code: str) -> float:
    before = time.time()
    subprocess.run([sys.executable, "-c", code], check=True, env=_environment())
    return time.time() - before


def until_usable(data: Path, chunks: int) -> float:
    before = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _WINDOW, str(data), str(chunks)],
        check=True,
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout.split()[0]) - before


def _environment() -> dict[str, str]:
    # As on a person's computer: modules are compiled once, at the first start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", tempfile.mkdtemp(prefix="readingroom-pycache-"))
    return os.environ | {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}


if __name__ == "__main__":
    main()
