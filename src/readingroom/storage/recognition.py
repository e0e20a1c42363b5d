"""Pages to be recognised and those that were, in the catalog."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence

from readingroom.core.extraction import ExtractedDocument, Heading, Page, PlacedWord
from readingroom.core.ids import DocumentId, IndexId, WorkspaceId
from readingroom.core.models import Chunk, Document
from readingroom.core.recognised_text import MUCH_UNREAD
from readingroom.core.recognition import RecognisedPage, RecognitionCounts, UnmergedDocument
from readingroom.core.word_places import accents
from readingroom.storage.documents import show_read
from readingroom.storage.extracted import insert_chunks, page_from, tables_from, tables_json
from readingroom.storage.pictured import PICTURED, count_pictured
from readingroom.storage.rows import document_from
from readingroom.storage.store import Store

_SURE = 0.8
"""What was read less surely may be read better with other languages."""

# Documents that are there, read, and not about to be read again. CROSS: from the few with pictures on, whatever the
# planner guesses; asked after each step of indexing, a look over 20,000 documents held the catalog most of the time.
_FROM = """
  FROM recognition r
  CROSS JOIN documents d ON d.id = r.document_id AND d.state IN ('no_text', 'indexing', 'words', 'ready')
       AND coalesce(d.content_hash, '') <> '' AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.document_id = d.id)
  JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL
  JOIN workspaces w ON w.id = s.workspace_id AND w.removed_at IS NULL
"""
_REACHABLE = "s.state NOT IN ('paused', 'offline')"
# A new index must find each text as it was cut for it; its pages wait until it is complete.
_SETTLED = "NOT EXISTS (SELECT 1 FROM indexes i WHERE i.workspace_id = s.workspace_id AND NOT i.active)"

_READING = f"""
SELECT 1 FROM queue q
  JOIN documents d ON d.id = q.document_id
  JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL AND {_REACHABLE}
  JOIN workspaces w ON w.id = s.workspace_id AND w.removed_at IS NULL
 LIMIT 1
