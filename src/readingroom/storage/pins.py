"""Which documents come whole with each question."""

import sqlite3
from collections.abc import Iterable

from readingroom.core.ids import DocumentId
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
