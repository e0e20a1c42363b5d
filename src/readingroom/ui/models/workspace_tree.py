"""Workspaces and their threads as a tree: the adapter between core values and Qt's views."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from readingroom.core.conversation import Thread
from readingroom.core.counting import count_words
from readingroom.core.ids import ThreadId, WorkspaceId
from readingroom.core.models import Workspace
from readingroom.ui.widgets.plain_text import plain_tip

Index = QModelIndex | QPersistentModelIndex
UNTITLED = "Untitled thread"


class TreeRole(IntEnum):
    """What the view may ask for beside Qt's own roles."""

    WORKSPACE = Qt.ItemDataRole.UserRole + 1
    THREAD = Qt.ItemDataRole.UserRole + 2
    COUNT = Qt.ItemDataRole.UserRole + 3
    IS_NEW = Qt.ItemDataRole.UserRole + 4


@dataclass
class _Node:
    """A row. Kept alive by its parent, since an index holds only its address."""

    workspace: Workspace
    thread: Thread | None = None
    is_new: bool = False
    parent: "_Node | None" = None
    children: list["_Node"] = field(default_factory=list)

    @property
    def key(self) -> object:
        if self.is_new:
            return "new"
        return self.workspace.id if self.thread is None else self.thread.id

    @property
    def value(self) -> object:
        return self.workspace if self.thread is None else self.thread


class WorkspaceTree(QAbstractItemModel):
    """Two levels; under each workspace the last row begins a new thread. Editing a row asks for a new name."""

    workspace_renamed = Signal(object, str)  # WorkspaceId
    """The person typed a name; the tree changes when the service has."""
    thread_renamed = Signal(object, str)  # ThreadId

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._roots: list[_Node] = []

    # -- changing

    def show(self, workspaces: Sequence[Workspace], threads: Mapping[WorkspaceId, Sequence[Thread]]) -> None:
        """Bring the tree to these values with the fewest changes, so that selection and editing stay."""
        self._bring(QModelIndex(), self._roots, [_Node(workspace) for workspace in workspaces])
        for row, node in enumerate(self._roots):
            wanted = [
                _Node(node.workspace, thread, parent=node) for thread in threads.get(node.workspace.id, ())
            ]
            wanted.append(_Node(node.workspace, is_new=True, parent=node))
            self._bring(self.index(row, 0), node.children, wanted)

    def _bring(self, parent: QModelIndex, have: list[_Node], wanted: Sequence[_Node]) -> None:
        keys = {node.key for node in wanted}
        for row in range(len(have) - 1, -1, -1):
            if have[row].key not in keys:
                self.beginRemoveRows(parent, row, row)
                del have[row]
                self.endRemoveRows()
        for row, node in enumerate(wanted):
            at = next((i for i in range(row, len(have)) if have[i].key == node.key), None)
            if at is None:
                self.beginInsertRows(parent, row, row)
                have.insert(row, node)
                self.endInsertRows()
                continue
            if at != row:
                self.beginMoveRows(parent, at, at, parent, row)
                have.insert(row, have.pop(at))
                self.endMoveRows()
            if have[row].value != node.value:
                have[row].workspace, have[row].thread = node.workspace, node.thread
                index = self.index(row, 0, parent)
                self.dataChanged.emit(index, index)

    # -- finding

    def workspace_index(self, workspace_id: WorkspaceId) -> QModelIndex:
        """Return the row of a workspace; invalid when it is not there."""
        return self._find(self._roots, lambda node: node.workspace.id == workspace_id)

    def thread_index(self, thread_id: ThreadId) -> QModelIndex:
        """Return the row of a thread; invalid when it is not there."""
        every = [child for node in self._roots for child in node.children]
        return self._find(every, lambda node: node.thread is not None and node.thread.id == thread_id)

    def new_thread_index(self, workspace_id: WorkspaceId) -> QModelIndex:
        """Return the row that begins a new thread."""
        every = [child for node in self._roots for child in node.children]
        return self._find(every, lambda node: node.is_new and node.workspace.id == workspace_id)

    def key_of(self, index: Index) -> object:
        """Return what stays the same of a row while it moves and changes; None for no row."""
        node = self._node(index)
        return None if node is None else (node.parent is None, node.workspace.id, node.key)

    @property
    def workspaces(self) -> Sequence[Workspace]:
        """All shown."""
        return [node.workspace for node in self._roots]

    @property
    def threads(self) -> Sequence[Thread]:
        """All shown."""
        return [child.thread for node in self._roots for child in node.children if child.thread is not None]

    def _find(self, nodes: Sequence[_Node], fits: Callable[[_Node], bool]) -> QModelIndex:
        node = next((node for node in nodes if fits(node)), None)
        return QModelIndex() if node is None else self._index_of(node)

    def _index_of(self, node: _Node) -> QModelIndex:
        siblings = self._roots if node.parent is None else node.parent.children
        row = next(i for i, sibling in enumerate(siblings) if sibling is node)
        return self.createIndex(row, 0, node)

    @staticmethod
    def _node(index: Index) -> _Node | None:
        node = index.internalPointer() if index.isValid() else None
        return node if isinstance(node, _Node) else None

    # -- Qt's side

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        node = self._node(parent)
        siblings = self._roots if node is None else node.children
        if column != 0 or not 0 <= row < len(siblings):
            return QModelIndex()
        return self.createIndex(row, 0, siblings[row])

    def parent(self, index: Index = QModelIndex()) -> QModelIndex:  # type: ignore[override]  # noqa: B008
        node = self._node(index)
        if node is None or node.parent is None:
            return QModelIndex()
        # A wanted node may name a parent that was replaced by the one shown; the workspace tells which it is.
        return self.workspace_index(node.workspace.id)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        node = self._node(parent)
        return len(self._roots) if node is None else len(node.children)

    def columnCount(self, _parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        node = self._node(index)
        if node is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                if node.is_new:
                    return "New thread"
                return node.workspace.name if node.thread is None else node.thread.title or UNTITLED
            case Qt.ItemDataRole.ToolTipRole if not node.is_new:
                # The pane is narrow, and titles are questions.
                return plain_tip(str(self.data(index)))
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._accessible(node)
            case TreeRole.WORKSPACE:
                return node.workspace
            case TreeRole.THREAD:
                return node.thread
            case TreeRole.IS_NEW:
                return node.is_new
            case TreeRole.COUNT:
                return f"{node.workspace.documents:,}" if node.parent is None else ""
        return None

    @staticmethod
    def _accessible(node: _Node) -> str:
        if node.is_new:
            return f"New thread in {node.workspace.name}"
        if node.thread is not None:
            pinned = ", pinned" if node.thread.pinned else ""
            return f"Thread {node.thread.title or UNTITLED}{pinned}"
        return f"Workspace {node.workspace.name}, {count_words(node.workspace.documents, 'document')}"

    def flags(self, index: Index) -> Qt.ItemFlag:
        node = self._node(index)
        if node is None:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if node.is_new else flags | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        node = self._node(index)
        name = str(value).strip()
        if node is None or role != Qt.ItemDataRole.EditRole or not name:
            return False
        if node.thread is None and name != node.workspace.name:
            self.workspace_renamed.emit(node.workspace.id, name)
        elif node.thread is not None and name != node.thread.title:
            self.thread_renamed.emit(node.thread.id, name)
        return True
