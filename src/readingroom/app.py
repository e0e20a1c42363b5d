"""The window's composition root: builds services and window, installs the hooks, runs the event loop."""

import argparse
import faulthandler
import gc
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QSettings,
    QSocketNotifier,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from readingroom import __version__
from readingroom.composition import Runtime, mend_catalog, open_runtime
from readingroom.config.logs import set_up_logging
from readingroom.config.paths import APP_NAME, DataPaths, data_paths, resource_path
from readingroom.config.running import COMMAND, WINDOW, kind_running
from readingroom.core.errors import CatalogLost, DataFolderInUse, UserFixableError
from readingroom.ui.hand_over import Answer, HandOverServer, hand_over
from readingroom.ui.main_window import MainWindow
from readingroom.ui.stalls import StallMonitor
from readingroom.ui.theme import apply_theme
from readingroom.ui.tray import make_tray

log = logging.getLogger(__name__)

_EXIT_FAILED, _EXIT_IN_USE = 1, 3
_SWITCH_INTERVAL_S = 0.001
"""How long another Python thread may keep the interpreter while the window waits for it; the default of 5 ms
adds up to a visible hitch when several are busy."""

_TAKE_FOLDER_S = 15.0
"""A start beside it may take so long on a busy computer until it listens."""
_LOOK_AGAIN_S = 0.05

_SETTLED_MS = 400
"""Lists and the last thread are shown by then. Started at once, the children import their libraries while the window
is laid out for the first time, and both wait for each other."""

_COLLECT_AFTER = (10_000, 10, 1_000)
"""Thresholds of the garbage collector. With 40,000 documents in the list a collection of everything held the
window for 70 ms; by Python's own thresholds (700, 10, 10) it comes in the middle of scrolling or streaming. Values
and widgets are freed by their reference counts; only cycles wait for the collector."""


def run_window(arguments: argparse.Namespace, *, unanswered: bool = False) -> int:
    """Open the window and return the exit code when it was closed.

    `unanswered` tells that a window on the folder was asked to take the paths and did not answer.
    """
    paths = data_paths(arguments.data_dir)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    application = QApplication(sys.argv[:1])
    application.setApplicationName(APP_NAME)
    application.setApplicationDisplayName(APP_NAME)
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("readingroom")
    application.setWindowIcon(QIcon(str(resource_path("readingroom.png"))))
    logging_set_up = False
    while True:
        try:
            runtime = _open(paths, arguments.paths, unanswered=unanswered)
        except UserFixableError as error:
            if isinstance(error, CatalogLost) and _begins_anew(error, paths):
                continue
            return _exit_code(error)
        if runtime is None:
            return 0
        if not logging_set_up:
            set_up_logging(paths.logs, verbose=arguments.verbose)
            _install_hooks(paths)
            logging_set_up = True
        if runtime.mended:
            log.warning("%s", runtime.mended)
        with runtime:
            code, again = _run(application, runtime, arguments)
        if not again:
            return code
        arguments.paths = []


def _open(paths: DataPaths, dropped: Sequence[Path], *, unanswered: bool) -> Runtime | None:
    """Take the data folder; None where a window that has it took the paths. Says why where neither can be."""
    deadline = time.monotonic() + _TAKE_FOLDER_S
    while True:
        try:
            return open_runtime(paths, WINDOW)
        except DataFolderInUse as error:
            # Two starts at once: the other holds the folder and does not listen yet, or is just closing.
            answer = Answer.SILENT if unanswered else hand_over(paths.root, dropped)
            if answer is Answer.TAKEN:
                return None
            command = kind_running(paths.root) == COMMAND
            if answer is Answer.SILENT or command or time.monotonic() > deadline:
                _refuse(error if command else _unanswered(paths))
                raise
            time.sleep(_LOOK_AGAIN_S)
        except CatalogLost:
            raise
        except UserFixableError as error:
            _refuse(error)
            raise


