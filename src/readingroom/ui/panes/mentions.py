"""`@name` in the question: completes the names of documents and folders, which then limit it."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from readingroom.core.cancellation import CancelToken
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import NamedDocument
from readingroom.services.bundle import Services
from readingroom.ui.models.scope import ScopeItem, of_folder, of_named, of_source
from readingroom.ui.models.source_words import source_name
from readingroom.ui.models.wording import folder_words, showable
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.completion_list import CompletionList
from readingroom.ui.widgets.fuzzy import fuzzy_filter
from readingroom.ui.widgets.palette_rows import PaletteEntry

_TYPED = re.compile(r"(?:^|(?<=[\s(]))@([^\s@]*(?: [^\s@]+){0,3})$")
"""From the sign to the caret; a name may have a few spaces."""
_MOST_FOLDERS, _MOST_DOCUMENTS = 4, 8
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder by its name."""

    text: str
    where: Path
    item: ScopeItem


@dataclass(frozen=True, slots=True)
class _Names:
    folders: Sequence[_Folder]
    documents: Sequence[NamedDocument]

    def like(self, text: str) -> list[PaletteEntry]:
        folders = fuzzy_filter(self.folders, text, _MOST_FOLDERS)
        documents = fuzzy_filter(self.documents, text, _MOST_DOCUMENTS)
        entries = [_entry(folder.item, folder_words(folder.where), "Folders") for folder in folders]
        found = [of_named(document) for document in documents]
        return [*entries, *(_entry(item, showable(item.path.parent.name), "Documents") for item in found)]


@dataclass(frozen=True, slots=True)
class _Found:
    names: _Names
    fitting: Sequence[PaletteEntry]


class Mentions(QObject):
    """Watches a box for the sign and what follows it; the names are looked up on the pool."""

    mentioned = Signal(object)  # ScopeItem

    def __init__(
        self, edit: QPlainTextEdit, above: QWidget, services: Services, runner: TaskRunner, parent: QWidget
    ) -> None:
        """The list is shown above `above`, over `parent`."""
        super().__init__(parent)
        self._edit = edit
        self._above = above
        self._services = services
        self._runner = runner
        self._workspace_id: WorkspaceId | None = None
        self._names: _Names | None = None
        self._asked: object = None
        self._closed_at: str | None = None
        """What stood there when the person closed the list."""
        self.list = CompletionList(parent)
        self.list.chosen.connect(self._choose)
        edit.textChanged.connect(self._look)
        edit.cursorPositionChanged.connect(self._look)
        edit.installEventFilter(self)
        parent.installEventFilter(self.list)

    def show_workspace(self, workspace_id: WorkspaceId | None) -> None:
        """Complete names of another workspace."""
        self._workspace_id = workspace_id
        self._close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._close()
        if not isinstance(event, QKeyEvent) or self.list.isHidden():
            return super().eventFilter(watched, event)
        key = Qt.Key(event.key())
        ours = key in _STEPS or key in _CHOOSING or key == Qt.Key.Key_Escape
        if event.type() != QEvent.Type.KeyPress or not ours:
            return super().eventFilter(watched, event)
        if key in _STEPS:
            self.list.step(_STEPS[key])
        elif key == Qt.Key.Key_Escape:
            self._closed_at = self._typed()
            self.list.hide()
        else:
            self.list.choose()
        return True

    def _typed(self) -> str | None:
        """What follows the sign, if the caret stands right after it."""
        cursor = self._edit.textCursor()
        if cursor.hasSelection():
            return None
        found = _TYPED.search(cursor.block().text()[: cursor.positionInBlock()])
        return None if found is None else found[1]

    def _look(self) -> None:
        text = self._typed() if self._edit.hasFocus() else None
        if text is None or self._workspace_id is None:
            self._close()
            return
        if self._closed_at is not None and text.startswith(self._closed_at):
            return
        self._closed_at = None
        asked = self._asked = object()
        find = _finder(self._services, self._workspace_id, self._names)

        def work(_token: CancelToken) -> Iterator[object]:
            names = find()
            yield _Found(names, names.like(text))

        def answer(found: object) -> None:
            if asked is self._asked and isinstance(found, _Found):
                self._names = found.names
                self.list.show_entries(found.fitting, self._above)

        self._runner.start(work, on_progress=answer)

    def _close(self) -> None:
        self._asked = self._names = self._closed_at = None
        self.list.hide()

    def _choose(self, entry: PaletteEntry) -> None:
        cursor = self._edit.textCursor()
        text = self._typed()
        assert isinstance(entry.key, ScopeItem)  # noqa: S101  (`_entry` put it there)
        if text is not None:
            cursor.movePosition(
                QTextCursor.MoveOperation.Left,
                QTextCursor.MoveMode.KeepAnchor,
                len(text.encode("utf-16-le")) // 2 + 1,
            )
            # Within a sentence the name is part of it; at its beginning it only says where to look.
            starts = (
                not cursor.block()
                .text()[: min(cursor.position(), cursor.anchor()) - cursor.block().position()]
                .strip()
            )
            cursor.insertText("" if starts else f"{entry.text} ")
            self._edit.setTextCursor(cursor)
        self.mentioned.emit(entry.key)


def _entry(item: ScopeItem, where: str, group: str) -> PaletteEntry:
    return PaletteEntry(item.name, where, item.icon, lambda: None, group, key=item)


def _finder(services: Services, workspace_id: WorkspaceId, known: _Names | None) -> Callable[[], _Names]:
    """What lists the names, unless they are known; it holds nothing of Qt's."""

    def find() -> _Names:
        if known is not None:
            return known
        linked = [source for source in services.sources.sources(workspace_id) if source.is_folder]
        documents = services.documents.names(workspace_id)
        below = sorted(_below({source.path for source in linked}, documents))
        return _Names(
            [
                *(_Folder(source_name(source), source.path.parent, of_source(source)) for source in linked),
                *(_Folder(showable(path.name), path.parent, of_folder(path)) for path in below),
            ],
            documents,
        )

    return find


def _below(roots: set[Path], documents: Sequence[NamedDocument]) -> set[Path]:
    """The folders below these in which documents lie, and those between; none that are documents themselves."""
    files = {os.path.join(document.folder, document.text) for document in documents}  # noqa: PTH118  (40,000 of them)
    found: set[Path] = set()
    for folder in map(Path, {document.folder for document in documents} - files):
        between: list[Path] = []
        for step in (folder, *folder.parents):
            if step in roots or step in found:
                found.update(path for path in between if str(path) not in files)
                break
            between.append(step)
    return found
