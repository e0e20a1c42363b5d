"""Numbered migrations of the catalog; a copy of the file is kept before each run of them."""

import logging
import sqlite3
from pathlib import Path

from readingroom.core.copies import CopyKind
from readingroom.core.errors import CatalogTooNew
from readingroom.storage.backups import copy_name, write_copy

log = logging.getLogger(__name__)

_KEEP_BACKUPS = 10

_INITIAL = """
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters VALUES ('revision', 0);

CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE workspaces (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    chat_model TEXT,
    created_at REAL NOT NULL,
    removed_at REAL
);
CREATE UNIQUE INDEX workspace_names ON workspaces (name) WHERE removed_at IS NULL;

CREATE TABLE indexes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id INTEGER NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    embedding_model TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    chunker TEXT NOT NULL,
    active INTEGER NOT NULL,
    created_at REAL NOT NULL
);
CREATE UNIQUE INDEX active_index ON indexes (workspace_id) WHERE active;

-- Paths are kept as the file system's bytes: names need not be valid Unicode.
CREATE TABLE sources (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id INTEGER NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    path BLOB NOT NULL,
    is_folder INTEGER NOT NULL,
    watch INTEGER NOT NULL,
    state TEXT NOT NULL,
    last_checked_at REAL,
    removed_at REAL,
    UNIQUE (workspace_id, path)
);

CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    path BLOB NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    format TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    pages INTEGER,
    chunks INTEGER NOT NULL DEFAULT 0,
    size_bytes INTEGER NOT NULL,
    modified_at_ns INTEGER NOT NULL,
    device INTEGER NOT NULL DEFAULT 0,
    inode INTEGER NOT NULL DEFAULT 0,
    content_hash TEXT,
    indexed_at REAL,
    strikes INTEGER NOT NULL DEFAULT 0,
    headings TEXT NOT NULL DEFAULT '[]',
    notes TEXT NOT NULL DEFAULT '[]',
    revision INTEGER NOT NULL,
    UNIQUE (source_id, path)
);
CREATE INDEX document_revisions ON documents (revision);
CREATE INDEX document_states ON documents (source_id, state, chunks);

CREATE TABLE pages (
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    number INTEGER,
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (document_id, ordinal)
) WITHOUT ROWID;

CREATE TABLE queue (
    document_id INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    position INTEGER NOT NULL,
    claimed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX queue_order ON queue (claimed, position);

-- AUTOINCREMENT: a chunk's id is its point's id and must never come again.
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    index_id INTEGER NOT NULL REFERENCES indexes ON DELETE CASCADE,
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    page INTEGER,
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    text_hash TEXT NOT NULL,
    embedded INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX chunks_of_document ON chunks (document_id, index_id, ordinal);
CREATE INDEX chunks_to_embed ON chunks (index_id, id) WHERE embedded = 0;

CREATE TABLE index_documents (
    index_id INTEGER NOT NULL REFERENCES indexes ON DELETE CASCADE,
    document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    state TEXT NOT NULL,  -- pending: points owed; words: searchable by words; ready: all embedded
    PRIMARY KEY (index_id, document_id)
) WITHOUT ROWID;
CREATE INDEX index_document_states ON index_documents (state, index_id);
CREATE INDEX index_documents_by_document ON index_documents (document_id);

-- Points whose chunks are gone: deleted from the store first, forgotten here afterwards.
CREATE TABLE stale_points (
    index_id INTEGER NOT NULL REFERENCES indexes ON DELETE CASCADE,
    point_id INTEGER NOT NULL,
    PRIMARY KEY (index_id, point_id)
) WITHOUT ROWID;
CREATE TRIGGER chunk_gone AFTER DELETE ON chunks
WHEN EXISTS (SELECT 1 FROM indexes WHERE id = old.index_id)
BEGIN
    INSERT OR IGNORE INTO stale_points VALUES (old.index_id, old.id);
END;

CREATE TABLE threads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id INTEGER NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    title TEXT NOT NULL,
    updated_at REAL NOT NULL,
    removed_at REAL
);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    thread_id INTEGER NOT NULL REFERENCES threads ON DELETE CASCADE,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at REAL NOT NULL,
    model TEXT,
    searched TEXT,
    passages TEXT NOT NULL DEFAULT '[]',
    refused INTEGER NOT NULL DEFAULT 0,
    notice TEXT NOT NULL DEFAULT ''
);
CREATE INDEX messages_of_thread ON messages (thread_id, id);

CREATE TABLE citations (
    message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    n INTEGER NOT NULL,
    document_id INTEGER REFERENCES documents ON DELETE SET NULL,
    path BLOB NOT NULL,
    page INTEGER,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    quote TEXT NOT NULL,
    located INTEGER NOT NULL,
    PRIMARY KEY (message_id, n)
) WITHOUT ROWID;
CREATE INDEX citations_of_document ON citations (document_id);
"""