def _run(application: QApplication, runtime: Runtime, arguments: argparse.Namespace) -> tuple[int, bool]:
    """Show the window until it is closed; the exit code, and whether it is to be opened again."""
    apply_theme(application, runtime.services.preferences.settings.appearance)
    settings = QSettings(str(runtime.paths.root / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(runtime.services, settings, data_folder=runtime.paths.root)
    # A window that was hidden in the tray is not the last one that closes: by itself Qt would go on.
    window.closed.connect(lambda: application.exit(0))
    server = HandOverServer(runtime.paths.root)
    server.handed_over.connect(window.take_over)
    with _SignalCloser(window.background.quit):
        window.show()
        monitor = StallMonitor(arguments.log_stalls) if arguments.log_stalls else None
        # What is heavy begins once the window stands and shows the thread and the list of documents.
        QTimer.singleShot(_SETTLED_MS, window, lambda: _begin(runtime, window, arguments))
        code = application.exec()
    server.close()
    if monitor is not None:
        monitor.close()
    if window.opens_again:
        # Its parts hold each other: it would live on, hidden, and be dressed at each change of palette as well.
        window.deleteLater()
        QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)
    return code, window.opens_again


def _begin(runtime: Runtime, window: MainWindow, arguments: argparse.Namespace) -> None:
    window.background.use_tray(make_tray(window.windowIcon(), window))
    collect_seldom()
    threading.Thread(target=_begin_background, args=(runtime,), name="begin", daemon=True).start()
    if arguments.paths:
        window.handle_dropped(tuple(path.expanduser().absolute() for path in arguments.paths), watch=None)


def collect_seldom() -> None:
    """Keep the garbage collector from holding up a window that stands."""
    # What stands now (modules, widgets) stays to the end: no later collection needs to look at it.
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _begin_background(runtime: Runtime) -> None:
    runtime.services.workspaces.purge()
    runtime.services.portability.clean_up()
    runtime.services.sources.purge()
    runtime.services.pausing.follow()
    runtime.start_keeping_copies()
    runtime.start_indexing()
    runtime.start_following()
    for workspace in runtime.services.workspaces.list()[:1]:
        try:
            runtime.services.retrieve.warm(workspace.id)
        except Exception:
            # Only a head start: the first question meets the same trouble and says so.
            log.exception("The question embedder could not be warmed")


class _SignalCloser:
    """Lets Ctrl+C and `kill` close the window in order: Python's handlers run only when the event loop wakes."""

    def __init__(self, quit_: Callable[[], object]) -> None:
        self._quit = quit_
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._wake)

    def __enter__(self) -> None:
        self._former_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._former = {
            number: signal.signal(number, self._handle) for number in (signal.SIGINT, signal.SIGTERM)
        }

    def __exit__(self, *exception: object) -> None:
        signal.set_wakeup_fd(self._former_fd)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def _handle(self, _signal: int, _frame: FrameType | None) -> None:
        self._quit()

    def _wake(self) -> None:
        self._reader.recv(64)


def _unanswered(paths: DataPaths) -> DataFolderInUse:
    return DataFolderInUse(
        f"Reading Room is open on {paths.root} already, but does not answer.",
        hint="Close it, or end it in the system's list of programs, and try again.",
    )


def _exit_code(error: UserFixableError) -> int:
    return _EXIT_IN_USE if isinstance(error, DataFolderInUse) else _EXIT_FAILED


def _refusal(error: UserFixableError) -> QMessageBox:
    """The box that says why the window does not open; it is said on standard error as well."""
    print(f"readingroom: {error} {error.hint}".strip(), file=sys.stderr)  # noqa: T201  (no log yet, nor a window)
    box = QMessageBox(QMessageBox.Icon.Information, APP_NAME, str(error))
    box.setInformativeText(error.hint)
    return box


def _refuse(error: UserFixableError) -> None:
    """Say why the window does not open."""
    _refusal(error).exec()


def _begins_anew(error: CatalogLost, paths: DataPaths) -> bool:
    """Offer to begin a new catalog; whether that was done."""
    box = _refusal(error)
    box.setInformativeText(
        "A new one can be begun. Workspaces, folders and threads are taken over as far as they can still be read, and"
        " documents are read again. The damaged catalog is kept; your files are not touched."
    )
    begin = box.addButton("Begin anew", QMessageBox.ButtonRole.AcceptRole)
    close = box.addButton("Close", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(close)
    box.setEscapeButton(close)
    box.exec()
    if box.clickedButton() is not begin:
        return False
    try:
        mend_catalog(paths)
    except UserFixableError as failure:
        _refuse(failure)
        return False
    return True


def _install_hooks(paths: DataPaths) -> None:
    """Log what nobody caught, on whatever thread it happened."""
    # Kept open for the life of the process: a crash writes to it.
    faulthandler.enable((paths.logs / "crash.log").open("a", encoding="utf-8"))

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("Uncaught", exc_info=(kind, error, trace))

    def uncaught_in_thread(hooked: threading.ExceptHookArgs) -> None:
        if hooked.exc_value is not None:
            uncaught(hooked.exc_type, hooked.exc_value, hooked.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
    qInstallMessageHandler(_log_qt)


def _log_qt(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    level = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }.get(kind, logging.ERROR)
    logging.getLogger("qt").log(level, "%s", message)
