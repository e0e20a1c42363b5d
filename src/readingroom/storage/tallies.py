"""Looks through the text of a workspace, and keeps what answers about all of it were made of."""

import json
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from readingroom.core.ids import DocumentId, MessageId, WorkspaceId
from readingroom.core.tallies import HoldingPage, Stretch, TalliedDocument
from readingroom.core.text_spans import storable
from readingroom.core.word_places import PagePattern
from readingroom.storage.page_spans import page_at, text_within
from readingroom.storage.store import Store

_STRETCH = 1500
"""Pages looked through at a time: some 10 ms, so that others on the lane hardly wait."""
_FOLLOWING_CHARS = 200

# CROSS: else SQLite begins with all documents of the workspace, which takes twenty times as long a stretch.
# `accents` tells of each page which letters bear accents there, see `core.word_places.accents`: only where one of the
# term's does, the looser pattern is tried. -1, as for pages written by older versions, has every letter do so.
_HOLDING = """
SELECT p.document_id, p.start, p.text,
       iif(:following, (SELECT substr(n.text, 1, :chars) FROM pages n
                         WHERE n.document_id = p.document_id AND n.ordinal = p.ordinal + 1), '') AS following
  FROM pages p
  CROSS JOIN documents d ON d.id = p.document_id
  CROSS JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL AND s.workspace_id = :workspace
 WHERE p.document_id BETWEEN :document AND :last_document
   AND (p.document_id, p.ordinal) > (:document, :ordinal) AND (p.document_id, p.ordinal) <= (:last_document, :last_ordinal)
   AND ({literal} OR (p.accents & :common AND p.text LIKE :loose) OR p.accents & :looked_through)
   AND (:also = '' OR p.text LIKE :also OR p.accents & :also_looked_through
        OR EXISTS (SELECT 1 FROM pages n WHERE n.document_id = p.document_id AND n.ordinal = p.ordinal + 1
                      AND (substr(n.text, 1, :chars) LIKE :also OR n.accents & :also_looked_through)))
 ORDER BY p.document_id, p.ordinal
"""


class TallyStore(Store):
    """See `core.tallies.TallyCatalog`."""

    def pages_holding(
        self, workspace_id: WorkspaceId, pattern: PagePattern, after: tuple[int, int], *, following: bool
    ) -> Stretch:
        sql = _HOLDING.format(
            literal=" OR ".join(f"p.text LIKE :literal{n}" for n in range(len(pattern.literal)))
        )

        def work(db: sqlite3.Connection) -> Stretch:
            last = db.execute(
                "SELECT document_id, ordinal FROM (SELECT document_id, ordinal FROM pages"
                " WHERE (document_id, ordinal) > (?, ?) ORDER BY document_id, ordinal LIMIT ?)"
                " ORDER BY document_id DESC, ordinal DESC LIMIT 1",
                (*after, _STRETCH),
            ).fetchone()
            if last is None:
                return Stretch((), None)
            values = {f"literal{n}": form for n, form in enumerate(pattern.literal)} | {
                "workspace": workspace_id,
                "document": after[0],
                "ordinal": after[1],
                "last_document": last[0],
                "last_ordinal": last[1],
                "common": pattern.common,
                "loose": pattern.loose,
                "looked_through": pattern.looked_through,
                "also": pattern.also,
                "also_looked_through": pattern.also_looked_through,
                "following": following,
                "chars": _FOLLOWING_CHARS,
            }
            pages = tuple(
                HoldingPage(DocumentId(row["document_id"]), row["start"], row["text"], row["following"] or "")
                for row in db.execute(sql, values)
            )
            return Stretch(pages, (last[0], last[1]), last[0])

        return self._lane.read(work)

    def documents_with_text(self, workspace_id: WorkspaceId) -> frozenset[DocumentId]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT d.id FROM documents d JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL"
                " WHERE s.workspace_id = ? AND EXISTS (SELECT 1 FROM pages p WHERE p.document_id = d.id AND p.length > 0)",
                (workspace_id,),
            ).fetchall()
        )
        return frozenset(DocumentId(row[0]) for row in rows)

    def text_between(self, document_id: DocumentId, start: int, end: int) -> str:
        return "".join(self._lane.read(lambda db: text_within(db, document_id, start, end)))

    def page_number(self, document_id: DocumentId, offset: int) -> int | None:
        row = self._lane.read(lambda db: page_at(db, document_id, offset))
        return None if row is None else row["number"]

    def keep_tally(self, message_id: MessageId, documents: Sequence[TalliedDocument]) -> None:
        def work(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM tallied WHERE message_id = ?", (message_id,))
            db.executemany(
                # The document may have gone since it was looked through.
                "INSERT INTO tallied (message_id, ordinal, document_id, path, container, spans, content_hash, note)"
                " VALUES (?, ?, (SELECT id FROM documents WHERE id = ?), ?, ?, ?, ?, ?)",
                [
                    (
                        message_id,
                        ordinal,
                        document.document_id,
                        os.fsencode(document.path),
                        storable(document.container),
                        json.dumps(document.spans, separators=(",", ":")),
                        document.content_hash,
                        document.note,
                    )
                    for ordinal, document in enumerate(documents)
                ],
            )

        self._lane.write(work, lasting=True)

    def tally(self, message_id: MessageId) -> Sequence[TalliedDocument]:
        rows = self._lane.read(
            lambda db: db.execute(
                "SELECT * FROM tallied WHERE message_id = ? ORDER BY ordinal", (message_id,)
            ).fetchall()
        )
        return [
            TalliedDocument(
                document_id=None if row["document_id"] is None else DocumentId(row["document_id"]),
                path=Path(os.fsdecode(row["path"])),
                container=row["container"],
                spans=tuple((start, end) for start, end in json.loads(row["spans"])),
                content_hash=row["content_hash"],
                note=row["note"],
            )
            for row in rows
        ]
