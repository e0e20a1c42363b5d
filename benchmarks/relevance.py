"""How often "your documents do not answer this" is said rightly and wrongly.

    python benchmarks/relevance.py COLLECTION FOREIGN... [--limit 300] [--prefix en-]

Indexes COLLECTION through the program's own path, asks its own questions (each has an answer there) and the
questions of the FOREIGN collections (none has), and prints for a grid of thresholds the share of own questions
that would be refused and of foreign questions that would be answered. The thresholds in force are marked.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from readingroom.composition import open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core import relevance
from readingroom.core.cancellation import CancelToken
from readingroom.core.models import Passage
from readingroom.services.evaluate import JudgedCollection, load_collection, write_corpus

_SIMILARITIES = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
_SHARES = (0.34, 0.5, 0.6, 0.67, 0.75, 1.01)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("collection", type=Path)
    parser.add_argument("foreign", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--prefix", default="", help="keep only documents and questions whose id starts so")
    arguments = parser.parse_args()
    own = _narrowed(load_collection(arguments.collection), arguments.prefix)
    foreign = [load_collection(folder) for folder in arguments.foreign]
    with tempfile.TemporaryDirectory() as scratch:
        corpus = Path(scratch) / "corpus"
        corpus.mkdir()
        write_corpus(own, corpus)
        with open_runtime(DataPaths(Path(scratch) / "data")) as room:
            workspace = room.services.workspaces.create("relevance")
            room.services.sources.add(workspace.id, [corpus], watch=False)
            room.start_indexing()
            room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)

            def ask(collection: JudgedCollection) -> list[tuple[str, Sequence[Passage]]]:
                return [
                    (text, room.services.retrieve.search(workspace.id, text, limit=6))
                    for _, text in collection.queries[: arguments.limit]
                ]

            answerable = ask(own)
            unanswerable = [pair for collection in foreign for pair in ask(collection)]
    print(f"{len(answerable)} own questions, {len(unanswerable)} foreign ones")
    in_force = (relevance.MIN_SIMILARITY, relevance.MIN_WORD_SHARE)
    for similarity in _SIMILARITIES:
        for share in _SHARES:
            relevance.MIN_SIMILARITY, relevance.MIN_WORD_SHARE = similarity, share
            refused = sum(not relevance.relevant(*pair) for pair in answerable) / len(answerable)
            answered = sum(bool(relevance.relevant(*pair)) for pair in unanswerable) / len(unanswerable)
            mark = "  <- in force" if (similarity, share) == in_force else ""
            print(
                f"similarity {similarity:.2f}  words {share:.2f}  "
                f"own refused {refused:6.1%}  foreign answered {answered:6.1%}{mark}"
            )


def _narrowed(collection: JudgedCollection, prefix: str) -> JudgedCollection:
    return JudgedCollection(
        collection.name,
        tuple(pair for pair in collection.corpus if pair[0].startswith(prefix)),
        tuple(pair for pair in collection.queries if pair[0].startswith(prefix)),
        collection.judgments,
    )


if __name__ == "__main__":
    main()
