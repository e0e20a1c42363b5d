"""Seconds from saving a file to its new words being found, idle and while thousands of files are being indexed.

    python benchmarks/saving.py [--edits 100] [--files 5000] [--words 200] [--every-s 0.4]

Editors' two ways of saving take turns: into a temporary file that is renamed over the old one, and in place. Measured
from the close or the renaming to the moment when `search` by words, asked in the same process, finds the new word.
Prints the figures, and how many files waited to be read at the first and the last save. Exits with 1 where the 95th
percentile is over 2 s idle or over 5 s busy.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
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
    parser.add_argument("--every-s", type=float, default=0.4, help="seconds from one save to the next")
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
            slow = slow or float(result["p95_s"]) >= _WANTED_S[when]
    return int(slow)


def measure(scratch: Path, when: str, arguments: argparse.Namespace) -> dict[str, float | str]:
    notes, many = scratch / "notes", scratch / "many"
    write_texts(notes, arguments.edits, words=arguments.words, seed=arguments.seed)
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
        saves = Saves(room, workspace.id, notes, arguments)
        saves.run()
    seconds = sorted(saves.seconds)
    return {
        "when": when,
        "edits": len(seconds),
        "p50_s": round(statistics.median(seconds), 3),
        "p95_s": round(seconds[int(len(seconds) * 0.95)], 3),
        "worst_s": round(seconds[-1], 3),
        "files_to_read_at_first": saves.unread[0],
        "files_to_read_at_last": saves.unread[-1],
    }


class Saves:
    """One file is saved after the other by the clock, whether those before were found yet or not."""

    def __init__(
        self, room: Runtime, workspace_id: WorkspaceId, notes: Path, arguments: argparse.Namespace
    ) -> None:
        self.seconds: list[float] = []
        self.unread: list[int] = []
        """Files waiting to be read at each save."""
        self._room = room
        self._workspace_id = workspace_id
        self._files = sorted(notes.rglob("*.txt"))
        self._chance = random.Random(arguments.seed)
        self._words = arguments.words
        self._every_s = arguments.every_s
        self._waiting: dict[str, float] = {}

    def run(self) -> None:
        """Save all and wait for all to be found."""
        due = time.monotonic()
        for number, path in enumerate(self._files):
            # A person's saves fall anywhere between the program's own ticks.
            due += self._chance.uniform(0.5, 1.5) * self._every_s
            while time.monotonic() < due:
                self._look()
            self.unread.append(self._unread())
            self._waiting[rare_word(number)] = self._save(path, number)
        until(lambda: not self._look())

    def _save(self, path: Path, number: int) -> float:
        half = self._words // 2
        content = text(self._chance, half) + f"Here {rare_word(number)} flies.\n" + text(self._chance, half)
        if number % 2:
            with path.open("r+", encoding="utf-8") as file:
                file.write(content)
                file.truncate()
        else:
            beside = path.with_name(f".{path.name}.saving")
            beside.write_text(content, encoding="utf-8")
            beside.replace(path)
        return time.monotonic()

    def _look(self) -> bool:
        """Note what is found now; whether something is still waited for."""
        time.sleep(_POLL_S)
        for word, saved in list(self._waiting.items()):
            if self._room.services.retrieve.search(self._workspace_id, word, mode=SearchMode.WORDS):
                self.seconds.append(time.monotonic() - saved)
                del self._waiting[word]
        return bool(self._waiting)

    def _unread(self) -> int:
        counts = [
            self._room.catalog.state_counts(s.id) for s in self._room.catalog.sources(self._workspace_id)
        ]
        return sum(count.get(DocumentState.QUEUED, (0, 0))[0] for count in counts)


def until(reached) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + _LIMIT_S
    while not reached():
        if time.monotonic() > deadline:
            sys.exit("gave up waiting")
        time.sleep(_POLL_S)


if __name__ == "__main__":
    sys.exit(main())
