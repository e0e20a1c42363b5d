"""What the command palette can find, made of actions, workspaces, threads and documents."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QKeySequence

from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.models import Document, Thread
from readingroom.ui.actions import Action, ActionTable
from readingroom.ui.library import Library
from readingroom.ui.models.workspace_tree import UNTITLED
from readingroom.ui.widgets.command_palette import PaletteEntry


def entries(
    table: ActionTable,
    library: Library,
    choose_workspace: Callable[[WorkspaceId], None],
    show_thread: Callable[[Thread], None],
) -> list[PaletteEntry]:
    """List what is known at once: commands that can be done now, workspaces, threads."""
    found = [_command(table, action) for action in table.all if action.in_palette and action.enabled_when()]
    for workspace in library.workspaces:
        found.append(
            PaletteEntry(
                workspace.name,
                "Workspace",
                "library",
                lambda at=workspace.id: choose_workspace(at),  # type: ignore[misc]
            )
        )
        found.extend(
            PaletteEntry(
                thread.title or UNTITLED,
                f"Thread in {workspace.name}",
                "message-square",
                lambda thread=thread: show_thread(thread),  # type: ignore[misc]
            )
            for thread in library.threads.get(workspace.id, ())
        )
    return found


def document_entries(
    documents: Sequence[Document], open_document: Callable[[DocumentId], None]
) -> list[PaletteEntry]:
    """List documents by name; runs on the pool."""
    return [
        PaletteEntry(
            document.path.name,
            document.path.parent.name,
            "file-text",
            lambda at=document.id: open_document(at),  # type: ignore[misc]
        )
        for document in documents
    ]


def _command(table: ActionTable, action: Action) -> PaletteEntry:
    keys = QKeySequence(action.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return PaletteEntry(action.text, keys, action.icon or "chevron-right", lambda: table.trigger(action.id))
