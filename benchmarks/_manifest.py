"""The manifest of a folder of real files: its rows, and how texts are compared with what it expects."""

import csv
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Row:
    """A file and what reading it must give."""

    file: str
    """Relative to the folder."""
    format: str
    expected: str
    """`ok`, `scanned`, `encrypted`, `corrupt`, `empty` or `unsupported`."""
    phrase: str
    pages: tuple[int, ...]
    """Where the phrase stands: on each of them."""


def manifest_rows(folder: Path, formats: Collection[str] = ()) -> list[Row]:
    """The rows of FOLDER/MANIFEST.tsv in their order; of these formats only, where any are given."""
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as lines:
        table = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Row(
            row["file"],
            row["format"],
            row["expected"],
            row["phrase"],
            tuple(map(int, row["page"].split(","))) if row["page"] else (),
        )
        for row in table
        if not formats or row["format"] in formats
    ]


def comparable(text: str) -> str:
    """Both sides of a comparison: NFKC, no soft hyphens or direction marks, one space for any, case ignored."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(text.split()).casefold()
