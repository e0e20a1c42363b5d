"""Whether a citation opens the judged page and marks the judged words, and how often a check of it is wrong.

    python benchmarks/citations.py FOLDER [--limit N] [--keep DIR] [--within]

FOLDER as for passages.py or as typeset.py makes it; `--keep` takes an index that passages.py left; `--within` searches
only the document that the question is about. Counted are citations of passages that hold what was judged: half of a
judged span, or text on a judged page. `page` is the share whose page is a judged one, `overlap` the share whose marked
words meet a judged span, `judged` the mean share of the marked characters that are judged, `words` the mean number of words
marked, `right` the share of the questions for which there was such a passage that have a citation right in all of these.

The models are scripted, see _extractive.py, and put markers in many styles: one writes three sentences nearest the
question, reworded, the other those that answer it, where they are among the passages. What they wrote is known sentence by
sentence, so `own page` and `own words` tell whether the sentence it was taken from is opened, for all citations. Then come
false alarms (a sentence taken from its passage, said not to stand there) and alarms where a figure or a name was altered, or
a `not` put in.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from _extractive import Written, altered, denied, marked, write, write_knowing
from _judged_places import Question, answers, common, holds, judged_most, located, pages, spans
from numpy.typing import NDArray

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.citations import cite_pages, cite_passage, cite_words, page_of
from readingroom.core.conversation import Citation, Support
from readingroom.core.ids import WorkspaceId
from readingroom.core.markers import normalised
from readingroom.core.models import Passage, SearchScope
from readingroom.core.text_spans import words

_PASSAGES = 8
_SENTENCES = 3
_OTHER_NAMES = ("Okonkwo", "Lindqvist")
_NEAREST, _KNOWING = "writes the nearest", "writes what answers"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="about so many questions, spread over all")
    parser.add_argument("--keep", type=lambda name: Path(name).resolve())
    parser.add_argument("--within", action="store_true")
    arguments = parser.parse_args()
    with (arguments.folder / "questions.jsonl").open(encoding="utf-8") as lines:
        questions = [json.loads(line) for line in lines]
    questions = questions[:: max(1, len(questions) // (arguments.limit or len(questions)))]
    with (
        tempfile.TemporaryDirectory() as scratch,
        open_runtime(DataPaths(arguments.keep or Path(scratch))) as room,
    ):
        workspace = room.services.workspaces.get_or_create("passages")
        if not room.services.documents.list(workspace.id):
            room.services.sources.add(workspace.id, [arguments.folder / "documents"], watch=False)
            room.start_indexing()
            room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)
        Measuring(room, workspace.id, questions, within=arguments.within).report()


class Measuring:
    """Asks every question once."""

    def __init__(
        self, room: Runtime, workspace_id: WorkspaceId, questions: Sequence[Question], *, within: bool
    ) -> None:
        self._room = room
        self._workspace_id = workspace_id
        index = room.catalog.active_index(workspace_id)
        assert index is not None
        self._model = index.embedding_model
        documents = room.services.documents
        ids = {document.path.name: document.id for document in documents.list(workspace_id)}
        self._questions = [located(each, lambda name: documents.pages(ids[name])) for each in questions]
        self._ids = ids if within else {}
        self._retrieved: set[str] = set()
        self._right: dict[str, set[str]] = {}
        self._twenty_ms: list[float] = []
        self._rows: dict[str, list[dict[str, float]]] = {}
        self._own: dict[str, list[tuple[bool, bool, bool]]] = {_NEAREST: [], _KNOWING: []}
        self._alarms: dict[str, list[bool]] = {"taken": [], "number": [], "name": [], "denied": []}
        self._supports: dict[str, int] = {}
        self._seconds: list[float] = []

    def report(self) -> None:
        for turn, question in enumerate(self._questions):
            print(f"{turn} of {len(self._questions)}", end="\r", file=sys.stderr)
            passages = self._room.services.retrieve.search(
                self._workspace_id, question["question"], limit=_PASSAGES, scope=self._scope(question)
            )
            if any(holds(question, passage) for passage in passages):
                self._retrieved.add(question["id"])
            self._passages_as_answer(question, passages)
            nearest = write(question["question"], passages, self._embed, most=_SENTENCES)
            self._extractive(_NEAREST, question, passages, nearest)
            self._alarms_in(question, passages, nearest)
            knowing = write_knowing(
                question["question"], passages, self._embed, partial(answers, question), most=_SENTENCES
            )
            self._extractive(_KNOWING, question, passages, knowing)
            if turn % 10 == 0:
                self._long_answer(question, passages)
        heads = sorted({head for rows in self._rows.values() for row in rows for head in row})
        print(f"| | citations | right | {' | '.join(heads)} |", "|---" * (len(heads) + 3) + "|", sep="\n")
        for name, rows in self._rows.items():
            means = (f"{statistics.mean(row[head] for row in rows):.3f}" for head in heads)
            right = len(self._right.get(name, ())) / max(1, len(self._retrieved))
            print(f"| {name} | {len(rows)} | {right:.3f} | {' | '.join(means)} |")
        said = {
            "questions": len(self._questions),
            "with a passage that holds what is judged": len(self._retrieved),
            "spans lost": sum(question.get("lost", 0) for question in self._questions),
            **{
                name: {
                    "citations": len(own),
                    "own page": round(statistics.mean(page for page, _, _ in own), 3),
                    "own page by the first page of the passage": round(
                        statistics.mean(f for _, f, _ in own), 3
                    ),
                    "own words": round(statistics.mean(marks for _, _, marks in own), 3),
                }
                for name, own in self._own.items()
            },
            "said not to stand there": {
                kind: f"{sum(alarms)} of {len(alarms)}" for kind, alarms in self._alarms.items()
            },
            "support": self._supports,
            "cpu_ms_of_20_sentences": [
                round(value) for value in sorted(self._twenty_ms)[:: len(self._twenty_ms) - 1 or 1]
            ],
            "check_ms_p50": round(1000 * statistics.median(self._seconds), 1),
            "check_ms_max": round(1000 * max(self._seconds), 1),
        }
        print(json.dumps(said))

    def _passages_as_answer(self, question: Question, passages: Sequence[Passage]) -> None:
        asked = words(question["question"])
        for passage in passages:
            if not holds(question, passage):
                continue
            self._add(
                "the passage as answer, as others cite",
                question,
                passage,
                cite_passage(passage.rank, passage),
            )
            parts = cite_pages(passage.rank, passage)
            for part in parts:
                self._add("the passage, a citation a page", question, passage, part)
            best = judged_most(question, passage, parts)
            self._add("that of these where it was judged", question, passage, best)
            found = cite_words(passage, asked)
            self._add("the sentence with most words of the question", question, passage, found)

    def _extractive(
        self, name: str, question: Question, passages: Sequence[Passage], written: Sequence[Written]
    ) -> None:
        answer = normalised(marked(written), len(passages))
        begun = time.perf_counter()
        found = [c for c in self._verify(question, answer, passages) if not c.offered]
        self._seconds.append(time.perf_counter() - begun)
        at = 0
        for sentence in written:
            start = answer.index(sentence.text[:-1], at)
            at = start + len(sentence.text) - 1
            own = [
                c for c in found if c.n == sentence.place + 1 and c.claim_start < at and start < c.claim_end
            ]
            self._judge(name, question, passages[sentence.place], sentence, own[0] if own else None)

    def _alarms_in(self, question: Question, passages: Sequence[Passage], written: Sequence[Written]) -> None:
        for sentence in written:
            for text, kind in (altered(sentence.text, _OTHER_NAMES), (denied(sentence.text), "denied")):
                if not text or not kind:
                    continue
                checked = self._verify(question, f"{text[:-1]} [{sentence.place + 1}].", passages)
                self._alarms[kind].append(any(c.support is Support.NONE for c in checked if not c.offered))

    def _long_answer(self, question: Question, passages: Sequence[Passage]) -> None:
        answer = normalised(
            marked(write(question["question"], passages, self._embed, most=20)), len(passages)
        )
        begun = time.process_time()  # embedding is done by a child
        self._verify(question, answer, passages)
        self._twenty_ms.append(1000 * (time.process_time() - begun))

    def _scope(self, question: Question) -> SearchScope:
        known = self._ids.get(question["document"])
        return SearchScope() if known is None else SearchScope(frozenset({known}))

    def _judge(
        self, name: str, question: Question, passage: Passage, sentence: Written, citation: Citation | None
    ) -> None:
        start, end = passage.start + sentence.span.start, passage.start + sentence.span.end
        page = page_of(passage.locations, start, passage.page)
        if citation is None:
            print("no citation:", sentence.text[:120])
            self._own[name].append((False, passage.page == page, False))
            return
        if name == _NEAREST:
            self._supports[citation.support.value] = self._supports.get(citation.support.value, 0) + 1
            self._alarms["taken"].append(citation.support is Support.NONE)
        marks = citation.start < end and start < citation.end
        self._own[name].append((citation.page == page, passage.page == page, marks))
        if not holds(question, passage):
            return
        self._add(f"scripted model that {name}", question, passage, citation)
        if holds(question, _part(passage, start, end), least=0.0):
            self._add(f"scripted model that {name}, where it is judged", question, passage, citation)

    def _verify(self, question: Question, answer: str, passages: Sequence[Passage]) -> Sequence[Citation]:
        return self._room.services.verify.verify(
            self._workspace_id, answer, passages, question=question["question"]
        )

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._room.queries.embed_sentences(self._model, texts)

    def _add(self, name: str, question: Question, passage: Passage, citation: Citation) -> None:
        row = {"words": float(len(citation.quote.split()))}
        if judged := pages(question, passage):
            row["page"] = float(citation.page in judged)
        if places := spans(question):
            held = common(citation.start, citation.end, places)
            row["overlap"] = float(held > 0)
            row["judged"] = held / max(1, citation.end - citation.start)
        self._rows.setdefault(name, []).append(row)
        if row.get("page", 1.0) and row.get("overlap", 1.0):
            self._right.setdefault(name, set()).add(question["id"])


def _part(passage: Passage, start: int, end: int) -> Passage:
    locations = tuple(place for place in passage.locations if place.start < end and start < place.end)
    return replace(passage, start=start, end=end, locations=locations)


if __name__ == "__main__":
    main()
