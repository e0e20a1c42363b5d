"""The icon in the system's tray, where there is one, and a word on the desktop."""

import html
import logging
import shutil
from collections.abc import Callable

from PySide6.QtCore import QObject, QProcess, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from readingroom.config.paths import APP_NAME
from readingroom.services.long_jobs import Notice
from readingroom.ui.models.wording import showable

log = logging.getLogger(__name__)

Say = Callable[[Notice], None]


class Tray(QObject):
    """Asks for what the person wants; the window decides."""

    open_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    quit_requested = Signal()

    def __init__(self, icon: QIcon, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.menu = QMenu()
        self.menu.addAction(f"Open {APP_NAME}", self.open_requested.emit)
        self._paused = False
        self.pause = self.menu.addAction("Pause indexing", self._toggle)
        self.menu.addSeparator()
        self.menu.addAction("Quit", self.quit_requested.emit)
        self.icon = QSystemTrayIcon(icon, self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activate)
        self.icon.messageClicked.connect(self.open_requested)
        self.show_state("", paused=False)

    def show_state(self, words: str, *, paused: bool) -> None:
        """Say what goes on."""
        self._paused = paused
        self.pause.setText("Resume indexing" if paused else "Pause indexing")
        self.icon.setToolTip(f"{APP_NAME}\n{words}" if words else APP_NAME)

    def show(self) -> None:
        """Put it into the tray."""
        self.icon.show()

    def say(self, notice: Notice) -> None:
        """Show a notification beside it."""
        # Some desktops read the text as markup, others show it as it is: a name must pass through both.
        text = showable(notice.text).replace("<", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}")
        self.icon.showMessage(showable(notice.title), text, self.icon.icon())

    def close(self) -> None:
        """Take it out of the tray at once; Windows leaves a ghost otherwise."""
        self.icon.hide()

    def _toggle(self) -> None:
        (self.resume_requested if self._paused else self.pause_requested).emit()

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.open_requested.emit()


def make_tray(icon: QIcon, parent: QObject | None = None) -> Tray | None:
    """Make the icon; None on a desktop without a tray, as GNOME's own."""
    if not QSystemTrayIcon.isSystemTrayAvailable():
        return None
    tray = Tray(icon, parent)
    tray.show()
    return tray


def say_by_command(notice: Notice) -> None:
    """Show a notification where there is no tray: by `notify-send`, which Linux desktops bring along."""
    command = shutil.which("notify-send")
    if command is None:
        log.info("Nobody can be told: %s", notice.title)
        return
    QProcess.startDetached(command, notify_arguments(notice))


def notify_arguments(notice: Notice) -> list[str]:
    """Make the arguments; a file's name is neither an option nor markup."""
    options = [f"--app-name={APP_NAME}", "--icon=readingroom", "--hint=string:desktop-entry:readingroom"]
    return [*options, "--", showable(notice.title), html.escape(showable(notice.text), quote=False)]
