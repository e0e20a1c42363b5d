"""Embeddings by model and text, so that the same text is embedded once; derived, may be deleted."""

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from readingroom.core.errors import CatalogDamaged
from readingroom.storage.lane import Lane

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS embeddings (
    model TEXT NOT NULL, text_hash TEXT NOT NULL, embedding BLOB NOT NULL, PRIMARY KEY (model, text_hash)
) WITHOUT ROWID;
"""


class SqliteEmbeddingCache:
    """See `core.catalog.EmbeddingCache`. Kept as float32: an embedding comes back to the bit."""

    def __init__(self, path: Path) -> None:
        """Open or create it; a damaged one is thrown away, since it can be made again."""
        try:
            self._lane = Lane(path, _prepare)
        except CatalogDamaged:
            log.warning("The embedding cache is damaged and is begun anew")
            for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                file.unlink(missing_ok=True)
            self._lane = Lane(path, _prepare)

    def get(self, model: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Those that are known."""

        def work(db: sqlite3.Connection) -> dict[str, NDArray[np.float32]]:
            known = {}
            for text_hash in hashes:
                row = db.execute(
                    "SELECT embedding FROM embeddings WHERE model = ? AND text_hash = ?", (model, text_hash)
                ).fetchone()
                if row is not None:
                    known[text_hash] = np.frombuffer(row[0], dtype=np.float32)
            return known

        return self._lane.read(work)

    def put(self, model: str, embeddings: Iterable[tuple[str, NDArray[np.float32]]]) -> None:
        """Keep some; a known one is left as it is."""
        rows = [
            (model, text_hash, embedding.astype(np.float32).tobytes()) for text_hash, embedding in embeddings
        ]
        self._lane.write(lambda db: db.executemany("INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?)", rows))

    def close(self) -> None:
        """Write everything through and close."""
        self._lane.close()


def _prepare(connection: sqlite3.Connection) -> None:
    connection.executescript(_SCHEMA)
