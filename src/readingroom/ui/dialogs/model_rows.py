"""Rows of the settings for the models of Ollama: one that is there, one on its way, one that could be fetched."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from readingroom.core.model_server import ServedModel
from readingroom.core.suggested_models import Suggestion
from readingroom.services.pulling import Pull, PullState
from readingroom.ui.dialogs.settings_parts import Row, badge, say_failure, soft_label, warning_label
from readingroom.ui.models.model_words import model_facts, pull_words
from readingroom.ui.models.wording import size_words


class ModelRow(Row):
    """What is known of a model; deleting says first what it costs, as it cannot be taken back."""

    unload_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, model: ServedModel, *, in_use: bool, parent: QWidget | None = None) -> None:
        super().__init__(model.name, model_facts(model), parent)
        self.model = model
        self.in_use = in_use
        marks = ["answers"] if in_use else []
        if model.loaded_bytes:
            marks.append(f"in memory, {size_words(model.loaded_bytes)}")
        for place, words in enumerate(marks, start=1):
            self.heads.insertWidget(place, badge(words, self))
        self.unload = _button("Unload", f"Give back the memory of {model.name}", self)
        self.unload.setVisible(bool(model.loaded_bytes))
        self.delete = _button("Delete…", f"Delete {model.name}", self)
        self.controls.addWidget(self.unload)
        self.controls.addWidget(self.delete)
        self._question = QWidget(self)
        size = size_words(model.size_bytes)
        self.keep = _button("Keep it", f"Keep {model.name}", self._question)
        self.confirm = _button(f"Delete {size}", f"Delete {model.name} for good, {size}", self._question)
        line = QHBoxLayout(self._question)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        words = f"This cannot be taken back: to have it again, {size} are fetched again."
        line.addWidget(soft_label(words, self._question), 1)
        line.addWidget(self.keep)
        line.addWidget(self.confirm)
        self.beneath.addWidget(self._question)
        self._ask(asking=False)
        self.unload.clicked.connect(lambda: self.unload_requested.emit(model.name))
        self.delete.clicked.connect(lambda: self._ask(asking=True))
        self.keep.clicked.connect(lambda: self._ask(asking=False))
        self.confirm.clicked.connect(lambda: self.delete_requested.emit(model.name))

    def _ask(self, *, asking: bool) -> None:
        self._question.setVisible(asking)
        self.delete.setVisible(not asking)
        if asking:
            # What loses nothing has the focus.
            self.keep.setFocus()


class PullRow(Row):
    """How far a model is, with Stop; Resume and Dismiss once it is stopped."""

    stop_requested = Signal(str)
    resume_requested = Signal(str)
    dismiss_requested = Signal(str)

    def __init__(self, pull: Pull, parent: QWidget | None = None) -> None:
        super().__init__(pull.name, " ", parent)
        self.name = pull.name
        self.bar = QProgressBar(self)
        self.bar.setObjectName("download")
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Fetching {pull.name}")
        self.stop = _button("Stop", f"Stop fetching {pull.name}", self)
        self.resume = _button("Resume", f"Resume fetching {pull.name}", self)
        self.dismiss = _button("Dismiss", f"Take {pull.name} off this list", self)
        for button in (self.stop, self.resume, self.dismiss):
            self.controls.addWidget(button)
        self.failure = warning_label(self)
        self.beneath.addWidget(self.bar)
        self.beneath.addWidget(self.failure)
        self.stop.clicked.connect(self._stop)
        self.resume.clicked.connect(lambda: self.resume_requested.emit(self.name))
        self.dismiss.clicked.connect(lambda: self.dismiss_requested.emit(self.name))
        self.show_pull(pull)

    def show_pull(self, pull: Pull) -> None:
        """Take over how it stands."""
        running = pull.state is PullState.RUNNING
        self.say(pull_words(pull))
        progress = pull.progress
        if progress is not None and progress.total_bytes:
            # In thousandths: sizes in bytes do not fit the bar's 32 bits.
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * progress.done_bytes / progress.total_bytes))
        else:
            self.bar.setRange(0, 0 if running else 1000)
        say_failure(self.failure, pull.error)
        self.stop.setVisible(running)
        self.stop.setEnabled(running)
        stopped = pull.state in (PullState.STOPPED, PullState.FAILED)
        for button in (self.resume, self.dismiss):
            button.setVisible(stopped)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.stop_requested.emit(self.name)


class SuggestionRow(Row):
    """A model that could be fetched, and whether there is memory for it."""

    fetch_requested = Signal(str)

    def __init__(self, suggestion: Suggestion, parent: QWidget | None = None) -> None:
        known = suggestion.model
        size, memory = size_words(known.size_mb * 1_000_000), size_words(known.memory_mb * 1_000_000)
        super().__init__(known.name, f"{known.words} · {size} · needs {memory} of memory", parent)
        self.name = known.name
        if suggestion.best:
            self.heads.insertWidget(1, badge("best that fits", self))
        elif not suggestion.fits:
            self.heads.insertWidget(1, badge("needs more memory than is free", self))
        self.fetch = _button("Fetch", f"Fetch {known.name}, {size}", self)
        self.controls.addWidget(self.fetch)
        self.fetch.clicked.connect(lambda: self.fetch_requested.emit(self.name))


def _button(text: str, name: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setAccessibleName(name)
    button.setAutoDefault(False)
    return button
