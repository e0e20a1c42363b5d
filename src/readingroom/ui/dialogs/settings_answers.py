"""Settings: what the shown workspace has of its own for its answers."""

from dataclasses import replace

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QWidget

from readingroom.core.answering import (
    MOST_PASSAGES,
    MOST_TEMPERATURE,
    VARIABLES,
    Answering,
    unknown_variables,
)
from readingroom.core.ids import WorkspaceId
from readingroom.core.language_model import LanguageModelStatus
from readingroom.core.models import Workspace
from readingroom.core.relevance import MIN_SIMILARITY
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.settings_parts import (
    Card,
    Row,
    SettingsPage,
    say_failure,
    soft_label,
    warning_label,
)
from readingroom.ui.models.model_words import model_choice
from readingroom.ui.models.wording import showable
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.check_box import CheckBox
from readingroom.ui.widgets.choice_box import ChoiceBox
from readingroom.ui.widgets.number_box import FractionBox, NumberBox
from readingroom.ui.widgets.plain_text import PlainLabel

_SETTLE_MS = 400
"""What is being typed passes through much that is not meant."""
_USUAL_TEMPERATURE = 0.7
_FIELD_PX = 120


class AnswersPage(SettingsPage):
    """What is changed here holds for the next question of this workspace."""

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        workspace_id: WorkspaceId | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Answers", parent)
        self._services = services
        self._runner = runner
        self._workspace_id = workspace_id
        self._kept = Answering()
        self._before: Answering | None = None
        """What held before it was reset."""
        self._showing = False
        self._typed = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._typed.timeout.connect(self._keep)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._heading = PlainLabel("No workspace", self)
        self._heading.setObjectName("settingsHeading")
        self._explanation = soft_label("Open one first: each has settings of its own for its answers.", self)
        self.column.addWidget(self._heading)
        self.column.addWidget(self._explanation)
        self.card = self.add_card()
        choose = Row("Answering model", "Another one than for all workspaces", self.card)
        self.model = ChoiceBox(choose)
        self.model.setMinimumWidth(240)
        self.model.setAccessibleName("Answering model of this workspace")
        choose.controls.addWidget(self.model)
        self.card.add(choose)
        self.temperature = OwnNumber(
            "Temperature",
            "Low: the same sober answer each time. High: freer wording",
            FractionBox("Temperature", 0.0, MOST_TEMPERATURE, 0.1),
            self.card,
        )
        self.passages = OwnNumber(
            "Passages for a question",
            "More find more, and take the model longer to read",
            NumberBox("Passages for a question", 1, MOST_PASSAGES, 1, ""),
            self.card,
        )
        self.threshold = OwnNumber(
            "Least nearness",
            "Of a passage to the question, from 0 to 1. Higher: rather no answer than a doubtful one",
            FractionBox("Least nearness", 0.0, 1.0, 0.05),
            self.card,
        )
        self._build_instructions()
        self.reset = QPushButton("Reset to defaults", self)
        self.reset.setAutoDefault(False)
        self.undo = QPushButton("Undo", self)
        self.undo.setAccessibleName("Undo the reset")
        self.undo.setAutoDefault(False)
        self.undo.hide()
        self._said = soft_label("", self)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._said, 1)
        line.addWidget(self.undo)
        line.addWidget(self.reset)
        self.column.addLayout(line)
        self.failure = warning_label(self)
        self.column.addWidget(self.failure)
        self.column.addStretch()

    def _build_instructions(self) -> None:
        row = Row(
            "Instructions",
            "Told to the model with each question, after the rules by which it keeps to the passages and cites them;"
            " those always stand",
            self.card,
        )
        self.instructions = QPlainTextEdit(row)
        self.instructions.setObjectName("rulesEditor")
        self.instructions.setAccessibleName("Instructions")
        self.instructions.setPlaceholderText(
            "Answer in {language}, in short paragraphs. Today is {weekday}, {date}. The workspace is {workspace}."
        )
        self.instructions.setFixedHeight(96)
        self.instructions.setTabChangesFocus(True)
        names = ", ".join(f"{{{name}}}" for name in VARIABLES)
        self._variables = soft_label(f"Filled in: {names}", row)
        self._variables.setToolTip("\n".join(f"{{{name}}}: {words}" for name, words in VARIABLES.items()))
        self._unknown = warning_label(row)
        for widget in (self.instructions, self._variables, self._unknown):
            row.beneath.addWidget(widget)
        self.card.add(row)

    def _connect(self) -> None:
        self.model.activated.connect(lambda _place: self._keep())
        for row in (self.temperature, self.passages, self.threshold):
            row.changed.connect(self._note_typing)
        self.instructions.textChanged.connect(self._note_typing)
        self.reset.clicked.connect(self._reset)
        self.undo.clicked.connect(self._undo)

    def shown(self) -> None:
        """Ask for what is set and for the models there are."""
        workspace_id = self._workspace_id
        self.card.setEnabled(workspace_id is not None)
        self.reset.setEnabled(workspace_id is not None)
        if workspace_id is None:
            self._show(Answering())
            return

        def look() -> tuple[Workspace | None, Answering, LanguageModelStatus]:
            found = [one for one in self._services.workspaces.list() if one.id == workspace_id]
            answering = self._services.answering.of(workspace_id)
            return (found[0] if found else None), answering, self._services.models.status()

        self._runner.call(look, while_alive(self, self._take), while_alive(self, self._fail))

    def stop(self) -> None:
        """Keep what is still being typed."""
        if self._typed.isActive():
            self._typed.stop()
            self._keep()

    def _take(self, found: tuple[Workspace | None, Answering, LanguageModelStatus]) -> None:
        workspace, answering, status = found
        if workspace is not None:
            self._heading.setText(showable(workspace.name))
            self._explanation.setText("What this workspace has of its own for its answers.")
        self.model.clear()
        self.model.addItem("As for all workspaces", "")
        for name in dict.fromkeys([*status.models, *([answering.model] if answering.model else [])]):
            missing = status.models and name not in status.models
            self.model.addItem(f"{name} (not on the server)" if missing else model_choice(name, status), name)
        self._show(answering)

    def _show(self, answering: Answering) -> None:
        self._kept = answering
        self._showing = True
        self.model.setCurrentIndex(max(0, self.model.findData(answering.model)))
        usual = self._services.preferences.settings.passages
        self.temperature.show_value(answering.temperature, _USUAL_TEMPERATURE, "the model's own")
        self.passages.show_value(answering.passages, usual, f"{usual}, as everywhere")
        self.threshold.show_value(answering.threshold, MIN_SIMILARITY, "as measured")
        if self.instructions.toPlainText().strip() != answering.instructions:
            self.instructions.setPlainText(answering.instructions)
        self._showing = False
        self._say_unknown()
        self.reset.setEnabled(self._workspace_id is not None and not answering.is_default)

    def _entered(self) -> Answering:
        return replace(
            self._kept,
            model=str(self.model.currentData() or ""),
            temperature=self.temperature.value(),
            passages=None if (passages := self.passages.value()) is None else round(passages),
            threshold=self.threshold.value(),
            instructions=self.instructions.toPlainText().strip(),
        )

    def _note_typing(self) -> None:
        if not self._showing:
            self._say_unknown()
            self._typed.start()

    def _say_unknown(self) -> None:
        unknown = unknown_variables(self.instructions.toPlainText())
        words = ", ".join(f"{{{name}}}" for name in unknown)
        self._unknown.setText(
            f"{words} is told as it stands: nothing of that name is filled in." if unknown else ""
        )
        self._unknown.setVisible(bool(unknown))

    def _keep(self) -> None:
        self._change(self._entered(), None)

    def _reset(self) -> None:
        self._typed.stop()
        self._change(Answering(), self._entered())

    def _undo(self) -> None:
        if self._before is not None:
            self._change(self._before, None)

    def _change(self, wanted: Answering, before: Answering | None) -> None:
        workspace_id = self._workspace_id
        if workspace_id is None or (wanted == self._kept and before is None):
            return
        self._before = before
        self.undo.setVisible(before is not None)
        self._said.setText("Everything is as for a new workspace." if before is not None else "")
        self._kept = wanted
        self._runner.call(
            lambda: self._services.answering.change(workspace_id, wanted),
            while_alive(self, self._changed),
            while_alive(self, self._fail),
        )

    def _changed(self, kept: Answering) -> None:
        say_failure(self.failure, None)
        # What was typed since is kept with the next change.
        if not self._typed.isActive():
            self._show(kept)

    def _fail(self, error: Exception) -> None:
        say_failure(self.failure, error)


