"""The menu below the model's name: choose a model, or what to do when there is none."""

import re
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.ui.theme import set_icon
from readingroom.ui.widgets.plain_text import PlainLabel

_NOTE_PX = 320
_COMMAND = re.compile("`([^`]+)`")


def model_menu(
    status: LanguageModelStatus,
    chosen: str,
    choose: Callable[[str], object],
    more: tuple[QAction, ...],
    parent: QWidget,
) -> QMenu:
    """Build it; `more` follows a line (look again, settings)."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if status.condition is LanguageModelCondition.READY:
        group = QActionGroup(menu)
        for name in status.models:
            action = menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == (chosen or status.models[0]))
            action.triggered.connect(lambda _checked=False, name=name: choose(name))
            group.addAction(action)
    else:
        _explain(menu, status)
    menu.addSeparator()
    menu.addActions(list(more))
    return menu


def _explain(menu: QMenu, status: LanguageModelStatus) -> None:
    """Say how it stands and what to do next, in ink that can be read: a disabled entry would be too pale."""
    words = PlainLabel(menu)
    words.setObjectName("menuNote")
    words.setWordWrap(True)
    words.setFixedWidth(_NOTE_PX)
    lines = (status.detail, status.hint.replace("`", ""), "Until then, answers are the passages themselves.")
    words.setText("\n".join(line for line in lines if line))
    shown = QWidgetAction(menu)
    shown.setDefaultWidget(words)
    shown.setText(words.text())
    menu.addAction(shown)
    command = _COMMAND.search(status.hint)
    if command is not None:
        copy = menu.addAction(f"Copy “{command[1]}”".replace("&", "&&"))
        set_icon(copy, "copy")
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(command[1]))
