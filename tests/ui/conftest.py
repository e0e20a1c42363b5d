"""What every test of widgets gets."""

from collections.abc import Iterator

import pytest
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
