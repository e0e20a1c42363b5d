"""A workspace at a glance, from the catalog."""

import json
from collections.abc import Sequence

from readingroom.core.extraction import Heading
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import Document, DocumentState
from readingroom.core.overview import KindCount
from readingroom.storage.rows import document_from
from readingroom.storage.store import Store

_OF_WORKSPACE = (
    "FROM documents d JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL WHERE s.workspace_id = ?"
)
_NEWEST = 200
"""Documents changed last, of which the longest are looked into."""


class OverviewStore(Store):
    """See `core.overview.OverviewCatalog`."""

    def kinds(self, workspace_id: WorkspaceId) -> Sequence[KindCount]:
        rows = self._lane.read(
            lambda db: db.execute(
                f"SELECT d.format, d.state, count(*) {_OF_WORKSPACE} GROUP BY d.format, d.state",
                (workspace_id,),
            ).fetchall()
        )
        return [KindCount(row[0], DocumentState(row[1]), row[2]) for row in rows]

    def worth_a_look(self, workspace_id: WorkspaceId, limit: int) -> Sequence[Document]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT * FROM (SELECT d.*, s.workspace_id, d.state AS shown_state"
                f" {_OF_WORKSPACE} AND d.words > 0 AND d.state IN ('words', 'ready') AND d.container_id IS NULL"
                " ORDER BY d.modified_at_ns DESC LIMIT ?) ORDER BY words DESC LIMIT ?",
                (workspace_id, _NEWEST, limit),
            ).fetchall()
        )
        return [document_from(row) for row in rows]

    def headings(self, document_id: DocumentId) -> Sequence[Heading]:
        row = self._lane.read(
            lambda db: db.execute("SELECT headings FROM documents WHERE id = ?", (document_id,)).fetchone()
        )
        return [] if row is None else [Heading(*values) for values in json.loads(row["headings"])]

    def some_documents(self, workspace_id: WorkspaceId, limit: int) -> Sequence[DocumentId]:
        ids = self._lane.read(
            lambda db: db.execute(
                f"SELECT d.id {_OF_WORKSPACE} AND d.words > 0 ORDER BY d.id", (workspace_id,)
            ).fetchall()
        )
        step = max(1, len(ids) // limit)
        return [DocumentId(row[0]) for row in ids[::step][:limit]]
