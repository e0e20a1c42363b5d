"""The menu below the model's name: choose a model, or what to do when there is none."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from readingroom.core.models import LanguageModelCondition, LanguageModelStatus


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
        for words in (status.detail, status.hint, "Until then, answers are the passages themselves."):
            if words:
                menu.addAction(words.replace("&", "&&")).setEnabled(False)
    menu.addSeparator()
    menu.addActions(list(more))
    return menu
