"""A data folder with a workspace of any number of chunks, all of them indexed; written in bulk, not ingested."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from _scale_texts import Embeddings, RealTexts, blocks

from readingroom.config.paths import DataPaths
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.catalog import NewIndex
from readingroom.core.chunking import text_hash
from readingroom.core.extraction import ExtractedDocument, Page
from readingroom.core.models import Chunk, Index
from readingroom.core.sync_plan import FileStamp, FoundFile, SyncPlan
from readingroom.services.words_pump import words_point
from readingroom.storage.catalog import SqliteCatalog
from readingroom.vectors.edge import EdgeVectorStores

CHUNKS_A_DOCUMENT = 100
"""A report of some fifty pages."""
_CHUNKS_A_PAGE = 2
_DOCUMENTS_QUEUED = 1_000


def fill(data: DataPaths, real: RealTexts, chunks: int) -> Index:
    """Make the workspace, its catalog's rows and its shard, through their own interfaces but in this process."""
    data.create()
    catalog = SqliteCatalog(data.catalog, data.backups)
    stores = EdgeVectorStores(data.vectors)
    try:
        dimension = real.embeddings.shape[1]
        workspace = catalog.create_workspace("Scale", NewIndex(BUNDLED_EMBEDDING_MODEL, dimension, "scale"))
        index = catalog.active_index(workspace.id)
        assert index is not None
        folder = data.root / "documents"
        source = catalog.add_source(workspace.id, folder, is_folder=True, watch=False)
        written = _documents(real, chunks)
        for number in range(0, -(-chunks // CHUNKS_A_DOCUMENT), _DOCUMENTS_QUEUED):
            found = tuple(
                FoundFile(folder / f"report {n:06}.pdf", FileStamp(1, 1))
                for n in range(number, min(number + _DOCUMENTS_QUEUED, -(-chunks // CHUNKS_A_DOCUMENT)))
            )
            catalog.apply_plan(source.id, SyncPlan(added=found))
            for texts, embeddings in islice(written, _DOCUMENTS_QUEUED):
                _write(catalog, stores, index, texts, embeddings)
        return index
    finally:
        stores.close()
        catalog.close()


def _documents(real: RealTexts, chunks: int) -> Iterator[tuple[Sequence[str], Embeddings]]:
    for texts, embeddings in blocks(real, chunks):
        for start in range(0, len(texts), CHUNKS_A_DOCUMENT):
            stop = start + CHUNKS_A_DOCUMENT
            yield texts[start:stop], embeddings[start:stop]


def _write(
    catalog: SqliteCatalog,
    stores: EdgeVectorStores,
    index: Index,
    texts: Sequence[str],
    embeddings: Embeddings,
) -> None:
    document = catalog.claim_next()
    assert document is not None
    pages: list[Page] = []
    cut: list[Chunk] = []
    start = 0
    for ordinal, text in enumerate(texts):
        number = 1 + ordinal // _CHUNKS_A_PAGE
        cut.append(Chunk(ordinal, start, start + len(text), number, (), text, 200, text_hash(text)))
        if ordinal % _CHUNKS_A_PAGE == 0:
            pages.append(Page(number, start, ""))
        pages[-1] = replace(pages[-1], text=pages[-1].text + text + "\n")
        start += len(text) + 1
    catalog.store_read(
        document.id, index.id, extracted=ExtractedDocument("pdf", tuple(pages)), chunks=cut,
        content_hash=str(document.id), size_bytes=1, modified_at_ns=1,
    )  # fmt: skip
    stored = catalog.chunks_of(index.id, document.id)
    store = stores.open(index.workspace_id, index.id, index.dimension, index.precision)
    store.upsert(
        [replace(words_point(one), embedding=row) for one, row in zip(stored, embeddings, strict=True)]
    )
    catalog.words_written(index.id, document.id, stored[-1].id)
    catalog.chunks_embedded(index.id, [one.id for one in stored])


def saved_vectors(folder: Path, real: RealTexts, chunks: int) -> Path:
    """The same embeddings and texts as files that other tools' environments can read."""
    file = folder / f"vectors-{chunks}.npy"
    if not file.is_file():
        rows = np.lib.format.open_memmap(file, "w+", np.float32, (chunks, real.embeddings.shape[1]))
        texts = folder / f"texts-{chunks}.txt"
        with texts.open("w", encoding="utf-8") as lines:
            start = 0
            for some, embeddings in blocks(real, chunks):
                rows[start : start + len(some)] = embeddings
                lines.writelines(" ".join(text.split()) + "\n" for text in some)
                start += len(some)
        rows.flush()
    return file
