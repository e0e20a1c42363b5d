"""What the window remembers from one run to the next: its geometry, and what was shown last."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSettings, QSize
from PySide6.QtWidgets import QMainWindow

from readingroom.core.conversation import Thread
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Workspace
from readingroom.ui.panes.body import Body

_FIRST_SIZE = QSize(1280, 800)
_FRAME = QSize(8, 40)
"""What the desktop's title bar and borders take; on a small screen the status line lay below its edge."""


class WindowMemory:
    """Keeps it in a `QSettings`, which holds nothing else."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def restore(self, window: QMainWindow, body: Body) -> None:
        """Give the window the size, place and panes it had."""
        geometry = self._settings.value("window/geometry")
        if geometry is None or not window.restoreGeometry(geometry):
            window.resize(_FIRST_SIZE.boundedTo(window.screen().availableSize() - _FRAME))
        body.restore(self._settings)

    def save(self, window: QMainWindow, body: Body) -> None:
        """Keep size, place and panes."""
        self._settings.setValue("window/geometry", window.saveGeometry())
        body.save(self._settings)

    def note_shown(self, workspace_id: WorkspaceId, thread: Thread | None) -> None:
        """Keep what is shown now."""
        self._settings.setValue("last/workspace", int(workspace_id))
        self._settings.setValue("last/thread", int(thread.id) if thread else 0)

    def last_shown(
        self, workspaces: Sequence[Workspace], threads: Mapping[WorkspaceId, Sequence[Thread]]
    ) -> tuple[Workspace, Thread | None]:
        """Pick what was shown last, else the first there is; `workspaces` may not be empty."""
        last = self._settings.value("last/workspace", 0, type=int)
        workspace = next((w for w in workspaces if w.id == last), workspaces[0])
        there = threads.get(workspace.id, ())
        wanted = self._settings.value("last/thread", 0, type=int)
        return workspace, next((t for t in there if t.id == wanted), there[0] if there else None)