"""


class RecognitionStore(Store):
    """See `core.recognition.RecognitionCatalog`."""

    def next_page_to_recognise(self, passed_over: Collection[DocumentId]) -> tuple[Document, int] | None:
        def work(db: sqlite3.Connection) -> tuple[Document, int] | None:
            if db.execute(_READING).fetchone():
                return None
            # Few pages first: what one begins with stays the shortest until it is done.
            for row in db.execute(
                f"SELECT d.*, s.workspace_id, d.state AS shown_state {_FROM}"
                f" WHERE r.pages > r.done AND {_REACHABLE} AND d.id NOT IN ({_marks(passed_over)})"
                " ORDER BY r.pages - r.done, d.id",
                tuple(passed_over),
            ):
                page = db.execute(
                    f"SELECT number FROM pages p WHERE document_id = ? AND number IS NOT NULL AND {PICTURED}"
                    " AND NOT EXISTS (SELECT 1 FROM recognised_pages g WHERE g.content_hash = ? AND g.page = p.number)"
                    " ORDER BY ordinal LIMIT 1",
                    (row["id"], row["content_hash"]),
                ).fetchone()
                if page is not None:
                    return document_from(row), int(page["number"])
            return None

        return self._lane.read(work)

    def keep_recognised(self, content_hash: str, page: int, recognised: RecognisedPage) -> None:
        def work(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT OR REPLACE INTO recognised_pages"
                " (content_hash, page, text, words, engine, confidence, unread_share, failure)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    content_hash,
                    page,
                    recognised.text,
                    json.dumps(recognised.words, separators=(",", ":")),
                    recognised.engine,
                    recognised.confidence,
                    recognised.unread_share,
                    recognised.failure,
                ),
            )
            for row in db.execute("SELECT id FROM documents WHERE content_hash = ?", (content_hash,)):
                count_pictured(db, row["id"])

        self._lane.write(work)

    def next_to_merge(self, *, partly: bool, passed_over: Collection[DocumentId]) -> DocumentId | None:
        row = self._lane.read(
            lambda db: db.execute(
                f"SELECT d.id {_FROM} WHERE r.owed AND (? OR r.pages = r.done) AND {_SETTLED}"
                f" AND d.id NOT IN ({_marks(passed_over)}) ORDER BY d.id LIMIT 1",
                (partly, *passed_over),
            ).fetchone()
        )
        return DocumentId(row["id"]) if row else None

    def unmerged(self, document_id: DocumentId) -> UnmergedDocument | None:
        def work(db: sqlite3.Connection) -> UnmergedDocument | None:
            row = db.execute(
                f"SELECT d.*, s.workspace_id, d.state AS shown_state, r.notes AS said {_FROM}"
                " WHERE r.owed AND d.id = ?",
                (document_id,),
            ).fetchone()
            if row is None:
                return None
            pages: list[Page] = []
            fresh: dict[int, tuple[str, RecognisedPage]] = {}
            outcomes: dict[int, RecognisedPage] = {}
            for page in db.execute(
                "SELECT p.number, p.start, p.text, p.label, p.words, p.pictured, p.read_text, p.merged,"
                " g.text AS seen, g.words AS places, g.engine, g.confidence, g.unread_share, g.failure"
                " FROM pages p LEFT JOIN recognised_pages g ON g.content_hash = ? AND g.page = p.number"
                f" AND {PICTURED}"
                " WHERE p.document_id = ? ORDER BY p.ordinal",
                (row["content_hash"], document_id),
            ):
                pages.append(page_from(page))
                if page["seen"] is None:
                    continue
                number = int(page["number"])
                outcomes[number] = _recognised(page, words=False)
                if not page["merged"]:
                    own = page["text"] if page["read_text"] is None else page["read_text"]
                    fresh[number] = (own, _recognised(page, words=True))
            said = json.loads(row["said"])
            document = ExtractedDocument(
                format=row["format"],
                pages=tuple(pages),
                headings=tuple(Heading(*values) for values in json.loads(row["headings"])),
                title=row["title"],
                notes=tuple(note for note in json.loads(row["notes"]) if note not in said),
                tables=tables_from(row["tables"]),
            )
            return UnmergedDocument(document_from(row), document, fresh, outcomes)

        return self._lane.read(work)

    def store_merged(
        self,
        document_id: DocumentId,
        index_id: IndexId,
        *,
        content_hash: str,
        merged: ExtractedDocument,
        chunks: Sequence[Chunk],
        own_texts: Mapping[int, str],
        notes: Sequence[str],
    ) -> bool:
        def work(db: sqlite3.Connection) -> bool:
            if not db.execute(
                f"SELECT 1 {_FROM} JOIN indexes x ON x.workspace_id = w.id AND x.active AND x.id = ?"
                f" WHERE d.id = ? AND d.content_hash = ? AND {_SETTLED}",
                (index_id, document_id, content_hash),
            ).fetchone():
                return False
            _write_pages(db, document_id, merged.pages, own_texts)
            for table in ("chunks", "index_documents"):
                db.execute(f"DELETE FROM {table} WHERE document_id = ?", (document_id,))
            insert_chunks(db, index_id, document_id, chunks)
            db.execute(
                "UPDATE documents SET chunks = ?, words = ?, headings = ?, tables = ?, notes = ? WHERE id = ?",
                (
                    len(chunks),
                    sum(len(page.text.split()) for page in merged.pages),
                    json.dumps([(h.level, h.title, h.start, h.page) for h in merged.headings]),
                    tables_json(merged.tables),
                    json.dumps([*merged.notes, *notes]),
                    document_id,
                ),
            )
            db.execute(
                "UPDATE recognition SET notes = ? WHERE document_id = ?", (json.dumps(notes), document_id)
            )
            count_pictured(db, document_id)
            show_read(db, document_id, index_id)
            return True

        return self._lane.write(work)

    def recognition_counts(self, workspace_id: WorkspaceId | None = None) -> RecognitionCounts:
        row = self._lane.read(
            lambda db: db.execute(
                f"SELECT count(*), coalesce(sum(r.pages), 0), coalesce(sum(r.done), 0) {_FROM}"
                f" WHERE r.pages > r.done AND {_REACHABLE} AND (?1 IS NULL OR w.id = ?1)",
                (workspace_id,),
            ).fetchone()
        )
        return RecognitionCounts(*map(int, row))

    def has_recognition_left(
        self, workspace_id: WorkspaceId | None, *, pages: bool, passed_over: Collection[DocumentId]
    ) -> bool:
        row = self._lane.read(
            lambda db: db.execute(
                f"SELECT 1 {_FROM} WHERE (r.owed OR ? AND r.pages > r.done AND {_REACHABLE})"
                f" AND d.id NOT IN ({_marks(passed_over)}) AND (? IS NULL OR w.id = ?) LIMIT 1",
                (pages, *passed_over, workspace_id, workspace_id),
            ).fetchone()
        )
        return row is not None

    def forget_unused(self) -> None:
        self._lane.write(
            lambda db: db.execute(
                "DELETE FROM recognised_pages WHERE content_hash NOT IN"
                " (SELECT content_hash FROM documents WHERE content_hash IS NOT NULL)"
            )
        )

    def forget_doubtful(self, document_ids: Sequence[DocumentId] | None = None) -> None:
        def work(db: sqlite3.Connection) -> None:
            rows = db.execute("SELECT id, content_hash FROM documents WHERE content_hash IS NOT NULL")
            asked = {
                (row["id"], row["content_hash"])
                for row in rows
                if document_ids is None or row["id"] in document_ids
            }
            for content_hash in {content_hash for _, content_hash in asked}:
                gone = db.execute(
                    "DELETE FROM recognised_pages WHERE content_hash = ?"
                    " AND (failure <> '' OR unread_share > ? OR confidence < ?) RETURNING page",
                    (content_hash, MUCH_UNREAD, _SURE),
                ).fetchall()
                for row in db.execute(
                    "SELECT id FROM documents WHERE content_hash = ?", (content_hash,)
                ).fetchall():
                    db.executemany(
                        "UPDATE pages SET merged = 0 WHERE document_id = ? AND number = ?",
                        [(row["id"], page["page"]) for page in gone],
                    )
                    count_pictured(db, row["id"])

        self._lane.write(work)


def _marks(ids: Collection[DocumentId]) -> str:
    return ", ".join("?" * len(ids))


def _recognised(row: sqlite3.Row, *, words: bool) -> RecognisedPage:
    places = json.loads(row["places"]) if words else []
    return RecognisedPage(
        text=row["seen"],
        words=tuple(PlacedWord(start, end, tuple(box), line) for start, end, box, line in places),
        engine=row["engine"],
        confidence=row["confidence"],
        unread_share=row["unread_share"],
        failure=row["failure"],
    )


def _write_pages(
    db: sqlite3.Connection, document_id: int, pages: Sequence[Page], own_texts: Mapping[int, str]
) -> None:
    for ordinal, page in enumerate(pages):
        if page.number is not None and page.number in own_texts:
            db.execute(
                "UPDATE pages SET start = ?, length = ?, text = ?, words = ?, pictured = ?, read_text = ?,"
                " accents = ?, merged = 1"
                " WHERE document_id = ? AND ordinal = ?",
                (
                    page.start,
                    len(page.text),
                    page.text,
                    json.dumps(page.words, separators=(",", ":")),
                    page.pictured,
                    own_texts[page.number],
                    accents(page.text),
                    document_id,
                    ordinal,
                ),
            )
        else:
            db.execute(
                "UPDATE pages SET start = ? WHERE document_id = ? AND ordinal = ?",
                (page.start, document_id, ordinal),
            )
