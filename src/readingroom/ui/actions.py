"""One table of what can be done; menus, shortcuts and the command palette all read it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from readingroom.ui.theme import set_icon


def always() -> bool:
    """Say that an action can be done at any time."""
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do."""

    id: str
    """Stable, as `workspace.rename`; the part before the dot groups actions in menus."""
    text: str
    handler: Callable[[], object]
    shortcut: str = ""
    icon: str = ""
    enabled_when: Callable[[], bool] = always
    in_palette: bool = True
    text_now: Callable[[], str] | None = None
    """What a menu says of it, where that is not always the same."""
    scope: str = ""
    """Its keys work only while that part of the window has the focus; empty: everywhere."""


class ActionTable(QObject):
    """The actions of a window, as `QAction`s that are kept enabled or not by their own rule."""

    def __init__(self, actions: Iterable[Action], window: QWidget, scopes: Mapping[str, QWidget]) -> None:
        super().__init__(window)
        self._scopes = scopes
        self._actions = {action.id: action for action in actions}
        self._qactions: dict[str, QAction] = {}
        for action in self._actions.values():
            self._qactions[action.id] = self._make(action, window)

    def _make(self, action: Action, window: QWidget) -> QAction:
        made = QAction(action.text, window)
        made.setObjectName(action.id)
        if action.icon:
            set_icon(made, action.icon)
        if action.shortcut:
            made.setShortcut(QKeySequence(action.shortcut))
        made.triggered.connect(lambda: self.trigger(action.id))
        if action.scope:
            made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self._scopes[action.scope].addAction(made)
        else:
            made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            window.addAction(made)
        return made

    @property
    def all(self) -> Sequence[Action]:
        """Every action, in the order of the table."""
        return tuple(self._actions.values())

    def qaction(self, action_id: str) -> QAction:
        """Return the one of that id."""
        return self._qactions[action_id]

    def enabled(self, action_id: str) -> bool:
        """Whether it can be done now."""
        return self._actions[action_id].enabled_when()

    def trigger(self, action_id: str) -> None:
        """Do it, if it can be done now."""
        if self.enabled(action_id):
            self._actions[action_id].handler()

    def refresh(self) -> None:
        """Enable and disable all by their rules; call before a menu is shown."""
        for action in self._actions.values():
            self._qactions[action.id].setEnabled(action.enabled_when())
            if action.text_now is not None:
                self._qactions[action.id].setText(action.text_now())

    def menu(self, ids: Iterable[str], parent: QWidget) -> QMenu:
        """Build a menu of some of them, an empty id being a line between."""
        self.refresh()
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in ids:
            if action_id:
                menu.addAction(self._qactions[action_id])
            else:
                menu.addSeparator()
        # A disabled QAction swallows its shortcut's meaning until someone refreshes: the rules decide instead.
        menu.aboutToHide.connect(self._enable_all)
        return menu

    def _enable_all(self) -> None:
        for made in self._qactions.values():
            made.setEnabled(True)


class WindowCommands(Protocol):
    """What the window can be told to do, and what it can say of itself."""

    def has_workspace(self) -> bool: ...
    def can_rename(self) -> bool: ...
    def can_undo(self) -> bool: ...
    def can_ask(self) -> bool: ...
    def is_writing(self) -> bool: ...
    def has_answer(self) -> bool: ...
    def escape_does_something(self) -> bool: ...
    def new_workspace(self) -> object: ...
    def new_thread(self) -> object: ...
    def rename(self) -> object: ...
    def remove(self) -> object: ...
    def undo(self) -> object: ...
    def add_folder(self) -> object: ...
    def add_files(self) -> object: ...
    def show_removed(self) -> object: ...
    def open_palette(self) -> object: ...
    def focus_question(self) -> object: ...
    def stop(self) -> object: ...
    def escape(self) -> object: ...
    def copy_answer(self) -> object: ...
    def ask_again(self) -> object: ...
    def open_numbered(self, number: int, /) -> object: ...
    def filter_documents(self) -> object: ...
    def toggle_sidebar(self) -> object: ...
    def toggle_documents(self) -> object: ...
    def focus_next_pane(self) -> object: ...
    def open_settings(self) -> object: ...
    def use_appearance(self, name: str, /) -> object: ...
    def check_model(self) -> object: ...


