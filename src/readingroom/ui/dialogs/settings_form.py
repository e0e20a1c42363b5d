"""Settings: how many numbers of each embedding are kept and how exactly, with what that costs and saves."""

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from readingroom.core.cancellation import CancelToken
from readingroom.core.counting import count_words
from readingroom.core.embedding_forms import EmbeddingForm, FormWorth
from readingroom.core.ids import WorkspaceId
from readingroom.services.bundle import Services
from readingroom.services.embedding_forms import FEWEST, OfferedForms
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.settings_parts import Card, Row
from readingroom.ui.models.wording import size_words
from readingroom.ui.tasks import Task, TaskRunner
from readingroom.ui.widgets.choice_box import ChoiceBox


class FormCard(Card):
    """Hidden until it is known what the workspace's model allows."""

    changed = Signal()
    """The workspace is changing to another form."""
    failed = Signal(object)  # Exception

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
        self._offered: OfferedForms | None = None
        self._kept: dict[EmbeddingForm, float] = {}
        self._trial: Task | None = None
        self.row = Row("Size of the embeddings", parent=self)
        self.choice = ChoiceBox(self.row)
        self.choice.setAccessibleName("Size of the embeddings")
        self.use = QPushButton("Use", self.row)
        self.use.setAutoDefault(False)
        self.use.setAccessibleName("Keep the embeddings in this size")
        self.row.controls.addWidget(self.choice)
        self.row.controls.addWidget(self.use)
        self.add(self.row)
        self.hide()
        self.choice.currentIndexChanged.connect(self._say)
        self.use.clicked.connect(self._use)

    def load(self) -> None:
        """Ask what there is to choose among."""
        workspace_id = self._workspace_id
        if workspace_id is not None:
            self._runner.call(
                lambda: self._services.forms.offered(workspace_id),
                while_alive(self, self._show),
                while_alive(self, self.failed.emit),
            )

    def stop(self) -> None:
        """End the trial."""
        if self._trial is not None:
            self._trial.cancel()

    def _show(self, offered: OfferedForms | None) -> None:
        chosen = self._chosen() if self._offered is not None else None
        self.setVisible(offered is not None)
        if offered is None:
            self._offered = None
            return
        former, self._offered = self._offered, offered
        same = former is not None and former.current == offered.current
        if former is None or (former.model, former.forms) != (offered.model, offered.forms):
            # What was tried is of other embeddings.
            self.stop()
            self._trial = None
            self._kept.clear()
            self.choice.blockSignals(True)
            self.choice.clear()
            whole = offered.forms[0].dimension
            for form in offered.forms:
                self.choice.addItem(form_words(form, whole))
            self.choice.blockSignals(False)
        wanted = chosen if same and chosen is not None else offered.current
        if wanted in offered.forms:
            self.choice.setCurrentIndex(list(offered.forms).index(wanted))
        self._say()
        self._try(offered)

    def _try(self, offered: OfferedForms) -> None:
        workspace_id = self._workspace_id
        if self._trial is not None or self._kept or offered.passages < FEWEST or workspace_id is None:
            return

        def work(token: CancelToken) -> Iterator[object]:
            yield from self._services.forms.compare(workspace_id, offered.forms, cancel=token)

        self._trial = self._runner.start(
            work,
            on_progress=while_alive(self, partial(self._tried, offered.model)),
            # Nothing depends on it: it is said in the row that it is not known.
            on_failure=while_alive(self, lambda _: None),
            on_finished=while_alive(self, partial(self._trial_over, offered.model)),
        )

    def _tried(self, model: str, worth: object) -> None:
        assert isinstance(worth, FormWorth)  # noqa: S101  (what `compare` yields)
        if self._offered is not None and self._offered.model == model:
            self._kept[worth.form] = worth.kept
            self._say()

    def _trial_over(self, model: str) -> None:
        if self._offered is not None and self._offered.model == model:
            self._trial = None
            self._say()

    def _chosen(self) -> EmbeddingForm | None:
        place = self.choice.currentIndex()
        return None if self._offered is None or place < 0 else self._offered.forms[place]

    def _say(self) -> None:
        offered, form = self._offered, self._chosen()
        if offered is None or form is None:
            return
        in_use = form == offered.current
        self.use.setEnabled(not in_use)
        now = size_words(offered.current.size_bytes(offered.passages))
        if in_use:
            self.row.say(f"In use: {now} for {count_words(offered.passages, 'passage')}.")
            return
        said = f"{size_words(form.size_bytes(offered.passages))} in place of {now}. "
        if (kept := self._kept.get(form)) is not None:
            said += f"Finds {_percent(kept)} of the nearest passages, tried on this workspace."
        elif offered.passages < FEWEST:
            said += f"What it finds less is told from {FEWEST} passages on."
        elif self._trial is not None:
            said += "Trying what it finds less."
        else:
            said += "What it finds less could not be tried now."
        self.row.say(f"{said} Nothing is embedded again.")

    def _use(self) -> None:
        workspace_id, form = self._workspace_id, self._chosen()
        if workspace_id is None or form is None:
            return
        self.choice.setFocus()
        self.use.setEnabled(False)
        self._runner.call(
            lambda: self._services.models.change_embedding_model(workspace_id, form=form),
            while_alive(self, lambda _: self.changed.emit()),
            while_alive(self, self.failed.emit),
        )


def form_words(form: EmbeddingForm, whole: int) -> str:
    """Say what is kept of each embedding: `256 of 768 numbers, 8 bits each`."""
    numbers = f"{form.dimension}" if form.dimension == whole else f"{form.dimension} of {whole}"
    return f"{numbers} numbers, {form.precision.bits} bits each"


def _percent(share: float) -> str:
    # Rounded down: what lost something is not to look as if it had lost nothing.
    return f"{int(share * 1000) / 10:g}%"
