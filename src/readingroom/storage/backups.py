"""Copies of the catalog made while it is in use: whole, verified, and there after a power cut."""

import logging
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from readingroom.config.lasting import put_in_place
from readingroom.core.cancellation import CancelToken
from readingroom.core.copies import CatalogCopy, CopyKind, local_now, no_longer_kept
from readingroom.core.errors import CatalogDamaged, DiskFull, UserFixableError
from readingroom.storage.lane import mark_suspect, translated

log = logging.getLogger(__name__)

_STEP_PAGES = 512
_REST_S = 0.002
"""Between two steps of 2 MB: the disk and the interpreter belong to others in between."""
_ROOM_BYTES = 256 * 1024 * 1024
"""What is left free beside the copy; indexing waits below it."""
_STAMP = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"-(?:(?P<kind>v\d+|replaced)-)?(?P<stamp>\d{8}-\d{6})(?:-\d+)?\.sqlite", re.ASCII)


class SqliteBackups:
    """See `core.copies.CatalogCopies`."""

    def __init__(self, catalog: Path, folder: Path) -> None:
        self._catalog = catalog
        self._folder = folder

    def list(self) -> Sequence[CatalogCopy]:
        """See `CatalogCopies`."""
        return copies_in(self._folder, self._catalog.stem)

    def make(self, cancel: CancelToken) -> CatalogCopy:
        """See `CatalogCopies`."""
        self._remove_unfinished()
        self._check_room()
        target = self._folder / copy_name(self._catalog, CopyKind.DAILY)
        try:
            with closing(_read_only(self._catalog)) as source:
                # A snapshot: without it each commit of others would start the copy from the beginning.
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()
                write_copy(source, target, lambda: _rest(cancel))
        except sqlite3.DatabaseError as error:
            known = translated(error, self._catalog)
            if known is None:
                raise
            if isinstance(known, CatalogDamaged):
                mark_suspect(self._catalog)
            raise known from error
        for old in no_longer_kept(self.list()):
            old.path.unlink(missing_ok=True)
            log.info("The copy %s is no longer kept", old.path.name)
        return next(copy for copy in self.list() if copy.path == target)

    def is_sound(self) -> bool:
        """See `CatalogCopies`."""
        return is_sound(self._catalog)

    def suspect(self) -> None:
        """See `CatalogCopies`."""
        mark_suspect(self._catalog)

    def request_restore(self, copy: CatalogCopy) -> None:
        """See `CatalogCopies`."""
        if copy.path not in [known.path for known in self.list()]:
            raise UserFixableError("That copy is no longer there.", hint="Choose another.")
        if not is_sound(copy.path):
            raise UserFixableError(
                f"The copy {copy.path.name} is damaged itself.", hint="Choose another; nothing was changed."
            )
        mark = restore_request(self._catalog)
        partial = mark.with_suffix(".partial")
        partial.write_text(copy.path.name, "utf-8")
        put_in_place(partial, mark)

    def _check_room(self) -> None:
        needed = self._catalog.stat().st_size + _ROOM_BYTES
        if shutil.disk_usage(self._folder).free < needed:
            raise DiskFull(
                "There is no room for today's copy of the catalog.",
                hint=f"Free {needed // 2**20} MB on the disk that holds the data folder; it is made then.",
            )

    def _remove_unfinished(self) -> None:
        for left in self._folder.glob(f"{self._catalog.stem}-*.partial*"):
            with suppress(OSError):
                left.unlink()


def restore_request(catalog: Path) -> Path:
    """The file that names the copy to be put in the catalog's place at the next start."""
    return catalog.with_name("restore")


def copies_in(folder: Path, stem: str) -> list[CatalogCopy]:
    """Newest first."""
    found = []
    for path in folder.glob(f"{stem}-*.sqlite"):
        with suppress(OSError, ValueError):
            if (match := _NAME.fullmatch(path.name.removeprefix(stem))) is not None:
                named = match["kind"] or ""
                kind = CopyKind.MIGRATION if named.startswith("v") else CopyKind(named or "daily")
                made_at = datetime.strptime(match["stamp"], _STAMP).astimezone()
                found.append(CatalogCopy(path, kind, made_at, path.stat().st_size))
    return sorted(found, key=lambda copy: (copy.made_at, copy.path.name), reverse=True)


def copy_name(catalog: Path, kind: CopyKind, *, version: int = 0) -> str:
    """Name a copy made now."""
    part = {CopyKind.DAILY: "", CopyKind.MIGRATION: f"v{version}-", CopyKind.REPLACED: "replaced-"}[kind]
    return f"{catalog.stem}-{part}{local_now():{_STAMP}}.sqlite"


def write_copy(source: sqlite3.Connection, target: Path, between: Callable[[], None] = lambda: None) -> None:
    """Copy a database in small steps, verify the copy, and only then give it its name.

    `between` is called after each step and may raise to give up. Raises `CatalogDamaged` for a copy with a wrong
    page: the pages are the source's own.
    """
    partial = target.with_suffix(".partial")
    try:
        with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            # It has no name yet: what a crash leaves of it is thrown away.
            copy.execute("PRAGMA synchronous = OFF")
            copy.execute("PRAGMA journal_mode = OFF")
            source.backup(copy, pages=_STEP_PAGES, progress=lambda *_: between())
            # One file, readable without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            if not _is_sound(copy):
                raise CatalogDamaged(
                    "The catalog has damaged pages.",
                    hint="Close Reading Room and open it again: it is put right from its newest good copy.",
                )
        partial.chmod(0o600)
        put_in_place(partial, target)
    except OSError as error:
        raise DiskFull(
            f"No copy of the catalog could be written: {error.strerror}.",
            hint=f"Make room on the disk that holds {target.parent}.",
        ) from error
    finally:
        for left in (partial, partial.with_name(f"{partial.name}-journal")):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def is_sound(path: Path) -> bool:
    """Whether every page of a database can be read and is in its place."""
    try:
        with closing(_read_only(path)) as database:
            tables = database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            return tables is not None and _is_sound(database)
    except sqlite3.DatabaseError:
        return False


def _is_sound(database: sqlite3.Connection) -> bool:
    try:
        return [tuple(row) for row in database.execute("PRAGMA quick_check(1)")] == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def _read_only(path: Path) -> sqlite3.Connection:
    # As a URI, so that it is never created; a log beside it is read as well.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=10)


def _rest(cancel: CancelToken) -> None:
    cancel.raise_if_cancelled()
    time.sleep(_REST_S)
