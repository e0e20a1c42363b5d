"""Which documents come whole with each question."""

import sqlite3
from collections.abc import Iterable, Sequence

from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.storage.store import Store, next_revision


class PinStore(Store):
    """See `core.catalog.DocumentCatalog`."""

    def set_pinned(self, document_ids: Iterable[DocumentId], *, pinned: bool) -> None:
        ids = tuple(document_ids)

        def work(db: sqlite3.Connection) -> None:
            revision = next_revision(db)
            db.executemany(
                "UPDATE documents SET pinned = ?, revision = ? WHERE id = ? AND pinned <> ?",
                [(pinned, revision, document_id, pinned) for document_id in ids],
            )

        self._lane.write(work, lasting=True)

    def pinned_documents(self, workspace_id: WorkspaceId) -> Sequence[DocumentId]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT d.id FROM sources s JOIN documents d ON d.source_id = s.id"
                " WHERE d.pinned <> 0 AND s.removed_at IS NULL AND s.workspace_id = ? ORDER BY d.path",
                (workspace_id,),
            ).fetchall()
        )
        return [DocumentId(row["id"]) for row in rows]
