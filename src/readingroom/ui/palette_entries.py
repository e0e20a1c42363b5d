"""What the command palette can find, made of actions, workspaces, threads, documents and passages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from PySide6.QtGui import QKeySequence

from readingroom.core.conversation import Citation, Thread
from readingroom.core.ids import DocumentId, MessageId, WorkspaceId
from readingroom.core.models import NamedDocument
from readingroom.core.places import name_of, titled, words_of
from readingroom.services.find import Found
from readingroom.services.threads import FoundThread
from readingroom.ui.actions import Action, ActionTable
from readingroom.ui.library import Library
from readingroom.ui.models.workspace_tree import UNTITLED
from readingroom.ui.widgets.palette_rows import PaletteEntry


def entries(
    table: ActionTable,
    library: Library,
    choose_workspace: Callable[[WorkspaceId], None],
    show_thread: Callable[[Thread], None],
) -> list[PaletteEntry]:
    """List what is known at once: commands that can be done now, workspaces, threads."""
    found = [_command(table, action) for action in table.all if action.in_palette and action.enabled_when()]
    found += [
        PaletteEntry(
            workspace.name,
            "",
            "library",
            lambda at=workspace.id: choose_workspace(at),  # type: ignore[misc]
            group="Workspaces",
        )
        for workspace in library.workspaces
    ]
    found += [
        PaletteEntry(
            thread.title or UNTITLED,
            workspace.name,
            "message-square",
            lambda thread=thread: show_thread(thread),  # type: ignore[misc]
            group="Threads",
        )
        for workspace in library.workspaces
        for thread in library.threads.get(workspace.id, ())
    ]
    return found


def document_entries(
    documents: Sequence[NamedDocument], open_document: Callable[[DocumentId], None]
) -> list[PaletteEntry]:
    """List documents that were found by name."""
    return [
        PaletteEntry(
            document.text,
            PurePath(document.folder).name,
            "file-text",
            lambda at=document.id: open_document(at),  # type: ignore[misc]
            group="Documents",
            key=document.id,
        )
        for document in documents
    ]


def passage_entries(
    found: Sequence[Found], open_citation: Callable[[Citation, Sequence[Citation]], None]
) -> list[PaletteEntry]:
    """List passages, best first; opening one lets the viewer step through all of them."""
    citations = tuple(replace(passage.citation, n=number) for number, passage in enumerate(found, start=1))
    return [
        PaletteEntry(
            name_of(passage.citation),
            " · ".join(
                words
                for words in (
                    "Offline" if passage.passage.offline else "",
                    titled(words_of(passage.citation)),
                )
                if words
            ),
            "text-align-start",
            lambda citation=citation: open_citation(citation, citations),  # type: ignore[misc]
            group="Passages",
            snippet=passage.snippet,
            key=(passage.passage.document_id, passage.passage.start),
        )
        for passage, citation in zip(found, citations, strict=True)
    ]


def said_entries(
    found: Sequence[FoundThread],
    show_message: Callable[[Thread, MessageId], None],
    workspaces: Mapping[WorkspaceId, str],
) -> list[PaletteEntry]:
    """List threads in which something was said; opening one goes to the message that says it."""
    return [
        PaletteEntry(
            said.message.thread.title or UNTITLED,
            workspaces.get(said.message.thread.workspace_id, ""),
            "message-square",
            lambda message=said.message: show_message(message.thread, message.message_id),  # type: ignore[misc]
            group="Said in threads",
            snippet=said.snippet,
            key=said.message.thread.id,
        )
        for said in found
    ]


def _command(table: ActionTable, action: Action) -> PaletteEntry:
    keys = QKeySequence(action.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return PaletteEntry(action.text, keys, action.icon or "chevron-right", lambda: table.trigger(action.id))
