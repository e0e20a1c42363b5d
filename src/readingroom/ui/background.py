"""What goes on while nobody looks: pausing, the tray, words on the desktop."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QWidget

from readingroom.services.bundle import Services
from readingroom.services.long_jobs import Notice
from readingroom.ui.actions import Action
from readingroom.ui.bridge import ServiceEvents
from readingroom.ui.job_notices import JobNotices
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.tray import Say, Tray, say_by_command


class Background(QObject):
    """The window's hand in the tray and in the pause of all indexing."""

    def __init__(
        self, services: Services, runner: TaskRunner, window: QWidget, *, say: Say = say_by_command
    ) -> None:
        """`say` shows a notification while there is no tray."""
        super().__init__(window)
        self._services = services
        self._runner = runner
        self._window = window
        self._say = say
        self._words = ""
        self._quitting = False
        self.tray: Tray | None = None
        self.notices = JobNotices(services, runner, self.in_front, self)
        self.notices.noticed.connect(self._tell)
        self.notices.state_told.connect(self._show_state)

    def follow(self, events: ServiceEvents) -> None:
        """Look whenever something moves."""
        events.ingest_progressed.connect(lambda _id: self.notices.note_progress())
        events.sources_changed.connect(lambda _id: self.notices.note_progress())
        events.pause_changed.connect(lambda _pause: self.notices.look())

    def use_tray(self, tray: Tray | None) -> None:
        """Take the tray's icon, where there is one."""
        if tray is None:
            return
        self.tray, self._say = tray, tray.say
        tray.open_requested.connect(self.bring_to_front)
        tray.pause_requested.connect(self.pause)
        tray.resume_requested.connect(self.resume)
        tray.quit_requested.connect(self.quit)
        self.notices.look()

    def in_front(self) -> bool:
        """Whether the person sees the window."""
        window = self._window
        return window.isVisible() and window.isActiveWindow() and not window.isMinimized()

    def bring_to_front(self) -> None:
        """Show the window, wherever it is."""
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    def pause(self) -> None:
        """Rest until resumed."""
        self._runner.call(self._services.pausing.pause)

    def resume(self) -> None:
        """Go on."""
        self._runner.call(self._services.pausing.resume)

    def toggle(self) -> None:
        """Pause, or resume what rests for whatever reason."""
        (self.resume if self._services.pausing.current.resting else self.pause)()

    def quit(self) -> None:
        """Close the window for good, whatever is set."""
        self._quitting = True
        self._window.close()

    def keeps_hidden(self, closing: QCloseEvent) -> bool:
        """Hide the window instead of closing it, where that is wanted. Never when the person logs out."""
        wanted = self._services.preferences.settings.keep_in_tray and not self._quitting
        app = QGuiApplication.instance()
        logging_out = isinstance(app, QGuiApplication) and app.isSavingSession()
        if not wanted or self.tray is None or logging_out:
            return False
        closing.ignore()
        self._window.hide()
        return True

    def stop(self) -> None:
        """Say nothing more; call before the services close."""
        self.notices.stop()
        tray, self.tray = self.tray, None
        if tray is not None:
            self._say = say_by_command
            tray.close()

    def _tell(self, notice: Notice) -> None:
        self._say(notice)

    def _show_state(self, words: str) -> None:
        if self.tray is not None:
            self.tray.show_state(words, paused=self._services.pausing.current.resting)


def background_actions(background: Background) -> tuple[Action, ...]:
    """What joins the window's table of actions."""
    return (
        Action("indexing.toggle", "Pause or resume indexing", background.toggle, "Ctrl+Shift+P", "pause"),
        Action("app.close", "Quit", background.quit, "Ctrl+Q", "x"),
    )
