"""Keeps answers that come late from reaching widgets that are gone."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from shiboken6 import isValid


def while_alive(owner: QObject, callback: Callable[..., object]) -> Callable[..., None]:
    """Call back only as long as `owner` is there: a tab or a dialog may be closed while work is under way."""

    def call(*values: object) -> None:
        if isValid(owner):
            callback(*values)

    return call
