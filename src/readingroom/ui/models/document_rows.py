"""Documents made ready to be sorted and filtered, off the GUI thread."""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from readingroom.core.models import ATTENTION_STATES, Document, DocumentState
from readingroom.core.places import container_of
from readingroom.ui.models.format_kinds import format_kind
from readingroom.ui.models.wording import STATE_WORDS, folder_words, searchable, showable


class StateFilter(StrEnum):
    """Which documents the list shows."""

    ALL = "All"
    FAILED = "Failed"
    LOCKED = "Locked"
    SKIPPED = "Skipped"
    NO_TEXT = "No text"
    OFFLINE = "Offline"
    ATTENTION = "Needs attention"
    NOT_SEARCHABLE = "Not searchable"


class SortBy(StrEnum):
    """What the list is sorted by; a column each."""

    NAME = "Name"
    STATE = "State"
    PAGES = "Pages"
    WITHOUT_TEXT = "Without text"
    WORDS = "Words"
    SIZE = "Size"
    READING = "Read in"
    CHANGED = "Changed"
    INDEXED = "Indexed"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with what the list needs at once for each of 40,000 rows."""

    document: Document
    folder: str
    """The folder of its file, or what it is inside of (`in letter.eml in archive.mbox`)."""
    depth: int
    """How many documents it is inside of."""
    icon: str
    name_key: str
    """Sorts `page 2` before `page 10`, and what is inside a document right after it; unique."""
    haystack: str
    """What the filter box looks in."""
    filters: frozenset[StateFilter]
    """Those that show it."""

    def key(self, sort: SortBy) -> str:
        """Sort key; a single string, because tuples compare several times slower."""
        document = self.document
        match sort:
            case SortBy.NAME:
                return self.name_key
            case SortBy.STATE:
                return chr(33 + STATE_WORDS[document.state].rank) + self.name_key
            case SortBy.PAGES:
                number = document.pages or 0
            case SortBy.WITHOUT_TEXT:
                number = document.pages_without_text
            case SortBy.WORDS:
                number = document.words
            case SortBy.SIZE:
                number = document.size_bytes
            case SortBy.READING:
                number = int((document.read_seconds or 0) * 1e6)
            case SortBy.CHANGED:
                number = document.modified_at_ns // 1000
            case SortBy.INDEXED:
                number = int((document.indexed_at or 0) * 1e6)
        return f"{max(0, number):018}{self.name_key}"


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What a row must have to be shown."""

    words: tuple[str, ...] = ()
    state: StateFilter = StateFilter.ALL

    def shows(self, row: DocumentRow) -> bool:
        """Whether all words stand in its name, folder or state, and its state fits."""
        return self.state in row.filters and all(word in row.haystack for word in self.words)


def offered(state: StateFilter, count: Callable[[StateFilter], int]) -> int:
    """How many a filter shows; 0 where another one before it shows the very same."""
    parts = {
        StateFilter.ATTENTION: (StateFilter.FAILED, StateFilter.LOCKED),
        StateFilter.NOT_SEARCHABLE: (
            StateFilter.ALL,
            StateFilter.FAILED,
            StateFilter.LOCKED,
            StateFilter.SKIPPED,
            StateFilter.NO_TEXT,
            StateFilter.ATTENTION,
        ),
    }.get(state, ())
    number = count(state)
    return 0 if any(count(part) == number for part in parts) else number


def words_of(text: str) -> tuple[str, ...]:
    """Split what is typed in the filter box into `RowFilter.words`."""
    return tuple(text.casefold().split())


def rows_of(documents: Iterable[Document]) -> list[DocumentRow]:
    """Make a row each, in the order given. 40,000 take some 300 ms: call it from a pool."""
    folders: dict[str, str] = {}
    return [_row_of(document, folders) for document in documents]


_FILTER_OF = {
    DocumentState.FAILED: StateFilter.FAILED,
    DocumentState.QUARANTINED: StateFilter.FAILED,
    DocumentState.ENCRYPTED: StateFilter.LOCKED,
    DocumentState.UNSUPPORTED: StateFilter.SKIPPED,
    DocumentState.NO_TEXT: StateFilter.NO_TEXT,
    DocumentState.OFFLINE: StateFilter.OFFLINE,
}
_DIGITS = re.compile(r"\d+")


def _row_of(document: Document, folders: dict[str, str]) -> DocumentRow:
    path = str(document.path)
    parent, name = os.path.split(path)
    folder = folders.get(parent)
    depth = document.locator.count("/") + 1 if document.locator else 0
    if folder is None:
        inside = container_of(document.path, document.locator)
        folder = folders[parent] = showable(f"in {inside}") if inside else folder_words(Path(parent))
    state = STATE_WORDS[document.state].word
    return DocumentRow(
        document=document,
        folder=folder,
        depth=depth,
        icon=format_kind(document).icon,
        name_key=_name_key(document, path, depth),
        haystack=f"{name}\n{folder}\n{state}\n{document.reason}".casefold(),
        filters=_filters(document.state, searchable(document)),
    )


def _name_key(document: Document, path: str, depth: int) -> str:
    """The file's name and path, then a step for each document inwards, each lower than the next file's."""
    if not depth:
        return f"{_counted(os.path.basename(path))}\0{path}\0{document.source_id}"  # noqa: PTH119
    outer, *inner = path.rsplit(os.sep, depth)
    file_key = f"{_counted(os.path.basename(outer))}\0{outer}\0{document.source_id}"  # noqa: PTH119
    return "\1".join((file_key, *(f"{_counted(name)}\0{name}" for name in inner)))


def _counted(name: str) -> str:
    """Lower case, numbers in a width that sorts as a person counts."""
    return _DIGITS.sub(lambda match: match[0].zfill(12), name.casefold())


@cache
def _filters(state: DocumentState, found: bool) -> frozenset[StateFilter]:
    chosen = {StateFilter.ALL}
    if state in _FILTER_OF:
        chosen.add(_FILTER_OF[state])
    if state in ATTENTION_STATES:
        chosen.add(StateFilter.ATTENTION)
    if not found:
        chosen.add(StateFilter.NOT_SEARCHABLE)
    return frozenset(chosen)
