"""Puts a copy in the place of the catalog, or begins anew, so that a crash at any moment leaves one or the other.

The copy is made ready beside the catalog (`catalog.staged`); once that file has its name, the rest is repeated at the
next start until it is done: the index is thrown away, the former catalog moved aside, the new one put in its place.
The caller holds the data folder and has no catalog open.
"""

import json
import logging
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from readingroom.config.lasting import put_in_place, sync_file, sync_folder
from readingroom.config.paths import DataPaths
from readingroom.core.copies import INDEXES_DOUBTED, CatalogCopy, CopyKind, Restoration
from readingroom.core.errors import CatalogDamaged, CatalogLost, CatalogTooNew, DiskFull, UserFixableError
from readingroom.storage.backups import copies_in, copy_name, is_sound, restore_request
from readingroom.storage.catalog import SqliteCatalog
from readingroom.storage.lane import suspect_mark
from readingroom.storage.rescue import rescue

log = logging.getLogger(__name__)

_NEVER_AGAIN = {
    "workspaces": 1_000,
    "indexes": 1_000,
    "sources": 10_000,
    "documents": 10_000_000,
    "chunks": 10_000_000_000,
    "threads": 10_000,
    "messages": 100_000,
}
"""How far numbers jump ahead: what was made after the copy had numbers that must not come again. A chunk's is its
point's, and a server may hold such points still; a message's or thread's may be remembered elsewhere."""


def open_catalog(paths: DataPaths) -> tuple[SqliteCatalog, bool]:
    """Open it; whether another had to be put in its place: the copy that was asked for, or one for a catalog past use.

    Raises `CatalogTooNew`, `CatalogLost`, `DiskFull`, `UserFixableError`.
    """
    replaced = finish_interrupted(paths) or _answer_request(paths) or _replace_missing(paths)
    try:
        return SqliteCatalog(paths.catalog, paths.backups), replaced
    except CatalogTooNew:
        raise
    except CatalogDamaged as error:
        log.warning("The catalog cannot be used: %s", error)
    restore_newest(paths)
    return SqliteCatalog(paths.catalog, paths.backups), True


def restore_newest(paths: DataPaths) -> None:
    """Put the newest good copy in the place of a catalog that cannot be used. Raises `CatalogLost`, `DiskFull`."""
    copies = copies_in(paths.backups, paths.catalog.stem)
    # One the person went back from comes last, however new.
    for copy in sorted(copies, key=lambda copy: copy.kind is CopyKind.REPLACED):
        if is_sound(copy.path):
            restore(paths, copy, asked=False)
            return
        log.warning("The copy %s is damaged, too", copy.path.name)
    raise CatalogLost(
        f"The catalog in {paths.root} is damaged, and there is no good copy of it.",
        hint="`readingroom doctor --repair` begins a new one and takes over what can still be read; the damaged"
        " one is kept, and your files are not touched.",
    )


def restore(paths: DataPaths, copy: CatalogCopy, *, asked: bool) -> None:
    """Put this copy in the catalog's place; the former catalog is kept. Raises `DiskFull`."""
    _stage(paths, copy, asked=asked)
    finish_interrupted(paths)


def begin_anew(paths: DataPaths) -> None:
    """Put a new catalog in the place of a damaged one, which is kept. Raises `DiskFull`."""
    _stage(paths, None, asked=False)
    finish_interrupted(paths)


