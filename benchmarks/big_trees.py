"""Very many files in one folder, very deep folders, very many at once; with a question asked now and then.

    python benchmarks/big_trees.py [--flat 40000] [--deep 60] [--burst 10000] [--only flat|deep|burst]

flat: that many tiny files in one folder are linked and indexed, then compared again, then one more comes.
deep: a file in each of so many folders one in another, then the outermost but one is renamed.
burst: so many files come at once by `git checkout` of another branch, and go again.
Each prints a JSON object: seconds, and the latency of `search` idle and meanwhile.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from _folders import rare_word, text, write_texts

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import SearchMode

_POLL_S = 0.05
_LIMIT_S = 3600.0
_WORDS = 12
_DISTINCT = 50


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flat", type=int, default=40_000)
    parser.add_argument("--deep", type=int, default=60)
    parser.add_argument("--burst", type=int, default=10_000)
    parser.add_argument("--only", choices=("flat", "deep", "burst"))
    arguments = parser.parse_args()
    parts: dict[str, tuple[Callable[..., dict[str, float]], int]] = {
        "flat": (flat, arguments.flat),
        "deep": (deep, arguments.deep),
        "burst": (burst, arguments.burst),
    }
    for name, (measure, size) in parts.items():
        if arguments.only in (None, name):
            with (
                tempfile.TemporaryDirectory(prefix="readingroom-trees-") as scratch,
                _room(scratch) as (room, id_),
            ):
                print(
                    json.dumps({"tree": name, "size": size} | measure(room, id_, Path(scratch), size)),
                    flush=True,
                )
    return 0


@contextmanager
def _room(scratch: str) -> Iterator[tuple[Runtime, WorkspaceId]]:
    with open_runtime(DataPaths(Path(scratch) / "data")) as room:
        workspace = room.services.workspaces.get_or_create("Trees")
        room.start_indexing()
        room.start_following()
        yield room, workspace.id


def flat(room: Runtime, workspace_id: WorkspaceId, scratch: Path, files: int) -> dict[str, float]:
    folder = scratch / "tree"
    folder.mkdir()
    chance = random.Random(1)
    texts = [text(chance, _WORDS) for _ in range(_DISTINCT)]
    for number in range(files):
        (folder / f"{number:06}.txt").write_text(texts[number % _DISTINCT])
    idle = Questions(room, workspace_id).ask_for(2.0)
    meanwhile = Questions(room, workspace_id)
    with meanwhile:
        listed_s = _seconds(lambda: room.services.sources.add(workspace_id, [folder]))
        indexed_s = _seconds(lambda: _until(lambda: not room.catalog.has_pending_work()))
    (source,) = room.catalog.sources(workspace_id)
    again_s = _seconds(lambda: room.services.sources.reconcile(source.id))
    (folder / "one more.txt").write_text(f"Here {rare_word(1)} flies.")
    one_more_s = _seconds(lambda: _until(lambda: _finds(room, workspace_id, rare_word(1))))
    return {
        "documents": len(room.catalog.documents(workspace_id)),
        "listed_s": listed_s,
        "indexed_s": indexed_s,
        "compared_again_s": again_s,
        "one_more_found_s": one_more_s,
        **_latencies(idle, meanwhile),
    }


def deep(room: Runtime, workspace_id: WorkspaceId, scratch: Path, levels: int) -> dict[str, float]:
    top = scratch / "tree" / "top"
    place = top
    for level in range(levels):
        place /= f"level {level}"
        place.mkdir(parents=True)
        (place / "note.txt").write_text(f"Here {rare_word(level)} flies.")
    idle = Questions(room, workspace_id).ask_for(2.0)
    indexed_s = _seconds(lambda: room.services.sources.add(workspace_id, [scratch / "tree"]))
    indexed_s += _seconds(lambda: _until(lambda: not room.catalog.has_pending_work()))
    lowest = place / "note.txt"
    lowest.write_text(f"Here {rare_word(1000)} flies.")
    edited_s = _seconds(lambda: _until(lambda: _finds(room, workspace_id, rare_word(1000))))
    before = room.services.ingest.counts().embedded
    top.rename(top.with_name("renamed"))
    new = os.fspath(top.with_name("renamed"))
    renamed_s = _seconds(
        lambda: _until(lambda: all(str(d.path).startswith(new) for d in room.catalog.documents(workspace_id)))
    )
    _until(lambda: not room.catalog.has_pending_work())
    return {
        "documents": len(room.catalog.documents(workspace_id)),
        "indexed_s": indexed_s,
        "lowest_edited_found_s": edited_s,
        "renamed_s": renamed_s,
        "embedded_by_the_renaming": room.services.ingest.counts().embedded - before,
        **_latencies(idle, idle),
    }


def burst(room: Runtime, workspace_id: WorkspaceId, scratch: Path, files: int) -> dict[str, float]:
    folder = scratch / "tree"
    _git(scratch, "init", "-q", "-b", "few", str(folder))
    write_texts(folder, 200, words=_WORDS, seed=1)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "few")
    _git(folder, "checkout", "-qb", "many")
    write_texts(folder / "more", files, words=_WORDS, seed=2, distinct=_DISTINCT)
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "many")
    _git(folder, "checkout", "-q", "few")
    room.services.sources.add(workspace_id, [folder])
    _until(lambda: not room.catalog.has_pending_work())
    idle = Questions(room, workspace_id).ask_for(3.0)
    meanwhile = Questions(room, workspace_id)
    with meanwhile:
        checkout_s = _seconds(lambda: _git(folder, "checkout", "-q", "many"))
        known_s = _seconds(lambda: _until(lambda: _documents(room, workspace_id) == 200 + files))
        indexed_s = _seconds(lambda: _until(lambda: not room.catalog.has_pending_work()))
    return {
        "documents": _documents(room, workspace_id),
        "checkout_s": checkout_s,
        "all_known_after_s": known_s,
        "indexed_after_s": indexed_s,
        **_latencies(idle, meanwhile),
    }


class Questions:
    """Asks every half second on a thread of its own and keeps how long each took."""

    def __init__(self, room: Runtime, workspace_id: WorkspaceId) -> None:
        self.seconds: list[float] = []
        self._room = room
        self._workspace_id = workspace_id
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def ask_for(self, seconds: float) -> Self:
        self._room.services.retrieve.search(self._workspace_id, "the first loads the model")
        with self:
            time.sleep(seconds)
        return self

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        chance = random.Random(7)
        while not self._stopped.wait(0.2):
            began = time.perf_counter()
            self._room.services.retrieve.search(self._workspace_id, text(chance, 6))
            self.seconds.append(time.perf_counter() - began)


def _latencies(idle: Questions, meanwhile: Questions) -> dict[str, float]:
    return {
        "question_idle_p50_ms": round(statistics.median(idle.seconds) * 1000, 1),
        "question_meanwhile_p50_ms": round(statistics.median(meanwhile.seconds) * 1000, 1),
        "question_meanwhile_worst_ms": round(max(meanwhile.seconds) * 1000, 1),
        "questions_meanwhile": len(meanwhile.seconds),
    }


def _finds(room: Runtime, workspace_id: WorkspaceId, word: str) -> bool:
    return bool(room.services.retrieve.search(workspace_id, word, mode=SearchMode.WORDS))


def _documents(room: Runtime, workspace_id: WorkspaceId) -> int:
    return len(room.catalog.documents(workspace_id))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 2)


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not reached():
        if time.monotonic() > deadline:
            sys.exit("gave up waiting")
        time.sleep(_POLL_S)


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Benchmark", "-c", "user.email=benchmark@localhost", "-c", "gc.auto=0"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
