"""Follows long jobs of all workspaces and tells of them outside the window."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from readingroom.core.counting import count_words
from readingroom.services.bundle import Services
from readingroom.services.long_jobs import Job, Standing, follow_job, standing_of
from readingroom.ui.models.wording import time_left_words
from readingroom.ui.tasks import TaskRunner

_LOOK_MS = 2_000


class JobNotices(QObject):
    """Looks at most every two seconds, on the pool, while something moves."""

    noticed = Signal(object)  # Notice
    state_told = Signal(str)
    """What goes on, in a few words."""

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        in_front: Callable[[], bool],
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._runner = runner
        self._in_front = in_front
        self._clock = clock
        self._job = Job()
        self._timer = QTimer(self, singleShot=True, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def note_progress(self) -> None:
        """Something moved: look soon."""
        if not self._timer.isActive():
            self._timer.start()

    def look(self) -> None:
        """Look now."""
        self._runner.call(self._standing, self._take)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _standing(self) -> Standing:
        services = self._services
        workspaces = services.workspaces.list()
        problem = services.ingest.problem
        return standing_of(
            [source for workspace in workspaces for source in services.sources.sources(workspace.id)],
            [entry for workspace in workspaces for entry in services.ingest.progress(workspace.id)],
            problem="" if problem is None else f"{problem} {problem.hint}".strip(),
            resting=services.pausing.current.resting,
        )

    def _take(self, standing: Standing) -> None:
        self._job, notices = follow_job(self._job, standing, self._clock(), in_front=self._in_front())
        self.state_told.emit(state_words(standing, self._services.pausing.current.words))
        if self._services.preferences.settings.notify:
            for notice in notices:
                self.noticed.emit(notice)


def state_words(standing: Standing, paused: str) -> str:
    """Say `Indexing, 312 documents left · 3 min left`."""
    if paused:
        return paused
    if standing.problem:
        return "Indexing waits"
    if not standing.waiting:
        return "Up to date"
    words = f"Indexing, {count_words(standing.waiting, 'document')} to go"
    return f"{words} · {time_left_words(standing.seconds_left)}" if standing.seconds_left else words
