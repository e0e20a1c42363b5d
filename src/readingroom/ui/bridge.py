"""Brings what services publish on their threads to the GUI thread, gathered so that bursts cost one update."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from readingroom.services.bundle import Services
from readingroom.services.listeners import Listeners

GATHER_MS = 66
"""Some fifteen updates a second at most: enough to look live, cheap beside an ingest at full speed."""


class Gathered(QObject):
    """Emits each distinct value published since the last time, at most once an interval."""

    arrived = Signal(object)
    _poked = Signal()

    def __init__(
        self, listeners: Listeners[object], parent: QObject | None = None, *, interval_ms: int = GATHER_MS
    ) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: dict[object, None] = {}
        self._timer = QTimer(self, singleShot=True, interval=interval_ms)
        self._timer.timeout.connect(self._deliver)
        self._poked.connect(self._timer.start)
        self._unsubscribe: Callable[[], None] = listeners.subscribe(self._hear)

    def close(self) -> None:
        """Hear nothing more."""
        self._unsubscribe()
        self._timer.stop()

    def _hear(self, value: object) -> None:
        with self._lock:
            first = not self._waiting
            self._waiting[value] = None
        if first:
            self._poked.emit()

    def _deliver(self) -> None:
        with self._lock:
            values, self._waiting = self._waiting, {}
        for value in values:
            self.arrived.emit(value)


class ServiceEvents(QObject):
    """The services' facts as signals of the GUI thread."""

    sources_changed = Signal(object)  # WorkspaceId
    ingest_progressed = Signal(object)  # WorkspaceId
    preferences_changed = Signal(object)  # Settings
    answering_changed = Signal(object)  # WorkspaceId
    pause_changed = Signal(object)  # Pause

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gathered = []
        for listeners, signal in (
            (services.sources.changed, self.sources_changed),
            (services.ingest.progressed, self.ingest_progressed),
            (services.preferences.changed, self.preferences_changed),
            (services.answering.changed, self.answering_changed),
            (services.pausing.changed, self.pause_changed),
        ):
            gathered = Gathered(listeners, self)  # type: ignore[arg-type]
            gathered.arrived.connect(signal)
            self._gathered.append(gathered)

    def close(self) -> None:
        """Hear nothing more; call before the services close."""
        for gathered in self._gathered:
            gathered.close()
