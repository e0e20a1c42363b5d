"""What a search needs while it is typed: words that begin with some letters, and the names of documents."""

import os
import re
import sqlite3
import time
import unicodedata
from collections import Counter
from collections.abc import Sequence

from readingroom.core.ids import DocumentId, IndexId, WorkspaceId
from readingroom.core.models import NamedDocument
from readingroom.storage.store import Store

_STRETCH = 4000
"""Chunks looked through at a time: some 3 ms, so that others on the lane hardly wait."""
_ENOUGH = 60
"""Chunks that hold such a word: the words of these are as good as those of all."""
_FEW = 25
"""Of one stretch, so that the newest documents do not speak for all the others."""
_WITHIN_S = 0.1
"""A search while typing has no more time: 150,000 chunks on two slow cores. What lies further back is left out."""


class BeginningStore(Store):
    """Looks through the text itself, newest first: nothing has to be kept up to date, and nothing outlives its document.

    SQLite compares some gigabytes a second so, without Python's lock; 20,000 chunks take 15 ms.
    """

    def document_names(self, workspace_id: WorkspaceId) -> Sequence[NamedDocument]:
        """See `core.catalog.DocumentCatalog`."""
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT d.id, d.path FROM documents d JOIN sources s ON s.id = d.source_id"
                " WHERE s.removed_at IS NULL AND s.workspace_id = ? ORDER BY d.path",
                (workspace_id,),
            ).fetchall()
        )
        names = []
        for id_, path in rows:
            folder, name = os.path.split(os.fsdecode(path))
            names.append(NamedDocument(DocumentId(id_), name, folder))
        return names

    def words_beginning(self, index_id: IndexId, begun: str, *, limit: int) -> Sequence[str]:
        """See `core.catalog.IndexCatalog`."""
        patterns = [f"%{form}%" for form in _forms(begun)]
        words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, _forms(begun)))})\w*", re.IGNORECASE)
        found: Counter[str] = Counter()
        holding = 0
        before: int | None = None
        until = time.monotonic() + _WITHIN_S
        while holding < _ENOUGH and time.monotonic() < until:
            texts, before = self._lane.read(lambda db, at=before: _stretch(db, index_id, patterns, at))  # type: ignore[misc]
            for text in texts:
                held = {word.casefold() for word in words.findall(text)}
                found.update(held)
                holding += bool(held)
            if before is None:
                break
        return [word for word, _ in found.most_common(limit)]


def _forms(begun: str) -> list[str]:
    """The ways in which it may be written: SQLite lets case count for all letters but ASCII's."""
    composed = unicodedata.normalize("NFC", begun)
    if composed.isascii():
        return [composed.lower()]
    return list(dict.fromkeys((composed.lower(), composed.title(), composed.upper())))


def _stretch(
    db: sqlite3.Connection, index_id: int, patterns: Sequence[str], before: int | None
) -> tuple[list[str], int | None]:
    """Texts of the index's chunks before that one which hold a pattern, and where to go on; None at the end."""
    (first,) = db.execute(
        "SELECT min(id) FROM (SELECT id FROM chunks WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2)",
        (before, _STRETCH),
    ).fetchone()
    if first is None:
        return [], None
    rows = db.execute(
        "SELECT text FROM chunks WHERE id >= ? AND (? IS NULL OR id < ?) AND index_id = ?"
        f" AND ({' OR '.join('text LIKE ?' for _ in patterns)}) ORDER BY id DESC LIMIT {_FEW}",
        (first, before, before, index_id, *patterns),
    ).fetchall()
    return [row[0] for row in rows], first
