"""The SQLite connection behind its own thread: opened, used and closed there."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from readingroom.core.errors import CatalogDamaged, DiskFull

log = logging.getLogger(__name__)

T = TypeVar("T")

_FULL = ("disk is full", "disk I/O error")


class Lane:
    """Runs functions on one thread with one connection; callers need not know which thread they are on."""

    def __init__(self, path: Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
        """Open the database and `prepare` it. Raises `CatalogDamaged`, `DiskFull`."""
        self._path = path
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"lane-{path.stem}")
        self._thread: int | None = None
        try:
            self._connection = self._executor.submit(self._open, prepare).result()
        except BaseException:
            self._executor.shutdown()
            raise

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` and return what it returns; it must not write."""
        return self._on_lane(lambda: work(self._connection))

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in a transaction: all of it is kept, or nothing."""

        def transact() -> T:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            return result

        return self._on_lane(transact)

    def close(self) -> None:
        """Finish what is waiting and close. Harmless when repeated."""
        try:
            self._executor.submit(self._connection.close).result()
        except RuntimeError:  # closed before
            return
        self._executor.shutdown()

    def _open(self, prepare: Callable[[sqlite3.Connection], None]) -> sqlite3.Connection:
        self._thread = threading.get_ident()
        with _Translated(self._path):
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
            connection.row_factory = sqlite3.Row
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                # After a power cut the last commits may be missing, never half there; the start-up check mends
                # what the vector store has more or less of.
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA foreign_keys = ON")
                prepare(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    def _on_lane(self, work: Callable[[], T]) -> T:
        def guarded() -> T:
            with _Translated(self._path):
                return work()

        if threading.get_ident() == self._thread:
            return guarded()
        return self._executor.submit(guarded).result()


class _Translated:
    """Turns SQLite's errors into what the person can mend."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.OperationalError) and any(word in str(error) for word in _FULL):
            raise DiskFull(
                f"There is no room left to write {self._path.name}.",
                hint=f"Make room on the disk that holds {self._path.parent}; nothing that was saved is lost.",
            ) from error
        if isinstance(error, sqlite3.DatabaseError) and _is_damage(error):
            raise CatalogDamaged(
                f"{self._path.name} cannot be read: {error}.",
                hint=f"Put back the newest copy from {self._path.parent / 'backups'}, or move the file away to begin anew.",
            ) from error


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return type(error) is sqlite3.DatabaseError or "unable to open" in str(error)
