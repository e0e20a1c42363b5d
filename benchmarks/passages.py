"""How well the first passages cover what answers a question, beside two plain rivals in the same run.

    python benchmarks/passages.py FOLDER [--limit N] [--keep DIR] [--no-rivals]

FOLDER holds documents/ and questions.jsonl: id, document, question, and either references: [{start, end, text}]
(offsets in the file's characters) or evidence: [{page, text}]. The documents are indexed together through the
program's own path; `--keep` leaves the index for the next run. Prints a Markdown table, a row a way to search.

With spans `recall@k` is the share of judged tokens that stand in the first k passages, `precision@k` the share of
these passages' tokens that are judged, `whole@5` the share of spans that lie wholly inside one of five passages,
MRR the mean of one over the rank of the first passage that holds half of a span. With pages `page@k` is the share of
questions with a gold page among the pages of the first k passages, MRR that of the first passage on one.
"""

import argparse
import json
import math
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from _rivals import TOKEN, Found, rivals

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.chunking import capacity
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Passage, SearchMode
from readingroom.services.retrieve import RetrieveService, Stages

_DEPTH = 10
_DEPTHS = (1, 3, 5, 8)
_PLAIN = Stages(language=False, kin=False, closeness=False, fullness=False, names=False, joining=False)
_WAYS = (
    ("words", SearchMode.WORDS, _PLAIN),
    ("meaning", SearchMode.MEANING, _PLAIN),
    ("plain fusion (DBSF)", SearchMode.HYBRID, _PLAIN),
    ("+ kin", SearchMode.HYBRID, replace(_PLAIN, language=True, kin=True)),
    ("+ closeness", SearchMode.HYBRID, Stages(fullness=False, names=False, joining=False)),
    ("+ fullness", SearchMode.HYBRID, Stages(names=False, joining=False)),
    ("+ names", SearchMode.HYBRID, Stages(joining=False)),
    ("+ neighbours joined (the default)", SearchMode.HYBRID, Stages()),
)
Questions = Sequence[dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--no-rivals", action="store_true")
    arguments = parser.parse_args()
    with (arguments.folder / "questions.jsonl").open(encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines][: arguments.limit]
    judged = judged_pages if "evidence" in questions[0] else judged_spans
    documents = arguments.folder / "documents"
    rows: dict[str, dict[str, float]] = {}
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_runtime(DataPaths(arguments.keep or Path(scratch))) as room,
    ):
        workspace = room.services.workspaces.get_or_create("passages")
        room.services.sources.add(workspace.id, [documents], watch=False)
        room.start_indexing()
        room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)
        print(json.dumps(fill(room, workspace.id)), flush=True)
        for name, mode, stages in _WAYS:
            retrieve = RetrieveService(room.catalog, room.stores, room.queries, stages=stages)
            found = [
                [_found(p) for p in retrieve.search(workspace.id, q["question"], limit=_DEPTH, mode=mode)]
                for q in questions
            ]
            rows[name] = judged(questions, found)
            print(name, json.dumps(rows[name]), flush=True)
    for name, rival in rivals(documents) if not arguments.no_rivals else ():
        rows[name] = judged(questions, [rival.search(q["question"], _DEPTH) for q in questions])
        print(name, len(rival), json.dumps(rows[name]), flush=True)
    heads = list(next(iter(rows.values())))
    print(f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|", sep="\n")
    for name, figures in rows.items():
        print(f"| {name} | {' | '.join(f'{figures[head]:.3f}' for head in heads)} |")


def _found(passage: Passage) -> Found:
    pages = tuple(place.page for place in passage.locations if place.page is not None)
    return Found(passage.path.name, passage.start, passage.end, pages, len(TOKEN.findall(passage.text)))


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


def judged_spans(questions: Questions, found: Sequence[Sequence[Found]]) -> dict[str, float]:
    """Scores over all questions; tokens are words and signs."""
    recalls: dict[int, list[float]] = {depth: [] for depth in _DEPTHS}
    precisions: dict[int, list[float]] = {depth: [] for depth in _DEPTHS}
    whole: list[bool] = []
    ranks: list[float] = []
    for question, passages in zip(questions, found, strict=True):
        spans = [(r["start"], r["end"]) for r in question["references"]]
        wanted = [s + m.start() for (s, _), r in zip(spans, question["references"], strict=True)
                  for m in TOKEN.finditer(r["text"])]  # fmt: skip
        own = [(p.start, p.end) if p.document == question["document"] else (0, 0) for p in passages]
        for depth in _DEPTHS:
            held = sum(any(a <= at < b for a, b in own[:depth]) for at in wanted)
            recalls[depth].append(held / len(wanted))
            size = sum(p.tokens for p in passages[:depth])
            precisions[depth].append(held / size if size else 0.0)
        whole += [any(a <= start and end <= b for a, b in own[:5]) for start, end in spans]
        hits = (n for n, (a, b) in enumerate(own, start=1)
                if any(min(b, end) - max(a, start) >= (end - start) / 2 for start, end in spans))  # fmt: skip
        ranks.append(1 / next(hits, math.inf))
    return {
        **{f"recall@{depth}": statistics.mean(values) for depth, values in recalls.items()},
        **{f"precision@{depth}": statistics.mean(values) for depth, values in precisions.items()},
        "whole@5": statistics.mean(whole),
        "MRR": statistics.mean(ranks),
    }


def judged_pages(questions: Questions, found: Sequence[Sequence[Found]]) -> dict[str, float]:
    """Scores over all questions, all documents searched together."""
    ranks = []
    for question, passages in zip(questions, found, strict=True):
        gold = {evidence["page"] for evidence in question["evidence"]}
        hits = (n for n, p in enumerate(passages, start=1)
                if p.document == question["document"] and gold.intersection(p.pages))  # fmt: skip
        ranks.append(next(hits, math.inf))
    return {
        **{f"page@{k}": statistics.mean(rank <= k for rank in ranks) for k in _DEPTHS},
        "MRR": statistics.mean(1 / rank for rank in ranks),
    }


if __name__ == "__main__":
    main()
