"""The SQLite connection behind its own thread: opened, used and closed there."""

import logging
import shutil
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from readingroom.core.errors import CatalogDamaged, DiskFull, UserFixableError

log = logging.getLogger(__name__)

T = TypeVar("T")

_PRIMARY = 0xFF
"""SQLite's extended codes carry their kind in the lowest byte."""
_FULL = frozenset({sqlite3.SQLITE_FULL})
_UNREADABLE = frozenset({sqlite3.SQLITE_IOERR})
_REFUSED = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_TIGHT_BYTES = 4 * 1024 * 1024
"""Below this an input/output error is taken for want of room: SQLite cannot grow its shared memory then."""


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

    def write(self, work: Callable[[sqlite3.Connection], T], *, lasting: bool = False) -> T:
        """Run `work` in a transaction: all of it is kept, or nothing. What is `lasting` outlives a power cut, too."""

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

        def written_through() -> T:
            self._connection.execute("PRAGMA synchronous = FULL")
            try:
                return transact()
            finally:
                self._connection.execute("PRAGMA synchronous = NORMAL")

        return self._on_lane(written_through if lasting else transact)

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
                # After a power cut the last commits may be missing, never half there: what can be made again from
                # the files is. What a person made is written with `lasting`.
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
        if isinstance(error, sqlite3.DatabaseError) and (known := translated(error, self._path)) is not None:
            if isinstance(known, CatalogDamaged):
                mark_suspect(self._path)
            raise known from error


def translated(error: sqlite3.DatabaseError, path: Path) -> UserFixableError | None:
    """What SQLite's error means for the person; None for a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code in _FULL or (code in _UNREADABLE | _REFUSED and _free_bytes(path) < _TIGHT_BYTES):
        return DiskFull(
            f"There is no room left to write {path.name}.",
            hint=f"Make room on the disk that holds {path.parent}; nothing that was saved is lost.",
        )
    if code in _UNREADABLE:
        return UserFixableError(
            f"{path.name} cannot be read or written: the disk reports an error.",
            hint=f"Check the disk that holds {path.parent}.",
        )
    if code in _REFUSED:
        return UserFixableError(
            f"{path.name} cannot be opened for writing.",
            hint=f"Mend the permissions of {path.parent}, or give another folder with --data-dir.",
        )
    if code in _DAMAGED:
        return CatalogDamaged(
            f"{path.name} is damaged: {error}.",
            hint="Close Reading Room and open it again: it is checked then, and put right from its newest good copy.",
        )
    return None


def suspect_mark(path: Path) -> Path:
    """The file beside a database that says it has to be looked at before it is used again."""
    return path.with_name(f"{path.name}.suspect")


def mark_suspect(path: Path) -> None:
    """Have the next start look at every page."""
    try:
        suspect_mark(path).touch(mode=0o600)
    except OSError as error:
        log.warning("%s could not be marked as suspect: %s", path.name, error.strerror)


def _free_bytes(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return 0
