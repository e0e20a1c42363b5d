"""The window's composition root: builds services and window, installs the hooks, runs the event loop."""

import argparse
import faulthandler
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

from PySide6.QtCore import (
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
from readingroom.composition import Runtime, open_runtime
from readingroom.config.logs import set_up_logging
from readingroom.config.paths import APP_NAME, DataPaths, data_paths, resource_path
from readingroom.core.errors import DataFolderInUse, UserFixableError
from readingroom.ui.main_window import MainWindow
from readingroom.ui.stalls import StallMonitor
from readingroom.ui.theme import apply_theme

log = logging.getLogger(__name__)

_EXIT_FAILED, _EXIT_IN_USE = 1, 3
_SWITCH_INTERVAL_S = 0.001
"""How long another Python thread may keep the interpreter while the window waits for it; the default of 5 ms
adds up to a visible hitch when several are busy."""

_SETTLED_MS = 400
"""Lists and the last thread are shown by then. Started at once, the children import their libraries while the window
is laid out for the first time, and both wait for each other."""

_COLLECT_AFTER = (10_000, 10, 1_000)
"""Thresholds of the garbage collector. With 40,000 documents in the list a collection of everything held the
window for 70 ms; by Python's own thresholds (700, 10, 10) it comes in the middle of scrolling or streaming. Values
and widgets are freed by their reference counts; only cycles wait for the collector."""


def run_window(arguments: argparse.Namespace) -> int:
    """Open the window and return the exit code when it was closed."""
    paths = data_paths(arguments.data_dir)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    application = QApplication(sys.argv[:1])
    application.setApplicationName(APP_NAME)
    application.setApplicationDisplayName(APP_NAME)
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("readingroom")
    application.setWindowIcon(QIcon(str(resource_path("readingroom.png"))))
    try:
        runtime = open_runtime(paths)
    except UserFixableError as error:
        return _refuse(error)
    set_up_logging(paths.logs, verbose=arguments.verbose)
    _install_hooks(paths)
    with runtime:
        return _run(application, runtime, arguments)


def _run(application: QApplication, runtime: Runtime, arguments: argparse.Namespace) -> int:
    apply_theme(application, runtime.services.preferences.settings.appearance)
    settings = QSettings(str(runtime.paths.root / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(runtime.services, settings, data_folder=runtime.paths.root)
    with _SignalCloser(window.close):
        window.show()
        monitor = StallMonitor(arguments.log_stalls) if arguments.log_stalls else None
        # What is heavy begins once the window stands and shows the thread and the list of documents.
        QTimer.singleShot(_SETTLED_MS, window, lambda: _begin(runtime, window, arguments))
        code = application.exec()
    if monitor is not None:
        monitor.close()
    return code


def _begin(runtime: Runtime, window: MainWindow, arguments: argparse.Namespace) -> None:
    # What stands now (modules, widgets) stays to the end: no later collection needs to look at it.
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    threading.Thread(target=_begin_background, args=(runtime,), name="begin", daemon=True).start()
    if arguments.paths:
        window.handle_dropped(tuple(path.expanduser().absolute() for path in arguments.paths), watch=None)


def _begin_background(runtime: Runtime) -> None:
    runtime.services.workspaces.purge()
    runtime.services.portability.clean_up()
    runtime.services.sources.purge()
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


def _refuse(error: UserFixableError) -> int:
    """Say in a box and on standard error why the window does not open."""
    print(f"readingroom: {error} {error.hint}".strip(), file=sys.stderr)  # noqa: T201  (no log yet, nor a window)
    box = QMessageBox(QMessageBox.Icon.Information, APP_NAME, str(error))
    box.setInformativeText(error.hint)
    box.exec()
    return _EXIT_IN_USE if isinstance(error, DataFolderInUse) else _EXIT_FAILED


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