def window_actions(do: WindowCommands) -> tuple[Action, ...]:
    """The table."""
    return (
        Action("find.palette", "Find…", do.open_palette, "Ctrl+K", "search", in_palette=False),
        Action("thread.new", "New thread", do.new_thread, "Ctrl+N", "message-square-plus", do.has_workspace),
        Action("workspace.new", "New workspace", do.new_workspace, "Ctrl+Shift+N", "plus"),
        Action("source.add_folder", "Add a folder…", do.add_folder, "Ctrl+O", "folder-plus"),
        Action("source.add_files", "Add files…", do.add_files, "Ctrl+Shift+O", "file-text"),
        Action(
            "source.removed",
            "Recently removed…",
            do.show_removed,
            icon="trash-2",
            enabled_when=do.has_workspace,
        ),
        Action("item.rename", "Rename", do.rename, "F2", "pencil", do.can_rename, scope="sidebar"),
        Action("item.remove", "Remove", do.remove, "Del", "trash-2", do.can_rename, scope="sidebar"),
        Action("edit.undo", "Undo removal", do.undo, "Ctrl+Z", "undo-2", do.can_undo),
        Action(
            "chat.question", "Write a question", do.focus_question, "Ctrl+L", "message-square", do.can_ask
        ),
        Action("chat.stop", "Stop the answer", do.stop, "", "square", do.is_writing),
        Action("chat.copy", "Copy the answer", do.copy_answer, "Ctrl+Shift+C", "copy", do.has_answer),
        Action("chat.again", "Ask again", do.ask_again, "Ctrl+R", "refresh-cw", do.has_answer),
        Action(
            "documents.filter",
            "Filter documents",
            do.filter_documents,
            "Ctrl+Shift+F",
            "filter",
            do.has_workspace,
        ),
        Action("view.sidebar", "Show or hide workspaces", do.toggle_sidebar, "Ctrl+B", "panel-left"),
        Action(
            "view.documents", "Show or hide documents", do.toggle_documents, "Ctrl+Shift+B", "panel-right"
        ),
        Action("view.next_pane", "Go to the next pane", do.focus_next_pane, "F6", "layout-grid"),
        Action("view.light", "Light appearance", lambda: do.use_appearance("light"), icon="sun"),
        Action("view.dark", "Dark appearance", lambda: do.use_appearance("dark"), icon="moon"),
        Action(
            "view.system", "Appearance of the system", lambda: do.use_appearance("system"), icon="settings"
        ),
        Action("model.check", "Check again for the model", do.check_model, icon="refresh-cw"),
        Action("app.settings", "Settings…", do.open_settings, "Ctrl+,", "settings"),
        Action(
            "window.escape",
            "Stop or close",
            do.escape,
            enabled_when=do.escape_does_something,
            in_palette=False,
        ),
        *(
            Action(
                f"citation.{n}",
                f"Open citation {n}",
                _numbered(do, n),
                f"Alt+{n}",
                "",
                do.has_answer,
                in_palette=False,
            )
            for n in range(1, 10)
        ),
    )


class PortableCommands(Protocol):
    """What can be done with workspaces as files."""

    def can_export(self) -> bool: ...
    def can_import(self) -> bool: ...
    def export(self) -> object: ...
    def choose_import(self) -> object: ...


def portable_actions(do: PortableCommands) -> tuple[Action, ...]:
    """The part of the table that concerns files of workspaces."""
    return (
        Action("workspace.export", "Export the workspace…", do.export, "", "archive", do.can_export),
        Action("workspace.import", "Import a workspace…", do.choose_import, "", "inbox", do.can_import),
    )


def _numbered(do: WindowCommands, number: int) -> Callable[[], object]:
    return lambda: do.open_numbered(number)


HEADER_MENU = (
    "thread.new", "workspace.new", "", "source.add_folder", "source.add_files", "source.removed", "", "workspace.export",
    "workspace.import", "", "thread.export", "thread.export_all", "", "chat.copy", "chat.copy_cited", "chat.again",
    "chat.resume", "chat.edit", "documents.filter", "", "view.sidebar", "view.documents", "",
    "indexing.toggle", "app.settings", "app.close",
)  # fmt: skip
ROW_MENU = (
    "thread.new", "", "thread.pin", "item.rename", "item.remove", "", "thread.export", "thread.export_all", "",
    "workspace.export", "workspace.import", "", "source.removed",
)  # fmt: skip
