"""How long a question's search takes while a folder is being indexed, beside the same questions while indexing rests.

    python benchmarks/yielding.py FOLDER [--files 400] [--rounds 6] [--questions 8]

Indexes a tenth of the files, then the rest, and meanwhile asks the same questions in turns: indexing paused (`idle`),
indexing and giving way (`yielding`), indexing and not giving way (`pushing`). Prints milliseconds of wall time per
search and the ratios to `idle`, all of one run, and how many passages were embedded a second in each kind of turn.
A question follows the last by half a second, as fast as anybody asks.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from killing import copy_files

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import data_paths
from readingroom.core.cancellation import CancelToken
from readingroom.core.ids import WorkspaceId
from readingroom.services.yielding import LONGEST_S

QUESTIONS = (
    "How many days of leave carry over into the next year?", "Who signed the agreement?", "What does the warranty cover?",
    "When is the report due?", "Which method was used to measure the temperature?", "What is the budget for travel?",
    "How is the deposit returned?", "What are the side effects?",
)  # fmt: skip
TURNS = {"idle": 0.0, "yielding": LONGEST_S, "pushing": 0.0}
_PAUSE_S, _SETTLE_S = 0.5, 4.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--questions", type=int, default=8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="readingroom-yielding-") as scratch:
        first, rest = Path(scratch) / "first", Path(scratch) / "rest"
        copy_files(arguments.folder, first, arguments.files // 10)
        copy_files(arguments.folder, rest, arguments.files)
        with open_runtime(data_paths(Path(scratch) / "data")) as room:
            room.services.recognise.hold()
            workspace_id = room.services.workspaces.create("Bench").id
            room.services.sources.add(workspace_id, [first])
            room.start_indexing()
            room.services.ingest.wait_until_idle(workspace_id, cancel=CancelToken(), tick=lambda: None)
            room.services.pausing.follow()
            for question in QUESTIONS:
                room.services.retrieve.search(workspace_id, question)
            room.services.sources.add(workspace_id, [rest])
            report = _measure(room, workspace_id, arguments.rounds, arguments.questions)
    print(json.dumps(report))
    return 0


def _measure(room: Runtime, workspace_id: WorkspaceId, rounds: int, questions: int) -> dict[str, object]:
    took: dict[str, list[float]] = {turn: [] for turn in TURNS}
    embedded: dict[str, list[float]] = {turn: [] for turn in TURNS}
    for number in range(rounds):
        for turn, longest_s in TURNS.items():
            room.services.retrieve.right_of_way._longest_s = longest_s  # noqa: SLF001  (the comparison)
            (room.services.pausing.pause if turn == "idle" else room.services.pausing.resume)()
            time.sleep(_SETTLE_S)
            if turn == "idle":
                _wait_for_rest(room)
            before, began = room.services.ingest.counts(), time.monotonic()
            for place in range(questions):
                asked = time.perf_counter()
                room.services.retrieve.search(workspace_id, QUESTIONS[place % len(QUESTIONS)])
                took[turn].append((time.perf_counter() - asked) * 1000)
                time.sleep(_PAUSE_S)
            done = room.services.ingest.counts()
            chunks = done.embedded + done.reused - before.embedded - before.reused
            embedded[turn].append(chunks / (time.monotonic() - began))
        print(f"round {number + 1}: {room.catalog.pending_work()} documents to go", file=sys.stderr)
        if not room.catalog.has_pending_work():
            print("All is indexed: give more files, or fewer rounds.", file=sys.stderr)
            break
    room.services.pausing.resume()
    figures = {turn: _figures(took[turn], embedded[turn]) for turn in TURNS}
    idle = figures["idle"]
    ratios = {
        f"{turn}_to_idle_{name}": round(figures[turn][f"{name}_ms"] / idle[f"{name}_ms"], 2)
        for turn in ("yielding", "pushing")
        for name in ("p50", "p95")
    }
    return {**figures, **ratios}


def _wait_for_rest(room: Runtime) -> None:
    """A pause lets the batch under way end; on a busy computer that takes a while."""
    before = None
    while (counts := room.services.ingest.counts().embedded) != before:
        before = counts
        time.sleep(_SETTLE_S)


def _figures(took_ms: list[float], embedded: list[float]) -> dict[str, float]:
    return {
        "searches": len(took_ms),
        "p50_ms": round(statistics.median(took_ms), 1),
        "p95_ms": round(statistics.quantiles(took_ms, n=20)[-1], 1),
        "worst_ms": round(max(took_ms), 1),
        "passages_per_s": round(statistics.mean(embedded), 1),
    }


if __name__ == "__main__":
    raise SystemExit(main())
