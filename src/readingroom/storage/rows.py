"""Rows of the catalog to values that other rooms know."""

import json
import os
import sqlite3
from pathlib import Path

from readingroom.core.catalog import PassageRow
from readingroom.core.ids import ChunkId, DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import Chunk, Index, PageSpan, StoredChunk


def passage_from(db: sqlite3.Connection, row: sqlite3.Row) -> PassageRow:
    """A row of `chunks` with its document's source and path; its pages are looked up."""
    pages = db.execute(
        "SELECT number, start, start + length AS stop FROM pages WHERE document_id = ? AND start < ? AND start + length > ?"
        " ORDER BY ordinal",
        (row["document_id"], row["end"], row["start"]),
    ).fetchall()
    return PassageRow(
        document_id=DocumentId(row["document_id"]),
        source_id=SourceId(row["source_id"]),
        path=Path(os.fsdecode(row["path"])),
        chunk=chunk_from(row),
        locations=tuple(
            PageSpan(page["number"], max(page["start"], row["start"]), min(page["stop"], row["end"]))
            for page in pages
        ),
    )


def stored_chunk_from(row: sqlite3.Row) -> StoredChunk:
    """A row of `chunks` with its document's source."""
    return StoredChunk(
        ChunkId(row["id"]), DocumentId(row["document_id"]), SourceId(row["source_id"]), chunk_from(row)
    )


def chunk_from(row: sqlite3.Row) -> Chunk:
    """A row of `chunks`."""
    return Chunk(
        ordinal=row["ordinal"],
        start=row["start"],
        end=row["end"],
        page=row["page"],
        heading=tuple(json.loads(row["heading"])),
        text=row["text"],
        tokens=row["tokens"],
        text_hash=row["text_hash"],
    )


def index_from(row: sqlite3.Row) -> Index:
    """A row of `indexes`."""
    return Index(
        id=IndexId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        embedding_model=row["embedding_model"],
        dimension=row["dimension"],
        chunker=row["chunker"],
        active=bool(row["active"]),
    )
