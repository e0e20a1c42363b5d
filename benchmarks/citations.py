"""Whether a citation opens the judged page and marks the judged words, and how often a check of it is wrong.

    python benchmarks/citations.py FOLDER [--limit N] [--keep DIR] [--within]

FOLDER as for passages.py; `--keep` takes an index that passages.py left; `--within` searches only the document that
the question is about. Counted are citations of passages that
hold what was judged: half of a judged span, or text on a judged page. `page` is the share whose page is a judged
one, `overlap` the share whose marked words meet a judged span, `judged` the mean share of the marked characters that
are judged, `words` the mean number of words marked.

The model is scripted, see _extractive.py: three sentences nearest the question, reworded, with markers in many styles.
What it wrote is known sentence by sentence, so `own page` and `own words` tell whether the sentence it was taken from is
opened, for all its citations. Then come false alarms (a sentence taken from its passage, said not to stand there) and alarms
where a figure or a name was altered, or a `not` put in.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from _extractive import Written, altered, denied, marked, write
from numpy.typing import NDArray

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.citations import cite_passage, cite_words, page_of
from readingroom.core.conversation import Citation, Support
from readingroom.core.ids import WorkspaceId
from readingroom.core.markers import normalised
from readingroom.core.models import Passage, SearchScope
from readingroom.core.text_spans import words

_PASSAGES = 8
_SENTENCES = 3
_OTHER_NAMES = ("Okonkwo", "Lindqvist")
Question = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="about so many questions, spread over all")
    parser.add_argument("--keep", type=Path)
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
        self._questions = questions
        documents = room.services.documents.list(workspace_id)
        self._ids = {document.path.name: document.id for document in documents} if within else {}
        self._twenty_ms: list[float] = []
        self._rows: dict[str, list[dict[str, float]]] = {}
        self._own: list[tuple[bool, bool]] = []
        self._first_pages: list[bool] = []
        self._alarms: dict[str, list[bool]] = {"taken": [], "number": [], "name": [], "denied": []}
        self._supports: dict[str, int] = {}
        self._seconds: list[float] = []

    def report(self) -> None:
        for turn, question in enumerate(self._questions):
            print(f"{turn} of {len(self._questions)}", end="\r", file=sys.stderr)
            passages = self._room.services.retrieve.search(
                self._workspace_id, question["question"], limit=_PASSAGES, scope=self._scope(question)
            )
            self._passages_as_answer(question, passages)
            self._extractive(question, passages)
            if turn % 10 == 0:
                self._long_answer(question, passages)
        heads = sorted({head for rows in self._rows.values() for row in rows for head in row})
        print(f"| | citations | {' | '.join(heads)} |", "|---" * (len(heads) + 2) + "|", sep="\n")
        for name, rows in self._rows.items():
            means = (f"{statistics.mean(row[head] for row in rows):.3f}" for head in heads)
            print(f"| {name} | {len(rows)} | {' | '.join(means)} |")
        pages, overlaps = zip(*self._own, strict=True)
        said = {
            "citations": len(self._own),
            "own page": round(statistics.mean(pages), 3),
            "own page by the first page of the passage": round(statistics.mean(self._first_pages), 3),
            "own words": round(statistics.mean(overlaps), 3),
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
            if not _holds(question, passage):
                continue
            self._add("the passage as answer, as others cite", question, cite_passage(passage.rank, passage))
            self._add("the sentence with most words of the question", question, cite_words(passage, asked))

    def _extractive(self, question: Question, passages: Sequence[Passage]) -> None:
        written = write(question["question"], passages, self._embed, most=_SENTENCES)
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
            self._judge(question, passages[sentence.place], sentence, own[0] if own else None)
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
        self, question: Question, passage: Passage, sentence: Written, citation: Citation | None
    ) -> None:
        start, end = passage.start + sentence.span.start, passage.start + sentence.span.end
        if citation is None:
            print("no citation:", sentence.text[:120])
            self._own.append((False, False))
            return
        self._supports[citation.support.value] = self._supports.get(citation.support.value, 0) + 1
        self._alarms["taken"].append(citation.support is Support.NONE)
        page = page_of(passage.locations, start, passage.page)
        self._own.append((citation.page == page, citation.start < end and start < citation.end))
        self._first_pages.append(passage.page == page)
        if not _holds(question, passage):
            return
        self._add("scripted model, checked", question, citation)
        if _holds(question, _part(passage, start, end), least=0.0):
            self._add("scripted model, where it wrote judged words", question, citation)

    def _verify(self, question: Question, answer: str, passages: Sequence[Passage]) -> Sequence[Citation]:
        return self._room.services.verify.verify(
            self._workspace_id, answer, passages, question=question["question"]
        )

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._room.queries.embed_sentences(self._model, texts)

    def _add(self, name: str, question: Question, citation: Citation) -> None:
        row = {"words": float(len(citation.quote.split()))}
        if "evidence" in question:
            row["page"] = float(citation.page in {evidence["page"] for evidence in question["evidence"]})
        else:
            judged = sum(_common(citation.start, citation.end, span) for span in _spans(question))
            row["overlap"] = float(judged > 0)
            row["judged"] = judged / max(1, citation.end - citation.start)
        self._rows.setdefault(name, []).append(row)


def _part(passage: Passage, start: int, end: int) -> Passage:

    locations = tuple(place for place in passage.locations if place.start < end and start < place.end)
    return replace(passage, start=start, end=end, locations=locations)


def _spans(question: Question) -> Iterable[tuple[int, int]]:
    return [(reference["start"], reference["end"]) for reference in question["references"]]


def _common(start: int, end: int, span: tuple[int, int]) -> int:
    return max(0, min(end, span[1]) - max(start, span[0]))


def _holds(question: Question, passage: Passage, least: float = 0.5) -> bool:
    """Whether the passage holds half of a judged span, or text of a judged page."""
    if passage.path.name != question["document"]:
        return False
    if "evidence" in question:
        judged = {evidence["page"] for evidence in question["evidence"]}
        return any(place.page in judged for place in passage.locations)
    return any(
        (held := _common(passage.start, passage.end, span)) > 0 and held >= least * (span[1] - span[0])
        for span in _spans(question)
    )


if __name__ == "__main__":
    main()
