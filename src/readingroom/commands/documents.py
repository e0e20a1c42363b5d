"""`documents`: the list of a workspace's documents, for people, as JSON lines or as CSV."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from readingroom.commands.output import emit, for_terminal
from readingroom.commands.runtime import runtime
from readingroom.core.models import Document
from readingroom.services.document_export import save_csv, write_csv

_UNITS = ("B", "KB", "MB", "GB", "TB")


def documents(arguments: argparse.Namespace) -> int:
    """Print the list of documents, or write it as CSV."""
    if arguments.csv is not None and arguments.json:
        print("readingroom documents: give --csv or --json, not both", file=sys.stderr)
        return 2
    if arguments.left_out:
        return _left_out(arguments)
    with runtime(arguments) as room:
        workspace = room.services.workspaces.get(arguments.workspace)
        found = room.services.documents.list(workspace.id)
    if arguments.csv == "-":
        sys.stdout.flush()
        write_csv(found, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    elif arguments.csv is not None:
        save_csv(found, Path(arguments.csv).absolute())
    elif arguments.json:
        for document in found:
            emit(as_json(document))
    else:
        for line in lines(found):
            print(for_terminal(line))
    return 0


def _left_out(arguments: argparse.Namespace) -> int:
    if arguments.csv is not None:
        print("readingroom documents: --left-out is not written as CSV", file=sys.stderr)
        return 2
    with runtime(arguments) as room:
        workspace = room.services.workspaces.get(arguments.workspace)
        for source in room.services.sources.sources(workspace.id):
            entries = room.services.rules.left_out(source.id)
            for entry in entries:
                path = source.path / entry.path
                if arguments.json:
                    emit(
                        {
                            "path": path,
                            "rule": entry.rule,
                            "folder": entry.is_folder,
                            "size_bytes": entry.size_bytes,
                        }
                    )
                else:
                    print(for_terminal(f"{entry.rule:<28}  {path}{os.sep if entry.is_folder else ''}"))
            if source.left_out > len(entries):
                more = source.left_out - len(entries)
                print(for_terminal(f"{more:,} more were left out of {source.path}"), file=sys.stderr)
    return 0


def as_json(document: Document) -> dict[str, Any]:
    """The object of CLI.md; times are Unix seconds, `container` is the path of what it is part of."""
    return {
        "path": document.path,
        "state": document.state.value,
        "reason": document.reason,
        "pages": document.pages,
        "chunks": document.chunks,
        "size_bytes": document.size_bytes,
        "content_hash": document.content_hash,
        "indexed_at": document.indexed_at,
        "pages_without_text": document.pages_without_text,
        "words": document.words,
        "format": document.format,
        "title": document.title,
        "read_seconds": document.read_seconds,
        "modified_at": document.modified_at_ns / 1e9,
        "container": None if document.container_id is None else document.path.parent,
    }


def lines(found: Sequence[Document]) -> list[str]:
    """A line a document under a heading, its reason on the next; nothing where there are none."""
    if not found:
        return []
    printed = [f"{'state':<12} {'pages':>7} {'words':>9} {'size':>8}  path"]
    for document in found:
        pages = "" if document.pages is None else f"{document.pages:,}"
        words = f"{document.words:,}" if document.words else ""
        printed.append(
            f"{document.state.value:<12} {pages:>7} {words:>9} {_size(document.size_bytes):>8}  {document.path}"
        )
        if document.reason:
            printed.append(f"{'':12} {document.reason}")
    return printed


def _size(size_bytes: int) -> str:
    if size_bytes < 0:
        return ""
    size, unit = float(size_bytes), 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 9.95 else f"{size:.1f} {_UNITS[unit]}"
