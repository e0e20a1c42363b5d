"""Exports and imports a workspace in tests, and tells what of it a person sees."""

from pathlib import Path
from typing import Any

from helpers.room import Room
from readingroom.core.cancellation import CancelToken
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import SearchMode
from readingroom.services.portability import Exported, Imported


def export(room: Room, workspace_id: WorkspaceId, path: Path) -> Exported:
    *_, last = room.portability.export(workspace_id, path, cancel=CancelToken())
    assert isinstance(last.result, Exported)
    return last.result


def import_(room: Room, path: Path, name: str = "") -> Imported:
    *_, last = room.portability.import_(path, cancel=CancelToken(), name=name)
    assert isinstance(last.result, Imported)
    return last.result


def seen(room: Room, workspace_id: WorkspaceId) -> dict[str, Any]:
    """Documents, texts, threads and citations by their places below the folder of the source; no ids, no roots."""
    roots = {source.id: source.path for source in room.catalog.sources(workspace_id)}
    documents = room.catalog.documents(workspace_id)
    below = {d.id: (roots[d.source_id].name, str(d.path.relative_to(roots[d.source_id]))) for d in documents}
    index = room.catalog.active_index(workspace_id)
    assert index is not None
    return {
        "sources": sorted(
            (path.name, source.is_folder, source.watch)
            for source in room.catalog.sources(workspace_id)
            for path in [source.path]
        ),
        "documents": {
            below[d.id]: (
                d.size_bytes, d.modified_at_ns, d.content_hash, d.chunks, d.format, d.title, d.words, d.locator,
                d.pages, d.pages_without_text, d.read_seconds, None if d.container_id is None else below[d.container_id],
            )
            for d in documents
        },
        "texts": {below[d.id]: room.catalog.extracted(d.id) for d in documents},
        "pages": {below[d.id]: room.catalog.pages(d.id) for d in documents},
        "chunks": {
            below[d.id]: [stored.chunk for stored in room.catalog.chunks_of(index.id, d.id)] for d in documents
        },
        "threads": [
            (
                thread.title,
                thread.updated_at,
                [
                    (
                        m.role, m.text, m.created_at, m.model, m.searched, m.refused, m.notice,
                        [(c.n, c.document_id and below[c.document_id], c.page, c.start, c.end, c.quote, c.located, c.place)
                         for c in m.citations],
                        [(p.rank, p.score, below.get(p.document_id), p.page, p.start, p.end, p.text, p.locations)
                         for p in m.passages],
                    )
                    for m in room.catalog.messages(thread.id)
                ],
            )
            for thread in room.catalog.threads(workspace_id)
        ],
        "index": (index.embedding_model, index.dimension, index.chunker),
    }  # fmt: skip


def found(
    room: Room, workspace_id: WorkspaceId, query: str, mode: SearchMode
) -> list[tuple[str, int, int, str]]:
    """Name, place and text of what a search finds, with its score, in no particular order among equals."""
    return sorted(
        (passage.path.name, passage.start, round(passage.score * 1e4), passage.text)
        for passage in room.retrieve.search(workspace_id, query, mode=mode, limit=20)
    )
