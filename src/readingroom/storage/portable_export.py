"""A workspace of the catalog as records, read on a connection of its own at one moment."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from readingroom.core.conversation import Role, Support
from readingroom.core.embedding_forms import Precision
from readingroom.core.errors import NoSuchWorkspace
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import DocumentState
from readingroom.core.portable import (
    ChunkRecord,
    CitationRecord,
    DocumentPart,
    DocumentRecord,
    MessageRecord,
    PageRecord,
    PassageRecord,
    RecognisedRecord,
    SourceRecord,
    ThreadPart,
    ThreadRecord,
    WorkspaceFacts,
    to_portable,
)
from readingroom.core.text_spans import storable
from readingroom.storage.store import Store

_LEAST_PARTS = 3
"""A folder nearer to the root than `/home/anna` says nothing of what belongs together below it."""

_OF_WORKSPACE = "d.source_id IN (SELECT id FROM sources WHERE workspace_id = ? AND removed_at IS NULL)"

_DOCUMENTS = f"""
SELECT d.*, r.notes AS recognition_notes, r.document_id AS pictured, x.state AS index_state,
       EXISTS (SELECT 1 FROM queue q WHERE q.document_id = d.id) AS queued
  FROM documents d
  LEFT JOIN recognition r ON r.document_id = d.id
  LEFT JOIN index_documents x ON x.document_id = d.id AND x.index_id = ?
 WHERE {_OF_WORKSPACE} ORDER BY d.id
