"""Takes what a person made since the last copy over from a damaged catalog, as far as it can be read."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from readingroom.core.conversation import Role
from readingroom.core.embedding_forms import Precision
from readingroom.core.models import SourceState

log = logging.getLogger(__name__)

_COUNTED = frozenset({"workspaces", "sources", "threads", "messages"})

_ORPHANS = (
    "DELETE FROM indexes WHERE workspace_id NOT IN (SELECT id FROM workspaces)",
    "DELETE FROM sources WHERE workspace_id NOT IN (SELECT id FROM workspaces)",
    "DELETE FROM threads WHERE workspace_id NOT IN (SELECT id FROM workspaces)",
    "DELETE FROM messages WHERE thread_id NOT IN (SELECT id FROM threads)",
    "DELETE FROM citations WHERE message_id NOT IN (SELECT id FROM messages)",
    "UPDATE citations SET document_id = NULL WHERE document_id NOT IN (SELECT id FROM documents)",
)
"""Run after the rest: their parents could not be read, or bear a name that was taken meanwhile."""


def rescue(damaged: Path, staged: sqlite3.Connection) -> int:
    """Add to `staged` what it lacks, within a transaction of the caller's; how many things that were.

    What stands in both is left as it is in `staged`: its rows are known to be whole. Documents are not taken over:
    they are read again from their files.
    """
    try:
        source = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.DatabaseError:
        return 0
    rescued = 0
    with closing(source):
        for table, fits in _FITTING.items():
            added = _add(staged, table, (row for row in _rows(source, table) if fits(row)))
            rescued += added if table in _COUNTED else 0
    for statement in _ORPHANS:
        staged.execute(statement)
    return rescued


def _add(staged: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> int:
    known = {str(row[1]) for row in staged.execute(f"PRAGMA table_info({table})")}
    # What was set last holds; everything else is only ever added.
    verb = "INSERT OR REPLACE" if table == "settings" else "INSERT OR IGNORE"
    added = 0
    for row in rows:
        columns = [name for name in row if name in known]
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        try:
            added += staged.execute(
                f"{verb} INTO {table} ({names}) VALUES ({marks})", [row[name] for name in columns]
            ).rowcount
        except sqlite3.DatabaseError as error:
            log.info("A row of %s does not fit: %s", table, error)
    return added


def _rows(source: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """Rows from the front up to a damaged page, then from the back down to one; some may come twice."""
    for order in ("", " DESC"):
        try:
            keys = [str(row[1]) for row in source.execute(f"PRAGMA table_info({table})") if row[5]]
            if not keys:
                return
            by = ", ".join(f"{key}{order}" for key in keys)
            cursor = source.execute(f"SELECT * FROM {table} ORDER BY {by}")
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))
        except sqlite3.Error as error:
            log.info("%s of the damaged catalog ends early: %s", table, error)
        else:
            return


def _json(text: object) -> bool:
    try:
        json.loads(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


_FITTING: dict[str, Callable[[dict[str, Any]], bool]] = {
    "settings": lambda row: _json(row["value"]),
    "workspaces": lambda row: isinstance(row["name"], str),
    "indexes": lambda row: (
        row["active"] == 1
        and isinstance(row["dimension"], int)
        and row.get("precision", Precision.FULL) in set(Precision)
    ),
    "sources": lambda row: isinstance(row["path"], bytes) and row["state"] in set(SourceState),
    "threads": lambda row: isinstance(row["title"], str),
    "messages": lambda row: (
        row["role"] in set(Role) and isinstance(row["text"], str) and _json(row["passages"])
    ),
    "citations": lambda row: isinstance(row["path"], bytes) and isinstance(row["quote"], str),
}
"""In the order of their references. A damaged page may hand out nonsense without an error."""
