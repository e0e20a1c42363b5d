"""The menu below the model's name: choose a model, or what to do when there is none."""

import re
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.ui.models.model_words import leaves_words, model_choice
from readingroom.ui.models.wording import showable
from readingroom.ui.theme import set_icon
from readingroom.ui.widgets.plain_text import PlainLabel

_NOTE_PX = 320
_MOST = 20
"""Some gateways list hundreds of models."""
_OWN = "This workspace has a model of its own."
_COMMAND = re.compile("`([^`]+)`")


def model_menu(
    status: LanguageModelStatus,
    chosen: str,
    choose: Callable[[str], object],
    more: tuple[QAction, ...],
    parent: QWidget,
    *,
    own: bool = False,
) -> QMenu:
    """Build it; `more` follows a line (look again, settings). `own`: the choice is for the workspace shown alone."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if status.condition is LanguageModelCondition.READY:
        if words := " ".join(filter(None, [_OWN if own else "", _sentence(leaves_words(status.address))])):
            _note(menu, words)
        group = QActionGroup(menu)
        shown = [name for name in status.models if name == chosen] if len(status.models) > _MOST else []
        shown += [name for name in status.models if name not in shown][: _MOST - len(shown)]
        for name in shown:
            action = menu.addAction(showable(model_choice(name, status)).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == (chosen or status.models[0]))
            action.triggered.connect(lambda _checked=False, name=name: choose(name))
            group.addAction(action)
        if len(shown) < len(status.models):
            _note(menu, f"{len(status.models) - len(shown):,} more in Settings, under Models.")
        if own:
            menu.addSeparator()
            menu.addAction("As for all workspaces").triggered.connect(lambda: choose(""))
    else:
        _explain(menu, status)
    menu.addSeparator()
    menu.addActions(list(more))
    return menu


def _explain(menu: QMenu, status: LanguageModelStatus) -> None:
    """Say how it stands and what to do next."""
    lines = (status.detail, status.hint.replace("`", ""), "Until then, answers are the passages themselves.")
    _note(menu, "\n".join(line for line in lines if line))
    command = _COMMAND.search(status.hint)
    if command is not None:
        copy = menu.addAction(f"Copy “{command[1]}”".replace("&", "&&"))
        set_icon(copy, "copy")
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(command[1]))


def _note(menu: QMenu, text: str) -> None:
    """Say something in ink that can be read: a disabled entry would be too pale."""
    words = PlainLabel(menu)
    words.setObjectName("menuNote")
    words.setWordWrap(True)
    words.setFixedWidth(_NOTE_PX)
    words.setText(text)
    shown = QWidgetAction(menu)
    shown.setDefaultWidget(words)
    shown.setText(text)
    menu.addAction(shown)


def _sentence(words: str) -> str:
    return f"{words}." if words else ""
