"""Seconds from an in-place save outside to the new words being found, in the real window.

    python benchmarks/following.py FOLDER [--edits 10]

A copy of FOLDER is dropped on the window with a real Qt drop event. When every file is current, one of its text
files is rewritten in place, as editors do that keep the inode, and `search` is asked until it finds the new word.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.models import SearchMode
from readingroom.ui.main_window import MainWindow
from readingroom.ui.theme import apply_theme


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--edits", type=int, default=10)
    arguments = parser.parse_args()
    application = QApplication([])
    apply_theme(application, "light")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "documents"
        shutil.copytree(arguments.folder, folder, copy_function=shutil.copyfile)
        edited = folder / "edited.md"
        edited.write_text("# Notes\n\nNothing yet.\n" + "More of the same stands here.\n\n" * 50)
        with open_runtime(DataPaths(Path(scratch) / "data")) as room:
            room.start_indexing()
            room.start_following()
            settings = QSettings(str(Path(scratch) / "window.ini"), QSettings.Format.IniFormat)
            window = MainWindow(room.services, settings)
            window.show()
            drop(window, folder)
            turn_until(lambda: bool(room.catalog.sources()) and not room.catalog.has_pending_work())
            seconds = [edit(room, edited, f"zeppelin{number}") for number in range(arguments.edits)]
            window.close()
    result = {
        "files": len(list(arguments.folder.rglob("*"))),
        "edits": len(seconds),
        "median_s": round(statistics.median(seconds), 2),
        "worst_s": round(max(seconds), 2),
    }
    print(json.dumps(result))


def drop(window: MainWindow, folder: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    at = QPoint(100, 400)
    copy = Qt.DropAction.CopyAction
    QApplication.sendEvent(window, QDragEnterEvent(at, copy, mime, left, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(at), copy, mime, left, none))


def edit(room: Runtime, path: Path, word: str) -> float:
    (workspace,) = room.services.workspaces.list()
    with path.open("r+", encoding="utf-8") as file:
        text = file.read()
        file.seek(0)
        file.write(f"The {word} flies.\n\n{text}")
        file.truncate()
    saved = time.monotonic()
    turn_until(lambda: bool(room.services.retrieve.search(workspace.id, word, mode=SearchMode.WORDS)))
    found = time.monotonic() - saved
    turn_until(lambda: not room.catalog.has_pending_work())
    return found


def turn_until(reached) -> None:  # type: ignore[no-untyped-def]
    """Keep the window's event loop turning."""
    while not reached():
        QCoreApplication.processEvents()
        time.sleep(0.01)


if __name__ == "__main__":
    main()
