"""Asks for the password of encrypted documents, once."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from readingroom.core.counting import count_words
from readingroom.core.models import Document
from readingroom.services.passwords import PasswordService
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.settings_parts import say_failure, soft_label, warning_label
from readingroom.ui.models.document_words import name_words
from readingroom.ui.models.wording import showable
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import icon, set_icon
from readingroom.ui.widgets.check_box import CheckBox
from readingroom.ui.widgets.plain_text import PlainLabel

_NAMED = 3
_PLACE_CHARS = 60


class PasswordDialog(QDialog):
    """Hands the password on and closes; whether it was right shows in the list. Escape closes it."""

    def __init__(
        self,
        passwords: PasswordService,
        runner: TaskRunner,
        documents: Sequence[Document],
        others: Sequence[Document] = (),
        parent: QWidget | None = None,
    ) -> None:
        """`others` are the workspace's other encrypted documents: it may be theirs too."""
        super().__init__(parent)
        self.setObjectName("passwordDialog")
        self.setWindowTitle("Enter password")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._passwords = passwords
        self._runner = runner
        self._documents = tuple(documents)
        self._others = tuple(others)
        self._build_layout()
        self._connect()
        self.box.setFocus()

    def _build_layout(self) -> None:
        title = PlainLabel(_title(self._documents), self)
        self.setAccessibleName(title.text())
        title.setProperty("role", "strong")
        title.setWordWrap(True)
        self.box = QLineEdit(self)
        self.box.setEchoMode(QLineEdit.EchoMode.Password)
        self.box.setPlaceholderText("Password")
        self.box.setAccessibleName("Password")
        self._eye = self.box.addAction(icon("eye"), QLineEdit.ActionPosition.TrailingPosition)
        self._eye.setCheckable(True)
        self._eye.setToolTip("Show the password")
        set_icon(self._eye, "eye")
        self.everywhere = CheckBox(
            f"Try it on {count_words(len(self._others), 'other locked document')} as well", self
        )
        self.everywhere.setVisible(bool(self._others))
        self.remember = CheckBox("Remember in the system keyring", self)
        self.hint = soft_label(
            "Otherwise it is kept until Reading Room is closed, and written nowhere.", self
        )
        self.failure = warning_label(self)
        self.cancel = QPushButton("Cancel", self)
        self.unlock = QPushButton("Unlock", self)
        self.unlock.setObjectName("primary")
        self.unlock.setDefault(True)
        self.unlock.setEnabled(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.unlock)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self.box)
        column.addSpacing(4)
        column.addWidget(self.everywhere)
        column.addWidget(self.remember)
        column.addWidget(self.hint)
        column.addWidget(self.failure)
        column.addSpacing(8)
        column.addLayout(buttons)
        self.setFixedWidth(400)

    def _connect(self) -> None:
        self.box.textChanged.connect(lambda text: self.unlock.setEnabled(bool(text)))
        self._eye.toggled.connect(self._show_password)
        self.cancel.clicked.connect(self.reject)
        self.unlock.clicked.connect(self._unlock)

    def _show_password(self, shown: bool) -> None:
        modes = QLineEdit.EchoMode
        self.box.setEchoMode(modes.Normal if shown else modes.Password)
        set_icon(self._eye, "eye-off" if shown else "eye")

    def _unlock(self) -> None:
        password, remember = self.box.text(), self.remember.isChecked()
        chosen = (*self._documents, *(self._others if self.everywhere.isChecked() else ()))
        ids = [document.id for document in chosen]
        self.unlock.setEnabled(False)
        self._runner.call(
            lambda: self._passwords.unlock(ids, password, remember=remember),
            while_alive(self, lambda _: self.accept()),
            while_alive(self, self._say_not_kept),
        )

    def _say_not_kept(self, error: Exception) -> None:
        """The documents are being read all the same: nothing is left to do but to know it."""
        say_failure(self.failure, error)
        for done in (self.box, self.everywhere, self.remember, self.unlock):
            done.setEnabled(False)
        self.hint.hide()
        self.cancel.setText("Close")
        self.cancel.setFocus()
        self.adjustSize()


def _title(documents: Sequence[Document]) -> str:
    if len(documents) == 1:
        return f"{_short(name_words(documents[0]))} needs a password."
    names = ", ".join(_short(showable(document.path.name)) for document in documents[:_NAMED])
    more = len(documents) - _NAMED
    return (
        f"{len(documents):,} documents need a password: {names}{f' and {more:,} more' if more > 0 else ''}."
    )


def _short(name: str) -> str:
    return name if len(name) <= _PLACE_CHARS else f"{name[: _PLACE_CHARS // 2]}…{name[-_PLACE_CHARS // 2 :]}"
