"""The answering model as the window sees it: looked at now and then, chosen from a menu."""

import time
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.core.models import Workspace
from readingroom.services.bundle import Services
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.model_menu import model_menu

_LOOK_MS = 10_000
_LOOK_ELSEWHERE_S = 300.0
"""A server on another computer, perhaps a stranger's, is not asked six times a minute."""
_FIRST_LOOK_MS = 400
"""Loading Ollama's client takes 0.9 s of processor time; the first layout of the window comes before it."""


class AnsweringModel(QObject):
    """Asks the model server how it stands, on the pool, and keeps the last answer."""

    status_changed = Signal(object)  # LanguageModelStatus

    def __init__(self, services: Services, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._runner = runner
        self._looking = False
        self._workspace: Workspace | None = None
        self.status = LanguageModelStatus(LanguageModelCondition.UNKNOWN, "")
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look_again)
        self._looked_at = 0.0

    def follow(self, workspace: Workspace | None) -> None:
        """The workspace that is shown: it may have a model of its own."""
        self._workspace = workspace

    @property
    def own(self) -> str:
        """The model that the workspace shown has of its own, where the server has it."""
        own = self._workspace.chat_model if self._workspace is not None else None
        return own if own and own in self.status.models else ""

    @property
    def chosen(self) -> str:
        """The name of the model that answers in the workspace shown; empty for the first there is."""
        settings = self._services.preferences.settings
        return self.own or (
            settings.answering_model if settings.answering_model in self.status.models else ""
        )

    def start(self) -> None:
        """Look soon, and now and then from here on."""
        self._timer.start()
        QTimer.singleShot(_FIRST_LOOK_MS, self, self.check)

    def check(self) -> None:
        """Look now, unless that is under way."""
        if not self._looking:
            self._looking = True
            self._looked_at = time.monotonic()
            self._runner.call(self._services.models.status, self._take, self._fail)

    def choose(self, name: str) -> None:
        """Answer with another model from now on: in the workspace shown, if it has one of its own, else everywhere."""
        workspace, answering = self._workspace, self._services.answering

        def change() -> None:
            if self.own and workspace is not None:
                answering.change(workspace.id, replace(answering.of(workspace.id), model=name))
            else:
                self._services.models.choose_chat_model(name)

        self._runner.call(change, lambda _nothing: self.check())

    def menu(self, more: tuple[QAction, ...], parent: QWidget) -> QMenu:
        """Build the menu of the models, or of what to do when there is none."""
        return model_menu(self.status, self.chosen, self.choose, more, parent, own=bool(self.own))

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _look_again(self) -> None:
        since = time.monotonic() - self._looked_at
        if not self._services.model_server.is_elsewhere or since >= _LOOK_ELSEWHERE_S:
            self.check()

    def _take(self, status: LanguageModelStatus) -> None:
        self._looking = False
        self.status = status
        self.status_changed.emit(status)

    def _fail(self, _error: Exception) -> None:
        # The state shown stays the last one known; the next look may fare better.
        self._looking = False
