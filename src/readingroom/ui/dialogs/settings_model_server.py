"""Settings: which server writes the answers, whether it runs, and which of its models is used."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from readingroom.core.addresses import origin_of
from readingroom.core.cancellation import CancelToken
from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.core.model_server import ServerKind, ServerSetup
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.settings_parts import Card, Row, say_failure, soft_label, warning_label
from readingroom.ui.models.model_words import leaves_words, model_choice
from readingroom.ui.tasks import Task, TaskRunner
from readingroom.ui.theme import icon_pixmap, when_palette_changes
from readingroom.ui.widgets.choice_box import ChoiceBox
from readingroom.ui.widgets.number_box import NumberBox
from readingroom.ui.widgets.plain_text import PlainLabel
from readingroom.ui.widgets.segments import Segments

KINDS = (ServerKind.OLLAMA, ServerKind.OPENAI)
_FIRST = "The first the server lists"
_FIELD_PX = 240
_DOWNLOAD = "https://ollama.com/download"
_KIND_WORDS = {
    ServerKind.OLLAMA: "Fetches models and runs them.",
    ServerKind.OPENAI: "LM Studio, llama.cpp, vLLM, OpenAI, others.",
}
_ADDRESS_WORDS = {
    ServerKind.OLLAMA: ("Ollama address", "Empty: on this computer", "http://127.0.0.1:11434"),
    ServerKind.OPENAI: ("Server address", "Most end in /v1", "http://127.0.0.1:1234/v1"),
}
_SENTENCES = {
    LanguageModelCondition.READY: ("check", "accent", "Ready to answer."),
    LanguageModelCondition.NO_MODEL: ("triangle-alert", "warning", "The server has no model yet."),
    LanguageModelCondition.NOT_RUNNING: ("triangle-alert", "warning", "The server does not answer."),
    LanguageModelCondition.NOT_INSTALLED: ("triangle-alert", "warning", "Ollama is not installed."),
    LanguageModelCondition.UNKNOWN: ("loader", "soft", "Asking the server."),
}

_HINTS = {
    LanguageModelCondition.NOT_INSTALLED: "Install it and start it; then a model can be fetched here.",
    LanguageModelCondition.NO_MODEL: "Fetch one below.",
}


@dataclass(frozen=True, slots=True)
class _Looked:
    status: LanguageModelStatus
    can_start: bool
    notice: str | None
    """What came of a change; None where there was none."""


class ServerCard(Card):
    """Everything is asked for off the GUI thread: a silent server takes its time."""

    status_changed = Signal(object)  # LanguageModelStatus

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._server = services.model_server
        self._runner = runner
        self._status = LanguageModelStatus(LanguageModelCondition.UNKNOWN, "")
        self._kind = ServerKind.OLLAMA
        self._can_start = False
        self._asked = 0
        self._shown_origin = ""
        self._starting: Task | None = None
        self._build()
        self._connect()
        when_palette_changes(self._show_status)

    def _build(self) -> None:
        kind = Row("Model server", _KIND_WORDS[ServerKind.OLLAMA], self)
        self.kinds = Segments("Model server", ("Ollama", "OpenAI-compatible"), kind)
        kind.controls.addWidget(self.kinds, 0, Qt.AlignmentFlag.AlignVCenter)
        self._kind_row = kind
        self.state = Row("", "", self)
        self._mark = PlainLabel(self.state)
        self.state.heads.insertWidget(0, self._mark)
        self.start = _button("Start Ollama", self.state)
        self.give_up = _button("Stop waiting", self.state)
        self.get = _button("Get Ollama…", self.state)
        self.get.setToolTip(f"Opens {_DOWNLOAD} in the browser")
        for button in (self.start, self.give_up, self.get):
            self.state.controls.addWidget(button)
            button.hide()
        self._address_row, self.address = self._field_row(*_ADDRESS_WORDS[ServerKind.OLLAMA][:2])
        self.check = _button("Check", self._address_row)
        self.check.setAccessibleName("Use this address and check it")
        self._address_row.controls.addWidget(self.check)
        self._key_row, self.key = self._field_row("API key", "Kept in the system's keyring")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self._context_row = Row("Context length", "Where the server does not tell what its models take", self)
        self.context = NumberBox("Context length", 1024, 2_000_000, 1024, "tokens", self._context_row)
        self.context.setFixedWidth(160)
        self._context_row.controls.addWidget(self.context)
        self.failure = warning_label(self._address_row)
        self.notice = soft_label("", self._address_row)
        self.notice.hide()
        self.leaves = warning_label(self._address_row)
        for label in (self.failure, self.leaves, self.notice):
            self._address_row.beneath.addWidget(label)
        choose = Row("Answering model", "For all workspaces without a choice of their own", self)
        self.model = ChoiceBox(choose)
        self.model.setMinimumWidth(_FIELD_PX)
        self.model.setAccessibleName("Answering model")
        choose.controls.addWidget(self.model)
        for row in (kind, self.state, self._address_row, self._key_row, self._context_row, choose):
            self.add(row)

    def _connect(self) -> None:
        self.kinds.chosen.connect(lambda place: self._choose_kind(KINDS[place]))
        self.start.clicked.connect(self._start)
        self.give_up.clicked.connect(self._give_up)
        self.get.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(_DOWNLOAD)))
        self.check.clicked.connect(self._use)
        for field in (self.address, self.key):
            field.returnPressed.connect(self._use)
        self.address.textEdited.connect(self._guard_key)
        self.address.editingFinished.connect(self._recall_key)
        self.key.textEdited.connect(self._note_whose_key)
        self.context.editingFinished.connect(self._use_context)
        self.model.activated.connect(self._choose_model)

    @property
    def kind(self) -> ServerKind:
        """The one chosen."""
        return self._kind

    def load(self) -> None:
        """Show what is set, and ask the server."""
        kind = self._services.preferences.settings.server_kind
        self._runner.call(
            lambda: self._server.setup(kind),
            while_alive(self, self._show_setup),
            while_alive(self, self._fail),
        )
        self.ask()

    def ask(self) -> None:
        """Ask the server how it stands."""
        self._look(lambda: None)

    def _look(self, first: Callable[[], str | None]) -> None:
        """Do something first, whose words are said if there are any, and ask; an answer that is overtaken is dropped."""
        self._asked += 1
        number = self._asked

        def look() -> _Looked:
            notice = first()
            return _Looked(self._server.status(), self._server.can_start, notice)

        def take(looked: _Looked) -> None:
            if number == self._asked:
                self._take(looked)

        self._runner.call(look, while_alive(self, take), while_alive(self, self._fail))

    # -- what is set

    def _show_setup(self, setup: ServerSetup) -> None:
        self._kind = setup.kind
        compatible = setup.kind is ServerKind.OPENAI
        self.kinds.choose(KINDS.index(setup.kind))
        self._kind_row.say(_KIND_WORDS[setup.kind])
        title, text, example = _ADDRESS_WORDS[setup.kind]
        self._address_row.title.setText(title)
        self._address_row.say("Empty: as OLLAMA_HOST says" if setup.named_outside else text)
        self.address.setAccessibleName(title)
        self.address.setPlaceholderText(setup.named_outside or example)
        self.address.setText(setup.address)
        self.key.setText(setup.api_key)
        self._shown_origin = _origin(setup.address)
        self.context.setValue(setup.context_tokens or self.context.value())
        for row in (self._key_row, self._context_row):
            row.setVisible(compatible)
        self._show_status()

    def _guard_key(self, address: str) -> None:
        """Take the key out of the field when another server is typed: it was given for the former one."""
        if self.key.text() and _origin(address) != self._shown_origin:
            self.key.clear()
            self._shown_origin = ""

    def _note_whose_key(self, _key: str) -> None:
        self._shown_origin = _origin(self.address.text())

    def _choose_kind(self, kind: ServerKind) -> None:
        def change() -> ServerSetup:
            setup = self._server.setup(kind)
            self._server.use(setup)
            return setup

        self._status = LanguageModelStatus(LanguageModelCondition.UNKNOWN, "")
        self._runner.call(change, while_alive(self, self._changed_kind), while_alive(self, self._fail))

    def _changed_kind(self, setup: ServerSetup) -> None:
        self._say("")
        self._show_setup(setup)
        self.ask()

    def _entered(self) -> ServerSetup:
        tokens = self.context.value() if self._kind is ServerKind.OPENAI else 0
        return ServerSetup(self._kind, self.address.text(), self.key.text(), tokens)

    def _use(self) -> None:
        setup = self._entered()
        self.check.setEnabled(False)
        self.check.setText("Checking")
        another = _origin(setup.address) != self._shown_origin

        def use() -> str:
            # An empty field is an answer only where the key of this very server was shown in it.
            key = setup.api_key or (self._server.key_for(setup.address) if another else "")
            return self._server.use(replace(setup, api_key=key))

        self._look(use)
        if self.key.text():
            self._shown_origin = _origin(setup.address)
        else:
            self._recall_key()

    def _recall_key(self) -> None:
        """Bring back the key that is known for another server that was typed."""
        address = self.address.text()
        if self._kind is not ServerKind.OPENAI or self.key.text():
            return

        def show(key: str) -> None:
            if self.address.text() == address:
                self._shown_origin = _origin(address)
                self.key.setText(self.key.text() or key)

        self._runner.call(lambda: self._server.key_for(address), while_alive(self, show))

    def _use_context(self) -> None:
        if self.context.value() != self._services.preferences.settings.openai_context:
            tokens = self.context.value()
            self._runner.call(
                lambda: self._services.preferences.update(openai_context=tokens),
                None,
                while_alive(self, self._fail),
            )

    # -- how it stands

    def _take(self, looked: "_Looked") -> None:
        self._checked(None)
        if looked.notice is not None:
            self._say(looked.notice)
        self._can_start = looked.can_start
        self._status = looked.status
        self._show_status()
        self.status_changed.emit(looked.status)

    def _fail(self, error: Exception) -> None:
        self._starting = None
        self._checked(error)
        self._show_status()

    def _checked(self, error: Exception | None) -> None:
        self.check.setEnabled(True)
        self.check.setText("Check")
        say_failure(self.failure, error)

    def _say(self, notice: str) -> None:
        self.notice.setText(notice)
        self.notice.setVisible(bool(notice))

    def _show_status(self) -> None:
        status = self._status
        icon, role, sentence = _SENTENCES[status.condition]
        self._mark.setPixmap(icon_pixmap(icon, role, 16, self.devicePixelRatioF()))
        starting = self._starting is not None
        self.state.title.setText("Ollama is being started." if starting else status.detail or sentence)
        version = f"{status.server} {status.version}".strip()
        at = f"{version} at {status.address}" if status.address else ""
        hint = _HINTS.get(status.condition, "") if self._kind is ServerKind.OLLAMA else ""
        if not status.address and self._kind is ServerKind.OPENAI:
            hint = "Enter its address below."
        hint = hint or status.hint.replace("`", "") or at
        self.state.say("The first start may take half a minute." if starting else hint)
        silent = status.condition is LanguageModelCondition.NOT_RUNNING
        self.start.setVisible(silent and not starting and self._can_start)
        self.give_up.setVisible(starting)
        self.get.setVisible(status.condition is LanguageModelCondition.NOT_INSTALLED)
        leaves = leaves_words(status.address)
        self.leaves.setText(
            f"{leaves}; whoever runs it can read them. Documents themselves stay here." if leaves else ""
        )
        self.leaves.setVisible(bool(leaves))
        self._show_context()
        self._list_models()

    def _show_context(self) -> None:
        """The field is for servers that do not tell what the answering model takes."""
        chosen = self._services.preferences.settings.answering_model
        facts = {model.name: model.context_limit for model in self._status.facts}
        told = facts.get(chosen) or next(iter(facts.values()), 0)
        words = (
            f"The server tells: {told:,} tokens"
            if told
            else "Where the server does not tell what its models take"
        )
        self._context_row.say(words)
        self.context.setVisible(not told)

    def _list_models(self) -> None:
        status, chosen = self._status, self._services.preferences.settings.answering_model
        self.model.clear()
        self.model.addItem(_FIRST, "")
        for name in dict.fromkeys([*status.models, *([chosen] if chosen else [])]):
            missing = status.condition is LanguageModelCondition.READY and name not in status.models
            self.model.addItem(f"{name} (not on the server)" if missing else model_choice(name, status), name)
        self.model.setCurrentIndex(max(0, self.model.findData(chosen)))

    def _choose_model(self, place: int) -> None:
        name = str(self.model.itemData(place))
        self._runner.call(
            lambda: self._services.models.choose_chat_model(name), None, while_alive(self, self._fail)
        )

    # -- starting Ollama

    def _start(self) -> None:
        def work(token: CancelToken) -> Iterator[object]:
            self._server.start(token)
            yield None

        say_failure(self.failure, None)
        self._starting = self._runner.start(
            work,
            on_success=while_alive(self, self._waited),
            on_cancelled=while_alive(self, self._waited),
            on_failure=while_alive(self, self._fail),
        )
        self._show_status()

    def _waited(self) -> None:
        self._starting = None
        self.ask()

    def _give_up(self) -> None:
        if self._starting is not None:
            self._starting.cancel()

    def _field_row(self, title: str, text: str) -> tuple[Row, QLineEdit]:
        row = Row(title, text, self)
        field = QLineEdit(row)
        field.setMinimumWidth(_FIELD_PX)
        field.setAccessibleName(title)
        row.controls.addWidget(field)
        return row, field


def _origin(address: str) -> str:
    text = address.strip().casefold()
    try:
        return origin_of(text if "://" in text else f"//{text}")
    except ValueError:
        return text


def _button(text: str, parent: QWidget) -> QPushButton:
    button = QPushButton(text, parent)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    return button
