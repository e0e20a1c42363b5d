"""An answer being made: the service's events on the pool, gathered into signals of the GUI thread."""

import threading
from collections.abc import Iterator
from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal

from readingroom.core.cancellation import CancelToken
from readingroom.core.ids import ThreadId
from readingroom.core.models import AnswerMode, Message, Passage, Searched
from readingroom.services.chat import (
    Answered,
    AnswerEvent,
    Asked,
    ChatService,
    ReadingPassages,
    Searching,
    Writing,
)
from readingroom.ui.tasks import TaskRunner

GATHER_MS = 33
"""Thirty updates a second: what streams in between is shown together."""
MOST_CHARS = 1_000
"""Shown at once at most: 30,000 characters a second outruns any model and costs each turn few milliseconds."""


class Stage(Enum):
    """What is being done for the answer."""

    STARTING = "starting"
    SEARCHING = "searching"
    READING = "reading"
    WRITING = "writing"
    DONE = "done"


class LiveAnswer(QObject):
    """One question under way. It goes on while another thread is shown, and can be looked at again."""

    asked = Signal(object)  # Message
    stage_changed = Signal()
    piece_arrived = Signal(str)
    finished = Signal()
    """`answer` or `error` is set."""
    _more = Signal()

    def __init__(
        self, chat: ChatService, runner: TaskRunner, thread_id: ThreadId, question: str, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.thread_id = thread_id
        self.question = question
        self.stage = Stage.STARTING
        self.documents = 0
        self.searched: Searched | None = None
        self.passages: tuple[Passage, ...] = ()
        self.text = ""
        self.answer: Message | None = None
        self.error: Exception | None = None
        self.stopping = False
        self._ended = False
        self._chat = chat
        self._runner = runner
        self._token = CancelToken()
        self._lock = threading.Lock()
        self._gathered: list[str] = []
        self._timer = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._timer.timeout.connect(self._show_gathered)
        self._more.connect(self._timer.start)

    def start(self, mode: AnswerMode) -> None:
        """Ask. Connect first."""

        def work(_token: CancelToken) -> Iterator[AnswerEvent]:
            for event in self._chat.ask(self.thread_id, self.question, mode=mode, cancel=self._token):
                if isinstance(event, Writing):
                    self._gather(event.piece)
                else:
                    yield event

        task = self._runner.start(work, on_progress=self._take, on_failure=self._fail, on_finished=self._end)
        task.token.when_cancelled(self._token.cancel)

    def stop(self) -> None:
        """Ask the model to stop; what came is kept."""
        self.stopping = True
        self._token.cancel()

    def _gather(self, piece: str) -> None:
        with self._lock:
            first = not self._gathered
            self._gathered.append(piece)
        if first:
            self._more.emit()

    def _show_gathered(self) -> None:
        with self._lock:
            gathered = "".join(self._gathered)
            piece, rest = gathered[:MOST_CHARS], gathered[MOST_CHARS:]
            self._gathered = [rest] if rest else []
        if piece:
            if self.stage is not Stage.WRITING:
                self._enter(Stage.WRITING)
            self.text += piece
            self.piece_arrived.emit(piece)
        if rest:
            self._timer.start()
        elif self._ended:
            self._finish()

    def _take(self, event: object) -> None:
        match event:
            case Asked(message):
                self.asked.emit(message)
            case Searching(documents):
                self.documents = documents
                self._enter(Stage.SEARCHING)
            case ReadingPassages(searched, passages):
                self.searched, self.passages = searched, passages
                self._enter(Stage.READING)
            case Answered(message):
                self.answer = message

    def _fail(self, error: Exception) -> None:
        self.error = error

    def _end(self) -> None:
        self._ended = True
        self._show_gathered()

    def _finish(self) -> None:
        self._timer.stop()
        self._enter(Stage.DONE)
        self.finished.emit()

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self.stage_changed.emit()
