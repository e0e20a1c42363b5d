"""The look at a catalog before it is used: cheap for a large one, every page of a small or suspect one."""

import sqlite3
from pathlib import Path

from readingroom.core.errors import CatalogDamaged
from readingroom.storage.lane import suspect_mark

_QUICK_BYTES = 16 * 1024 * 1024
"""A catalog of 530 MB takes 0.6 s to look over, from memory; up to here it is 20 ms. A larger one is looked over when
its daily copy is made, and at the next start when anything seemed wrong with it."""

_SMALL_TABLES = ("settings", "workspaces", "indexes", "sources", "threads")
"""What the start needs, and what a person would miss most."""


def look_over(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `CatalogDamaged` for one that cannot be used; an empty file is a catalog yet to be made."""
    if not int(connection.execute("PRAGMA user_version").fetchone()[0]):
        return
    suspect = suspect_mark(path)
    if suspect.exists() or path.stat().st_size <= _QUICK_BYTES:
        found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        if found != "ok":
            raise CatalogDamaged(f"{path.name} is damaged: {found}.")
        suspect.unlink(missing_ok=True)
        return
    known = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if missing := set(_SMALL_TABLES) - known:
        raise CatalogDamaged(f"{path.name} is damaged: {', '.join(sorted(missing))} is missing.")
    for name in _SMALL_TABLES:
        connection.execute(f"SELECT * FROM {name}").fetchall()
