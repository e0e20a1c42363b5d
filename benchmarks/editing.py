"""How many chunks are embedded after one paragraph of a long document has changed.

    python benchmarks/editing.py PROSE... [--pages 300] [--edits 20] [--seed 1] [--format NAME]... [--through]

PROSE are text files whose paragraphs the document is made of. In each format every kind of edit is made at random
places, each on the document as it was: a word changed, a paragraph replaced by a longer or a shorter one, inserted,
deleted, a heading changed. Without `--through` the program's reader and chunker are asked; a chunk counts as embedded if
its text was not among the chunks before, which the chunker is told as it is in the program. With `--through` one edit
of each kind goes through the whole program instead, and its own counts are printed.
"""

import argparse
import json
import random
import re
import statistics
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from _long_documents import PARAGRAPHS_PER_PAGE, WRITERS

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.cancellation import CancelToken
from readingroom.core.extraction import ReadLimits
from readingroom.core.ids import WorkspaceId
from readingroom.documents.registry import read_parts
from readingroom.embedding.splitting import WindowChunker
from readingroom.embedding.tokens import TokenCounter, load_counter

_SECTION_PAGES = 4
_ENOUGH = 3
_WITHOUT_HEADINGS = ("text", "lines")
_COMMON = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which "
    "one you were all her she there would their we him been has when who will no more if out so up said what its about "
    "than into them can only other time new some could these two may first then do any like my now over such our man"
).split()

Edit = Callable[[list[str], int, random.Random], None]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("prose", type=Path, nargs="+")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--edits", type=int, default=20, help="of each kind and format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", action="append", choices=list(WRITERS))
    parser.add_argument("--through", action="store_true")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    paragraphs = composed(arguments.prose, arguments.pages, chance)
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.format or WRITERS:
            if arguments.through:
                through(Path(scratch), name, paragraphs, random.Random(arguments.seed))
            else:
                alone(Path(scratch), name, paragraphs, arguments.edits, random.Random(arguments.seed))


def composed(prose: Sequence[Path], pages: int, chance: random.Random) -> list[str]:
    """Paragraphs of real text, a heading every few pages; a form feed at its end marks the first of a page."""
    stock = [
        " ".join(paragraph.split())[:1500]
        for path in prose
        for paragraph in re.split(r"\n+|(?<=[.] ) {2,}", path.read_text(encoding="utf-8"))
        if len(paragraph.split()) >= 12 and not paragraph.startswith("#")
    ]
    chance.shuffle(stock)
    if len(stock) < pages * PARAGRAPHS_PER_PAGE:
        raise SystemExit(f"{pages * PARAGRAPHS_PER_PAGE} paragraphs are needed; there are {len(stock)}")
    whole = []
    for page in range(pages):
        own = stock[page * PARAGRAPHS_PER_PAGE : (page + 1) * PARAGRAPHS_PER_PAGE]
        if page % _SECTION_PAGES == 0:
            own.insert(0, f"{'#' * chance.randint(1, 2)} {' '.join(own[0].split()[:4])}")
        own[0] += "\f"
        whole += own
    return whole


def _body(paragraph: str) -> tuple[str, str]:
    """Without the mark of a page, and the mark."""
    return paragraph.rstrip("\f"), "\f" if paragraph.endswith("\f") else ""


def change_word(paragraphs: list[str], place: int, chance: random.Random) -> None:
    text, mark = _body(paragraphs[place])
    words = text.split(" ")
    words[chance.randrange(len(words))] = f"zeppelin{chance.randrange(10**6)}"
    paragraphs[place] = " ".join(words) + mark


def lengthen(paragraphs: list[str], place: int, chance: random.Random) -> None:
    text, mark = _body(paragraphs[place])
    paragraphs[place] = f"{_invented(chance, 60)} {text}{mark}"


def shorten(paragraphs: list[str], place: int, chance: random.Random) -> None:
    paragraphs[place] = _invented(chance, 15) + _body(paragraphs[place])[1]


def insert(paragraphs: list[str], place: int, chance: random.Random) -> None:
    paragraphs.insert(place + 1, _invented(chance, chance.randint(20, 120)))


def delete(paragraphs: list[str], place: int, _chance: random.Random) -> None:
    mark = _body(paragraphs.pop(place))[1]
    if mark and not paragraphs[place].endswith("\f"):
        paragraphs[place] += mark


def retitle(paragraphs: list[str], _place: int, chance: random.Random) -> None:
    headings = [at for at, paragraph in enumerate(paragraphs) if paragraph.startswith("#")]
    at = chance.choice(headings)
    paragraphs[at] = f"{paragraphs[at].split(' ')[0]} {_invented(chance, 4)}\f"