class OwnNumber(Row):
    """A number that holds only where its box is checked; else it says what holds."""

    changed = Signal()

    def __init__(self, title: str, text: str, box: NumberBox | FractionBox, card: Card) -> None:
        super().__init__(title, text, card)
        self.box = box
        self._usual = soft_label("", self)
        self._usual.setWordWrap(False)
        self.own = CheckBox("Own", self)
        self.own.setAccessibleName(f"{title}: another than usual")
        box.setFixedWidth(_FIELD_PX)
        for widget in (self._usual, box, self.own):
            self.controls.addWidget(widget)
        card.add(self)
        self.own.toggled.connect(self._show_box)
        self.own.clicked.connect(lambda _checked: self.changed.emit())
        box.valueChanged.connect(lambda _value: self.changed.emit())
        self._show_box(own=False)

    def value(self) -> float | None:
        """What was set; None where the usual holds."""
        return self.box.value() if self.own.isChecked() else None

    def show_value(self, value: float | None, usual: float, words: str) -> None:
        """Show what is set; `words` say what holds otherwise, and `usual` is where the box begins."""
        self._usual.setText(words)
        self.own.setChecked(value is not None)
        number = usual if value is None else value
        self.box.setValue(round(number) if isinstance(self.box, NumberBox) else number)  # type: ignore[arg-type]

    def _show_box(self, own: bool) -> None:
        self.box.setVisible(own)
        self._usual.setVisible(not own)