"""
_CHUNKS = f"chunks c JOIN documents d ON d.id = c.document_id WHERE c.index_id = ? AND {_OF_WORKSPACE}"
_THREADS = "SELECT * FROM threads WHERE workspace_id = ? AND removed_at IS NULL ORDER BY updated_at, id"


class PortableExportStore(Store):
    """See `core.portable.PortableCatalog`."""

    @contextmanager
    def snapshot(self, workspace_id: WorkspaceId) -> Iterator["SqliteSnapshot"]:
        # Not on the lane: questions and pumps go on meanwhile, and the log of SQLite keeps this moment for us.
        file = self._lane.read(lambda db: str(db.execute("PRAGMA database_list").fetchone()["file"]))
        with closing(sqlite3.connect(f"{Path(file).as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            db.isolation_level = None
            db.row_factory = sqlite3.Row
            db.execute("BEGIN")
            yield SqliteSnapshot(db, workspace_id)


class SqliteSnapshot:
    """See `core.portable.WorkspaceSnapshot`."""

    def __init__(self, db: sqlite3.Connection, workspace_id: WorkspaceId) -> None:
        """Raises `NoSuchWorkspace`."""
        self._db = db
        self._workspace_id = workspace_id
        row = db.execute(
            "SELECT w.name, i.id, i.embedding_model, i.dimension, i.chunker, i.precision FROM workspaces w"
            " JOIN indexes i ON i.workspace_id = w.id AND i.active WHERE w.id = ? AND w.removed_at IS NULL",
            (workspace_id,),
        ).fetchone()
        if row is None:
            raise NoSuchWorkspace("That workspace is gone.", hint="Bring it back first.")
        self._index_id = int(row["id"])
        self._numbers: dict[int, tuple[int, str]] = {}
        """Id of a document to its number and portable path, for the threads."""
        self._sources = db.execute(
            "SELECT * FROM sources WHERE workspace_id = ? AND removed_at IS NULL ORDER BY id", (workspace_id,)
        ).fetchall()
        self.facts = WorkspaceFacts(
            name=row["name"],
            embedding_model=row["embedding_model"],
            dimension=row["dimension"],
            kept_dimension=row["dimension"],
            precision=Precision(row["precision"]),
            chunker=row["chunker"],
            documents=self._count(f"documents d WHERE {_OF_WORKSPACE}", workspace_id),
            chunks=self._count(_CHUNKS, self._index_id, workspace_id),
            threads=self._count("threads WHERE workspace_id = ? AND removed_at IS NULL", workspace_id),
        )

    def sources(self) -> Iterator[SourceRecord]:
        paths = [Path(os.fsdecode(row["path"])) for row in self._sources]
        for number, (row, (group, place)) in enumerate(
            zip(self._sources, _grouped(paths), strict=True), start=1
        ):
            yield SourceRecord(
                number,
                group,
                _below(os.fsencode(place)),
                bool(row["is_folder"]),
                bool(row["watch"]),
                storable(os.fsdecode(row["patterns"])),
                bool(row["git_ignore"]),
                row["max_file_mb"],
            )

    def documents(self) -> Iterator[DocumentPart]:
        roots = {row["id"]: (n, row["path"]) for n, row in enumerate(self._sources, start=1)}
        for number, row in enumerate(
            self._db.execute(_DOCUMENTS, (self._index_id, self._workspace_id)), start=1
        ):
            source, root = roots[row["source_id"]]
            path = _below(row["path"][len(root) :])
            self._numbers[row["id"]] = (
                number,
                path or to_portable(Path(os.fsdecode(root)).name.encode("utf-8", "surrogateescape")),
            )
            container = self._numbers[row["container_id"]][0] if row["container_id"] else None
            yield _document(row, number, source, container, path)
            yield from self._pages(row["id"])
            yield from self._chunks(row["id"])

    def recognised(self) -> Iterator[RecognisedRecord]:
        for row in self._db.execute(
            "SELECT * FROM recognised_pages WHERE content_hash IN"
            f" (SELECT content_hash FROM documents d WHERE {_OF_WORKSPACE})",
            (self._workspace_id,),
        ):
            yield RecognisedRecord(**_values(row) | {"words": json.loads(row["words"])})

    def threads(self) -> Iterator[ThreadPart]:
        for thread in self._db.execute(_THREADS, (self._workspace_id,)):
            rows = self._db.execute(
                "SELECT * FROM messages WHERE thread_id = ? ORDER BY id", (thread["id"],)
            ).fetchall()
            numbers = {row["id"]: number for number, row in enumerate(rows, start=1)}
            yield ThreadRecord(
                thread["title"],
                thread["updated_at"],
                pinned=bool(thread["pinned"]),
                named=bool(thread["named"]),
                shown=numbers.get(thread["shown"], 0),
            )
            for row in rows:
                yield self._message(row, numbers)

    def text_hashes(self) -> Iterator[str]:
        for row in self._db.execute(
            f"SELECT DISTINCT c.text_hash FROM {_CHUNKS} ORDER BY c.text_hash",
            (self._index_id, self._workspace_id),
        ):
            yield row[0]

    def _count(self, what: str, *values: int) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {what}", values).fetchone()[0])

    def _pages(self, document_id: int) -> Iterator[PageRecord]:
        for row in self._db.execute(
            "SELECT * FROM pages WHERE document_id = ? ORDER BY ordinal", (document_id,)
        ):
            yield PageRecord(
                number=row["number"],
                text=row["text"],
                label=row["label"],
                words=json.loads(row["words"]),
                pictured=bool(row["pictured"]),
                read_text=row["read_text"],
                merged=bool(row["merged"]),
            )

    def _chunks(self, document_id: int) -> Iterator[ChunkRecord]:
        for row in self._db.execute(
            "SELECT * FROM chunks WHERE document_id = ? AND index_id = ? ORDER BY ordinal",
            (document_id, self._index_id),
        ):
            yield ChunkRecord(
                start=row["start"],
                end=row["end"],
                page=row["page"],
                heading=json.loads(row["heading"]),
                text=row["text"],
                tokens=row["tokens"],
                text_hash=row["text_hash"],
                context=row["context"],
                topic=row["topic"],
            )

    def _message(self, row: sqlite3.Row, numbers: Mapping[int, int]) -> MessageRecord:
        searched = json.loads(row["searched"]) if row["searched"] else None
        citations = self._db.execute(
            "SELECT * FROM citations WHERE message_id = ? ORDER BY n, claim_start, start", (row["id"],)
        )
        return MessageRecord(
            role=Role(row["role"]),
            text=row["text"],
            created_at=row["created_at"],
            model=row["model"],
            searched=searched and (searched["documents"], searched["passages"], searched["used"]),
            refused=bool(row["refused"]),
            notice=row["notice"],
            citations=[self._citation(one) for one in citations],
            passages=[self._passage(one) for one in json.loads(row["passages"])],
            number=numbers[row["id"]],
            follows=numbers.get(row["parent_id"], 0),
            thinking=row["thinking"],
            queries=list(searched.get("queries", ())) if searched else [],
            left_out=searched.get("left_out", "") if searched else "",
            beyond=bool(searched and searched.get("beyond")),
        )

    def _citation(self, row: sqlite3.Row) -> CitationRecord:
        document, path = self._place(row["document_id"], row["path"])
        values = _values(row)
        del values["message_id"], values["document_id"]
        return CitationRecord(
            **values
            | {"document": document, "path": path, "located": bool(row["located"])}
            | {"support": Support(row["support"]), "offered": bool(row["offered"])}
        )

    def _passage(self, value: dict[str, Any]) -> PassageRecord:
        document, path = self._place(value.pop("document_id"), os.fsencode(value["path"]))
        locations = [(one["page"], one["start"], one["end"]) for one in value["locations"]]
        return PassageRecord(**value | {"document": document, "path": path, "locations": locations})

    def _place(self, document_id: int | None, path: bytes) -> tuple[int | None, str]:
        """Number and path of a document; where it had gone, its name alone: the rest says where this computer keeps things."""
        if (known := self._numbers.get(document_id or 0)) is not None:
            return known
        return None, to_portable(os.fsencode(Path(os.fsdecode(path)).name))


def _document(row: sqlite3.Row, number: int, source: int, container: int | None, path: str) -> DocumentRecord:
    # What is being read now, or is to be read again, is read there.
    state = DocumentState.QUEUED if row["queued"] else DocumentState(row["state"])
    return DocumentRecord(
        number=number,
        source=source,
        container=container,
        path=path,
        locator=row["locator"],
        state=state,
        reason=row["reason"],
        format=row["format"],
        title=row["title"],
        pages=row["pages"],
        chunks=row["chunks"],
        size_bytes=row["size_bytes"],
        modified_at_ns=row["modified_at_ns"],
        content_hash=row["content_hash"],
        indexed_at=row["indexed_at"],
        strikes=row["strikes"],
        headings=json.loads(row["headings"]),
        tables=json.loads(row["tables"]),
        notes=json.loads(row["notes"]),
        words=row["words"],
        pages_without_text=row["pages_without_text"],
        read_seconds=row["read_seconds"],
        recognition_notes=json.loads(row["recognition_notes"]) if row["pictured"] else None,
        indexed=row["index_state"] is not None,
    )


def _below(path: bytes) -> str:
    return to_portable(path.replace(os.fsencode(os.sep), b"/").lstrip(b"/"))


def _grouped(paths: Sequence[Path]) -> Iterator[tuple[int, Path]]:
    """For each source the number of the folder it is told from, and its path below that.

    Sources below one folder keep their places to each other, so that finding one of them again finds all; what lies
    above stays untold.
    """
    parents = sorted({path.parent for path in paths}, key=lambda path: len(path.parts))
    anchors: Mapping[Path, int] = {parent: number for number, parent in enumerate(parents, start=1)}
    for path in paths:
        shared = (a for a in parents if len(a.parts) >= _LEAST_PARTS and path.is_relative_to(a) and a != path)
        anchor = next(shared, path.parent)
        yield anchors[anchor], path.relative_to(anchor)


def _values(row: sqlite3.Row) -> dict[str, Any]:
    return {name: row[name] for name in row.keys()}  # noqa: SIM118  (a Row iterates over its values)
