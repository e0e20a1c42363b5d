"""What every test of widgets gets."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication


@pytest.fixture(scope="session", autouse=True)
def clipboard_emptied(qapp: QApplication) -> Iterator[None]:
    """Leave nothing of Python's on the clipboard.

    The offscreen platform keeps the last copy in a C++ static, which is destroyed when the interpreter is gone; a
    QMimeData made by an overridden `createMimeDataFromSelection` then takes the process down, after all tests passed.
    """
    yield
    qapp.clipboard().clear(QClipboard.Mode.Clipboard)


@pytest.fixture(autouse=True)
def widgets_deleted(qapp: QApplication) -> Iterator[None]:
    """Leave no window to the tests that follow, which would dress it at each change of palette and tell it of everything.

    What pytest-qt deletes later lives until an event loop is entered, which many a test never does.
    """
    yield
    for widget in qapp.topLevelWidgets():
        if widget.parent() is None:
            widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
