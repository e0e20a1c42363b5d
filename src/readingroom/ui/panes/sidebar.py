"""The left pane: workspaces with their threads, and the folders of the workspace that is shown."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.conversation import Thread
from readingroom.core.ids import SourceId, ThreadId, WorkspaceId
from readingroom.core.models import Source, SourceProgress, Workspace
from readingroom.ui.models.workspace_tree import TreeRole, WorkspaceTree
from readingroom.ui.panes.source_list import SourceList
from readingroom.ui.theme import set_icon, when_palette_changes
from readingroom.ui.widgets.plain_text import PlainLabel
from readingroom.ui.widgets.tree_delegate import ROW_PX, TreeDelegate


class Sidebar(QWidget):
    """Shows what it is told; what the person wants done it asks for by signals."""

    workspace_chosen = Signal(object)  # WorkspaceId
    thread_chosen = Signal(object)  # Thread
    new_thread_requested = Signal(object)  # WorkspaceId
    new_workspace_requested = Signal()
    workspace_renamed = Signal(object, str)  # WorkspaceId
    thread_renamed = Signal(object, str)  # ThreadId
    menu_requested = Signal(QPoint)
    """The context menu of the selected row, at that place of the screen."""
    add_folder_requested = Signal()
    source_removed = Signal(object)  # Source
    source_paused = Signal(object)  # Source
    source_resumed = Signal(object)  # Source
    source_checked = Signal(object)  # Source
    source_rules_wanted = Signal(object)  # Source
    source_left_out_wanted = Signal(object)  # Source
    source_removal_confirmed = Signal(object)  # Source
    source_keeping_wanted = Signal(object)  # Source
    source_located = Signal(object)  # Source
    source_scoped = Signal(object, bool)  # Source
    """The next question shall be limited to it as well, or no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Workspaces and folders")
        self.tree = WorkspaceTree(self)
        self._showing = False
        self._build_layout()
        self._connect()

    def _build_layout(self) -> None:
        self._view = QTreeView(self)
        self._view.setModel(self.tree)
        self._view.setAccessibleName("Workspaces and threads")
        self._view.setHeaderHidden(True)
        self._view.setIndentation(0)
        self._view.setRootIsDecorated(False)
        self._view.setUniformRowHeights(True)
        self._view.setMouseTracking(True)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._view.setFrameShape(QFrame.Shape.NoFrame)
        self._view.setExpandsOnDoubleClick(False)
        self._delegate = TreeDelegate(self._view)
        self._view.setItemDelegate(self._delegate)
        self._sources = SourceList(self)
        self._new_workspace = _plus("New workspace", self)
        self._add_folder = _plus("Add a folder", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 8)
        column.setSpacing(0)
        column.addLayout(_title("Workspaces", self._new_workspace))
        column.addWidget(self._view)
        column.addSpacing(16)
        column.addLayout(_title("Folders", self._add_folder))
        column.addWidget(self._sources, 1)

    def _connect(self) -> None:
        self.tree.workspace_renamed.connect(self.workspace_renamed)
        self.tree.thread_renamed.connect(self.thread_renamed)
        self.tree.rowsInserted.connect(self._fit_tree)
        self.tree.rowsRemoved.connect(self._fit_tree)
        self._view.expanded.connect(self._fit_tree)
        self._view.collapsed.connect(self._fit_tree)
        self._view.selectionModel().currentChanged.connect(self._choose)
        self._view.clicked.connect(self._click)
        self._view.doubleClicked.connect(self._toggle)
        self._view.customContextMenuRequested.connect(self._show_menu)
        self._new_workspace.clicked.connect(self.new_workspace_requested)
        self._add_folder.clicked.connect(self.add_folder_requested)
        self._sources.add_requested.connect(self.add_folder_requested)
        for name in (
            "removed", "paused", "resumed", "checked", "rules_wanted", "left_out_wanted", "removal_confirmed",
            "keeping_wanted", "located", "scoped",
        ):  # fmt: skip
            getattr(self._sources, name).connect(getattr(self, f"source_{name}"))
        when_palette_changes(self._view.viewport().update)

    # -- what is shown

    def show_workspaces(
        self, workspaces: Sequence[Workspace], threads: Mapping[WorkspaceId, Sequence[Thread]]
    ) -> None:
        """Bring the tree to these values."""
        # Qt moves the selection off a row while that row is being removed, when nothing may ask the tree.
        before = self.tree.key_of(self._view.currentIndex())
        self._showing = True
        self.tree.show(workspaces, threads)
        self._showing = False
        current = self._view.currentIndex()
        if before is not None and self.tree.key_of(current) != before:
            self._choose(current)
        self._fit_tree()

    def show_sources(self, sources: Sequence[Source], progress: Sequence[SourceProgress]) -> None:
        """Show the folders of the current workspace."""
        self._sources.show_sources(sources, progress)

    def show_scope(self, source_ids: frozenset[SourceId]) -> None:
        """Mark the folders that the next question is limited to."""
        self._sources.show_checked(source_ids)

    def select(
        self, workspace_id: WorkspaceId, thread_id: ThreadId | None, *, on_workspace: bool = False
    ) -> None:
        """Select a thread, with None the row that begins a new one, or the workspace itself. Says nothing."""
        self._delegate.current_workspace = workspace_id
        parent = self.tree.workspace_index(workspace_id)
        self._view.expand(parent)
        index = (
            self.tree.new_thread_index(workspace_id)
            if thread_id is None
            else self.tree.thread_index(thread_id)
        )
        if on_workspace:
            index = parent
        blocked = self._view.selectionModel().blockSignals(True)
        self._view.setCurrentIndex(index if index.isValid() else parent)
        self._view.selectionModel().blockSignals(blocked)
        self._view.viewport().update()

    @property
    def selected(self) -> tuple[Workspace | None, Thread | None]:
        """The workspace or thread under the selection; (None, None) when there is none."""
        index = self._view.currentIndex()
        return index.data(TreeRole.WORKSPACE), index.data(TreeRole.THREAD)

    @property
    def selected_thread_id(self) -> ThreadId | None:
        """The thread under the selection."""
        thread = self._view.currentIndex().data(TreeRole.THREAD)
        return None if thread is None else thread.id

    @property
    def on_workspace(self) -> bool:
        """Whether the selection is a workspace itself."""
        index = self._view.currentIndex()
        return index.isValid() and not index.parent().isValid()

    @property
    def view(self) -> QTreeView:
        """The tree's view."""
        return self._view

    @property
    def renaming(self) -> bool:
        """Whether a name is being typed."""
        return self._view.state() is QAbstractItemView.State.EditingState

    def rename_selected(self) -> None:
        """Edit the name of the selected row in place."""
        index = self._view.currentIndex()
        if index.isValid() and self.tree.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self._view.setFocus()
            self._view.edit(index)

    def rename_workspace(self, workspace_id: WorkspaceId) -> None:
        """Edit a workspace's name in place."""
        index = self.tree.workspace_index(workspace_id)
        if index.isValid():
            self._view.setFocus()
            self._view.scrollTo(index)
            self._view.edit(index)

    # -- what the person does

    def _choose(self, index: QModelIndex) -> None:
        if self._showing or not index.isValid():
            return
        workspace, thread = index.data(TreeRole.WORKSPACE), index.data(TreeRole.THREAD)
        if thread is not None:
            self.thread_chosen.emit(thread)
        elif index.data(TreeRole.IS_NEW):
            self.new_thread_requested.emit(workspace.id)
        else:
            self.workspace_chosen.emit(workspace.id)

    def _click(self, index: QModelIndex) -> None:
        if not index.parent().isValid() and not self._view.isExpanded(index):
            self._view.expand(index)

    def _toggle(self, index: QModelIndex) -> None:
        self._view.setExpanded(index, not self._view.isExpanded(index))

    def _show_menu(self, point: QPoint) -> None:
        if self._view.indexAt(point).isValid():
            self.menu_requested.emit(self._view.viewport().mapToGlobal(point))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tree()

    def _fit_tree(self) -> None:
        """Keep the tree as high as its rows, so that the folders follow at once; it scrolls beyond half the pane."""
        rows = 0
        for row in range(self.tree.rowCount()):
            index = self.tree.index(row, 0)
            rows += 1 + (self.tree.rowCount(index) if self._view.isExpanded(index) else 0)
        self._view.setMaximumHeight(rows * ROW_PX + 2)
        self._view.setMinimumHeight(min(rows * ROW_PX + 2, max(6 * ROW_PX, self.height() // 2)))


def _plus(name: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    set_icon(button, "plus")
    button.setFixedSize(24, 24)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button


def _title(text: str, button: QToolButton) -> QHBoxLayout:
    label = PlainLabel(text)
    label.setObjectName("sectionTitle")
    row = QHBoxLayout()
    row.setContentsMargins(8, 4, 0, 4)
    row.addWidget(label)
    row.addStretch()
    row.addWidget(button)
    return row
