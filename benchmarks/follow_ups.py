"""Whether a second question that leans on the first finds what it should.

    python benchmarks/follow_ups.py SPANQA [--keep DIR]

SPANQA holds documents/ and questions.jsonl of the spans collection. follow_ups.jsonl beside this file has questions of
it in pairs, the second as a person would ask it after the first. All documents are indexed together through the
program's own path. Prints recall@8, the share of judged spans of which half stands in one of eight passages, for the
second question as asked, made whole by rule and merged, and written out in full; and what merging costs questions
that stand alone but look as if they leaned on another, after one about something else.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from readingroom.composition import open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.follow_up import depends, merged
from readingroom.core.models import Passage

_K = 8
_DEPTH = 3 * _K

Search = Callable[[str], Sequence[Passage]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("spanqa", type=Path)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    questions = {each["id"]: each for each in _lines(arguments.spanqa / "questions.jsonl")}
    pairs = _lines(Path(__file__).with_suffix(".jsonl"))
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_runtime(DataPaths(arguments.keep or Path(scratch))) as room,
    ):
        workspace = room.services.workspaces.get_or_create("follow-ups")
        room.services.sources.add(workspace.id, [arguments.spanqa / "documents"], watch=False)
        room.start_indexing()
        room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)

        def search(text: str) -> Sequence[Passage]:
            return room.services.retrieve.search(workspace.id, text, limit=_DEPTH)

        _print_pairs(questions, pairs, search)
        _print_false_alarms(list(questions.values()), search)


def _print_pairs(questions: dict[str, Any], pairs: Sequence[dict[str, str]], search: Search) -> None:
    rows: dict[str, list[float]] = {"as asked": [], "by rule, both forms": [], "written out in full": []}
    for pair in pairs:
        first, second, asked = questions[pair["first"]], questions[pair["second"]], pair["asked"]
        rows["as asked"].append(recall(search(asked), second))
        rows["by rule, both forms"].append(recall(_follow_up(first["question"], asked, search), second))
        rows["written out in full"].append(recall(search(second["question"]), second))
    missed = sum(not depends(pair["asked"]) for pair in pairs)
    print(f"{len(pairs)} follow-ups, {missed} of them not seen to be one\n\n| | recall@{_K} |\n|---|---|")
    for name, values in rows.items():
        print(f"| {name} | {statistics.mean(values):.3f} |")


def _print_false_alarms(questions: Sequence[dict[str, Any]], search: Search) -> None:
    seeming = [each for each in questions if depends(each["question"])]
    others = {each["id"]: _one_on_something_else(each, questions) for each in seeming}
    alone = [recall(search(each["question"]), each) for each in seeming]
    after = [
        recall(_follow_up(others[each["id"]]["question"], each["question"], search), each) for each in seeming
    ]
    print(
        f"\n{len(seeming)} of {len(questions)} whole questions look like follow-ups: recall@{_K} "
        f"{statistics.mean(alone):.3f} alone, {statistics.mean(after):.3f} after a question on something else"
    )


def _follow_up(first: str, asked: str, search: Search) -> Sequence[Passage]:
    if not depends(asked):
        return search(asked)
    return merged(
        asked, search(asked), search(f"{first} {asked}"), lambda found: (found.document_id, found.start)
    )


def recall(found: Sequence[Passage], question: dict[str, Any]) -> float:
    """Share of the spans of which one of the first passages holds half."""
    first = [passage for passage in found[:_K] if passage.path.name == question["document"]]
    held = [
        any(
            2 * (min(passage.end, span["end"]) - max(passage.start, span["start"]))
            >= span["end"] - span["start"]
            for passage in first
        )
        for span in question["references"]
    ]
    return sum(held) / len(held)


def _one_on_something_else(question: dict[str, Any], questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The same one in each run."""
    other = [each for each in questions if each["document"] != question["document"]]
    return other[int(question["id"][1:]) * 37 % len(other)]


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


if __name__ == "__main__":
    main()
