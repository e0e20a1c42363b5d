"""The rules of sources in the catalog, and what they left out."""

import os
import sqlite3
from collections.abc import Sequence

from readingroom.core.ids import SourceId
from readingroom.core.source_rules import LeftOutFile, SourceRules
from readingroom.storage.store import Store


class RuleStore(Store):
    """See `core.source_rules.RuleCatalog`."""

    def set_source_rules(self, source_id: SourceId, rules: SourceRules) -> None:
        values = (os.fsencode(rules.patterns), rules.git_ignore, rules.max_file_mb, source_id)
        self._lane.write(
            lambda db: db.execute(
                "UPDATE sources SET patterns = ?, git_ignore = ?, max_file_mb = ? WHERE id = ?", values
            )
        )

    def source_files(self, source_id: SourceId) -> Sequence[tuple[str, int]]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT path, size_bytes FROM documents WHERE source_id = ? AND container_id IS NULL",
                (source_id,),
            ).fetchall()
        )
        return [(os.fsdecode(path), size_bytes) for path, size_bytes in rows]

    def left_out(self, source_id: SourceId) -> Sequence[LeftOutFile]:
        rows = self._lane.read(lambda db: _rows(db, source_id))
        return [
            LeftOutFile(os.fsdecode(path), os.fsdecode(rule), bool(is_folder), size_bytes)
            for path, rule, is_folder, size_bytes in rows
        ]

    def set_left_out(self, source_id: SourceId, entries: Sequence[LeftOutFile], total: int) -> bool:
        rows = sorted(
            (os.fsencode(entry.path), os.fsencode(entry.rule), int(entry.is_folder), entry.size_bytes)
            for entry in {entry.path: entry for entry in entries}.values()
        )

        def same(db: sqlite3.Connection) -> bool:
            known = db.execute("SELECT left_out FROM sources WHERE id = ?", (source_id,)).fetchone()
            return (
                known is not None
                and known[0] == total
                and [tuple(row) for row in _rows(db, source_id)] == rows
            )

        def work(db: sqlite3.Connection) -> None:
            db.execute("UPDATE sources SET left_out = ? WHERE id = ?", (total, source_id))
            db.execute("DELETE FROM left_out WHERE source_id = ?", (source_id,))
            db.executemany("INSERT INTO left_out VALUES (?, ?, ?, ?, ?)", [(source_id, *row) for row in rows])

        # Nearly always nothing has changed, and then nothing is written.
        if self._lane.read(same):
            return False
        self._lane.write(work)
        return True


def source_rules(row: sqlite3.Row) -> SourceRules:
    """Those in a row of `sources`."""
    return SourceRules(os.fsdecode(row["patterns"]), bool(row["git_ignore"]), row["max_file_mb"])


def _rows(db: sqlite3.Connection, source_id: SourceId) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT path, rule, is_folder, size_bytes FROM left_out WHERE source_id = ? ORDER BY path",
        (source_id,),
    ).fetchall()
