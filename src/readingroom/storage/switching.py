"""How far the index is that is being built beside the one that answers."""

import sqlite3

from readingroom.core.catalog import Building
from readingroom.core.ids import WorkspaceId
from readingroom.storage.rows import index_from
from readingroom.storage.store import Store


class SwitchingStore(Store):
    """See `core.catalog.IndexCatalog`."""

    def building(self, workspace_id: WorkspaceId) -> Building | None:
        def work(db: sqlite3.Connection) -> Building | None:
            index = db.execute(
                "SELECT * FROM indexes WHERE workspace_id = ? AND NOT active ORDER BY id DESC LIMIT 1",
                (workspace_id,),
            ).fetchone()
            if index is None:
                return None
            (cut,) = db.execute(
                "SELECT count(*) FROM index_documents WHERE index_id = ?", (index["id"],)
            ).fetchone()
            (documents,) = db.execute(
                "SELECT count(*) FROM index_documents x JOIN indexes i ON i.id = x.index_id AND i.active"
                " WHERE i.workspace_id = ?",
                (workspace_id,),
            ).fetchone()
            (chunks,) = db.execute(
                "SELECT count(*) FROM index_documents x JOIN chunks c ON c.document_id = x.document_id"
                " AND c.index_id = x.index_id WHERE x.index_id = ?",
                (index["id"],),
            ).fetchone()
            (owed,) = db.execute(
                "SELECT count(*) FROM chunks WHERE index_id = ? AND embedded = 0", (index["id"],)
            ).fetchone()
            former = dict(
                db.execute(
                    "SELECT x.document_id IN (SELECT document_id FROM index_documents WHERE index_id = ?),"
                    " coalesce(sum(d.chunks), 0) FROM index_documents x JOIN documents d ON d.id = x.document_id"
                    " JOIN indexes i ON i.id = x.index_id AND i.active WHERE i.workspace_id = ? GROUP BY 1",
                    (index["id"], workspace_id),
                ).fetchall()
            )
            return Building(
                index_from(index), documents, cut, chunks, chunks - owed, former.get(1, 0), former.get(0, 0)
            )

        return self._lane.read(work)
