"""Settings: a Qdrant server for workspaces that outgrow this computer, and moving the shown workspace there and back."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from readingroom.core.counting import count_words
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Workspace
from readingroom.core.remote import Server
from readingroom.services.bundle import Services
from readingroom.services.server import Moving
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.settings_parts import (
    Card,
    Row,
    SettingsPage,
    say_failure,
    soft_label,
    warning_label,
)
from readingroom.ui.models.wording import showable
from readingroom.ui.tasks import Task, TaskRunner

_HERE = "Its passages are kept on this computer."
_THERE = "Its passages are kept on the server; questions about it go there."


class ServerPage(SettingsPage):
    """Nothing is kept before it is saved; a test needs no saving."""

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        workspace_id: WorkspaceId | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Server", parent)
        self._server = services.server
        self._workspaces = services.workspaces
        self._runner = runner
        self._workspace_id = workspace_id
        self._task: Task | None = None
        self._there = False
        self.add_heading(
            "Qdrant server",
            "For workspaces that outgrow this computer: passages and their embeddings are then kept on a Qdrant server"
            " of yours. Documents, threads and answers stay here.",
        )
        card = self.add_card()
        self.address = self._field(card, "Address", "Of the server; empty where there is none.")
        self.address.setPlaceholderText("https://…:6333")
        self.key = self._field(card, "API key", "Kept in the system's keyring.")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.authority = self._field(
            card,
            "Certificate authority",
            "A PEM file, where you signed the server's certificate yourself.",
        )
        self.choose = self._button("Choose…", "Choose the file of the certificate authority")
        card.rows()[-1].controls.addWidget(self.choose)
        # With its button it is as wide as the fields above.
        self.authority.setMinimumWidth(160)
        self.test = self._button("Test connection", "Test the connection to the server")
        self.save = self._button("Save", "Save the server")
        buttons = QHBoxLayout()
        self.result = soft_label("", self)
        self.result.setAccessibleName("Result")
        buttons.addWidget(self.result, 1)
        buttons.addWidget(self.test)
        buttons.addWidget(self.save)
        self.column.addLayout(buttons)
        self.failure = warning_label(self)
        self.column.addWidget(self.failure)
        self.add_heading("Where this workspace is kept")
        self.place_card = self.add_card()
        self.place = Row("No workspace", "Open one first.", self.place_card)
        self.move_button = self._button("Move to the server", "Move this workspace to the server")
        self.stop_button = self._button("Stop", "Stop moving the workspace")
        for button in (self.stop_button, self.move_button):
            self.place.controls.addWidget(button)
        self.stop_button.hide()
        self.place_card.add(self.place)
        self.move_failure = warning_label(self)
        self.column.addWidget(self.move_failure)
        self.column.addStretch()
        self.choose.clicked.connect(self._choose)
        self.test.clicked.connect(self._test)
        self.save.clicked.connect(self._save)
        self.move_button.clicked.connect(self._move)
        self.stop_button.clicked.connect(self._stop_moving)
        self.address.textChanged.connect(lambda _: self._say(""))

    def shown(self) -> None:
        """Show what is set; a keyring may ask the person first."""
        self._runner.call(
            lambda: self._server.current, while_alive(self, self._show), while_alive(self, self._fail)
        )
        self._look_up_place()

    def stop(self) -> None:
        """A move goes on without the page; it can be taken up again after a stop."""

    def _show(self, server: Server) -> None:
        self.address.setText(server.address)
        self.key.setText(server.api_key)
        self.authority.setText(server.ca_file)

    def _entered(self) -> Server:
        return Server(self.address.text(), self.key.text().strip(), self.authority.text().strip())

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, "Certificate authority", str(Path.home()), "Certificates (*.pem *.crt *.cer);;All files (*)"
        )
        if name:
            self.authority.setText(name)

    def _test(self) -> None:
        self._say("Asking the server…")
        self.test.setEnabled(False)
        server = self._entered()
        self._runner.call(
            lambda: self._server.test(server), while_alive(self, self._say), while_alive(self, self._fail)
        )

    def _save(self) -> None:
        server = self._entered()
        self._runner.call(
            lambda: self._server.save(server),
            while_alive(self, lambda notice: self._say(f"Saved. {notice}".strip())),
            while_alive(self, self._fail),
        )

    def _say(self, words: str) -> None:
        self.result.setText(words)
        self.test.setEnabled(True)
        say_failure(self.failure, None)
        self._offer_move()

    def _fail(self, error: Exception) -> None:
        self._say("")
        say_failure(self.failure, error)

    def _look_up_place(self) -> None:
        workspace_id = self._workspace_id
        if workspace_id is None:
            self.move_button.hide()
            return

        def look() -> tuple[Workspace | None, bool]:
            found = [one for one in self._workspaces.list() if one.id == workspace_id]
            return (found[0] if found else None), self._server.is_on_server(workspace_id)

        self._runner.call(look, while_alive(self, self._show_place))

    def _show_place(self, found: tuple[Workspace | None, bool]) -> None:
        workspace, self._there = found
        if workspace is not None:
            self.place.title.setText(showable(workspace.name))
            self.place.say(_THERE if self._there else _HERE)
        words = "Move to this computer" if self._there else "Move to the server"
        self.move_button.setText(words)
        self.move_button.setAccessibleName(words.replace("Move", "Move this workspace"))
        self._offer_move()

    def _offer_move(self) -> None:
        self.move_button.setEnabled(self._task is None and (self._there or bool(self.address.text().strip())))

    def _move(self) -> None:
        workspace_id, to_server = self._workspace_id, not self._there
        if workspace_id is None or self._task is not None:
            return
        say_failure(self.move_failure, None)
        self.stop_button.show()
        self._task = self._runner.start(
            lambda token: self._server.move(workspace_id, to_server=to_server, cancel=token),
            on_progress=while_alive(self, self._show_moving),
            on_cancelled=while_alive(
                self, lambda: self.place.say("Stopped. Another move goes on from here.")
            ),
            on_success=while_alive(self, self._look_up_place),
            on_failure=while_alive(self, lambda error: say_failure(self.move_failure, error)),
            on_finished=while_alive(self, self._end_moving),
        )
        self._offer_move()

    def _show_moving(self, moving: object) -> None:
        assert isinstance(moving, Moving)  # noqa: S101  (what `move` yields)
        self.place.say(f"Moving · {moving.done:,} of {count_words(moving.total, 'passage')}")

    def _end_moving(self) -> None:
        self._task = None
        self.stop_button.hide()
        self._offer_move()

    def _stop_moving(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _field(self, card: Card, title: str, text: str) -> QLineEdit:
        row = Row(title, text, self)
        field = QLineEdit(row)
        field.setAccessibleName(title)
        field.setMinimumWidth(260)
        row.controls.addWidget(field)
        card.add(row)
        return field

    def _button(self, text: str, name: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(name)
        button.setAutoDefault(False)
        return button
