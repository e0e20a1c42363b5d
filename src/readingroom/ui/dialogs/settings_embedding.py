"""Settings: the models that find passages; fetching or adding one, and changing the workspace to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.cancellation import CancelToken
from readingroom.core.counting import count_words
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import EmbeddingModel, SwitchCost, SwitchProgress, Workspace
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.download_row import DownloadRow
from readingroom.ui.dialogs.settings_form import FormCard
from readingroom.ui.dialogs.settings_parts import Card, Row, say_failure, soft_label, warning_label
from readingroom.ui.models.wording import about_words, time_left_words
from readingroom.ui.tasks import Task, TaskRunner

_LOOK_MS = 1000
ANSWERS_MEANWHILE = "The present model answers until that is done."


@dataclass(frozen=True, slots=True)
class _State:
    models: Sequence[EmbeddingModel]
    workspace: Workspace | None
    speeds: Mapping[str, float] = field(default_factory=dict)
    costs: Mapping[str, SwitchCost] = field(default_factory=dict)
    switching: SwitchProgress | None = None


class EmbeddingPart(QWidget):
    """Everything is asked for off the GUI thread. While a workspace changes its model, looks each second how far."""

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        workspace_id: WorkspaceId | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._runner = runner
        self._workspace_id = workspace_id
        self._workspace: Workspace | None = None
        self._trials: dict[str, Task] = {}
        self._failed_trials: set[str] = set()
        self._looking = False
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._build_layout()

    def _build_layout(self) -> None:
        self.switching = Row("", parent=self)
        self.bar = QProgressBar(self.switching)
        self.bar.setObjectName("download")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setAccessibleName("Change of the embedding model")
        self.stay = QPushButton("Keep the present model", self.switching)
        self.stay.setAutoDefault(False)
        self.switching.controls.addWidget(self.stay)
        self.switching.beneath.addWidget(self.bar)
        self._switch_card = Card(self)
        self._switch_card.add(self.switching)
        self._switch_card.hide()
        self.form = FormCard(self._services, self._runner, self._workspace_id, self)
        self.form.changed.connect(self._used)
        self.form.failed.connect(self._fail)
        self.card = Card(self)
        self.card.hide()
        self.note = soft_label("Looking up the models.", self)
        self.add = QPushButton("Add a model from a folder…", self)
        self.add.setAutoDefault(False)
        self.add.setToolTip("A folder with an ONNX file, tokenizer.json and config.json")
        self.failure = warning_label(self)
        above = QHBoxLayout()
        above.setSpacing(12)
        above.addWidget(self.note, 1)
        above.addWidget(self.add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        # Above the list, which is long.
        column.addLayout(above)
        for widget in (self.failure, self._switch_card, self.form, self.card):
            column.addWidget(widget)
        self.add.clicked.connect(self._choose_folder)
        self.stay.clicked.connect(self._give_up)

    def rows(self) -> list[DownloadRow]:
        """List the rows of the models, from the top."""
        return [row for row in self.card.rows() if isinstance(row, DownloadRow)]

    def load(self) -> None:
        """Ask for everything anew."""
        self._runner.call(self._fetch, while_alive(self, self._show), while_alive(self, self._fail))
        self.form.load()

    def stop(self) -> None:
        """Look no more, and end trials."""
        self._timer.stop()
        self.form.stop()
        for task in self._trials.values():
            task.cancel()

    def add_from(self, folder: Path) -> None:
        """Add the model in a folder."""
        self.add.setEnabled(False)
        self.note.setText(f"Copying and trying the model in {folder.name}.")
        say_failure(self.failure, None)
        self._runner.call(
            lambda: self._services.models.add_from_folder(folder),
            while_alive(self, self._added),
            while_alive(self, self._fail),
        )

    def _fetch(self) -> _State:
        service = self._services.models
        found = [w for w in self._services.workspaces.list() if w.id == self._workspace_id]
        models = service.embedding_models()
        here = [model for model in models if is_here(model)]
        speeds = {model.name: speed for model in here if (speed := service.speed(model.name)) is not None}
        if not found:
            return _State(models, None, speeds)
        costs = {model.name: service.cost(found[0].id, model) for model in here}
        return _State(models, found[0], speeds, costs, service.switching(found[0].id))

    def _show(self, state: _State) -> None:
        self._workspace = state.workspace
        # What is here first, then what is quickly fetched.
        models = sorted(
            state.models, key=lambda model: (not is_here(model), not model.bundled, model.size_bytes)
        )
        if [row.model for row in self.rows()] != models:
            self.card.clear()
            for model in models:
                row = DownloadRow(model, self._services.models, self._runner, self.card)
                row.downloaded.connect(self.load)
                row.use_requested.connect(self._use)
                self.card.add(row)
            self.card.setVisible(bool(models))
        workspace = state.workspace
        for row in self.rows():
            name = row.model.name
            in_use = workspace is not None and name == workspace.embedding_model
            row.show_speed(state.speeds.get(name))
            row.show_use(in_use=in_use, cost=cost_words(state.costs.get(name)))
        self.note.setText("Models are fetched only when you ask for them.")
        self._show_switching(state.switching)
        self._try_untried(state)

    # How fast a model is here

    def _try_untried(self, state: _State) -> None:
        """Try what is here and was never used, one after the other; it takes some seconds each."""
        if self._trials:
            return
        for row in self.rows():
            name = row.model.name
            if row.here and name not in state.speeds and name not in self._failed_trials:
                self._trials[name] = self._runner.start(
                    lambda token, name=name: self._trial(name, token),  # type: ignore[misc]
                    on_success=while_alive(self, self.load),
                    on_failure=while_alive(self, lambda _error, name=name: self._failed_trials.add(name)),
                    on_finished=while_alive(self, lambda name=name: self._trials.pop(name, None)),
                )
                row.say_trying()
                return

    def _trial(self, name: str, token: CancelToken) -> Iterator[object]:
        if self._services.models.measure(name, cancel=token) is None:
            self._failed_trials.add(name)
        yield None

    # Adding and changing

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Add a model from a folder")
        if folder:
            self.add_from(Path(folder))

    def _added(self, model: EmbeddingModel) -> None:
        self.add.setEnabled(True)
        self.load()
        self.note.setText(f"{model.name} was added; the folder is not needed any more.")

    def _use(self, name: str) -> None:
        workspace_id = self._workspace_id
        if workspace_id is None:
            return
        self._runner.call(
            lambda: self._services.models.change_embedding_model(workspace_id, name),
            while_alive(self, lambda _: self._used()),
            while_alive(self, self._fail),
        )

    def _used(self) -> None:
        say_failure(self.failure, None)
        self.load()

    def _give_up(self) -> None:
        workspace_id = self._workspace_id
        if workspace_id is not None:
            self._runner.call(
                lambda: self._services.models.give_up_switching(workspace_id),
                while_alive(self, lambda _: self.load()),
                while_alive(self, self._fail),
            )

    def _look(self) -> None:
        workspace_id = self._workspace_id
        if workspace_id is None or self._looking or not self.isVisible():
            return
        self._looking = True
        self._runner.call(
            lambda: self._services.models.switching(workspace_id),
            while_alive(self, self._looked),
            while_alive(self, self._fail),
        )

    def _looked(self, progress: SwitchProgress | None) -> None:
        self._looking = False
        if progress is None:
            self.load()
        self._show_switching(progress)

    def _show_switching(self, progress: SwitchProgress | None) -> None:
        if progress is not None and self.form.isAncestorOf(QApplication.focusWidget() or self):
            self.stay.setFocus()
        self.form.setEnabled(progress is None)
        self._switch_card.setVisible(progress is not None)
        if progress is None:
            self._timer.stop()
            return
        self._timer.start()
        self.switching.title.setText(_switching_words(progress))
        said = f"{progress.done:,} of {count_words(max(progress.total, progress.done), 'passage')}"
        if progress.seconds_left is not None:
            said += f", about {time_left_words(max(progress.seconds_left, 10.0))}"
        # The model stays where the text is cut anew; at the next start that is begun again.
        stays = progress.recut or progress.form is not None
        meanwhile = "The present index answers until that is done." if stays else ANSWERS_MEANWHILE
        self.stay.setText("Not now" if stays else "Keep the present model")
        self.switching.say(f"{said}. {meanwhile}")
        self.bar.setValue(round(1000 * progress.done / max(progress.total, 1)))

    def _fail(self, error: Exception) -> None:
        self._looking = False
        self.add.setEnabled(True)
        self.note.setText("Models are fetched only when you ask for them.")
        say_failure(self.failure, error)


def _switching_words(progress: SwitchProgress) -> str:
    if progress.form is not None:
        numbers, bits = progress.form.dimension, progress.form.precision.bits
        return f"Keeping {numbers} numbers of each embedding, {bits} bits each"
    return "Cutting the text anew, by a better rule" if progress.recut else f"Changing to {progress.model}"


def is_here(model: EmbeddingModel) -> bool:
    """Whether it can be used without fetching it."""
    return model.bundled or model.downloaded


def cost_words(cost: SwitchCost | None) -> str:
    """Say what a change takes: `8,214 passages, about 14 minutes`; empty without a workspace."""
    if cost is None:
        return ""
    took = "" if cost.seconds is None else f", {about_words(cost.seconds)}"
    return f"{count_words(cost.passages, 'passage')}{took}, in the background. {ANSWERS_MEANWHILE}"
