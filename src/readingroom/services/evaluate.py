"""Scores the retriever on a judged collection, through the same path as a person's documents."""

import csv
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from readingroom.core.errors import UserFixableError
from readingroom.core.ids import WorkspaceId
from readingroom.core.metrics import Scores, score
from readingroom.core.models import SearchMode
from readingroom.services.retrieve import RetrieveService

_DEPTH = 200
"""Chunks asked for a question: enough for 100 documents where a document has one or two."""


@dataclass(frozen=True, slots=True)
class JudgedCollection:
    """A collection as it lies in a folder: corpus, questions, judgments."""

    name: str
    corpus: tuple[tuple[str, str], ...]
    """Document id and text, the title first where there is one."""
    queries: tuple[tuple[str, str], ...]
    judgments: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `eval` measured for one mode."""

    mode: SearchMode
    scores: Scores
    query_p50_ms: float
    query_p95_ms: float


def load_collection(folder: Path, limit: int | None = None) -> JudgedCollection:
    """Read `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`; at most `limit` judged questions, the whole corpus.

    Raises `UserFixableError` where a file is missing or no collection.
    """
    try:
        corpus = tuple(
            (str(row["id"]), "\n\n".join(part for part in (row.get("title", ""), row["text"]) if part))
            for row in _json_lines(folder / "corpus.jsonl")
        )
        judgments = _judgments(folder / "qrels.tsv")
        queries = [
            (str(row["id"]), str(row["text"]))
            for row in _json_lines(folder / "queries.jsonl")
            if str(row["id"]) in judgments
        ]
    except (OSError, KeyError, ValueError) as error:
        raise UserFixableError(
            f"{folder} is no judged collection: {error}.",
            hint="It must hold corpus.jsonl, queries.jsonl and qrels.tsv.",
        ) from error
    return JudgedCollection(folder.name, corpus, tuple(queries[:limit]), judgments)


def write_corpus(collection: JudgedCollection, folder: Path) -> None:
    """Write each document as a text file, named by its place in the corpus."""
    for number, (_, text) in enumerate(collection.corpus):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")


def evaluate(
    retrieve: RetrieveService,
    workspace_id: WorkspaceId,
    collection: JudgedCollection,
    mode: SearchMode,
    k: int,
    depth: int = _DEPTH,
) -> Evaluation:
    """Ask every question for `depth` passages and score the documents by their best one."""
    rankings: dict[str, Sequence[str]] = {}
    times_ms: list[float] = []
    for query_id, text in collection.queries:
        before = time.perf_counter()
        passages = retrieve.search(workspace_id, text, limit=depth, mode=mode)
        times_ms.append((time.perf_counter() - before) * 1000)
        # A dict keeps the first, which is the best, place of each document.
        rankings[query_id] = list(
            dict.fromkeys(collection.corpus[int(passage.path.stem)][0] for passage in passages)
        )
    cuts = statistics.quantiles(times_ms, n=20) if len(times_ms) > 1 else times_ms * 19
    return Evaluation(mode, score(rankings, collection.judgments, k), statistics.median(times_ms), cuts[-1])


def _json_lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _judgments(path: Path) -> dict[str, dict[str, int]]:
    judgments: dict[str, dict[str, int]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if len(row) >= 3 and row[2].lstrip("-").isdigit():
                judgments[row[0]][row[1]] = int(row[2])
    return dict(judgments)
