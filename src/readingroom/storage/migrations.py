"""Numbered migrations of the catalog; a copy of the file is kept before each run of them."""

import logging
import sqlite3
import time
from pathlib import Path

from readingroom.core.errors import CatalogDamaged

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

MIGRATIONS: tuple[str, ...] = (_INITIAL, _GONE_INDEXES)
"""Number n is at position n - 1. Never change one that was released: add another."""


def migrate(connection: sqlite3.Connection, path: Path, backups: Path) -> None:
    """Bring the catalog up to date, each migration in a transaction of its own.

    Raises `CatalogDamaged` for a catalog made by a newer program.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise CatalogDamaged(
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
    stamp = time.strftime("%Y%m%d-%H%M%S")
    target = backups / f"{path.stem}-v{version}-{stamp}.sqlite"
    partial = target.with_suffix(".partial")
    copy = sqlite3.connect(partial)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    partial.replace(target)
    for old in sorted(backups.glob(f"{path.stem}-v*.sqlite"))[:-_KEEP_BACKUPS]:
        old.unlink()