_GONE_INDEXES = """
-- Indexes forgotten here whose vectors lie in the store still.
CREATE TABLE gone_indexes (index_id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL);
CREATE TRIGGER index_gone AFTER DELETE ON indexes
BEGIN
    INSERT OR IGNORE INTO gone_indexes VALUES (old.id, old.workspace_id);
END;

-- By document: what a removed source owes is passed over a document at a time.
CREATE INDEX chunks_owed ON chunks (index_id, document_id, ordinal) WHERE embedded = 0;
DROP INDEX chunks_to_embed;
"""

_READING = """
-- Documents inside documents (messages of a mailbox, attachments) lie below their container's path.
ALTER TABLE documents ADD COLUMN container_id INTEGER REFERENCES documents ON DELETE CASCADE;
ALTER TABLE documents ADD COLUMN locator TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN words INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN pages_without_text INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN read_seconds REAL;
ALTER TABLE documents ADD COLUMN tables TEXT NOT NULL DEFAULT '[]';
CREATE INDEX document_members ON documents (container_id) WHERE container_id IS NOT NULL;

ALTER TABLE pages ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN words TEXT NOT NULL DEFAULT '[]';  -- where they stand, of text recognised in a picture
ALTER TABLE pages ADD COLUMN pictured INTEGER NOT NULL DEFAULT 0;

ALTER TABLE chunks ADD COLUMN context TEXT NOT NULL DEFAULT '';

-- A long document is written in parts: its chunks up to this one have their words in the index.
ALTER TABLE index_documents ADD COLUMN words_upto INTEGER NOT NULL DEFAULT 0;

-- The readers know more formats and keep more of each: everything is read again, from the old text's embeddings
-- where the text is the same. What is known stays searchable until then.
UPDATE documents SET state = 'queued', strikes = 0, content_hash = NULL;
INSERT OR IGNORE INTO queue (document_id, position) SELECT id, id FROM documents ORDER BY id;
UPDATE queue SET claimed = 0;
"""

_PLACES = """
-- Where the cited words stand, as a person names it, and what the document was part of.
ALTER TABLE citations ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE citations ADD COLUMN container TEXT NOT NULL DEFAULT '';
"""

_RECOGNITION = """
-- What was recognised in pictures, by content: the same file costs nothing again, wherever it lies.
CREATE TABLE recognised_pages (
    content_hash TEXT NOT NULL,
    page INTEGER NOT NULL,
    text TEXT NOT NULL,
    words TEXT NOT NULL,
    engine TEXT NOT NULL,
    confidence REAL NOT NULL,
    unread_share REAL NOT NULL,
    failure TEXT NOT NULL,
    PRIMARY KEY (content_hash, page)
) WITHOUT ROWID;

-- Documents with pages that are pictures: how many, how many are recognised, whether some of these are not in the text.
CREATE TABLE recognition (
    document_id INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    pages INTEGER NOT NULL,
    done INTEGER NOT NULL,
    owed INTEGER NOT NULL,
    notes TEXT NOT NULL DEFAULT '[]'  -- those of the document's notes that tell of it
);
CREATE INDEX document_contents ON documents (content_hash);

-- The page's own text, once what was recognised took its place; merged: what is recognised now is in the text.
ALTER TABLE pages ADD COLUMN read_text TEXT;
ALTER TABLE pages ADD COLUMN merged INTEGER NOT NULL DEFAULT 0;
"""

