"""Whether a sentence bears out a claim, by the cosines of several models: as they are, and read as the bundled one's.

    python benchmarks/nearness.py DATA/retrieval/scifact [--model FOLDER ...] [--claims 120]

For each claim of scifact the nearest sentence of the abstract it is judged by, of one taken blindly, and of the one
nearest in title among 600 others. Prints for the bundled model and each from a folder how often that sentence counts
as bearing the claim out, with and without `core.nearness`, and the ROC areas.
"""

import argparse
import json
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.support import MIN_SIMILARITY
from readingroom.embedding.adding import add_model
from readingroom.embedding.embedder import FastembedEmbedder
from readingroom.embedding.related_texts import measured_nearness
from readingroom.services.evaluate import load_collection

_OTHERS = 600
_SENTENCES = 10
_LEAST = 30
"""Characters; shorter ones are seldom sentences."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scifact", type=Path)
    parser.add_argument("--model", type=Path, action="append", default=[])
    parser.add_argument("--claims", type=int, default=120)
    arguments = parser.parse_args()
    print("| model | cosines | judged by it | blindly | nearest other | area blindly | area nearest |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        models = Path(scratch)
        for name in (
            BUNDLED_EMBEDDING_MODEL,
            *(add_model(models, folder).name for folder in arguments.model),
        ):
            embedder = FastembedEmbedder(models, name)
            found = np.array(list(_cosines(embedder, arguments.scifact, arguments.claims)))
            _print_row(name, "as they are", found)
            nearness = measured_nearness(embedder)
            _print_row(name, "read as the bundled one's", np.vectorize(nearness.of_sentences)(found))


def _cosines(embedder: FastembedEmbedder, folder: Path, count: int) -> Iterator[tuple[float, float, float]]:
    collection = load_collection(folder)
    texts = dict(collection.corpus)
    titles = _titles(folder)
    choice = random.Random(2)
    others = choice.sample(sorted(texts), _OTHERS)
    named = np.concatenate([embedder.embed_passages([titles[each]]) for each in others])

    @cache
    def sentences(number: str) -> np.ndarray:
        parts = [part for part in re.split(r"(?<=[.!?])\s+", texts[number]) if len(part) > _LEAST]
        return np.concatenate(
            [embedder.embed_passages([part]) for part in parts[:_SENTENCES] or [texts[number]]]
        )

    for question, claim in choice.sample(collection.queries, count):
        gold = [number for number, grade in collection.judgments[question].items() if grade > 0]
        (row,) = embedder.embed_passages([claim])
        order = [others[place] for place in np.argsort(-(named @ row))]
        nearest = next(number for number in order if number not in gold)
        blindly = choice.choice([number for number in others if number not in gold])
        best = [float((sentences(number) @ row).max()) for number in (gold[0], blindly, nearest)]
        yield best[0], best[1], best[2]


def _titles(folder: Path) -> dict[str, str]:
    with (folder / "corpus.jsonl").open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return {entry.get("_id", entry.get("id")): entry["title"] for entry in entries}


def _print_row(model: str, read: str, found: np.ndarray) -> None:
    shares = [f"{share:.1%}" for share in (found >= MIN_SIMILARITY).mean(axis=0)]
    areas = [f"{_area(found[:, 0], found[:, place]):.3f}" for place in (1, 2)]
    print(f"| {model} | {read} | {' | '.join([*shares, *areas])} |", flush=True)


def _area(own: Sequence[float] | np.ndarray, other: Sequence[float] | np.ndarray) -> float:
    return float((np.asarray(own)[:, None] > np.asarray(other)[None]).mean())


if __name__ == "__main__":
    main()
