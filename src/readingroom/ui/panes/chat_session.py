"""An answer being made: the service's events on the pool, gathered into signals of the GUI thread."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal

from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import AnswerMode, Message, Searched
from readingroom.core.ids import MessageId, ThreadId
from readingroom.core.models import Passage, SearchScope
from readingroom.services.answer_events import LookingThrough
from readingroom.services.chat import (
    Answered,
    AnswerEvent,
    Asked,
    ChatService,
    ReadingPassages,
    Searching,
    Thinking,
    Writing,
)
from readingroom.ui.tasks import TaskRunner, Work

GATHER_MS = 33
"""Thirty updates a second: what streams in between is shown together."""
MOST_CHARS = 1_000
"""Shown at once at most: 30,000 characters a second outruns any model and costs each turn few milliseconds."""


def everything() -> SearchScope:
    """All of the workspace."""
    return SearchScope()


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be answered. It holds nothing of Qt's."""

    question: str
    mode: AnswerMode = AnswerMode.DOCUMENTS
    model: str | None = None
    scope: Callable[[], SearchScope] = everything
    """Asked on the pool: it may read the catalog."""
    after: MessageId | None = None
    """The message it follows, where that is not the last one shown; see `ChatService.ask`."""
    again: MessageId | None = None
    """The question that is answered once more."""
    resumes: MessageId | None = None
    """The answer that is continued."""


class Stage(Enum):
    """What is being done for the answer."""

    STARTING = "starting"
    SEARCHING = "searching"
    LOOKING = "looking"
    """Through everything, or summing it up; `progress` says how far."""
    READING = "reading"
    THINKING = "thinking"
    WRITING = "writing"
    DONE = "done"


class _Gathering:
    """Pieces between the pool and the GUI thread. Knows no Qt, so that the pool may drop it last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: list[str] = []

    def add(self, piece: str) -> bool:
        """Add a piece; whether it is the first since the last `take`."""
        with self._lock:
            first = not self._pieces
            self._pieces.append(piece)
        return first

    def take(self, most: int) -> tuple[str, bool]:
        """Take up to so many characters; whether more are waiting."""
        with self._lock:
            text = "".join(self._pieces)
            self._pieces = [text[most:]] if len(text) > most else []
        return text[:most], len(text) > most


_MORE = object()
_ALL = 10**9
"""Thoughts are folded: taking in all that came costs nothing."""


class LiveAnswer(QObject):
    """One question under way. It goes on while another thread is shown, and can be looked at again."""

    asked = Signal(object)  # LiveAnswer
    stage_changed = Signal()
    thought_arrived = Signal(str)
    piece_arrived = Signal(str)
    finished = Signal(object)  # LiveAnswer
    """`answer` or `error` is set."""

    def __init__(self, chat: ChatService, runner: TaskRunner, thread_id: ThreadId, request: Request) -> None:
        super().__init__()
        self.thread_id = thread_id
        self.request = request
        self.asked_message: Message | None = None
        """The question, once it is kept."""
        self.stage = Stage.STARTING
        self.documents = 0
        self.searched: Searched | None = None
        self.passages: tuple[Passage, ...] = ()
        self.text = ""
        self.thinking = ""
        self.progress: LookingThrough | None = None
        self.answer: Message | None = None
        self.error: Exception | None = None
        self._ended = False
        self._chat = chat
        self._runner = runner
        self._token = CancelToken()
        self._gathering = _Gathering()
        self._thoughts = _Gathering()
        self._timer = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._timer.timeout.connect(self._show_gathered)

    @property
    def question(self) -> str:
        """As it was asked."""
        return self.request.question

    def start(self) -> None:
        """Ask. Connect first."""
        chat, thread_id, request, token = self._chat, self.thread_id, self.request, self._token
        self._run(lambda: _events(chat, thread_id, request, token))

    def _run(self, events: Callable[[], Iterator[AnswerEvent]]) -> None:
        work = _drawing(events, self._gathering, self._thoughts)
        task = self._runner.start(work, on_progress=self._take, on_failure=self._fail, on_finished=self._end)
        task.token.when_cancelled(self._token.cancel)

    def stop(self) -> None:
        """Ask the model to stop; what came is kept."""
        self._token.cancel()

    def _show_gathered(self) -> None:
        thought, _ = self._thoughts.take(_ALL)
        if thought:
            if self.stage is not Stage.WRITING:
                self._enter(Stage.THINKING)
            self.thinking += thought
            self.thought_arrived.emit(thought)
        piece, more = self._gathering.take(MOST_CHARS)
        if piece:
            if self.stage is not Stage.WRITING:
                self._enter(Stage.WRITING)
            self.text += piece
            self.piece_arrived.emit(piece)
        if more:
            self._timer.start()
        elif self._ended:
            self._finish()

    def _take(self, event: object) -> None:
        if event is _MORE:
            if not self._timer.isActive():
                self._timer.start()
            return
        match event:
            case Asked(message):
                self.asked_message = message
                self.asked.emit(self)
            case Searching(documents):
                self.documents = documents
                self._enter(Stage.SEARCHING)
            case LookingThrough():
                self.progress = event
                self._enter(Stage.LOOKING)
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
        self.finished.emit(self)

    def _enter(self, stage: Stage) -> None:
        self.stage = stage
        self.stage_changed.emit()


def _drawing(
    events: Callable[[], Iterator[AnswerEvent]], gathering: _Gathering, thoughts: _Gathering
) -> Work:
    """Build the work for the pool; it must hold nothing of Qt's."""

    def work(_token: CancelToken) -> Iterator[object]:
        for event in events():
            if not isinstance(event, Writing | Thinking):
                yield event
            elif (gathering if isinstance(event, Writing) else thoughts).add(event.piece):
                yield _MORE

    return work


def _events(
    chat: ChatService, thread_id: ThreadId, request: Request, token: CancelToken
) -> Iterator[AnswerEvent]:
    if request.resumes is not None:
        return chat.resume(request.resumes, mode=request.mode, cancel=token)
    return chat.ask(
        thread_id,
        request.question,
        mode=request.mode,
        model=request.model,
        scope=request.scope(),
        after=request.after,
        again=request.again,
        cancel=token,
    )
