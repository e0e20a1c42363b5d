"""nDCG@10 of each way to search and of each stage of ranking, on judged collections, through the program's own path.

    python benchmarks/retrieval.py FOLDER [--only NAME...] [--keep DIR] [--limit N] [--brief] [--bits 8]
                                      [--model FOLDER]

FOLDER holds collections (corpus.jsonl, queries.jsonl, qrels.tsv). One whose questions name their language (`lang`) is
taken apart by it, since ids of documents begin with the language. `--keep` leaves the indexes for the next run, which
then only asks. `--bits` has the embeddings kept so (see ADR 28), `--brief` leaves the stages between plain fusion and
the default out. `--model` embeds with a model from a folder, as Settings take one; keep its indexes in a folder of their own.
Prints a Markdown table: a row a stage, a column a collection, and below it each row's mean and its gain over plain fusion.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.embedding_forms import Precision
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import SearchMode
from readingroom.services.evaluate import JudgedCollection, evaluate, load_collection, write_corpus
from readingroom.services.retrieve import RetrieveService, Stages

_K = 10
_DEPTH = 40
"""Passages asked for: enough for ten documents, and nearer to what the window asks for than 200."""
_PLAIN = Stages(language=False, kin=False, closeness=False, fullness=False, names=False, joining=False)
_STAGES: dict[str, tuple[SearchMode, Stages]] = {
    "words": (SearchMode.WORDS, _PLAIN),
    "meaning": (SearchMode.MEANING, _PLAIN),
    "plain fusion (DBSF)": (SearchMode.HYBRID, _PLAIN),
    "+ weight by language": (SearchMode.HYBRID, replace(_PLAIN, language=True)),
    "+ kin": (SearchMode.HYBRID, replace(_PLAIN, language=True, kin=True)),
    "+ closeness": (SearchMode.HYBRID, Stages(fullness=False, names=False, joining=False)),
    "+ fullness": (SearchMode.HYBRID, Stages(names=False, joining=False)),
    "+ names": (SearchMode.HYBRID, Stages(joining=False)),
    "+ neighbours joined (the default)": (SearchMode.HYBRID, Stages()),
}
_DBSF = "plain fusion (DBSF)"
_BRIEFLY = ("words", "meaning", _DBSF, list(_STAGES)[-1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--limit", type=int, help="so many questions of each collection")
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--bits", choices=[precision.value for precision in Precision])
    parser.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    stages = _BRIEFLY if arguments.brief else tuple(_STAGES)
    figures: dict[str, dict[str, float]] = {stage: {} for stage in stages}
    for collection in _collections(arguments.folder):
        if arguments.only and collection.name not in arguments.only:
            continue
        asked = replace(collection, queries=collection.queries[: arguments.limit])
        with tempfile.TemporaryDirectory() as scratch:
            folder = (arguments.keep or Path(scratch)) / collection.name
            for stage, figure in _measured(asked, folder, stages, arguments.bits, arguments.model):
                figures[stage][collection.name] = figure
    print(_table(figures))


def _collections(folder: Path) -> Iterator[JudgedCollection]:
    for path in sorted(entry.parent for entry in folder.glob("*/qrels.tsv")):
        whole = load_collection(path)
        with (path / "queries.jsonl").open(encoding="utf-8") as lines:
            languages = list(dict.fromkeys(json.loads(line).get("lang", "") for line in lines))
        for language in languages:
            start = f"{language}-" if language else ""
            yield JudgedCollection(
                f"{whole.name} {language}".strip(),
                tuple(pair for pair in whole.corpus if pair[0].startswith(start)),
                tuple(pair for pair in whole.queries if pair[0].startswith(start)),
                whole.judgments,
            )


def _measured(
    collection: JudgedCollection, folder: Path, stages: Sequence[str], bits: str | None, model: Path | None
) -> Iterator[tuple[str, float]]:
    corpus = folder / "corpus"
    if not corpus.exists():
        corpus.mkdir(parents=True)
        write_corpus(collection, corpus)
    with open_runtime(DataPaths(folder / "data")) as room:
        if model and not any(known.name == "retrieval" for known in room.services.workspaces.list()):
            added = room.services.models.add_from_folder(model)
            room.services.preferences.update(embedding_model=added.name)
        workspace = room.services.workspaces.get_or_create("retrieval")
        room.services.sources.add(workspace.id, [corpus], watch=False)
        room.start_indexing()
        room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)
        index = room.catalog.active_index(workspace.id)
        if model and index and model.name not in index.embedding_model:
            sys.exit(f"{folder} was indexed with {index.embedding_model}; give another --keep")
        if bits:
            _keep_in(room, workspace.id, Precision(bits))
        for stage in stages:
            mode, ranking = _STAGES[stage]
            found = evaluate(_retriever(room, ranking), workspace.id, collection, mode, _K, _DEPTH)
            print(
                f"{collection.name}: {stage}: nDCG@{_K} {found.scores.ndcg_at_k:.4f}, "
                f"p50 {found.query_p50_ms:.1f} ms, p95 {found.query_p95_ms:.1f} ms",
                flush=True,
            )
            yield stage, found.scores.ndcg_at_k


def _keep_in(room: Runtime, workspace_id: WorkspaceId, precision: Precision) -> None:
    index = room.catalog.active_index(workspace_id)
    assert index is not None
    if index.precision is not precision:
        form = replace(index.form, precision=precision)
        room.services.models.change_embedding_model(workspace_id, form=form)
        room.services.ingest.wait_until_idle(workspace_id, cancel=CancelToken(), tick=lambda: None)


def _retriever(room: Runtime, stages: Stages) -> RetrieveService:
    return RetrieveService(room.catalog, room.stores, room.queries, stages=stages)


def _table(figures: dict[str, dict[str, float]]) -> str:
    names = list(figures[_DBSF])
    lines = [f"| stage | {' | '.join(names)} | mean | over DBSF |", "|---" * (len(names) + 3) + "|"]
    for stage, row in figures.items():
        gain = statistics.mean(row[name] / figures[_DBSF][name] - 1 for name in names)
        cells = [f"{row[name]:.3f}" for name in names]
        lines.append(f"| {stage} | {' | '.join(cells)} | {statistics.mean(row.values()):.3f} | {gain:+.1%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
