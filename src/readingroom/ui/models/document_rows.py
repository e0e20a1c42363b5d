"""Documents made ready to be sorted and filtered, off the GUI thread."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from readingroom.core.models import ATTENTION_STATES, Document
from readingroom.ui.models.wording import STATE_WORDS, folder_words, reason_of, searchable


class StateFilter(StrEnum):
    """Which documents the list shows."""

    ALL = "All"
    ATTENTION = "Needs attention"
    NOT_SEARCHABLE = "Not searchable"


class SortBy(StrEnum):
    """What the list is sorted by; a column each."""

    NAME = "Name"
    STATE = "State"
    PAGES = "Pages"
    SIZE = "Size"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with what the list needs at once for each of 40,000 rows."""

    document: Document
    folder: str
    name_key: str
    """Sorts `page 2` before `page 10`; unique, as it ends in path and id."""
    haystack: str
    """What the filter box looks in."""

    def key(self, sort: SortBy) -> str:
        """Sort key; a single string, because tuples compare several times slower."""
        document = self.document
        match sort:
            case SortBy.NAME:
                return self.name_key
            case SortBy.STATE:
                return chr(33 + STATE_WORDS[document.state].rank) + self.name_key
            case SortBy.PAGES:
                return chr(33 + min(document.pages or 0, _MOST_PAGES)) + self.name_key
            case SortBy.SIZE:
                return f"{document.size_bytes:016}{self.name_key}"


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What a row must have to be shown."""

    words: tuple[str, ...] = ()
    state: StateFilter = StateFilter.ALL

    def shows(self, row: DocumentRow) -> bool:
        """Whether all words stand in its name, folder or state, and its state fits."""
        if self.state is StateFilter.ATTENTION and row.document.state not in ATTENTION_STATES:
            return False
        if self.state is StateFilter.NOT_SEARCHABLE and searchable(row.document):
            return False
        return all(word in row.haystack for word in self.words)


def words_of(text: str) -> tuple[str, ...]:
    """Split what is typed in the filter box into `RowFilter.words`."""
    return tuple(text.casefold().split())


def rows_of(documents: Iterable[Document]) -> list[DocumentRow]:
    """Make a row each, in the order given. 40,000 take some 200 ms: call it from a pool."""
    folders: dict[str, str] = {}
    return [_row_of(document, folders) for document in documents]


_MOST_PAGES = 50_000
"""Keeps `chr` below the surrogates; more than any reader admits."""

_DIGITS = re.compile(r"\d+")


def _row_of(document: Document, folders: dict[str, str]) -> DocumentRow:
    path = str(document.path)
    parent, name = os.path.split(path)
    name = name.casefold()
    folder = folders.get(parent)
    if folder is None:
        folder = folders[parent] = folder_words(Path(parent))
    padded = _DIGITS.sub(lambda match: match[0].zfill(12), name)
    state = STATE_WORDS[document.state].word.casefold()
    reason = reason_of(document).casefold() if document.reason else ""
    return DocumentRow(
        document=document,
        folder=folder,
        name_key=f"{padded}\0{path}\0{document.id:012}",
        haystack=f"{name}\n{folder.casefold()}\n{state}\n{reason}",
    )
