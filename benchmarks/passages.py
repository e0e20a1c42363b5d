"""How well the first passages cover the judged spans of a question, and how full the passages are.

    python benchmarks/passages.py FOLDER [--limit N]

FOLDER holds documents/ and questions.jsonl (id, document, question, references: [{start, end, text}], offsets in
the file's characters). The documents are indexed together through the program's own path. Prints a line a mode:
`recall@5` is the share of judged tokens that stand in the first five passages, `whole@5` the share of judged spans
that lie wholly inside one of them, `half@k` the share of questions with a span at least half inside one of the first k.
"""

import argparse
import json
import re
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.chunking import capacity
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Passage, SearchMode

_DEPTH = 10
_TOKEN = re.compile(r"\w+|[^\w\s]")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int)
    arguments = parser.parse_args()
    with (arguments.folder / "questions.jsonl").open(encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines][: arguments.limit]
    with tempfile.TemporaryDirectory() as scratch, open_runtime(DataPaths(Path(scratch))) as room:
        workspace = room.services.workspaces.create("passages")
        room.services.sources.add(workspace.id, [arguments.folder / "documents"], watch=False)
        room.start_indexing()
        room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)
        print(json.dumps(fill(room, workspace.id)))
        for mode in (SearchMode.WORDS, SearchMode.MEANING, SearchMode.HYBRID):
            found = [
                room.services.retrieve.search(workspace.id, question["question"], limit=_DEPTH, mode=mode)
                for question in questions
            ]
            print(json.dumps({"mode": mode.value, **judged(questions, found)}), flush=True)


def fill(room: Runtime, workspace_id: WorkspaceId) -> dict[str, object]:
    """How many passages there are and how full."""
    index = room.catalog.active_index(workspace_id)
    assert index is not None
    limit = capacity(room.services.models.embedding_models()[0].max_tokens)
    tokens = [
        stored.chunk.tokens
        for document in room.services.documents.list(workspace_id)
        for stored in room.catalog.chunks_of(index.id, document.id)
    ]
    return {
        "chunker": index.chunker,
        "chunks": len(tokens),
        "mean_fill": round(statistics.mean(tokens) / limit, 3),
        "median_fill": round(statistics.median(tokens) / limit, 3),
        "below_a_quarter": round(sum(count < limit / 4 for count in tokens) / len(tokens), 3),
    }


def judged(questions: Sequence[dict[str, Any]], found: Sequence[Sequence[Passage]]) -> dict[str, float]:
    """Scores over all questions; tokens are words and signs."""
    recalls, whole, half = [], [], {1: 0, 5: 0, 10: 0}
    for question, passages in zip(questions, found, strict=True):
        name = question["document"]
        spans = [(reference["start"], reference["end"]) for reference in question["references"]]
        texts = [reference["text"] for reference in question["references"]]
        own = [(p.start, p.end) if p.path.name == name else (0, 0) for p in passages]
        wanted = [
            start + match.start()
            for (start, _), text in zip(spans, texts, strict=True)
            for match in _TOKEN.finditer(text)
        ]
        recalls.append(sum(any(a <= at < b for a, b in own[:5]) for at in wanted) / len(wanted))
        whole += [any(a <= start and end <= b for a, b in own[:5]) for start, end in spans]
        for depth in half:
            half[depth] += any(
                min(b, end) - max(a, start) >= (end - start) / 2
                for a, b in own[:depth]
                for start, end in spans
            )
    return {
        "recall@5": round(statistics.mean(recalls), 3),
        "whole@5": round(statistics.mean(whole), 3),
        **{f"half@{depth}": round(count / len(questions), 3) for depth, count in half.items()},
    }


if __name__ == "__main__":
    main()
