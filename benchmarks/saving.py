"""Seconds from saving a file to its new words being found, idle and while thousands of files are being indexed.

    python benchmarks/saving.py [--edits 100] [--files 5000] [--words 200] [--seed 1] [--only idle|busy]

Editors' two ways of saving take turns: into a temporary file that is renamed over the old one, and in place. Measured
from the close or the renaming to the moment when `search` by words, asked in the same process, finds the new word.
Prints the figures and what the time was spent on: until the watcher told of it, until it was queued, read, written.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from _folders import rare_word, text, write_texts

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import DocumentState, SearchMode

_POLL_S = 0.01
_LIMIT_S = 600.0
_WANTED_S = {"idle": 2.0, "busy": 5.0}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("idle", "busy"))
    arguments = parser.parse_args()
    slow = False
    with tempfile.TemporaryDirectory(prefix="readingroom-saving-") as scratch:
        for when in ("idle", "busy"):
            if arguments.only not in (None, when):
                continue
            result = measure(Path(scratch) / when, when, arguments)
            print(json.dumps(result), flush=True)
            slow = slow or result["p95_s"] >= _WANTED_S[when]
    return int(slow)


def measure(scratch: Path, when: str, arguments: argparse.Namespace) -> dict[str, float]:
    chance = random.Random(arguments.seed)
    notes, many = scratch / "notes", scratch / "many"
    write_texts(notes, 20, words=arguments.words, seed=arguments.seed)
    with open_runtime(DataPaths(scratch / "data")) as room:
        workspace = room.services.workspaces.get_or_create("Notes")
        room.start_indexing()
        room.start_following()
        room.services.sources.add(workspace.id, [notes])
        until(lambda: not room.catalog.has_pending_work())
        room.services.retrieve.search(workspace.id, "warm", mode=SearchMode.WORDS)
        if when == "busy":
            write_texts(many, arguments.files, words=arguments.words, seed=arguments.seed + 1)
            room.services.sources.add(workspace.id, [many])
        saves = [save(room, workspace.id, notes, number, chance, arguments.words) for number in range(arguments.edits)]
        left = sum(1 for document in room.catalog.documents(workspace.id) if document.state in PENDING)
    seconds = sorted(total for total, _ in saves)
    return {
        "when": when,  # type: ignore[dict-item]
        "edits": len(seconds),
        "p50_s": round(statistics.median(seconds), 3),
        "p95_s": round(seconds[int(len(seconds) * 0.95)], 3),
        "worst_s": round(seconds[-1], 3),
        "until_queued_p50_s": round(statistics.median(queued for _, queued in saves), 3),
        "left_in_work_at_the_end": left,
    }


PENDING = (DocumentState.QUEUED, DocumentState.INDEXING, DocumentState.WORDS)


def save(
    room: Runtime, workspace_id: WorkspaceId, notes: Path, number: int, chance: random.Random, words: int
) -> tuple[float, float]:
    """Seconds until it is found, and until it was known to have changed."""
    time.sleep(chance.uniform(0.0, 0.3))  # a person's saves fall anywhere between the program's own ticks
    path = notes / "000" / f"{number % 20:06}.txt"
    word = rare_word(number)
    changed = threading.Event()
    told: list[float] = []

    def settled(_: object) -> None:
        told.append(time.monotonic())
        changed.set()

    forget = room.services.sources.settled.subscribe(settled)
    content = text(chance, words // 2) + f"Here {word} flies.\n" + text(chance, words // 2)
    if number % 2:
        with path.open("r+", encoding="utf-8") as file:
            file.write(content)
            file.truncate()
    else:
        beside = path.with_name(f".{path.name}.saving")
        beside.write_text(content, encoding="utf-8")
        beside.replace(path)
    saved = time.monotonic()
    until(lambda: bool(room.services.retrieve.search(workspace_id, word, mode=SearchMode.WORDS)))
    found = time.monotonic()
    forget()
    return found - saved, (told[0] - saved if told else found - saved)


def until(reached) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + _LIMIT_S
    while not reached():
        if time.monotonic() > deadline:
            sys.exit("gave up waiting")
        time.sleep(_POLL_S)


if __name__ == "__main__":
    sys.exit(main())