def last_restoration(paths: DataPaths) -> Restoration | None:
    """What was done last and not yet dismissed."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(_record(paths).read_text("utf-8"))
        made_at, name = kept["copy_made_at"], kept["kept"]
        return Restoration(
            None if made_at is None else datetime.fromisoformat(made_at),
            None if name is None else paths.backups / name,
            bool(kept["asked"]),
            int(kept["rescued"]),
        )
    return None


def forget_restoration(paths: DataPaths) -> None:
    """The person has read it."""
    _record(paths).unlink(missing_ok=True)


def finish_interrupted(paths: DataPaths) -> bool:
    """Go on with what stands ready; whether anything did."""
    staged, said = _staged(paths), _staged_record(paths)
    if not staged.exists():
        said.unlink(missing_ok=True)
        return False
    if said.exists():
        put_in_place(said, _record(paths))
    restoration = last_restoration(paths)
    kept = restoration.kept if restoration is not None else None
    if kept is None:
        kept = _aside(paths, asked=False)
    for folder in paths.vectors.glob("*"):
        shutil.rmtree(folder, ignore_errors=True)
    # Its log first: left behind, it would be taken for the new catalog's.
    for ending in ("-wal", "-shm", ""):
        part = paths.catalog.with_name(paths.catalog.name + ending)
        if (ending and not _has_content(part)) or ending == "-shm":
            part.unlink(missing_ok=True)
        elif part.exists():
            part.rename(kept.with_name(kept.name + ending))
    sync_folder(paths.backups)
    suspect_mark(paths.catalog).unlink(missing_ok=True)
    put_in_place(staged, paths.catalog)
    log.warning("%s", restoration.told if restoration is not None else "A catalog was put in place")
    return True


def _replace_missing(paths: DataPaths) -> bool:
    """An empty file counts as none: SQLite would make a new catalog of it without a word."""
    if not _is_gone(paths.catalog):
        return False
    if copies_in(paths.backups, paths.catalog.stem):
        log.warning("The catalog is missing")
        restore_newest(paths)
        return True
    if any(paths.vectors.glob("*")):
        # A new one would give numbers that points lying there have already.
        begin_anew(paths)
        return True
    return False


def _answer_request(paths: DataPaths) -> bool:
    request = restore_request(paths.catalog)
    if not request.exists():
        return False
    name = request.read_text("utf-8")
    # Asked for once: a failure must not keep the program from starting.
    request.unlink()
    for copy in copies_in(paths.backups, paths.catalog.stem):
        if copy.path.name == name and is_sound(copy.path):
            restore(paths, copy, asked=True)
            return True
    raise UserFixableError(
        f"The copy {name} could not be put in place: it is gone or damaged.",
        hint="Nothing was changed; open Reading Room again to go on as before.",
    )


def _stage(paths: DataPaths, copy: CatalogCopy | None, *, asked: bool) -> None:
    staged = _staged(paths)
    partial = staged.with_suffix(".staging")
    had_one = not _is_gone(paths.catalog)
    kept = _aside(paths, asked=asked and _gather(paths.catalog)) if had_one else None
    try:
        for left in staged.parent.glob(f"{partial.name}*"):
            left.unlink()
        if copy is not None:
            shutil.copyfile(copy.path, partial)
        SqliteCatalog(partial, paths.backups).close()
        with closing(sqlite3.connect(partial, isolation_level=None)) as new:
            new.execute("PRAGMA journal_mode = DELETE")
            new.execute("BEGIN IMMEDIATE")
            rescued = rescue(paths.catalog, new) if had_one and not asked else 0
            _jump_ahead(new)
            new.execute("INSERT OR REPLACE INTO settings VALUES (?, 'true')", (INDEXES_DOUBTED,))
            new.execute("COMMIT")
        partial.chmod(0o600)
        _write_record(paths, Restoration(copy.made_at if copy else None, kept, asked, rescued))
        put_in_place(partial, staged)
    except (OSError, sqlite3.OperationalError, DiskFull) as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise DiskFull(
            f"There is no room in {paths.root} to put a copy of the catalog in its place.",
            hint=f"Free {_size(copy, paths) // 2**20 + 64} MB and open Reading Room again; nothing was changed.",
        ) from error


def _jump_ahead(new: sqlite3.Connection) -> None:
    for table, gap in _NEVER_AGAIN.items():
        if not new.execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?", (gap, table)).rowcount:
            new.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, gap))


def _gather(catalog: Path) -> bool:
    """Fold the log into the file, so that it is a copy like the others; whether that could be done."""
    try:
        with closing(sqlite3.connect(catalog, isolation_level=None)) as present:
            return bool(present.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "delete")
    except sqlite3.DatabaseError:
        return False


def _aside(paths: DataPaths, *, asked: bool) -> Path:
    """A name for the former catalog: among the copies where it is whole, else as a damaged one, never thrown away."""
    name = copy_name(paths.catalog, CopyKind.REPLACED)
    if not asked:
        name = name.replace("replaced", "damaged")
    wanted, number = paths.backups / name, 2
    while wanted.exists():
        wanted = paths.backups / f"{name.removesuffix('.sqlite')}-{number}.sqlite"
        number += 1
    return wanted


def _is_gone(catalog: Path) -> bool:
    return not catalog.exists() or (
        catalog.stat().st_size == 0 and not _has_content(catalog.with_name(f"{catalog.name}-wal"))
    )


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _size(copy: CatalogCopy | None, paths: DataPaths) -> int:
    return copy.size_bytes if copy is not None else paths.catalog.stat().st_size


def _staged(paths: DataPaths) -> Path:
    return paths.catalog.with_suffix(".staged")


def _staged_record(paths: DataPaths) -> Path:
    return _staged(paths).with_suffix(".json")


def _record(paths: DataPaths) -> Path:
    return paths.root / "restored.json"


def _write_record(paths: DataPaths, restoration: Restoration) -> None:
    made_at = restoration.copy_made_at
    value: dict[str, Any] = {
        "copy_made_at": None if made_at is None else made_at.isoformat(),
        "kept": None if restoration.kept is None else restoration.kept.name,
        "asked": restoration.asked,
        "rescued": restoration.rescued,
    }
    _staged_record(paths).write_text(json.dumps(value), "utf-8")
    sync_file(_staged_record(paths))
