"""Settings: the model that writes answers, and the one that finds passages."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from readingroom.core.ids import WorkspaceId
from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.download_row import DownloadRow
from readingroom.ui.dialogs.settings_embedding import EmbeddingPart
from readingroom.ui.dialogs.settings_parts import Row, SettingsPage, say_failure, warning_label
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import icon_pixmap, when_palette_changes
from readingroom.ui.widgets.choice_box import ChoiceBox
from readingroom.ui.widgets.plain_text import PlainLabel

_FIRST = "The first the server lists"
_SENTENCES = {
    LanguageModelCondition.READY: ("check", "accent", "Ready to answer."),
    LanguageModelCondition.NO_MODEL: ("triangle-alert", "warning", "The server has no model yet."),
    LanguageModelCondition.NOT_RUNNING: ("triangle-alert", "warning", "The server does not answer."),
    LanguageModelCondition.NOT_INSTALLED: ("triangle-alert", "warning", "Ollama is not installed."),
    LanguageModelCondition.UNKNOWN: ("loader", "soft", "Asking the server."),
}


class ModelsPage(SettingsPage):
    """Everything is asked for off the GUI thread: a silent server takes its time."""

    status_changed = Signal(object)  # LanguageModelStatus

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        workspace_id: WorkspaceId | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Models", parent)
        self._services = services
        self._runner = runner
        self._workspace_id = workspace_id
        self._status = LanguageModelStatus(LanguageModelCondition.UNKNOWN, "")
        self._build_answering()
        self._build_embedding()
        self.column.addStretch()
        when_palette_changes(self._show_status)

    def shown(self) -> None:
        """Ask the server and the list of embedding models."""
        self.address.setText(self._services.preferences.settings.ollama_address)
        self._show_status()
        self._runner.call(self._services.models.status, self._take_status, self._fail_status)
        self.embedding.load()

    def _build_answering(self) -> None:
        self.add_heading("Answering", "Writes the answers. Without one, the passages themselves are shown.")
        card = self.add_card()
        self._state = Row("", "", card)
        self._mark = PlainLabel(self._state)
        self._state.heads.insertWidget(0, self._mark)
        card.add(self._state)
        choose = Row("Answering model", "For all workspaces without a choice of their own", card)
        self.model = ChoiceBox(choose)
        self.model.setMinimumWidth(220)
        self.model.setAccessibleName("Answering model")
        choose.controls.addWidget(self.model)
        card.add(choose)
        where = Row("Ollama address", "Empty: on this computer", card)
        self.address = QLineEdit(where)
        self.address.setMinimumWidth(220)
        self.address.setPlaceholderText("http://127.0.0.1:11434")
        self.address.setAccessibleName("Ollama address")
        self.check = QPushButton("Check", where)
        self.check.setAccessibleName("Check the address")
        self.check.setAutoDefault(False)
        where.controls.addWidget(self.address)
        where.controls.addWidget(self.check)
        self.failure = warning_label(where)
        where.beneath.addWidget(self.failure)
        card.add(where)
        self.check.clicked.connect(self._set_address)
        self.address.returnPressed.connect(self._set_address)
        self.model.activated.connect(self._choose)

    def _build_embedding(self) -> None:
        self.column.addSpacing(12)
        self.add_heading(
            "Embedding", "Turns passages and questions into numbers, so that meaning can be found."
        )
        self.embedding = EmbeddingPart(self._services, self._runner, self._workspace_id, self)
        self.column.addWidget(self.embedding)

    # Answering

    def _set_address(self) -> None:
        address = self.address.text().strip()
        self.check.setEnabled(False)
        self.check.setText("Checking")
        self._runner.call(
            lambda: self._services.models.set_address(address), self._take_status, self._fail_status
        )

    def _take_status(self, status: LanguageModelStatus) -> None:
        self._checked(None)
        self._status = status
        self._show_status()
        self.status_changed.emit(status)

    def _fail_status(self, error: Exception) -> None:
        self._checked(error)

    def _checked(self, error: Exception | None) -> None:
        self.check.setEnabled(True)
        self.check.setText("Check")
        say_failure(self.failure, error)

    def _show_status(self) -> None:
        status = self._status
        icon, role, sentence = _SENTENCES[status.condition]
        self._mark.setPixmap(icon_pixmap(icon, role, 16, self.devicePixelRatioF()))
        self._state.title.setText(status.detail or sentence)
        version = f"Ollama {status.version}" if status.version else "The server"
        at = f"{version} at {status.address}" if status.address else ""
        self._state.say(status.hint or at)
        chosen = self._services.preferences.settings.chat_model
        names = list(dict.fromkeys([*status.models, *([chosen] if chosen else [])]))
        self.model.clear()
        self.model.addItem(_FIRST, "")
        for name in names:
            missing = status.condition is LanguageModelCondition.READY and name not in status.models
            self.model.addItem(f"{name} (not on the server)" if missing else name, name)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen)))

    def _choose(self, place: int) -> None:
        name = str(self.model.itemData(place))
        self._runner.call(lambda: self._services.models.choose_chat_model(name), None, self._fail_status)

    def embedding_rows(self) -> list[DownloadRow]:
        """List the rows of the embedding models, from the top."""
        return self.embedding.rows()

    def stop(self) -> None:
        """Look no more."""
        self.embedding.stop()
