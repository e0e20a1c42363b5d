"""The beginning of a workspace with documents: what was read, three questions worth asking, and what is missing still."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from readingroom.core.counting import count_words
from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.core.models import Workspace
from readingroom.services.first_minutes import Greeting
from readingroom.ui.models.first_words import read_words, unread_words
from readingroom.ui.models.wording import showable
from readingroom.ui.theme import BODY_PX, body_font, set_icon
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

WIDTH = 520


class FirstMinutes(QScrollArea):
    """Clicking a question asks it. Scrolls where the window is low."""

    asked = Signal(str)
    add_folder_requested = Signal()
    model_requested = Signal()
    unread_requested = Signal()
    """The person wants to see what could not be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("firstMinutes")
        self.setAccessibleName("Beginning of the workspace")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._greeting: Greeting | None = None
        self._status: LanguageModelStatus | None = None
        self._build_layout()

    @property
    def questions(self) -> Sequence[QPushButton]:
        """The buttons that ask, from the top."""
        return tuple(self._buttons)

    def prepare(self, workspace: Workspace) -> None:
        """Name a workspace of which nothing more is known yet."""
        self._greeting = None
        self._title.setText(showable(workspace.name))
        self._read.setText(count_words(workspace.documents, "document"))
        self._unread.hide()
        self._show_questions(())
        self._show_missing()

    def greet(self, workspace: Workspace, greeting: Greeting) -> None:
        """Show a workspace."""
        self._title.setText(showable(workspace.name))
        if greeting == self._greeting:
            return
        asked_before = None if self._greeting is None else self._greeting.questions
        self._greeting = greeting
        self._read.setText(read_words(greeting))
        unread = unread_words(greeting)
        self._unread.setText(unread)
        self._unread.setVisible(bool(unread))
        # Questions that stay keep their buttons, and the keyboard on them.
        if greeting.questions != asked_before:
            self._show_questions(greeting.questions)
        self._show_missing()

    def show_status(self, status: LanguageModelStatus) -> None:
        """Say whether a model is missing."""
        self._status = status
        self._show_missing()

    def _build_layout(self) -> None:
        body = QWidget(self)
        body.setObjectName("firstMinutesBody")
        inner = QWidget(body)
        inner.setMaximumWidth(WIDTH)
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._title = PlainLabel(inner)
        self._title.setObjectName("firstTitle")
        self._title.setWordWrap(True)
        self._read = PlainLabel(inner)
        self._read.setWordWrap(True)
        self._unread = LinkButton("", inner)
        self._unread.clicked.connect(self.unread_requested)
        self._ask = _caption("Worth asking", inner)
        self._buttons: list[_Question] = []
        self._question_column = QVBoxLayout()
        self._question_column.setSpacing(8)
        self._missing = _caption("Still missing", inner)
        self._model = _Step("", "Set up a model", inner)
        self._model.button.clicked.connect(self.model_requested)
        self._folder = _Step(
            "No folder is followed: files that change or are new are not taken over by themselves.",
            "Add a folder",
            inner,
        )
        self._folder.button.clicked.connect(self.add_folder_requested)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._read)
        column.addWidget(self._unread, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(18)
        column.addWidget(self._ask)
        column.addLayout(self._question_column)
        column.addSpacing(18)
        column.addWidget(self._missing)
        column.addWidget(self._model)
        column.addWidget(self._folder)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(inner, 100)
        row.addStretch()
        outer = QVBoxLayout(body)
        outer.setContentsMargins(28, 24, 28, 24)
        outer.addStretch(2)
        outer.addLayout(row)
        outer.addStretch(3)
        self.setWidget(body)

    def _show_questions(self, questions: Sequence[str]) -> None:
        for button in self._buttons:
            self._question_column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [_Question(question, self) for question in questions]
        for button in self._buttons:
            button.clicked.connect(lambda _=False, text=button.question: self.asked.emit(text))
            self._question_column.addWidget(button)
            button.show()
        self._ask.setVisible(bool(questions))

    def _show_missing(self) -> None:
        status, greeting = self._status, self._greeting
        condition = LanguageModelCondition.UNKNOWN if status is None else status.condition
        no_model = condition not in (LanguageModelCondition.READY, LanguageModelCondition.UNKNOWN)
        if status is not None and no_model:
            what = {
                LanguageModelCondition.NOT_INSTALLED: "There is no model to write answers",
                LanguageModelCondition.NO_MODEL: "Ollama runs, but has no model yet",
            }.get(condition, "The model server does not answer")
            self._model.say(
                f"{what}: until then you get the passages themselves, and extracts for summaries."
            )
        self._model.setVisible(no_model)
        self._folder.setVisible(greeting is not None and not greeting.followed)
        self._missing.setVisible(self._model.isVisibleTo(self) or self._folder.isVisibleTo(self))


class _Question(QPushButton):
    """A question on one line, cut where it is too long; the tool tip has all of it."""

    def __init__(self, question: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.question = question
        self.setObjectName("suggestion")
        self.setAccessibleName(f"Ask: {question}")
        self.setToolTip(plain_tip(question))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setIconSize(QSize(16, 16))
        set_icon(self, "message-square", "accent")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - 54
        shown = QFontMetrics(body_font(BODY_PX)).elidedText(self.question, Qt.TextElideMode.ElideRight, room)
        self.setText(" " + shown.replace("&", "&&"))


class _Step(QWidget):
    """What is missing, and the button that begins to mend it."""

    def __init__(self, text: str, action: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._label = PlainLabel(text, self)
        self._label.setWordWrap(True)
        self._label.setProperty("role", "soft")
        self.button = QPushButton(action, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(16)
        row.addWidget(self._label, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)

    def say(self, text: str) -> None:
        """Change the words."""
        self._label.setText(text)


def _caption(text: str, parent: QWidget) -> PlainLabel:
    label = PlainLabel(text, parent)
    label.setProperty("role", "small")
    return label