_MIRRORING = """
-- Why a source is polled or offline, and which folder it was when it was last seen whole.
ALTER TABLE sources ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE sources ADD COLUMN device INTEGER;
ALTER TABLE sources ADD COLUMN inode INTEGER;

-- Why a document is kept whose file is not there; see core.sync_plan.Absence.
ALTER TABLE documents ADD COLUMN absent TEXT NOT NULL DEFAULT '';

-- What was removed lies in a source that is removed itself, one a workspace, and so is part of nothing; here is where
-- it came from.
ALTER TABLE documents ADD COLUMN removed_at REAL;
ALTER TABLE documents ADD COLUMN removed_from INTEGER REFERENCES sources ON DELETE SET NULL;
ALTER TABLE documents ADD COLUMN removed_path BLOB;
ALTER TABLE documents ADD COLUMN removal_meant INTEGER NOT NULL DEFAULT 0;  -- by the person's word

CREATE INDEX documents_absent ON documents (source_id, absent) WHERE absent <> '';
CREATE INDEX documents_removed ON documents (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX document_sizes ON documents (size_bytes);
CREATE INDEX document_inodes ON documents (inode);
"""

_RULES = """
-- What a person leaves out of a folder. No source that is linked already takes part in .gitignore files: an update
-- must not take documents away.
ALTER TABLE sources ADD COLUMN patterns BLOB NOT NULL DEFAULT x'';
ALTER TABLE sources ADD COLUMN git_ignore INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sources ADD COLUMN max_file_mb INTEGER;

-- What its rules left out when it was last looked through: a folder once, and no more than are worth listing.
ALTER TABLE sources ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;
CREATE TABLE left_out (
    source_id INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    path BLOB NOT NULL,
    rule BLOB NOT NULL,  -- names a pattern, which need not be valid Unicode either
    is_folder INTEGER NOT NULL,
    size_bytes INTEGER,
    PRIMARY KEY (source_id, path)
) WITHOUT ROWID;
"""

_PORTABLE = """
-- Workspaces that are being imported: hidden as removed ones are, and forgotten where the program ended meanwhile.
CREATE TABLE unfinished_imports (workspace_id INTEGER PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE);
"""

_CONVERSATION = """
-- Each message follows another; a question asked anew is a second one with the same parent. `shown` is the last
-- message of the branch that was looked at last.
ALTER TABLE messages ADD COLUMN parent_id INTEGER REFERENCES messages ON DELETE CASCADE;
ALTER TABLE messages ADD COLUMN thinking TEXT NOT NULL DEFAULT '';
UPDATE messages SET parent_id = (SELECT max(m.id) FROM messages m
                                  WHERE m.thread_id = messages.thread_id AND m.id < messages.id);
CREATE INDEX messages_after ON messages (parent_id);
ALTER TABLE threads ADD COLUMN shown INTEGER;
ALTER TABLE threads ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN named INTEGER NOT NULL DEFAULT 0;  -- by the person

-- A passage may be cited for several sentences, by other words of it each time.
CREATE TABLE cited (
    message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    n INTEGER NOT NULL,
    claim_start INTEGER NOT NULL DEFAULT 0,
    claim_end INTEGER NOT NULL DEFAULT 0,
    document_id INTEGER REFERENCES documents ON DELETE SET NULL,
    path BLOB NOT NULL,
    page INTEGER,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    quote TEXT NOT NULL,
    located INTEGER NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    container TEXT NOT NULL DEFAULT '',
    support TEXT NOT NULL DEFAULT 'passage',
    offered INTEGER NOT NULL DEFAULT 0,
    content_hash TEXT NOT NULL DEFAULT '',  -- of the document when it was cited
    PRIMARY KEY (message_id, n, claim_start)
) WITHOUT ROWID;
INSERT INTO cited (message_id, n, document_id, path, page, start, "end", quote, located, place, container)
SELECT message_id, n, document_id, path, page, start, "end", quote, located, place, container FROM citations;
DROP TABLE citations;
ALTER TABLE cited RENAME TO citations;
CREATE INDEX citations_of_document ON citations (document_id);

-- Comes whole with each question, as far as there is room.
ALTER TABLE documents ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;

-- What a workspace has of its own: model, temperature, what the model is told, passages a question, threshold.
ALTER TABLE workspaces ADD COLUMN answering TEXT NOT NULL DEFAULT '{}';
"""

_TOPICS = """
-- The headings a chunk stands under, or the title of its document: embedded before it.
ALTER TABLE chunks ADD COLUMN topic TEXT NOT NULL DEFAULT '';
"""

_PINNED = """
CREATE INDEX documents_pinned ON documents (source_id) WHERE pinned <> 0;
"""

