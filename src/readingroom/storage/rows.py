"""Rows of the catalog to values that other rooms know."""

import json
import os
import sqlite3
from functools import lru_cache
from pathlib import Path

from readingroom.core.catalog import PassageRow
from readingroom.core.embedding_forms import Precision
from readingroom.core.ids import ChunkId, DocumentId, IndexId, SourceId, WorkspaceId
from readingroom.core.models import Chunk, Document, DocumentState, Index, StoredChunk
from readingroom.core.sync_plan import Absence

_ABSENT = {
    Absence.VANISHED: "Its file went together with many others; it is kept until you say what is to become of them.",
    Absence.DRIVE: "The drive it lies on is not connected.",
    Absence.KEPT: "Its file is not there any more; you had it kept.",
}


@lru_cache(maxsize=4096)
def _path(written: bytes) -> Path:
    return Path(os.fsdecode(written))


def passage_from(row: sqlite3.Row) -> PassageRow:
    """A row of `chunks` with its document's source and path."""
    return PassageRow(
        document_id=DocumentId(row["document_id"]),
        source_id=SourceId(row["source_id"]),
        path=_path(row["path"]),
        chunk=chunk_from(row),
        offline=bool(row["offline"]),
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
        heading=() if row["heading"] == "[]" else tuple(json.loads(row["heading"])),
        text=row["text"],
        tokens=row["tokens"],
        text_hash=row["text_hash"],
        context=row["context"],
        topic=row["topic"],
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
        precision=Precision(row["precision"]),
    )


def document_from(row: sqlite3.Row) -> Document:
    """A row of `documents` with its workspace and the state that is shown."""
    return Document(
        id=DocumentId(row["id"]),
        workspace_id=WorkspaceId(row["workspace_id"]),
        source_id=SourceId(row["source_id"]),
        path=_path(row["path"]),
        state=DocumentState(row["shown_state"]),
        reason=_ABSENT.get(row["absent"]) or row["reason"],
        format=row["format"],
        pages=row["pages"],
        chunks=row["chunks"],
        size_bytes=row["size_bytes"],
        modified_at_ns=row["modified_at_ns"],
        content_hash=row["content_hash"],
        indexed_at=row["indexed_at"],
        revision=row["revision"],
        title=row["title"],
        words=row["words"],
        pages_without_text=row["pages_without_text"],
        read_seconds=row["read_seconds"],
        container_id=None if row["container_id"] is None else DocumentId(row["container_id"]),
        locator=row["locator"],
        pinned=bool(row["pinned"]),
    )
