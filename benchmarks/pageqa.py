"""Share of questions whose gold page is among the pages of the first k passages.

    python benchmarks/pageqa.py FOLDER [--data-dir DIR]

FOLDER holds documents/ and questions.jsonl (id, document, question, evidence: [{page, text}]). The documents are
added to workspace `pageqa` of the data folder (a scratch one by default) through the program's own path.
"""

import argparse
import json
import tempfile
from pathlib import Path

from readingroom.composition import open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.models import SearchMode, SearchScope

_DEPTHS = (1, 5, 10)
_PASSAGES = 40


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--workspace", default="pageqa")
    arguments = parser.parse_args()
    questions = [json.loads(line) for line in (arguments.folder / "questions.jsonl").open(encoding="utf-8")]
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_runtime(DataPaths(arguments.data_dir or Path(scratch))) as room,
    ):
        workspace = room.services.workspaces.get_or_create(arguments.workspace)
        room.services.sources.add(workspace.id, [arguments.folder / "documents"])
        room.start_indexing()
        room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)
        known = {document.path.stem: document for document in room.services.documents.list(workspace.id)}
        for filing_known in (False, True):
            for mode in (SearchMode.WORDS, SearchMode.MEANING, SearchMode.HYBRID):
                hits = dict.fromkeys(_DEPTHS, 0)
                for question in questions:
                    document = known[Path(question["document"]).stem]
                    scope = SearchScope(frozenset({document.id})) if filing_known else SearchScope()
                    found = room.services.retrieve.search(
                        workspace.id, question["question"], limit=_PASSAGES, mode=mode, scope=scope
                    )
                    pages = list(
                        dict.fromkeys((p.path.stem, place.page) for p in found for place in p.locations)
                    )
                    gold = {(document.path.stem, evidence["page"]) for evidence in question["evidence"]}
                    for depth in _DEPTHS:
                        hits[depth] += bool(gold.intersection(pages[:depth]))
                shares = {f"page_hit@{depth}": round(hits[depth] / len(questions), 3) for depth in _DEPTHS}
                print(json.dumps({"filing_known": filing_known, "mode": mode.value, **shares}))


if __name__ == "__main__":
    main()
