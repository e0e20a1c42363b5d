"""Settings: the models that Ollama has, those on their way, and those this computer has the memory for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from readingroom.core.counting import count_words
from readingroom.core.errors import UserFixableError
from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.core.model_server import ServedModel, ServerKind
from readingroom.core.suggested_models import Suggestion
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.bridge import Gathered
from readingroom.ui.dialogs.model_rows import ModelRow, PullRow, SuggestionRow
from readingroom.ui.dialogs.settings_parts import Card, say_failure, soft_label, warning_label
from readingroom.ui.models.wording import size_words
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.plain_text import PlainLabel

_ANSWERING = (LanguageModelCondition.READY, LanguageModelCondition.NO_MODEL)


@dataclass(frozen=True, slots=True)
class _State:
    models: Sequence[ServedModel]
    suggestions: Sequence[Suggestion]
    available_bytes: int | None


class OllamaModels(QWidget):
    """Hidden unless Ollama answers. Pulls go on when it is closed, and are shown again."""

    changed = Signal()
    """There is a model more or less."""

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._server = services.model_server
        self._runner = runner
        self._build()
        self._connect()
        self.hide()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(_heading("On the server", self))
        self.total = soft_label("", self)
        column.addWidget(self.total)
        self.here = Card(self)
        column.addWidget(self.here)
        column.addSpacing(8)
        column.addWidget(_heading("Fetch a model", self))
        self.memory = soft_label("", self)
        column.addWidget(self.memory)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText("Any name from ollama.com/library, as qwen3:8b")
        self.name.setAccessibleName("Name of the model to fetch")
        self.fetch = QPushButton("Fetch", self)
        self.fetch.setAccessibleName("Fetch the model of that name")
        self.fetch.setAutoDefault(False)
        self.fetch.setEnabled(False)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.name, 1)
        line.addWidget(self.fetch)
        column.addLayout(line)
        self.failure = warning_label(self)
        column.addWidget(self.failure)
        self.coming = Card(self)
        self.coming.hide()
        column.addWidget(self.coming)
        self.suggested = Card(self)
        column.addWidget(self.suggested)

    def _connect(self) -> None:
        self.name.textChanged.connect(lambda text: self.fetch.setEnabled(bool(text.strip())))
        self.name.returnPressed.connect(self._fetch_named)
        self.fetch.clicked.connect(self._fetch_named)
        self._told = Gathered(self._server.pulls.changed, self)  # type: ignore[arg-type]
        self._told.arrived.connect(lambda _name: self._show_pulls())

    def follow(self, status: LanguageModelStatus, kind: ServerKind) -> None:
        """Show and ask anew where Ollama answers; hide where it does not."""
        answers = kind is ServerKind.OLLAMA and status.condition in _ANSWERING
        self.setVisible(answers)
        if answers:
            self.load()

    def load(self) -> None:
        """Ask Ollama for its models."""
        self._show_pulls()
        self._runner.call(self._ask, while_alive(self, self._show), while_alive(self, self._fail))

    def stop(self) -> None:
        """Hear nothing more; pulls go on."""
        self._told.close()

    def rows(self) -> list[ModelRow]:
        """List the rows of the models that are there."""
        return [row for row in self.here.rows() if isinstance(row, ModelRow)]

    def pull_rows(self) -> list[PullRow]:
        """List the rows of those on their way."""
        return [row for row in self.coming.rows() if isinstance(row, PullRow)]

    def suggestion_rows(self) -> list[SuggestionRow]:
        """List the rows of those that could be fetched."""
        return [row for row in self.suggested.rows() if isinstance(row, SuggestionRow)]

    def _ask(self) -> _State:
        models = self._server.models()
        return _State(models, self._server.suggestions(models), self._server.available_bytes())

    def _show(self, state: _State) -> None:
        chosen = self._services.preferences.settings.answering_model
        answers = [model.name for model in state.models if model.chats]
        in_use = chosen if chosen in answers else ""
        if [(row.model, row.in_use) for row in self.rows()] != [(m, m.name == in_use) for m in state.models]:
            self.here.clear()
            for model in state.models:
                row = ModelRow(model, in_use=model.name == in_use, parent=self.here)
                row.unload_requested.connect(self._unload)
                row.delete_requested.connect(self._delete)
                self.here.add(row)
        self.here.setVisible(bool(state.models))
        taken = size_words(sum(model.size_bytes for model in state.models))
        count = count_words(len(state.models), "model")
        self.total.setText(f"{count}, {taken} on its disk" if state.models else "No model yet.")
        self._show_suggestions(state)

    def _show_suggestions(self, state: _State) -> None:
        coming = {pull.name for pull in self._server.pulls.list()}
        wanted = [one for one in state.suggestions if one.model.name not in coming]
        self.suggested.clear()
        for suggestion in wanted:
            row = SuggestionRow(suggestion, self.suggested)
            row.fetch_requested.connect(self._fetch)
            self.suggested.add(row)
        self.suggested.setVisible(bool(wanted))
        if state.available_bytes is None:
            self.memory.setText("How much memory that computer has is not known here.")
        else:
            free = size_words(state.available_bytes)
            self.memory.setText(
                f"This computer has {free} of memory free; these fit, with room for the rest."
            )

    def _show_pulls(self) -> None:
        pulls = self._server.pulls.list()
        rows = self.pull_rows()
        gone = {row.name for row in rows} - {pull.name for pull in pulls}
        if [row.name for row in rows] != [pull.name for pull in pulls]:
            self.coming.clear()
            for pull in pulls:
                row = PullRow(pull, self.coming)
                row.stop_requested.connect(self._server.pulls.stop)
                row.resume_requested.connect(self._fetch)
                row.dismiss_requested.connect(self._server.pulls.forget)
                self.coming.add(row)
        else:
            for row, pull in zip(rows, pulls, strict=True):
                row.show_pull(pull)
        self.coming.setVisible(bool(pulls))
        if gone:
            self._came()

    def _came(self) -> None:
        self.load()
        self.changed.emit()

    def _fetch_named(self) -> None:
        if self.name.text().strip():
            self._fetch(self.name.text())

    def _fetch(self, written: str) -> None:
        try:
            # It only begins: nothing is asked of the server on this thread.
            self._server.pull(written)
        except UserFixableError as error:
            say_failure(self.failure, error)
            return
        say_failure(self.failure, None)
        self.name.clear()
        self.load()

    def _unload(self, name: str) -> None:
        self._change(lambda: self._server.unload(name))

    def _delete(self, name: str) -> None:
        self._change(lambda: self._server.delete(name), came=True)

    def _change(self, work: Callable[[], None], *, came: bool = False) -> None:
        done = self._came if came else self.load
        self._runner.call(work, while_alive(self, lambda _: done()), while_alive(self, self._fail))

    def _fail(self, error: Exception) -> None:
        say_failure(self.failure, error)


def _heading(text: str, parent: QWidget) -> PlainLabel:
    label = PlainLabel(text, parent)
    label.setObjectName("settingsHeading")
    return label
