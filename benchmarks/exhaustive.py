"""What it costs to look through every document of a workspace for a term, beside a plain count over the same text.

make bench ARGS="exhaustive --collection FOLDER --documents 20000 --keep DIR"
"""

import argparse
import json
import random
import tempfile
import time
from pathlib import Path

from readingroom.core.catalog import NewIndex
from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Chunk
from readingroom.core.sync_plan import FileStamp, FoundFile, SyncPlan
from readingroom.services.exhaustive import Lookup
from readingroom.storage.catalog import SqliteCatalog
from readingroom.vectors.forms import IndexWordForms

_PAGES = 3
_PAGE_CHARS = 2_700
_AT_ONCE = 1_000
_QUOTED = 0.4
"""Share of pages with typographic quotation marks, which take the slower way."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--collection", type=Path, required=True, help="a folder with a corpus.jsonl")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument(
        "--keep", type=Path, help="keep the catalog here, and use it where it is there already"
    )
    parser.add_argument(
        "--terms", nargs="*", default=["indemnity", "aneurysm", "gene therapy", "cells", "the"]
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (options.keep or Path(folder)) / "exhaustive.sqlite"
        known = path.is_file()
        catalog = SqliteCatalog(path, path.parent / "backups")
        try:
            if not known:
                _fill(catalog, options.collection, options.documents)
            _measure(catalog, catalog.workspaces()[0].id, options.terms)
        finally:
            catalog.close()


def _fill(catalog: SqliteCatalog, collection: Path, documents: int) -> None:
    with (collection / "corpus.jsonl").open(encoding="utf-8") as file:
        texts = [str(json.loads(line)["text"]) for line in file]
    chance = random.Random(7)
    workspace = catalog.create_workspace("Exhaustive", NewIndex("none", 4, "none"))
    index = catalog.active_index(workspace.id)
    assert index is not None
    source = catalog.add_source(workspace.id, Path("/documents"), is_folder=True, watch=False)
    for begin in range(0, documents, _AT_ONCE):
        found = tuple(
            FoundFile(Path(f"/documents/report {n:06}.pdf"), FileStamp(1, n))
            for n in range(begin, begin + _AT_ONCE)
        )
        catalog.apply_plan(source.id, SyncPlan(added=found))
        while (document := catalog.claim_next()) is not None:
            pages, start = [], 0
            for number in range(1, _PAGES + 1):
                text = _page(texts, chance)
                pages.append(Page(number, start, text))
                start += len(text)
            read = ExtractedDocument("pdf", tuple(pages))
            chunk = Chunk(0, 0, 10, 1, (), read.text[:10], 3, f"{document.id}")
            catalog.store_read(
                document.id, index.id, extracted=read, chunks=[chunk], content_hash=f"{document.id}",
                size_bytes=start, modified_at_ns=1,
            )  # fmt: skip


def _page(texts: list[str], chance: random.Random) -> str:
    page = ""
    while len(page) < _PAGE_CHARS:
        page += chance.choice(texts) + "\n"
    page = page[:_PAGE_CHARS]
    return page.replace("(", "“") if chance.random() < _QUOTED else page


def _measure(catalog: SqliteCatalog, workspace_id: WorkspaceId, terms: list[str]) -> None:
    lookup = Lookup(catalog, IndexWordForms())
    for term in terms:
        wall, cpu = time.perf_counter(), time.process_time()
        first = 0.0
        documents = places = 0
        for batch in lookup.find(workspace_id, term):
            documents += len(batch)
            places += sum(len(document.spans) for document in batch)
            if batch and not first:
                first = time.perf_counter() - wall
        print(
            f"{term:<16} {documents:>6} documents {places:>8} places  first {first:6.3f} s"
            f"  all {time.perf_counter() - wall:6.3f} s  CPU {time.process_time() - cpu:6.3f} s"
        )


if __name__ == "__main__":
    main()
