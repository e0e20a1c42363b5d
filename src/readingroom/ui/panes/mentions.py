"""`@name` in the question: completes the names of documents and folders, which then limit it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from readingroom.core.cancellation import CancelToken
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Document
from readingroom.services.bundle import Services
from readingroom.ui.models.scope import ScopeItem, of_document, of_folder, of_source
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
class _Named:
    """A folder or document by its name."""

    text: str
    where: str
    item: ScopeItem


@dataclass(frozen=True, slots=True)
class _Names:
    folders: Sequence[_Named]
    documents: Sequence[_Named]

    def like(self, text: str) -> list[_Named]:
        folders = fuzzy_filter(self.folders, text, _MOST_FOLDERS)
        return [*folders, *fuzzy_filter(self.documents, text, _MOST_DOCUMENTS)]


@dataclass(frozen=True, slots=True)
class _Found:
    names: _Names
    fitting: Sequence[_Named]


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
        if event.type() == QEvent.Type.ShortcutOverride and ours:
            event.accept()  # else the window's own Escape takes it
            return True
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
                self.list.show_entries([_entry(named) for named in found.fitting], self._above)

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


def _entry(named: _Named) -> PaletteEntry:
    group = "Documents" if named.item.icon == "file-text" else "Folders"
    return PaletteEntry(named.text, named.where, named.item.icon, lambda: None, group, key=named.item)


def _finder(services: Services, workspace_id: WorkspaceId, known: _Names | None) -> Callable[[], _Names]:
    """What lists the names, unless they are known; it holds nothing of Qt's."""

    def find() -> _Names:
        if known is not None:
            return known
        sources = services.sources.sources(workspace_id)
        documents: Sequence[Document] = services.documents.list(workspace_id)
        linked = [source for source in sources if source.is_folder]
        folders = [
            _Named(source_name(source), folder_words(source.path.parent), of_source(source))
            for source in linked
        ]
        folders += [
            _Named(showable(folder.name), folder_words(folder.parent), of_folder(folder))
            for folder in sorted(_below({source.path for source in linked}, documents))
        ]
        named = [
            _Named(showable(document.path.name), showable(document.path.parent.name), of_document(document))
            for document in documents
        ]
        return _Names(folders, named)

    return find


def _below(roots: set[Path], documents: Sequence[Document]) -> set[Path]:
    """The folders below these in which documents lie, and those between."""
    found: set[Path] = set()
    for folder in {document.file.path.parent for document in documents}:
        between: list[Path] = []
        for step in (folder, *folder.parents):
            if step in roots or step in found:
                found.update(between)
                break
            between.append(step)
    return found
