"""How often "your documents do not answer this" is said rightly and wrongly.

    python benchmarks/refusals.py DATA [COLLECTION ...] [--each 300] [--keep DIR] [--model FOLDER]

DATA holds retrieval/ and spanqa/chunking_eval/. Each COLLECTION (all of `cranfield`, the documents of spanqa as
`span:finance` and so on, `xquad:en`, `xquad:de`, ... unless some are named) becomes a workspace, indexed through the
program's own path. Its own questions have an answer there; those of the others, and of xquad those on the half of its
articles that is left out, have none. `across:de` and so on put the English questions to the articles in that language,
and are measured only when named. Prints for each the ROC area, and the shares refused at the threshold in force;
then the same of all together, by the six collections the coefficients were fitted on and by the rest, over a grid of
thresholds. `--model` embeds with a model from a folder, as Settings take one, into a folder that
holds nothing yet.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.relevance import SPEAKS
from readingroom.services.evaluate import load_collection

FITTED = frozenset({"cranfield", "span:finance", "span:chatlogs", "span:wikitexts", "xquad:de", "xquad:ru"})
_SPANS = ("chatlogs", "finance", "pubmed", "state_of_the_union", "wikitexts")
_LANGUAGES = ("en", "de", "es", "ru", "zh", "ar")
_GRID = (-3.0, -2.5, -2.0, -1.5, -1.0, 0.0)
_PASSAGES = 8


@dataclass(frozen=True, slots=True)
class Collection:
    """Texts by file name, the questions they answer, and some of the same kind that they do not."""

    texts: dict[str, str]
    own: tuple[str, ...]
    kindred: tuple[str, ...] = ()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("collections", nargs="*")
    parser.add_argument("--each", type=int, default=300)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    collections = load(arguments.data)
    names = arguments.collections or [name for name in collections if not name.startswith("across:")]
    scores: dict[str, tuple[list[float], list[float]]] = {}
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_runtime(DataPaths(arguments.keep or Path(scratch) / "data")) as room,
    ):
        if arguments.model and not room.services.workspaces.list():
            added = room.services.models.add_from_folder(arguments.model)
            room.services.preferences.update(embedding_model=added.name)
        room.start_indexing()
        print("| | answerable | not | area | refused | refused |\n|---|---|---|---|---|---|", flush=True)
        for name in names:
            corpus = Path(scratch) / name.replace(":", "-")
            corpus.mkdir()
            scores[name] = judge(room, name, collections, corpus, arguments.each)
            print(row(name, *scores[name], SPEAKS), flush=True)
    for group, of_group in (
        ("fitted on", [n for n in names if n in FITTED]),
        ("not fitted on", [n for n in names if n not in FITTED]),
        ("all", list(names)),
    ):
        if of_group:
            own = [value for name in of_group for value in scores[name][0]]
            foreign = [value for name in of_group for value in scores[name][1]]
            for threshold in _GRID:
                mark = " in force" if threshold == SPEAKS else ""
                print(row(f"{group}, {threshold:+.1f}{mark}", own, foreign, threshold))


def load(data: Path) -> dict[str, Collection]:
    """All of them, by name."""
    found = {"cranfield": _retrieval(data, "cranfield")}
    spanqa = data / "spanqa" / "chunking_eval"
    with (spanqa / "questions.jsonl").open(encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines]
    for stem in _SPANS:
        text = (spanqa / "documents" / f"{stem}.md").read_text(encoding="utf-8")
        own = tuple(each["question"] for each in questions if each["document"] == f"{stem}.md")
        found[f"span:{stem}"] = Collection({f"{stem}.md": text}, own)
    for language in _LANGUAGES:
        found[f"xquad:{language}"] = _half_of_xquad(data, language, language)
        found[f"across:{language}"] = _half_of_xquad(data, language, "en")
    return found


def judge(
    room: Runtime, name: str, collections: dict[str, Collection], corpus: Path, each: int
) -> tuple[list[float], list[float]]:
    """The best log-odds for each answerable question, and for each that is not."""
    collection = collections[name]
    for file, text in collection.texts.items():
        (corpus / file).write_text(text, encoding="utf-8")
    workspace = room.services.workspaces.get_or_create(name)
    room.services.sources.add(workspace.id, [corpus], watch=False)
    room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)
    choice = random.Random(3)
    foreign = list(collection.kindred)
    if name.partition(":")[0] not in ("xquad", "across") or name == "xquad:en":
        others = [
            question
            for other, values in collections.items()
            if other != name and (not other.startswith(("xquad", "across")) or other == "xquad:en" != name)
            for question in values.own
        ]
        foreign = [*choice.sample(foreign, min(len(foreign), each // 2)), *others]
        choice.shuffle(foreign)

    def best(question: str) -> float:
        passages = room.services.retrieve.search(workspace.id, question, limit=_PASSAGES)
        return max((p.bearing for p in passages if p.bearing is not None), default=-20.0)

    own = choice.sample(collection.own, min(each, len(collection.own)))
    return [best(text) for text in own], [best(text) for text in foreign[:each]]


def row(name: str, own: Sequence[float], foreign: Sequence[float], threshold: float) -> str:
    """A line of the table: numbers, area, and the shares of both that are refused at this threshold."""
    refused = [float(np.mean(np.array(values) < threshold)) for values in (own, foreign)]
    return f"| {name} | {len(own)} | {len(foreign)} | {area(own, foreign):.4f} | {refused[0]:.1%} | {refused[1]:.1%} |"


def area(own: Sequence[float], foreign: Sequence[float]) -> float:
    """Under the ROC curve: how often an answerable question scores above one that is not."""
    values = np.concatenate([own, foreign])
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    number = len(own)
    return float((ranks[:number].sum() - number * (number + 1) / 2) / (number * len(foreign)))


def _retrieval(data: Path, name: str) -> Collection:
    loaded = load_collection(data / "retrieval" / name)
    texts = {f"{number}.txt": text for number, (_, text) in enumerate(loaded.corpus)}
    return Collection(texts, tuple(text for _, text in loaded.queries))


def _half_of_xquad(data: Path, language: str, asked_in: str) -> Collection:
    loaded = load_collection(data / "retrieval" / "xquad")
    corpus = [pair for pair in loaded.corpus if pair[0].startswith(f"{language}-")]
    half = {name for name, _ in corpus[: len(corpus) // 2]}
    own, kindred = [], []
    asked = dict(loaded.queries)
    for number in asked:
        gold = {name for name, grade in loaded.judgments[number].items() if grade > 0}
        if number.startswith(f"{language}-"):
            same = number.replace(f"{language}-", f"{asked_in}-", 1)
            (own if gold <= half else kindred).append(asked[same])
    texts = {f"{number}.txt": text for number, (name, text) in enumerate(corpus) if name in half}
    return Collection(texts, tuple(own), tuple(kindred))


if __name__ == "__main__":
    main()
