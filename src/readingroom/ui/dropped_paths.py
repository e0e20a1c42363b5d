"""Links what was dropped or handed over to the workspace shown, once it is known which that is."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Workspace
from readingroom.ui.library import FIRST_WORKSPACE, Library


class DroppedPaths(QObject):
    """Keeps paths until the lists are read, and while a first workspace is made: of two drops, neither is lost."""

    def __init__(
        self, library: Library, shown: Callable[[], WorkspaceId | None], parent: QObject | None = None
    ) -> None:
        """`shown` tells the workspace of the window."""
        super().__init__(parent)
        self._library = library
        self._shown = shown
        self._waiting: list[tuple[Sequence[Path], bool]] = []
        self._lists_known = False
        self._making = False
        library.failed.connect(self._give_up)

    def take(self, paths: Sequence[Path], *, watch: bool) -> None:
        """Link them now or as soon as there is a workspace."""
        self._waiting.append((paths, watch))
        self._link()

    def lists_known(self) -> None:
        """The window shows a workspace, or there is none yet."""
        self._lists_known = True
        self._link()

    def _link(self) -> None:
        if not self._lists_known or not self._waiting or self._making:
            return
        workspace_id = self._shown()
        if workspace_id is not None:
            self._link_to(workspace_id)
            return
        self._making = True
        self._library.create_workspace(FIRST_WORKSPACE, self._made)

    def _made(self, workspace: Workspace) -> None:
        self._making = False
        self._link_to(workspace.id)

    def _link_to(self, workspace_id: WorkspaceId) -> None:
        waiting, self._waiting = self._waiting, []
        for paths, watch in waiting:
            self._library.add(workspace_id, paths, watch=watch)

    def _give_up(self, _error: object) -> None:
        """The workspace could not be made, which was said; the paths wait for the next try."""
        self._making = False
