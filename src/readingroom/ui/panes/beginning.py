"""Fetches what the beginning of a workspace shows, anew as documents are read."""

from PySide6.QtCore import QObject, QTimer

from readingroom.core.models import Workspace
from readingroom.services.first_minutes import FirstMinutesService, Greeting
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.first_minutes import FirstMinutes

_AGAIN_MS = 3000
"""While documents are being read, their number changes many times a second."""


class Beginning(QObject):
    """`view` is shown where a workspace has documents and no thread is."""

    def __init__(self, service: FirstMinutesService, runner: TaskRunner, parent: QObject) -> None:
        super().__init__(parent)
        self.view = FirstMinutes()
        self._service = service
        self._runner = runner
        self._workspace: Workspace | None = None
        self._greeted: Workspace | None = None
        self._loading = False
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self._load)

    def greet(self, workspace: Workspace) -> None:
        """Show a workspace; what is known of it is fetched on the pool."""
        before, self._workspace = self._workspace, workspace
        if before is None or before.id != workspace.id:
            self.view.prepare(workspace)
            self._load()
        elif workspace != self._greeted and not self._again.isActive():
            self._again.start()

    def _load(self) -> None:
        workspace = self._workspace
        if workspace is None or self._loading:
            return
        self._loading = True

        def show(greeting: Greeting) -> None:
            self._loading = False
            if self._workspace is None or self._workspace.id != workspace.id:
                self._load()
                return
            self._greeted = workspace
            self.view.greet(self._workspace, greeting)

        def fail(error: Exception) -> None:
            self._loading = False
            self._runner.failed.emit(error)

        self._runner.call(lambda: self._service.greeting(workspace.id), show, fail)