def _invented(chance: random.Random, words: int) -> str:
    made = chance.choices(_COMMON, k=words)
    made[9::10] = [f"{word}." for word in made[9::10]]
    return " ".join(made).capitalize()


KINDS: dict[str, Edit] = {
    "word": change_word,
    "longer": lengthen,
    "shorter": shorten,
    "insert": insert,
    "delete": delete,
    "heading": retitle,
}


def edited(paragraphs: Sequence[str], kind: str, chance: random.Random) -> list[str]:
    """A copy with one edit."""
    after = list(paragraphs)
    bodies = [at for at, paragraph in enumerate(after[:-1]) if not paragraph.startswith("#")]
    KINDS[kind](after, chance.choice(bodies), chance)
    return after


def alone(scratch: Path, name: str, paragraphs: list[str], edits: int, chance: random.Random) -> None:
    """Reader and chunker alone."""
    counter, max_tokens = load_counter(scratch, BUNDLED_EMBEDDING_MODEL)
    chunker = WindowChunker(_Remembering(counter.tokenizer), max_tokens)
    suffix, write = WRITERS[name]
    path = scratch / f"long{suffix}"

    def hashes(text: Sequence[str], known: Collection[str] = frozenset()) -> list[str]:
        write(path, text if name == "pdf_paged" else [paragraph.rstrip("\f") for paragraph in text])
        return list(cut(chunker, path, known))

    before = hashes(paragraphs)
    known = set(before)
    for kind in KINDS:
        if kind == "heading" and name in _WITHOUT_HEADINGS:
            continue
        counts = [len(set(hashes(edited(paragraphs, kind, chance), known)) - known) for _ in range(edits)]
        print(json.dumps({"format": name, "chunks": len(before), "edit": kind, **summed(counts)}), flush=True)


class _Remembering(TokenCounter):
    """Counts each text once: between two edits nearly all are the same."""

    def __init__(self, tokenizer: Any) -> None:
        super().__init__(tokenizer)
        self._known: dict[str, int] = {}

    def count(self, texts: Sequence[str]) -> list[int]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, super().count(new), strict=True))
        return [self._known[text] for text in texts]


def cut(chunker: WindowChunker, path: Path, known: Collection[str] = frozenset()) -> Iterable[str]:
    """Text hashes, as the worker makes them: a part after the other."""
    for part in read_parts(path, ReadLimits(), lambda _done, _total: None, ()):
        yield from (chunk.text_hash for chunk in chunker.cut(part, known))


def summed(counts: Sequence[int]) -> dict[str, float]:
    return {
        "edits": len(counts),
        "median": statistics.median(counts),
        "worst": max(counts),
        "over_3": round(sum(count > _ENOUGH for count in counts) / len(counts), 3),
    }


def through(scratch: Path, name: str, paragraphs: list[str], chance: random.Random) -> None:
    """One edit of each kind through folder, worker, catalog and index; the edits stay and add up."""
    suffix, write = WRITERS[name]
    folder = scratch / name
    folder.mkdir()
    path = folder / f"long{suffix}"
    write(path, paragraphs if name == "pdf_paged" else [paragraph.rstrip("\f") for paragraph in paragraphs])
    with open_runtime(DataPaths(scratch / f"{name}-data")) as room:
        workspace = room.services.workspaces.create("editing")
        (source,) = room.services.sources.add(workspace.id, [folder], watch=False)
        room.start_indexing()
        embedded, reused = settled(room, workspace.id)
        print(json.dumps({"format": name, "edit": "none", "embedded": embedded, "reused": reused}))
        for kind in KINDS:
            paragraphs = edited(paragraphs, kind, chance)
            write(path, paragraphs if name == "pdf_paged" else [p.rstrip("\f") for p in paragraphs])
            room.services.sources.reconcile(source.id)
            room.services.ingest.wake()
            now = settled(room, workspace.id)
            counts = {"embedded": now[0] - embedded, "reused": now[1] - reused}
            if now == (embedded, reused) and not (kind == "heading" and name in _WITHOUT_HEADINGS):
                raise SystemExit(f"{name}, {kind}: the program did not see the edit")
            embedded, reused = now
            print(json.dumps({"format": name, "edit": kind, **counts}), flush=True)


def settled(room: Runtime, workspace_id: WorkspaceId) -> tuple[int, int]:
    """Wait until all is current; embedded and reused since the start."""
    room.services.ingest.wait_until_idle(workspace_id, cancel=CancelToken(), tick=lambda: None)
    counts = room.services.ingest.counts()
    return counts.embedded, counts.reused


if __name__ == "__main__":
    main()