_WHOLE = """
-- Which letters bear accents on a page, for looking through all of them; -1 where that is not known.
ALTER TABLE pages ADD COLUMN accents INTEGER NOT NULL DEFAULT -1;

-- What answers about all documents were made of, a document a row.
CREATE TABLE tallied (
    message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    document_id INTEGER REFERENCES documents ON DELETE SET NULL,
    path BLOB NOT NULL,
    container TEXT NOT NULL,
    spans TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (message_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX tallied_of_document ON tallied (document_id);
"""

_SUMMARIES = """
-- Summaries under way or done: an answer made of stages, each kept as it is finished, so that it goes on after a stop.
CREATE TABLE summaries (
    message_id INTEGER PRIMARY KEY REFERENCES messages ON DELETE CASCADE,
    documents TEXT NOT NULL,  -- ids and hashes of what is summed up, in order
    model TEXT,  -- none: sentences are chosen, not written
    title TEXT NOT NULL,
    window INTEGER NOT NULL  -- tokens put before the model at once; the stages depend on it
);
CREATE TABLE summary_stages (
    message_id INTEGER NOT NULL REFERENCES summaries ON DELETE CASCADE,
    stage TEXT NOT NULL,
    text TEXT NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (message_id, stage)
) WITHOUT ROWID;
"""

_CITED_PAGES = """
-- A passage over several pages is cited on each: its beginning tells them apart.
CREATE TABLE cited (
    message_id INTEGER NOT NULL REFERENCES messages ON DELETE CASCADE,
    n INTEGER NOT NULL,
    claim_start INTEGER NOT NULL DEFAULT 0,
    claim_end INTEGER NOT NULL DEFAULT 0,
    document_id INTEGER REFERENCES documents ON DELETE SET NULL,
    path BLOB NOT NULL,
    page INTEGER,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    quote TEXT NOT NULL,
    located INTEGER NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    container TEXT NOT NULL DEFAULT '',
    support TEXT NOT NULL DEFAULT 'passage',
    offered INTEGER NOT NULL DEFAULT 0,
    content_hash TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (message_id, n, claim_start, start)
) WITHOUT ROWID;
INSERT INTO cited SELECT * FROM citations;
DROP TABLE citations;
ALTER TABLE cited RENAME TO citations;
CREATE INDEX citations_of_document ON citations (document_id);
"""

# Of a long document all pages before the one wanted were read, for each of the fifty passages of a question.
_PAGES_BY_START = """
CREATE INDEX pages_by_start ON pages (document_id, start, length);
"""

_PRECISION = """
ALTER TABLE indexes ADD COLUMN precision TEXT NOT NULL DEFAULT '32';
"""

MIGRATIONS: tuple[str, ...] = (
    _INITIAL,
    _GONE_INDEXES,
    _READING,
    _PLACES,
    _RECOGNITION,
    _MIRRORING,
    _RULES,
    _PORTABLE,
    _CONVERSATION,
    _PINNED,
    _TOPICS,
    _WHOLE,
    _SUMMARIES,
    _CITED_PAGES,
    _PAGES_BY_START,
    _PRECISION,
)
"""Number n is at position n - 1. Never change one that was released: add another."""


def migrate(connection: sqlite3.Connection, path: Path, backups: Path) -> None:
    """Bring the catalog up to date, each migration in a transaction of its own.

    Raises `CatalogTooNew` for a catalog made by a newer program.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise CatalogTooNew(
            "This data folder was made by a newer Reading Room.",
            hint="Install the newest version, then open it again.",
        )
    if 0 < version < len(MIGRATIONS):
        _back_up(connection, path, backups, version)
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        log.info("Migrating the catalog to version %s", number)
        # executescript would commit before it starts; the statements and the number must be kept together.
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")


def _back_up(connection: sqlite3.Connection, path: Path, backups: Path, version: int) -> None:
    backups.mkdir(parents=True, exist_ok=True)
    write_copy(connection, backups / copy_name(path, CopyKind.MIGRATION, version=version))
    for old in sorted(backups.glob(f"{path.stem}-v*.sqlite"), key=_moment)[:-_KEEP_BACKUPS]:
        old.unlink()


def _moment(path: Path) -> str:
    """The date and time in a copy's name."""
    return path.stem.split("-", 2)[-1]
