"""`workspace list`, `create`, `rename`, `remove`."""

import argparse
from collections.abc import Iterable
from typing import Any

from readingroom.commands.output import printer
from readingroom.commands.runtime import runtime
from readingroom.core.counting import count_words
from readingroom.core.models import Workspace


def list_all(arguments: argparse.Namespace) -> int:
    """Print every workspace."""
    with runtime(arguments) as room:
        return _show(arguments, room.services.workspaces.list())


def create(arguments: argparse.Namespace) -> int:
    """Make one and print it."""
    with runtime(arguments) as room:
        return _show(arguments, [room.services.workspaces.create(arguments.name)])


def rename(arguments: argparse.Namespace) -> int:
    """Rename one and print it."""
    with runtime(arguments) as room:
        workspace = room.services.workspaces.get(arguments.old)
        return _show(arguments, [room.services.workspaces.rename(workspace.id, arguments.new)])


def remove(arguments: argparse.Namespace) -> int:
    """Remove one; it can be brought back in the window for 30 days."""
    with runtime(arguments) as room:
        workspace = room.services.workspaces.get(arguments.name)
        room.services.workspaces.remove(workspace.id)
        return _show(arguments, [workspace])


def _show(arguments: argparse.Namespace, workspaces: Iterable[Workspace]) -> int:
    show = printer(arguments.json, _line)
    for workspace in workspaces:
        show(
            {
                "id": workspace.id,
                "name": workspace.name,
                "documents": workspace.documents,
                "chunks": workspace.chunks,
                "embedding_model": workspace.embedding_model,
            }
        )
    return 0


def _line(value: dict[str, Any]) -> str:
    held = f"{count_words(value['documents'], 'document')}, {count_words(value['chunks'], 'passage')}"
    return f"{value['name']}: {held}, {value['embedding_model']}"
