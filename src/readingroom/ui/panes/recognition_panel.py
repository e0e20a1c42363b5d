"""Keeps the strip about text in pictures up to date, and hands on what the person wants of it."""

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from readingroom.core.ids import WorkspaceId
from readingroom.core.recognition import RecognitionStatus
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.bridge import Gathered
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.recognition_strip import RecognitionStrip

_LOOK_MS = 500


class RecognitionPanel(QWidget):
    """Nothing is shown while recognition is turned off in the settings, or nothing is left."""

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._service = services.recognise
        self._runner = runner
        self._workspace_id: WorkspaceId | None = None
        self._looking = False
        self._stale = False
        self.strip = RecognitionStrip(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.strip)
        self.strip.pause_requested.connect(lambda: self._do(self._service.pause))
        self.strip.resume_requested.connect(lambda: self._do(self._service.resume))
        self._gathered = [
            Gathered(listeners, self, interval_ms=_LOOK_MS)  # type: ignore[arg-type]
            for listeners in (self._service.changed, self._service.beginning, services.ingest.progressed)
        ]
        for gathered in self._gathered:
            gathered.arrived.connect(self.look)

    def show_workspace(self, workspace_id: WorkspaceId | None) -> None:
        """Follow another workspace."""
        if workspace_id != self._workspace_id:
            self._workspace_id = workspace_id
            self.strip.show_status(None)
        self.look()

    def stop(self) -> None:
        """Hear nothing more of the services."""
        for gathered in self._gathered:
            gathered.close()

    def look(self) -> None:
        """See how it stands, off the GUI thread; one look at a time."""
        workspace_id = self._workspace_id
        if workspace_id is None:
            return
        if self._looking:
            self._stale = True
            return
        self._looking = True

        def status() -> RecognitionStatus | None:
            return self._service.status(workspace_id) if self._service.automatic else None

        def show(found: RecognitionStatus | None) -> None:
            self._looking = False
            if workspace_id == self._workspace_id:
                self.strip.show_status(found)
            if self._stale or workspace_id != self._workspace_id:
                self._stale = False
                self.look()

        def failed(error: Exception) -> None:
            self._looking = False
            self._runner.failed.emit(error)

        self._runner.call(status, while_alive(self, show), while_alive(self, failed))

    def _do(self, change: Callable[[], None]) -> None:
        self._runner.call(change, while_alive(self, lambda _: self.look()))
