"""Reads a folder of real files and compares what was found with its MANIFEST.tsv.

Usage: python benchmarks/reading.py FOLDER [FORMAT ...]

The manifest's columns used: file, format, expected, phrase, page. Prints for each format how many files
gave their phrase, on the right page, and ended in the right state; then every file that did not; then the
CPU time of a PDF page beside MuPDF's own plain text.
"""

import csv
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from readingroom.core.errors import (
    DocumentCorrupt,
    DocumentEncrypted,
    DocumentUnsupported,
    ReadFailure,
)
from readingroom.core.models import ExtractedDocument, ReadLimits
from readingroom.documents.registry import read_document

CLAIMED = ("pdf", "docx", "html", "md", "txt", "csv", "code")
RIGHT_STATES = {
    "ok": {"text"},
    "scanned": {"no text"},
    "encrypted": {"encrypted"},
    "corrupt": {"corrupt", "no text"},
    "empty": {"no text"},
    "unsupported": {"unsupported"},
}
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def comparable(text: str) -> str:
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(text.split()).casefold()


def state_of(path: Path) -> tuple[str, str, ExtractedDocument | None]:
    try:
        document = read_document(path, ReadLimits(), lambda _done, _total: None)
    except DocumentEncrypted as error:
        return "encrypted", str(error), None
    except DocumentUnsupported as error:
        return "unsupported", str(error), None
    except DocumentCorrupt as error:
        return "corrupt", str(error), None
    except ReadFailure as error:
        return "failed", str(error), None
    return ("text" if document.text.strip() else "no text"), " ".join(document.notes), document


def on_right_page(document: ExtractedDocument, phrase: str, pages: Iterable[int]) -> bool:
    by_number = {page.number: comparable(page.text) for page in document.pages}
    return all(phrase in by_number.get(number, "") for number in pages)


def cpu_beside_plain_text(paths: list[Path]) -> None:
    from readingroom.documents.pdf import pymupdf, read_pdf

    pages, ours, plain = 0, 0.0, 0.0
    for path in paths:
        began = time.process_time()
        document = read_pdf(path, ReadLimits(), lambda _done, _total: None)
        ours += time.process_time() - began
        began = time.process_time()
        with pymupdf.open(path) as pdf:
            for page in pdf:
                page.get_text("text")
        plain += time.process_time() - began
        pages += len(document.pages)
    print(
        f"\nPDF, {pages} pages: {ours / pages * 1000:.2f} ms CPU a page; "
        f'page.get_text("text") {plain / pages * 1000:.2f} ms; ratio {ours / plain:.2f}'
    )


def judge(row: dict[str, str], folder: Path, count: Counter[str]) -> Iterator[str]:
    """Count one file and yield what was wrong with it."""
    began = time.process_time()
    state, reason, document = state_of(folder / row["file"])
    count["cpu_ms"] += int((time.process_time() - began) * 1000)
    count["files"] += 1
    right = RIGHT_STATES[row["expected"]] | (set() if row["format"] in CLAIMED else {"unsupported"})
    count["state"] += state in right
    if state not in right:
        yield f"{row['file']}: {row['expected']} expected, {state} found: {reason}"
    if row["expected"] != "ok":
        return
    count["phrases"] += 1
    count["unsupported"] += state == "unsupported"
    if document is None:
        return
    phrase = comparable(row["phrase"])
    found = phrase in comparable(document.text)
    count["found"] += found
    if not found:
        yield f"{row['file']}: phrase not found: {row['phrase']}"
    if row["page"]:
        count["paged"] += 1
        placed = on_right_page(document, phrase, map(int, row["page"].split(",")))
        count["placed"] += placed
        if found and not placed:
            yield f"{row['file']}: phrase not on page {row['page']}: {row['phrase']}"


def main() -> None:
    folder, only = Path(sys.argv[1]), set(sys.argv[2:])
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    counts: dict[str, Counter[str]] = {}
    misses: list[str] = []
    for row in rows:
        if not only or row["format"] in only:
            misses.extend(judge(row, folder, counts.setdefault(row["format"], Counter())))
    print(f"{'format':10} {'files':>5} {'state':>7} {'phrase':>7} {'page':>7} {'not read':>8} {'CPU ms':>7}")
    for name, count in sorted(counts.items(), key=lambda item: (item[0] not in CLAIMED, item[0])):
        print(
            f"{name:10} {count['files']:5} {count['state']:3}/{count['files']:3} "
            f"{count['found']:3}/{count['phrases']:3} {count['placed']:3}/{count['paged']:3} "
            f"{count['unsupported']:8} {count['cpu_ms']:7}"
        )
    print(*misses, sep="\n")
    if "pdf" in counts:
        cpu_beside_plain_text(
            [folder / row["file"] for row in rows if row["format"] == "pdf" and row["expected"] == "ok"]
        )


if __name__ == "__main__":
    main()
