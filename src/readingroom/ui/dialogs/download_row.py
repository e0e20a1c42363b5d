"""An embedding model in the settings: what it is, fetching it, and using it for the workspace."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from readingroom.core.models import DownloadProgress, EmbeddingModel
from readingroom.services.models import ModelService
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.settings_parts import Row, badge, say_failure, soft_label, warning_label
from readingroom.ui.models.wording import size_words
from readingroom.ui.tasks import Task, TaskRunner


class DownloadRow(Row):
    """Fetches on request, with progress and Cancel; using it says first what it costs."""

    downloaded = Signal()
    use_requested = Signal(str)

    def __init__(
        self, model: EmbeddingModel, models: ModelService, runner: TaskRunner, parent: QWidget | None = None
    ) -> None:
        super().__init__(model.name, parent=parent)
        self.model = model
        self._models = models
        self._runner = runner
        self._task: Task | None = None
        self._cost = ""
        self._facts = _facts(model)
        self._build()
        self.show_use(in_use=False, cost="")

    @property
    def here(self) -> bool:
        """Whether it can be used without fetching it."""
        return self.model.bundled or self.model.downloaded

    def show_use(self, *, in_use: bool, cost: str) -> None:
        """Say whether the workspace uses it, and what it would cost to change to it (empty: no workspace)."""
        self._cost = cost
        self._in_use.setVisible(in_use)
        added = self.model.name.startswith("local/")
        self._bundled.setText("bundled" if self.model.bundled else "added" if added else "downloaded")
        self._bundled.setVisible(self.here)
        self.download.setVisible(not self.here and self._task is None)
        self.use.setVisible(self.here and not in_use and bool(cost))
        # A figure that comes late takes no question away.
        self._ask(asking=self._question.isVisibleTo(self) and not in_use)

    def show_speed(self, passages_a_minute: float | None) -> None:
        """Say how fast it is on this computer, where that is known."""
        speed = (
            "" if passages_a_minute is None else f"about {_rounded(passages_a_minute)} passages a minute here"
        )
        self._say_facts(speed)

    def say_trying(self) -> None:
        """Say that its speed is being measured."""
        self._say_facts("measuring its speed here…")

    def _say_facts(self, speed: str) -> None:
        self.say(" · ".join(fact for fact in (*self._facts, speed) if fact))

    def _build(self) -> None:
        model = self.model
        self.show_speed(None)
        self._in_use = badge("in use", self)
        self._bundled = badge("", self)
        self.heads.insertWidget(1, self._bundled)
        self.heads.insertWidget(2, self._in_use)
        self.download = QPushButton("Download", self)
        self.download.setAccessibleName(f"Download {model.name}")
        self.use = QPushButton("Use for this workspace", self)
        self.use.setAccessibleName(f"Use {model.name} for this workspace")
        self.controls.addWidget(self.download)
        self.controls.addWidget(self.use)
        self._progress = QWidget(self)
        self.bar = QProgressBar(self._progress)
        self.bar.setObjectName("download")
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Download of {model.name}")
        self._done = soft_label("", self._progress)
        self.cancel = QPushButton("Cancel", self._progress)
        self.cancel.setAccessibleName(f"Cancel the download of {model.name}")
        line = QHBoxLayout(self._progress)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        line.addWidget(self.bar, 1)
        line.addWidget(self._done)
        line.addWidget(self.cancel)
        self._question = QWidget(self)
        self._price = soft_label("", self._question)
        self.confirm = QPushButton("Change the model", self._question)
        self.confirm.setObjectName("primary")
        self.keep = QPushButton("Keep the present one", self._question)
        ask = QHBoxLayout(self._question)
        ask.setContentsMargins(0, 0, 0, 0)
        ask.setSpacing(8)
        ask.addWidget(self._price, 1)
        ask.addWidget(self.keep)
        ask.addWidget(self.confirm)
        self.failure = warning_label(self)
        for widget in (self._progress, self._question, self.failure):
            self.beneath.addWidget(widget)
        self._progress.hide()
        self._question.hide()
        self.download.clicked.connect(self._start)
        self.cancel.clicked.connect(self._cancel)
        self.use.clicked.connect(lambda: self._ask(asking=True))
        self.keep.clicked.connect(lambda: self._ask(asking=False))
        self.confirm.clicked.connect(lambda: self.use_requested.emit(self.model.name))

    def _ask(self, *, asking: bool) -> None:
        self._price.setText(self._cost)
        self._question.setVisible(asking)
        if asking:
            self.use.hide()
            self.confirm.setFocus()
        elif self.here and self._cost and not self._in_use.isVisibleTo(self):
            self.use.show()

    def _start(self) -> None:
        say_failure(self.failure, None)
        self.bar.setRange(0, 0)
        self._done.setText("Starting")
        self._task = self._runner.start(
            lambda token: self._models.download(self.model.name, cancel=token),
            on_progress=self._show_progress,
            on_success=while_alive(self, self.downloaded.emit),
            on_failure=self._fail,
            on_finished=self._finish,
        )
        self.download.hide()
        self._progress.show()
        self.cancel.setEnabled(True)
        self.cancel.setFocus()

    def _show_progress(self, progress: object) -> None:
        if not isinstance(progress, DownloadProgress):
            return
        done = size_words(progress.done_bytes)
        if progress.total_bytes:
            # In thousandths: sizes in bytes do not fit the bar's 32 bits.
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(1000 * progress.done_bytes / progress.total_bytes))
            done = f"{done} of {size_words(progress.total_bytes)}"
        self._done.setText(done)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self.cancel.setEnabled(False)
            self._done.setText("Stopping")

    def _fail(self, error: Exception) -> None:
        say_failure(self.failure, error)

    def _finish(self) -> None:
        self._task = None
        self._progress.hide()
        self.download.setVisible(not self.here)


_LICENCES = {"apache-2.0": "Apache 2.0", "mit": "MIT"}


def _facts(model: EmbeddingModel) -> list[str]:
    return [
        size_words(model.size_bytes) if model.size_bytes else "",
        model.languages,
        f"{model.dimension:,} dimensions",
        _LICENCES.get(model.licence, model.licence),
        model.description.rstrip("."),
    ]


def _rounded(speed: float) -> str:
    """To two figures: no measurement here is more exact."""
    if speed < 10:
        return f"{max(round(speed), 1)}"
    step = 10 ** (len(str(int(speed))) - 2)
    return f"{round(speed / step) * step:,}"
