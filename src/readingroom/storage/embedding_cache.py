"""Embeddings by model and text, so that the same text is embedded once; derived, may be deleted."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from readingroom.core.errors import CatalogDamaged
from readingroom.storage.backups import is_sound
from readingroom.storage.lane import Lane, suspect_mark

log = logging.getLogger(__name__)

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS embeddings (
    model TEXT NOT NULL, text_hash TEXT NOT NULL, embedding BLOB NOT NULL, PRIMARY KEY (model, text_hash)
) WITHOUT ROWID;
"""


class SqliteEmbeddingCache:
    """See `core.catalog.EmbeddingCache`. Kept as float32: an embedding comes back to the bit."""

    def __init__(self, path: Path, key_of: Callable[[str], str] = str) -> None:
        """Open or create it; a damaged one is put aside, since it can be made again.

        `key_of` gives what a model's embeddings depend on: its name, and what it is told before each passage.
        """
        self._path = path
        self._key_of = key_of
        self._lock = threading.Lock()
        doubted = suspect_mark(path).exists() and not is_sound(path)
        try:
            self._lane = _begun_anew(path) if doubted else Lane(path, _prepare)
        except CatalogDamaged:
            self._lane = _begun_anew(path)
        suspect_mark(path).unlink(missing_ok=True)

    def get(self, model: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Those that are known."""
        model = self._key_of(model)

        def work(db: sqlite3.Connection) -> dict[str, NDArray[np.float32]]:
            known = {}
            for text_hash in hashes:
                row = db.execute(
                    "SELECT embedding FROM embeddings WHERE model = ? AND text_hash = ?", (model, text_hash)
                ).fetchone()
                if row is not None:
                    known[text_hash] = np.frombuffer(row[0], dtype=np.float32)
            return known

        return self._healing(lambda lane: lane.read(work))

    def put(self, model: str, embeddings: Iterable[tuple[str, NDArray[np.float32]]]) -> None:
        """Keep some; a known one is left as it is."""
        model = self._key_of(model)
        rows = [
            (model, text_hash, embedding.astype(np.float32).tobytes()) for text_hash, embedding in embeddings
        ]
        insert = "INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?)"
        self._healing(lambda lane: lane.write(lambda db: db.executemany(insert, rows)))

    def close(self) -> None:
        """Write everything through and close."""
        self._lane.close()

    def _healing(self, work: Callable[[Lane], T]) -> T:
        """Begin anew where damage shows in the middle of the work: the embeddings are made again as they are asked for."""
        lane = self._lane
        try:
            return work(lane)
        except CatalogDamaged:
            with self._lock:
                if lane is self._lane:
                    lane.close()
                    self._lane = _begun_anew(self._path)
                    suspect_mark(self._path).unlink(missing_ok=True)
            return work(self._lane)


def damaged_cache(path: Path) -> Path:
    """Where a damaged cache is put aside; one only, since nothing in it is lost."""
    return path.with_stem(f"{path.stem}-damaged")


def _begun_anew(path: Path) -> Lane:
    log.warning("The embedding cache is damaged; it is put aside and begun anew")
    for ending in ("-wal", "-shm"):
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    if path.exists():
        path.replace(damaged_cache(path))
    return Lane(path, _prepare)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.executescript(_SCHEMA)
